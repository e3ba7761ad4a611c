// The life of connections: closed in time, let go of when gone, not two with one node, none with
// the node itself.
#include <algorithm>
#include <array>
#include <string>
#include <variant>
#include <vector>

#include "io_sim/check/rules/rules.h"
#include "io_sim/check/slack.h"

namespace p2p::sim {

namespace {

// engine/core: an original may block two minutes in a dial of its own.
constexpr Duration kLegacyWriteStall = Duration::seconds(300);
// A self-dial that something breaks before its hello is no lesson: a few may follow.
constexpr uint32_t kSelfDialsMax = 3;
// Each connection is looked at every so many seconds.
constexpr NodeIndex kParts = 10;

std::string seconds_text(Duration duration) { return std::to_string(duration.count_s()) + " s"; }

class ConnectionRules final : public Rule {
 public:
  ConnectionRules(const Scene& scene, Court& court)
      : Rule(scene, court), self_dials_(scene.node_count()) {}

  std::span<const Told> interests() const override {
    static constexpr std::array kAll{Told::started, Told::event, Told::opened, Told::identified,
                                     Told::second};
    return kAll;
  }

  // Another run of the node numbers its connections anew.
  void started(NodeIndex node, std::span<const Digest> /*held*/) override {
    self_dials_[node] = 0;
    std::erase_if(told_, [node](const auto& entry) { return entry.first == node; });
  }
  void event(NodeIndex node, const p2p::Event& event) override {
    const auto* const closed = std::get_if<Closed>(&event);
    if (closed != nullptr) told_.emplace_back(node, closed->conn);
  }
  void opened(EndId id) override;
  void identified(EndId id) override;
  void second(bool all) override;

 private:
  struct Double {
    EndFacts ends[2];  // at the node that was the last to identify the later one
    Time since;
  };

  void find_double(EndId id);
  bool both_extended(EndId id) const {
    return scene_.end(id).open && scene_.end(id).extended() && scene_.end(other_end(id)).open &&
           scene_.end(other_end(id)).extended();
  }
  void judge_doubles();
  void judge_told();
  void judge_count(NodeIndex node);
  void judge_deadlines(NodeIndex node, const Conn& conn);
  void overdue(NodeIndex node, const Conn& conn, Duration waited, Duration limit,
               const Limits& limits, const std::string& what);

  std::vector<uint32_t> self_dials_;
  std::vector<Double> doubles_;
  std::vector<std::pair<NodeIndex, ConnId>>
      told_;  // that a connection is gone, since the last look
  NodeIndex turn_ = 0;
};

void ConnectionRules::opened(EndId id) {
  const EndFacts& facts = scene_.end(id).facts;
  if (facts.node != facts.peer || facts.conn.is_accepted()) return;
  if (++self_dials_[facts.node] <= kSelfDialsMax) return;
  court_.violated(Invariant::no_self_dial, facts.node,
                  "it has dialled itself " + std::to_string(self_dials_[facts.node]) +
                      " times with success, at " + facts.remote.text());
}

void ConnectionRules::identified(EndId id) {
  const End& end = scene_.end(id);
  if (!end.extended()) return;
  const bool with_itself = end.facts.node == end.facts.peer && scene_.end(other_end(id)).open;
  if (with_itself) {
    court_.violated(Invariant::no_self_dial, end.facts.node,
                    "it takes a connection with itself for one with a peer");
    return;
  }
  if (court_.judges(Invariant::one_connection_each) && both_extended(id)) find_double(id);
}

void ConnectionRules::find_double(EndId id) {
  const EndFacts& facts = scene_.end(id).facts;
  const EndFacts& there = scene_.end(other_end(id)).facts;
  // Of the two nodes, the one with fewer connections.
  const bool here = scene_.node(facts.node).conns.size() <= scene_.node(facts.peer).conns.size();
  for (const Conn& conn : scene_.node(here ? facts.node : facts.peer).conns) {
    if (conn.end == kNoEnd || conn.end / 2 == id / 2 || !both_extended(conn.end)) continue;
    const End& mine = scene_.end(here ? conn.end : other_end(conn.end));
    if (mine.facts.node != facts.node || mine.facts.peer != facts.peer) continue;
    const End& theirs = scene_.end(here ? other_end(conn.end) : conn.end);
    if (mine.facts.remote.address != facts.remote.address ||
        theirs.facts.remote.address != there.remote.address) {
      continue;
    }
    doubles_.push_back(Double{{mine.facts, facts}, scene_.now()});
  }
}

void ConnectionRules::judge_doubles() {
  std::erase_if(doubles_, [this](const Double& pair) {
    return std::any_of(std::begin(pair.ends), std::end(pair.ends), [this](const EndFacts& facts) {
      const EndId id = scene_.find(facts);
      return id == kNoEnd || !scene_.end(other_end(id)).open;
    });
  });
  for (const Double& pair : doubles_) {
    const EndFacts& facts = pair.ends[1];
    const Duration most = with_slack(
        std::max(closing_time(scene_.limits(facts.node)), closing_time(scene_.limits(facts.peer))));
    if (scene_.now() - pair.since <= most) continue;
    court_.violated(Invariant::one_connection_each, facts.node,
                    "it has had two connections with " + scene_.name(facts.peer) + " for " +
                        seconds_text(scene_.now() - pair.since));
  }
}

// An engine that is told answers with Close before anything else happens to it.
void ConnectionRules::judge_told() {
  for (const auto& [node, id] : told_) {
    const Conn* const conn = scene_.conn(node, id);
    if (conn == nullptr) continue;
    const std::string which =
        conn->end == kNoEnd ? "a connection" : scene_.with_peer(scene_.end(conn->end));
    court_.violated(Invariant::no_leaks, node,
                    which + " is gone, it was told so, and it has not let go of it");
  }
  told_.clear();
}

void ConnectionRules::judge_count(NodeIndex node) {
  const size_t here = scene_.node(node).conns.size();
  const size_t there = scene_.view().totals(node).connections;
  if (here == there) return;
  court_.violated(Invariant::no_leaks, node,
                  "its engine counts " + std::to_string(there) + " connections, the world has " +
                      std::to_string(here) + " of it");
}

void ConnectionRules::overdue(NodeIndex node, const Conn& conn, Duration waited, Duration limit,
                              const Limits& limits, const std::string& what) {
  if (waited <= with_slack(limit + closing_time(limits))) return;
  const std::string which = conn.end == kNoEnd ? "a dial" : scene_.with_peer(scene_.end(conn.end));
  court_.violated(Invariant::silent_closed, node,
                  which + " " + what + " for " + seconds_text(waited) + ", " + seconds_text(limit) +
                      " is the limit");
}

void ConnectionRules::judge_deadlines(NodeIndex node, const Conn& conn) {
  const Limits& limits = scene_.limits(node);
  const Time now = scene_.now();
  if (!conn.answered) {
    overdue(node, conn, now - conn.began, limits.dial_timeout, limits, "has had no answer");
    return;
  }
  if (conn.end == kNoEnd) return;
  const End& end = scene_.end(conn.end);
  if (end.extended()) {
    overdue(node, conn, now - end.heard, limits.silent_after, limits, "has been silent");
  } else if (!end.identified) {
    const Duration limit =
        conn.id.is_accepted() ? limits.unidentified_accepted : limits.presumed_legacy_after;
    overdue(node, conn, now - end.facts.opened, limit, limits, "has not been identified");
  }
  if (conn.write) {
    const Duration limit = end.extended() ? limits.write_stall : kLegacyWriteStall;
    overdue(node, conn, now - std::max(conn.write_since, conn.taken), limit, limits,
            "has taken nothing of what is to be sent");
  }
}

void ConnectionRules::second(bool all) {
  judge_told();
  judge_doubles();
  const NodeIndex step = all ? 1 : kParts;
  turn_ = (turn_ + 1) % step;
  for (NodeIndex node = turn_; node < scene_.node_count(); node += step) {
    if (!scene_.node(node).running || !scene_.honest(node)) continue;
    if (court_.judges(Invariant::no_leaks)) judge_count(node);
    if (!court_.judges(Invariant::silent_closed)) continue;
    for (const Conn& conn : scene_.node(node).conns) judge_deadlines(node, conn);
  }
}

}  // namespace

std::unique_ptr<Rule> make_connection_rules(const Scene& scene, Court& court) {
  return std::make_unique<ConnectionRules>(scene, court);
}

}  // namespace p2p::sim
