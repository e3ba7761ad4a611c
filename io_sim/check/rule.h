// A family of rules: what it wants to be told of, and what it keeps.
//
// A rule says so with Court::violated, and changes nothing else. It draws nothing, and goes through
// nothing whose order could differ between two runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/core/action.h"
#include "engine/core/event.h"
#include "io_sim/check/scene.h"
#include "io_sim/check/verdict.h"

namespace p2p::sim {

// What happens, as in the methods of Invariants.
enum class Told : uint8_t {
  started,
  ended,
  event,
  action,
  opened,
  closed,
  identified,
  control_sent,
  payload_begun,
  received,
  store,  // stored, synced, lost, wiped
  second,
};
inline constexpr size_t kTold = static_cast<size_t>(Told::second) + 1;

class Rule {
 public:
  Rule(const Scene& scene, Court& court) : scene_(scene), court_(court) {}
  virtual ~Rule() = default;
  Rule(const Rule&) = delete;
  Rule& operator=(const Rule&) = delete;

  // Called for what is in here, and for nothing else.
  virtual std::span<const Told> interests() const = 0;

  virtual void started(NodeIndex /*node*/, std::span<const Digest> /*held*/) {}
  // After its ends were closed.
  virtual void ended(NodeIndex /*node*/) {}
  virtual void event(NodeIndex /*node*/, const p2p::Event& /*event*/) {}
  virtual void action(NodeIndex /*node*/, const p2p::Action& /*action*/) {}
  virtual void opened(EndId /*id*/) {}
  // The scene still says that it is open.
  virtual void closed(EndId /*id*/) {}
  virtual void identified(EndId /*id*/) {}
  // End::sent counts the frame, or the header and the payload to come.
  virtual void control_sent(EndId /*id*/, std::span<const std::byte> /*frame*/) {}
  virtual void payload_begun(EndId /*id*/, std::span<const std::byte> /*header*/) {}
  // End::received counts them.
  virtual void received(EndId /*id*/, size_t /*bytes*/) {}
  virtual void stored(NodeIndex /*node*/, const Digest& /*digest*/, bool /*bytes_match*/) {}
  virtual void synced(NodeIndex /*node*/) {}
  virtual void lost(NodeIndex /*node*/, const Digest& /*digest*/) {}
  virtual void wiped(NodeIndex /*node*/) {}
  // `all`: every node is to be looked at, else some in turn will do.
  virtual void second(bool /*all*/) {}

 protected:
  const Scene& scene_;
  Court& court_;
};

}  // namespace p2p::sim
