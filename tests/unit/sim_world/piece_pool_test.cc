// Pieces are kept once, and only as what they are.
#include "io_sim/world/piece_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io_sim/world/made_bytes.h"

namespace p2p::sim {
namespace {

constexpr size_t kPieceBytes = 64;

Slice slice(const std::string& text) { return Slice::copy_of(std::as_bytes(std::span(text))); }
Digest digest_of(const std::string& text) {
  return sha256_zero_filled(std::as_bytes(std::span(text)), kPieceBytes - text.size());
}
std::string text_of(const Slice& slice) {
  return {reinterpret_cast<const char*>(slice.bytes().data()), slice.size()};
}

TEST(PiecePool, APieceIsKeptOnceHoweverOftenItComes) {
  PiecePool pool;
  EXPECT_TRUE(pool.keep(digest_of("piece"), slice("piece"), kPieceBytes));
  const auto first = pool.find(digest_of("piece"));
  EXPECT_TRUE(pool.keep(digest_of("piece"), slice("piece"), kPieceBytes));
  EXPECT_EQ(pool.find(digest_of("piece"))->bytes().data(), first->bytes().data());
}

TEST(PiecePool, TrailingZerosAreNotKept) {
  PiecePool pool;
  const std::string padded = "piece" + std::string(59, '\0');
  EXPECT_TRUE(pool.keep(digest_of("piece"), slice(padded), kPieceBytes));
  EXPECT_EQ(text_of(*pool.find(digest_of("piece"))), "piece");
  EXPECT_TRUE(pool.keep(digest_of("piece"), slice("piece"), kPieceBytes));
}

TEST(PiecePool, WhatDoesNotMatchIsNotTaken) {
  PiecePool pool;
  EXPECT_FALSE(pool.keep(digest_of("piece"), slice("wrong"), kPieceBytes));
  EXPECT_FALSE(pool.find(digest_of("piece")));
  EXPECT_TRUE(pool.keep(digest_of("piece"), slice("piece"), kPieceBytes));
  for (const char* text : {"wrong", "piec", "piece and more"}) {
    EXPECT_FALSE(pool.keep(digest_of("piece"), slice(text), kPieceBytes)) << text;
  }
  EXPECT_EQ(text_of(*pool.find(digest_of("piece"))), "piece");
}

// The digest that names a recipe is nobody's business here but that of whoever looks for it.
Digest numbered(uint64_t number) {
  Digest digest;
  store_u64le(digest.bytes, number);
  return digest;
}
std::vector<std::byte> made(uint64_t seed, size_t size) {
  std::vector<std::byte> bytes(size);
  make_bytes(seed, bytes);
  return bytes;
}

TEST(PiecePool, APieceOfARecipeIsMadeAnewAsOftenAsItIsLookedAt) {
  PiecePool pool;
  constexpr uint64_t kPieces = 100;  // more than are remembered
  for (uint64_t n = 0; n < kPieces; ++n) {
    pool.add(numbered(n), PiecePool::Recipe{n, static_cast<uint32_t>(n)});
  }
  for (int round = 0; round < 2; ++round) {
    for (uint64_t n = 0; n < kPieces; ++n) {
      const auto found = pool.find(numbered(n));
      ASSERT_TRUE(found);
      const auto bytes = found->bytes();
      EXPECT_TRUE(std::ranges::equal(bytes, made(n, n))) << n;
    }
  }
}

TEST(PiecePool, WhatSomebodyHoldsOfARecipeIsNotOverwritten) {
  PiecePool pool;
  for (uint64_t n = 0; n < 100; ++n) pool.add(numbered(n), PiecePool::Recipe{n, 64});
  const auto held = pool.find(numbered(0));
  for (uint64_t n = 1; n < 100; ++n) pool.find(numbered(n));
  EXPECT_TRUE(std::ranges::equal(held->bytes(), made(0, 64)));
}

TEST(PiecePool, WhatComesIsHeldAgainstTheRecipe) {
  PiecePool pool;
  pool.add(numbered(1), PiecePool::Recipe{1, 64});
  auto bytes = made(1, 64);
  EXPECT_TRUE(pool.keep(numbered(1), Slice::copy_of(bytes), 128));
  bytes[63] ^= std::byte{1};
  EXPECT_FALSE(pool.keep(numbered(1), Slice::copy_of(bytes), 128));
}

TEST(MadeBytes, AShorterSpanHasTheSameBytesAsFarAsItGoes) {
  const auto whole = made(7, 100);
  for (size_t size = 0; size <= 100; ++size) {
    EXPECT_TRUE(std::ranges::equal(made(7, size), std::span(whole).first(size))) << size;
  }
}

TEST(MadeBytes, AnotherSeedGivesOtherBytes) {
  EXPECT_NE(made(1, 64), made(2, 64));
  EXPECT_EQ(made(1, 64), made(1, 64));
}

TEST(PiecePool, WhatIsAddedIsFound) {
  PiecePool pool;
  EXPECT_FALSE(pool.find(digest_of("added")));
  pool.add(digest_of("added"), slice("added"));
  EXPECT_EQ(text_of(*pool.find(digest_of("added"))), "added");
}

}  // namespace
}  // namespace p2p::sim
