#include "io_sim/trace/trace_hash.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <set>
#include <vector>

#include "engine/base/random.h"

namespace p2p::sim {
namespace {

std::vector<std::byte> counted_bytes(size_t size) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i % 251);
  return bytes;
}

std::string hex_of_bytes(std::span<const std::byte> bytes) {
  TraceHash hash;
  hash.add_bytes(bytes);
  return hash.hex();
}

std::string hex_of_words(std::initializer_list<uint64_t> words) {
  TraceHash hash;
  for (const uint64_t word : words) hash.add(word);
  return hash.hex();
}

uint64_t number(const std::string& hex) {
  uint64_t value = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  return value;
}

// Computed independently of this program. They change with what the hash means: kept traces and
// results of other versions then say something else.
TEST(TraceHash, has_these_values) {
  EXPECT_EQ(TraceHash().hex(), "d4c6647e6568c97e");
  EXPECT_EQ(hex_of_words({0}), "f1e4d695033e09f9");
  EXPECT_EQ(hex_of_words({0x0123456789abcdef}), "b88a374a92ab451a");
  TraceHash text;
  text.add_text("hello\n");
  EXPECT_EQ(text.hex(), "331a95c0198ffbb1");
  EXPECT_EQ(hex_of_bytes(counted_bytes(1000)), "63ed99abdca02298");
  TraceHash both;
  for (size_t i = 0; i < 100; ++i) {
    both.add(i);
    both.add_bytes(std::vector<std::byte>(i, static_cast<std::byte>(i)));
  }
  EXPECT_EQ(both.hex(), "c6d46c5b2d8aef79");
}

TEST(TraceHash, looking_changes_nothing) {
  TraceHash looked;
  TraceHash other;
  looked.add(1);
  other.add(1);
  EXPECT_EQ(looked.hex(), looked.hex());
  looked.add(2);
  other.add(2);
  EXPECT_EQ(looked.hex(), other.hex());
}

TEST(TraceHash, the_order_of_words_matters) {
  EXPECT_NE(hex_of_words({1, 2}), hex_of_words({2, 1}));
  EXPECT_NE(hex_of_words({0, 0, 7}), hex_of_words({0, 7, 0}));
}

TEST(TraceHash, one_more_zero_matters) {
  std::set<std::string> seen;
  TraceHash words;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(seen.insert(words.hex()).second) << i;
    words.add(0);
  }
  std::set<std::string> of_bytes;
  for (size_t size = 0; size < 200; ++size) {
    EXPECT_TRUE(of_bytes.insert(hex_of_bytes(std::vector<std::byte>(size))).second) << size;
  }
}

TEST(TraceHash, every_byte_of_a_span_matters_and_so_does_its_place) {
  const auto bytes = counted_bytes(117);  // three stripes, two words, five bytes
  std::set<std::string> seen{hex_of_bytes(bytes)};
  for (size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] ^= std::byte{0x80};
    EXPECT_TRUE(seen.insert(hex_of_bytes(changed)).second) << i;
  }
  for (size_t i = 1; i < bytes.size(); ++i) {
    auto swapped = bytes;
    std::swap(swapped[i - 1], swapped[i]);
    EXPECT_TRUE(seen.insert(hex_of_bytes(swapped)).second) << i;
  }
}

TEST(TraceHash, how_bytes_are_split_into_calls_matters) {
  const auto bytes = counted_bytes(64);
  TraceHash split;
  split.add_bytes(std::span(bytes).first(32));
  split.add_bytes(std::span(bytes).last(32));
  EXPECT_NE(split.hex(), hex_of_bytes(bytes));
}

TEST(TraceHash, where_bytes_lie_in_memory_does_not_matter) {
  const auto bytes = counted_bytes(1000);
  const std::string expected = hex_of_bytes(bytes);
  std::vector<std::byte> room(bytes.size() + 8);
  for (size_t offset = 1; offset <= 8; ++offset) {
    std::copy(bytes.begin(), bytes.end(), room.begin() + static_cast<ptrdiff_t>(offset));
    EXPECT_EQ(hex_of_bytes(std::span(room).subspan(offset, bytes.size())), expected) << offset;
  }
}

// 64 coins: 32 change on average, with a standard deviation of 4; six of these either way for one
// change, and a quarter of one for the average of a thousand.
TEST(TraceHash, a_changed_bit_changes_half_of_the_digits_bits) {
  Random random(Seed{1});
  int flips = 0;
  int rounds = 0;
  for (int bit = 0; bit < 64; ++bit) {
    for (int repeat = 0; repeat < 16; ++repeat) {
      const uint64_t word = random.next();
      const uint64_t after = random.next();
      const uint64_t a = number(hex_of_words({word, after}));
      const uint64_t b = number(hex_of_words({word ^ uint64_t{1} << bit, after}));
      const int changed = std::popcount(a ^ b);
      EXPECT_GT(changed, 8) << bit;
      EXPECT_LT(changed, 56) << bit;
      flips += changed;
      ++rounds;
    }
  }
  EXPECT_GT(flips, rounds * 31);
  EXPECT_LT(flips, rounds * 33);
}

TEST(TraceHash, numbers_that_follow_each_other_do_not_collide) {
  std::set<std::string> seen;
  for (uint64_t a = 0; a < 100; ++a) {
    for (uint64_t b = 0; b < 100; ++b) {
      EXPECT_TRUE(seen.insert(hex_of_words({a, b})).second) << a << ' ' << b;
    }
  }
}

}  // namespace
}  // namespace p2p::sim
