#include "io_linux/resolver.h"

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "io_linux/error_text.h"
#include "io_linux/socket.h"

namespace p2p::io_linux {
namespace {

constexpr size_t kEndpointsMax = 16;

struct FreeAddressInfo {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

std::string describe(int code, int error_number) {
  if (code == EAI_SYSTEM) return error_text(error_number);
  return ::gai_strerror(code);
}

}  // namespace

std::optional<Endpoint> resolve_numeric(const HostPort& name) {
  const auto address = Address::parse(name.host);
  if (!address) return std::nullopt;
  return Endpoint{*address, name.port};
}

Lookup resolve_blocking(const HostPort& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* raw = nullptr;
  const int code = ::getaddrinfo(name.host.c_str(), nullptr, &hints, &raw);
  const int error_number = errno;
  if (code != 0) return {{}, describe(code, error_number)};
  const std::unique_ptr<addrinfo, FreeAddressInfo> list(raw);

  Lookup found;
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    if (found.endpoints.size() == kEndpointsMax) break;
    auto endpoint = to_endpoint(entry->ai_addr, entry->ai_addrlen);
    if (!endpoint) continue;
    endpoint->port = name.port;
    const auto& known = found.endpoints;
    if (std::find(known.begin(), known.end(), *endpoint) == known.end()) {
      found.endpoints.push_back(*endpoint);
    }
  }
  if (found.endpoints.empty()) found.error = "the name has no address";
  return found;
}

// What the threads see; it lives as long as the last of them.
struct Resolver::Shared {
  struct Request {
    OpId op;
    HostPort name;
  };
  std::shared_ptr<CompletionQueue> completions;
  Function function = nullptr;
  std::mutex mutex;
  std::deque<Request> waiting;
  unsigned threads = 0;
  bool stopping = false;
};

Resolver::Resolver(std::shared_ptr<CompletionQueue> completions, Function function)
    : shared_(std::make_shared<Shared>()) {
  shared_->completions = std::move(completions);
  shared_->function = function;
}

Resolver::~Resolver() {
  const std::lock_guard lock(shared_->mutex);
  shared_->stopping = true;
  shared_->waiting.clear();
}

void Resolver::resolve(OpId op, const HostPort& name) {
  if (const auto endpoint = resolve_numeric(name)) {
    shared_->completions->push({Resolved{op, {*endpoint}, {}}, {}});
    return;
  }
  const std::lock_guard lock(shared_->mutex);
  shared_->waiting.push_back({op, name});
  if (shared_->threads == kThreadsMax) return;
  // A thread ends when nothing waits, so between look-ups there is none.
  try {
    std::thread([shared = shared_] { run(shared); }).detach();
    ++shared_->threads;
  } catch (const std::system_error& error) {
    if (shared_->threads > 0) return;  // those that run will come to it
    shared_->waiting.pop_back();
    shared_->completions->push({Resolved{op, {}, error.code().message()}, {}});
  }
}

void Resolver::run(const std::shared_ptr<Shared>& shared) {
  std::unique_lock lock(shared->mutex);
  while (!shared->stopping && !shared->waiting.empty()) {
    const Shared::Request request = std::move(shared->waiting.front());
    shared->waiting.pop_front();
    lock.unlock();
    Lookup found = shared->function(request.name);
    lock.lock();
    if (shared->stopping) break;
    Resolved event{request.op, std::move(found.endpoints), std::move(found.error)};
    shared->completions->push({std::move(event), {}});
  }
  --shared->threads;
}

}  // namespace p2p::io_linux
