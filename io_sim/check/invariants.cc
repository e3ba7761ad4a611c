#include "io_sim/check/invariants.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/wire/frame.h"
#include "io_sim/check/rules/rules.h"
#include "io_sim/check/scene.h"
#include "io_sim/check/verdict.h"

namespace p2p::sim {

namespace {

// In the order of enum Invariant.
constexpr std::array<InvariantName, kInvariants> kNames{{
    {"verified_pieces", "no piece is stored whose bytes don't match its hash"},
    {"durable_pieces",
     "no piece is lost once it is durable, and none is asked for that the store has"},
    {"asks_answered",
     "every ask between two of ours ends in exactly one give, trim or lack, or with the "
     "connection"},
    {"want_or_ask",
     "no piece is asked for whose want has no answer yet, or wanted whose ask is open"},
    {"frames_valid", "whatever a node sends is a valid frame, and its hello comes first"},
    {"legacy_types",
     "nothing above type 2 is sent to an original program, or to a peer before its hello"},
    {"bounds", "book, connections, buffers, wants, asks and peer lists stay within their limits"},
    {"no_self_dial", "no node goes on dialling itself, or keeps a connection with itself"},
    {"one_connection_each", "two nodes keep one connection with each other, not two"},
    {"silent_closed",
     "a connection is closed in time whose peer is silent, not identified, or does not read"},
    {"no_leaks", "a connection that is gone is let go of, and no other is forgotten"},
    {"spoken_with", "no address is handed on that the node has not itself spoken with, and lately"},
    {"dead_forgotten", "a node that is gone is in time handed on and believed alive by nobody"},
    {"no_busy_loop", "a node is not woken again and again without time passing"},
    {kAssertionInvariant, "the engine's own assertions hold, and nothing ends the program"},
}};

// Which invariants a family judges; it is there when one of them is on.
struct Family {
  std::unique_ptr<Rule> (*make)(const Scene& scene, Court& court);
  std::initializer_list<Invariant> invariants;
};

const std::array<Family, 6>& families() {
  using enum Invariant;
  static const std::array<Family, 6> all{{
      {make_store_rules, {verified_pieces, durable_pieces}},
      {make_exchange_rules, {asks_answered, want_or_ask, bounds}},
      {make_frame_rules, {frames_valid, legacy_types, bounds}},
      {make_connection_rules, {no_self_dial, one_connection_each, silent_closed, no_leaks}},
      {make_address_rules, {spoken_with, dead_forgotten}},
      {make_node_rules, {bounds, no_busy_loop}},
  }};
  return all;
}

constexpr Duration kSweepEvery = Duration::minutes(1);

}  // namespace

std::span<const InvariantName> invariant_names() { return kNames; }

Court::Court(const Scenario& scenario, const View& view) : view_(view) {
  if (scenario.no_invariants) return;
  for (size_t i = 0; i < kInvariants; ++i) {
    const auto& listed = scenario.invariants;
    judged_[i] =
        listed.empty() || std::find(listed.begin(), listed.end(), kNames[i].name) != listed.end();
  }
}

void Court::violated(Invariant invariant, NodeIndex node, std::string detail) {
  if (violation_ || !judges(invariant)) return;
  const auto& name = kNames[static_cast<size_t>(invariant)].name;
  violation_ = Violation{std::string(name), view_.now(), view_.facts(node).name, std::move(detail)};
}

class Invariants::Rules {
 public:
  Rules(const Scenario& scenario, const View& view) : court(scenario, view), scene(scenario, view) {
    for (const Family& family : families()) {
      const auto judged = [this](Invariant invariant) { return court.judges(invariant); };
      if (std::none_of(family.invariants.begin(), family.invariants.end(), judged)) continue;
      rules.push_back(family.make(scene, court));
      for (const Told told : rules.back()->interests()) {
        interested[static_cast<size_t>(told)].push_back(rules.back().get());
      }
    }
  }

  // Nothing is judged, or there is a verdict.
  bool idle() const { return rules.empty() || court.violation().has_value(); }
  const std::vector<Rule*>& in(Told told) const { return interested[static_cast<size_t>(told)]; }
  void close(EndId id) {
    for (Rule* const rule : in(Told::closed)) rule->closed(id);
  }
  void second(bool all) {
    if (scene.now() - swept >= kSweepEvery) {
      scene.sweep();
      swept = scene.now();
    }
    for (Rule* const rule : in(Told::second)) rule->second(all);
  }

  Court court;
  Scene scene;
  std::vector<std::unique_ptr<Rule>> rules;
  std::array<std::vector<Rule*>, kTold> interested;
  Time swept;
};

Invariants::Invariants(const Scenario& scenario, const View& view)
    : rules_(std::make_unique<Rules>(scenario, view)) {}
Invariants::~Invariants() = default;

void Invariants::started(NodeIndex node, std::span<const Digest> held) {
  if (rules_->idle()) return;
  rules_->scene.started(node);
  for (Rule* const rule : rules_->in(Told::started)) rule->started(node, held);
}

void Invariants::ended(NodeIndex node) {
  if (rules_->idle()) return;
  rules_->scene.ended(node, [this](EndId id) { rules_->close(id); });
  for (Rule* const rule : rules_->in(Told::ended)) rule->ended(node);
}

void Invariants::event(NodeIndex node, const p2p::Event& event) {
  if (rules_->idle()) return;
  rules_->scene.event(node, event);
  for (Rule* const rule : rules_->in(Told::event)) rule->event(node, event);
}

void Invariants::action(NodeIndex node, const p2p::Action& action) {
  if (rules_->idle()) return;
  rules_->scene.action(node, action);
  for (Rule* const rule : rules_->in(Told::action)) rule->action(node, action);
}

void Invariants::opened(const EndFacts& end) {
  if (rules_->idle()) return;
  const EndId id = rules_->scene.opened(end);
  for (Rule* const rule : rules_->in(Told::opened)) rule->opened(id);
}

void Invariants::closed(const EndFacts& end) {
  const EndId id = rules_->idle() ? kNoEnd : rules_->scene.find(end);
  if (id == kNoEnd) return;
  rules_->close(id);
  rules_->scene.close(id);
}

void Invariants::identified(const EndFacts& end, bool legacy) {
  const EndId id = rules_->idle() ? kNoEnd : rules_->scene.find(end);
  if (id == kNoEnd) return;
  rules_->scene.identified(id, legacy);
  for (Rule* const rule : rules_->in(Told::identified)) rule->identified(id);
}

void Invariants::control_sent(const EndFacts& end, std::span<const std::byte> frame) {
  const EndId id = rules_->idle() ? kNoEnd : rules_->scene.find(end);
  if (id == kNoEnd) return;
  P2P_CHECK(frame.size() >= kFrameHeaderSize);
  rules_->scene.sent(id, frame.size());
  for (Rule* const rule : rules_->in(Told::control_sent)) rule->control_sent(id, frame);
}

void Invariants::payload_begun(const EndFacts& end, std::span<const std::byte> header) {
  const EndId id = rules_->idle() ? kNoEnd : rules_->scene.find(end);
  if (id == kNoEnd) return;
  P2P_CHECK(header.size() == kGiveHeaderSize);
  rules_->scene.sent(id, uint64_t{kFrameLengthSize} + load_u32le(header));
  for (Rule* const rule : rules_->in(Told::payload_begun)) rule->payload_begun(id, header);
}

void Invariants::payload_sent(const EndFacts& /*end*/, const Digest& /*digest*/) {}

void Invariants::received(const EndFacts& end, size_t bytes) {
  const EndId id = rules_->idle() ? kNoEnd : rules_->scene.find(end);
  if (id == kNoEnd) return;
  rules_->scene.received(id, bytes);
  for (Rule* const rule : rules_->in(Told::received)) rule->received(id, bytes);
}

void Invariants::stored(NodeIndex node, const Digest& digest, bool bytes_match) {
  if (rules_->idle()) return;
  for (Rule* const rule : rules_->in(Told::store)) rule->stored(node, digest, bytes_match);
}

void Invariants::synced(NodeIndex node) {
  if (rules_->idle()) return;
  for (Rule* const rule : rules_->in(Told::store)) rule->synced(node);
}

void Invariants::lost(NodeIndex node, const Digest& digest) {
  if (rules_->idle()) return;
  for (Rule* const rule : rules_->in(Told::store)) rule->lost(node, digest);
}

void Invariants::wiped(NodeIndex node) {
  if (rules_->idle()) return;
  for (Rule* const rule : rules_->in(Told::store)) rule->wiped(node);
}

void Invariants::second() {
  if (!rules_->idle()) rules_->second(false);
}

void Invariants::end_of_run() {
  if (!rules_->idle()) rules_->second(true);
}

const std::optional<Violation>& Invariants::violation() const { return rules_->court.violation(); }

}  // namespace p2p::sim
