// A signal ends p2psim in order, and its children with it.
#include <gtest/gtest.h>

#include <csignal>

#include "tests/e2e_sim/sim.h"

namespace p2p::testing {
namespace {

TEST(SimInterruption, of_a_sweep_prints_what_is_known_and_exits_1) {
  const Place place;
  place.write("much.toml", kAsksTooMuch);
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto sweep = place.start({"sweep", "much.toml", "--seeds", "1..1000000", "-j", "2"});
    ASSERT_TRUE(sweep->expect_out("^FAIL  asks too much  seed 3: ").has_value())
        << sweep->transcript();
    sweep->send_signal(signal);
    // The output ends only when no child is left that could write to it.
    const auto status = sweep->wait();
    ASSERT_TRUE(status.has_value()) << sweep->transcript();
    EXPECT_EQ(*status, ExitStatus{1});
    EXPECT_GE(sweep->count_lines(Stream::out, "seeds: .*knows_at_least 50"), 1U)
        << sweep->transcript();
    EXPECT_EQ(sweep->count_lines(Stream::err, "^error: interrupted after .* of 1,000,000 runs$"),
              1U)
        << sweep->transcript();
  }
}

TEST(SimInterruption, of_a_run_says_which_and_exits_1) {
  const Place place;
  place.write("meets.toml", kMeets);
  // Years of virtual time, in which nodes that live on talk to each other.
  std::string endless = kMeets;
  endless.replace(endless.find("30s"), 3, "10000h");
  place.write("endless.toml", endless);
  const auto run = place.start({"run", "meets.toml", "endless.toml"});
  ASSERT_TRUE(run->expect_out("^pass  three meet").has_value()) << run->transcript();
  run->send_signal(SIGINT);
  const auto status = run->wait();
  ASSERT_TRUE(status.has_value()) << run->transcript();
  EXPECT_EQ(*status, ExitStatus{1});
  EXPECT_EQ(run->output(Stream::err), "error: interrupted while it ran endless.toml\n");
}

}  // namespace
}  // namespace p2p::testing
