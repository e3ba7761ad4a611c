// What is left of a store whose process was killed, or whose machine lost power, and what two
// processes on one folder see of each other.
#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <thread>

#include "io_linux/store/piece_store.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

using test::exit_status;
using test::files_below;
using test::Folder;
using test::kKibibyte;
using test::Piece;
using test::piece_of;
using test::serves;
using test::start_child;

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    read = Fd(ends[0]);
    write = Fd(ends[1]);
  }
  void say(char what) const { EXPECT_EQ(::write(write.get(), &what, 1), 1); }
  char hear() const {
    char what = 0;
    EXPECT_EQ(::read(read.get(), &what, 1), 1);
    return what;
  }
  Fd read;
  Fd write;
};

size_t length_of(uint64_t number) { return 1 + (number * 37) % 1024; }

// Stores the pieces from `first` on for ever, on two threads, and says '.' for each.
int store_for_ever(const std::string& data_dir, uint64_t first, const Pipe& pipe) {
  auto opened = PieceStore::open(data_dir, kKibibyte);
  if (opened.store == nullptr) return 1;
  const auto work = [&](uint64_t number) {
    for (uint64_t i = 0;; ++i, number += 2) {
      const Piece piece = piece_of(number, length_of(number));
      if (opened.store->put(piece.digest, piece.bytes) != StoreStatus::ok) ::_exit(2);
      pipe.say('.');
      if (i % 5 == 4 && opened.store->sync() != StoreStatus::ok) ::_exit(3);
    }
  };
  std::thread other(work, first + 1);
  work(first);
  return 0;
}

TEST(PieceStoreCrash, after_a_kill_at_any_moment_only_whole_pieces_are_left) {
  const Folder folder;
  const std::string data_dir = folder / "data";
  uint64_t said_in_all = 0;
  for (uint64_t round = 0; round < 12; ++round) {
    const Pipe pipe;
    const pid_t child =
        start_child([&] { return store_for_ever(data_dir, round * 100'000, pipe); });
    ASSERT_GT(child, 0);
    // A different moment in each round: in a write, in a sync, in the recovery that comes first.
    const uint64_t said = 3 + (round * 7) % 40;
    for (uint64_t i = 0; i < said; ++i) ASSERT_EQ(pipe.hear(), '.');
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(exit_status(child), 128 + SIGKILL);
    EXPECT_EQ(test::breaks_the_law(data_dir), "");
    said_in_all += said;
    if (round % 3 != 2) continue;  // else what is left piles up

    auto opened = PieceStore::open(data_dir, kKibibyte);
    ASSERT_NE(opened.store, nullptr) << opened.error.text;
    EXPECT_TRUE(opened.report.errors.empty());
    EXPECT_EQ(test::breaks_the_law(data_dir), "");
    EXPECT_EQ(opened.report.ignored, 0u);
    // SIGKILL takes no bytes that the kernel has.
    EXPECT_GE(opened.report.pieces, said_in_all);
    EXPECT_EQ(files_below(data_dir + "/pieces").size(), opened.report.pieces);
    EXPECT_EQ(files_below(data_dir + "/incoming").size(), 1u);  // the lock of this run
    for (const auto& digest : opened.store->held()) {
      EXPECT_EQ(opened.store->load(digest, true).status, StoreStatus::ok);
    }
  }
}

TEST(PieceStoreCrash, torn_files_and_strangers_in_incoming_are_removed) {
  const Folder folder;
  const std::string run = folder / "data/incoming/10-4242-0123456789abcdef";
  std::filesystem::create_directories(run);
  const Piece good = piece_of(1, 1000);
  const Piece torn = piece_of(2, 1000);
  const Piece flipped = piece_of(3, 1000);
  test::write_all(run + "/" + good.digest.hex(), good.bytes);
  test::write_all(run + "/" + torn.digest.hex(), std::span(torn.bytes).first(512));
  auto bytes = flipped.bytes;
  bytes[999] ^= std::byte{0x80};
  test::write_all(run + "/" + flipped.digest.hex(), bytes);
  test::write_all(run + "/" + piece_of(4, 10).digest.hex() + ".part", good.bytes);
  test::write_all(run + "/" + piece_of(5, 10).digest.hex(), std::vector<std::byte>(1025));
  test::write_all(run + "/garbage", bytes);

  auto opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  EXPECT_EQ(opened.report.recovered, 1u);
  EXPECT_EQ(opened.report.removed, 5u);
  EXPECT_TRUE(opened.report.errors.empty());
  EXPECT_EQ(opened.store->held(), std::vector{good.digest});
  EXPECT_TRUE(serves(*opened.store, good));
  EXPECT_FALSE(std::filesystem::exists(run));
}

TEST(PieceStoreCrash, what_cannot_be_recovered_is_said_and_stays) {
  const Folder folder;
  const std::string run = folder / "data/incoming/10-4242-0123456789abcdef";
  std::filesystem::create_directories(run + "/a-folder");
  const Piece good = piece_of(1, 1000);
  test::write_all(run + "/" + good.digest.hex(), good.bytes);
  auto opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  EXPECT_EQ(opened.report.errors.size(), 1u);
  EXPECT_TRUE(serves(*opened.store, good));
  EXPECT_TRUE(std::filesystem::exists(run + "/a-folder"));
}

TEST(PieceStoreCrash, folders_of_other_programs_in_incoming_are_left_alone) {
  const Folder folder;
  std::filesystem::create_directories(folder / "data/incoming/photos");
  test::write_all(folder / "data/incoming/photos/cat", piece_of(1, 9).bytes);
  test::write_all(folder / "data/incoming/note", piece_of(1, 9).bytes);
  auto opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  EXPECT_EQ(opened.report.removed, 0u);
  EXPECT_TRUE(std::filesystem::exists(folder / "data/incoming/photos/cat"));
  EXPECT_TRUE(std::filesystem::exists(folder / "data/incoming/note"));
}

// Puts one piece, says so, syncs when told, says so, puts another and waits for its end.
int put_sync_put(const std::string& data_dir, const Pipe& to_parent, const Pipe& to_child) {
  auto opened = PieceStore::open(data_dir, kKibibyte);
  if (opened.store == nullptr) return 1;
  const Piece first = piece_of(1, 100);
  const Piece second = piece_of(2, 100);
  if (opened.store->put(first.digest, first.bytes) != StoreStatus::ok) return 2;
  to_parent.say('1');
  to_child.hear();
  if (opened.store->sync() != StoreStatus::ok) return 3;
  if (opened.store->put(second.digest, second.bytes) != StoreStatus::ok) return 4;
  to_parent.say('2');
  to_child.hear();
  return 5;
}

TEST(PieceStoreCrash, two_processes_share_a_folder) {
  const Folder folder;
  const std::string data_dir = folder / "data";
  const Pipe to_parent;
  const Pipe to_child;
  const pid_t child = start_child([&] { return put_sync_put(data_dir, to_parent, to_child); });
  ASSERT_GT(child, 0);
  ASSERT_EQ(to_parent.hear(), '1');

  // What the other has not synced is its own, and nobody takes it for the rest of a crash.
  auto ours = PieceStore::open(data_dir, kKibibyte);
  ASSERT_NE(ours.store, nullptr);
  EXPECT_EQ(ours.report.recovered + ours.report.removed + ours.report.pieces, 0u);
  const Piece first = piece_of(1, 100);
  EXPECT_EQ(ours.store->load(first.digest, false).status, StoreStatus::not_held);
  const Piece third = piece_of(3, 100);
  ASSERT_EQ(ours.store->put(third.digest, third.bytes), StoreStatus::ok);

  to_child.say('g');
  ASSERT_EQ(to_parent.hear(), '2');
  EXPECT_TRUE(serves(*ours.store, first));
  ASSERT_EQ(ours.store->sync(), StoreStatus::ok);

  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(exit_status(child), 128 + SIGKILL);
  auto later = PieceStore::open(data_dir, kKibibyte);
  ASSERT_NE(later.store, nullptr);
  EXPECT_EQ(later.report.recovered, 1u);
  for (uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(serves(*later.store, piece_of(i, 100)));
  EXPECT_TRUE(serves(*ours.store, third));
}

TEST(PieceStoreCrash, both_may_put_the_same_piece) {
  const Folder folder;
  auto one = PieceStore::open(folder / "data", kKibibyte);
  auto two = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_TRUE(one.store != nullptr && two.store != nullptr);
  const Piece piece = piece_of(1, 600);
  ASSERT_EQ(one.store->put(piece.digest, piece.bytes), StoreStatus::ok);
  ASSERT_EQ(two.store->put(piece.digest, piece.bytes), StoreStatus::ok);
  EXPECT_EQ(one.store->sync(), StoreStatus::ok);
  EXPECT_EQ(two.store->sync(), StoreStatus::ok);
  EXPECT_TRUE(serves(*one.store, piece));
  EXPECT_TRUE(serves(*two.store, piece));
  EXPECT_EQ(files_below(folder / "data/pieces").size(), 1u);
}

}  // namespace
}  // namespace p2p::io_linux
