// What the figures over time share: their width, their axes, the lane of faults under them. A
// figure is an SVG, written out here and not by a script, so that it is there wherever HTML is.
//
// Lengths are whole tenths of a pixel, so that no rounding of a machine reaches the file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"
#include "io_sim/run/recording.h"
#include "io_sim/run/result.h"

namespace p2p::sim {

using Tenths = int64_t;
inline constexpr Tenths kFigureWidth = 10'400;
inline constexpr Tenths kPlotLeft = 1'200;
inline constexpr Tenths kPlotRight = 9'300;
inline constexpr Tenths kLaneHeight = 120;
inline constexpr Tenths kAxisHeight = 340;  // ticks, their labels and the axis's name

// What every figure is drawn from. Both outlive it.
struct Story {
  const Result& result;
  const Recording& recording;

  // What the time axis ends with; more than zero.
  Duration end() const;
  // Of a running honest node that the violation names; nullopt without one.
  std::optional<NodeIndex> broken_node() const;
};

// "12.3"
std::string px(Tenths length);
// "12.3,4.5", as paths want it.
std::string point(Tenths x, Tenths y);
// "12,345"
std::string grouped(uint64_t number);
// "12.346 s": for people who compare moments.
std::string moment_text(Duration at);
// "12.346 s", "94.217 s (1 min 34 s)": within a sentence.
std::string time_text(Duration at);

// SVG text; `anchor` is start, middle or end. The text is escaped here.
std::string text_at(Tenths x, Tenths y, std::string_view anchor, std::string_view text,
                    std::string_view css = "");
std::string line_from(Tenths x1, Tenths y1, Tenths x2, Tenths y2, std::string_view css);
std::string rect_at(Tenths x, Tenths y, Tenths width, Tenths height, std::string_view css,
                    std::string_view title = "");

// Where a moment lies between kPlotLeft and kPlotRight.
Tenths time_x(const Story& story, Duration at);

// A part of a figure with a vertical axis from 0 to `max`.
struct Panel {
  Tenths top = 0;
  Tenths height = 0;
  uint64_t max = 1;

  Tenths bottom() const { return top + height; }
  Tenths y(uint64_t value) const;
};
// How a value on a vertical axis is written.
using ValueText = std::function<std::string(uint64_t)>;
enum class Steps { decimal, binary };
// A panel whose `max` is a round number, not below `highest`.
Panel panel_for(Tenths top, Tenths height, uint64_t highest, Steps steps);
// Grid lines, their values, and what they count.
std::string panel_axes(const Panel& panel, std::string_view name, Steps steps,
                       const ValueText& value_text);

// Behind a plot: where faults last. In front of it: the moment of the violation.
std::string fault_shades(const Story& story, Tenths top, Tenths bottom);
std::string violation_line(const Story& story, Tenths top, Tenths bottom);
// The lane of faults, then the axis of time: what stands under every plot. Takes up kLaneHeight and
// kAxisHeight.
std::string time_axis(const Story& story, Tenths top);

// The whole figure; `reads` names what report.js says of a moment in it.
struct Figure {
  std::string title;
  std::string says;    // a sentence or two: what is seen, what would be good
  std::string reads;   // empty: nothing over time
  std::string legend;  // HTML, may be empty
  Tenths height = 0;
  std::string drawing;  // SVG
};
std::string figure_html(const Figure& figure);
// An entry of a legend: a swatch (SVG of 22 by 12) and its word.
std::string legend_entry(std::string_view swatch, std::string_view word);
std::string legend_of(const std::vector<std::string>& entries);

}  // namespace p2p::sim
