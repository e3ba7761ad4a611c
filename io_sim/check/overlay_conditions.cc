#include "io_sim/check/overlay_conditions.h"

#include "io_sim/check/figures.h"
#include "io_sim/check/graph.h"
#include "io_sim/scenario/quantities.h"

namespace p2p::sim {

Finding look_share_of_connections(const Look& look) {
  const auto links = look.view.links();
  const Graph graph(look.view.node_count(), links);
  const Share share = look.condition.share;
  for (const NodeIndex node : look.live) {
    const uint64_t own = graph.degree(node);
    if (share.keeps(own, links.size())) continue;
    return no(look.name(node) + " has " + std::to_string(own) + " of " +
              counted(links.size(), "connection", "connections") + ", at most a share of " +
              share_text(share) + " is allowed");
  }
  return yes();
}

Finding look_honest_neighbours(const Look& look) {
  if (look.live.empty()) return none_running();
  const auto counts = honest_neighbours(look.view);
  for (const NodeIndex node : look.live) {
    if (counts[node] >= look.condition.count) continue;
    return no(look.name(node) + " has " +
              counted(counts[node], "honest neighbour", "honest neighbours") + ", " +
              asked_for(look.condition.count));
  }
  return yes();
}

Finding look_dialled_honest(const Look& look) {
  const PartOf dialled = dialled_honest(look.view, look.live);
  const Share share = look.condition.share;
  if (share.reached_by(dialled.part, dialled.whole)) return yes();
  return no(std::to_string(dialled.part) + " of " +
            counted(dialled.whole, "dialled connection leads", "dialled connections lead") +
            " to honest nodes, a share of " + share_text(share) + " is asked for");
}

Finding look_dials_per_minute(const Look& look) {
  for (const NodeIndex node : look.nodes) {
    const uint64_t dials = look.view.dials_last_minute(node);
    if (dials <= look.condition.count) continue;
    return no(look.name(node) + " was dialled " + counted(dials, "time", "times") +
              " in the last minute, " + at_most(look.condition.count));
  }
  return yes();
}

Finding look_bytes_per_hour(const Look& look) {
  for (const NodeIndex node : look.live) {
    const uint64_t bytes = look.view.bytes_last_hour(node);
    if (bytes <= look.condition.count) continue;
    return no(look.name(node) + " sent and received " + counted(bytes, "byte", "bytes") +
              " in the last hour, " + at_most(look.condition.count));
  }
  return yes();
}

}  // namespace p2p::sim
