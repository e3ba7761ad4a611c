// The report of a sweep: a square for each seed, and the failures grouped by what failed.
#include <algorithm>
#include <map>
#include <ostream>

#include "io_sim/report/chart.h"
#include "io_sim/report/page.h"
#include "io_sim/report/report.h"
#include "io_sim/report/verdict_text.h"
#include "io_sim/scenario/names.h"

namespace p2p::sim {

namespace {

constexpr size_t kColumns = 50;
constexpr Tenths kGridLeft = 1'200;
constexpr Tenths kGridTop = 60;
constexpr Tenths kCell = 180;
constexpr size_t kLinesShown = 3;  // of a group; the rest folds away

using CellList = std::vector<const SweepCell*>;

// Scenarios in the order in which they first appear.
std::vector<std::pair<std::string, CellList>> by_scenario(const std::vector<SweepCell>& cells) {
  std::vector<std::pair<std::string, CellList>> scenarios;
  for (const SweepCell& cell : cells) {
    const auto same = [&cell](const auto& entry) { return entry.first == cell.result.scenario; };
    auto found = std::find_if(scenarios.begin(), scenarios.end(), same);
    if (found == scenarios.end()) {
      found = scenarios.insert(scenarios.end(), {cell.result.scenario, {}});
    }
    found->second.push_back(&cell);
  }
  return scenarios;
}

struct Group {
  std::string scenario;
  std::string failed;
  CellList cells;
};

// What did not end as promised; the largest group first.
std::vector<Group> failures_of(const std::vector<SweepCell>& cells) {
  std::map<std::pair<std::string, std::string>, CellList> found;
  for (const SweepCell& cell : cells) {
    if (cell.as_promised) continue;
    std::string failed = what_failed(cell.result);
    if (failed.empty()) failed = "passed, which the file does not promise";
    found[{cell.result.scenario, failed}].push_back(&cell);
  }
  std::vector<Group> groups;
  for (auto& [key, members] : found) groups.push_back({key.first, key.second, std::move(members)});
  std::stable_sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) { return a.cells.size() > b.cells.size(); });
  return groups;
}

std::string cell_svg(const SweepCell& cell, Tenths x, Tenths y) {
  const Result& result = cell.result;
  const std::string verdict(name_of(verdict_names(), result.verdict));
  const std::string failed = what_failed(result);
  const std::string says = "seed " + std::to_string(result.seed) + ": " +
                           (failed.empty() ? "passed" : failed) +
                           (cell.as_promised ? "" : " (not as promised)");
  std::string svg =
      rect_at(x, y, kCell, kCell, "cell " + verdict + (cell.as_promised ? " promised" : ""), says);
  if (!cell.as_promised) svg += rect_at(x + 15, y + 15, kCell - 30, kCell - 30, "unpromised");
  return svg;
}

std::string grid_figure(const std::string& scenario, const CellList& cells) {
  Figure figure;
  figure.title = scenario;
  figure.says = grouped(cells.size()) + " seeds, a square each, in rows of " +
                std::to_string(kColumns) + ". A framed one did not end as its file promises.";
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto column = static_cast<Tenths>(i % kColumns);
    const auto row = static_cast<Tenths>(i / kColumns);
    const Tenths y = kGridTop + row * kCell;
    if (column == 0) {
      figure.drawing +=
          text_at(kGridLeft - 100, y + 130, "end", "seed " + std::to_string(cells[i]->result.seed));
    }
    figure.drawing += cell_svg(*cells[i], kGridLeft + column * kCell, y);
  }
  const auto rows = static_cast<Tenths>((cells.size() + kColumns - 1) / kColumns);
  figure.height = kGridTop + rows * kCell + 60;
  const auto swatch = [](std::string_view verdict) {
    return "<rect class=\"cell " + std::string(verdict) + "\" width=\"12\" height=\"12\" x=\"5\"/>";
  };
  figure.legend = legend_of({legend_entry(swatch("pass"), "passed"),
                             legend_entry(swatch("violated"), "an invariant was broken"),
                             legend_entry(swatch("unmet"), "an expectation was not met"),
                             legend_entry(swatch("nondeterministic"), "two runs differed")});
  return figure_html(figure);
}

std::string lines_html(const Group& group) {
  std::string shown;
  std::string folded;
  for (size_t i = 0; i < group.cells.size(); ++i) {
    if (!group.cells[i]->repeat.empty()) {
      (i < kLinesShown ? shown : folded) += repeat_box(group.cells[i]->repeat);
    }
  }
  if (folded.empty()) return shown;
  return shown + "<details><summary>" + grouped(group.cells.size() - kLinesShown) +
         " more</summary>\n" + folded + "</details>\n";
}

std::string group_html(const Group& group) {
  const Result& first = group.cells.front()->result;
  std::string html = "<div class=\"card failure\"><h3>" + html_text(group.failed) + "</h3>\n" +
                     "<p class=\"soft\">" + html_text(group.scenario) + ": " +
                     grouped(group.cells.size()) + (group.cells.size() == 1 ? " seed" : " seeds") +
                     "</p>\n";
  const auto sentences = verdict_text(first).sentences;
  if (!sentences.empty()) {
    html +=
        "<p>Seed " + std::to_string(first.seed) + ": " + html_text(sentences.front()) + "</p>\n";
  }
  return html + lines_html(group) + "</div>\n";
}

std::string summary_html(const std::vector<SweepCell>& cells) {
  const auto failed = static_cast<size_t>(std::count_if(
      cells.begin(), cells.end(), [](const SweepCell& cell) { return !cell.as_promised; }));
  const bool good = failed == 0;
  return std::string("<div class=\"verdict ") + (good ? "pass" : "violated") +
         "\" id=\"verdict\"><strong>" +
         (good ? "All " + grouped(cells.size()) + " runs ended as promised"
               : grouped(failed) + " of " + grouped(cells.size()) +
                     " runs did not end as promised") +
         "</strong></div>\n";
}

}  // namespace

void write_sweep_report(std::ostream& out, const std::string& title,
                        const std::vector<SweepCell>& cells) {
  Page page;
  page.title = title;
  page.body = "<h1>" + html_text(title) + "</h1>\n" + summary_html(cells);
  const auto groups = failures_of(cells);
  if (!groups.empty()) {
    page.body += "<section id=\"failures\">\n<h2>What failed</h2>\n";
    for (const Group& group : groups) page.body += group_html(group);
    page.body += "</section>\n";
  }
  page.body += "<section id=\"seeds\">\n<h2>Every seed</h2>\n";
  for (const auto& [scenario, members] : by_scenario(cells)) {
    page.body += grid_figure(scenario, members);
  }
  page.body += "</section>\n<footer>Written by p2psim.</footer>\n";
  page.data_json = "{}";
  write_page(out, page);
}

}  // namespace p2p::sim
