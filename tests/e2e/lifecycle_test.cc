// How a node starts, ends, and lives through what the system does to it.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "tests/e2e/node.h"
#include "tests/support/raw_peer.h"

namespace {

using namespace p2p::testing;

class EndsBySignal : public testing::TestWithParam<int> {};

TEST_P(EndsBySignal, a_node_exits_0) {
  Place place;
  Node bootstrap(place, "bootstrap", server());
  Node node(place, "node", joining({"run"}, bootstrap));
  node.process().send_signal(GetParam());
  EXPECT_EQ(node.process().wait(), (ExitStatus{0, 0})) << node.process().transcript();
  bootstrap.process().send_signal(GetParam());
  EXPECT_EQ(bootstrap.process().wait(), (ExitStatus{0, 0})) << bootstrap.process().transcript();
}

TEST_P(EndsBySignal, an_unfinished_get_exits_7_with_a_sentence) {
  Place place;
  Node bootstrap(place, "bootstrap", server());
  auto getting = place.start(
      "getting", joining({"get", std::string(64, 'e'), "-o", place / "received", "-v"}, bootstrap));
  // A line of any kind: it runs, and its signals are watched.
  ASSERT_TRUE(getting->expect_err("")) << getting->transcript();
  getting->send_signal(GetParam());
  EXPECT_EQ(getting->wait(), (ExitStatus{7, 0})) << getting->transcript();
  EXPECT_NE(getting->output(Stream::err), "");
  EXPECT_FALSE(std::filesystem::exists(place / "received"));
}

INSTANTIATE_TEST_SUITE_P(Lifecycle, EndsBySignal, testing::Values(SIGINT, SIGTERM),
                         [](const auto& test) { return test.param == SIGINT ? "INT" : "TERM"; });

TEST(Lifecycle, the_other_side_sees_a_clean_end) {
  Place place;
  Node node(place, "node", server());
  RawPeer peer(node.endpoint());
  ASSERT_TRUE(peer.send(hello()));
  ASSERT_TRUE(peer.read_frame());
  node.process().send_signal(SIGINT);
  EXPECT_TRUE(peer.wait_closed());
  EXPECT_EQ(node.process().wait(), (ExitStatus{0, 0}));
}

TEST(Lifecycle, a_second_signal_ends_it_at_once) {
  Place place;
  Node node(place, "node", server());
  // A peer that keeps its side open is given up to two seconds by a clean end.
  RawPeer peer(node.endpoint());
  ASSERT_TRUE(peer.send(hello()));
  ASSERT_TRUE(peer.read_frame());
  node.process().send_signal(SIGINT);
  EXPECT_TRUE(node.process().expect_err("second signal"));  // the first was taken
  node.process().send_signal(SIGINT);
  auto status = node.process().wait();
  ASSERT_TRUE(status) << node.process().transcript();
  // 0 if the machine was so slow that the second no longer met it alive.
  EXPECT_TRUE(status->code == 128 + SIGINT || status->code == 0) << *status;
}

TEST(Lifecycle, an_address_in_use_exits_6_and_names_it) {
  Place place;
  PortHolder holder;
  std::string taken = "[::1]:" + std::to_string(holder.port());
  make_file(place / "film", 1000, 1);
  for (const Words& command :
       {Words{"run"}, Words{"share", place / "film"}, Words{"-S"}, Words{}}) {
    Words words = command;
    words.insert(words.end(), {"--listen", taken, "--bootstrap", "[::1]:1"});
    Finished finished = place.run("node", words);
    EXPECT_EQ(finished.status, (ExitStatus{6, 0})) << finished.err;
    EXPECT_NE(finished.err.find(taken), std::string::npos) << finished.err;
    EXPECT_EQ(finished.out, "");
  }
}

TEST(Lifecycle, a_port_can_be_taken_again_at_once) {
  Place place;
  std::string endpoint;
  for (int i = 0; i < 3; ++i) {
    Node node(place, "node", {"-S", "--listen", i == 0 ? "[::1]:0" : endpoint});
    endpoint = node.endpoint();
    {
      RawPeer peer(endpoint);
      ASSERT_TRUE(peer.read_frame());
      node.process().terminate();
      EXPECT_TRUE(peer.wait_closed());  // the node closed first, so TIME_WAIT is at its side
    }
    EXPECT_EQ(node.process().wait(), (ExitStatus{0, 0}));
  }
}

// What a demonstration piece is called, in pieces of 128 KiB.
Bytes demo_hash(uint32_t number) {
  Bytes piece(131072, 0);
  for (size_t i = 0; i < 4; ++i) piece[i] = static_cast<uint8_t>(number >> (8 * i));
  return from_hex(sha256_of(piece));
}

TEST(Lifecycle, a_closed_standard_output_does_not_end_a_node) {
  Place place;
  Words demo = {"run", "--piece-size", "128KiB"};
  auto with = [&demo](const char* shape) {
    Words words = demo;
    words.push_back(shape);
    return words;
  };
  Words quiet = with("--demo=20,0,20");
  quiet.insert(quiet.end(), {"-S", "--listen", "[::1]:0"});
  Node deaf(place, "deaf", quiet);
  deaf.process().close_stdout();
  Node holder(place, "holder", joining(with("--demo=20,20,0"), deaf));
  // Its counts change, so it tries to say so; and it says have to us when the last one came.
  RawPeer peer(deaf.endpoint());
  HelloFields fields;
  fields.piece_size_log2 = 17;
  ASSERT_TRUE(peer.send(hello(fields)));
  Bytes wants;
  for (uint32_t number = 0; number < 20; ++number) {
    Bytes hash = demo_hash(number);
    wants.insert(wants.end(), hash.begin(), hash.end());
  }
  ASSERT_TRUE(peer.send(frame(16, wants)));
  size_t held = 0;
  Deadline deadline(kSoon);
  while (held < 20 && !deadline.passed()) {
    auto answer = peer.read_frame();
    ASSERT_TRUE(answer) << deaf.process().transcript();
    if (answer->type == 17) held += answer->body.size() / 32;
  }
  EXPECT_EQ(held, 20U);
  EXPECT_TRUE(deaf.process().running()) << deaf.process().transcript();
  deaf.process().terminate();
  EXPECT_EQ(deaf.process().wait(), (ExitStatus{0, 0}));
}

TEST(Lifecycle, a_get_whose_reader_has_gone_is_not_killed_by_SIGPIPE) {
  Place place;
  make_file(place / "film", 8 << 20, 2);
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  auto getting = place.start(
      "getting", joining({"get", sharing.id(), "-o", "-", "--timeout", "60s"}, sharing));
  getting->close_stdout();
  auto status = getting->wait();
  ASSERT_TRUE(status) << getting->transcript();
  EXPECT_EQ(status->signal, 0) << getting->transcript();
  EXPECT_NE(status->code, 0);
}

TEST(Lifecycle, a_node_with_few_file_descriptors_says_so_and_serves_on) {
  Place place;
  make_file(place / "film", 3 << 20, 3);
  ProcessOptions options = place.options();
  options.open_files_max = 40;
  Node node(place, "node", {"share", "-S", "--listen", "[::1]:0", place / "film"}, options);
  auto added = node.process().expect_out("^added ([0-9a-f]{64}) ");
  ASSERT_TRUE(added);
  for (bool beside_strangers : {true, false}) {
    std::vector<RawPeer> strangers;
    for (int i = 0; i < (beside_strangers ? 150 : 0); ++i) strangers.emplace_back(node.endpoint());
    std::string to = place / (beside_strangers ? "received-beside" : "received-after");
    Finished got =
        place.run("getting", joining({"get", added->at(1), "-o", to, "--timeout", "90s"}, node));
    EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << node.process().transcript();
    EXPECT_EQ(sha256_of_file(to), sha256_of_file(place / "film"));
  }
  // It ran out of them, or closed the oldest before that.
  EXPECT_TRUE(node.process().expect_err("[Tt]oo many (open files|such connections)"))
      << node.process().transcript();
  EXPECT_LE(node.process().lines(Stream::err).size(), 60U) << node.process().transcript();
}

TEST(Lifecycle, two_nodes_do_not_share_a_data_directory_unawares) {
  Place place;
  Node first(place, "one", server());
  auto second = place.start("one", joining({"run"}, first));
  // It may be refused, or it may work; it must not end in a signal, nor spoil the store.
  second->expect_out("^listening on ");
  second->terminate();
  auto status = second->wait();
  ASSERT_TRUE(status);
  EXPECT_EQ(status->signal, 0);
  EXPECT_TRUE(first.process().running());
  EXPECT_EQ(check_store(place / "one").complaints, "");
}

}  // namespace
