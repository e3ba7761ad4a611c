// p2psim check: mistakes in scenario files, with their place.
#include <gtest/gtest.h>

#include "tests/e2e_sim/sim.h"

namespace p2p::testing {
namespace {

TEST(SimCheck, names_the_scenarios_that_can_be_run) {
  const Place place;
  place.write("meets.toml", kMeets);
  place.write("much.toml", kAsksTooMuch);
  const Finished finished = place.run({"check", "meets.toml", "much.toml"});
  EXPECT_EQ(finished.status, ExitStatus{0}) << finished.err;
  EXPECT_EQ(finished.out, "ok three meet\nok asks too much\n");
  EXPECT_EQ(finished.err, "");
}

struct Mistake {
  const char* line;   // the last of the file
  const char* place;  // where it is
  const char* word;   // that the message has
  size_t caret;       // the column under which it stands, from 1
};

TEST(SimCheck, shows_a_mistake_with_its_line_and_a_caret_and_exits_2) {
  for (const Mistake& mistake : std::vector<Mistake>{
           {"latancy = \"20ms\"", ":8:1: error: ", "latency", 1},
           {"latency = \"20parsec\"", ":8:11: error: ", "20parsec", 11},
       }) {
    const Place place;
    place.write("bad.toml", std::string("schema = 1\nname = \"x\"\nstop = \"1min\"\n\n[[nodes]]\n"
                                        "id = \"boot\"\n[network]\n") +
                                mistake.line + "\n");
    const Finished finished = place.run({"check", "bad.toml"});
    EXPECT_EQ(finished.status, ExitStatus{2});
    EXPECT_EQ(finished.out, "");
    EXPECT_EQ(finished.err.rfind(std::string("bad.toml") + mistake.place, 0), 0U) << finished.err;
    EXPECT_NE(finished.err.find(mistake.word), std::string::npos) << finished.err;
    const size_t source = finished.err.find(mistake.line, finished.err.find('\n'));
    ASSERT_NE(source, std::string::npos) << finished.err;
    const size_t margin = source - (finished.err.rfind('\n', source) + 1);
    const size_t below = finished.err.find('\n', source) + 1;
    EXPECT_EQ(finished.err.find('^', below), below + margin + mistake.caret - 1) << finished.err;
  }
}

TEST(SimCheck, finds_nodes_that_there_are_not_and_tables_that_are_broken) {
  const Place place;
  place.write("unknown.toml", std::string(kMeets) + "nodes = \"pear[*]\"\n");
  place.write("broken.toml", "schema = 1\n[[nodes\nid = \"boot\"\n");
  const Finished finished = place.run({"check", "unknown.toml", "broken.toml"});
  EXPECT_EQ(finished.status, ExitStatus{2});
  EXPECT_NE(finished.err.find("unknown.toml:16:9: "), std::string::npos) << finished.err;
  EXPECT_NE(finished.err.find("broken.toml:2:"), std::string::npos) << finished.err;
}

TEST(SimCheck, goes_on_behind_a_bad_file) {
  const Place place;
  place.write("meets.toml", kMeets);
  const Finished finished = place.run({"check", "missing.toml", "meets.toml"});
  EXPECT_EQ(finished.status, ExitStatus{2});
  EXPECT_EQ(finished.out, "ok three meet\n");
  EXPECT_EQ(finished.err, "error: can't read missing.toml: No such file or directory\n");
}

}  // namespace
}  // namespace p2p::testing
