#include "apps/p2pnode/text_table.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

TEST(TextTable, columns_line_up_to_the_left_or_the_right) {
  EXPECT_EQ(
      table_text("lrl", {{"NAME", "SIZE", "KIND"}, {"a", "1.2 MiB", "x"}, {"long one", "3 B"}}),
      "NAME         SIZE  KIND\n"
      "a         1.2 MiB  x\n"
      "long one      3 B\n");
}

TEST(TextTable, nothing_stands_at_the_end_of_a_line) {
  EXPECT_EQ(table_text("ll", {{"a", ""}, {"bb", "c"}}), "a\nbb  c\n");
  EXPECT_EQ(table_text("ll", {}), "");
}

}  // namespace
}  // namespace p2p::app
