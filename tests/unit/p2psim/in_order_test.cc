#include "apps/p2psim/in_order.h"

#include <gtest/gtest.h>

#include <string>

namespace p2p::sim::program {
namespace {

TEST(InOrder, gives_back_nothing_before_its_turn) {
  InOrder<std::string> order;
  EXPECT_FALSE(order.take().has_value());
  order.put(2, "two");
  order.put(1, "one");
  EXPECT_FALSE(order.take().has_value());
  order.put(0, "zero");
  EXPECT_EQ(order.take(), "zero");
  EXPECT_EQ(order.take(), "one");
  EXPECT_EQ(order.taken(), 2U);
  EXPECT_EQ(order.take(), "two");
  EXPECT_FALSE(order.take().has_value());
  EXPECT_EQ(order.taken(), 3U);
}

}  // namespace
}  // namespace p2p::sim::program
