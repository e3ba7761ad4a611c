// What must hold throughout every run. The simulation tells what happens; the first rule that is
// broken is kept, with the time, the node and a sentence.
//
// Each invariant is one row of a table (invariant_names) and one file or function; a run may have
// only some of them on. Judging changes nothing in the run.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/action.h"
#include "engine/core/event.h"
#include "io_sim/check/view.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

struct InvariantName {
  std::string_view name;      // "verified_pieces"
  std::string_view sentence;  // "no piece is stored whose bytes don't match its hash"
};
std::span<const InvariantName> invariant_names();
// What an engine's own assertion (P2P_CHECK), a sanitizer or a signal breaks. It is in the table;
// the program that runs a simulation in a process of its own notices it.
inline constexpr std::string_view kAssertionInvariant = "assertions";

struct Violation {
  std::string invariant;
  Time at;  // virtual, true
  std::string node;
  std::string detail;  // one sentence without capital and full stop
};

// One end of a connection between two nodes of the run. `peer` is known to the simulation whatever
// the nodes know.
struct EndFacts {
  uint64_t connection = 0;  // the same number at both ends; never used again
  NodeIndex node = 0;
  ConnId conn;
  NodeIndex peer = 0;
  Endpoint local;
  Endpoint remote;
  Time opened;
};

class Invariants {
 public:
  // Which rules are judged: Scenario::invariants. Both references outlive it.
  Invariants(const Scenario& scenario, const View& view);
  ~Invariants();
  Invariants(const Invariants&) = delete;
  Invariants& operator=(const Invariants&) = delete;

  // Of honest nodes only, unless said otherwise. `held` as in the event Started.
  void started(NodeIndex node, std::span<const Digest> held);
  void ended(NodeIndex node);  // stopped, killed or crashed; of any node
  // Just before an event is delivered, after an action was taken from the engine.
  void event(NodeIndex node, const p2p::Event& event);
  void action(NodeIndex node, const p2p::Action& action);
  // A connection comes to be at this end: just before the event that tells the engine so (Accepted,
  // Connected). And it is gone at this end: the engine asked for Close, or its node ended.
  void opened(const EndFacts& end);
  void closed(const EndFacts& end);
  // The engine said of this connection's peer what it is (Notice PeerIdentified).
  void identified(const EndFacts& end, bool legacy);
  // The last byte of a whole control frame was taken from the engine, header included.
  void control_sent(const EndFacts& end, std::span<const std::byte> frame);
  // The 37 bytes before a give's or trim's payload were taken, and later the last of the payload.
  void payload_begun(const EndFacts& end, std::span<const std::byte> header);
  void payload_sent(const EndFacts& end, const Digest& digest);
  // Bytes reached an end and were read there: before the event Received.
  void received(const EndFacts& end, size_t bytes);
  // The node's store has a piece from now on. And all that it has is durable: what even a crash
  // keeps; never said of a disk that lies.
  void stored(NodeIndex node, const Digest& digest, bool bytes_match);
  void synced(NodeIndex node);
  // The scenario took a piece from the node's store, or all of them.
  void lost(NodeIndex node, const Digest& digest);
  void wiped(NodeIndex node);
  // Once every virtual second, and once at the end of the run.
  void second();
  void end_of_run();

  const std::optional<Violation>& violation() const;

 private:
  class Rules;
  std::unique_ptr<Rules> rules_;
};

}  // namespace p2p::sim
