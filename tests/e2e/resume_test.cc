// A get that is killed goes on where it was, and leaves nothing wrong behind.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;

// Tells when something in a folder was written.
class FolderWatch {
 public:
  explicit FolderWatch(const std::string& folder) : fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    inotify_add_watch(fd_, folder.c_str(), IN_CREATE | IN_MODIFY | IN_MOVED_TO);
  }
  ~FolderWatch() { close(fd_); }
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Writes through a mapping are not told of, so it looks again by itself now and then.
  void wait_for_news(const Deadline& deadline) {
    constexpr int kLookAgainMs = 5;
    pollfd watched{fd_, POLLIN, 0};
    poll(&watched, 1, std::min(kLookAgainMs, deadline.left_ms()));
    char ignored[4096];
    while (read(fd_, ignored, sizeof ignored) > 0) {
    }
  }

 private:
  int fd_;
};

// Bytes that a process has written, to sockets and files alike.
uint64_t bytes_written_by(const Process& process) {
  std::string io = read_file("/proc/" + std::to_string(process.pid()) + "/io");
  return std::stoull(io.substr(io.find("wchar: ") + 7));
}

class Resume : public testing::Test {
 protected:
  void wait_until_written(const Process& getting, const std::string& to, uint64_t bytes) {
    FolderWatch watch(place_.dir().path().string());
    Deadline deadline(seconds(120));
    while (written_bytes(to + ".part") < bytes && getting.running() && !deadline.passed()) {
      watch.wait_for_news(deadline);
    }
    EXPECT_GE(written_bytes(to + ".part") + written_bytes(to), bytes) << getting.transcript();
  }

  // Starts the get, and kills it as soon as so much of the file was written. False if it was done
  // before.
  bool get_until(const Words& get, const std::string& to, uint64_t bytes) {
    auto getting = place_.start("getting", get);
    wait_until_written(*getting, to, bytes);
    getting->kill();
    auto status = getting->wait();
    return status == ExitStatus{-1, SIGKILL};
  }

  Place place_;
};

TEST_F(Resume, a_get_of_300_MiB_killed_in_the_middle_finishes_with_the_right_bytes) {
  make_file(place_ / "film", 300 * kMiB, 1);
  SharingNode sharing(place_, "sharing", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
  std::string to = place_ / "received";
  Words get = joining({"get", sharing.id(), "-o", to, "--timeout", "240s"}, sharing);

  for (uint64_t mib : {40U, 80U, 120U, 160U}) {
    ASSERT_TRUE(get_until(get, to, mib * kMiB)) << "it was done before it could be killed";
    EXPECT_FALSE(std::filesystem::exists(to));
    EXPECT_EQ(check_store(place_ / "getting").complaints, "");
  }
  Finished got = place_.run("getting", get, seconds(300));

  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << sharing.process().transcript();
  EXPECT_EQ(sha256_of_file(to), sha256_of_file(place_ / "film"));
  EXPECT_FALSE(std::filesystem::exists(to + ".part"));
  StoreCheck store = check_store(place_ / "getting");
  EXPECT_EQ(store.complaints, "");
  EXPECT_GE(store.files, 1U);  // the root
}

TEST_F(Resume, what_was_there_before_the_kill_is_not_fetched_again) {
  make_file(place_ / "film", 64 * kMiB, 2);
  // What sendfile sends of a copy is counted as written; what is sent from memory is not.
  SharingNode sharing(place_, "sharing",
                      {"share", "--copy", "-S", "--listen", "[::1]:0", place_ / "film"});
  std::string to = place_ / "received";
  Words get = joining({"get", sharing.id(), "-o", to, "--timeout", "240s"}, sharing);

  uint64_t before = bytes_written_by(sharing.process());
  ASSERT_TRUE(get_until(get, to, 24 * kMiB));
  uint64_t between = bytes_written_by(sharing.process());
  EXPECT_GE(between - before, 24 * kMiB);
  Finished got = place_.run("getting", get, seconds(300));
  uint64_t after = bytes_written_by(sharing.process());

  ASSERT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_EQ(sha256_of_file(to), sha256_of_file(place_ / "film"));
  // 40 MiB at the most, and what was on its way when the other side was killed.
  EXPECT_LT(after - between, 50 * kMiB);
}

TEST_F(Resume, a_get_survives_that_the_serving_side_is_killed_again_and_again) {
  make_file(place_ / "film", 64 * kMiB, 4);
  auto added = place_.run("sharing", {"add", "-q", "--copy", place_ / "film"});
  ASSERT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
  auto sharing = std::make_unique<Node>(place_, "sharing", server());
  const std::string endpoint = sharing->endpoint();
  std::string to = place_ / "received";
  auto getting = place_.start(
      "getting",
      joining({"get", added.out.substr(0, 64), "-o", to, "--timeout", "240s"}, endpoint));
  uint64_t sent = 0;
  for (uint64_t mib : {24U, 48U}) {
    wait_until_written(*getting, to, mib * kMiB);
    sent += bytes_written_by(sharing->process());
    sharing->process().kill();
    ASSERT_TRUE(sharing->process().wait());
    EXPECT_EQ(check_store(place_ / "sharing").complaints, "");
    sharing = std::make_unique<Node>(place_, "sharing", Words{"-S", "--listen", endpoint});
  }
  EXPECT_EQ(getting->wait(seconds(240)), (ExitStatus{0, 0})) << getting->transcript();
  sent += bytes_written_by(sharing->process());
  EXPECT_EQ(sha256_of_file(to), sha256_of_file(place_ / "film"));
  EXPECT_EQ(check_store(place_ / "getting").complaints, "");
  // Once, and what was on its way when the other side was killed: the kernel throws away what it
  // had not sent, a send buffer of 8 MiB at most. From the beginning again would be 136 MiB.
  EXPECT_LT(sent, (64 + 2 * 16) * kMiB);
}

TEST_F(Resume, a_broken_piece_of_the_unfinished_file_is_found_and_fetched_again) {
  make_file(place_ / "film", 64 * kMiB, 3);
  SharingNode sharing(place_, "sharing", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
  std::string to = place_ / "received";
  Words get = joining({"get", sharing.id(), "-o", to, "--timeout", "240s"}, sharing);
  ASSERT_TRUE(get_until(get, to, 24 * kMiB));
  // As if a crash of the machine had lost some of what was written.
  for (uint64_t mib = 0; mib < 64; ++mib) {
    std::FILE* part = std::fopen((to + ".part").c_str(), "r+");
    ASSERT_NE(part, nullptr);
    std::fseek(part, static_cast<long>(mib * kMiB + 4097), SEEK_SET);
    std::fputs("lost", part);
    std::fclose(part);
  }
  Finished got = place_.run("getting", get, seconds(300));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_EQ(sha256_of_file(to), sha256_of_file(place_ / "film"));
}

TEST_F(Resume, an_add_killed_at_any_moment_leaves_only_whole_pieces) {
  // Small pieces: the more of them, the more likely is one that is being written.
  make_file(place_ / "film", kMiB / 2, 4);
  for (size_t enough : {1U, 20U, 100U, 200U}) {
    auto adding =
        place_.start("adding", {"add", "--copy", "--piece-size", "1KiB", place_ / "film"});
    Deadline deadline(seconds(60));
    while (count_store_files(place_ / "adding") < enough && adding->running() &&
           !deadline.passed()) {
    }
    adding->kill();
    adding->wait();
    EXPECT_EQ(check_store(place_ / "adding").complaints, "");
  }
  Finished added =
      place_.run("adding", {"add", "-q", "--copy", "--piece-size", "1KiB", place_ / "film"});
  EXPECT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
  EXPECT_EQ(check_store(place_ / "adding").complaints, "");
}

}  // namespace
