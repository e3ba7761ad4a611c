// Bounds of one node as a whole, and how often it is woken.
#include <algorithm>
#include <array>
#include <string>
#include <variant>
#include <vector>

#include "engine/overlay/finder.h"
#include "io_sim/check/rules/rules.h"

namespace p2p::sim {

namespace {

// engine/overlay: dialled connections while pieces are wanted, and addresses of a bootstrap host.
constexpr size_t kDialledWhileWanting = 64;
constexpr size_t kAddressesOfHost = 16;
// Apart from those: what look-ups ask, what is kept of that, and holders, for each content.
constexpr size_t kApart =
    Finder::kLookupsMax * (Lookup::kAsksMax + Finder::kHolderDialsMax) + Finder::kKeptMax;

constexpr uint32_t kWakesPerSecond = 1000;
constexpr uint32_t kWakesPerConnection = 10;  // each has timers of its own
constexpr uint32_t kWakesAtOneMoment = 100;

// Where there are more nodes than kAllEachSecond, a quarter of them is looked at each second.
constexpr NodeIndex kAllEachSecond = 500;
constexpr NodeIndex kNodeParts = 4;

class NodeRules final : public Rule {
 public:
  NodeRules(const Scene& scene, Court& court) : Rule(scene, court), wakes_(scene.node_count()) {}

  std::span<const Told> interests() const override {
    static constexpr std::array kAll{Told::event, Told::second};
    return kAll;
  }

  void event(NodeIndex node, const p2p::Event& event) override {
    Wakes& wakes = wakes_[node];
    wakes.eventful = true;
    if (!std::holds_alternative<DeadlineReached>(event)) return;
    const Time now = scene_.now();
    wakes.at_this_moment = wakes.last == now ? wakes.at_this_moment + 1 : 1;
    wakes.last = now;
    const int64_t second = now.since_origin_ns() / Duration::seconds(1).count_ns();
    wakes.in_this_second = wakes.second == second ? wakes.in_this_second + 1 : 1;
    wakes.second = second;
    judge_wakes(node, wakes);
  }

  void second(bool all) override {
    const auto count = static_cast<NodeIndex>(scene_.node_count());
    const NodeIndex step = all || count <= kAllEachSecond ? 1 : kNodeParts;
    turn_ = (turn_ + 1) % step;
    for (NodeIndex node = turn_; node < count; node += step) {
      if (!scene_.node(node).running || !scene_.honest(node)) continue;
      if (!wakes_[node].eventful) continue;
      wakes_[node].eventful = false;
      judge_totals(node);
      judge_connections(node);
    }
  }

 private:
  struct Wakes {
    Time last;
    int64_t second = -1;
    uint32_t in_this_second = 0;
    uint32_t at_this_moment = 0;
    bool eventful = false;
  };

  void judge_wakes(NodeIndex node, const Wakes& wakes) {
    const size_t most = kWakesPerSecond + kWakesPerConnection * scene_.node(node).conns.size();
    if (wakes.at_this_moment >= kWakesAtOneMoment) {
      court_.violated(
          Invariant::no_busy_loop, node,
          "it was woken " + std::to_string(wakes.at_this_moment) + " times without time passing");
    } else if (wakes.in_this_second > most) {
      court_.violated(Invariant::no_busy_loop, node,
                      "it was woken more than " + std::to_string(most) + " times in one second");
    }
  }

  void judge(NodeIndex node, size_t count, size_t most, const std::string& what) {
    if (count <= most) return;
    court_.violated(Invariant::bounds, node,
                    "it has " + std::to_string(count) + " " + what + ", " + std::to_string(most) +
                        " at most are allowed");
  }

  void judge_totals(NodeIndex node) {
    const Config& config = scene_.view().facts(node).config;
    const Totals totals = scene_.view().totals(node);
    const size_t budget =
        std::max<size_t>(config.limits.receive_budget_bytes, 2 * config.piece_size.bytes());
    judge(node, totals.book_entries, config.limits.book_max, "entries in its address book");
    judge(node, totals.receive_budget_used, budget, "bytes of receive buffers in use");
  }

  // It may be one: guests need no slot. By the node's clock, which may differ.
  bool may_be_guest(const Limits& limits, const End& end) const {
    return scene_.now() - end.identified_at < limits.guest_stay * 2 + Duration::seconds(1);
  }

  // Connections that are closing are in nobody's slot.
  void judge_connections(NodeIndex node) {
    const Config& config = scene_.view().facts(node).config;
    const Limits& limits = config.limits;
    size_t half_open = 0;
    size_t dialled = 0;
    size_t accepted = 0;
    size_t guests = 0;
    size_t strangers = 0;
    for (const Conn& conn : scene_.node(node).conns) {
      if (conn.leaving) continue;
      const bool identified = conn.end != kNoEnd && scene_.end(conn.end).identified;
      if (!conn.answered) {
        ++half_open;
      } else if (!identified) {
        if (conn.id.is_accepted()) ++strangers;
      } else if (!conn.id.is_accepted()) {
        ++dialled;
      } else {
        ++accepted;
        if (may_be_guest(limits, scene_.end(conn.end))) ++guests;
      }
    }
    const size_t hosts = config.bootstrap.size() * kAddressesOfHost;  // dialled beyond any limit
    judge(node, half_open, limits.dials_at_once_max + kApart + hosts, "dials under way");
    judge(node, dialled, std::max(limits.dialled_neighbours, kDialledWhileWanting) + kApart + hosts,
          "dialled connections");
    const size_t slots = limits.accepted_neighbours_max + limits.exchange_max;
    judge(node, accepted - guests, slots, "accepted connections");
    // As many again may be closing without the engine saying so.
    const size_t strangers_max = 2 * limits.unidentified_max + 64;
    judge(node, accepted, slots + strangers_max, "accepted connections and guests");
    judge(node, strangers, strangers_max, "connections not identified");
  }

  std::vector<Wakes> wakes_;
  NodeIndex turn_ = 0;
};

}  // namespace

std::unique_ptr<Rule> make_node_rules(const Scene& scene, Court& court) {
  return std::make_unique<NodeRules>(scene, court);
}

}  // namespace p2p::sim
