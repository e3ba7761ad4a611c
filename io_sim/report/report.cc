// The report of one run: the verdict in words, then the figures.
#include "io_sim/report/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "engine/base/quantity.h"
#include "io_sim/report/figures.h"
#include "io_sim/report/page.h"
#include "io_sim/report/verdict_text.h"

namespace p2p::sim {

namespace {

using Json = nlohmann::ordered_json;

std::string fact(std::string_view what, const std::string& value) {
  return "<div><dt>" + std::string(what) + "</dt><dd>" + value + "</dd></div>\n";
}

std::string facts_html(const Result& result) {
  return "<dl class=\"facts\">\n" +
         fact("virtual time",
              duration_text(Duration::milliseconds(result.virtual_time.count_ms()))) +
         fact("nodes", grouped(result.nodes)) + fact("events", grouped(result.events)) +
         fact("sent as pieces", size_text(result.payload_bytes)) +
         fact("sent besides", size_text(result.control_bytes)) +
         fact("seed", std::to_string(result.seed)) +
         fact("trace hash", "<code>" + html_text(result.trace_hash) + "</code>") + "</dl>\n";
}

std::string head_html(const Result& result, const std::string& repeat) {
  const VerdictText verdict = verdict_text(result);
  std::string html = "<h1>" + html_text(result.scenario) + "</h1>\n<div class=\"verdict " +
                     std::string(verdict.css) + "\" id=\"verdict\"><strong>" +
                     html_text(verdict.word) + "</strong>";
  for (const std::string& sentence : verdict.sentences) {
    html += "<p>" + html_text(sentence) + "</p>";
  }
  html += "</div>\n" + facts_html(result);
  if (repeat.empty()) return html;
  return html + "<p class=\"repeat-label\">The line that repeats this run</p>\n" +
         repeat_box(repeat);
}

std::string expectation_row(const ExpectationResult& expectation, bool with_instead) {
  const bool met = expectation.met_at.has_value();
  std::string html = "<tr><td class=\"word ";
  html += met ? "is-met\">\u2713 met" : "is-unmet\">\u2717 not met";
  html += "</td><td>" + html_text(expectation.that) + "</td><td class=\"number\">" +
          time_text(expectation.by) + "</td><td class=\"number\">" +
          (met ? time_text(*expectation.met_at) : "\u2013") + "</td>";
  if (with_instead) html += "<td>" + html_text(expectation.instead) + "</td>";
  return html + "</tr>\n";
}

std::string expectations_html(const Result& result) {
  const auto& expectations = result.expectations;
  std::string html =
      "<section id=\"expectations\">\n<h2>What was expected</h2>\n<div class=\"card\">";
  if (expectations.empty()) {
    return html +
           "<p class=\"soft\">Nothing but that no invariant is broken.</p></div>\n</section>\n";
  }
  const bool with_instead = std::any_of(expectations.begin(), expectations.end(),
                                        [](const auto& one) { return !one.instead.empty(); });
  html +=
      "<table>\n<tr><th></th><th>that</th><th class=\"number\">by</th><th class=\"number\">met "
      "at</th>";
  if (with_instead) html += "<th>what there was instead</th>";
  html += "</tr>\n";
  for (const auto& expectation : expectations) html += expectation_row(expectation, with_instead);
  return html + "</table></div>\n</section>\n";
}

std::string section(std::string_view id, std::string_view title, const std::string& figures) {
  return "<section id=\"" + std::string(id) + "\">\n<h2>" + std::string(title) + "</h2>\n" +
         figures + "</section>\n";
}

Json heat_json(const HeatMap& map) {
  Json json;
  json["grouped"] = map.grouped;
  json["top"] = map.top;
  json["row_height"] = map.row_height;
  json["rows"] = Json::array();
  if (map.most == 0) return json;
  for (const HeatRow& row : map.rows) {
    Json one;
    one["name"] = row.name;
    one["from"] = Json::array();
    one["value"] = Json::array();
    for (const auto& [sample, held] : row.runs) {
      one["from"].push_back(sample);
      one["value"].push_back(held);
    }
    json["rows"].push_back(std::move(one));
  }
  return json;
}

template <class Member>
Json samples_json(const Recording& recording, Member member) {
  Json json = Json::array();
  for (const Sample& sample : recording.samples) json.push_back(sample.*member);
  return json;
}

// What report.js reads values from; lengths in tenths of a pixel.
std::string data_json(const Story& story, const HeatMap& map) {
  const Recording& recording = story.recording;
  const Rates rates = rates_of(recording);
  Json json;
  json["plot"]["left"] = kPlotLeft;
  json["plot"]["right"] = kPlotRight;
  json["end_ms"] = story.end().count_ms();
  json["at_ms"] = Json::array();
  for (const Sample& sample : recording.samples) json["at_ms"].push_back(sample.at.count_ms());
  json["running"] = samples_json(recording, &Sample::running);
  json["components"] = samples_json(recording, &Sample::components);
  json["knows_min"] = samples_json(recording, &Sample::knows_min);
  json["knows_median"] = samples_json(recording, &Sample::knows_median);
  json["knows_max"] = samples_json(recording, &Sample::knows_max);
  json["payload_rate"] = rates.payload;
  json["control_rate"] = rates.control;
  json["heat"] = heat_json(map);
  json["faults"] = Json::array();
  for (const RecordedFault& fault : recording.faults) {
    json["faults"].push_back({fault.from.count_ms(), fault.to.count_ms(), fault.what});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

void write_report(std::ostream& out, const Result& result, const Recording& recording,
                  const std::string& repeat) {
  const Story story{result, recording};
  const HeatMap map = heat_map_of(recording);
  const bool broken = result.verdict == Verdict::violated;
  const std::string messages = section("messages", broken ? "What led there" : "What was said last",
                                       spacetime_figure(story));
  Page page;
  page.title = result.scenario + ": " + std::string(verdict_text(result).word);
  page.body = head_html(result, repeat) + expectations_html(result);
  if (broken) page.body += messages;
  page.body += section("time", "As time went by",
                       knows_figure(story) + components_figure(story) + heat_figure(story, map) +
                           traffic_figure(story));
  page.body += section("faults", "Faults and commands", faults_figure(story));
  page.body += section("overlay", "The overlay", circle_figure(story));
  if (!broken) page.body += messages;
  page.body +=
      "<footer>Written by p2psim. The same scenario, seed and version give the same "
      "file.</footer>\n";
  page.data_json = data_json(story, map);
  write_page(out, page);
}

}  // namespace p2p::sim
