// A claim that is looked at, and how what is there instead is said. For conditions.cc and
// overlay_conditions.cc.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "io_sim/check/conditions.h"
#include "io_sim/check/view.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

// A condition, and the nodes that it is about.
struct Look {
  const Condition& condition;
  const Scenario& scenario;
  const View& view;
  std::vector<NodeIndex> nodes;  // named; or all honest ones
  std::vector<NodeIndex> live;   // of them, those that are running
  std::vector<NodeIndex> peers;

  const std::string& name(NodeIndex node) const { return view.facts(node).name; }
  Behaviour behaviour(NodeIndex node) const { return view.facts(node).behaviour; }
};

inline Finding yes() { return {true, {}}; }
inline Finding no(std::string instead) { return {false, std::move(instead)}; }
inline Finding none_running() { return no("none of the nodes named is running"); }

// "1 node", "2 nodes"
inline std::string counted(uint64_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}
inline std::string asked_for(uint64_t count) {
  return std::to_string(count) + (count == 1 ? " is asked for" : " are asked for");
}
inline std::string at_most(uint64_t count) {
  return "at most " + std::to_string(count) + (count == 1 ? " is allowed" : " are allowed");
}

}  // namespace p2p::sim
