// The overlay when the run ended: nodes on a circle, a chord for each connection.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "io_sim/report/figures.h"
#include "io_sim/report/groups.h"
#include "io_sim/report/page.h"
#include "io_sim/scenario/names.h"

namespace p2p::sim {

namespace {

constexpr Tenths kSize = 7'200;
constexpr Tenths kMiddle = kSize / 2;
constexpr Tenths kRadius = 2'950;
constexpr size_t kNamedMax = 60;    // nodes with their names beside them
constexpr size_t kSingleMax = 300;  // nodes and links that can be pointed at
constexpr size_t kLinksMax = 6'000;
constexpr size_t kLinksInPath = 20;

struct Spot {
  Tenths x = 0;
  Tenths y = 0;
};

// From the top, clockwise.
double angle_of(size_t node, size_t nodes) {
  return 2 * std::numbers::pi * static_cast<double>(node) /
             static_cast<double>(std::max<size_t>(1, nodes)) -
         std::numbers::pi / 2;
}

Spot spot_at(double angle, Tenths radius) {
  const auto along = static_cast<double>(radius);
  return {kMiddle + std::llround(along * std::cos(angle)),
          kMiddle + std::llround(along * std::sin(angle))};
}

// What a node's colour says. In the order of the legend.
struct Kind {
  std::string_view css;
  std::string_view word;
};
constexpr std::array<Kind, 5> kKinds{{{"running", "running"},
                                      {"down", "not running"},
                                      {"crashed", "crashed: its host is gone"},
                                      {"legacy", "runs the original program"},
                                      {"hostile", "hostile"}}};

size_t kind_of(const Recording& recording, size_t node) {
  const NodeState state =
      node < recording.states.size() ? recording.states[node] : NodeState::running;
  if (state == NodeState::down) return 1;
  if (state == NodeState::crashed) return 2;
  const Behaviour behaviour = recording.nodes[node].behaviour;
  if (behaviour == Behaviour::honest) return 0;
  return behaviour == Behaviour::legacy ? 3 : 4;
}

std::vector<uint32_t> degrees_of(const Recording& recording) {
  std::vector<uint32_t> degrees(recording.nodes.size());
  for (const RecordedLink& link : recording.links) {
    for (const NodeIndex end : {link.a, link.b}) {
      if (end < degrees.size()) ++degrees[end];
    }
  }
  return degrees;
}

// Bent towards the middle, so that chords between neighbours stand apart from the circle.
std::string chord(const Spot& a, const Spot& b) {
  const Tenths bend_x = kMiddle + ((a.x + b.x) / 2 - kMiddle) * 2 / 5;
  const Tenths bend_y = kMiddle + ((a.y + b.y) / 2 - kMiddle) * 2 / 5;
  return "M" + point(a.x, a.y) + "Q" + point(bend_x, bend_y) + " " + point(b.x, b.y);
}

std::string opacity_for(size_t links) {
  if (links <= 60) return "0.55";
  return links <= 400 ? "0.3" : "0.15";
}

std::string links_svg(const Recording& recording) {
  const size_t nodes = recording.nodes.size();
  const size_t every = (recording.links.size() + kLinksMax - 1) / kLinksMax;
  const bool single = recording.links.size() <= 4 * kSingleMax && nodes <= kSingleMax;
  std::string svg;
  std::string several;  // a path does not darken where it crosses itself: so not all in one
  size_t drawn = 0;
  for (size_t i = 0; i < recording.links.size(); i += every) {
    const RecordedLink& link = recording.links[i];
    const std::string path =
        chord(spot_at(angle_of(link.a, nodes), kRadius), spot_at(angle_of(link.b, nodes), kRadius));
    if (single) {
      svg += "<path class=\"link\" data-a=\"" + std::to_string(link.a) + "\" data-b=\"" +
             std::to_string(link.b) + "\" d=\"" + path + "\"/>\n";
      continue;
    }
    several += path;
    if (++drawn % kLinksInPath != 0) continue;
    svg += "<path class=\"link fine\" d=\"" + several + "\"/>\n";
    several.clear();
  }
  if (!several.empty()) svg += "<path class=\"link fine\" d=\"" + several + "\"/>\n";
  return "<g stroke-opacity=\"" + opacity_for(recording.links.size()) + "\">\n" + svg + "</g>\n";
}

std::string node_name_svg(const std::string& name, double angle, Tenths radius) {
  const Spot at = spot_at(angle, radius);
  const double along = std::cos(angle);
  const std::string_view anchor = std::abs(along) < 0.2 ? "middle" : along > 0 ? "start" : "end";
  return text_at(at.x, at.y + 40, anchor, name);
}

std::string single_nodes_svg(const Story& story) {
  const Recording& recording = story.recording;
  const size_t nodes = recording.nodes.size();
  const auto degrees = degrees_of(recording);
  const Tenths dot = nodes <= kNamedMax ? 70 : 40;
  std::string svg;
  for (size_t i = 0; i < nodes; ++i) {
    const double angle = angle_of(i, nodes);
    const Spot at = spot_at(angle, kRadius);
    const Kind& kind = kKinds[kind_of(recording, i)];
    const RecordedNode& node = recording.nodes[i];
    std::string says = node.name + ": " + std::string(kind.word);
    if (node.behaviour != Behaviour::honest) {
      says += " (" + std::string(name_of(behaviour_names(), node.behaviour)) + ")";
    }
    says += ", " + grouped(degrees[i]) + (degrees[i] == 1 ? " connection" : " connections");
    svg += "<circle class=\"" + std::string(kind.css) + "\" data-node=\"" + std::to_string(i) +
           "\" cx=\"" + px(at.x) + "\" cy=\"" + px(at.y) + "\" r=\"" + px(dot) + "\"><title>" +
           html_text(says) + "</title></circle>\n";
    if (nodes <= kNamedMax) svg += node_name_svg(node.name, angle, kRadius + 150);
  }
  return svg;
}

// Points as strokes of no length with round ends: one element for each kind, the running ones below
// and small, as there are many.
std::string many_nodes_svg(const Recording& recording) {
  const size_t nodes = recording.nodes.size();
  std::array<std::string, kKinds.size()> paths;
  for (size_t i = 0; i < nodes; ++i) {
    const Spot at = spot_at(angle_of(i, nodes), kRadius);
    paths[kind_of(recording, i)] += "M" + point(at.x, at.y) + "h0";
  }
  std::string svg;
  for (size_t kind = 0; kind < paths.size(); ++kind) {
    if (paths[kind].empty()) continue;
    svg += "<path class=\"dots " + std::string(kKinds[kind].css) + "\" stroke-width=\"" +
           (kind == 0 ? "4" : "9") + "\" d=\"" + paths[kind] + "\"/>\n";
  }
  return svg;
}

// Which part of the circle is which group.
std::string groups_svg(const Recording& recording) {
  const size_t nodes = recording.nodes.size();
  std::string svg;
  for (const NodeRow& row : rows_of_nodes(recording, nodes)) {
    const double from = angle_of(row.first, nodes);
    const double to = angle_of(row.last, nodes);
    const Spot a = spot_at(from, kRadius + 120);
    const Spot b = spot_at(to, kRadius + 120);
    const bool large = to - from > std::numbers::pi;
    if (row.last > row.first) {
      svg += "<path class=\"arc\" d=\"M" + point(a.x, a.y) + "A" +
             point(kRadius + 120, kRadius + 120) + " 0 " + (large ? "1" : "0") + " 1 " +
             point(b.x, b.y) + "\"/>\n";
    }
    svg += node_name_svg(row.name, (from + to) / 2, kRadius + 260);
  }
  return svg;
}

std::string broken_svg(const Story& story) {
  const auto broken = story.broken_node();
  if (!broken) return "";
  const Spot at = spot_at(angle_of(*broken, story.recording.nodes.size()), kRadius);
  return "<circle class=\"broke\" cx=\"" + px(at.x) + "\" cy=\"" + px(at.y) + "\" r=\"12\"/>\n";
}

std::string kinds_legend(const Story& story) {
  std::array<size_t, kKinds.size()> counts{};
  const Recording& recording = story.recording;
  for (size_t i = 0; i < recording.nodes.size(); ++i) ++counts[kind_of(recording, i)];
  std::vector<std::string> entries;
  for (size_t kind = 0; kind < kKinds.size(); ++kind) {
    if (counts[kind] == 0) continue;
    entries.push_back(legend_entry(
        "<circle class=\"" + std::string(kKinds[kind].css) + "\" cx=\"11\" cy=\"6\" r=\"5\"/>",
        grouped(counts[kind]) + " " + std::string(kKinds[kind].word)));
  }
  if (story.broken_node()) {
    entries.push_back(legend_entry("<circle class=\"broke\" cx=\"11\" cy=\"6\" r=\"5\"/>",
                                   "where the invariant was broken"));
  }
  return legend_of(entries);
}

std::string degree_facts(const Recording& recording) {
  std::vector<uint32_t> degrees;
  const auto all = degrees_of(recording);
  for (size_t i = 0; i < all.size(); ++i) {
    const size_t kind = kind_of(recording, i);
    if (kind != 1 && kind != 2) degrees.push_back(all[i]);
  }
  if (degrees.empty()) return "";
  std::sort(degrees.begin(), degrees.end());
  const auto row = [](std::string_view what, uint64_t value) {
    return "<tr><td>" + std::string(what) + "</td><td class=\"number\">" + grouped(value) +
           "</td></tr>\n";
  };
  return "<table>\n<tr><th>Connections of a node</th><th></th></tr>\n" +
         row("fewest", degrees.front()) + row("median", degrees[(degrees.size() - 1) / 2]) +
         row("most", degrees.back()) + row("all connections", recording.links.size()) +
         "</table>\n";
}

}  // namespace

std::string circle_figure(const Story& story) {
  const Recording& recording = story.recording;
  const size_t nodes = recording.nodes.size();
  std::string says = "Each node is a dot, each identified connection a line.";
  if (recording.links.size() > kLinksMax) {
    const size_t every = (recording.links.size() + kLinksMax - 1) / kLinksMax;
    says += " Of " + grouped(recording.links.size()) + " connections, one in " + grouped(every) +
            " is drawn.";
  }
  if (nodes <= kSingleMax) says += " Point at a node to see its own.";
  std::string html =
      "<figure>\n<figcaption><h3>Who is connected to whom at the end</h3><p "
      "class=\"soft\">" +
      says + "</p></figcaption>\n<div class=\"side\">\n<svg viewBox=\"0 0 " + px(kSize) + " " +
      px(kSize) + "\" role=\"img\" aria-label=\"Who is connected to whom at the end\">\n";
  html += links_svg(recording);
  html += nodes <= kSingleMax ? single_nodes_svg(story) : many_nodes_svg(recording);
  if (nodes > kNamedMax) html += groups_svg(recording);
  html += broken_svg(story) + "</svg>\n<div>\n" + kinds_legend(story) + degree_facts(recording);
  return html + "</div>\n</div>\n</figure>\n";
}

}  // namespace p2p::sim
