#include "tests/report/made_up_runs.h"

#include <algorithm>

#include "engine/base/random.h"

namespace p2p::sim::testing {

namespace {

constexpr uint32_t kPieces = 64;
constexpr uint64_t kPieceBytes = uint64_t{64} << 10;

void add_nodes(Recording& recording, uint32_t count) {
  recording.nodes.push_back({"boot", Behaviour::honest});
  for (uint32_t i = 1; i < count; ++i) {
    recording.nodes.push_back({"peer[" + std::to_string(i - 1) + "]", Behaviour::honest});
  }
  recording.states.assign(count, NodeState::running);
}

// A ring, and for each node some more to anywhere.
void add_links(Recording& recording, Random& random, uint32_t more) {
  const auto count = static_cast<NodeIndex>(recording.nodes.size());
  for (NodeIndex node = 0; node < count; ++node) {
    recording.links.push_back({node, (node + 1) % count});
    for (uint32_t i = 0; i < more; ++i) {
      const auto other = static_cast<NodeIndex>(random.below(count));
      if (other != node) recording.links.push_back({node, other});
    }
  }
}

// How many of `most` a node has at that moment if it begins at `from` and is done at `to`.
uint32_t grown(Duration at, Duration from, Duration to, uint32_t most) {
  if (at <= from) return 0;
  if (at >= to) return most;
  return static_cast<uint32_t>((at - from).count_ms() * most / (to - from).count_ms());
}

struct Growth {
  Duration end;
  Duration every;
  Duration each_later;  // from one node to the next
};

void add_samples(Recording& recording, const Growth& growth) {
  const auto count = static_cast<uint32_t>(recording.nodes.size());
  for (Duration at; at <= growth.end; at = at + growth.every) {
    Sample sample;
    sample.at = at;
    const auto started = static_cast<uint32_t>(1 + at.count_ns() / growth.each_later.count_ns());
    sample.running = std::min(count, started);
    sample.knows_max = std::min(sample.running - 1, 250u);
    sample.knows_median = sample.knows_max * 3 / 4;
    sample.knows_min = sample.knows_max / 4;
    sample.components = sample.running < count ? 1 + sample.running % 3 : 1;
    for (uint32_t node = 0; node < count; ++node) {
      const Duration from = growth.each_later * node + Duration::seconds(10);
      const uint32_t held = node == 0 ? kPieces : grown(at, from, from + growth.end / 4, kPieces);
      sample.held.push_back(held);
      sample.payload_bytes += node == 0 ? 0 : held * kPieceBytes;
    }
    sample.control_bytes = static_cast<uint64_t>(at.count_ms()) * sample.running * 2;
    recording.samples.push_back(std::move(sample));
  }
}

void add_messages(Recording& recording, Random& random, Duration around) {
  const auto count = recording.nodes.size();
  for (int i = 0; i < 300; ++i) {
    RecordedMessage message;
    message.sent = around - Duration::milliseconds(static_cast<int64_t>(random.below(9'000)));
    message.received =
        message.sent + Duration::milliseconds(5 + static_cast<int64_t>(random.below(60)));
    if (i % 9 == 0 || message.received > around) message.received = {};
    message.from = static_cast<NodeIndex>(random.below(count));
    message.to = static_cast<NodeIndex>(random.below(count));
    constexpr std::string_view kSaid[]{"ask 30e14955", "give 30e14955", "peer 12",
                                       "want 40",      "have 3",        "lack 8c11aa02"};
    message.what = kSaid[random.below(std::size(kSaid))];
    recording.messages.push_back(message);
  }
  std::sort(recording.messages.begin(), recording.messages.end(),
            [](const RecordedMessage& a, const RecordedMessage& b) { return a.sent < b.sent; });
}

}  // namespace

MadeUpRun failing_run() {
  MadeUpRun run;
  const Duration end = Duration::milliseconds(94'217);
  Random random(Seed{7});
  add_nodes(run.recording, 12);
  run.recording.nodes[5].behaviour = Behaviour::legacy;
  run.recording.nodes[9].behaviour = Behaviour::wrong_bytes;
  run.recording.states[3] = NodeState::crashed;
  run.recording.states[4] = NodeState::down;
  add_links(run.recording, random, 2);
  add_samples(run.recording, {end, Duration::milliseconds(250), Duration::seconds(2)});
  for (Sample& sample : run.recording.samples) {
    if (sample.at > Duration::seconds(40) && sample.at < Duration::seconds(58)) {
      sample.components = 3;
      sample.knows_min = 1;
    }
    if (sample.at > Duration::seconds(70)) sample.held[3] = 0;
  }
  add_messages(run.recording, random, end);
  run.recording.faults = {
      {Duration::seconds(1), Duration::seconds(1), "want film: peer[*]", false},
      {Duration::seconds(20), Duration::seconds(34), "loss 3 % at peer[2..5]", true},
      {Duration::seconds(40), Duration::seconds(58), "partition boot, peer[0..4] | peer[5..10]",
       true},
      {Duration::seconds(70), Duration::seconds(85), "crash peer[2], lose_unsynced", true},
      {Duration::seconds(90), Duration::seconds(90), "reset peer[7]", true}};

  Result& result = run.result;
  result.scenario = "a film through a partition, with <hostile> & \"legacy\" peers";
  result.seed = 4711;
  result.verdict = Verdict::violated;
  result.virtual_time = end;
  result.events = 48'211;
  result.nodes = 12;
  result.trace_hash = "63ed99abdca02298";
  result.expectations = {
      {"connected, peer[*]", Duration::seconds(70), Duration::milliseconds(61'004), ""},
      {"holds film, peer[*]", Duration::seconds(240), std::nullopt,
       "peer[7] and 2 more have 61 of 64 pieces"}};
  result.violated = Violation{"one_answer", Time() + end, "peer[7]",
                              "the ask for 30e14955 that it sent to peer[2] was answered twice"};
  result.payload_bytes = run.recording.samples.back().payload_bytes;
  result.control_bytes = run.recording.samples.back().control_bytes;
  return run;
}

MadeUpRun passing_run(uint32_t nodes) {
  MadeUpRun run;
  const Duration end = Duration::minutes(10);
  Random random(Seed{8});
  add_nodes(run.recording, nodes);
  run.recording.nodes[nodes / 3].behaviour = Behaviour::garbage;
  run.recording.nodes[nodes / 2].behaviour = Behaviour::flood;
  run.recording.states[nodes - 1] = NodeState::crashed;
  add_links(run.recording, random, 9);
  add_samples(run.recording, {end, Duration::seconds(1), Duration::milliseconds(200)});
  add_messages(run.recording, random, end);
  for (int64_t i = 0; i < 70; ++i) {
    const Duration from = Duration::seconds(20 + 7 * i);
    const bool moment = i % 3 == 0;
    run.recording.faults.push_back(
        {from, moment ? from : from + Duration::seconds(5 + i % 11),
         moment ? "reset peer[" + std::to_string(i) + "]" : "clog peer[" + std::to_string(i) + "]",
         i % 10 != 0});
  }

  Result& result = run.result;
  result.scenario = "a thousand nodes";
  result.seed = 1;
  result.virtual_time = end;
  result.events = 18'233'871;
  result.nodes = nodes;
  result.trace_hash = "0123456789abcdef";
  result.expectations = {
      {"connected", Duration::minutes(8), Duration::milliseconds(212'000), ""},
      {"knows_at_least 20, peer[*]", Duration::minutes(9), Duration::milliseconds(288'000), ""}};
  result.payload_bytes = run.recording.samples.back().payload_bytes;
  result.control_bytes = run.recording.samples.back().control_bytes;
  return run;
}

std::vector<SweepCell> sweep_cells(uint64_t seeds) {
  std::vector<SweepCell> cells;
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    SweepCell cell;
    cell.result.scenario = "swarm";
    cell.result.seed = seed;
    cell.repeat = "p2psim run scenarios/swarm.toml --seed " + std::to_string(seed);
    if (seed % 40 == 0) {
      cell.as_promised = false;
      cell.result.verdict = Verdict::violated;
      cell.result.violated = Violation{"one_answer", Time::from_ns(61'004'000'000), "peer[7]",
                                       "the ask for 30e14955 was answered twice"};
    } else if (seed % 90 == 0) {
      cell.as_promised = false;
      cell.result.verdict = Verdict::unmet;
      cell.result.expectations = {
          {"connected", Duration::seconds(240), std::nullopt, "there are 2 components"}};
    }
    cells.push_back(std::move(cell));
  }
  return cells;
}

}  // namespace p2p::sim::testing
