// Pieces held over time: a row for each node, or for neighbouring nodes of one group when there are
// too many.
#include <algorithm>

#include "io_sim/report/figures.h"
#include "io_sim/report/groups.h"

namespace p2p::sim {

namespace {

constexpr size_t kNodesMax = 200;  // with a row each
constexpr size_t kRowsMax = 100;   // when they share rows
constexpr Tenths kMapTop = 180;
constexpr Tenths kHeightWanted = 5'000;
constexpr Tenths kRowMin = 30;
constexpr Tenths kRowMax = 220;
constexpr uint64_t kLevels = 10;  // classes h0 to h9 of report.css

struct Rows {
  std::vector<NodeRow> rows;
  bool grouped = false;
};

Rows rows_of(const Recording& recording) {
  const bool grouped = recording.nodes.size() > kNodesMax;
  const size_t each = grouped ? (recording.nodes.size() + kRowsMax - 1) / kRowsMax : 1;
  return {rows_of_nodes(recording, each), grouped};
}

// The mean of the row's nodes, rounded up, so that the first piece shows.
uint64_t held_by(const Sample& sample, const NodeRow& row) {
  uint64_t sum = 0;
  for (size_t node = row.first; node <= row.last && node < sample.held.size(); ++node) {
    sum += sample.held[node];
  }
  const uint64_t nodes = row.last - row.first + 1;
  return (sum + nodes - 1) / nodes;
}

// None has a colour of its own; the rest of the scale is even.
uint64_t level_of(uint64_t held, uint64_t most) {
  if (held == 0) return 0;
  return 1 + std::min(kLevels - 2, (held * (kLevels - 1) - 1) / most);
}

// Paths, one for each level: thousands of rectangles in a few elements.
class Cells {
 public:
  void add(uint64_t level, Tenths x, Tenths y, Tenths width, Tenths height) {
    paths_[level] +=
        "M" + point(x, y) + "h" + px(width) + "v" + px(height) + "h" + px(-width) + "z";
  }
  std::string svg() const {
    std::string svg;
    for (size_t level = 0; level < kLevels; ++level) {
      if (paths_[level].empty()) continue;
      svg += "<path class=\"h" + std::to_string(level) + "\" shape-rendering=\"crispEdges\" d=\"" +
             paths_[level] + "\"/>\n";
    }
    return svg;
  }

 private:
  std::string paths_[kLevels];
};

void add_row(Cells& cells, const Story& story, const HeatMap& map, size_t index) {
  const auto& samples = story.recording.samples;
  const HeatRow& row = map.rows[index];
  const Tenths y = map.top + map.row_height * static_cast<Tenths>(index);
  const Tenths height = map.row_height > 80 ? map.row_height - 10 : map.row_height;
  for (size_t i = 0; i < row.runs.size();) {
    const uint64_t level = level_of(row.runs[i].second, map.most);
    size_t next = i + 1;
    while (next < row.runs.size() && level_of(row.runs[next].second, map.most) == level) ++next;
    const Tenths from = time_x(story, samples[row.runs[i].first].at);
    const Tenths to = next < row.runs.size() ? time_x(story, samples[row.runs[next].first].at)
                                             : time_x(story, samples.back().at);
    if (to > from) cells.add(level, from, y, to - from, height);
    i = next;
  }
}

std::string row_names(const HeatMap& map) {
  std::string svg;
  Tenths free_from = 0;
  for (size_t i = 0; i < map.rows.size(); ++i) {
    const Tenths middle = map.top + map.row_height * static_cast<Tenths>(i) + map.row_height / 2;
    if (middle < free_from) continue;
    svg += text_at(kPlotLeft - 80, middle + 40, "end", map.rows[i].name);
    free_from = middle + std::max<Tenths>(130, map.row_height);
  }
  return svg;
}

std::string heat_legend(uint64_t most) {
  std::vector<std::string> entries;
  const auto swatch = [](uint64_t level) {
    return "<rect class=\"h" + std::to_string(level) + "\" width=\"22\" height=\"12\"/>";
  };
  entries.push_back(legend_entry(swatch(0), "none"));
  const uint64_t levels = std::min(most, kLevels - 1);
  for (uint64_t i = 1; i <= levels; ++i) {
    const uint64_t held = most * i / levels;
    const bool named = i == 1 || i == levels || levels <= 4 || i == (levels + 1) / 2;
    entries.push_back(legend_entry(swatch(level_of(held, most)), named ? grouped(held) : ""));
  }
  return legend_of(entries);
}

}  // namespace

HeatMap heat_map_of(const Recording& recording) {
  const Rows rows = rows_of(recording);
  HeatMap map;
  map.grouped = rows.grouped;
  map.top = kMapTop;
  const auto count = static_cast<Tenths>(std::max<size_t>(1, rows.rows.size()));
  map.row_height = std::clamp(kHeightWanted / count, kRowMin, kRowMax);
  for (const NodeRow& row : rows.rows) {
    HeatRow heat{row.name, {}};
    for (size_t i = 0; i < recording.samples.size(); ++i) {
      const uint64_t held = held_by(recording.samples[i], row);
      map.most = std::max(map.most, held);
      if (heat.runs.empty() || heat.runs.back().second != held) heat.runs.emplace_back(i, held);
    }
    map.rows.push_back(std::move(heat));
  }
  return map;
}

std::string heat_figure(const Story& story, const HeatMap& map) {
  Figure figure;
  figure.title = "Pieces that each node holds";
  if (map.most == 0) {
    return "<figure><h3>" + figure.title +
           "</h3><p class=\"soft\">No node held a piece.</p></figure>\n";
  }
  figure.says = "A row that goes back to an earlier colour has lost pieces.";
  if (map.grouped) figure.says += " Neighbouring nodes share a row, which shows their mean.";
  figure.reads = "heat";
  figure.legend = heat_legend(map.most);
  const Tenths bottom = map.top + map.row_height * static_cast<Tenths>(map.rows.size());
  Cells cells;
  for (size_t i = 0; i < map.rows.size(); ++i) add_row(cells, story, map, i);
  figure.drawing = cells.svg() + row_names(map) + violation_line(story, map.top, bottom) +
                   time_axis(story, bottom + 60);
  figure.height = bottom + 60 + kLaneHeight + kAxisHeight;
  return figure_html(figure);
}

}  // namespace p2p::sim
