#include "io_sim/trace/diff.h"

#include <gtest/gtest.h>

#include <sstream>

namespace p2p::sim {
namespace {

std::optional<TraceDifference> difference(const std::string& left, const std::string& right) {
  std::istringstream left_in(left);
  std::istringstream right_in(right);
  return first_difference(left_in, right_in);
}

using Lines = std::vector<std::string>;

TEST(TraceDiff, equal_traces_have_no_difference) {
  EXPECT_FALSE(difference("", ""));
  EXPECT_FALSE(difference("a\nb\n", "a\nb\n"));
}

TEST(TraceDiff, names_the_first_line_that_differs_and_not_a_later_one) {
  const auto found = difference("a\nb\nc\nd\n", "a\nx\nc\ny\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->line, 2u);
  EXPECT_EQ(found->common, Lines{"a"});
  EXPECT_EQ(found->left, "b");
  EXPECT_EQ(found->right, "x");
}

TEST(TraceDiff, shows_the_last_five_lines_before_the_difference) {
  const auto found = difference("1\n2\n3\n4\n5\n6\n7\nleft\n", "1\n2\n3\n4\n5\n6\n7\nright\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->line, 8u);
  EXPECT_EQ(found->common, (Lines{"3", "4", "5", "6", "7"}));
}

TEST(TraceDiff, a_trace_that_ends_early_differs_there) {
  const auto found = difference("a\n", "a\nb\n");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->line, 2u);
  EXPECT_EQ(found->left, std::nullopt);
  EXPECT_EQ(found->right, "b");
  const auto other = difference("a\n\n", "a\n");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->left, "");
  EXPECT_EQ(other->right, std::nullopt);
}

}  // namespace
}  // namespace p2p::sim
