// io_linux/store/target.h and node_store.h: a content on its way into a file.
#include "io_linux/store/target.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "io_linux/store/memory_store.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/piece_store.h"
#include "tests/support/content_tree.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

using p2p::test::ContentTree;
using p2p::test::counting_bytes;
using p2p::test::make_content_tree;
using test::Folder;
using test::kKibibyte;
using test::Piece;
using test::piece_of;
using test::read_all;
using test::serves;

// Contents of many small pieces, so that trees have three levels: 30 children a node.
constexpr size_t kP = 1024;

std::shared_ptr<Target> open_target(const std::string& path) {
  auto opened = Target::open(path, kKibibyte);
  EXPECT_NE(opened.target, nullptr) << opened.error.text;
  return opened.target;
}

// Bytes that repeat nowhere, so that each piece has one place.
std::vector<std::byte> unlike_bytes(size_t count) {
  std::vector<std::byte> bytes(count);
  for (size_t i = 0; i < count; ++i) {
    bytes[i] = static_cast<std::byte>((i / kP * 2654435761U + i * 40503U) >> 9 & 0xff);
  }
  return bytes;
}

struct DataPiece {
  Digest digest;
  std::span<const std::byte> bytes;
  uint64_t offset = 0;
};

std::vector<DataPiece> data_pieces(std::span<const std::byte> content) {
  std::vector<DataPiece> pieces;
  for (size_t at = 0; at < content.size(); at += kP) {
    const auto bytes = content.subspan(at, std::min<size_t>(kP, content.size() - at));
    pieces.push_back({sha256_zero_filled(bytes, kP - bytes.size()), bytes, at});
  }
  return pieces;
}

StoreStatus put(Target& target, const DataPiece& piece) {
  return target.put_at(piece.digest, piece.bytes, piece.offset,
                       static_cast<uint32_t>(piece.bytes.size()));
}

void put_nodes(Store& store, const ContentTree& tree) {
  for (const auto& node : tree.nodes) {
    ASSERT_EQ(store.put(node.digest, node.bytes.bytes()), StoreStatus::ok);
  }
}

TEST(Target, becomes_the_file_when_every_piece_is_in_its_place) {
  const Folder folder;
  const auto content = unlike_bytes(50 * kP + 77);
  const auto target = open_target(folder / "file");
  ASSERT_EQ(target->reserve(content.size()), StoreStatus::ok);
  const auto pieces = data_pieces(content);
  for (size_t i = pieces.size(); i-- > 0;) ASSERT_EQ(put(*target, pieces[i]), StoreStatus::ok);
  ASSERT_EQ(target->sync(), StoreStatus::ok);
  EXPECT_FALSE(std::filesystem::exists(folder / "file"));
  const auto error = target->finish(content.size(), false);
  ASSERT_FALSE(error) << error->text;
  EXPECT_EQ(read_all(folder / "file"), content);
  EXPECT_FALSE(std::filesystem::exists(folder / "file.part"));
}

TEST(Target, the_mode_of_the_file_is_that_of_any_new_file) {
  const Folder folder;
  const mode_t before = ::umask(027);
  const auto target = open_target(folder / "file");
  ::umask(before);
  const auto perms = [](const std::string& path) {
    return static_cast<unsigned>(std::filesystem::status(path).permissions());
  };
  EXPECT_EQ(perms(folder / "file.part"), 0600u);
  ASSERT_FALSE(target->finish(0, false));
  EXPECT_EQ(perms(folder / "file"), 0640u);
}

TEST(Target, serves_pieces_from_their_places) {
  const Folder folder;
  const auto content = unlike_bytes(10 * kP + 5);
  const auto target = open_target(folder / "file");
  for (const auto& piece : data_pieces(content)) {
    EXPECT_EQ(target->load(piece.digest, false).status, StoreStatus::not_held);
    ASSERT_EQ(put(*target, piece), StoreStatus::ok);
    const auto sent = target->load(piece.digest, false);
    ASSERT_EQ(sent.status, StoreStatus::ok);
    EXPECT_EQ(std::get<FileSlice>(sent.bytes).offset, piece.offset);
    EXPECT_EQ(std::get<FileSlice>(sent.bytes).length, piece.bytes.size());
    EXPECT_EQ(std::get<Slice>(target->load(piece.digest, true).bytes).size(), piece.bytes.size());
  }
}

TEST(Target, zeros_overwrite_what_an_earlier_content_left) {
  const Folder folder;
  test::write_all(folder / "file.part", unlike_bytes(3 * kP));
  const auto target = open_target(folder / "file");
  const Digest zeros = sha256_zero_filled({}, kP);
  ASSERT_EQ(target->put_at(zeros, {}, 0, kP), StoreStatus::ok);
  const Piece piece = piece_of(1, 3);
  ASSERT_EQ(target->put_at(piece.digest, piece.bytes, kP, 100), StoreStatus::ok);
  ASSERT_FALSE(target->finish(kP + 100, false));
  auto expected = std::vector<std::byte>(kP + 100);
  std::copy(piece.bytes.begin(), piece.bytes.end(), expected.begin() + kP);
  EXPECT_EQ(read_all(folder / "file"), expected);
}

TEST(Target, once_finished_it_serves_only_what_the_file_still_holds) {
  const Folder folder;
  const auto content = unlike_bytes(3 * kP);
  const auto pieces = data_pieces(content);
  const auto target = open_target(folder / "file");
  for (const auto& piece : pieces) ASSERT_EQ(put(*target, piece), StoreStatus::ok);
  ASSERT_FALSE(target->finish(content.size(), false));
  // The user changes a byte of the second piece, in place.
  std::fstream file(folder / "file", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(kP + 10);
  file.put('!');
  file.close();
  EXPECT_TRUE(std::holds_alternative<Slice>(target->load(pieces[0].digest, false).bytes));
  EXPECT_EQ(target->load(pieces[1].digest, false).status, StoreStatus::not_held);
  EXPECT_EQ(target->load(pieces[2].digest, false).status, StoreStatus::ok);
}

TEST(Target, a_piece_at_two_places_is_served_from_the_other_when_one_goes_bad) {
  const Folder folder;
  const auto target = open_target(folder / "file");
  const Piece piece = piece_of(1, kP);
  ASSERT_EQ(target->put_at(piece.digest, piece.bytes, 0, kP), StoreStatus::ok);
  ASSERT_EQ(target->put_at(piece.digest, piece.bytes, 5 * kP, kP), StoreStatus::ok);
  const Piece other = piece_of(2, kP);
  ASSERT_EQ(target->put_at(other.digest, other.bytes, 0, kP), StoreStatus::ok);
  EXPECT_FALSE(target->holds(piece.digest, 0, kP));
  EXPECT_TRUE(target->holds(piece.digest, 5 * kP, kP));
  EXPECT_EQ(std::get<FileSlice>(target->load(piece.digest, false).bytes).offset, 5 * kP);
}

TEST(Target, does_not_replace_another_file_unless_told) {
  const Folder folder;
  const auto content = unlike_bytes(2 * kP);
  test::write_all(folder / "file", std::span(content).first(9));
  const auto target = open_target(folder / "file");
  for (const auto& piece : data_pieces(content)) ASSERT_EQ(put(*target, piece), StoreStatus::ok);
  const auto error = target->finish(content.size(), false);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->error_number, EEXIST);
  EXPECT_EQ(error->text, (folder / "file") +
                             " exists already, with other bytes; what was fetched is in " +
                             (folder / "file.part"));
  EXPECT_EQ(read_all(folder / "file").size(), 9u);
  ASSERT_FALSE(target->finish(content.size(), true));
  EXPECT_EQ(read_all(folder / "file"), content);
}

TEST(Target, the_same_file_in_its_place_is_no_conflict) {
  const Folder folder;
  const auto content = unlike_bytes(700 * kP);
  test::write_all(folder / "file", content);
  const auto target = open_target(folder / "file");
  for (const auto& piece : data_pieces(content)) ASSERT_EQ(put(*target, piece), StoreStatus::ok);
  EXPECT_FALSE(target->finish(content.size(), false));
  EXPECT_EQ(read_all(folder / "file"), content);
  EXPECT_FALSE(std::filesystem::exists(folder / "file.part"));
}

TEST(Target, refuses_what_is_no_file_and_what_another_writes) {
  const Folder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe.part").c_str(), 0600), 0);
  EXPECT_NE(Target::open(folder / "pipe", kKibibyte).error.text.find("is no regular file"),
            std::string::npos);
  std::filesystem::create_symlink(folder / "elsewhere", folder / "link.part");
  EXPECT_EQ(Target::open(folder / "link", kKibibyte).error.error_number, ELOOP);
  EXPECT_EQ(Target::open(folder / "none/file", kKibibyte).error.error_number, ENOENT);

  auto first = open_target(folder / "file");
  const auto second = Target::open(folder / "file", kKibibyte);
  EXPECT_EQ(second.target, nullptr);
  EXPECT_EQ(second.error.text, (folder / "file.part") + " is being written by another process");
  first.reset();
  EXPECT_NE(open_target(folder / "file"), nullptr);
}

TEST(Target, more_than_the_disk_has_is_refused_before_a_byte_is_fetched) {
  const Folder folder;
  const auto target = open_target(folder / "file");
  const auto status = target->reserve(kContentMax);
  EXPECT_TRUE(status == StoreStatus::no_space || status == StoreStatus::io_error);
  EXPECT_FALSE(target->last_error().text.empty());
}

TEST(Target, recovers_what_an_earlier_run_left) {
  const Folder folder;
  const auto content = unlike_bytes(1000 * kP + 500);
  const auto tree = make_content_tree(kKibibyte, content);
  const auto pieces = data_pieces(content);
  MemoryStore nodes;
  put_nodes(nodes, tree);
  {
    const auto target = open_target(folder / "file");
    ASSERT_EQ(target->reserve(content.size()), StoreStatus::ok);
    for (size_t i = 0; i < pieces.size(); i += 3) {
      ASSERT_EQ(put(*target, pieces[i]), StoreStatus::ok);
    }
  }
  // One that was written in part when the power went.
  std::fstream file(folder / "file.part", std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(300 * kP + 512);
  file.write("torn", 4);
  file.close();

  auto opened = Target::open(folder / "file", kKibibyte);
  ASSERT_NE(opened.target, nullptr);
  EXPECT_TRUE(opened.existed);
  uint64_t checked = 0;
  const auto recovered =
      opened.target->recover(tree.id(), nodes, [&](uint64_t done, uint64_t total) {
        EXPECT_LE(done, total);
        EXPECT_EQ(total, content.size());
        checked = done;
      });
  EXPECT_EQ(checked, content.size());
  EXPECT_EQ(recovered.status, StoreStatus::ok);
  EXPECT_FALSE(recovered.cancelled);
  // 334 of 1,001 pieces were written, piece 0 first and piece 999 last, and one is torn.
  EXPECT_EQ(recovered.pieces.size(), 333u);
  EXPECT_EQ(recovered.bytes, 333u * kP);
  EXPECT_TRUE(std::is_sorted(recovered.pieces.begin(), recovered.pieces.end()));
  for (size_t i = 0; i < pieces.size(); ++i) {
    const bool there = i % 3 == 0 && i != 300;
    EXPECT_EQ(opened.target->holds(pieces[i].digest, pieces[i].offset, kP), there) << i;
    if (!there) {
      ASSERT_EQ(put(*opened.target, pieces[i]), StoreStatus::ok);
    }
  }
  ASSERT_FALSE(opened.target->finish(content.size(), false));
  EXPECT_EQ(read_all(folder / "file"), content);
}

Fd opened_for(const std::string& path, int flags) {
  return Fd(::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0600));
}

TEST(Target, that_was_handed_over_is_written_and_gets_its_name_from_whoever_opened_it) {
  const Folder folder;
  const auto content = unlike_bytes(10 * kP + 5);
  const auto pieces = data_pieces(content);
  const auto ours = open_target(folder / "file");
  auto adopted = Target::adopt("called", kKibibyte, Fd(::dup(ours->fd())));
  ASSERT_NE(adopted.target, nullptr) << adopted.error.text;
  EXPECT_FALSE(adopted.existed);
  EXPECT_EQ(adopted.target->part_path(), "called.part");
  for (const auto& piece : pieces) ASSERT_EQ(put(*adopted.target, piece), StoreStatus::ok);
  EXPECT_EQ(adopted.target->held().size(), pieces.size());
  EXPECT_TRUE(std::holds_alternative<Slice>(adopted.target->load(pieces[0].digest, false).bytes))
      << "what somebody else may write to is sent from memory, checked";
  ASSERT_FALSE(adopted.target->seal(content.size()));
  ASSERT_FALSE(ours->finish(content.size(), false));
  EXPECT_EQ(read_all(folder / "file"), content);
}

TEST(Target, that_was_handed_over_is_locked_until_it_is_let_go) {
  const Folder folder;
  auto ours = open_target(folder / "file");
  auto adopted = Target::adopt(folder / "file", kKibibyte, Fd(::dup(ours->fd())));
  ASSERT_NE(adopted.target, nullptr);
  ours.reset();
  EXPECT_EQ(Target::open(folder / "file", kKibibyte).target, nullptr);
  adopted.target.reset();
  EXPECT_NE(Target::open(folder / "file", kKibibyte).target, nullptr);
}

TEST(Target, refuses_what_it_can_not_write_at_any_place) {
  const Folder folder;
  const std::string path = folder / "file.part";
  for (const int flags : {O_RDONLY, O_WRONLY, O_RDWR | O_APPEND}) {
    const auto adopted = Target::adopt(folder / "file", kKibibyte, opened_for(path, flags));
    EXPECT_EQ(adopted.target, nullptr) << flags;
    EXPECT_NE(adopted.error.text.find("for reading and writing"), std::string::npos);
  }
  EXPECT_EQ(Target::adopt(folder / "file", kKibibyte, Fd()).target, nullptr);
  const auto device = Target::adopt(folder / "file", kKibibyte, Fd(::open("/dev/null", O_RDWR)));
  EXPECT_EQ(device.target, nullptr);
  EXPECT_NE(device.error.text.find("no regular file"), std::string::npos);
}

TEST(Target, recovers_nothing_where_the_tree_is_not_held) {
  const Folder folder;
  const auto content = unlike_bytes(1000 * kP);
  const auto tree = make_content_tree(kKibibyte, content);
  test::write_all(folder / "file.part", content);
  const auto target = open_target(folder / "file");
  MemoryStore nodes;
  EXPECT_TRUE(target->recover(tree.id(), nodes).pieces.empty());
  // With one of the nodes of the lowest level missing, its 30 pieces stay unknown.
  for (size_t i = 1; i < tree.nodes.size(); ++i) {
    ASSERT_EQ(nodes.put(tree.nodes[i].digest, tree.nodes[i].bytes.bytes()), StoreStatus::ok);
  }
  EXPECT_EQ(target->recover(tree.id(), nodes).pieces.size(), 970u);
}

TEST(Target, recovers_repeated_and_empty_pieces_at_all_their_places) {
  const Folder folder;
  auto content = std::vector<std::byte>(100 * kP);
  const auto some = unlike_bytes(kP);
  for (const size_t at : {size_t{3}, size_t{40}, size_t{77}}) {
    std::copy(some.begin(), some.end(), content.begin() + static_cast<ptrdiff_t>(at * kP));
  }
  const auto tree = make_content_tree(kKibibyte, content);
  MemoryStore nodes;
  put_nodes(nodes, tree);
  {
    const auto target = open_target(folder / "file");
    ASSERT_EQ(target->put_at(sha256(some), some, 40 * kP, kP), StoreStatus::ok);
  }
  // The file ends after piece 40; what is behind its end reads as zeros from now on.
  const auto target = open_target(folder / "file");
  const auto recovered = target->recover(tree.id(), nodes);
  EXPECT_EQ(recovered.pieces.size(), 2u);
  EXPECT_EQ(recovered.bytes, 98u * kP);
  EXPECT_TRUE(target->holds(sha256_zero_filled({}, kP), 99 * kP, kP));
  EXPECT_FALSE(target->holds(sha256(some), 3 * kP, kP));
}

TEST(Target, recovery_can_be_cancelled) {
  const Folder folder;
  const auto content = unlike_bytes(500 * kP);
  const auto tree = make_content_tree(kKibibyte, content);
  MemoryStore nodes;
  put_nodes(nodes, tree);
  test::write_all(folder / "file.part", content);
  const auto target = open_target(folder / "file");
  const std::atomic<bool> cancel{true};
  const auto recovered = target->recover(tree.id(), nodes, {}, &cancel);
  EXPECT_TRUE(recovered.cancelled);
  EXPECT_TRUE(recovered.pieces.empty());
}

TEST(Target, an_inline_content_is_written_as_it_came) {
  const Folder folder;
  const auto target = open_target(folder / "file");
  const auto content = counting_bytes(960);
  ASSERT_EQ(target->write_inline(content), StoreStatus::ok);
  ASSERT_FALSE(target->finish(960, false));
  EXPECT_EQ(read_all(folder / "file"), content);
}

TEST(NodeStore, sends_extents_to_the_targets_of_their_fetches) {
  const Folder folder;
  MemoryStore pieces;
  NodeStore store(pieces);
  const auto one = open_target(folder / "one");
  const auto two = open_target(folder / "two");
  store.add_target(FetchId{1}, one);
  store.add_target(FetchId{2}, two);
  const Piece piece = piece_of(1, kP);
  ASSERT_EQ(store.put_at(piece.digest, piece.bytes,
                         {{FetchId{1}, 0, kP}, {FetchId{1}, 4 * kP, kP}, {FetchId{2}, kP, kP}}),
            StoreStatus::ok);
  EXPECT_TRUE(one->holds(piece.digest, 0, kP) && one->holds(piece.digest, 4 * kP, kP));
  EXPECT_TRUE(two->holds(piece.digest, kP, kP));
  EXPECT_TRUE(pieces.held().empty());
  EXPECT_TRUE(serves(store, piece));
  EXPECT_EQ(store.sync(), StoreStatus::ok);

  store.remove_target(FetchId{1});
  EXPECT_EQ(store.put_at(piece.digest, piece.bytes, {{FetchId{1}, 0, kP}}), StoreStatus::not_held);
  EXPECT_EQ(store.place(piece.digest, {{FetchId{1}, 0, kP}}), StoreStatus::not_held);
  EXPECT_TRUE(serves(store, piece));
  store.remove_target(FetchId{2});
  EXPECT_EQ(store.load(piece.digest, false).status, StoreStatus::not_held);
}

TEST(NodeStore, places_a_held_piece_from_wherever_it_is) {
  const Folder folder;
  MemoryStore pieces;
  NodeStore store(pieces);
  const auto one = open_target(folder / "one");
  const auto two = open_target(folder / "two");
  store.add_target(FetchId{1}, one);
  store.add_target(FetchId{2}, two);
  const Piece kept = piece_of(1, 600);
  const Piece fetched = piece_of(2, kP);
  const Piece unknown = piece_of(3, kP);
  ASSERT_EQ(store.put(kept.digest, kept.bytes), StoreStatus::ok);
  ASSERT_EQ(store.put_at(fetched.digest, fetched.bytes, {{FetchId{1}, 0, kP}}), StoreStatus::ok);

  EXPECT_EQ(store.place(kept.digest, {{FetchId{2}, 0, 700}}), StoreStatus::ok);
  EXPECT_EQ(store.place(fetched.digest, {{FetchId{2}, kP, kP}, {FetchId{1}, 0, kP}}),
            StoreStatus::ok);
  EXPECT_EQ(store.place(unknown.digest, {{FetchId{2}, 2 * kP, kP}}), StoreStatus::not_held);
  EXPECT_TRUE(two->holds(kept.digest, 0, 700));
  EXPECT_TRUE(two->holds(fetched.digest, kP, kP));
  const auto bytes = read_all(folder / "two.part");
  ASSERT_EQ(bytes.size(), 2 * kP);
  EXPECT_TRUE(std::equal(fetched.bytes.begin(), fetched.bytes.end(), bytes.begin() + kP));
}

TEST(NodeStore, placing_what_is_there_writes_nothing) {
  const Folder folder;
  MemoryStore pieces;
  NodeStore store(pieces);
  const auto target = open_target(folder / "file");
  store.add_target(FetchId{1}, target);
  const Piece piece = piece_of(1, kP);
  ASSERT_EQ(store.put_at(piece.digest, piece.bytes, {{FetchId{1}, 0, kP}}), StoreStatus::ok);
  const auto before = std::filesystem::last_write_time(folder / "file.part");
  EXPECT_EQ(store.place(piece.digest, {{FetchId{1}, 0, kP}}), StoreStatus::ok);
  EXPECT_EQ(std::filesystem::last_write_time(folder / "file.part"), before);
}

// Fetches a content into a file as a node does, and says '.' for every piece, until it is killed.
int fetch_for_ever(const std::string& data_dir, const std::string& path, const ContentTree& tree,
                   std::span<const std::byte> content, int out) {
  auto pieces = PieceStore::open(data_dir, kKibibyte);
  auto opened = Target::open(path, kKibibyte);
  if (pieces.store == nullptr || opened.target == nullptr) return 1;
  NodeStore store(*pieces.store);
  for (const auto& node : tree.nodes) store.put(node.digest, node.bytes.bytes());
  store.sync();
  if (opened.target->reserve(content.size()) != StoreStatus::ok) return 2;
  store.add_target(FetchId{1}, opened.target);
  const auto all = data_pieces(content);
  const auto fetch = [&](size_t from) {
    for (size_t i = from; i < all.size(); i += 2) {
      const auto length = static_cast<uint32_t>(all[i].bytes.size());
      const std::vector<Extent> extents{{FetchId{1}, all[i].offset, length}};
      if (store.put_at(all[i].digest, all[i].bytes, extents) != StoreStatus::ok) ::_exit(3);
      if (::write(out, ".", 1) != 1) ::_exit(4);
    }
  };
  std::thread other(fetch, 1);
  fetch(0);
  other.join();
  ::pause();
  return 5;
}

TEST(NodeStore, a_killed_fetch_goes_on_where_it_was) {
  const Folder folder;
  const auto content = unlike_bytes(400 * kP + 1);
  const auto tree = make_content_tree(kKibibyte, content);
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe(pipe.data()), 0);
  const pid_t child = test::start_child(
      [&] { return fetch_for_ever(folder / "data", folder / "file", tree, content, pipe[1]); });
  ASSERT_GT(child, 0);
  char said = 0;
  for (int i = 0; i < 150; ++i) ASSERT_EQ(::read(pipe[0], &said, 1), 1);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(test::exit_status(child), 128 + SIGKILL);
  ::close(pipe[0]);
  ::close(pipe[1]);

  auto pieces = PieceStore::open(folder / "data", kKibibyte);
  auto opened = Target::open(folder / "file", kKibibyte);
  ASSERT_TRUE(pieces.store != nullptr && opened.target != nullptr);
  EXPECT_EQ(test::breaks_the_law(folder / "data"), "");
  EXPECT_TRUE(opened.existed);
  const auto recovered = opened.target->recover(tree.id(), *pieces.store);
  EXPECT_GE(recovered.pieces.size(), 150u);
  for (const auto& piece : data_pieces(content)) {
    const auto length = static_cast<uint32_t>(piece.bytes.size());
    if (opened.target->holds(piece.digest, piece.offset, length)) continue;
    ASSERT_EQ(put(*opened.target, piece), StoreStatus::ok);
  }
  ASSERT_FALSE(opened.target->finish(content.size(), false));
  EXPECT_EQ(read_all(folder / "file"), content);
}

}  // namespace
}  // namespace p2p::io_linux
