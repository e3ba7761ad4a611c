// Cached contents: the order in which they go (io_linux/store/cache_order.h), and keeping them
// within bounds (content_cache.h).
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io_linux/store/cache_order.h"
#include "io_linux/store/catalogue.h"
#include "io_linux/store/content_cache.h"
#include "io_linux/store/import.h"
#include "io_linux/store/piece_store.h"
#include "io_linux/store/store_care.h"
#include "tests/support/content_tree.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

using p2p::test::counting_bytes;
using test::Folder;
using test::kKibibyte;

Digest content_id(uint64_t number) { return test::piece_of(number, 100).digest; }

TEST(CacheOrder, what_most_others_hold_goes_first) {
  const CachedContent rare{content_id(1), 0, 10};
  const CachedContent held_by_one{content_id(2), 1, 40};
  const CachedContent held_by_three{content_id(3), 3, 50};
  EXPECT_EQ(eviction_order({rare, held_by_three, held_by_one}),
            (std::vector{held_by_three.id, held_by_one.id, rare.id}));
}

TEST(CacheOrder, of_those_alike_the_one_used_least_recently_goes_first) {
  const CachedContent old{content_id(1), 2, 10};
  const CachedContent later{content_id(2), 2, 20};
  const CachedContent latest{content_id(3), 2, 30};
  EXPECT_EQ(eviction_order({latest, later, old}), (std::vector{old.id, later.id, latest.id}));
  EXPECT_TRUE(eviction_order({}).empty());
}

TEST(CacheOrder, is_the_same_whatever_the_order_of_what_it_is_given) {
  std::vector<CachedContent> contents;
  for (uint64_t i = 0; i < 5; ++i) contents.push_back({content_id(i), 0, 10});
  const auto order = eviction_order(contents);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  std::reverse(contents.begin(), contents.end());
  EXPECT_EQ(eviction_order(contents), order);
}

TEST(ContentUse, is_read_back_and_of_a_torn_file_nothing_is_believed) {
  const ContentUse use{4, 1'700'000'000};
  const std::string text = use_text(use);
  EXPECT_EQ(parse_use(text), use);
  for (size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(parse_use(text.substr(0, length)), ContentUse());
  }
  const Folder folder;
  const Catalogue catalogue(folder.path());
  ContentRecord record;
  record.id = content_id(1);
  ASSERT_FALSE(catalogue.save(record));
  EXPECT_EQ(catalogue.use_of(record.id), ContentUse());
  ASSERT_FALSE(catalogue.save_use(record.id, use));
  EXPECT_EQ(catalogue.use_of(record.id), use);
  EXPECT_EQ(catalogue.list().records.size(), 1U);
  EXPECT_TRUE(catalogue.list().errors.empty());
  EXPECT_FALSE(catalogue.remove(record.id));
  EXPECT_EQ(catalogue.use_of(record.id), ContentUse());
}

TEST(CatalogueOfCached, what_says_nothing_of_it_is_pinned) {
  ContentRecord record;
  record.id = content_id(1);
  std::string text = record_text(record);
  EXPECT_EQ(text.find("keep"), std::string::npos);
  EXPECT_FALSE(std::get<ContentRecord>(parse_record(text)).cached);
  record.cached = true;
  text = record_text(record);
  EXPECT_EQ(std::get<ContentRecord>(parse_record(text)), record);
  text.replace(text.find("cached"), 6, "thrown");
  EXPECT_TRUE(std::holds_alternative<std::string>(parse_record(text)));
}

class Cache : public testing::Test {
 protected:
  void SetUp() override {
    store_ = PieceStore::open(folder_.path(), kKibibyte).store;
    ASSERT_NE(store_, nullptr);
  }

  // A content in the store of that many bytes, all pieces of which but the last differ from those
  // of other names.
  Digest add(const std::string& name, size_t length, bool cached, ContentUse use = {}) {
    auto bytes = counting_bytes(length);
    for (size_t i = 0; i < bytes.size(); i += 100) bytes[i] ^= static_cast<std::byte>(name[0]);
    test::write_all(folder_ / name, bytes);
    const auto imported = import_content(folder_ / name, kKibibyte, store_.get(), {});
    EXPECT_EQ(imported.status, Imported::Status::ok) << imported.error.text;
    ContentRecord record;
    record.id = imported.id;
    record.piece_size = kKibibyte;
    record.length = length;
    record.since_s = 1'000;
    record.name = name;
    record.cached = cached;
    EXPECT_FALSE(catalogue_.save(record));
    EXPECT_TRUE(!cached || !catalogue_.save_use(record.id, use));
    return imported.id;
  }
  ContentCache::Eviction keep_within(uint64_t limit, const std::vector<Digest>& busy = {}) {
    return ContentCache(catalogue_, *store_).keep_within(limit, busy);
  }
  CacheState state() { return ContentCache(catalogue_, *store_).state(); }
  bool is_whole(const Digest& id) {
    const auto record = catalogue_.find(id);
    const std::atomic<bool> never{false};
    return record && verify_content(*store_, *record, {}, never).whole();
  }

  const Folder folder_;
  const Catalogue catalogue_{folder_.path()};
  std::unique_ptr<PieceStore> store_;
};

TEST_F(Cache, counts_what_only_cached_contents_need) {
  add("a", 40'000, false);
  EXPECT_EQ(state().contents, 0U);
  EXPECT_EQ(state().bytes, 0U);
  add("b", 40'000, true);
  const uint64_t of_b = state().bytes;
  EXPECT_GE(of_b, 40'000U);
  // The same pieces as b has, and one content more: only its own root.
  add("c", 80'000, true);
  EXPECT_EQ(state().contents, 2U);
  EXPECT_GT(state().bytes, of_b);
}

TEST_F(Cache, evicts_in_order_and_no_more_than_is_needed) {
  const Digest pinned = add("p", 40'000, false);
  const Digest spread = add("s", 40'000, true, {10, 3'000});
  const Digest old = add("o", 40'000, true, {0, 1'000});
  const Digest recent = add("r", 40'000, true, {0, 2'000});
  const uint64_t all = state().bytes;
  EXPECT_TRUE(keep_within(all).evicted.empty());

  const auto one = keep_within(all - 1);
  ASSERT_EQ(one.evicted.size(), 1U);
  EXPECT_EQ(one.evicted[0].id, spread);
  EXPECT_FALSE(one.gone.empty());
  EXPECT_LT(state().bytes, all);
  EXPECT_TRUE(is_whole(old));
  EXPECT_TRUE(is_whole(recent));

  const auto another = keep_within(state().bytes - 1);
  ASSERT_EQ(another.evicted.size(), 1U);
  EXPECT_EQ(another.evicted[0].id, old);
  EXPECT_TRUE(is_whole(recent));

  EXPECT_EQ(keep_within(0).evicted.size(), 1U);
  EXPECT_EQ(state().contents, 0U);
  EXPECT_TRUE(is_whole(pinned));
  // Nothing is left of the others.
  EXPECT_EQ(collect_garbage(*store_, catalogue_.list().records, true).dropped, 0U);
}

TEST_F(Cache, leaves_what_is_busy_and_what_a_pinned_content_shares) {
  // The longer file begins with the same pieces.
  const Digest pinned = add("a", 40 * 1024, false);
  const Digest cached = add("a", 80 * 1024, true);
  const Digest busy = add("b", 40 * 1024, true);
  const auto evicted = keep_within(0, {busy});
  ASSERT_EQ(evicted.evicted.size(), 1U);
  EXPECT_EQ(evicted.evicted[0].id, cached);
  EXPECT_TRUE(is_whole(pinned));
  EXPECT_TRUE(is_whole(busy));
}

TEST_F(Cache, what_can_never_fit_goes_before_all_that_does) {
  const Digest spread = add("s", 20'000, true, {10, 1'000});
  const uint64_t of_spread = state().bytes;
  const Digest large = add("l", 90'000, true, {0, 5'000});
  const auto evicted = keep_within(of_spread + 20'000);
  ASSERT_EQ(evicted.evicted.size(), 1U);
  EXPECT_EQ(evicted.evicted[0].id, large);
  EXPECT_TRUE(is_whole(spread));
}

TEST_F(Cache, evicts_nothing_while_nobody_knows_what_a_pinned_content_needs) {
  const Digest pinned = add("p", 40'000, false);
  const Digest cached = add("c", 40'000, true);
  ASSERT_GT(store_->drop(pinned), 0U);
  const auto evicted = keep_within(0);
  EXPECT_TRUE(evicted.evicted.empty());
  ASSERT_EQ(evicted.damaged.size(), 1U);
  EXPECT_EQ(evicted.damaged[0].id, pinned);
  EXPECT_TRUE(is_whole(cached));
}

TEST_F(Cache, a_cached_content_that_has_lost_nodes_goes_like_any_other_and_does_not_stop_gc) {
  const Digest cached = add("c", 40'000, true);
  ASSERT_GT(store_->drop(cached), 0U);
  EXPECT_TRUE(collect_garbage(*store_, catalogue_.list().records, true).damaged.empty());
  EXPECT_EQ(keep_within(0).evicted.size(), 1U);
  EXPECT_TRUE(catalogue_.list().records.empty());
}

TEST_F(Cache, sees_what_another_process_has_put) {
  const Digest mine = add("m", 40'000, true);
  const uint64_t before = state().bytes;
  {
    auto other = PieceStore::open(folder_.path(), kKibibyte).store;
    std::swap(store_, other);
    add("o", 40'000, true);
    std::swap(store_, other);
  }
  EXPECT_GT(state().bytes, before);
  EXPECT_EQ(keep_within(0).evicted.size(), 2U);
  EXPECT_TRUE(store_->held().empty());
  EXPECT_FALSE(is_whole(mine));
}

}  // namespace
}  // namespace p2p::io_linux
