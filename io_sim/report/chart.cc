#include "io_sim/report/chart.h"

#include <algorithm>
#include <array>

#include "engine/base/quantity.h"
#include "io_sim/report/page.h"

namespace p2p::sim {

namespace {

constexpr size_t kShadesMax = 40;  // more of them hide the plot

// Of a vertical axis: four or five lines are enough to read a value from.
constexpr uint64_t kLinesMax = 5;

uint64_t step_for(uint64_t highest, Steps steps) {
  uint64_t step = 1;
  if (steps == Steps::binary) {
    while (step * kLinesMax < highest) step *= 2;
    return step;
  }
  constexpr std::array<uint64_t, 3> kRound{1, 2, 5};
  for (uint64_t power = 1;; power *= 10) {
    for (const uint64_t round : kRound) {
      step = round * power;
      if (step * kLinesMax >= highest) return step;
    }
  }
}

constexpr std::array<int64_t, 26> kTimeStepsMs{
    1,       2,       5,         10,        20,        50,         100,        200,       500,
    1'000,   2'000,   5'000,     10'000,    15'000,    30'000,     60'000,     120'000,   300'000,
    600'000, 900'000, 1'800'000, 3'600'000, 7'200'000, 21'600'000, 43'200'000, 86'400'000};
constexpr int64_t kTimeTicksMax = 10;

Duration time_step(Duration end) {
  for (const int64_t ms : kTimeStepsMs) {
    const Duration step = Duration::milliseconds(ms);
    if (end <= step * kTimeTicksMax) return step;
  }
  return Duration::milliseconds(kTimeStepsMs.back() * (1 + end.count_s() / 864'000));
}

std::string tick_text(Duration at) { return at == Duration() ? "0 s" : duration_text(at); }

std::string fault_mark(const Story& story, const RecordedFault& fault, Tenths top) {
  const Tenths from = time_x(story, fault.from);
  const Tenths to = time_x(story, fault.to);
  const bool moment = fault.from == fault.to;
  const std::string when = moment_text(fault.from) + (moment ? "" : " to " + moment_text(fault.to));
  const Tenths width = std::max<Tenths>(to - from, moment ? 30 : 40);
  return rect_at(from, top, width, kLaneHeight, fault.fault ? "fault" : "deed",
                 when + ": " + fault.what);
}

}  // namespace

Duration Story::end() const {
  Duration end = std::max(result.virtual_time, Duration::milliseconds(1));
  if (!recording.samples.empty()) end = std::max(end, recording.samples.back().at);
  return end;
}

std::optional<NodeIndex> Story::broken_node() const {
  if (!result.violated) return std::nullopt;
  for (size_t i = 0; i < recording.nodes.size(); ++i) {
    if (recording.nodes[i].name == result.violated->node) return static_cast<NodeIndex>(i);
  }
  return std::nullopt;
}

std::string px(Tenths length) {
  const Tenths whole = std::abs(length) / 10;
  const Tenths tenth = std::abs(length) % 10;
  std::string text = (length < 0 ? "-" : "") + std::to_string(whole);
  if (tenth != 0) text += "." + std::to_string(tenth);
  return text;
}

std::string point(Tenths x, Tenths y) { return px(x) + "," + px(y); }

std::string grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string moment_text(Duration at) {
  const int64_t ms = at.count_ms();
  std::string fraction = std::to_string(ms % 1000);
  fraction.insert(0, 3 - std::min<size_t>(3, fraction.size()), '0');
  return std::to_string(ms / 1000) + "." + fraction + " s";
}

std::string time_text(Duration at) {
  const Duration whole = Duration::seconds(at.count_s());
  if (whole < Duration::minutes(1)) return moment_text(at);
  if (whole == at) return duration_text(at);
  return moment_text(at) + " (" + duration_text(whole) + ")";
}

std::string text_at(Tenths x, Tenths y, std::string_view anchor, std::string_view text,
                    std::string_view css) {
  std::string svg = "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\"";
  if (anchor != "start") svg += " text-anchor=\"" + std::string(anchor) + "\"";
  if (!css.empty()) svg += " class=\"" + std::string(css) + "\"";
  return svg + ">" + html_text(text) + "</text>\n";
}

std::string line_from(Tenths x1, Tenths y1, Tenths x2, Tenths y2, std::string_view css) {
  return "<line x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" + px(x2) + "\" y2=\"" + px(y2) +
         "\" class=\"" + std::string(css) + "\"/>\n";
}

std::string rect_at(Tenths x, Tenths y, Tenths width, Tenths height, std::string_view css,
                    std::string_view title) {
  std::string svg = "<rect x=\"" + px(x) + "\" y=\"" + px(y) + "\" width=\"" + px(width) +
                    "\" height=\"" + px(height) + "\" class=\"" + std::string(css) + "\"";
  if (title.empty()) return svg + "/>\n";
  return svg + "><title>" + html_text(title) + "</title></rect>\n";
}

Tenths time_x(const Story& story, Duration at) {
  // Microseconds: 292 years of nanoseconds times the width would not fit.
  const int64_t end_us = std::max<int64_t>(1, story.end().count_ns() / 1'000);
  const int64_t at_us = std::clamp<int64_t>(at.count_ns() / 1'000, 0, end_us);
  return kPlotLeft + (kPlotRight - kPlotLeft) * at_us / end_us;
}

Tenths Panel::y(uint64_t value) const {
  const uint64_t shown = std::min(value, max);
  // A value can be 64 bits of bytes; a tenth of a pixel needs no more than 32 of them.
  uint64_t scale = max;
  uint64_t scaled = shown;
  while (scale >> 32 != 0) {
    scale >>= 1;
    scaled >>= 1;
  }
  return bottom() - static_cast<Tenths>(static_cast<uint64_t>(height) * scaled / scale);
}

Panel panel_for(Tenths top, Tenths height, uint64_t highest, Steps steps) {
  const uint64_t step = step_for(highest, steps);
  const uint64_t lines = std::max<uint64_t>(1, (highest + step - 1) / step);
  return {top, height, step * lines};
}

std::string panel_axes(const Panel& panel, std::string_view name, Steps steps,
                       const ValueText& value_text) {
  std::string svg;
  const uint64_t step = step_for(panel.max, steps);
  for (uint64_t value = 0; value <= panel.max; value += step) {
    const Tenths y = panel.y(value);
    svg += line_from(kPlotLeft, y, kPlotRight, y, value == 0 ? "axis" : "grid");
    svg += text_at(kPlotLeft - 80, y + 40, "end", value_text(value));
  }
  return svg + text_at(kPlotLeft, panel.top - 100, "start", name, "strong");
}

std::string fault_shades(const Story& story, Tenths top, Tenths bottom) {
  std::string svg;
  size_t shades = 0;
  for (const RecordedFault& fault : story.recording.faults) {
    if (!fault.fault || fault.from == fault.to || ++shades > kShadesMax) continue;
    const Tenths from = time_x(story, fault.from);
    svg += rect_at(from, top, time_x(story, fault.to) - from, bottom - top, "shade");
  }
  return svg;
}

std::string violation_line(const Story& story, Tenths top, Tenths bottom) {
  if (!story.result.violated) return "";
  const Tenths x = time_x(story, story.result.violated->at - Time());
  const bool at_right = x > (kPlotLeft + kPlotRight) / 2;
  return line_from(x, top, x, bottom, "moment") +
         text_at(x, top - 50, at_right ? "end" : "start", "violation", "moment-text halo");
}

std::string time_axis(const Story& story, Tenths top) {
  std::string svg = rect_at(kPlotLeft, top, kPlotRight - kPlotLeft, kLaneHeight, "lane");
  svg += text_at(kPlotLeft - 80, top + 100, "end", "faults");
  for (const RecordedFault& fault : story.recording.faults) svg += fault_mark(story, fault, top);
  const Tenths bottom = top + kLaneHeight;
  const Duration end = story.end();
  const Duration step = time_step(end);
  for (Duration at; at <= end; at = at + step) {
    const Tenths x = time_x(story, at);
    svg += line_from(x, bottom, x, bottom + 50, "axis");
    svg += text_at(x, bottom + 180, "middle", tick_text(at));
  }
  return svg + text_at(kPlotRight, bottom + 330, "end", "virtual time since the start");
}

std::string figure_html(const Figure& figure) {
  std::string html = "<figure>\n<figcaption><h3>" + html_text(figure.title) + "</h3>";
  if (!figure.says.empty()) html += "<p class=\"soft\">" + html_text(figure.says) + "</p>";
  html += "</figcaption>\n" + figure.legend + "<svg viewBox=\"0 0 " + px(kFigureWidth) + " " +
          px(figure.height) + "\" role=\"img\" aria-label=\"" + html_text(figure.title) + "\"";
  if (!figure.reads.empty()) html += " data-reads=\"" + figure.reads + "\"";
  html += ">\n" + figure.drawing;
  if (!figure.reads.empty()) {
    html += line_from(0, 0, 0, figure.height - kAxisHeight, "cursor");
  }
  return html + "</svg>\n</figure>\n";
}

std::string legend_entry(std::string_view swatch, std::string_view word) {
  return "<li><svg viewBox=\"0 0 22 12\" aria-hidden=\"true\">" + std::string(swatch) + "</svg>" +
         html_text(word) + "</li>";
}

std::string legend_of(const std::vector<std::string>& entries) {
  std::string html = "<ul class=\"legend\">";
  for (const std::string& entry : entries) html += entry;
  return html + "</ul>\n";
}

}  // namespace p2p::sim
