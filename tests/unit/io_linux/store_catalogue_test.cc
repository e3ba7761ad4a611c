// What a data folder is meant to hold, and taking care of it: io_linux/store/catalogue.h,
// store_lock.h, store_care.h.
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <string>

#include "io_linux/store/catalogue.h"
#include "io_linux/store/import.h"
#include "io_linux/store/piece_store.h"
#include "io_linux/store/store_care.h"
#include "io_linux/store/store_lock.h"
#include "tests/support/content_tree.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

namespace fs = std::filesystem;
using p2p::test::counting_bytes;
using test::Folder;
using test::kKibibyte;

ContentRecord some_record(uint64_t number) {
  ContentRecord record;
  record.id = test::piece_of(number, 100).digest;
  record.piece_size = kKibibyte;
  record.length = number;
  record.since_s = 1'700'000'000;
  record.name = "a name\nwith \xff and \"";
  record.source = "/some where/a name\nwith \xff";
  return record;
}

TEST(Catalogue, gives_back_what_was_saved_whatever_the_name) {
  const Folder folder;
  const Catalogue catalogue(folder.path());
  EXPECT_TRUE(catalogue.list().records.empty());
  ContentRecord begun = some_record(2);
  begun.whole = false;
  begun.kind = ContentKind::directory;
  begun.source.clear();
  begun.since_s += 1;
  ASSERT_FALSE(catalogue.save(begun));
  ASSERT_FALSE(catalogue.save(some_record(1)));
  ASSERT_FALSE(catalogue.save(some_record(1)));
  const auto listed = catalogue.list();
  EXPECT_TRUE(listed.errors.empty());
  EXPECT_EQ(listed.records, (std::vector<ContentRecord>{some_record(1), begun}));
  EXPECT_EQ(catalogue.find(begun.id), begun);
  EXPECT_FALSE(catalogue.remove(begun.id));
  EXPECT_EQ(catalogue.remove(begun.id)->error_number, ENOENT);
  EXPECT_EQ(catalogue.find(begun.id), std::nullopt);
}

TEST(Catalogue, says_of_a_torn_record_that_it_is_none) {
  const std::string whole = record_text(some_record(1));
  EXPECT_EQ(std::get<ContentRecord>(parse_record(whole)), some_record(1));
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_TRUE(std::holds_alternative<std::string>(parse_record(whole.substr(0, length))));
  }
  const Folder folder;
  const Catalogue catalogue(folder.path());
  ASSERT_FALSE(catalogue.save(some_record(1)));
  test::write_all(folder / ("contents/" + some_record(1).id.hex()), {});
  EXPECT_EQ(catalogue.list().errors.size(), 1U);
}

TEST(StoreLock, is_shared_by_those_who_add_and_had_alone_by_one) {
  const Folder folder;
  auto first = StoreLock::take(folder.path(), StoreUse::shared);
  EXPECT_EQ(first.error.error_number, 0);
  {
    const auto second = StoreLock::take(folder.path(), StoreUse::shared);
    EXPECT_EQ(second.error.error_number, 0);
    EXPECT_EQ(StoreLock::take(folder.path(), StoreUse::alone).error.error_number, EWOULDBLOCK);
  }
  { const auto gone = std::move(first.lock); }
  const auto alone = StoreLock::take(folder.path(), StoreUse::alone);
  EXPECT_EQ(alone.error.error_number, 0);
  EXPECT_EQ(StoreLock::take(folder.path(), StoreUse::shared).error.error_number, EWOULDBLOCK);
}

TEST(StoreLock, one_that_shares_it_may_have_it_alone_for_a_while) {
  const Folder folder;
  auto first = StoreLock::take(folder.path(), StoreUse::shared);
  {
    const auto second = StoreLock::take(folder.path(), StoreUse::shared);
    const auto refused = first.lock.become(StoreUse::alone);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->error_number, EWOULDBLOCK);
  }
  // Still shared: nobody else gets it alone.
  EXPECT_EQ(StoreLock::take(folder.path(), StoreUse::alone).error.error_number, EWOULDBLOCK);
  EXPECT_FALSE(first.lock.become(StoreUse::alone));
  EXPECT_EQ(StoreLock::take(folder.path(), StoreUse::shared).error.error_number, EWOULDBLOCK);
  EXPECT_FALSE(first.lock.become(StoreUse::shared));
  EXPECT_EQ(StoreLock::take(folder.path(), StoreUse::shared).error.error_number, 0);
}

class StoreCare : public testing::Test {
 protected:
  void SetUp() override {
    store_ = PieceStore::open(folder_ / "data", kKibibyte).store;
    ASSERT_NE(store_, nullptr);
  }
  // A file of that many bytes, all others than those of another number, in the store.
  ContentRecord added(const std::string& name, size_t length, bool in_place) {
    auto bytes = counting_bytes(length);
    for (size_t i = 0; i < bytes.size(); i += 100) bytes[i] ^= static_cast<std::byte>(name[0]);
    test::write_all(folder_ / name, bytes);
    ImportOptions options;
    options.in_place = in_place;
    const auto imported = import_content(folder_ / name, kKibibyte, store_.get(), options);
    EXPECT_EQ(imported.status, Imported::Status::ok) << imported.error.text;
    ContentRecord record = some_record(1);
    record.id = imported.id;
    record.length = length;
    record.source = in_place ? folder_ / name : "";
    return record;
  }
  Verified verified(const ContentRecord& record) {
    return verify_content(*store_, record, {}, never_);
  }
  void spoil(const Digest& digest) {
    const std::string path = PieceLayout(folder_ / "data", kKibibyte).piece_path(digest);
    auto bytes = test::read_all(path);
    bytes[bytes.size() / 2] ^= std::byte{1};
    test::write_all(path, bytes);
  }

  Folder folder_;
  std::unique_ptr<PieceStore> store_;
  const std::atomic<bool> never_{false};
};

TEST_F(StoreCare, drops_just_what_no_content_needs) {
  const auto kept = added("a", 40'000, false);
  const auto in_place = added("b", 40'000, true);
  const size_t needed = store_->held().size();
  static_cast<void>(added("c", 40'000, false));
  const size_t all = store_->held().size();
  EXPECT_EQ(needed, 40U + 3 + 3);
  EXPECT_EQ(all, needed + 42);  // the last piece is that of "a" too

  const auto counted = collect_garbage(*store_, {kept, in_place}, true);
  EXPECT_EQ(counted.dropped, 42U);
  EXPECT_EQ(store_->held().size(), all);
  const auto collected = collect_garbage(*store_, {kept, in_place}, false);
  EXPECT_EQ(collected.dropped, 42U);
  EXPECT_EQ(collected.kept, needed);
  EXPECT_EQ(test::files_below(folder_ / "data/pieces").size(), needed);
  EXPECT_TRUE(verified(kept).whole());
  EXPECT_TRUE(verified(in_place).whole());
}

TEST_F(StoreCare, keeps_the_nodes_of_what_has_only_begun) {
  auto begun = added("a", 40'000, true);
  begun.whole = false;
  EXPECT_EQ(collect_garbage(*store_, {begun}, false).dropped, 0U);
}

TEST_F(StoreCare, says_of_what_has_only_begun_that_it_may_miss_pieces_but_have_no_bad_ones) {
  auto begun = added("a", 40'000, true);
  begun.whole = false;
  EXPECT_TRUE(is_as_listed(begun, verified(begun)));
  spoil(begun.id);
  EXPECT_FALSE(is_as_listed(begun, verified(begun)));
  EXPECT_TRUE(is_as_listed(begun, verified(begun)));  // the bad one is dropped
}

TEST_F(StoreCare, drops_nothing_when_a_tree_has_a_hole) {
  const auto record = added("a", 40'000, false);
  spoil(record.id);
  const auto collected = collect_garbage(*store_, {record}, false);
  EXPECT_EQ(collected.damaged.size(), 1U);
  EXPECT_EQ(collected.dropped, 0U);
  EXPECT_EQ(store_->held().size(), 42U);
}

TEST_F(StoreCare, finds_bit_rot_and_drops_the_piece) {
  const auto record = added("a", 40'000, false);
  EXPECT_TRUE(verified(record).whole());
  EXPECT_EQ(verified(record).pieces, 43U);
  auto first = counting_bytes(1024);
  for (size_t i = 0; i < first.size(); i += 100) first[i] ^= std::byte{'a'};
  spoil(sha256(first));
  const auto found = verified(record);
  EXPECT_EQ(found.bad, 1U);
  EXPECT_EQ(found.missing, 0U);
  EXPECT_EQ(store_->held().size(), 42U);
  EXPECT_EQ(verified(record).missing, 1U);
  static_cast<void>(added("a", 40'000, false));
  EXPECT_TRUE(verified(record).whole());
}

TEST_F(StoreCare, finds_what_has_changed_in_place) {
  const auto record = added("a", 40'000, true);
  auto bytes = test::read_all(folder_ / "a");
  bytes[20'000] ^= std::byte{1};
  test::write_all(folder_ / "a", bytes);
  EXPECT_EQ(verified(record).bad, 1U);
  bytes.push_back(std::byte{1});
  test::write_all(folder_ / "a", bytes);
  EXPECT_FALSE(verified(record).why.empty());
  fs::remove(folder_ / "a");
  EXPECT_FALSE(verified(record).whole());
}

TEST_F(StoreCare, finds_bit_rot_in_pieces_of_no_content) {
  const auto piece = test::piece_of(7, 1000);
  ASSERT_EQ(store_->put(piece.digest, piece.bytes), StoreStatus::ok);
  ASSERT_EQ(store_->sync(), StoreStatus::ok);
  EXPECT_TRUE(verify_pieces(*store_, {}, never_).whole());
  spoil(piece.digest);
  EXPECT_EQ(verify_pieces(*store_, {}, never_).bad, 1U);
  EXPECT_TRUE(store_->held().empty());
}

}  // namespace
}  // namespace p2p::io_linux
