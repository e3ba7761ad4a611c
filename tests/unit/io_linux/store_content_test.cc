// io_linux/store/import.h and export.h: files to contents and back.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <mutex>

#include "engine/base/hex.h"
#include "io_linux/store/export.h"
#include "io_linux/store/import.h"
#include "io_linux/store/memory_store.h"
#include "io_linux/store/piece_store.h"
#include "tests/support/content_tree.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

using p2p::test::counting_bytes;
using p2p::test::make_content_tree;
using test::Folder;
using test::kKibibyte;
using test::kMebibyte;

constexpr size_t kKiB = 1024;

struct Vector {
  PieceSize piece_size;
  size_t length;
  const char* id;
};
// docs/protocol.md, Vectors: byte i of the file is i mod 251.
constexpr Vector kVectors[] = {
    {kMebibyte, 0, "dea0c6daf055a1eb04a59b6ec8522d1245dfc87264614f9a27a7aa418020df7a"},
    {kMebibyte, 3 * 1048576 + 5,
     "624df1ba987d1c1a0354bef6572d3da88a829783f57027ea100e4ec2618b7ada"},
    {kKibibyte, 960, "d1df4b97751ff1ca7dcde812fcc969c5c6aaa60370ef03a04901859ddcc74eab"},
    {kKibibyte, 961, "77dda77002d2bd9eb08c32e3e3a4a77e6a397101d2daa0963b3b232b9ad8efdd"},
    {kKibibyte, 30'720, "5f6f2e7930cb450b11394319ccf528ab993ff48c47f7ed22b60336f40502a93e"},
    {kKibibyte, 30'721, "a28c83008e837c2a427a01a6d013eba4065f670db6cb2709d106525315d466f9"},
};

std::vector<std::byte> exported_bytes(Store& store, const Digest& id, PieceSize piece_size) {
  std::vector<std::byte> content;
  const auto exported =
      export_content(store, id, piece_size, [&](std::span<const std::byte> bytes) {
        content.insert(content.end(), bytes.begin(), bytes.end());
        return true;
      });
  EXPECT_EQ(exported.status, Exported::Status::ok) << exported.error;
  return content;
}

TEST(Import, gives_the_ids_of_the_vectors_and_export_the_bytes) {
  for (const auto& vector : kVectors) {
    const Folder folder;
    const auto content = counting_bytes(vector.length);
    test::write_all(folder / "file", content);
    auto opened = PieceStore::open(folder / "data", vector.piece_size);
    ASSERT_NE(opened.store, nullptr);
    const auto imported = import_content(folder / "file", vector.piece_size, opened.store.get());
    ASSERT_EQ(imported.status, Imported::Status::ok) << imported.error.text;
    EXPECT_EQ(imported.id.hex(), vector.id);
    EXPECT_EQ(imported.length, vector.length);
    EXPECT_EQ(exported_bytes(*opened.store, imported.id, vector.piece_size), content);
    // Nothing waits for a later sync, and nothing but the tree's pieces is there.
    EXPECT_EQ(opened.store->held().size(),
              make_content_tree(vector.piece_size, content).pieces.size());
    EXPECT_EQ(test::files_below(folder / "data/pieces").size(), opened.store->held().size());
    EXPECT_EQ(test::breaks_the_law(folder / "data"), "");
  }
}

TEST(Import, hello) {
  const Folder folder;
  test::write_all(folder / "file", *from_hex("68656c6c6f0a"));
  EXPECT_EQ(import_content(folder / "file", kMebibyte, nullptr).id.hex(),
            "0c99d7d221cc705c40342092f932ad10e9360c2eab0f8663f0f3cfe7325879b3");
}

TEST(Import, of_a_large_file_without_a_store_only_computes) {
  const Folder folder;
  auto content = counting_bytes(5000 * kKiB + 3);
  std::fill(content.begin() + 1024 * kKiB, content.begin() + 3072 * kKiB, std::byte{0});
  test::write_all(folder / "file", content);
  uint64_t last = 0;
  ImportOptions options;
  options.progress = [&](uint64_t done, uint64_t total) {
    EXPECT_GE(done, last);
    EXPECT_EQ(total, content.size());
    last = done;
  };
  const auto imported = import_content(folder / "file", kKibibyte, nullptr, options);
  ASSERT_EQ(imported.status, Imported::Status::ok);
  EXPECT_EQ(imported.id, make_content_tree(kKibibyte, content).id());
  EXPECT_GT(last, 0u);
}

TEST(Import, refuses_what_is_no_file_in_a_sentence) {
  const Folder folder;
  EXPECT_EQ(import_content("/dev/null", kMebibyte, nullptr).error.text,
            "/dev/null is a device: only files, directories and links in them can be shared");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(
      import_content(folder / "pipe", kMebibyte, nullptr).error.text,
      (folder / "pipe") + " is a pipe: only files, directories and links in them can be shared");
  const auto missing = import_content(folder / "none", kMebibyte, nullptr);
  EXPECT_EQ(missing.status, Imported::Status::failed);
  EXPECT_EQ(missing.error.error_number, ENOENT);
  EXPECT_EQ(missing.error.text, "cannot open " + (folder / "none") + ": No such file or directory");
}

// Does something at its first put, which comes while the file is being read.
class DisturbingStore final : public Store {
 public:
  explicit DisturbingStore(std::function<void()> disturb) : disturb_(std::move(disturb)) {}
  StoreStatus put(const Digest& digest, std::span<const std::byte> bytes) override {
    std::call_once(once_, disturb_);
    return store_.put(digest, bytes);
  }
  StoreStatus put_at(const Digest&, std::span<const std::byte>,
                     const std::vector<Extent>&) override {
    return StoreStatus::not_held;
  }
  StoreStatus place(const Digest&, const std::vector<Extent>&) override {
    return StoreStatus::not_held;
  }
  Loaded load(const Digest& digest, bool in_memory) override {
    return store_.load(digest, in_memory);
  }
  StoreStatus sync() override { return StoreStatus::ok; }

 private:
  const std::function<void()> disturb_;
  std::once_flag once_;
  MemoryStore store_;
};

TEST(Import, notices_that_the_file_changes_under_it) {
  const Folder folder;
  const std::string path = folder / "file";
  const std::function<void()> changes[] = {
      [&] { std::filesystem::resize_file(path, 65 * kKiB); },
      [&] { std::filesystem::resize_file(path, 1); },
      [&] { std::filesystem::last_write_time(path, std::filesystem::file_time_type::max()); },
  };
  for (const auto& change : changes) {
    test::write_all(path, counting_bytes(64 * kKiB));
    DisturbingStore store(change);
    const auto imported = import_content(path, kKibibyte, &store);
    EXPECT_EQ(imported.status, Imported::Status::failed);
    EXPECT_EQ(imported.error.text, path + " changed while it was read");
  }
}

TEST(Import, can_be_cancelled) {
  const Folder folder;
  test::write_all(folder / "file", counting_bytes(64 * kKiB));
  const std::atomic<bool> cancel{true};
  ImportOptions options;
  options.cancel = &cancel;
  EXPECT_EQ(import_content(folder / "file", kKibibyte, nullptr, options).status,
            Imported::Status::cancelled);
}

class FullStore final : public Store {
 public:
  StoreStatus put(const Digest&, std::span<const std::byte>) override {
    return StoreStatus::no_space;
  }
  StoreStatus put_at(const Digest&, std::span<const std::byte>,
                     const std::vector<Extent>&) override {
    return StoreStatus::no_space;
  }
  StoreStatus place(const Digest&, const std::vector<Extent>&) override {
    return StoreStatus::no_space;
  }
  Loaded load(const Digest&, bool) override { return {}; }
  StoreStatus sync() override { return StoreStatus::ok; }
};

TEST(Import, says_when_the_store_is_full) {
  const Folder folder;
  for (const size_t length : {size_t{10}, 64 * kKiB}) {
    test::write_all(folder / "file", counting_bytes(length));
    FullStore store;
    const auto imported = import_content(folder / "file", kKibibyte, &store);
    EXPECT_EQ(imported.status, Imported::Status::failed);
    EXPECT_EQ(imported.store_status, StoreStatus::no_space);
    EXPECT_EQ(imported.error.text,
              "cannot keep the pieces of " + (folder / "file") + ": no space left on the disk");
  }
}

TEST(Export, fills_up_what_was_trimmed) {
  MemoryStore store;
  auto content = std::vector<std::byte>(70 * kKiB + 9);
  content[5] = std::byte{1};
  const auto tree = make_content_tree(kKibibyte, content);
  for (const auto& [digest, bytes] : tree.pieces) {
    ASSERT_EQ(store.put(digest, bytes), StoreStatus::ok);
  }
  EXPECT_EQ(exported_bytes(store, tree.id(), kKibibyte), content);
}

TEST(Export, says_which_piece_is_missing) {
  MemoryStore store;
  const auto tree = make_content_tree(kKibibyte, counting_bytes(5000));
  const Digest& first = tree.nodes[0].digest;
  const auto sink = [](std::span<const std::byte>) { return true; };
  auto exported = export_content(store, first, kKibibyte, sink);
  EXPECT_EQ(exported.status, Exported::Status::not_held);
  EXPECT_EQ(exported.error, "piece " + first.hex() + " is not held");
  ASSERT_EQ(store.put(first, tree.nodes[0].bytes.bytes()), StoreStatus::ok);
  exported = export_content(store, first, kKibibyte, sink);
  EXPECT_EQ(exported.error, "piece " + sha256(counting_bytes(1024)).hex() + " is not held");
}

TEST(Export, ends_when_the_sink_has_enough) {
  MemoryStore store;
  const auto tree = make_content_tree(kKibibyte, counting_bytes(50 * kKiB));
  for (const auto& [digest, bytes] : tree.pieces) {
    ASSERT_EQ(store.put(digest, bytes), StoreStatus::ok);
  }
  int calls = 0;
  const auto exported = export_content(store, tree.id(), kKibibyte,
                                       [&](std::span<const std::byte>) { return ++calls < 3; });
  EXPECT_EQ(exported.status, Exported::Status::sink_ended);
  EXPECT_EQ(calls, 3);
}

TEST(Export, refuses_a_piece_that_is_no_root) {
  MemoryStore store;
  const auto piece = test::piece_of(1, 1024);
  ASSERT_EQ(store.put(piece.digest, piece.bytes), StoreStatus::ok);
  const auto exported = export_content(store, piece.digest, kKibibyte,
                                       [](std::span<const std::byte>) { return true; });
  EXPECT_EQ(exported.status, Exported::Status::invalid);
  EXPECT_FALSE(exported.error.empty());
}

}  // namespace
}  // namespace p2p::io_linux
