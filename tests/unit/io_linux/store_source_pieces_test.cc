// Serving files in place: io_linux/store/source_pieces.h.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "io_linux/store/import.h"
#include "io_linux/store/memory_store.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/settled.h"
#include "io_linux/store/source_pieces.h"
#include "tests/support/content_tree.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

using p2p::test::counting_bytes;
using p2p::test::make_content_tree;
using test::Folder;
using test::kKibibyte;

class SourcePiecesTest : public testing::Test {
 protected:
  // Imports a path in place and serves it.
  Imported serve(const std::string& path) {
    ImportOptions options;
    options.in_place = true;
    auto imported = import_content(path, kKibibyte, &nodes_, options);
    EXPECT_EQ(imported.status, Imported::Status::ok) << imported.error.text;
    sources_.add(imported.id, path, imported.source, imported.in_place, imported.settled);
    return imported;
  }
  bool serves(const std::vector<std::byte>& piece) {
    const auto loaded = all_.load(sha256_zero_filled(piece, 1024 - piece.size()), false);
    // Never a slice of the user's file: between the check and the sending it could change.
    return loaded.status == StoreStatus::ok && std::holds_alternative<Slice>(loaded.bytes);
  }

  Folder folder_;
  MemoryStore nodes_;
  SourcePieces sources_{kKibibyte};
  NodeStore all_{nodes_, &sources_};
};

std::vector<std::byte> part(const std::vector<std::byte>& bytes, size_t offset, size_t length) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(offset);
  return {begin, begin + static_cast<std::ptrdiff_t>(length)};
}

TEST_F(SourcePiecesTest, every_piece_of_the_tree_is_served_though_only_the_nodes_are_stored) {
  const auto bytes = counting_bytes(40'100);
  test::write_all(folder_ / "file", bytes);
  const auto imported = serve(folder_ / "file");
  const auto tree = make_content_tree(kKibibyte, bytes);
  EXPECT_EQ(imported.id, tree.id());
  EXPECT_EQ(nodes_.held().size(), tree.nodes.size());
  for (const auto& [digest, piece] : tree.pieces) {
    const auto loaded = all_.load(digest, true);
    ASSERT_EQ(loaded.status, StoreStatus::ok);
    EXPECT_EQ(test::bytes_of(loaded), piece);
  }
}

TEST_F(SourcePiecesTest, a_changed_piece_is_not_served_and_said_once) {
  auto bytes = counting_bytes(10'240);
  test::write_all(folder_ / "file", bytes);
  static_cast<void>(serve(folder_ / "file"));
  const auto old = bytes;
  bytes[1500] ^= std::byte{1};
  bytes[2500] ^= std::byte{1};
  test::write_all(folder_ / "file", bytes);

  EXPECT_TRUE(serves(part(old, 0, 1024)));
  EXPECT_TRUE(sources_.take_news().empty());
  EXPECT_FALSE(serves(part(old, 1024, 1024)));
  EXPECT_FALSE(serves(part(old, 2048, 1024)));
  EXPECT_TRUE(serves(part(old, 3072, 1024)));
  EXPECT_EQ(sources_.held().size(), 8U);
  const auto news = sources_.take_news();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].find((folder_ / "file") + " has changed since it was added"), 0U) << news[0];
}

TEST_F(SourcePiecesTest, a_file_that_was_cut_short_or_touched_gives_what_it_still_has) {
  const auto bytes = counting_bytes(10'240);
  test::write_all(folder_ / "file", bytes);
  static_cast<void>(serve(folder_ / "file"));
  std::filesystem::resize_file(folder_ / "file", 5000);
  EXPECT_TRUE(serves(part(bytes, 3072, 1024)));
  EXPECT_FALSE(serves(part(bytes, 4096, 1024)));
  EXPECT_EQ(sources_.take_news().size(), 1U);
}

TEST_F(SourcePiecesTest, a_piece_that_two_files_have_outlives_one_of_them) {
  const auto bytes = counting_bytes(4096);
  test::write_all(folder_ / "a", bytes);
  test::write_all(folder_ / "b", bytes);
  static_cast<void>(serve(folder_ / "a"));
  static_cast<void>(serve(folder_ / "b"));
  test::write_all(folder_ / "a", std::vector<std::byte>(4096));
  EXPECT_TRUE(serves(part(bytes, 0, 1024)));
  test::write_all(folder_ / "b", std::vector<std::byte>(4096));
  EXPECT_FALSE(serves(part(bytes, 1024, 1024)));
}

TEST_F(SourcePiecesTest, what_was_removed_is_not_served_unless_another_content_has_it) {
  const auto bytes = counting_bytes(4096);
  test::write_all(folder_ / "a", bytes);
  test::write_all(folder_ / "b", part(bytes, 0, 2048));
  const auto whole = serve(folder_ / "a");
  static_cast<void>(serve(folder_ / "b"));
  static_cast<void>(serve(folder_ / "a"));  // once more does no harm
  EXPECT_EQ(sources_.remove(whole.id).size(), 4U);
  EXPECT_TRUE(sources_.remove(whole.id).empty());
  EXPECT_TRUE(serves(part(bytes, 0, 1024)));
  EXPECT_FALSE(serves(part(bytes, 2048, 1024)));
  EXPECT_EQ(sources_.held().size(), 2U);
}

TEST_F(SourcePiecesTest, a_directory_is_served_from_its_files) {
  std::filesystem::create_directories(folder_ / "tree/d");
  const auto bytes = counting_bytes(3000);
  test::write_all(folder_ / "tree/d/long", bytes);
  test::write_all(folder_ / "tree/a", part(bytes, 0, 500));
  static_cast<void>(serve(folder_ / "tree"));
  EXPECT_TRUE(serves(part(bytes, 1024, 1024)));
  std::filesystem::remove(folder_ / "tree/d/long");
  EXPECT_FALSE(serves(part(bytes, 0, 1024)));
  EXPECT_EQ(sources_.take_news().size(), 1U);
}

// A disk that fails once.
class FailingSource final : public ContentSource {
 public:
  ContentKind kind() const override { return ContentKind::file; }
  uint64_t length() const override { return 1024; }
  SourceRead read(std::span<std::byte> out, uint64_t) const override {
    std::fill(out.begin(), out.end(), std::byte{7});
    if (std::exchange(failed_, true)) return {std::nullopt, true, false};
    return {FileError{EIO, "cannot read"}};
  }
  std::optional<FileError> check_unchanged() const override { return std::nullopt; }

 private:
  mutable bool failed_ = false;
};

TEST_F(SourcePiecesTest, a_piece_that_cannot_be_read_now_is_served_later) {
  const std::vector<std::byte> bytes(1024, std::byte{7});
  const Digest digest = sha256(bytes);
  sources_.add(digest, "failing", std::make_shared<FailingSource>(), {{digest, 0, 1024}}, false);
  EXPECT_EQ(all_.load(digest, false).status, StoreStatus::io_error);
  EXPECT_TRUE(sources_.take_news().empty());
  EXPECT_TRUE(serves(bytes));
}

// Says of its bytes what it is told to.
class ScriptedSource final : public ContentSource {
 public:
  ContentKind kind() const override { return ContentKind::file; }
  uint64_t length() const override { return 1024; }
  SourceRead read(std::span<std::byte> out, uint64_t) const override {
    std::fill(out.begin(), out.end(), byte);
    return {std::nullopt, as_opened, settled};
  }
  std::optional<FileError> check_unchanged() const override { return std::nullopt; }

  std::byte byte{7};
  bool as_opened = true;
  bool settled = true;
};

class ScriptedSourceTest : public SourcePiecesTest {
 protected:
  void add(bool proven) {
    sources_.add(digest_, "scripted", source_, {{digest_, 0, 1024}}, proven);
  }
  bool given() { return all_.load(digest_, false).status == StoreStatus::ok; }

  const std::shared_ptr<ScriptedSource> source_ = std::make_shared<ScriptedSource>();
  const Digest digest_ = sha256(std::vector<std::byte>(1024, std::byte{7}));
};

TEST_F(ScriptedSourceTest, a_piece_of_a_settled_file_is_checked_by_its_digest_once) {
  add(false);
  EXPECT_TRUE(given());
  // No file does that; so it is seen that its times are believed.
  source_->byte = std::byte{8};
  EXPECT_TRUE(given());
  source_->as_opened = source_->settled = false;
  EXPECT_FALSE(given());
  EXPECT_EQ(sources_.take_news().size(), 1U);
}

TEST_F(ScriptedSourceTest, a_piece_that_was_proven_when_it_was_added_is_not_checked_again) {
  add(true);
  source_->byte = std::byte{8};
  EXPECT_TRUE(given());
}

TEST_F(ScriptedSourceTest, a_piece_of_a_file_that_is_not_settled_is_checked_every_time) {
  source_->settled = false;
  add(false);
  EXPECT_TRUE(given());
  source_->byte = std::byte{8};
  EXPECT_FALSE(given());
}

TEST_F(ScriptedSourceTest, a_proven_piece_of_a_file_that_was_touched_is_served_for_its_digest) {
  add(true);
  source_->as_opened = source_->settled = false;
  EXPECT_TRUE(given());
  source_->byte = std::byte{8};
  EXPECT_FALSE(given());
}

// With real files: whatever way it was changed in, and whether its times were put back or not.
class ChangedFileTest : public SourcePiecesTest {
 protected:
  void SetUp() override {
    test::write_all(path_, bytes_);
    // Until it could be settled; whether it is depends on what it stands on.
    while (real_time_ns() - version_of(open_file(path_, O_RDONLY).fd.get())->changed_ns <
           300'000'000) {
      std::this_thread::yield();
    }
    static_cast<void>(serve(path_));
    EXPECT_TRUE(serves(part(bytes_, 0, 1024)));
  }
  void expect_the_change_seen() {
    EXPECT_FALSE(serves(part(bytes_, 0, 1024)));
    EXPECT_TRUE(serves(part(bytes_, 1024, 1024)));
    EXPECT_EQ(sources_.take_news().size(), 1U);
  }

  const std::string path_ = folder_ / "file";
  const std::vector<std::byte> bytes_ = counting_bytes(4096);
};

TEST_F(ChangedFileTest, a_write_is_seen) {
  const auto file = open_file(path_, O_WRONLY);
  ASSERT_EQ(::pwrite(file.fd.get(), "!", 1, 500), 1);
  expect_the_change_seen();
}

TEST_F(ChangedFileTest, a_write_is_seen_though_the_file_is_given_its_old_time_again) {
  struct stat before {};
  ASSERT_EQ(::stat(path_.c_str(), &before), 0);
  const auto file = open_file(path_, O_WRONLY);
  ASSERT_EQ(::pwrite(file.fd.get(), "!", 1, 500), 1);
  const struct timespec times[2] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(::futimens(file.fd.get(), times), 0);
  expect_the_change_seen();
}

TEST_F(ChangedFileTest, a_write_through_a_mapping_is_seen) {
  const auto file = open_file(path_, O_RDWR);
  void* const mapping = ::mmap(nullptr, 4096, PROT_WRITE, MAP_SHARED, file.fd.get(), 0);
  ASSERT_NE(mapping, MAP_FAILED);
  static_cast<char*>(mapping)[500] = '!';
  expect_the_change_seen();
  ::munmap(mapping, 4096);
}

TEST_F(ChangedFileTest, another_file_in_its_place_is_seen) {
  auto other = bytes_;
  other[500] ^= std::byte{1};
  test::write_all(folder_ / "other", other);
  ASSERT_EQ(rename_file(folder_ / "other", path_), 0);
  expect_the_change_seen();
}

// Mapped before it was served, and written to before: no time tells of the second write.
TEST_F(SourcePiecesTest, a_write_through_a_mapping_from_before_is_seen) {
  auto bytes = counting_bytes(4096);
  const std::string path = folder_ / "file";
  test::write_all(path, bytes);
  auto file = open_file(path, O_RDWR);
  void* const mapping = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.fd.get(), 0);
  ASSERT_NE(mapping, MAP_FAILED);
  static_cast<char*>(mapping)[500] = '!';
  file.fd.reset();
  while (real_time_ns() - version_of(open_file(path, O_RDONLY).fd.get())->changed_ns <
         300'000'000) {
    std::this_thread::yield();
  }
  static_cast<void>(serve(path));
  bytes[500] = std::byte{'!'};
  EXPECT_TRUE(serves(part(bytes, 0, 1024)));
  static_cast<char*>(mapping)[501] = '!';
  EXPECT_FALSE(serves(part(bytes, 0, 1024)));
  ::munmap(mapping, 4096);
}

size_t open_descriptors() {
  const std::filesystem::directory_iterator first("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(first), end(first)));
}

TEST_F(SourcePiecesTest, a_file_that_is_served_takes_no_descriptor) {
  test::write_all(folder_ / "file", counting_bytes(10'240));
  const size_t before = open_descriptors();
  static_cast<void>(serve(folder_ / "file"));
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace p2p::io_linux
