// The double against itself and against raw bytes: it does what the original was measured to do.
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include "tests/support/file.h"
#include "tests/support/process.h"
#include "tests/support/raw_peer.h"

namespace {

using namespace p2p::testing;

std::vector<std::string> legacy(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {P2P_LEGACY_DOUBLE, "--listen", "0"});
  return arguments;
}

std::string endpoint_of(Process& process) {
  auto line = process.expect_out("^listening ([0-9]+)$");
  return line ? "[::1]:" + line->at(1) : "nothing";
}

TEST(LegacyDouble, gets_its_wanted_pieces_from_the_one_it_dialled) {
  Process holder(legacy({"--have", "1,2,3", "--fast"}));
  Process wanter(legacy({"--want", "1,3", "--bootstrap", endpoint_of(holder), "--fast"}));
  EXPECT_TRUE(wanter.expect_out("^done$")) << wanter.transcript();
  EXPECT_EQ(wanter.count_lines(Stream::out, "^got [13]$"), 2U);
  wanter.terminate();
  EXPECT_EQ(wanter.wait(), (ExitStatus{0, 0}));
  EXPECT_TRUE(wanter.expect_out("^summary: got 2, wanted still 0, .*violations 0$"));
}

TEST(LegacyDouble, dials_whom_a_peer_list_names_and_asks_there) {
  // It never asks on a connection that it accepted, so the holder's own record must bring it there.
  Process wanter(legacy({"--want", "7", "--fast"}));
  Process holder(legacy({"--have", "7", "--bootstrap", endpoint_of(wanter), "--fast"}));
  EXPECT_TRUE(wanter.expect_out("^done$")) << wanter.transcript();
}

TEST(LegacyDouble, is_silent_about_what_it_does_not_hold_and_answers_on_an_accepted_connection) {
  Process process(legacy({"--have", "0", "--piece-size", "1024", "--fast"}));
  RawPeer peer(endpoint_of(process));
  Bytes unknown(32, 0xee);
  Bytes piece(1024, 0);  // number 0
  Bytes held = from_hex(sha256_of(piece));
  ASSERT_TRUE(peer.send(frame(0, unknown)));
  ASSERT_TRUE(peer.send(frame(0, held)));
  auto answer = peer.read_frame();
  ASSERT_TRUE(answer) << process.transcript();
  EXPECT_EQ(answer->type, 1);
  ASSERT_EQ(answer->body.size(), 32U + 1024U);
  EXPECT_EQ(Bytes(answer->body.begin(), answer->body.begin() + 32), held);
}

TEST(LegacyDouble, says_aloud_what_is_above_type_2) {
  Process process(legacy({"--fast"}));
  RawPeer peer(endpoint_of(process));
  ASSERT_TRUE(peer.send(frame(16, Bytes(32, 1))));
  EXPECT_TRUE(process.expect_out("^saw type 16 length 33$"));
}

TEST(LegacyDouble, says_aloud_when_one_of_ours_asks_for_two_pieces_at_once) {
  Process process(legacy({"--fast"}));
  Bytes ask = frame(0, Bytes(32, 1));
  Bytes twice = ask;
  twice.insert(twice.end(), ask.begin(), ask.end());
  std::string endpoint = endpoint_of(process);
  RawPeer original(endpoint);
  ASSERT_TRUE(original.send(twice));
  RawPeer ours(endpoint);
  Bytes hello_and_asks = hello();
  hello_and_asks.insert(hello_and_asks.end(), twice.begin(), twice.end());
  ASSERT_TRUE(ours.send(hello_and_asks));
  EXPECT_TRUE(process.expect_out("^saw asks at once 2$"));
  process.terminate();
  EXPECT_EQ(process.wait(), (ExitStatus{0, 0}));
  EXPECT_TRUE(process.expect_out("^summary: .* asked in vain 4, .*violations 1$"));
}

TEST(LegacyDouble, ignores_trailing_bytes_of_a_peer_list_and_an_empty_one) {
  Process process(legacy({"--fast"}));
  RawPeer peer(endpoint_of(process));
  ASSERT_TRUE(peer.send(frame(2, {})));
  ASSERT_TRUE(peer.send(hello()));
  ASSERT_TRUE(peer.send(frame(16, Bytes(32, 1))));
  EXPECT_TRUE(process.expect_out("^saw type 16"));
  process.terminate();
  EXPECT_EQ(process.wait(), (ExitStatus{0, 0}));
  EXPECT_TRUE(process.expect_out("^summary: .* lists 3, .*violations 1$"));
}

TEST(LegacyDouble, dies_of_a_frame_of_a_wrong_length) {
  Process process(legacy({"--fast"}));
  RawPeer peer(endpoint_of(process));
  ASSERT_TRUE(peer.send(frame(0, Bytes(31, 0))));
  EXPECT_EQ(process.wait(), (ExitStatus{3, 0}));
  EXPECT_TRUE(process.expect_err("^aborted: a frame of type 0 and length 32 from"));
}

TEST(LegacyDouble, dies_of_a_short_write) {
  Process process(legacy({"--have", "0", "--piece-size", "1048576", "--fast"}));
  RawPeer peer(endpoint_of(process));
  Bytes ask = frame(0, from_hex(sha256_of(Bytes(1048576, 0))));
  // Nobody reads the answers, so they fill the buffers at last.
  while (peer.send(ask)) {
  }
  EXPECT_EQ(process.wait(), (ExitStatus{4, 0}));
  EXPECT_TRUE(process.expect_err("^aborted: a short write"));
}

TEST(LegacyDouble, dies_of_a_closed_connection_that_it_dialled) {
  Process other(legacy({"--fast"}));
  Process process(legacy({"--want", "1,2", "--bootstrap", endpoint_of(other), "--fast"}));
  ASSERT_TRUE(process.expect_out("^dialled "));
  other.kill();
  EXPECT_TRUE(process.expect_out("^closed by "));
  EXPECT_EQ(process.wait(), (ExitStatus{-1, SIGPIPE}));
}

TEST(LegacyDouble, does_not_start_without_its_bootstrap_node) {
  Process process(legacy({"--bootstrap", "[::1]:" + std::to_string(unused_port())}));
  EXPECT_EQ(process.wait(), (ExitStatus{1, 0}));
}

}  // namespace
