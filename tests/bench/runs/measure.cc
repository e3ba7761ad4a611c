#include "tests/bench/runs/measure.h"

#include <algorithm>

namespace p2p::bench {

namespace {

int64_t worse(Bound bound, int64_t a, int64_t b) {
  return bound == Bound::at_least ? std::min(a, b) : std::max(a, b);
}

std::string number_text(const Measure& measure, int64_t number) {
  int64_t one = 1;
  for (unsigned i = 0; i < measure.decimals; ++i) one *= 10;
  if (one == 1) return std::to_string(number);
  return std::to_string(number / one) + "." + std::to_string(one + number % one).substr(1);
}

}  // namespace

void Follower::second(const sim::View& view) {
  const Duration now = view.now() - Time();
  if (now < measure_.from || now > measure_.to) return;
  if (measure_.holds) {
    if (!measure_.holds(view)) {
      figure_.reset();
    } else if (!figure_) {
      figure_ = (now - measure_.from).count_ms() / 1000;
    }
    return;
  }
  const auto seen = measure_.look(view);
  missed_ = missed_ || !seen;
  if (missed_) {
    figure_.reset();
  } else {
    figure_ = figure_ ? worse(measure_.bound, *figure_, *seen) : *seen;
  }
}

bool is_met(const Measure& measure, std::optional<int64_t> figure) {
  switch (measure.bound) {
    case Bound::at_most:
      return figure && *figure <= measure.aim;
    case Bound::at_least:
      return figure && *figure >= measure.aim;
    case Bound::stated:
      return true;
  }
  return false;
}

std::string figure_text(const Measure& measure, std::optional<int64_t> figure) {
  if (!figure) return measure.holds ? "never" : "none";
  return number_text(measure, *figure);
}

std::string aim_text(const Measure& measure) {
  switch (measure.bound) {
    case Bound::at_most:
      return "at most " + number_text(measure, measure.aim);
    case Bound::at_least:
      return "at least " + number_text(measure, measure.aim);
    case Bound::stated:
      return "-";
  }
  return "";
}

std::vector<sim::NodeIndex> running(const sim::View& view, std::string_view group) {
  const std::string indexed = std::string(group) + "[";
  std::vector<sim::NodeIndex> nodes;
  for (sim::NodeIndex node = 0; node < view.node_count(); ++node) {
    const sim::NodeFacts& facts = view.facts(node);
    const bool named = group.empty() || facts.name == group || facts.name.starts_with(indexed);
    const bool honest = facts.behaviour == sim::Behaviour::honest;
    if (named && honest && view.state(node) == sim::NodeState::running) nodes.push_back(node);
  }
  return nodes;
}

int64_t tenths_of_percent(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<int64_t>(part * 1000 / whole);
}

}  // namespace p2p::bench
