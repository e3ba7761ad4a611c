// What keeps a get from its content: for each the sentence, the exit code (README.md), and that
// nothing else is harmed. See also disk_full_test.cc, directory_test.cc and stored_test.cc.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;
namespace fs = std::filesystem;

class GetFails : public testing::Test {
 protected:
  void SetUp() override {
    make_file(place_ / "film", 3 * kMiB + 5, 1);
    fs::create_directory(place_ / "here");
    write_file(place_ / "here/mine", "something dear");
  }
  void TearDown() override { EXPECT_EQ(read_file(place_ / "here/mine"), "something dear"); }

  Words share() { return {"share", "-S", "--listen", "[::1]:0", place_ / "film"}; }
  Words get(const std::string& what, const Node& from, const std::string& to) {
    return joining({"get", what, "-o", to, "--timeout", "60s"}, from);
  }
  void expect_alone_here(const std::string& name) {
    size_t things = 0;
    for (const auto& entry : fs::directory_iterator(place_ / "here")) {
      ++things;
      EXPECT_EQ(entry.path().filename(), name);
    }
    EXPECT_EQ(things, 1U);
  }

  Place place_;
};

TEST_F(GetFails, where_the_target_cannot_be_written) {
  if (!is_root()) GTEST_SKIP() << kNeedsRoot;
  SharingNode sharing(place_, "sharing", share());
  // In a mount namespace of its own: a folder that is read-only for everybody.
  const Wrapper read_only = {"unshare",
                             "--mount",
                             "sh",
                             "-c",
                             "mount --bind '" + (place_ / "here") + "' '" + (place_ / "here") +
                                 "' && mount -o remount,bind,ro '" + (place_ / "here") +
                                 "' && exec \"$@\"",
                             "sh"};
  auto getting =
      place_.start("getting", get(sharing.id(), sharing, place_ / "here/received"), read_only);
  const auto status = getting->wait();
  if (status && status->code == 1) GTEST_SKIP() << "cannot mount here: " << getting->transcript();
  EXPECT_EQ(status, (ExitStatus{5, 0})) << getting->transcript();
  EXPECT_EQ(getting->count_lines(Stream::err, "here/received.*[Rr]ead-only"), 1U)
      << getting->transcript();
  expect_alone_here("mine");
  EXPECT_TRUE(sharing.process().running());
}

TEST_F(GetFails, where_another_get_writes_the_target) {
  // The first waits for a content that nobody has. It has its file before it listens.
  SharingNode sharing(place_, "sharing", share());
  const std::string to = place_ / "received";
  Words waiting = get(std::string(64, 'e'), sharing, to);
  waiting.emplace_back("-v");
  auto first = place_.start("first", waiting);
  ASSERT_TRUE(first->expect_err("listening on ")) << first->transcript();
  Finished second = place_.run("second", get(sharing.id(), sharing, to));
  EXPECT_EQ(second.status, (ExitStatus{1, 0})) << second.err;
  EXPECT_NE(second.err.find(to + ".part is being written by another process"), std::string::npos)
      << second.err;
  EXPECT_TRUE(first->running()) << first->transcript();
  EXPECT_TRUE(fs::exists(to + ".part"));
  EXPECT_FALSE(fs::exists(to));
}

TEST_F(GetFails, for_an_id_that_nobody_has) {
  SharingNode sharing(place_, "sharing", share());
  Finished got = place_.run("getting", joining({"get", std::string(64, 'e'), "-o",
                                                place_ / "here/received", "--timeout", "1s"},
                                               sharing));
  EXPECT_EQ(got.status, (ExitStatus{4, 0})) << got.err;
  EXPECT_NE(got.err.find("doesn't have this content"), std::string::npos) << got.err;
  EXPECT_NE(got.err.find("check the id"), std::string::npos) << got.err;
  expect_alone_here("mine");
  // It is not listed as if there were something of it.
  EXPECT_EQ(place_.run("getting", {"ls"}).out, "");
}

TEST_F(GetFails, for_a_ticket_with_nonsense_in_it) {
  const std::string ticket = "p2p:" + std::string(64, 'a');
  const std::pair<std::string, std::string> nonsense[] = {
      {"p2p:" + std::string(63, 'a'), "the ticket's id is not 64 hex digits"},
      {"p2p:" + std::string(63, 'a') + "x", "the ticket's id is not 64 hex digits"},
      {ticket + "?size=-1", "size is not a number of bytes"},
      {ticket + "?size=99999999999999999999999", "size is not a number of bytes"},
      {ticket + "?size=1&size=2", "more than one size"},
      {ticket + "?piece=3KiB", "piece is not a power of two"},
      {ticket + "?name=%zz", "a % without two hex digits"},
      {ticket + "?name=%4", "a % without two hex digits"},
      {ticket + "?peer=nowhere", "is not HOST:PORT"},
      {ticket + "?peer=host:0", "is not HOST:PORT"},
      {ticket + "?peer=[::1]:99999", "is not HOST:PORT"},
  };
  for (const auto& [text, why] : nonsense) {
    Finished got = place_.run("getting", {"get", text, "-o", place_ / "here/received"});
    EXPECT_EQ(got.status, (ExitStatus{2, 0})) << text << "\n" << got.err;
    EXPECT_NE(got.err.find(why), std::string::npos) << text << "\n" << got.err;
    EXPECT_EQ(std::count(got.err.begin(), got.err.end(), '\n'), 1) << got.err;
  }
  expect_alone_here("mine");
}

TEST_F(GetFails, to_leave_the_folder_by_the_name_in_a_ticket) {
  SharingNode sharing(place_, "sharing", share());
  ProcessOptions options = place_.options();
  fs::create_directory(place_ / "here/inner");
  options.directory = place_ / "here/inner";
  for (const std::string name : {"..%2Fmine", "..", "%2Ftmp%2F..", "mine%00"}) {
    Finished got = run(
        place_.command(
            "getting",
            joining({"get", "p2p:" + sharing.id() + "?name=" + name, "--timeout", "60s"}, sharing)),
        options, seconds(120));
    EXPECT_TRUE(got.status == (ExitStatus{0, 0}) || got.status == (ExitStatus{2, 0})) << got.err;
    for (const auto& entry : fs::directory_iterator(place_ / "here/inner")) {
      EXPECT_EQ(sha256_of_file(entry.path().string()), sha256_of_file(place_ / "film"));
      fs::remove(entry.path());
    }
  }
  fs::remove(place_ / "here/inner");
  expect_alone_here("mine");
}

// A root that nobody's `add` makes (docs/protocol.md, Files), in the store of a node.
std::string plant_root(const Place& place, const std::string& store, uint64_t length,
                       uint32_t children, const std::string& behind) {
  std::string piece = std::string("P2PF\1\0\x14\0", 8) + little_endian(length, 8);
  piece += little_endian(children, 4);
  piece.resize(64);
  return plant_piece(place / store, piece + behind);
}

TEST_F(GetFails, for_a_tree_with_a_wrong_length) {
  const std::string two(64, '\x42');  // the digests of two pieces
  const std::pair<uint64_t, uint32_t> wrong[] = {
      {3 * kMiB, 2},           // more than its children hold
      {kMiB, 2},               // less
      {kMiB / 2, 2},           // what would stand in the root itself
      {0, 2},                  // nothing
      {uint64_t{1} << 61, 2},  // beyond what any content has
      {~uint64_t{0}, 2},
      {2 * kMiB, 4'000'000'000}  // children that the piece has no room for
  };
  std::vector<std::string> ids;
  for (const auto& [length, children] : wrong) {
    ids.push_back(plant_root(place_, "liar", length, children, two));
  }
  // Inline bytes beyond the length.
  ids.push_back(plant_root(place_, "liar", 3, 0, "more than three"));
  Node liar(place_, "liar", server());
  for (const std::string& id : ids) {
    Finished got = place_.run("getting", get(id, liar, place_ / "here/received"));
    EXPECT_EQ(got.status, (ExitStatus{8, 0})) << got.err;
    EXPECT_NE(got.err.find("the id names no content: "), std::string::npos) << got.err;
    expect_alone_here("mine");
  }
  EXPECT_TRUE(liar.process().running());
  EXPECT_EQ(place_.run("getting", {"ls"}).out, "");
}

}  // namespace
