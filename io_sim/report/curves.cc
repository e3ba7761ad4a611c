// Curves over time: what nodes know, components, traffic.
#include <algorithm>

#include "engine/base/quantity.h"
#include "io_sim/report/figures.h"

namespace p2p::sim {

namespace {

constexpr Tenths kTop = 280;  // the name of the vertical axis stands above
constexpr Tenths kHeight = 1'900;
constexpr Tenths kSmallHeight = 1'000;
constexpr Tenths kLabelGap = 140;  // between labels at the right end of curves

using Values = std::vector<uint64_t>;

template <class Member>
Values values_of(const Recording& recording, Member member) {
  Values values;
  for (const Sample& sample : recording.samples) values.push_back(sample.*member);
  return values;
}

uint64_t highest(const Values& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

// A value holds until the next sample: steps, not slopes.
std::string steps_path(const Story& story, const Panel& panel, const Values& values) {
  std::string path;
  const auto& samples = story.recording.samples;
  for (size_t i = 0; i < values.size(); ++i) {
    const std::string x = px(time_x(story, samples[i].at));
    const std::string y = px(panel.y(values[i]));
    if (i > 0 && values[i] == values[i - 1] && i + 1 < values.size()) continue;
    path += i == 0 ? "M" + x + "," + y : "H" + x + "V" + y;
  }
  return path;
}

std::string curve(const Story& story, const Panel& panel, const Values& values,
                  std::string_view css) {
  return "<path class=\"" + std::string(css) + "\" d=\"" + steps_path(story, panel, values) +
         "\"/>\n";
}

std::string area_under(const Story& story, const Panel& panel, const Values& values,
                       std::string_view css) {
  if (values.empty()) return "";
  const auto& samples = story.recording.samples;
  return "<path class=\"" + std::string(css) + "\" d=\"" + steps_path(story, panel, values) + "V" +
         px(panel.bottom()) + "H" + px(time_x(story, samples.front().at)) + "Z\"/>\n";
}

// Between two curves: along the upper one, and back along the lower one.
std::string band(const Story& story, const Panel& panel, const Values& lower, const Values& upper) {
  if (lower.empty()) return "";
  const auto& samples = story.recording.samples;
  std::string path = steps_path(story, panel, upper);
  path += "V" + px(panel.y(lower.back()));
  for (size_t i = lower.size() - 1; i > 0; --i) {
    path += "H" + px(time_x(story, samples[i].at)) + "V" + px(panel.y(lower[i - 1]));
  }
  path += "H" + px(time_x(story, samples.front().at)) + "Z";
  return "<path class=\"band\" d=\"" + path + "\"/>\n";
}

struct EndLabel {
  Tenths y = 0;
  std::string text;
  std::string css;
};

// At the right ends of curves, pushed apart where they would lie on one another.
std::string end_labels(std::vector<EndLabel> labels) {
  std::stable_sort(labels.begin(), labels.end(),
                   [](const EndLabel& a, const EndLabel& b) { return a.y < b.y; });
  for (size_t i = labels.size() - 1; i > 0; --i) {
    labels[i - 1].y = std::min(labels[i - 1].y, labels[i].y - kLabelGap);
  }
  std::string svg;
  for (const EndLabel& label : labels) {
    svg += text_at(kPlotRight + 80, label.y + 40, "start", label.text, label.css);
  }
  return svg;
}

std::string number_text(uint64_t value) { return grouped(value); }
std::string rate_text(uint64_t value) { return size_text(value) + "/s"; }

std::string swatch_line(std::string_view css) {
  return "<path class=\"" + std::string(css) + "\" d=\"M0,6H22\"/>";
}

std::string rate_panel(const Story& story, const Panel& panel, const Values& rates,
                       std::string_view name, std::string_view which) {
  return panel_axes(panel, name, Steps::binary, rate_text) +
         area_under(story, panel, rates, "area " + std::string(which)) +
         curve(story, panel, rates, "line thin " + std::string(which)) +
         violation_line(story, panel.top, panel.bottom());
}

}  // namespace

std::string knows_figure(const Story& story) {
  const Values least = values_of(story.recording, &Sample::knows_min);
  const Values median = values_of(story.recording, &Sample::knows_median);
  const Values most = values_of(story.recording, &Sample::knows_max);
  const Panel panel = panel_for(kTop, kHeight, highest(most), Steps::decimal);
  Figure figure;
  figure.title = "How many peers a node knows";
  figure.says =
      "Endpoints in a running node's address book that it believes alive. The band reaches from "
      "the "
      "node that knows fewest to the one that knows most.";
  figure.reads = "knows";
  figure.legend = legend_of(
      {legend_entry(swatch_line("line"), "median of the nodes"),
       legend_entry("<rect class=\"band\" width=\"22\" height=\"12\"/>", "fewest to most")});
  figure.drawing = fault_shades(story, panel.top, panel.bottom()) +
                   panel_axes(panel, "peers known", Steps::decimal, number_text) +
                   band(story, panel, least, most) + curve(story, panel, most, "line thin") +
                   curve(story, panel, least, "line thin") + curve(story, panel, median, "line") +
                   violation_line(story, panel.top, panel.bottom());
  if (!median.empty()) {
    figure.drawing +=
        end_labels({{panel.y(most.back()), "most " + grouped(most.back()), ""},
                    {panel.y(median.back()), "median " + grouped(median.back()), "label-a"},
                    {panel.y(least.back()), "fewest " + grouped(least.back()), ""}});
  }
  figure.drawing += time_axis(story, panel.bottom() + 60);
  figure.height = panel.bottom() + 60 + kLaneHeight + kAxisHeight;
  return figure_html(figure);
}

std::string components_figure(const Story& story) {
  const Values components = values_of(story.recording, &Sample::components);
  const Panel panel = panel_for(kTop, kSmallHeight, highest(components), Steps::decimal);
  Figure figure;
  figure.title = "Into how many parts the network has fallen";
  figure.says =
      "Components of the graph of running nodes and their identified connections. One is a network "
      "that hangs together.";
  figure.reads = "components";
  figure.drawing = fault_shades(story, panel.top, panel.bottom()) +
                   panel_axes(panel, "components", Steps::decimal, number_text) +
                   curve(story, panel, components, "line") +
                   violation_line(story, panel.top, panel.bottom());
  if (!components.empty()) {
    figure.drawing += end_labels(
        {{panel.y(components.back()), grouped(components.back()) + " at the end", "label-a"}});
  }
  figure.drawing += time_axis(story, panel.bottom() + 60);
  figure.height = panel.bottom() + 60 + kLaneHeight + kAxisHeight;
  return figure_html(figure);
}

std::string traffic_figure(const Story& story) {
  const Rates rates = rates_of(story.recording);
  const Panel payload = panel_for(kTop, kSmallHeight, highest(rates.payload), Steps::binary);
  const Panel control =
      panel_for(payload.bottom() + 420, kSmallHeight, highest(rates.control), Steps::binary);
  Figure figure;
  figure.title = "What is sent";
  figure.says =
      "By all honest nodes together, a second: the bytes of pieces, and everything else (peer "
      "lists, "
      "asks, wants, haves). Each has a scale of its own.";
  figure.reads = "traffic";
  figure.drawing = fault_shades(story, payload.top, payload.bottom()) +
                   fault_shades(story, control.top, control.bottom()) +
                   rate_panel(story, payload, rates.payload, "pieces", "first") +
                   rate_panel(story, control, rates.control, "control", "second") +
                   time_axis(story, control.bottom() + 60);
  figure.height = control.bottom() + 60 + kLaneHeight + kAxisHeight;
  return figure_html(figure);
}

Rates rates_of(const Recording& recording) {
  const auto rate = [](uint64_t before, uint64_t after, Duration time) {
    const auto ms = static_cast<uint64_t>(std::max<int64_t>(1, time.count_ms()));
    return after > before ? (after - before) * 1'000 / ms : 0;
  };
  Rates rates;
  const auto& samples = recording.samples;
  for (size_t i = 0; i + 1 < samples.size(); ++i) {
    const Sample& now = samples[i];
    const Sample& next = samples[i + 1];
    rates.payload.push_back(rate(now.payload_bytes, next.payload_bytes, next.at - now.at));
    rates.control.push_back(rate(now.control_bytes, next.control_bytes, next.at - now.at));
  }
  if (samples.empty()) return rates;
  rates.payload.push_back(rates.payload.empty() ? 0 : rates.payload.back());
  rates.control.push_back(rates.control.empty() ? 0 : rates.control.back());
  return rates;
}

}  // namespace p2p::sim
