#include "tests/conformance/sim_net.h"

#include <span>
#include <utility>

namespace p2p::conformance {
namespace {

using sim::Task;
using sim::TaskKind;

constexpr uint64_t kSeed = 1;
constexpr size_t kPieceBytes = 1024;
constexpr Duration kPatience = Duration::minutes(180);
constexpr uint64_t kStepsMax = 20'000'000;
// Longer than any byte is under way, unless it is lost eight times.
constexpr Duration kSettled = Duration::seconds(60);
// How far an idle step goes.
constexpr Duration kLook = Duration::milliseconds(1);

Endpoint endpoint_of(uint32_t node) {
  return *Endpoint::parse("10.0.0." + std::to_string(node + 1) + ":8100");
}

sim::ClockModel clock_of(uint32_t node, bool drifts) {
  if (!drifts) return {};
  const int64_t sign = node % 2 == 0 ? 1 : -1;
  return {Duration::seconds(sign * node * 1000), sign * (200 + node)};
}

}  // namespace

SimNet::Node::Node(SimNet& net, const sim::Attachment& attachment, const sim::ClockModel& clock)
    : endpoint(attachment.endpoint),
      index(net.network_.attach(attachment)),
      disk({}, Seed{kSeed + index}, net.pool_, kPieceBytes),
      world({net.queue_, net.network_, disk}, index, 1, sim::NodeClock(clock), engine) {
  net.network_.set_station(index, &world);
}

SimNet::SimNet(const sim::NetworkModel& model, bool clocks_drift)
    : network_(queue_, model, kSeed), clocks_drift_(clocks_drift) {
  sim::Attachment bystander = next_attachment();
  bystander.listens = false;
  nowhere_ = bystander.endpoint;
  first_node_ = network_.attach(bystander) + 1;
}

sim::Attachment SimNet::next_attachment() const {
  const auto node = static_cast<uint32_t>(network_.node_count());
  sim::Attachment attachment;
  attachment.key = node;
  attachment.endpoint = endpoint_of(node);
  return attachment;
}

SimNet::Node& SimNet::add_node() { return add_node(next_attachment()); }

SimNet::Node& SimNet::add_node(sim::Attachment attachment) {
  const auto clock = clock_of(static_cast<uint32_t>(network_.node_count()), clocks_drift_);
  nodes_.push_back(std::make_unique<Node>(*this, attachment, clock));
  return *nodes_.back();
}

size_t SimNet::connections() const {
  size_t ends = 0;
  for (uint32_t slot = 0; slot < network_.end_slots(); ++slot) {
    if (network_.end_in(slot)) ++ends;
  }
  return ends;
}

void SimNet::step() {
  ++steps_;
  for (const auto& node : nodes_) node->world.drain();
  if (const auto task = queue_.pop(queue_.now() + kLook)) run(*task);
}

void SimNet::settle() {
  const Time end = queue_.now() + kSettled;
  while (queue_.now() < end && patient()) step();
}

void SimNet::run(const Task& task) {
  switch (task.kind) {
    case TaskKind::wake:
      return nodes_.at(task.who - first_node_)->world.on_wake();
    case TaskKind::complete:
      return nodes_.at(task.who - first_node_)->world.on_complete(task.what);
    default:
      return network_.run(task);
  }
}

bool SimNet::patient() const { return queue_.now() - Time() < kPatience && steps_ < kStepsMax; }

StoredBytes SimNet::stored(const std::string& bytes) {
  return Slice::copy_of(std::as_bytes(std::span(bytes)));
}

}  // namespace p2p::conformance
