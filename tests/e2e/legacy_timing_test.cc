// Both roles and both directions of dialling with the original's true pace: its first frame comes 8
// to 11 s after its dial, then one burst every 1 to 11 s. All four at once, as they mostly wait.
#include <gtest/gtest.h>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;

constexpr char kAll[] = "0,1,2,3,4,5,6,7,8,9";
constexpr milliseconds kPatience = seconds(180);

Words demo(const std::string& shape) {
  return {"run", "--piece-size", "128KiB", "--demo=" + shape};
}

Words demo_server(const std::string& shape) {
  Words words = demo(shape);
  words.insert(words.end(), {"-S", "--listen", "[::1]:0"});
  return words;
}

TEST(LegacyTiming, pieces_go_both_ways_whoever_dialled_first) {
  Place place;
  Node dialled_holder(place, "dialled-holder", demo_server("10,10,0"));
  LegacyNode dialling_wanter({"--want", kAll, "--bootstrap", dialled_holder.endpoint()});

  LegacyNode dialled_wanter({"--want", kAll});
  Node dialling_holder(place, "dialling-holder",
                       joining(demo("10,10,0"), dialled_wanter.endpoint()));

  Node dialled_asker(place, "dialled-asker", demo_server("10,0,10"));
  LegacyNode dialling_giver({"--have", kAll, "--bootstrap", dialled_asker.endpoint()});

  LegacyNode dialled_giver({"--have", kAll});
  Node dialling_asker(place, "dialling-asker", joining(demo("10,0,10"), dialled_giver.endpoint()));

  for (LegacyNode* wanter : {&dialling_wanter, &dialled_wanter}) {
    EXPECT_TRUE(wanter->process().expect_out("^done$", kPatience))
        << wanter->process().transcript();
  }
  for (Node* asker : {&dialled_asker, &dialling_asker}) {
    EXPECT_TRUE(asker->process().expect_out("^demo: 10 of 10 pieces, 0 wanted", kPatience))
        << asker->process().transcript();
  }
  for (LegacyNode* theirs : {&dialling_wanter, &dialled_wanter, &dialling_giver, &dialled_giver}) {
    EXPECT_EQ(theirs->stop_and_complain(), "");
  }
}

}  // namespace
