// Who breaks the protocol again and again is turned away, by its address; whoever shares the
// address gets in all the same, and everybody else at once. On hosts with public addresses, as
// nobody is refused on loopback.
#include <gtest/gtest.h>

#include <memory>

#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"
#include "tests/support/net_hub.h"
#include "tests/support/raw_peer.h"

namespace {

using namespace p2p::testing;
using nlohmann::json;

constexpr size_t kVictim = 0;
constexpr size_t kAttacker = 1;
constexpr size_t kOther = 2;

class Refused : public testing::Test {
 protected:
  void SetUp() override {
    if (!NetHub::available()) GTEST_SKIP() << NetHub::why_not();
    hub_ = std::make_unique<NetHub>(3);
    victim_ = std::make_unique<Node>(place_, "victim",
                                     Words{"-S", "--listen", NetHub::address(kVictim) + ":8100"},
                                     hub_->on(kVictim, {}));
    hub_->run_on(kAttacker, [this] {
      for (int i = 0; i < 20; ++i) {
        RawPeer peer(victim_->endpoint());
        peer.send_hex("01000000 03");
        ASSERT_TRUE(peer.wait_closed());
      }
    });
  }

  json status() const {
    const Finished asked = place_.run("victim", {"status", "--json"});
    EXPECT_EQ(asked.status, (ExitStatus{0, 0})) << asked.err;
    return json::parse(asked.out);
  }

  void expect_joins(const std::string& name, size_t host) {
    Node joining(place_, name,
                 Words{"run", "-v", "--listen", NetHub::address(host) + ":0", "--bootstrap",
                       victim_->endpoint()},
                 hub_->on(host, {}));
    EXPECT_TRUE(joining.process().expect_err("connected to the peer"))
        << joining.process().transcript();
  }

  Place place_;
  std::unique_ptr<NetHub> hub_;
  std::unique_ptr<Node> victim_;
};

TEST_F(Refused, the_address_of_twenty_broken_connections_is_listed_and_counted) {
  const json looked = status();
  ASSERT_EQ(looked.at("refused").size(), 1U) << looked;
  EXPECT_EQ(looked.at("refused")[0].at("address"), NetHub::address(kAttacker));
  EXPECT_EQ(looked.at("refused")[0].at("network"), false);
  EXPECT_GE(looked.at("refused")[0].at("turned_away"), 1);
  EXPECT_EQ(looked.at("closed").at("refused"), looked.at("refused")[0].at("turned_away"));
}

TEST_F(Refused, an_honest_node_at_another_address_joins) { expect_joins("other", kOther); }

TEST_F(Refused, an_honest_node_behind_the_same_address_joins) { expect_joins("same", kAttacker); }

}  // namespace
