// What the store does when the disk fails to write. fdatasync and syncfs of this program are the
// two below, which fail when they are told to: a failed sync leaves pages marked clean that never
// reached the disk (fsync(2), Notes), so the next sync alone proves nothing.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "io_linux/store/piece_store.h"
#include "io_linux/store/target.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace {

std::atomic<int> error_of_syncs{0};

int sync_or_fail(long call, int fd) {
  if (error_of_syncs == 0) return static_cast<int>(::syscall(call, fd));
  errno = error_of_syncs;
  return -1;
}

}  // namespace

extern "C" int fdatasync(int fd) { return sync_or_fail(SYS_fdatasync, fd); }
extern "C" int syncfs(int fd) noexcept { return sync_or_fail(SYS_syncfs, fd); }

namespace p2p::io_linux {
namespace {

using test::files_below;
using test::Folder;
using test::kKibibyte;
using test::Piece;
using test::piece_of;
using test::serves;

ino_t inode_of(const std::string& path) {
  struct stat there {};
  EXPECT_EQ(::stat(path.c_str(), &there), 0) << path;
  return there.st_ino;
}

// Few pieces are synced each by itself, many together.
class FailingDisk : public ::testing::TestWithParam<uint64_t> {
 protected:
  ~FailingDisk() override { error_of_syncs = 0; }
};
INSTANTIATE_TEST_SUITE_P(Pieces, FailingDisk, ::testing::Values(3, 100));

TEST_P(FailingDisk, pieces_are_written_again_before_they_are_called_durable) {
  const uint64_t count = GetParam();
  const Folder folder;
  auto opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  for (uint64_t i = 0; i < count; ++i) {
    const Piece piece = piece_of(i, 500);
    ASSERT_EQ(opened.store->put(piece.digest, piece.bytes), StoreStatus::ok);
  }
  const Piece first = piece_of(0, 500);
  std::string waiting;
  for (const auto& name : files_below(folder / "data/incoming")) {
    if (name.find(first.digest.hex()) != std::string::npos) {
      waiting = folder / "data/incoming/" + name;
    }
  }
  // Held open, so that the file's number is not given to another.
  const auto held_open = opened.store->load(first.digest, false);
  const ino_t before = inode_of(waiting);

  error_of_syncs = EIO;
  EXPECT_EQ(opened.store->sync(), StoreStatus::io_error);
  EXPECT_NE(opened.store->last_error().text.find("Input/output error"), std::string::npos);
  EXPECT_TRUE(files_below(folder / "data/pieces").empty());
  error_of_syncs = ENOSPC;
  EXPECT_EQ(opened.store->sync(), StoreStatus::no_space);
  EXPECT_TRUE(files_below(folder / "data/pieces").empty());
  EXPECT_EQ(opened.store->held().size(), count);
  for (uint64_t i = 0; i < count; ++i) EXPECT_TRUE(serves(*opened.store, piece_of(i, 500)));

  error_of_syncs = 0;
  EXPECT_EQ(opened.store->sync(), StoreStatus::ok);
  EXPECT_EQ(files_below(folder / "data/pieces").size(), count);
  EXPECT_EQ(test::breaks_the_law(folder / "data"), "");
  const std::string hex = first.digest.hex();
  EXPECT_NE(inode_of(folder / "data/pieces/10/" + hex.substr(0, 2) + "/" + hex), before);
  EXPECT_EQ(test::bytes_of(held_open), first.bytes);
}

TEST_P(FailingDisk, what_could_not_be_synced_is_left_to_the_next_run) {
  const Folder folder;
  {
    auto opened = PieceStore::open(folder / "data", kKibibyte);
    ASSERT_NE(opened.store, nullptr);
    for (uint64_t i = 0; i < GetParam(); ++i) {
      const Piece piece = piece_of(i, 500);
      ASSERT_EQ(opened.store->put(piece.digest, piece.bytes), StoreStatus::ok);
    }
  }
  error_of_syncs = EIO;
  auto opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  EXPECT_EQ(opened.report.pieces, 0u);
  EXPECT_EQ(opened.report.errors.size(), 1u);
  error_of_syncs = 0;
  opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  EXPECT_EQ(opened.report.recovered, GetParam());
}

TEST(FailingDiskTarget, a_target_that_lost_writes_is_never_called_whole) {
  const Folder folder;
  auto opened = Target::open(folder / "file", kKibibyte);
  ASSERT_NE(opened.target, nullptr);
  const Piece piece = piece_of(1, 1000);
  ASSERT_EQ(opened.target->put_at(piece.digest, piece.bytes, 0, 1000), StoreStatus::ok);
  error_of_syncs = EIO;
  EXPECT_EQ(opened.target->sync(), StoreStatus::io_error);
  error_of_syncs = 0;
  EXPECT_EQ(opened.target->sync(), StoreStatus::ok);
  const auto error = opened.target->finish(1000, false);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->text, "the disk has failed to write " + (folder / "file.part") +
                             "; starting again checks what it holds");
  EXPECT_FALSE(std::filesystem::exists(folder / "file"));
}

}  // namespace
}  // namespace p2p::io_linux
