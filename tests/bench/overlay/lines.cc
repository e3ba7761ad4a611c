#include "tests/bench/overlay/lines.h"

#include <algorithm>
#include <utility>

#include "io_sim/check/figures.h"

namespace p2p::bench {

namespace {

using sim::NodeIndex;
using sim::View;

constexpr Duration s(int64_t seconds) { return Duration::seconds(seconds); }
constexpr Duration min(int64_t minutes) { return Duration::minutes(minutes); }

// Scenarios. Times are in whole seconds but for those between starts.

std::string head(const std::string& name, Duration stop) {
  return "schema = 1\nname = \"" + name + "\"\nstop = \"" + std::to_string(stop.count_ms() / 1000) +
         "s\"\npiece_size = \"16KiB\"\n[network]\n"
         "latency = { dist = \"uniform\", min = \"20ms\", max = \"100ms\" }\nloss = 0.01\n"
         "[[nodes]]\nid = \"boot\"\nserver = true\n";
}

// So many nodes that start within a minute, from 1 s on, and know the bootstrap node.
std::string group(const std::string& id, unsigned count, const std::string& more = "") {
  return "[[nodes]]\nid = \"" + id + "\"\ncount = " + std::to_string(count) +
         "\nstart = { at = \"1s\", every = \"" + std::to_string(60'000 / count) +
         "ms\" }\nbootstrap = [\"boot\"]\n" + more;
}

std::string crash(Duration at, const std::string& nodes) {
  return "[[events]]\nat = \"" + std::to_string(at.count_ms() / 1000) +
         "s\"\ndo = \"crash\"\nnodes = " + nodes + "\n";
}

// Looks.

bool is_one_component(const View& view, std::string_view of) {
  const auto nodes = running(view, of);
  return sim::largest_component(view, nodes) == nodes.size();
}

Measure one_component(std::string what, int64_t within_s, Duration from, Duration to,
                      std::string of = "") {
  Measure measure{std::move(what), Bound::at_most, within_s, false, from, to, {}, {}};
  measure.holds = [of](const View& view) { return is_one_component(view, of); };
  return measure;
}

std::optional<int64_t> in_largest(const View& view, std::string_view of) {
  const auto nodes = running(view, of);
  return tenths_of_percent(sim::largest_component(view, nodes), nodes.size());
}

std::optional<int64_t> fewest_neighbours(const View& view) {
  const auto nodes = running(view);
  uint64_t count = 0;
  while (sim::with_degree(view, nodes, count + 1) == nodes.size()) ++count;
  return static_cast<int64_t>(count);
}

size_t connections_of_boot(const View& view, size_t* all) {
  const auto links = view.links();
  const auto boot = running(view, "boot");
  if (all != nullptr) *all = links.size();
  if (boot.empty()) return 0;
  return static_cast<size_t>(std::count_if(links.begin(), links.end(), [&](const auto& link) {
    return link.first == boot[0] || link.second == boot[0];
  }));
}

// Of the endpoints that honest nodes believe alive, those at which an honest node is.
std::optional<int64_t> honest_in_books(const View& view) {
  uint64_t all = 0;
  uint64_t honest = 0;
  for (const NodeIndex node : running(view)) {
    for (const Endpoint& endpoint : view.status(node).known_alive) {
      const auto at = view.node_at(sim::as_seen_by(view.facts(node), endpoint));
      ++all;
      if (at && view.facts(*at).behaviour == sim::Behaviour::honest) ++honest;
    }
  }
  return tenths_of_percent(honest, all);
}

std::optional<int64_t> without_honest_neighbour(const View& view) {
  const auto counts = sim::honest_neighbours(view);
  const auto nodes = running(view);
  return std::count_if(nodes.begin(), nodes.end(),
                       [&](NodeIndex node) { return counts[node] == 0; });
}

std::optional<int64_t> dials_to_victim(const View& view) {
  for (NodeIndex node = 0; node < view.node_count(); ++node) {
    if (view.facts(node).name != "victim") continue;
    return static_cast<int64_t>(view.dials_last_minute(node));
  }
  return std::nullopt;
}

std::optional<int64_t> most_bytes_an_hour(const View& view) {
  uint64_t most = 0;
  for (const NodeIndex node : running(view)) most = std::max(most, view.bytes_last_hour(node));
  return static_cast<int64_t>(most);
}

// Lines.

Line join(unsigned nodes, int64_t within_s, int64_t diameter) {
  const Duration last_start = s(61);
  const Duration due = last_start + s(within_s);
  const Duration stop = min(5);
  const Measure ten{"nodes with 10 neighbours, %",
                    Bound::at_least,
                    900,
                    1,
                    due,
                    due,
                    [](const View& view) -> std::optional<int64_t> {
                      const auto all = running(view);
                      return tenths_of_percent(sim::with_degree(view, all, 10), all.size());
                    },
                    {}};
  const Measure steps{
      "diameter",
      Bound::at_most,
      diameter,
      0,
      due,
      due,
      [](const View& view) -> std::optional<int64_t> { return sim::diameter(view, running(view)); },
      {}};
  const Measure boot{"neighbours of the bootstrap node, at most",
                     Bound::stated,
                     0,
                     0,
                     s(1),
                     stop,
                     [](const View& view) -> std::optional<int64_t> {
                       return static_cast<int64_t>(connections_of_boot(view, nullptr));
                     },
                     {}};
  const Measure share{"its share of all connections, %",
                      Bound::at_most,
                      50,
                      1,
                      stop,
                      stop,
                      [](const View& view) -> std::optional<int64_t> {
                        size_t all = 0;
                        const size_t own = connections_of_boot(view, &all);
                        return tenths_of_percent(own, all);
                      },
                      {}};
  return {"join",
          std::to_string(nodes) + " nodes start within 60 s",
          head("join", stop) + group("peer", nodes - 1),
          {one_component("one component, s after the last start", within_s, last_start, stop),
           steps, ten, boot, share}};
}

// `stay` of 1,000 nodes are left when the others vanish, the bootstrap node too. `at_once`: tenths
// of a percent of the survivors, as an aim or, at 0, only stated.
Line vanish(const std::string& name, const std::string& share, unsigned stay, int64_t at_once,
            int64_t within_s) {
  const Duration at = min(4);
  const Duration stop = min(10);
  return {name,
          share + " of 1,000 nodes vanish, the bootstrap node too",
          head(name, stop) + group("stay", stay) + group("go", 999 - stay) +
              crash(at, R"(["boot", "go[*]"])"),
          {{"survivors in one component at once, %",
            at_once > 0 ? Bound::at_least : Bound::stated,
            at_once,
            1,
            at + s(1),
            at + s(1),
            [](const View& view) { return in_largest(view, "stay"); },
            {}},
           one_component("all of them, s after", within_s, at, stop, "stay")}};
}

Line half() { return vanish("half", "half", 500, 990, 60); }
Line most() { return vanish("most", "80 %", 200, 0, 180); }

Line restart() {
  const Duration last = min(4) + s(999);
  const Duration stop = last + min(5);
  return {"restart",
          "999 nodes restart one after another, the bootstrap node is dead",
          head("restart", stop) + group("peer", 999) + crash(min(4), "\"boot\"") +
              "[[events]]\nat = \"4min\"\nevery = \"1s\"\ndo = \"restart\"\nnodes = \"peer[*]\"\n",
          {one_component("one component, s after the last restart", 300, last, stop)}};
}

Line nat() {
  const Duration stop = min(10);
  return {"nat",
          "80 % of 1,000 nodes accept nothing",
          head("nat", stop) + group("open", 199) + group("nat", 800, "inbound = false\n"),
          {one_component("one component, s after the last start", 180, s(61), stop),
           {"fewest neighbours of a node",
            Bound::at_least,
            5,
            0,
            min(5),
            stop,
            fewest_neighbours,
            {}}}};
}

Line partition() {
  const Duration healed = min(13);
  const Duration stop = min(18);
  return {"partition",
          "two halves of 1,000 nodes are apart for ten minutes",
          head("partition", stop) + group("a", 500) + group("b", 499) +
              "[[events]]\nat = \"3min\"\ndo = \"partition\"\n"
              "groups = [[\"boot\", \"a[*]\"], [\"b[*]\"]]\nheal_after = \"10min\"\n",
          {one_component("one component, s after the heal", 60, healed, stop)}};
}

Line addresses() {
  const Duration due = min(30);
  const Duration stop = min(31);
  const Measure dialled{"dialled neighbours that are honest, %",
                        Bound::at_least,
                        800,
                        1,
                        due,
                        stop,
                        [](const View& view) -> std::optional<int64_t> {
                          const auto of = sim::dialled_honest(view, running(view));
                          return tenths_of_percent(of.part, of.whole);
                        },
                        {}};
  return {"addresses",
          "500 honest nodes in 100 networks, 2,000 hostile ones in 8",
          head("addresses", stop) + group("peer", 499, "networks = 99\n") +
              group("hostile", 2000, "networks = 8\nbehaviour = \"address_flood\"\n"),
          {{"nodes without an honest neighbour",
            Bound::at_most,
            0,
            0,
            due,
            stop,
            without_honest_neighbour,
            {}},
           dialled,
           {"honest endpoints among those believed alive, %",
            Bound::stated,
            0,
            1,
            due,
            due,
            honest_in_books,
            {}}}};
}

Line victim() {
  const Duration stop = min(30);
  return {
      "victim",
      "300 liars name one host with thousands of ports, 700 honest nodes",
      head("victim", stop) + group("peer", 699) + "[[nodes]]\nid = \"victim\"\nstarted = false\n" +
          group("liar", 300, "behaviour = \"victim_liar\"\nnames = \"victim\"\n"),
      {{"dials a minute after the first ten",
        Bound::at_most,
        5,
        0,
        min(11),
        stop,
        dials_to_victim,
        {}},
       {"dials in the worst minute", Bound::stated, 0, false, s(1), stop, dials_to_victim, {}}}};
}

Line idle() {
  const Duration stop = min(65) + s(1);
  return {"idle",
          "1,000 nodes at rest",
          head("idle", stop) + group("peer", 999),
          {{"bytes an hour of the busiest node",
            Bound::at_most,
            100'000,
            0,
            min(65),
            min(65),
            most_bytes_an_hour,
            {}}}};
}

// Finding holders. `peers` nodes start within a minute, the holder amid them; the getter comes half
// a minute after the last.

constexpr Duration kGetterStarts = s(90);

std::optional<NodeIndex> node_named(const View& view, std::string_view name) {
  for (NodeIndex node = 0; node < view.node_count(); ++node) {
    if (view.facts(node).name == name) return node;
  }
  return std::nullopt;
}

bool getter_has_it(const View& view) {
  const auto getter = node_named(view, "getter");
  return getter && view.state(*getter) == sim::NodeState::running && view.holds(*getter, 0);
}

// Until when it is looked at, where the getter is to have it `within_s` after its start.
Duration until(int64_t within_s) { return kGetterStarts + s(within_s + 4); }

std::string finding(const std::string& name, int64_t within_s, unsigned peers,
                    const std::string& holder, const std::string& more) {
  return head(name, until(within_s) + s(1)) + group("peer", peers) +
         "[[nodes]]\nid = \"holder\"\nstart = \"30s\"\nbootstrap = [\"boot\"]\nshares = "
         "[\"film\"]\n" +
         holder + "[[nodes]]\nid = \"getter\"\nstart = \"" +
         std::to_string(kGetterStarts.count_ms() / 1000) +
         "s\"\nbootstrap = [\"boot\"]\nwants = [\"film\"]\n"
         "[[content]]\nid = \"film\"\nsize = \"256KiB\"\n" +
         more;
}

std::optional<int64_t> dials_of(const View& view, std::string_view name) {
  const auto node = node_named(view, name);
  if (!node || view.state(*node) != sim::NodeState::running) return std::nullopt;
  return static_cast<int64_t>(view.status(*node).counts.dials_started);
}

// Dials that the getter began until it had the content, also for having neighbours.
std::function<std::optional<int64_t>(const View&)> dials_until_it_has_it() {
  return [dials = std::optional<int64_t>(), has_it = false](const View& view) mutable {
    // What it has dialled by the first second in which it has the content counts.
    if (!dials || !has_it) dials = dials_of(view, "getter");
    has_it = has_it || getter_has_it(view);
    return dials;
  };
}

Line find(const std::string& name, const std::string& about, int64_t within_s,
          const std::string& toml) {
  Measure whole{"the getter has it, s after its start",
                Bound::at_most,
                within_s,
                0,
                kGetterStarts,
                until(within_s),
                {},
                getter_has_it};
  const Measure dials{"dials of the getter until it has it",
                      Bound::at_most,
                      60,
                      0,
                      kGetterStarts + s(1),
                      until(within_s),
                      dials_until_it_has_it(),
                      {}};
  return {name, about, toml, {whole, dials}};
}

Line find_holder(unsigned nodes) {
  return find("find", "a getter and the only holder among " + std::to_string(nodes), 30,
              finding("find", 30, nodes - 3, "", ""));
}

Line find_nat(unsigned nodes) {
  return find("find_nat", "the only holder accepts no connections", 60,
              finding("find_nat", 60, nodes - 3, "inbound = false\n", ""));
}

Line find_lost(unsigned nodes) {
  const unsigned lost = nodes / 3;
  return find("find_lost", "a third vanished a second before the getter starts", 30,
              finding("find_lost", 30, nodes - 3 - lost, "",
                      group("lost", lost) + crash(kGetterStarts - s(1), "\"lost[*]\"")));
}

Line find_hostile(unsigned nodes) {
  constexpr unsigned kHostile = 100;
  return find("find_hostile", "100 hostile places are nearest to the content", 30,
              finding("find_hostile", 30, nodes - 3 - kHostile, "",
                      group("liar", kHostile, "behaviour = \"false_places\"\nnear = \"film\"\n")));
}

}  // namespace

std::vector<Line> usual_lines() {
  return {join(1000, 60, 6), half(),      most(),   restart(), nat(),
          partition(),       addresses(), victim(), idle()};
}

std::vector<Line> large_lines() {
  constexpr unsigned kNodes = 10'000;
  return {join(kNodes, 120, 8), find_holder(kNodes), find_nat(kNodes), find_lost(kNodes),
          find_hostile(kNodes)};
}

}  // namespace p2p::bench
