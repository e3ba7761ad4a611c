// Without root everything works but the forced socket buffers, and one warning says so.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;

constexpr uid_t kNobody = 65534;

Words as_nobody() {
  return {"setpriv",        "--reuid",        "65534",       "--regid", "65534",
          "--clear-groups", "--no-new-privs", "--pdeathsig", "keep"};
}

class Unprivileged : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_root()) GTEST_SKIP() << kNeedsRoot;
    // Where nobody may read and write, and a copy of the program that nobody may execute.
    std::filesystem::copy_file(p2pnode_program(), place_ / "p2pnode");
    for (const char* name : {"p2pnode", "film"}) {
      if (std::string(name) == "film") make_file(place_ / name, 3 << 20, 1);
      ASSERT_EQ(chmod((place_ / name).c_str(), 0755), 0);
    }
    ASSERT_EQ(chown(place_.dir().path().c_str(), kNobody, kNobody), 0);
    place_.use_program(place_ / "p2pnode");
    Words probe = as_nobody();
    probe.insert(probe.end(), {place_ / "p2pnode", "--version"});
    Finished tried = run(probe);
    if (tried.status != ExitStatus{0, 0}) {
      GTEST_SKIP() << "nobody can't run a program here: " << tried.err;
    }
  }

  void get_through(const Words& buffers, size_t warnings_min, size_t warnings_max) {
    Words share = {"share", "-S", "--listen", "[::1]:0", place_ / "film"};
    share.insert(share.end(), buffers.begin(), buffers.end());
    SharingNode sharing(place_, "sharing", share, as_nobody());
    Words get =
        joining({"get", sharing.id(), "-o", place_ / "received", "--timeout", "60s"}, sharing);
    get.insert(get.end(), buffers.begin(), buffers.end());
    auto getting = place_.start("getting", get, as_nobody());
    EXPECT_EQ(getting->wait(), (ExitStatus{0, 0})) << getting->transcript();
    EXPECT_EQ(sha256_of_file(place_ / "received"), sha256_of_file(place_ / "film"));
    for (Process* process : {&sharing.process(), getting.get()}) {
      size_t warnings = process->count_lines(Stream::err, "^warning: .*buffer");
      EXPECT_GE(warnings, warnings_min) << process->transcript();
      EXPECT_LE(warnings, warnings_max) << process->transcript();
      EXPECT_EQ(process->count_lines(Stream::err, "^warning: "), warnings) << process->transcript();
    }
  }

  Place place_;
};

TEST_F(Unprivileged, buffers_beyond_what_the_kernel_grants_cost_exactly_one_warning) {
  get_through({"--sockbuf", "512MiB"}, 1, 1);
}

TEST_F(Unprivileged, the_warning_says_which_buffer_what_was_asked_what_was_got_and_the_remedy) {
  Node node(place_, "node", {"-S", "--listen", "[::1]:0", "--sockbuf", "512MiB"}, as_nobody());
  auto warning = node.process().expect_err("^warning: .*buffer.*");
  ASSERT_TRUE(warning) << node.process().transcript();
  std::string line = node.process().lines(Stream::err).front();
  EXPECT_NE(line.find("512 MiB"), std::string::npos) << line;
  EXPECT_TRUE(line.find("receive") != std::string::npos || line.find("send") != std::string::npos)
      << line;
  EXPECT_TRUE(line.find("setcap") != std::string::npos || line.find("sysctl") != std::string::npos)
      << line;
}

TEST_F(Unprivileged, by_default_there_is_one_warning_at_most) { get_through({}, 0, 1); }

TEST_F(Unprivileged, with_the_kernels_own_buffers_there_is_no_warning) {
  get_through({"--sockbuf", "auto"}, 0, 0);
}

}  // namespace
