// What can be said of a report without a browser; tests/report opens it in one.
#include "io_sim/report/report.h"

#include <gtest/gtest.h>

#include <sstream>

#include "io_sim/report/figures.h"
#include "io_sim/report/groups.h"
#include "io_sim/report/page.h"
#include "io_sim/report/verdict_text.h"
#include "tests/report/made_up_runs.h"

namespace p2p::sim {
namespace {

using testing::failing_run;
using testing::MadeUpRun;
using testing::passing_run;
using testing::sweep_cells;

std::string report_of(const MadeUpRun& run) {
  std::ostringstream out;
  write_report(out, run.result, run.recording, "p2psim run x.toml --seed 1");
  return out.str();
}

TEST(Report, of_the_same_run_has_the_same_bytes) {
  EXPECT_EQ(report_of(failing_run()), report_of(failing_run()));
  EXPECT_NE(report_of(failing_run()), report_of(passing_run(12)));
}

TEST(Report, needs_nothing_from_outside) {
  std::ostringstream sweep;
  write_sweep_report(sweep, "a sweep", sweep_cells(100));
  for (const std::string& html : {report_of(failing_run()), sweep.str()}) {
    for (const std::string_view outside : {"http:", "https:", "src=", "url(", "@import", "//cdn"}) {
      EXPECT_EQ(html.find(outside), std::string::npos) << outside;
    }
    EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  }
}

TEST(Report, escapes_text_for_html_and_data_for_the_script_element) {
  EXPECT_EQ(html_text("<a href=\"x\">'&'</a>"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  std::ostringstream out;
  write_page(out, {"<t>", "<p>body</p>", R"({"a":"</script><!--"})"});
  EXPECT_NE(out.str().find("<title>&lt;t&gt;</title>"), std::string::npos);
  EXPECT_NE(out.str().find(R"({"a":"\u003c/script>\u003c!--"})"), std::string::npos);
}

TEST(Report, says_each_verdict_in_a_sentence) {
  Result result = failing_run().result;
  EXPECT_EQ(verdict_text(result).sentences.front(),
            "At 94.217 s (1 min 34 s), peer[7] broke the invariant \u201cone_answer\u201d: the ask "
            "for 30e14955 that it sent to peer[2] was answered twice.");
  EXPECT_EQ(what_failed(result), "broken: one_answer");
  result.verdict = Verdict::unmet;
  EXPECT_EQ(verdict_text(result).word, "An expectation was not met");
  EXPECT_EQ(verdict_text(result).sentences,
            std::vector<std::string>{"\u201cholds film, peer[*]\u201d did not come to hold by 4 "
                                     "min: peer[7] and 2 more have 61 of 64 pieces."});
  EXPECT_EQ(what_failed(result), "not met: holds film, peer[*]");
  result.verdict = Verdict::nondeterministic;
  EXPECT_EQ(what_failed(result), "two runs of one seed differed");
  result = passing_run(3).result;
  EXPECT_EQ(verdict_text(result).sentences,
            std::vector<std::string>{"All that was expected came to hold (2 expectations), and no "
                                     "invariant was broken."});
  EXPECT_EQ(what_failed(result), "");
}

TEST(Report, gives_nodes_a_row_each_or_a_row_for_neighbours_of_one_group) {
  Recording recording;
  recording.nodes.push_back({"boot", Behaviour::honest});
  for (int i = 0; i < 5; ++i) {
    recording.nodes.push_back({"peer[" + std::to_string(i) + "]", Behaviour::honest});
  }
  const auto names = [&recording](size_t each) {
    std::vector<std::string> found;
    for (const NodeRow& row : rows_of_nodes(recording, each)) found.push_back(row.name);
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(1), (Names{"boot", "peer[0]", "peer[1]", "peer[2]", "peer[3]", "peer[4]"}));
  EXPECT_EQ(names(2), (Names{"boot", "peer[0..1]", "peer[2..3]", "peer[4]"}));
  EXPECT_EQ(names(100), (Names{"boot", "peer[0..4]"}));
}

TEST(Report, shows_the_mean_of_a_row_and_never_none_where_there_is_one) {
  Recording recording;
  for (int i = 0; i < 400; ++i) {
    recording.nodes.push_back({"peer[" + std::to_string(i) + "]", Behaviour::honest});
  }
  Sample first;
  first.held.assign(400, 0);
  Sample second = first;
  second.held[0] = 1;
  Sample third = first;
  third.held.assign(400, 7);
  recording.samples = {first, second, third};
  const HeatMap map = heat_map_of(recording);
  EXPECT_TRUE(map.grouped);
  ASSERT_EQ(map.rows.size(), 100u);
  EXPECT_EQ(map.most, 7u);
  using Runs = std::vector<std::pair<size_t, uint64_t>>;
  EXPECT_EQ(map.rows[0].runs, (Runs{{0, 0}, {1, 1}, {2, 7}}));
  EXPECT_EQ(map.rows[1].runs, (Runs{{0, 0}, {2, 7}}));
}

TEST(Report, shows_traffic_as_bytes_a_second) {
  Recording recording;
  const auto sample = [&recording](int64_t ms, uint64_t payload, uint64_t control) {
    Sample made;
    made.at = Duration::milliseconds(ms);
    made.payload_bytes = payload;
    made.control_bytes = control;
    recording.samples.push_back(made);
  };
  sample(0, 0, 0);
  sample(500, 1'000, 10);
  sample(2'500, 1'000, 50);
  EXPECT_EQ(rates_of(recording).payload, (std::vector<uint64_t>{2'000, 0, 0}));
  EXPECT_EQ(rates_of(recording).control, (std::vector<uint64_t>{20, 20, 20}));
}

TEST(Report, ends_vertical_axes_with_a_round_number) {
  const auto top_of = [](uint64_t highest, Steps steps) {
    return panel_for(0, 1'000, highest, steps).max;
  };
  EXPECT_EQ(top_of(0, Steps::decimal), 1u);
  EXPECT_EQ(top_of(11, Steps::decimal), 15u);
  EXPECT_EQ(top_of(250, Steps::decimal), 250u);
  EXPECT_EQ(top_of(1'000'000'000'000, Steps::decimal), 1'000'000'000'000u);
  EXPECT_EQ(top_of(5'000, Steps::binary), 5'120u);
  const Panel panel = panel_for(100, 1'000, uint64_t{1} << 62, Steps::binary);
  EXPECT_EQ(panel.y(0), 1'100);
  EXPECT_EQ(panel.y(panel.max / 2), 600);
  EXPECT_EQ(panel.y(panel.max), 100);
}

TEST(Report, writes_numbers_and_moments_for_people) {
  EXPECT_EQ(grouped(7), "7");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(123'456), "123,456");
  EXPECT_EQ(px(123), "12.3");
  EXPECT_EQ(px(-120), "-12");
  EXPECT_EQ(moment_text(Duration::milliseconds(12'007)), "12.007 s");
  EXPECT_EQ(time_text(Duration::milliseconds(12'007)), "12.007 s");
  EXPECT_EQ(time_text(Duration::minutes(4)), "4 min");
  EXPECT_EQ(time_text(Duration::milliseconds(94'217)), "94.217 s (1 min 34 s)");
}

}  // namespace
}  // namespace p2p::sim
