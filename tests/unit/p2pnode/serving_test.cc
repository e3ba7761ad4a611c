#include "apps/p2pnode/serving.h"

#include <gtest/gtest.h>

namespace p2p::app::serving_test {
namespace {

constexpr Duration kHour = Duration::minutes(60);

TEST(ServeUntil, the_time_or_the_bytes_whichever_comes_first) {
  GetOptions options;
  options.serve_for = kHour;
  options.serve_ratio = 1.5;
  const ServeUntil both = serve_until(options, 1000);
  EXPECT_FALSE(both.reached(kHour - Duration::seconds(1), 1499));
  EXPECT_TRUE(both.reached(kHour, 0));
  EXPECT_TRUE(both.reached(Duration(), 1500));
}

TEST(ServeUntil, one_alone_knows_nothing_of_the_other) {
  GetOptions options;
  EXPECT_FALSE(options.serves());
  options.serve_ratio = 2;
  EXPECT_TRUE(options.serves());
  EXPECT_FALSE(serve_until(options, 1000).reached(kHour * 1000, 1999));
  EXPECT_TRUE(serve_until(options, 1000).reached(Duration(), 2000));
  EXPECT_TRUE(serve_until(options, 0).reached(Duration(), 0)) << "nothing is sent at once";
  options.serve_ratio.reset();
  options.serve_for = kHour;
  EXPECT_FALSE(serve_until(options, 1).reached(Duration(), UINT64_MAX));
}

}  // namespace
}  // namespace p2p::app::serving_test
