// A disk that is full, or can't be written, is said in a sentence, and exits 5.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;

// Runs a command in a mount namespace of its own, where `folder` is a file system of `size`.
Words on_small_disk(const std::string& folder, const std::string& size) {
  return {"unshare",
          "--mount",
          "sh",
          "-c",
          "mount -t tmpfs -o size=" + size + " p2p-test '" + folder + "' && exec \"$@\"",
          "sh"};
}

class DiskFull : public testing::Test {
 protected:
  void SetUp() override {
    if (!is_root()) GTEST_SKIP() << kNeedsRoot;
    std::filesystem::create_directory(place_ / "small");
    Finished tried = run({"unshare", "--mount", "sh", "-c",
                          "mount -t tmpfs -o size=1m p2p-test '" + (place_ / "small") + "'"});
    if (tried.status != ExitStatus{0, 0}) GTEST_SKIP() << "cannot mount here: " << tried.err;
  }
  Place place_;
};

TEST_F(DiskFull, where_a_get_writes) {
  make_file(place_ / "film", 32 << 20, 1);
  SharingNode sharing(place_, "sharing", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
  auto getting = place_.start(
      "getting",
      joining({"get", sharing.id(), "-o", place_ / "small/received", "--timeout", "60s"}, sharing),
      on_small_disk(place_ / "small", "8m"));
  EXPECT_EQ(getting->wait(seconds(120)), (ExitStatus{5, 0})) << getting->transcript();
  EXPECT_TRUE(getting->count_lines(Stream::err, "space|full") > 0) << getting->transcript();
  EXPECT_TRUE(sharing.process().running());
}

// A folder where a whole file is, and a store with another content: "$4". Then the film that has no
// room there. Says how each command ended, and what is left.
constexpr char kGetIntoFull[] = R"(
cd "$4" && cp ../other . && "$1" add -q --copy other --data-dir store
"$1" get "$2" -o received --timeout 60s --data-dir store --listen '[::1]:0' --bootstrap "$3"
echo get $?
"$1" verify --data-dir store >&2; echo verify $?
cmp other ../other; echo cmp $?
echo there: $(ls -A)
)";

TEST_F(DiskFull, harms_nothing_that_is_whole_there) {
  make_file(place_ / "other", 2 * kMiB, 1);
  make_file(place_ / "film", 12 * kMiB, 2);
  SharingNode sharing(place_, "sharing", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
  Words command = on_small_disk(place_ / "small", "10m");
  command.insert(command.end(), {"sh", "-c", kGetIntoFull, "sh", p2pnode_program(), sharing.id(),
                                 sharing.endpoint(), place_ / "small"});
  Finished done = run(command, place_.options(), seconds(120));
  EXPECT_TRUE(done.out.ends_with("get 5\nverify 0\ncmp 0\nthere: other store\n"))
      << done.out << done.err;
  EXPECT_NE(done.err.find("there is no room for 12 MiB"), std::string::npos) << done.err;
}

TEST_F(DiskFull, where_the_store_is) {
  // 8 MiB in pieces of 1 KiB need some 280 node pieces.
  make_file(place_ / "film", 8 << 20, 2);
  auto adding = place_.start("small/store", {"add", "--piece-size", "1KiB", place_ / "film"},
                             on_small_disk(place_ / "small", "64k"));
  EXPECT_EQ(adding->wait(), (ExitStatus{5, 0})) << adding->transcript();
  EXPECT_TRUE(adding->count_lines(Stream::err, "space|full") > 0) << adding->transcript();
}

TEST(Disk, that_cannot_be_written_is_said_too) {
  Place place;
  write_file(place / "no-folder", "a file");
  make_file(place / "film", 5000, 3);
  Finished added = place.run("no-folder/store", {"add", place / "film"});
  EXPECT_EQ(added.status, (ExitStatus{5, 0})) << added.err;
  EXPECT_NE(added.err.find("no-folder"), std::string::npos) << added.err;
}

}  // namespace
