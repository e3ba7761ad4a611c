#include "io_sim/run/recorder.h"

#include <algorithm>
#include <vector>

#include "io_sim/check/conditions.h"

namespace p2p::sim {

namespace {

Duration since_start(Time at) { return at - Time(); }

// How many components the running honest nodes form.
uint32_t components_of(const View& view) {
  std::vector<NodeIndex> leader(view.node_count());
  for (NodeIndex node = 0; node < leader.size(); ++node) leader[node] = node;
  const auto find = [&](NodeIndex node) {
    while (leader[node] != node) node = leader[node] = leader[leader[node]];
    return node;
  };
  for (const auto& [a, b] : view.links()) leader[find(a)] = find(b);
  std::vector<bool> seen(leader.size(), false);
  uint32_t components = 0;
  for (NodeIndex node = 0; node < leader.size(); ++node) {
    if (view.state(node) != NodeState::running) continue;
    if (view.facts(node).behaviour != Behaviour::honest) continue;
    const NodeIndex root = find(node);
    if (!seen[root]) ++components;
    seen[root] = true;
  }
  return components;
}

}  // namespace

Recorder::Recorder(Recording* recording, Duration stop)
    : recording_(recording),
      every_s_(1 + stop.count_s() / static_cast<int64_t>(Recording::kSamplesMax)) {}

void Recorder::begin(const View& view) {
  if (!on()) return;
  for (NodeIndex node = 0; node < view.node_count(); ++node) {
    recording_->nodes.push_back({view.facts(node).name, view.facts(node).behaviour});
  }
}

void Recorder::second(const View& view, uint64_t payload_bytes, uint64_t control_bytes) {
  if (!on() || since_start(view.now()).count_s() % every_s_ != 0) return;
  sample(view, payload_bytes, control_bytes);
}

void Recorder::sample(const View& view, uint64_t payload_bytes, uint64_t control_bytes) {
  Sample sample;
  sample.at = since_start(view.now());
  sample.payload_bytes = payload_bytes;
  sample.control_bytes = control_bytes;
  sample.components = components_of(view);
  std::vector<uint32_t> known;
  for (NodeIndex node = 0; node < view.node_count(); ++node) {
    sample.held.push_back(static_cast<uint32_t>(view.pieces_held(node)));
    if (view.state(node) != NodeState::running) continue;
    if (view.facts(node).behaviour != Behaviour::honest) continue;
    ++sample.running;
    known.push_back(static_cast<uint32_t>(view.status(node).known_alive.size()));
  }
  std::sort(known.begin(), known.end());
  if (!known.empty()) {
    sample.knows_min = known.front();
    sample.knows_median = known[known.size() / 2];
    sample.knows_max = known.back();
  }
  recording_->samples.push_back(std::move(sample));
}

void Recorder::fault(Duration from, Duration to, std::string what, bool is_fault) {
  if (on()) recording_->faults.push_back({from, to, std::move(what), is_fault});
}

void Recorder::sent(uint64_t connection, NodeIndex from, NodeIndex to, Time at, uint64_t end_offset,
                    std::string what) {
  const auto& focus = recording_->focus;
  if (focus && from != *focus && to != *focus) return;
  recording_->messages.push_back({since_start(at), {}, from, to, std::move(what)});
  if (recording_->messages.size() > Recording::kMessagesMax) {
    recording_->messages.pop_front();
    ++first_serial_;
  }
  const uint64_t serial = first_serial_ + recording_->messages.size() - 1;
  under_way_[{connection, to}].push_back({end_offset, serial});
}

void Recorder::received(uint64_t connection, NodeIndex by, Time at, uint64_t offset) {
  const auto found = under_way_.find({connection, by});
  if (found == under_way_.end()) return;
  auto& queue = found->second;
  while (!queue.empty() && queue.front().end_offset <= offset) {
    const uint64_t serial = queue.front().serial;
    queue.pop_front();
    if (serial >= first_serial_) {
      recording_->messages[serial - first_serial_].received = since_start(at);
    }
  }
  if (queue.empty()) under_way_.erase(found);
}

void Recorder::end(const View& view, uint64_t payload_bytes, uint64_t control_bytes) {
  if (!on()) return;
  sample(view, payload_bytes, control_bytes);
  for (const auto& [a, b] : view.links()) recording_->links.push_back({a, b});
  for (NodeIndex node = 0; node < view.node_count(); ++node) {
    recording_->states.push_back(view.state(node));
  }
}

}  // namespace p2p::sim
