// What happens in a run, as one stream: hashed always, written as text when somebody reads it.
//
// One line each: true virtual time in seconds with nine digits, the node's name, what happened. The
// text is for people and for diff.h, is complete (two runs with equal text have equal hashes), and
// is the same with every compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string_view>

#include "engine/base/time.h"
#include "engine/core/action.h"
#include "engine/core/event.h"
#include "io_sim/trace/trace_hash.h"

namespace p2p::sim {

class Trace {
 public:
  // `out` may be nullptr: then nothing is written. Not owned; outlives the trace.
  explicit Trace(std::ostream* out) : out_(out) {}

  // `node` is its index in the run, `name` what it is called.
  void event(Time at, uint32_t node, std::string_view name, const p2p::Event& event);
  void action(Time at, uint32_t node, std::string_view name, const p2p::Action& action);
  // Control bytes that a node's connection sends: one whole frame, header included.
  void frame(Time at, uint32_t node, std::string_view name, ConnId conn,
             std::span<const std::byte> frame);
  // The 37 bytes before a payload, which the digest in them stands for.
  void payload(Time at, uint32_t node, std::string_view name, ConnId conn,
               std::span<const std::byte> header);
  // Bytes that are no frames: what a hostile peer sends.
  void raw_bytes(Time at, uint32_t node, std::string_view name, uint64_t conn,
                 std::span<const std::byte> bytes);
  // What the scenario does: "crash", "partition ..."; node -1 when it is of no one node.
  void deed(Time at, int64_t node, std::string_view name, std::string_view what);

  const TraceHash& hash() const { return hash_; }

 private:
  std::ostream* out_;
  TraceHash hash_;
};

}  // namespace p2p::sim
