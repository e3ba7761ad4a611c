#include "io_sim/shrink/edits.h"

#include <array>
#include <cstddef>
#include <iterator>
#include <string>

#include "io_sim/shrink/references.h"

namespace p2p::sim {
namespace {

template <class Element>
void remove_at(std::vector<Element>& from, size_t index) {
  from.erase(std::next(from.begin(), static_cast<ptrdiff_t>(index)));
}

Edits event_edits(const Scenario& scenario) {
  Edits edits;
  for (size_t i = 0; i < scenario.events.size(); ++i) {
    edits.emplace_back([i](Scenario& s) { remove_at(s.events, i); });
  }
  return edits;
}

Edits expectation_edits(const Scenario& scenario) {
  Edits edits;
  for (size_t i = 0; i < scenario.expectations.size(); ++i) {
    edits.emplace_back([i](Scenario& s) { remove_at(s.expectations, i); });
  }
  return edits;
}

Edits group_edits(const Scenario& scenario) {
  Edits edits;
  for (size_t g = 0; g < scenario.nodes.size(); ++g) {
    edits.emplace_back([g](Scenario& s) { remove_group(s, g); });
  }
  return edits;
}

Edits node_edits(const Scenario& scenario) {
  Edits edits;
  for (size_t g = 0; g < scenario.nodes.size(); ++g) {
    for (uint32_t node = 0; node < scenario.nodes[g].count; ++node) {
      edits.emplace_back([g, node](Scenario& s) { remove_node(s, g, node); });
    }
  }
  return edits;
}

Edits content_edits(const Scenario& scenario) {
  Edits edits;
  for (const Content& content : scenario.contents) {
    edits.emplace_back([id = content.id](Scenario& s) { remove_content(s, id); });
  }
  return edits;
}

// What nodes share, want and are told at their start.
Edits belonging_edits(const Scenario& scenario) {
  Edits edits;
  for (size_t g = 0; g < scenario.nodes.size(); ++g) {
    const NodeGroup& group = scenario.nodes[g];
    for (size_t i = 0; i < group.shares.size(); ++i) {
      edits.emplace_back([g, i](Scenario& s) { remove_at(s.nodes[g].shares, i); });
    }
    for (size_t i = 0; i < group.wants.size(); ++i) {
      edits.emplace_back([g, i](Scenario& s) { remove_at(s.nodes[g].wants, i); });
    }
    for (size_t i = 0; i < group.bootstrap.size(); ++i) {
      edits.emplace_back([g, i](Scenario& s) { remove_at(s.nodes[g].bootstrap, i); });
    }
    for (size_t i = 0; i < group.node.size(); ++i) {
      edits.emplace_back([g, i](Scenario& s) { remove_at(s.nodes[g].node, i); });
    }
    if (group.demo) edits.emplace_back([g](Scenario& s) { s.nodes[g].demo.reset(); });
  }
  return edits;
}

// From sets of several entries one goes; the last stays, for an empty set means all.
void add_set_edits(Edits& edits, const NodeSet& set, const std::function<NodeSet&(Scenario&)>& in) {
  if (set.size() < 2) return;
  for (size_t i = 0; i < set.size(); ++i) {
    edits.emplace_back([i, in](Scenario& s) {
      if (in(s).size() > 1) remove_at(in(s), i);
    });
  }
}

Edits named_node_edits(const Scenario& scenario) {
  Edits edits;
  for (size_t e = 0; e < scenario.events.size(); ++e) {
    const ScriptedEvent& event = scenario.events[e];
    add_set_edits(edits, event.nodes, [e](Scenario& s) -> NodeSet& { return s.events[e].nodes; });
    add_set_edits(edits, event.peers, [e](Scenario& s) -> NodeSet& { return s.events[e].peers; });
    for (size_t side = 0; side < event.groups.size(); ++side) {
      add_set_edits(edits, event.groups[side],
                    [e, side](Scenario& s) -> NodeSet& { return s.events[e].groups[side]; });
    }
  }
  for (size_t i = 0; i < scenario.expectations.size(); ++i) {
    add_set_edits(edits, scenario.expectations[i].condition.nodes,
                  [i](Scenario& s) -> NodeSet& { return s.expectations[i].condition.nodes; });
    add_set_edits(edits, scenario.expectations[i].condition.peers,
                  [i](Scenario& s) -> NodeSet& { return s.expectations[i].condition.peers; });
  }
  return edits;
}

constexpr std::array<Pass, 11> kPasses = {{
    {"events", event_edits},
    {"expectations", expectation_edits},
    {"groups of nodes", group_edits},
    {"nodes", node_edits},
    {"contents", content_edits},
    {"what nodes share, want and are told", belonging_edits},
    {"nodes that are named", named_node_edits},
    {"settings of events", event_setting_edits},
    {"settings of nodes", group_setting_edits},
    {"settings of the network", network_setting_edits},
    {"other settings", other_setting_edits},
}};

}  // namespace

std::span<const Pass> passes() { return kPasses; }

}  // namespace p2p::sim
