// Which endpoints a node hands on, and believes alive (docs/protocol.md, Bootstrap and peer
// exchange).
#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/overlay/endpoint_index.h"
#include "engine/wire/frame.h"
#include "io_sim/check/rules/piece_key.h"
#include "io_sim/check/rules/rules.h"
#include "io_sim/check/slack.h"

namespace p2p::sim {

namespace {

// Books are looked into a few at a time: it costs as much as they hold.
constexpr size_t kLooksPerSecond = 4;
constexpr size_t kLooksAtEnd = 256;

// An endpoint that a node has spoken with since its start.
struct Spoken {
  // Open connections whose peer is not known to be one of ours: an original may be silent for ever
  // and stays believed alive.
  uint32_t lasting = 0;
  Time alive;  // bytes came from there, a dial was answered, a lasting connection ended
};

// Those that one node has spoken with, by the endpoint as the node sees it.
class Acquaintances {
 public:
  // nullptr: never spoken with.
  const Spoken* find(const Endpoint& endpoint) const {
    const uint32_t at = position_of(endpoint);
    return at == EndpointIndex::kNone ? nullptr : &items_[at].second;
  }
  // Adds it where it isn't there. Stays where it is.
  Spoken& of(const Endpoint& endpoint) {
    const uint32_t at = position_of(endpoint);
    if (at != EndpointIndex::kNone) return items_[at].second;
    index_.insert(endpoint, static_cast<uint32_t>(items_.size()));
    return items_.emplace_back(endpoint, Spoken{}).second;
  }

 private:
  uint32_t position_of(const Endpoint& endpoint) const {
    return index_.find(endpoint,
                       [this](uint32_t at) -> const Endpoint& { return items_[at].first; });
  }

  EndpointIndex index_{0};
  std::deque<std::pair<Endpoint, Spoken>> items_;
};

std::vector<Endpoint> records_of(std::span<const std::byte> frame) {
  std::vector<Endpoint> records((frame.size() - kFrameHeaderSize) / kRecordSize);
  size_t at = kFrameHeaderSize;
  for (Endpoint& record : records) {
    const auto bytes = frame.subspan(at, record.address.bytes.size());
    std::copy(bytes.begin(), bytes.end(), record.address.bytes.begin());
    record.port = load_u16le(frame.subspan(at + record.address.bytes.size()));
    at += kRecordSize;
  }
  return records;
}

// Where the sender of a hello says that it listens.
std::optional<Endpoint> claim_of(std::span<const std::byte> frame) {
  const auto trailer = frame.last((frame.size() - kFrameHeaderSize) % kRecordSize);
  const auto hello = HelloTrailer::parse(trailer);
  if (!hello || (hello->capabilities & HelloTrailer::kListening) == 0) return std::nullopt;
  const auto records = records_of(frame);
  if (records.empty()) return std::nullopt;
  return records.front();
}

class AddressRules final : public Rule {
 public:
  AddressRules(const Scene& scene, Court& court)
      : Rule(scene, court), spoken_(scene.node_count()) {}

  std::span<const Told> interests() const override {
    static constexpr std::array kAll{Told::ended,      Told::opened,       Told::closed,
                                     Told::identified, Told::control_sent, Told::received,
                                     Told::second};
    return kAll;
  }

  void ended(NodeIndex node) override {
    spoken_[node] = {};
    some_ended_ = true;
  }
  void opened(EndId id) override;
  void closed(EndId id) override;
  void identified(EndId id) override;
  void control_sent(EndId id, std::span<const std::byte> frame) override;
  void received(EndId id, size_t bytes) override;
  void second(bool all) override;

 private:
  // What an end is of the spoken endpoint that it speaks with.
  struct Speaker {
    Spoken* with = nullptr;
    bool lasting = false;
    std::optional<Endpoint> claimed;  // by this end's node, in its hello
  };
  Endpoint seen_by(NodeIndex node, const Endpoint& endpoint) const {
    return as_seen_by(scene_.view().facts(node), endpoint);
  }

  void speak(EndId id, const Endpoint& endpoint);
  void end_lasting(Speaker& speaker);
  // Endpoints are as the node sees them. nullopt: never spoken with.
  std::optional<Spoken> find_spoken(NodeIndex node, const Endpoint& endpoint) const;
  bool is_own(const End& end, const Endpoint& record) const;
  Duration handed_on_for(NodeIndex node) const {
    const Limits& limits = scene_.limits(node);
    return with_slack(limits.silent_after + limits.handed_on_for);
  }
  // If the node there is gone: since when nothing has come from it.
  std::optional<Time> gone_since(const Endpoint& endpoint,
                                 const std::optional<Spoken>& spoken) const;
  void judge_record(const End& end, const Endpoint& record, Time listed);
  void look_into_book(NodeIndex node);

  std::vector<Acquaintances> spoken_;  // by node
  std::vector<Speaker> speakers_;      // by end
  bool some_ended_ = false;
  bool any_port_ = false;  // somebody has spoken who may listen at any port
  NodeIndex turn_ = 0;
};

void AddressRules::opened(EndId id) {
  if (id >= speakers_.size()) speakers_.resize(scene_.ends());
  speakers_[id] = Speaker{};
  const EndFacts& facts = scene_.end(id).facts;
  if (!facts.conn.is_accepted()) speak(id, facts.remote);
}

void AddressRules::speak(EndId id, const Endpoint& endpoint) {
  const End& end = scene_.end(id);
  Speaker& speaker = speakers_[id];
  speaker.with = &spoken_[end.facts.node].of(seen_by(end.facts.node, endpoint));
  speaker.with->alive = scene_.now();
  if (end.extended()) return;
  speaker.lasting = true;
  ++speaker.with->lasting;
}

void AddressRules::end_lasting(Speaker& speaker) {
  if (!speaker.lasting) return;
  speaker.lasting = false;
  --speaker.with->lasting;
  speaker.with->alive = scene_.now();
}

void AddressRules::closed(EndId id) {
  end_lasting(speakers_[id]);
  speakers_[id].with = nullptr;
}

void AddressRules::identified(EndId id) {
  if (scene_.end(id).extended()) end_lasting(speakers_[id]);
}

// Who connected has been spoken with where it says that it listens, if that is where it is seen.
// What those say who are not honest isn't known here: any port of theirs will do.
void AddressRules::received(EndId id, size_t /*bytes*/) {
  Speaker& speaker = speakers_[id];
  if (speaker.with != nullptr) {
    speaker.with->alive = scene_.now();
    return;
  }
  const EndFacts& facts = scene_.end(id).facts;
  if (!scene_.honest(facts.peer)) {
    any_port_ = true;
    speak(id, Endpoint{facts.remote.address, 0});
    return;
  }
  const EndId other = other_end(id);
  if (other >= speakers_.size() || !scene_.end(other).known) return;
  const auto& claimed = speakers_[other].claimed;
  if (claimed && claimed->address == facts.remote.address) speak(id, *claimed);
}

// Where a node is known by a dial and by what it sent from elsewhere on its host, the later counts.
std::optional<Spoken> AddressRules::find_spoken(NodeIndex node, const Endpoint& endpoint) const {
  const Acquaintances& acquaintances = spoken_[node];
  std::optional<Spoken> spoken;
  for (const Endpoint& key : {endpoint, Endpoint{endpoint.address, 0}}) {
    if (key.port == 0 && !any_port_) break;
    const Spoken* const found = acquaintances.find(key);
    if (found == nullptr) continue;
    if (!spoken) spoken.emplace();
    spoken->lasting += found->lasting;
    spoken->alive = std::max(spoken->alive, found->alive);
  }
  return spoken;
}

bool AddressRules::is_own(const End& end, const Endpoint& record) const {
  const NodeFacts& facts = scene_.view().facts(end.facts.node);
  const uint16_t port = facts.config.listen_port;
  if (record == facts.endpoint) return true;
  if (record.port == port &&
      (record.address == end.facts.local.address || record.address.is_unspecified())) {
    return true;
  }
  const auto& advertise = facts.config.advertise;
  return advertise && record.port == (advertise->port == 0 ? port : advertise->port) &&
         (record.address == advertise->address || record.address.is_unspecified());
}

// A list may have waited behind other bytes since the connection last had nothing to send.
void AddressRules::control_sent(EndId id, std::span<const std::byte> frame) {
  if (!is_type(frame, FrameType::peer)) return;
  const End& end = scene_.end(id);
  if (end.sent == frame.size()) speakers_[id].claimed = claim_of(frame);
  const Conn* const conn = scene_.conn_of(end);
  const Time listed = conn != nullptr && conn->write ? conn->write_since : scene_.now();
  for (const Endpoint& record : records_of(frame)) {
    const Endpoint seen = seen_by(end.facts.node, record);
    if (!is_own(end, seen)) judge_record(end, seen, listed);
  }
}

void AddressRules::judge_record(const End& end, const Endpoint& record, Time listed) {
  const NodeIndex node = end.facts.node;
  const auto spoken = find_spoken(node, record);
  const auto handed_on = [&] {
    const auto there = scene_.view().node_at(record);
    return "it hands " + record.text() + (there ? " (" + scene_.name(*there) + ")" : "") +
           " on to " + scene_.name(end.facts.peer);
  };
  if (!spoken) {
    court_.violated(Invariant::spoken_with, node,
                    handed_on() + ", and has never spoken with a node there");
    return;
  }
  if (spoken->lasting > 0) return;
  const Duration most = handed_on_for(node);
  if (listed - spoken->alive > most) {
    court_.violated(Invariant::spoken_with, node,
                    handed_on() + ", from where it last heard " +
                        std::to_string((listed - spoken->alive).count_s()) + " s before");
  }
  const auto gone = gone_since(record, spoken);
  if (!gone || listed - *gone <= most) return;
  court_.violated(Invariant::dead_forgotten, node,
                  handed_on() + ", which has been gone for " +
                      std::to_string((listed - *gone).count_s()) + " s");
}

std::optional<Time> AddressRules::gone_since(const Endpoint& endpoint,
                                             const std::optional<Spoken>& spoken) const {
  if (!some_ended_) return std::nullopt;
  const View& view = scene_.view();
  const auto there = view.node_at(endpoint);
  if (!there || view.state(*there) == NodeState::running) return std::nullopt;
  if (view.facts(*there).behaviour == Behaviour::legacy) return std::nullopt;
  if (spoken && spoken->lasting > 0) return std::nullopt;
  const Time heard = std::max(view.since(*there), scene_.node(*there).heard_of);
  return spoken ? std::max(heard, spoken->alive) : heard;
}

// An engine says what it knew when it was last given an event.
void AddressRules::look_into_book(NodeIndex node) {
  for (const Endpoint& known : scene_.view().status(node).known_alive) {
    const Endpoint endpoint = seen_by(node, known);
    const auto gone = gone_since(endpoint, find_spoken(node, endpoint));
    if (!gone) continue;
    const Duration since = scene_.node(node).last_event - *gone;
    if (since <= handed_on_for(node)) continue;
    court_.violated(Invariant::dead_forgotten, node,
                    "it believes " + scene_.name(*scene_.view().node_at(endpoint)) +
                        " alive, which has been gone for " + std::to_string(since.count_s()) +
                        " s");
  }
}

void AddressRules::second(bool all) {
  if (!some_ended_ || !court_.judges(Invariant::dead_forgotten)) return;
  const size_t count = scene_.node_count();
  const size_t looks = std::min(count, all ? kLooksAtEnd : kLooksPerSecond);
  const size_t step = all ? std::max<size_t>(count / looks, 1) : 1;
  for (size_t i = 0; i < looks; ++i) {
    turn_ = static_cast<NodeIndex>((turn_ + step) % count);
    if (scene_.node(turn_).running && scene_.honest(turn_)) look_into_book(turn_);
  }
}

}  // namespace

std::unique_ptr<Rule> make_address_rules(const Scene& scene, Court& court) {
  return std::make_unique<AddressRules>(scene, court);
}

}  // namespace p2p::sim
