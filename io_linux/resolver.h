// Host names to endpoints, off the loop's thread and off the workers': a name server that does not
// answer must not stop hashing.
//
// Thread rule: all methods belong to the loop's thread. Up to kThreadsMax look-ups go on at a time,
// so that one dead name does not hide the others; the rest wait.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/core/event.h"
#include "io_linux/completion_queue.h"

namespace p2p::io_linux {

// `error` is a clause for people when there are no endpoints: "Name or service not known".
struct Lookup {
  std::vector<Endpoint> endpoints;
  std::string error;
};
// Without asking anyone: an address in figures.
std::optional<Endpoint> resolve_numeric(const HostPort& name);
// Blocks: getaddrinfo. At most 16 endpoints, in the system's order of preference (RFC 6724).
Lookup resolve_blocking(const HostPort& name);

class Resolver {
 public:
  static constexpr unsigned kThreadsMax = 4;
  using Function = Lookup (*)(const HostPort&);

  // `function` is what looks names up; tests put their own there.
  explicit Resolver(std::shared_ptr<CompletionQueue> completions,
                    Function function = &resolve_blocking);
  // Drops what waits. getaddrinfo can't be interrupted: a look-up under way is left to end by
  // itself, its result is dropped, and its thread touches nothing of this object.
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Answered by Resolved through the queue; an address in figures at once.
  void resolve(OpId op, const HostPort& name);

 private:
  struct Shared;
  static void run(const std::shared_ptr<Shared>& shared);

  std::shared_ptr<Shared> shared_;
};

}  // namespace p2p::io_linux
