// Reports as a browser sees them: opened from a file, with every script run.
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/report/made_up_runs.h"
#include "tests/support/file.h"
#include "tests/support/process.h"

namespace p2p::sim {
namespace {

using p2p::testing::TempDir;
using testing::failing_run;
using testing::MadeUpRun;
using testing::passing_run;

std::string browser() {
  for (const char* const path :
       {"/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

struct Opened {
  std::string dom;      // after the scripts have run
  std::string console;  // what they, or the browser because of them, had to say
};

Opened open_page(const std::string& html) {
  const TempDir dir;
  p2p::testing::write_file(dir / "page.html", html);
  const auto finished = p2p::testing::run(
      {browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
       "--disable-background-networking", "--disable-component-update", "--disable-sync",
       "--disable-dev-shm-usage", "--user-data-dir=" + dir / "profile",
       "--virtual-time-budget=5000", "--enable-logging=stderr", "--v=0", "--dump-dom",
       "file://" + dir / "page.html"},
      {}, p2p::testing::kSoon * 4);
  EXPECT_EQ(finished.status.code, 0) << finished.err;
  std::string console;
  std::istringstream lines(finished.err);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("CONSOLE") != std::string::npos) console += line + "\n";
  }
  return {finished.out, console};
}

std::string report_of(const MadeUpRun& run) {
  std::ostringstream out;
  write_report(out, run.result, run.recording, "p2psim run film.toml --seed 4711");
  return out.str();
}

std::string section_of(const std::string& dom, const std::string& id) {
  const size_t from = dom.find("<section id=\"" + id + "\"");
  if (from == std::string::npos) return "";
  return dom.substr(from, dom.find("</section>", from) - from);
}

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// Paths of a class that go somewhere: from a point, through `steps` more at least.
size_t count_drawn(const std::string& text, const std::string& css, size_t steps) {
  static const std::regex pattern("<path class=\"([^\"]*)\"[^>]* d=\"(M[0-9.]+,[0-9.]+[^\"]*)\"");
  size_t found = 0;
  for (std::sregex_iterator path(text.begin(), text.end(), pattern), end; path != end; ++path) {
    const std::string classes = " " + (*path)[1].str() + " ";
    const std::string points = (*path)[2].str();
    const auto commands =
        static_cast<size_t>(std::count_if(points.begin(), points.end(), [](char c) {
          return std::isalpha(static_cast<unsigned char>(c)) != 0;
        }));
    if (classes.find(" " + css + " ") != std::string::npos && commands > steps) ++found;
  }
  return found;
}

void expect_no_error(const Opened& page) {
  EXPECT_EQ(page.console, "");
  EXPECT_EQ(page.dom.find("data-error="), std::string::npos);
  EXPECT_NE(page.dom.find("data-ready=\"yes\""), std::string::npos);
}

class ReportInABrowser : public ::testing::Test {
 protected:
  void SetUp() override {
    if (browser().empty()) GTEST_SKIP() << "there is no Chromium";
  }
};

// The other tests rest on it.
TEST_F(ReportInABrowser, shows_an_error_of_a_script_to_this_test) {
  std::string html = report_of(failing_run());
  const std::string from = "const data = ";
  html.replace(html.find(from), from.size(), "const data = nothing.of.that.name; const other = ");
  const Opened page = open_page(html);
  EXPECT_NE(page.console, "");
  EXPECT_NE(page.dom.find("data-error="), std::string::npos);
  EXPECT_EQ(page.dom.find("data-ready=\"yes\""), std::string::npos);
}

TEST_F(ReportInABrowser, of_a_failing_run_says_what_failed_and_draws_it) {
  const Opened page = open_page(report_of(failing_run()));
  expect_no_error(page);
  EXPECT_NE(page.dom.find("At 94.217 s (1 min 34 s), peer[7] broke the invariant"),
            std::string::npos);
  EXPECT_NE(page.dom.find("<code>p2psim run film.toml --seed 4711</code>"), std::string::npos);

  const std::string messages = section_of(page.dom, "messages");
  EXPECT_GE(count_drawn(messages, "message", 1), 30u);
  EXPECT_EQ(count(messages, "class=\"broke\""), 1u);
  EXPECT_NE(messages.find("peer[7] breaks one_answer"), std::string::npos);

  const std::string time = section_of(page.dom, "time");
  EXPECT_EQ(count(time, "<figure"), 4u);
  EXPECT_EQ(count_drawn(time, "line", 4), 6u);
  EXPECT_GE(count_drawn(time, "h9", 12), 1u);
  // Two panels of traffic share an axis.
  EXPECT_EQ(count(time, "class=\"lane\""), 4u);
  EXPECT_EQ(count(time, "class=\"moment\""), 5u);

  EXPECT_EQ(count(section_of(page.dom, "faults"), "class=\"fault\""), 1u + 2u * 4u);
  const std::string overlay = section_of(page.dom, "overlay");
  EXPECT_EQ(count(overlay, "data-node="), 12u);
  EXPECT_EQ(count_drawn(overlay, "link", 1), failing_run().recording.links.size());
}

TEST_F(ReportInABrowser, shows_markup_in_names_as_text) {
  MadeUpRun run = failing_run();
  run.result.scenario = "</script><script>document.title = \"taken\"</script>";
  run.result.violated->detail = "<img src=x onerror=alert(1)>";
  run.recording.nodes[1].name = "</title><b>\"x\"";
  for (auto& message : run.recording.messages) message.what = "<!--<script>";
  for (auto& fault : run.recording.faults) fault.what = "</script><script>'\\";
  const Opened page = open_page(report_of(run));
  expect_no_error(page);
  EXPECT_EQ(page.dom.find("<title>taken"), std::string::npos);
  EXPECT_EQ(page.dom.find("<img"), std::string::npos);
  EXPECT_EQ(page.dom.find("<b>"), std::string::npos);
  EXPECT_EQ(count(page.dom, "<script"), 2u);
}

TEST_F(ReportInABrowser, reads_off_values_where_the_pointer_is) {
  std::string html = report_of(failing_run());
  const std::string end = "</body>";
  html.replace(html.rfind(end), end.size(), R"(<script>
for (const svg of document.querySelectorAll("svg[data-reads]")) {
  const box = svg.getBoundingClientRect();
  svg.dispatchEvent(new PointerEvent("pointermove", {
    clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }));
  svg.dataset.said = document.getElementById("hint").textContent;
}
</script></body>)");
  const Opened page = open_page(html);
  expect_no_error(page);
  const auto said = [&page](const std::string& chart) {
    const std::regex pattern("data-reads=\"" + chart + "\" data-said=\"([^\"]*)\"");
    std::smatch match;
    return std::regex_search(page.dom, match, pattern) ? match[1].str() : "";
  };
  EXPECT_NE(said("knows").find("median: 8"), std::string::npos) << said("knows");
  EXPECT_NE(said("components").find("components: 3"), std::string::npos) << said("components");
  EXPECT_NE(said("components").find("partition boot"), std::string::npos) << said("components");
  EXPECT_NE(said("heat").find(" pieces"), std::string::npos) << said("heat");
  EXPECT_NE(said("traffic").find("control: "), std::string::npos) << said("traffic");
}

TEST_F(ReportInABrowser, of_a_thousand_nodes_groups_them) {
  const Opened page = open_page(report_of(passing_run(1000)));
  expect_no_error(page);
  EXPECT_NE(page.dom.find("<strong>Passed</strong>"), std::string::npos);
  const std::string time = section_of(page.dom, "time");
  EXPECT_EQ(count_drawn(time, "line", 4), 6u);
  EXPECT_GE(count_drawn(time, "h9", 100), 1u);
  EXPECT_NE(time.find("peer[20..29]"), std::string::npos);
  EXPECT_GE(count_drawn(section_of(page.dom, "overlay"), "dots", 900), 1u);
  EXPECT_LT(page.dom.size(), size_t{2} << 20);
}

TEST_F(ReportInABrowser, of_a_run_without_samples_is_a_page_all_the_same) {
  const Opened page = open_page(report_of({}));
  expect_no_error(page);
  EXPECT_NE(page.dom.find("No node held a piece."), std::string::npos);
}

TEST_F(ReportInABrowser, of_a_sweep_has_a_square_for_each_seed_and_groups_of_failures) {
  std::ostringstream out;
  write_sweep_report(out, "seeds 1..360", testing::sweep_cells(360));
  const Opened page = open_page(out.str());
  expect_no_error(page);
  EXPECT_NE(page.dom.find("12 of 360 runs did not end as promised"), std::string::npos);
  EXPECT_EQ(count(section_of(page.dom, "seeds"), "<rect x=") -
                count(section_of(page.dom, "seeds"), "class=\"unpromised\""),
            360u);
  const std::string failures = section_of(page.dom, "failures");
  EXPECT_NE(failures.find("<h3>broken: one_answer</h3>"), std::string::npos);
  EXPECT_NE(failures.find("swarm: 9 seeds"), std::string::npos);
  EXPECT_NE(failures.find("<h3>not met: connected</h3>"), std::string::npos);
  EXPECT_NE(failures.find("swarm: 3 seeds"), std::string::npos);
  EXPECT_EQ(count(failures, "--seed "), 12u);
}

}  // namespace
}  // namespace p2p::sim
