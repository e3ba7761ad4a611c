#include "io_sim/run/expectations.h"

#include "io_sim/check/conditions.h"
#include "io_sim/scenario/names.h"
#include "io_sim/scenario/quantities.h"

namespace p2p::sim {

namespace {

std::string set_text(const NodeSet& set, const Scenario& scenario) {
  std::string text;
  for (const NodeRange& range : set) {
    bool single = false;
    for (const NodeGroup& group : scenario.nodes) {
      if (group.id == range.group) single = group.single;
    }
    if (!text.empty()) text += ", ";
    text += node_range_text(range, single);
  }
  return text;
}

}  // namespace

std::string condition_text(const Condition& condition, const Scenario& scenario) {
  std::string text(name_of(claim_names(), condition.that));
  if (has_count(condition.that)) text += " " + std::to_string(condition.count);
  if (condition.share != Share() || needs_share(condition.that)) {
    text += " share " + share_text(condition.share);
  }
  if (!condition.content.empty()) text += " " + condition.content;
  if (!condition.peers.empty()) text += " " + set_text(condition.peers, scenario);
  if (!condition.nodes.empty()) text = set_text(condition.nodes, scenario) + ": " + text;
  return text;
}

Expectations::Expectations(const Scenario& scenario) : scenario_(scenario) {
  for (const Expectation& expectation : scenario.expectations) {
    all_.push_back({&expectation, std::nullopt, false, {}});
  }
}

void Expectations::look(const View& view) {
  const Duration at = view.now() - Time();
  for (Open& open : all_) {
    const Expectation& expectation = *open.expectation;
    if (open.failed || (open.met_at && !expectation.stays)) continue;
    const Finding finding = look_at(expectation.condition, scenario_, view);
    if (finding.holds) {
      if (!open.met_at) open.met_at = at;
      continue;
    }
    open.instead = finding.instead;
    open.met_at.reset();
    if (at >= expectation.by) open.failed = failed_ = true;
  }
}

std::vector<ExpectationResult> Expectations::results() const {
  std::vector<ExpectationResult> results;
  for (const Open& open : all_) {
    results.push_back({condition_text(open.expectation->condition, scenario_), open.expectation->by,
                       open.met_at, open.met_at ? "" : open.instead});
  }
  return results;
}

}  // namespace p2p::sim
