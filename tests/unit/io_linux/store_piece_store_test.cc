// io_linux/store/piece_store.h: what is kept, what is served, what the folders look like.
#include "io_linux/store/piece_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "io_linux/store/memory_store.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

using test::bytes_of;
using test::files_below;
using test::Folder;
using test::kKibibyte;
using test::kMebibyte;
using test::Piece;
using test::piece_of;
using test::serves;

std::unique_ptr<PieceStore> open_store(const std::string& data_dir,
                                       PieceSize piece_size = kKibibyte) {
  auto opened = PieceStore::open(data_dir, piece_size);
  EXPECT_NE(opened.store, nullptr) << opened.error.text;
  EXPECT_TRUE(opened.report.errors.empty());
  return std::move(opened.store);
}

std::string name_in_pieces(const Piece& piece, const std::string& log2 = "10") {
  const std::string hex = piece.digest.hex();
  return log2 + "/" + hex.substr(0, 2) + "/" + hex;
}

TEST(PieceStore, serves_a_piece_before_and_after_the_sync) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  const Piece piece = piece_of(1, 700);
  EXPECT_EQ(store->load(piece.digest, false).status, StoreStatus::not_held);
  ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
  EXPECT_TRUE(serves(*store, piece));
  EXPECT_TRUE(files_below(folder / "data/pieces").empty());
  ASSERT_EQ(store->sync(), StoreStatus::ok);
  EXPECT_TRUE(serves(*store, piece));
  EXPECT_EQ(files_below(folder / "data/pieces"), std::set{name_in_pieces(piece)});
  EXPECT_EQ(store->held(), std::vector{piece.digest});
}

TEST(PieceStore, a_file_that_is_being_sent_survives_the_move) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  const Piece piece = piece_of(2, 1024);
  ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
  const auto sending = store->load(piece.digest, false);
  ASSERT_TRUE(std::holds_alternative<FileSlice>(sending.bytes));
  ASSERT_EQ(store->sync(), StoreStatus::ok);
  EXPECT_EQ(bytes_of(sending), piece.bytes);
}

TEST(PieceStore, trailing_zeros_take_no_room) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  Piece piece = piece_of(3, 5);
  auto padded = piece.bytes;
  padded.resize(kKibibyte.bytes());
  const Piece zeros = piece_of(0, 0);
  ASSERT_EQ(store->put(piece.digest, padded), StoreStatus::ok);
  ASSERT_EQ(store->put(zeros.digest, std::vector<std::byte>(1024)), StoreStatus::ok);
  ASSERT_EQ(store->sync(), StoreStatus::ok);
  EXPECT_EQ(std::filesystem::file_size(folder / "data/pieces/" + name_in_pieces(piece)), 5u);
  EXPECT_EQ(std::filesystem::file_size(folder / "data/pieces/" + name_in_pieces(zeros)), 0u);
  EXPECT_TRUE(serves(*store, piece));
  EXPECT_TRUE(serves(*store, zeros));
}

TEST(PieceStore, the_next_run_holds_what_was_synced_in_ascending_order) {
  const Folder folder;
  std::vector<Digest> digests;
  {
    const auto store = open_store(folder / "data");
    for (uint64_t i = 0; i < 100; ++i) {
      const Piece piece = piece_of(i, 10 + i);
      ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
      digests.push_back(piece.digest);
    }
    ASSERT_EQ(store->sync(), StoreStatus::ok);
  }
  EXPECT_TRUE(files_below(folder / "data/incoming").empty());
  std::sort(digests.begin(), digests.end());
  auto opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  EXPECT_EQ(opened.store->held(), digests);
  EXPECT_EQ(opened.report.pieces, 100u);
  EXPECT_EQ(opened.report.recovered, 0u);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(serves(*opened.store, piece_of(i, 10 + i)));
}

TEST(PieceStore, a_run_that_ends_without_a_sync_loses_nothing_that_the_kernel_kept) {
  const Folder folder;
  const Piece piece = piece_of(4, 900);
  { ASSERT_EQ(open_store(folder / "data")->put(piece.digest, piece.bytes), StoreStatus::ok); }
  auto opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  EXPECT_EQ(opened.report.recovered, 1u);
  EXPECT_EQ(opened.report.pieces, 1u);
  EXPECT_TRUE(serves(*opened.store, piece));
}

TEST(PieceStore, networks_of_different_piece_sizes_share_a_folder) {
  const Folder folder;
  const Piece small = piece_of(5, 800);
  const Piece large = piece_of(5, 800, kMebibyte);
  { ASSERT_EQ(open_store(folder / "data")->put(small.digest, small.bytes), StoreStatus::ok); }
  const auto store = open_store(folder / "data", kMebibyte);
  ASSERT_EQ(store->put(large.digest, large.bytes), StoreStatus::ok);
  ASSERT_EQ(store->sync(), StoreStatus::ok);
  EXPECT_EQ(store->held(), std::vector{large.digest});
  EXPECT_EQ(files_below(folder / "data/pieces"),
            (std::set{name_in_pieces(small), name_in_pieces(large, "20")}));
}

TEST(PieceStore, files_that_cannot_be_pieces_are_ignored_and_stay) {
  const Folder folder;
  const Piece piece = piece_of(6, 100);
  const Piece elsewhere = piece_of(7, 100);
  {
    const auto store = open_store(folder / "data");
    ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
    ASSERT_EQ(store->sync(), StoreStatus::ok);
  }
  const std::string shelf = folder / "data/pieces/10/" + piece.digest.hex().substr(0, 2) + "/";
  test::write_all(folder / "data/pieces/10/README", piece.bytes);
  test::write_all(shelf + "notes.txt", piece.bytes);
  test::write_all(shelf + elsewhere.digest.hex(), elsewhere.bytes);
  const std::string too_long = piece.digest.hex().substr(0, 2) + std::string(62, 'a');
  test::write_all(shelf + too_long, std::vector<std::byte>(1025));
  std::filesystem::create_symlink("/dev/zero", shelf + too_long.substr(0, 63) + "b");

  auto opened = PieceStore::open(folder / "data", kKibibyte);
  ASSERT_NE(opened.store, nullptr);
  EXPECT_EQ(opened.report.ignored, 5u);
  EXPECT_EQ(opened.store->held(), std::vector{piece.digest});
  EXPECT_EQ(opened.store->load(*Digest::from_hex(too_long), false).status, StoreStatus::not_held);
  EXPECT_TRUE(std::filesystem::exists(shelf + "notes.txt"));
}

TEST(PieceStore, a_piece_whose_file_is_gone_is_no_longer_held_and_can_come_again) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  const Piece piece = piece_of(8, 50);
  ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
  ASSERT_EQ(store->sync(), StoreStatus::ok);
  std::filesystem::remove(folder / "data/pieces/" + name_in_pieces(piece));
  EXPECT_EQ(store->load(piece.digest, false).status, StoreStatus::not_held);
  EXPECT_TRUE(store->held().empty());
  ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
  EXPECT_TRUE(serves(*store, piece));
}

TEST(PieceStore, a_piece_that_has_lost_bits_is_found_out_when_it_is_read) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  const Piece piece = piece_of(9, 50);
  ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
  ASSERT_EQ(store->sync(), StoreStatus::ok);
  const std::string path = folder / "data/pieces/" + name_in_pieces(piece);
  auto bytes = piece.bytes;
  bytes[20] ^= std::byte{4};
  test::write_all(path, bytes);
  EXPECT_EQ(store->load(piece.digest, true).status, StoreStatus::not_held);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(store->held().empty());
}

TEST(PieceStore, incoming_files_removed_by_hand_fail_one_sync_and_no_more) {
  for (const uint64_t count : {uint64_t{2}, uint64_t{40}}) {
    const Folder folder;
    const auto store = open_store(folder / "data");
    for (uint64_t i = 0; i < count; ++i) {
      const Piece piece = piece_of(i, 50);
      ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
    }
    for (const auto& name : files_below(folder / "data/incoming")) {
      if (name.find("lock") == std::string::npos) {
        std::filesystem::remove(folder / "data/incoming/" + name);
        break;
      }
    }
    EXPECT_EQ(store->sync(), StoreStatus::io_error);
    EXPECT_NE(store->last_error().text.find("No such file"), std::string::npos);
    EXPECT_EQ(store->sync(), StoreStatus::ok);
    EXPECT_EQ(store->held().size(), count - 1);
    EXPECT_EQ(files_below(folder / "data/pieces").size(), count - 1);
  }
}

TEST(PieceStore, folders_are_for_their_owner_alone) {
  const Folder folder;
  const auto store = open_store(folder / "a/b/data");
  const auto mode = std::filesystem::status(folder / "a/b/data").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_all);
}

TEST(PieceStore, a_folder_that_cannot_be_made_is_said_in_a_sentence) {
  const Folder folder;
  test::write_all(folder / "file", {});
  const auto opened = PieceStore::open(folder / "file", kKibibyte);
  EXPECT_EQ(opened.store, nullptr);
  EXPECT_EQ(opened.error.error_number, ENOTDIR);
  EXPECT_EQ(opened.error.text,
            "cannot create " + (folder / "file/pieces/10") + ": Not a directory");
}

TEST(PieceStore, more_loads_than_descriptors_are_kept_open_all_succeed) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  for (uint64_t i = 0; i < 200; ++i) {
    const Piece piece = piece_of(i, 30);
    ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
    ASSERT_EQ(store->load(piece.digest, false).status, StoreStatus::ok);
  }
  size_t open_descriptors = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code ignored;
    const auto target = std::filesystem::read_symlink(entry.path(), ignored).string();
    if (target.rfind(folder.path(), 0) == 0) ++open_descriptors;
  }
  EXPECT_LE(open_descriptors, 65u);  // 64 pieces and the lock
  for (uint64_t i = 0; i < 200; ++i) EXPECT_TRUE(serves(*store, piece_of(i, 30)));
}

TEST(PieceStore, without_descriptors_it_lets_go_of_those_it_keeps) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  for (uint64_t i = 0; i < 20; ++i) {
    const Piece piece = piece_of(i, 30);
    ASSERT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
    ASSERT_EQ(store->load(piece.digest, false).status, StoreStatus::ok);
  }
  const Piece last = piece_of(99, 30);
  ASSERT_EQ(store->put(last.digest, last.bytes), StoreStatus::ok);
  // The next descriptor would be the lowest free one: nothing from there on may be opened.
  const int free_fd = ::open("/dev/null", O_RDONLY);
  ASSERT_GE(free_fd, 0);
  ::close(free_fd);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(free_fd);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto loaded = store->load(last.digest, false);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(loaded.status, StoreStatus::ok);
}

TEST(PieceStore, threads_put_load_and_sync_at_once) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  const auto work = [&](uint64_t first) {
    for (uint64_t i = 0; i < 120; ++i) {
      const Piece piece = piece_of((first + i) % 150, 200);  // the threads overlap
      EXPECT_EQ(store->put(piece.digest, piece.bytes), StoreStatus::ok);
      EXPECT_TRUE(serves(*store, piece));
      if (i % 10 == 9) {
        EXPECT_EQ(store->sync(), StoreStatus::ok);
      }
    }
  };
  std::thread one(work, 0);
  std::thread two(work, 40);
  work(80);
  one.join();
  two.join();
  EXPECT_EQ(store->sync(), StoreStatus::ok);
  EXPECT_EQ(store->held().size(), 150u);
  EXPECT_EQ(files_below(folder / "data/pieces").size(), 150u);
  EXPECT_EQ(test::breaks_the_law(folder / "data"), "");
}

// Mounts a filesystem of 256 KiB where only this process sees it.
bool mount_small_disk(const std::string& path) {
  const bool root = ::geteuid() == 0;
  const auto as_itself = [](unsigned id) {
    return std::to_string(id) + " " + std::to_string(id) + " 1";
  };
  const std::string user_map = as_itself(::geteuid());
  const std::string group_map = as_itself(::getegid());
  if (::unshare(root ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  if (!root) {
    std::ofstream("/proc/self/uid_map") << user_map;
    std::ofstream("/proc/self/setgroups") << "deny";
    std::ofstream("/proc/self/gid_map") << group_map;
  }
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("none", path.c_str(), "tmpfs", 0, "size=256k") == 0;
}

// 77: the machine does not allow the mount.
int fill_a_small_disk(const std::string& data_dir) {
  if (!mount_small_disk(data_dir)) return 77;
  auto opened = PieceStore::open(data_dir + "/data", kKibibyte);
  if (opened.store == nullptr) return 1;
  std::vector<Piece> kept;
  auto status = StoreStatus::ok;
  for (uint64_t i = 0; i < 1000 && status == StoreStatus::ok; ++i) {
    const Piece piece = piece_of(i, 1024);
    status = opened.store->put(piece.digest, piece.bytes);
    if (status == StoreStatus::ok) kept.push_back(piece);
  }
  if (status != StoreStatus::no_space || kept.size() < 10) return 2;
  if (opened.store->last_error().text.find("No space left on device") == std::string::npos)
    return 3;
  for (const auto& name : files_below(data_dir)) {
    if (name.find(".part") != std::string::npos) return 4;
  }
  for (const Piece& piece : kept) {
    if (!serves(*opened.store, piece)) return 5;
  }
  return opened.store->held().size() == kept.size() ? 0 : 6;
}

TEST(PieceStore, a_full_disk_is_said_and_leaves_nothing_partial) {
  const Folder folder;
  const int status =
      test::exit_status(test::start_child([&] { return fill_a_small_disk(folder.path()); }));
  if (status == 77) GTEST_SKIP() << "this user may not mount a small filesystem";
  EXPECT_EQ(status, 0);
}

TEST(PieceStore, has_no_targets) {
  const Folder folder;
  const auto store = open_store(folder / "data");
  const Piece piece = piece_of(1, 10);
  EXPECT_EQ(store->put_at(piece.digest, piece.bytes, {{FetchId{1}, 0, 10}}), StoreStatus::not_held);
  EXPECT_EQ(store->place(piece.digest, {{FetchId{1}, 0, 10}}), StoreStatus::not_held);
}

TEST(MemoryStore, serves_what_was_put) {
  MemoryStore store;
  const Piece piece = piece_of(1, 4);
  EXPECT_EQ(store.load(piece.digest, false).status, StoreStatus::not_held);
  auto padded = piece.bytes;
  padded.resize(1024);
  ASSERT_EQ(store.put(piece.digest, padded), StoreStatus::ok);
  EXPECT_TRUE(serves(store, piece));
  EXPECT_EQ(std::get<Slice>(store.load(piece.digest, false).bytes).size(), 4u);
  EXPECT_EQ(store.held(), std::vector{piece.digest});
  EXPECT_EQ(store.sync(), StoreStatus::ok);
}

}  // namespace
}  // namespace p2p::io_linux
