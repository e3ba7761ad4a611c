// A scenario as values: what a scenario file says (docs/scenarios.md), with units resolved and
// names checked. parse.h reads one from TOML, write.h writes it back, run/simulation.h runs it.
//
// Durations are of virtual time, counted from the start of the run; sizes are bytes, rates bits a
// second. There is no floating point: a fraction such as loss is a Probability.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/piece_size.h"
#include "engine/base/time.h"
#include "engine/content/demo.h"

namespace p2p::sim {

// A probability in parts of 2^32: 0 is never, 2^32 always.
struct Probability {
  static constexpr uint64_t kOne = uint64_t{1} << 32;
  uint64_t parts = 0;
  friend bool operator==(const Probability&, const Probability&) = default;
};

// A part of a whole, in millionths, above 0: exact for every decimal fraction of six digits.
struct Share {
  static constexpr uint32_t kAll = 1'000'000;
  uint32_t millionths = kAll;
  // Whether `part` of `whole` things are at least, or at most, this share of them.
  bool reached_by(uint64_t part, uint64_t whole) const { return part * kAll >= millionths * whole; }
  bool keeps(uint64_t part, uint64_t whole) const { return part * kAll <= millionths * whole; }
  friend bool operator==(const Share&, const Share&) = default;
};

// How long a byte takes from one host to another, one way. Drawn once for each connection, the same
// in both directions.
struct LatencyLaw {
  enum class Kind { fixed, uniform, exponential };
  Kind kind = Kind::fixed;
  Duration min;   // fixed: the latency; uniform: the least; exponential: what is always there
  Duration max;   // uniform only
  Duration mean;  // exponential only: of the whole, so at least min
  friend bool operator==(const LatencyLaw&, const LatencyLaw&) = default;
};

// Of a node, shared by all of its connections. 0: without limit.
struct Bandwidth {
  uint64_t up = 0;
  uint64_t down = 0;
  friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};

// Where reads and writes are cut.
enum class Chunks {
  whole,        // as much as there is room for
  segments,     // at multiples of 1,460 bytes
  adversarial,  // anywhere
};

struct NetworkModel {
  LatencyLaw latency{LatencyLaw::Kind::fixed, Duration::milliseconds(20), {}, {}};
  Duration jitter;  // up to so much more for each chunk, uniformly; order is kept
  Bandwidth bandwidth;
  uint64_t queue = uint64_t{256} << 10;  // bytes under way on a connection, one way
  Chunks chunks = Chunks::segments;
  Probability loss;  // of each segment
  friend bool operator==(const NetworkModel&, const NetworkModel&) = default;
};

// Nodes of one group, first to last.
struct NodeRange {
  std::string group;
  uint32_t first = 0;
  uint32_t last = 0;
  friend bool operator==(const NodeRange&, const NodeRange&) = default;
};
using NodeSet = std::vector<NodeRange>;

// Who runs at a node: the engine, or bytes of another kind (io_sim/peers).
enum class Behaviour {
  honest,
  legacy,         // the original program
  silent,         // accepts and dials, never says a byte
  garbage,        // random bytes
  slow_loris,     // drips a frame a byte at a time
  wrong_bytes,    // says have to every want, gives bytes that don't match
  never_gives,    // says have to every want, answers no ask
  pex_poison,     // floods peer lists of endpoints that nobody spoke with
  bad_frames,     // well-begun frames of wrong lengths and types
  flood,          // asks and wants beyond every limit
  address_flood,  // behaves well, and floods peer lists of the endpoints that it `names`
  victim_liar,    // behaves well, and floods peer lists of their hosts with ports of chance
  false_places,   // hides contents: answers every seek with others of its kind
};

struct ClockModel {
  Duration offset;        // what the node's clock shows at the start of the run
  int64_t drift_ppm = 0;  // how much faster than true time it goes, in millionths
  friend bool operator==(const ClockModel&, const ClockModel&) = default;
};

struct DiskModel {
  Duration latency = Duration::microseconds(100);  // mean, of each operation
  uint64_t capacity = 0;                           // bytes; 0: without limit
  bool lies = false;                               // says that it has synced, and has not
  friend bool operator==(const DiskModel&, const DiskModel&) = default;
};

// One setting of a node's configuration: a name of node_options.h and its value as written.
struct NodeSetting {
  std::string name;
  std::string value;
  friend bool operator==(const NodeSetting&, const NodeSetting&) = default;
};

struct NodeGroup {
  std::string id;
  uint32_t count = 1;
  bool single = true;   // no count was given: the node is called "boot", else "peer[0]"
  bool server = false;  // listens on port 8100
  bool started = true;  // false: only an event starts it
  Duration start_at;
  Duration start_every;  // between one node of the group and the next
  NodeSet bootstrap;
  std::optional<DemoShape> demo;
  std::vector<std::string> shares;
  std::vector<std::string> wants;
  bool inbound = true;
  uint32_t networks = 0;  // 0: each node in a network of its own
  std::string host;       // nodes of one host share its address; empty: each has its own
  std::string near;       // a content: ports are chosen so that places are near its id
  Behaviour behaviour = Behaviour::honest;
  NodeSet names;  // whom the lists of such behaviours name; empty: the group itself
  std::optional<Bandwidth> bandwidth;
  std::optional<LatencyLaw> latency;  // of connections at which such a node is; the larger counts
  ClockModel clock;
  DiskModel disk;
  std::vector<NodeSetting> node;
  friend bool operator==(const NodeGroup&, const NodeGroup&) = default;
};

struct Content {
  std::string id;
  uint64_t size = 0;
  friend bool operator==(const Content&, const Content&) = default;
};

// What can be said of a network at one moment (check/conditions.h).
enum class Claim {
  connected,         // the share of the live nodes named is one component of identified connections
  knows_at_least,    // count endpoints, each of the nodes
  knows_at_most,     // count
  knows,             // each of the nodes knows the peers
  holds,             // the content, whole
  wants_nothing,     // every fetch is done
  no_connection_to,  // the peers
  connected_to,      // the peers, each of the nodes to each of them
  diameter_at_most,  // count
  degree_at_least,   // count identified connections, the share of the nodes
  degree_at_most,    // count
  running,           // each of the nodes
  not_running,       // each of the nodes
  share_of_connections_at_most,  // of all identified ones the share, each of the nodes
  honest_neighbours_at_least,    // count, each of the nodes
  dialled_honest_at_least,       // of what the nodes dialled, the share leads to honest nodes
  dials_per_minute_at_most,      // count by honest nodes, to the host of each of the nodes
  bytes_per_hour_at_most,        // count sent and received, each of the nodes
  pieces_given_at_least,         // count sent whole, each of the nodes
};

struct Condition {
  Claim that = Claim::connected;
  NodeSet nodes;  // empty: all that are honest
  NodeSet peers;
  uint64_t count = 0;
  std::string content;
  Share share{};
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct Expectation {
  Condition condition;
  Duration by;
  bool stays = false;  // it holds in every second from `by` on
  friend bool operator==(const Expectation&, const Expectation&) = default;
};

enum class Deed {
  start,
  stop,       // in order
  kill,       // the process ends; its peers see their connections closed
  crash,      // the host is gone without a word
  restart,    // stop and start again, or start what is down
  partition,  // between groups
  heal,       // all partitions, links and clogs
  link,       // changes latency, bandwidth, loss of the nodes' connections
  reset,      // of the nodes' connections, those with `peers` if they are named
  clog,       // bytes are held, and delivered when it ends
  want,
  share,
  disk,  // something happens to the nodes' disks
};

// What a disk has after a crash.
enum class DiskAfter { keep, lose_unsynced, wipe, torn };

enum class DiskFault {
  full,     // nothing more is taken
  failing,  // every operation ends with an error
  rot,      // one stored piece in `one_in` has a wrong bit
  slow,     // each operation takes a second
  good,     // all of that ends
};

// One entry of [[events]].
struct ScriptedEvent {
  Deed deed = Deed::start;
  Duration at;
  std::optional<Condition> when;  // in place of `at`: in the first second in which it holds
  Duration every;                 // between one of the nodes and the next; zero: all at once
  NodeSet nodes;
  NodeSet peers;
  std::vector<NodeSet> groups;    // partition
  bool oneway = false;            // partition: only from the first group to the others
  std::optional<Duration> lasts;  // partition (`heal_after`), link, clog, disk: then it ends
  std::optional<Duration> restart_after;      // stop, kill, crash, restart
  DiskAfter disk = DiskAfter::lose_unsynced;  // crash
  DiskFault fault = DiskFault::full;          // disk
  uint64_t one_in = 1;                        // disk, rot
  std::optional<LatencyLaw> latency;          // link
  std::optional<Bandwidth> bandwidth;         // link
  std::optional<Probability> loss;            // link
  std::string content;                        // want, share
  friend bool operator==(const ScriptedEvent&, const ScriptedEvent&) = default;
};

enum class FaultFamily { loss, reset, clog, partition, crash, kill, disk, link, clock };

struct Swarm {
  std::vector<FaultFamily> families;
  Probability enable_each{Probability::kOne / 2};
  Duration until;  // no fault begins or lasts after it
  friend bool operator==(const Swarm&, const Swarm&) = default;
};

enum class Verdict { pass, violated, unmet, nondeterministic };

// How the file says that its runs end; what is not said passes.
struct Promise {
  Verdict verdict = Verdict::pass;
  std::string because;  // an invariant's name, or a claim's; empty: any
  friend bool operator==(const Promise&, const Promise&) = default;
};

struct Scenario {
  std::string name;
  uint64_t seed = 1;
  Duration stop = Duration::minutes(5);
  PieceSize piece_size;
  NetworkModel network;
  std::vector<NodeGroup> nodes;
  std::vector<Content> contents;
  std::vector<ScriptedEvent> events;
  std::optional<Swarm> swarm;
  std::vector<Expectation> expectations;
  std::vector<std::string> invariants;  // empty: all
  bool no_invariants = false;           // invariants = []
  Promise promise;
  friend bool operator==(const Scenario&, const Scenario&) = default;
};

}  // namespace p2p::sim
