// What somebody most likely meant.
#include "io_sim/scenario/suggestions.h"

#include <gtest/gtest.h>

#include <array>

namespace p2p::sim {
namespace {

constexpr std::array<std::string_view, 4> kKnown{"latency", "loss", "bandwidth", "queue"};

TEST(Nearest, forgives_a_letter_left_out_added_changed_or_swapped) {
  EXPECT_EQ(nearest("latncy", kKnown), "latency");
  EXPECT_EQ(nearest("latencey", kKnown), "latency");
  EXPECT_EQ(nearest("letency", kKnown), "latency");
  EXPECT_EQ(nearest("latecny", kKnown), "latency");
}

TEST(Nearest, takes_large_letters_for_small_ones) { EXPECT_EQ(nearest("LOSS", kKnown), "loss"); }

TEST(Nearest, is_nothing_when_most_letters_are_wrong) {
  EXPECT_EQ(nearest("colour", kKnown), std::nullopt);
  EXPECT_EQ(nearest("x", kKnown), std::nullopt);
  EXPECT_EQ(nearest("", kKnown), std::nullopt);
  EXPECT_EQ(nearest(std::string(1'000, 'l'), kKnown), std::nullopt);
}

TEST(Nearest, is_the_first_of_several_as_near) {
  constexpr std::array<std::string_view, 2> kMinMax{"min", "mix"};
  EXPECT_EQ(nearest("mi", kMinMax), "min");
}

TEST(Meant, lists_what_there_is_when_nothing_is_near) {
  EXPECT_EQ(meant("colour", kKnown), "there is latency, loss, bandwidth or queue");
  EXPECT_EQ(meant("los", kKnown), "did you mean \"loss\"?");
}

}  // namespace
}  // namespace p2p::sim
