#include "tests/bench/swarm/lines.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/random.h"

namespace p2p::bench {

namespace {

using sim::NodeIndex;
using sim::View;

constexpr uint64_t kPieces = 256;                   // with the root's
constexpr Duration kBegin = Duration::seconds(60);  // the leechers want it; they have met by then

constexpr uint64_t ceil_log2(uint64_t n) {
  uint64_t log = 0;
  while ((uint64_t{1} << log) < n) ++log;
  return log;
}

// A swarm: how many leechers of each kind, and the size of a piece.
struct Shape {
  std::string name;
  std::string about;
  unsigned fast = 0;   // leechers with the seeder's bandwidth
  unsigned slow = 0;   // with a tenth of it
  unsigned leave = 0;  // of `fast`, those that leave at some moment
  uint64_t piece_kib = 1024;
  int64_t kbit = 100'000;      // of each link
  bool seeder_leaves = false;  // after one and a half copies
  int64_t stop_s = 0;          // after the begin
  int64_t time_aim = 0;        // hundredths of the bound; 0: none
  int64_t copies_aim = 0;      // hundredths; 0: none
};

// No schedule is faster, however it is made: the seeder must send each piece once, and the last one
// must then come to everybody, doubling its holders in each piece time.
Duration least_time(const Shape& shape) {
  const uint64_t steps = kPieces + ceil_log2(shape.fast + 1) - 1;
  const uint64_t bits = shape.piece_kib * 1024 * 8 * steps;
  return Duration::microseconds(static_cast<int64_t>(bits) * 1000 / shape.kbit);
}

std::string rate(int64_t kbit) { return std::to_string(kbit) + "kbit"; }

std::string group(const std::string& id, unsigned count, const std::string& more = "") {
  if (count == 0) return "";
  return "[[nodes]]\nid = \"" + id + "\"\ncount = " + std::to_string(count) +
         "\nstart = { at = \"1s\", every = \"10ms\" }\nbootstrap = [\"seeder\"]\n" + more;
}

std::string want(const std::string& id, unsigned count) {
  if (count == 0) return "";
  return "[[events]]\nat = \"" + std::to_string(kBegin.count_s()) +
         "s\"\ndo = \"want\"\nnodes = \"" + id + "[*]\"\ncontent = \"film\"\n";
}

// What a link holds is a quarter of a piece of 1 MiB, or of a smaller one on a slower link.
std::string scenario(const Shape& shape) {
  const uint64_t data_kib = (kPieces - 1) * shape.piece_kib;
  const int64_t queue_kib = 256 * shape.kbit / 100'000;
  const unsigned stay = shape.fast - shape.leave;
  std::string toml =
      "schema = 1\nname = \"" + shape.name + "\"\nstop = \"" +
      std::to_string(kBegin.count_s() + shape.stop_s) + "s\"\npiece_size = \"" +
      std::to_string(shape.piece_kib) + "KiB\"\n[network]\nlatency = \"20ms\"\nqueue = \"" +
      std::to_string(queue_kib) + "KiB\"\nbandwidth = \"" + rate(shape.kbit) +
      "\"\n[[nodes]]\nid = \"seeder\"\nserver = true\nshares = [\"film\"]\n" + group("fast", stay) +
      group("leaver", shape.leave) +
      group("slow", shape.slow, "bandwidth = \"" + rate(shape.kbit / 10) + "\"\n") +
      "[[content]]\nid = \"film\"\nsize = \"" + std::to_string(data_kib) + "KiB\"\n" +
      want("fast", stay) + want("leaver", shape.leave) + want("slow", shape.slow);
  if (shape.seeder_leaves) {
    toml += "[[events]]\nwhen = { that = \"pieces_given_at_least\", nodes = \"seeder\", count = " +
            std::to_string(kPieces * 3 / 2) + " }\ndo = \"kill\"\nnodes = \"seeder\"\n";
  }
  return toml;
}

// Those that leave do so within the time that the swarm takes at best.
std::string departures(const Shape& shape, uint64_t seed) {
  Random random(Seed{seed});
  std::string toml;
  for (unsigned i = 0; i < shape.leave; ++i) {
    const auto within = static_cast<uint64_t>(least_time(shape).count_ms());
    const auto at = kBegin.count_ms() + static_cast<int64_t>(random.below(within));
    toml += "[[events]]\nat = \"" + std::to_string(at) + "ms\"\ndo = \"kill\"\nnodes = \"leaver[" +
            std::to_string(i) + "]\"\n";
  }
  return toml;
}

// When the last of a group was done, after the begin; nullopt: one of them is not.
std::optional<Duration> last_done(const View& view, std::string_view of) {
  Duration last;
  for (const NodeIndex node : running(view, of)) {
    const auto at = view.fetched_at(node);
    if (!at) return std::nullopt;
    last = std::max(last, *at - Time() - kBegin);
  }
  return last;
}

int64_t hundredths(uint64_t part, uint64_t whole) {
  return static_cast<int64_t>((part * 100 + whole - 1) / whole);
}

std::optional<int64_t> times_the_bound(const View& view, std::string_view of, Duration bound) {
  const auto last = last_done(view, of);
  if (!last) return std::nullopt;
  return hundredths(static_cast<uint64_t>(last->count_ms()),
                    static_cast<uint64_t>(bound.count_ms()));
}

uint64_t content_bytes(const Shape& shape) { return kPieces * shape.piece_kib * 1024; }

int64_t copies(const View& view, const Shape& shape) {
  return hundredths(view.payload_from(0), content_bytes(shape));
}

// What came to the node that was sent most, against what it needed.
std::optional<int64_t> most_received(const View& view, const Shape& shape) {
  uint64_t most = 0;
  for (NodeIndex node = 1; node < view.node_count(); ++node) {
    most = std::max(most, view.payload_to(node));
  }
  return hundredths(most, content_bytes(shape));
}

std::optional<int64_t> mean_received(const View& view, const Shape& shape) {
  uint64_t sum = 0;
  for (NodeIndex node = 1; node < view.node_count(); ++node) sum += view.payload_to(node);
  return hundredths(sum, content_bytes(shape) * (view.node_count() - 1));
}

std::vector<uint64_t> held(const View& view) {
  std::vector<uint64_t> held;
  for (NodeIndex node = 1; node < view.node_count(); ++node) {
    if (view.state(node) == sim::NodeState::running) held.push_back(view.pieces_held(node));
  }
  std::sort(held.begin(), held.end());
  return held;
}

std::vector<Column> curve(const Shape& shape) {
  const auto part = [](size_t numerator) {
    return [numerator](const View& view) {
      const auto sorted = held(view);
      if (sorted.empty()) return int64_t{0};
      return static_cast<int64_t>(sorted[(sorted.size() - 1) * numerator / 2]);
    };
  };
  return {{"fewest pieces held", part(0)},
          {"median", part(1)},
          {"most", part(2)},
          {"copies sent by the seeder in hundredths",
           [shape](const View& view) { return copies(view, shape); }}};
}

Bound bound_of(int64_t aim) { return aim > 0 ? Bound::at_most : Bound::stated; }

Line line_of(const Shape& shape) {
  const Duration end = kBegin + Duration::seconds(shape.stop_s);
  const auto at_end = [&](std::string what, Bound bound, int64_t hundredths_aim, auto look) {
    return Measure{std::move(what), bound, hundredths_aim, 2, end, end, look, {}};
  };
  Line line{shape.name, shape.about, scenario(shape), {}};
  const Duration bound = least_time(shape);
  const std::string best = std::to_string(bound.count_ms() / 1000) + "." +
                           std::to_string(bound.count_ms() / 100 % 10) + " s";
  line.measures.push_back(at_end(
      "last of the fast ones done, times the bound of " + best, bound_of(shape.time_aim),
      shape.time_aim, [bound](const View& view) { return times_the_bound(view, "fast", bound); }));
  if (shape.slow > 0) {
    line.measures.push_back(
        at_end("last of the slow ones, times ten times that", Bound::stated, 0,
               [bound](const View& view) { return times_the_bound(view, "slow", bound * 10); }));
  }
  line.measures.push_back(
      at_end("copies that the seeder sent", bound_of(shape.copies_aim), shape.copies_aim,
             [shape](const View& view) -> std::optional<int64_t> { return copies(view, shape); }));
  line.measures.push_back(at_end("payload sent to a leecher, times what it needed, at most",
                                 Bound::stated, 0,
                                 [shape](const View& view) { return most_received(view, shape); }));
  line.measures.push_back(at_end("the same, on average", Bound::stated, 0,
                                 [shape](const View& view) { return mean_received(view, shape); }));
  if (shape.leave > 0) {
    line.drawn = [shape](uint64_t seed) { return departures(shape, seed); };
  }
  line.curve = curve(shape);
  line.curve_from = kBegin;
  return line;
}

}  // namespace

std::vector<Line> usual_swarms() {
  return {line_of({.name = "hundred",
                   .about = "100 leechers",
                   .fast = 100,
                   .stop_s = 60,
                   .time_aim = 125,
                   .copies_aim = 120}),
          line_of({.name = "slow",
                   .about = "half of 100 at a tenth of the speed",
                   .fast = 50,
                   .slow = 50,
                   .stop_s = 400,
                   .time_aim = 150}),
          line_of({.name = "leave",
                   .about = "half of 100 leave, and the seeder after 1.5 copies",
                   .fast = 100,
                   .leave = 50,
                   .seeder_leaves = true,
                   .stop_s = 120})};
}

std::vector<Line> large_swarms() {
  return {line_of({.name = "thousand",
                   .about = "1,000 leechers, pieces of 256 KiB",
                   .fast = 1000,
                   .piece_kib = 256,
                   .stop_s = 30,
                   .time_aim = 135,
                   .copies_aim = 120})};
}

}  // namespace p2p::bench
