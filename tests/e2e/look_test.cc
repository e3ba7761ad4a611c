// Looking into a node that runs: p2pnode peers and p2pnode status.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"
#include "tests/support/raw_peer.h"

namespace {

using namespace p2p::testing;
using nlohmann::json;

constexpr ExitStatus kDone{0, 0};
constexpr ExitStatus kNoNode{3, 0};
constexpr ExitStatus kUnknown{4, 0};

std::string socket_of(const Place& place, const std::string& name) {
  return place / name + "/control.sock";
}

json answer_of(const Place& place, const std::string& name, Words arguments) {
  arguments.push_back("--json");
  const Finished asked = place.run(name, arguments);
  EXPECT_EQ(asked.err, "");
  EXPECT_EQ(std::count(asked.out.begin(), asked.out.end(), '\n'), 1);
  return json::parse(asked.out);
}

// Two nodes that know each other.
class TwoNodes : public testing::Test {
 protected:
  void SetUp() override {
    for (Node* node : {&bootstrap_, &joined_}) {
      ASSERT_TRUE(node->process().expect_err("a peer is connected"))
          << node->process().transcript();
    }
  }

  Place place_;
  Node bootstrap_{place_, "bootstrap", server()};
  Node joined_{place_, "joined", joining({"run"}, bootstrap_)};
};

TEST_F(TwoNodes, each_lists_the_other_with_direction_and_bytes) {
  const json at_joined = answer_of(place_, "joined", {"peers"});
  EXPECT_EQ(at_joined.at("schema"), 1);
  ASSERT_EQ(at_joined.at("peers").size(), 1U) << at_joined;
  const json& out = at_joined.at("peers")[0];
  EXPECT_EQ(out.at("endpoint"), bootstrap_.endpoint());
  EXPECT_EQ(out.at("direction"), "out");
  EXPECT_EQ(out.at("identified"), true);
  EXPECT_EQ(out.at("legacy"), false);
  EXPECT_GT(out.at("bytes_in"), 0);
  EXPECT_GT(out.at("bytes_out"), 0);
  EXPECT_GT(out.at("round_trip_us"), 0);
  EXPECT_LT(out.at("age_ms"), 600'000);

  const json at_bootstrap = answer_of(place_, "bootstrap", {"peers"});
  ASSERT_EQ(at_bootstrap.at("peers").size(), 1U) << at_bootstrap;
  EXPECT_EQ(at_bootstrap.at("peers")[0].at("direction"), "in");
  EXPECT_EQ(at_bootstrap.at("peers")[0].at("listens"), joined_.endpoint());
}

TEST_F(TwoNodes, a_table_has_a_line_for_each_peer) {
  const Finished asked = place_.run("joined", {"peers"});
  EXPECT_EQ(asked.status, kDone) << asked.err;
  EXPECT_TRUE(asked.out.starts_with("ENDPOINT ")) << asked.out;
  EXPECT_NE(asked.out.find("\n" + bootstrap_.endpoint() + " "), std::string::npos) << asked.out;
  EXPECT_EQ(std::count(asked.out.begin(), asked.out.end(), '\n'), 2) << asked.out;
}

TEST_F(TwoNodes, a_status_counts_the_dial_and_the_book) {
  const json status = answer_of(place_, "joined", {"status"});
  EXPECT_EQ(status.at("schema"), 1);
  EXPECT_EQ(status.at("process"), joined_.process().pid());
  EXPECT_EQ(status.at("listening"), joined_.endpoint());
  EXPECT_EQ(status.at("dials").at("succeeded"), 1);
  EXPECT_EQ(status.at("book").at("tried"), 1);
  EXPECT_EQ(status.at("book").at("hearsay"), 0);
  EXPECT_EQ(status.at("peers").size(), 1U);

  const Finished asked = place_.run("bootstrap", {"status"});
  EXPECT_EQ(asked.status, kDone) << asked.err;
  EXPECT_NE(asked.out.find("\naccepted   1 connection\n"), std::string::npos) << asked.out;
}

TEST_F(TwoNodes, a_connected_one_is_said_to_be_connected) {
  const json why = answer_of(place_, "joined", {"peers", "--why", bootstrap_.endpoint()});
  EXPECT_EQ(why.at("known"), true);
  EXPECT_EQ(why.at("connected"), true);
  EXPECT_EQ(why.at("why"), "connected: it was dialled");
  EXPECT_EQ(why.at("book").at("set"), "tried");
  EXPECT_EQ(why.at("bootstrap").at("state"), "reached");
}

TEST_F(TwoNodes, the_socket_is_the_owners_alone_and_goes_with_the_node) {
  struct stat there {};
  ASSERT_EQ(::stat(socket_of(place_, "joined").c_str(), &there), 0);
  EXPECT_TRUE(S_ISSOCK(there.st_mode));
  EXPECT_EQ(there.st_mode & 07777U, 0600U);
  joined_.process().terminate();
  EXPECT_EQ(joined_.process().wait(), kDone);
  EXPECT_FALSE(std::filesystem::exists(socket_of(place_, "joined")));
  EXPECT_EQ(place_.run("joined", {"peers"}).status, kNoNode);
}

TEST_F(TwoNodes, a_second_node_on_the_same_folder_leaves_the_first_its_socket) {
  Node second(place_, "joined", joining({"run", "-v"}, bootstrap_));
  EXPECT_EQ(answer_of(place_, "joined", {"status"}).at("process"), joined_.process().pid());
  second.process().terminate();
  EXPECT_EQ(second.process().wait(), kDone);
  EXPECT_EQ(second.process().count_lines(Stream::err, "can't look into this node"), 1U)
      << second.process().transcript();
  EXPECT_EQ(answer_of(place_, "joined", {"status"}).at("process"), joined_.process().pid());
}

TEST(Look, who_reads_that_a_node_listens_may_ask_it) {
  Place place;
  Node node(place, "node", server());
  EXPECT_TRUE(answer_of(place, "node", {"peers"}).at("peers").empty());
}

TEST(Look, a_bootstrap_host_that_refuses_is_explained) {
  Place place;
  const std::string closed = "[::1]:" + std::to_string(unused_port());
  Node node(place, "node", joining({"run"}, closed));
  ASSERT_TRUE(node.process().expect_err("connection refused")) << node.process().transcript();
  const Finished asked = place.run("node", {"peers", "--why", closed});
  EXPECT_EQ(asked.status, kDone) << asked.err;
  EXPECT_TRUE(asked.out.starts_with(closed + ": the bootstrap host " + closed)) << asked.out;

  const json why = answer_of(place, "node", {"peers", "--why", closed});
  EXPECT_EQ(why.at("connected"), false);
  EXPECT_EQ(why.at("bootstrap").at("why"), "connection refused");
  EXPECT_GE(answer_of(place, "node", {"status"}).at("dials").at("failed").at("refused"), 1);
}

TEST(Look, an_endpoint_that_nobody_named_is_unknown) {
  Place place;
  Node node(place, "node", server());
  const Finished asked = place.run("node", {"peers", "--why", "192.0.2.1:9"});
  EXPECT_EQ(asked.status, kUnknown);
  EXPECT_EQ(asked.out, "192.0.2.1:9: nothing is known of it\n");
  const Finished as_json = place.run("node", {"peers", "--json", "--why", "192.0.2.1:9"});
  EXPECT_EQ(as_json.status, kUnknown);
  EXPECT_EQ(json::parse(as_json.out).at("known"), false);
}

TEST(Look, where_no_node_runs_it_says_so) {
  Place place;
  for (const char* command : {"peers", "status"}) {
    const Finished asked = place.run("nobody", {command});
    EXPECT_EQ(asked.status, kNoNode);
    EXPECT_EQ(asked.out, "");
    EXPECT_NE(asked.err.find("no node runs on " + place / "nobody"), std::string::npos)
        << asked.err;
  }
  EXPECT_FALSE(std::filesystem::exists(place / "nobody")) << "asking makes no folder";
}

TEST(Look, what_a_killed_node_leaves_is_replaced_by_the_next) {
  Place place;
  {
    Node killed(place, "node", server());
    killed.process().kill();
    EXPECT_EQ(killed.process().wait(), (ExitStatus{-1, SIGKILL}));
  }
  EXPECT_TRUE(std::filesystem::exists(socket_of(place, "node")));
  EXPECT_EQ(place.run("node", {"peers"}).status, kNoNode);
  Node next(place, "node", server());
  EXPECT_EQ(answer_of(place, "node", {"status"}).at("process"), next.process().pid());
}

TEST(Look, a_node_of_another_user_is_said_to_be_his) {
  if (!is_root()) GTEST_SKIP() << kNeedsRoot;
  Place place;
  std::filesystem::copy_file(p2pnode_program(), place / "p2pnode");
  ASSERT_EQ(chmod((place / "p2pnode").c_str(), 0755), 0);
  ASSERT_EQ(chmod(place.dir().path().c_str(), 0755), 0);
  place.use_program(place / "p2pnode");
  Node node(place, "node", server());
  const Wrapper as_nobody = {"setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"};
  auto asked = place.start("node", {"peers"}, as_nobody);
  EXPECT_EQ(asked->wait(), (ExitStatus{1, 0})) << asked->transcript();
  EXPECT_NE(asked->output(Stream::err).find("belongs to root"), std::string::npos)
      << asked->transcript();
}

}  // namespace
