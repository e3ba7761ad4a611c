#include "apps/p2pnode/options.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

TEST(DataDir, is_the_systems_for_root_and_the_users_otherwise) {
  EXPECT_EQ(default_data_dir(true, "/data", "/root"), "/var/lib/p2pnode");
  EXPECT_EQ(default_data_dir(false, "/data", "/home/ann"), "/data/p2pnode");
  EXPECT_EQ(default_data_dir(false, "", "/home/ann"), "/home/ann/.local/share/p2pnode");
}

TEST(DataDir, of_a_relative_xdg_folder_is_below_home) {
  EXPECT_EQ(default_data_dir(false, "data", "/home/ann"), "/home/ann/.local/share/p2pnode");
}

TEST(DataDir, is_nowhere_without_a_home) { EXPECT_EQ(default_data_dir(false, "", ""), ""); }

TEST(DemoShape, is_three_numbers) {
  const auto result = parse_demo_shape("10,4,6");
  const auto* shape = std::get_if<DemoShape>(&result);
  ASSERT_NE(shape, nullptr);
  EXPECT_EQ(shape->pool, 10U);
  EXPECT_EQ(shape->have, 4U);
  EXPECT_EQ(shape->want, 6U);
}

TEST(DemoShape, of_anything_else_is_refused) {
  for (const char* text : {"", "10", "10,", "10,4", "10,4,", "10,4,6,1", "10,4,six", "10, 4,6",
                           "10,11,0", "10,0,11", "4294967296,0,0", "1000001,1,1"}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(parse_demo_shape(text))) << text;
  }
}

}  // namespace
}  // namespace p2p::app
