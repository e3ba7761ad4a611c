// A file travels from one p2pnode to another through a bootstrap node.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;

TEST(Transfer, a_file_travels_between_three_processes) {
  Place place;
  make_file(place / "film", 5 * kMiB + 123, 1);
  Node bootstrap(place, "bootstrap", server());
  SharingNode sharing(place, "sharing", joining({"share", place / "film"}, bootstrap));

  std::string to = place / "received";
  Finished got =
      place.run("getting", joining({"get", sharing.id(), "-o", to, "--timeout", "60s"}, bootstrap));

  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_EQ(got.out, "saved " + to + " (5243003 bytes)\n");
  EXPECT_EQ(sha256_of_file(to), sha256_of_file(place / "film"));
  EXPECT_FALSE(std::filesystem::exists(to + ".part"));
  EXPECT_EQ(check_store(place / "getting").complaints, "");
  EXPECT_EQ(check_store(place / "sharing").complaints, "");
}

// Inline, one level, several levels: the boundaries of docs/protocol.md, Files, with 1 KiB pieces.
class TransferOfSize : public testing::TestWithParam<uint64_t> {};

TEST_P(TransferOfSize, arrives_whole_in_pieces_of_1_KiB) {
  Place place;
  make_file(place / "film", GetParam(), GetParam());
  Words small = {"--piece-size", "1KiB"};
  auto with_small = [&small](Words words) {
    words.insert(words.end(), small.begin(), small.end());
    return words;
  };
  Words share = {"share", "-S", "--listen", "[::1]:0", place / "film"};
  SharingNode sharing(place, "sharing", with_small(share));
  std::string to = place / "received";
  Finished got = place.run(
      "getting", with_small(joining({"get", sharing.id(), "-o", to, "--timeout", "60s"}, sharing)));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_EQ(std::filesystem::file_size(to), GetParam());
  EXPECT_EQ(sha256_of_file(to), sha256_of_file(place / "film"));
  EXPECT_EQ(check_store(place / "getting").complaints, "");
}
INSTANTIATE_TEST_SUITE_P(Boundaries, TransferOfSize,
                         testing::Values(0, 1, 960, 961, 1024, 30720, 30721, 921600, 921601,
                                         3000000));

TEST(Transfer, get_writes_the_bytes_alone_to_standard_output) {
  Place place;
  make_file(place / "film", 3 * kMiB + 1, 2);
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  Finished got =
      place.run("getting", joining({"get", sharing.id(), "-o", "-", "--timeout", "60s"}, sharing));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_TRUE(got.out == read_file(place / "film")) << got.out.size() << " bytes came";
}

TEST(Transfer, the_line_that_share_prints_gets_the_file) {
  Place place;
  make_file(place / "a film's name", 2 * kMiB, 3);
  Node bootstrap(place, "bootstrap", server());
  SharingNode sharing(place, "sharing", joining({"share", place / "a film's name"}, bootstrap));

  std::filesystem::create_directory(place / "elsewhere");
  ProcessOptions options = place.options();
  options.directory = place / "elsewhere";
  std::string folder = std::filesystem::path(p2pnode_program()).parent_path().string();
  options.environment.emplace_back("PATH", folder + ":" + std::getenv("PATH"));
  Finished got =
      run({"sh", "-c", "exec " + sharing.get_line() + " --timeout 60s"}, options, seconds(120));

  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << sharing.get_line() << "\n" << got.err;
  std::string to = place / "elsewhere/a film's name";
  ASSERT_TRUE(std::filesystem::exists(to)) << got.out << got.err;
  EXPECT_EQ(sha256_of_file(to), sha256_of_file(place / "a film's name"));
}

TEST(Transfer, a_file_that_was_got_is_served_on) {
  // The first holder goes; the one that runs on with the data of add has the file.
  Place place;
  make_file(place / "film", 2 * kMiB + 5, 4);
  Node bootstrap(place, "bootstrap", server());
  Finished added = place.run("keeper", {"add", "-q", place / "film"});
  ASSERT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
  std::string id = added.out.substr(0, 64);
  Node keeper(place, "keeper", joining({"run"}, bootstrap));
  Finished got = place.run(
      "getting", joining({"get", id, "-o", place / "received", "--timeout", "60s"}, bootstrap));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << keeper.process().transcript();
  EXPECT_EQ(sha256_of_file(place / "received"), sha256_of_file(place / "film"));
}

// How much slower a machine is does not matter; no machine may be faster.
TEST(Transfer, a_ceiling_on_either_side_is_kept) {
  Place place;
  make_file(place / "film", 3 * kMiB, 5);
  const Words ceilings[] = {{"--max-upload", "2MB"}, {"--max-download", "2MB/s"}};
  for (int side = 0; side < 2; ++side) {
    Words share = {"share", "-S", "--listen", "[::1]:0", place / "film"};
    if (side == 0) share.insert(share.end(), ceilings[0].begin(), ceilings[0].end());
    SharingNode sharing(place, "sharing" + std::to_string(side), share);
    std::string to = place / ("received" + std::to_string(side));
    Words get = {"get", sharing.id(), "-o", to, "--timeout", "60s"};
    if (side == 1) get.insert(get.end(), ceilings[1].begin(), ceilings[1].end());
    const auto begin = std::chrono::steady_clock::now();
    Finished got = place.run("getting" + std::to_string(side), joining(get, sharing));
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
    EXPECT_EQ(sha256_of_file(to), sha256_of_file(place / "film"));
    // 1.57 s, less a tenth that may have been saved up.
    EXPECT_GE(took, milliseconds(1400)) << "side " << side;
  }
}

TEST(Transfer, several_files_are_shared_at_once) {
  Place place;
  Words share = {"share", "-S", "--listen", "[::1]:0"};
  for (int i = 0; i < 3; ++i) {
    std::string name = place / ("film" + std::to_string(i));
    make_file(name, kMiB + static_cast<uint64_t>(i), static_cast<uint64_t>(i));
    share.push_back(name);
  }
  Node sharing(place, "sharing", share);
  for (int i = 0; i < 3; ++i) {
    auto added = sharing.process().expect_out("^added ([0-9a-f]{64}) (.+)$");
    ASSERT_TRUE(added) << sharing.process().transcript();
    EXPECT_EQ(added->at(2), "film" + std::to_string(i));
    std::string to = place / ("received" + std::to_string(i));
    Finished got =
        place.run("getting", joining({"get", added->at(1), "-o", to, "--timeout", "60s"}, sharing));
    EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
    EXPECT_EQ(sha256_of_file(to), sha256_of_file(place / ("film" + std::to_string(i))));
  }
}

TEST(Transfer, from_two_holders_to_many) {
  Place place;
  make_file(place / "film", 12 * kMiB, 5);
  Node bootstrap(place, "bootstrap", server());
  SharingNode first(place, "first", joining({"share", place / "film"}, bootstrap));
  SharingNode second(place, "second", joining({"share", place / "film"}, bootstrap));
  ASSERT_EQ(first.id(), second.id());
  std::vector<std::unique_ptr<Process>> getting;
  for (int i = 0; i < 4; ++i) {
    std::string name = "getting" + std::to_string(i);
    getting.push_back(place.start(
        name, joining({"get", first.id(), "-o", place / (name + ".out"), "--timeout", "90s"},
                      bootstrap)));
  }
  for (int i = 0; i < 4; ++i) {
    Process& process = *getting[static_cast<size_t>(i)];
    EXPECT_EQ(process.wait(seconds(120)), (ExitStatus{0, 0})) << process.transcript();
    std::string to = place / ("getting" + std::to_string(i) + ".out");
    EXPECT_EQ(sha256_of_file(to), sha256_of_file(place / "film"));
  }
}

TEST(Transfer, an_unknown_id_is_given_up_after_the_timeout) {
  Place place;
  Node bootstrap(place, "bootstrap", server());
  std::string unknown(64, 'e');
  Finished got = place.run(
      "getting", joining({"get", unknown, "-o", place / "received", "--timeout", "3s"}, bootstrap));
  EXPECT_EQ(got.status, (ExitStatus{4, 0}));  // a peer was there, and has it not
  EXPECT_NE(got.err, "");
  EXPECT_FALSE(std::filesystem::exists(place / "received"));
}

TEST(Transfer, without_any_peer_a_get_is_given_up_after_the_timeout) {
  Place place;
  std::string nobody;
  {
    Node gone(place, "gone", server());
    nobody = gone.endpoint();
  }
  Finished got = place.run(
      "getting",
      joining({"get", std::string(64, 'e'), "-o", place / "received", "--timeout", "3s"}, nobody));
  EXPECT_EQ(got.status, (ExitStatus{3, 0}));
  EXPECT_NE(got.err, "");
}

TEST(Transfer, get_overwrites_nothing_unasked) {
  Place place;
  make_file(place / "film", 1000, 6);
  write_file(place / "mine", "something dear");
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  Finished got = place.run(
      "getting", joining({"get", sharing.id(), "-o", place / "mine", "--timeout", "60s"}, sharing));
  EXPECT_NE(got.status, (ExitStatus{0, 0}));
  EXPECT_NE(got.err, "");
  EXPECT_EQ(read_file(place / "mine"), "something dear");
}

TEST(Transfer, nodes_of_different_piece_sizes_say_why_they_part) {
  Place place;
  make_file(place / "film", 1000, 7);
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  Finished got = place.run("getting", joining({"get", sharing.id(), "-o", place / "received",
                                               "--timeout", "3s", "--piece-size", "64KiB"},
                                              sharing));
  EXPECT_NE(got.status, (ExitStatus{0, 0}));
  // Both sizes and the option, in one line.
  std::string size_line = "1 ?MiB.*64 ?KiB.*--piece-size|64 ?KiB.*1 ?MiB.*--piece-size";
  EXPECT_GE(sharing.process().count_lines(Stream::err, size_line), 1U)
      << sharing.process().transcript() << got.err;
}

}  // namespace
