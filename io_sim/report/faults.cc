// All that was done to the network, one line each.
#include <algorithm>

#include "io_sim/report/figures.h"

namespace p2p::sim {

namespace {

constexpr size_t kFaultLinesMax = 60;
constexpr Tenths kLineHeight = 200;
constexpr Tenths kFaultsTop = 180;
constexpr Tenths kBarHeight = 110;
constexpr Tenths kCharacter = 62;  // of the text beside a bar, about

std::string line_svg(const Story& story, const RecordedFault& fault, Tenths y) {
  const Tenths from = time_x(story, fault.from);
  const Tenths to = std::max(time_x(story, fault.to), from + 40);
  const bool moment = fault.from == fault.to;
  const std::string label = fault.what + " (" + moment_text(fault.from) +
                            (moment ? ")" : ", for " + moment_text(fault.to - fault.from) + ")");
  // Beside the bar where there is room: behind it, else before it, else on it.
  const Tenths width = kCharacter * static_cast<Tenths>(label.size());
  std::string text;
  if (to + 80 + width < kFigureWidth) {
    text = text_at(to + 80, y + 100, "start", label);
  } else if (from - 80 - width > 0) {
    text = text_at(from - 80, y + 100, "end", label);
  } else {
    text = text_at(kPlotLeft + 80, y + 100, "start", label, "halo");
  }
  return rect_at(from, y, to - from, kBarHeight, fault.fault ? "fault" : "deed", label) + text;
}

}  // namespace

std::string faults_figure(const Story& story) {
  const auto& faults = story.recording.faults;
  Figure figure;
  figure.title = "What was done to the network";
  if (faults.empty()) {
    return "<figure><h3>" + figure.title +
           "</h3><p class=\"soft\">Nothing: no fault, no command.</p></figure>\n";
  }
  const size_t shown = std::min(faults.size(), kFaultLinesMax);
  figure.says = "Faults, and commands of the scenario, in order.";
  if (shown < faults.size()) {
    figure.says += " The first " + grouped(shown) + " of " + grouped(faults.size()) +
                   "; the lane below has them all.";
  }
  figure.reads = "faults";
  figure.legend =
      legend_of({legend_entry("<rect class=\"fault\" width=\"22\" height=\"12\"/>", "a fault"),
                 legend_entry("<rect class=\"deed\" width=\"22\" height=\"12\"/>", "a command")});
  Tenths y = kFaultsTop;
  for (size_t i = 0; i < shown; ++i, y += kLineHeight) {
    figure.drawing +=
        line_from(kPlotLeft, y + kBarHeight / 2, kPlotRight, y + kBarHeight / 2, "grid");
    figure.drawing += line_svg(story, faults[i], y);
  }
  figure.drawing += violation_line(story, kFaultsTop, y) + time_axis(story, y + 40);
  figure.height = y + 40 + kLaneHeight + kAxisHeight;
  return figure_html(figure);
}

}  // namespace p2p::sim
