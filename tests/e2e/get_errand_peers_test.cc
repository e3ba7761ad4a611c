// get by way of the running node: whom that is connected with, and whom a ticket names.
#include <gtest/gtest.h>

#include "tests/e2e/node.h"

namespace get_errand_peers_test {
namespace {

using namespace p2p::testing;

constexpr ExitStatus kDone{0, 0};
constexpr ExitStatus kNoPeer{3, 0};

class GetErrandPeers : public testing::Test {
 protected:
  GetErrandPeers() {
    make_file(place_ / "film", 2 * kMiB + 1, 1);
    sharing_ = std::make_unique<SharingNode>(
        place_, "sharing", Words{"share", "-S", "--listen", "[::1]:0", place_ / "film"});
    node_ = std::make_unique<Node>(place_, "store", joining({"run"}, *sharing_));
    // By then the two are connected.
    met_ = node_->process().expect_err("a peer is connected").has_value();
  }
  Finished get(const std::string& content, const Words& more = {}) {
    Words words = {"get", content, "-v", "-o", place_ / "got"};
    words.insert(words.end(), more.begin(), more.end());
    return place_.run("store", words);
  }
  std::string ticket(const std::string& peer) {
    return "p2p:" + sharing_->id() + "?name=film&peer=" + peer;
  }
  // A get of its own says where it listens.
  static bool was_alone(const Finished& finished) {
    return finished.err.find("listening on") != std::string::npos;
  }
  void expect_got() { EXPECT_EQ(sha256_of_file(place_ / "got"), sha256_of_file(place_ / "film")); }

  Place place_;
  std::unique_ptr<SharingNode> sharing_;
  std::unique_ptr<Node> node_;
  bool met_ = false;
};

TEST_F(GetErrandPeers, a_ticket_whose_peer_is_connected_goes_through_the_node) {
  ASSERT_TRUE(met_) << node_->process().transcript();
  // The first that it names is gone: one that is connected is enough.
  const Finished got = get(ticket("[::1]:9") + "&peer=" + sharing_->endpoint());
  ASSERT_EQ(got.status, kDone) << got.err << node_->process().transcript();
  EXPECT_FALSE(was_alone(got)) << got.err;
  expect_got();
}

TEST_F(GetErrandPeers, a_ticket_of_others_is_for_a_node_of_its_own) {
  ASSERT_TRUE(met_) << node_->process().transcript();
  make_file(place_ / "other", 2 * kMiB + 1, 2);
  SharingNode other(place_, "other_sharing",
                    {"share", "-S", "--listen", "[::1]:0", place_ / "other"});
  const Finished got = get("p2p:" + other.id() + "?peer=" + other.endpoint(), {"--timeout", "60s"});
  ASSERT_EQ(got.status, kDone) << got.err;
  EXPECT_TRUE(was_alone(got)) << got.err;
  EXPECT_NE(got.err.find("none of the ticket's peers is connected with it"), std::string::npos)
      << got.err;
  EXPECT_EQ(sha256_of_file(place_ / "got"), sha256_of_file(place_ / "other"));
}

TEST_F(GetErrandPeers, a_named_bootstrap_host_is_for_a_node_of_its_own_whatever_the_ticket_says) {
  ASSERT_TRUE(met_) << node_->process().transcript();
  const Finished got = get(ticket(sharing_->endpoint()), {"--bootstrap", sharing_->endpoint()});
  ASSERT_EQ(got.status, kDone) << got.err;
  EXPECT_TRUE(was_alone(got)) << got.err;
  expect_got();
}

TEST_F(GetErrandPeers, who_was_connected_once_is_no_peer_that_was_asked) {
  ASSERT_TRUE(met_) << node_->process().transcript();
  sharing_->process().terminate();
  ASSERT_EQ(sharing_->process().wait(), kDone);
  ASSERT_TRUE(node_->process().expect_err("no peer is connected any more"))
      << node_->process().transcript();
  const Finished got = get(std::string(64, 'a'), {"--timeout", "1s"});
  EXPECT_EQ(got.status, kNoPeer) << got.err;
  EXPECT_FALSE(was_alone(got)) << got.err;
  EXPECT_NE(got.err.find("no peer could be reached within 1 s, asked: " + sharing_->endpoint()),
            std::string::npos)
      << got.err;
}

}  // namespace
}  // namespace get_errand_peers_test
