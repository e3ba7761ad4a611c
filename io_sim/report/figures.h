// The figures of a run's report, each from one file of its name. All return HTML.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io_sim/report/chart.h"

namespace p2p::sim {

// curves.cc
std::string knows_figure(const Story& story);
std::string components_figure(const Story& story);
std::string traffic_figure(const Story& story);
// Bytes a second, from each sample to the next; the last has that of the one before.
struct Rates {
  std::vector<uint64_t> payload;
  std::vector<uint64_t> control;
};
Rates rates_of(const Recording& recording);

// heatmap.cc
struct HeatRow {
  std::string name;  // of a node, or of the nodes that share a row
  // Runs of equal values: the sample that a run begins with, and the pieces each node held.
  std::vector<std::pair<size_t, uint64_t>> runs;
};
struct HeatMap {
  std::vector<HeatRow> rows;
  bool grouped = false;  // more nodes than rows
  uint64_t most = 0;     // pieces, in any row
  Tenths top = 0;        // where the rows lie in the figure
  Tenths row_height = 0;
};
HeatMap heat_map_of(const Recording& recording);
std::string heat_figure(const Story& story, const HeatMap& map);

// circle.cc
std::string circle_figure(const Story& story);

// spacetime.cc
std::string spacetime_figure(const Story& story);

// faults.cc
std::string faults_figure(const Story& story);

}  // namespace p2p::sim
