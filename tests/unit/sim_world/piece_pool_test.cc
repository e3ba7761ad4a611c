// Pieces are kept once, and only as what they are.
#include "io_sim/world/piece_pool.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

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
  const auto first = pool.keep(digest_of("piece"), slice("piece"), kPieceBytes);
  const auto second = pool.keep(digest_of("piece"), slice("piece"), kPieceBytes);
  EXPECT_TRUE(first.matches && second.matches);
  EXPECT_EQ(first.bytes.bytes().data(), second.bytes.bytes().data());
  EXPECT_EQ(pool.find(digest_of("piece"))->bytes().data(), first.bytes.bytes().data());
}

TEST(PiecePool, TrailingZerosAreNotKept) {
  PiecePool pool;
  const std::string padded = "piece" + std::string(59, '\0');
  const auto kept = pool.keep(digest_of("piece"), slice(padded), kPieceBytes);
  EXPECT_TRUE(kept.matches);
  EXPECT_EQ(text_of(kept.bytes), "piece");
  EXPECT_TRUE(pool.keep(digest_of("piece"), slice("piece"), kPieceBytes).matches);
}

TEST(PiecePool, WhatDoesNotMatchIsItsCallersAlone) {
  PiecePool pool;
  const auto wrong = pool.keep(digest_of("piece"), slice("wrong"), kPieceBytes);
  EXPECT_FALSE(wrong.matches);
  EXPECT_EQ(text_of(wrong.bytes), "wrong");
  EXPECT_EQ(pool.find(digest_of("piece")), nullptr);
  EXPECT_TRUE(pool.keep(digest_of("piece"), slice("piece"), kPieceBytes).matches);
  for (const char* text : {"wrong", "piec", "piece and more"}) {
    EXPECT_FALSE(pool.keep(digest_of("piece"), slice(text), kPieceBytes).matches) << text;
  }
  EXPECT_EQ(text_of(*pool.find(digest_of("piece"))), "piece");
}

TEST(PiecePool, WhatIsAddedIsFound) {
  PiecePool pool;
  EXPECT_EQ(pool.find(digest_of("added")), nullptr);
  pool.add(digest_of("added"), slice("added"));
  EXPECT_EQ(text_of(*pool.find(digest_of("added"))), "added");
}

}  // namespace
}  // namespace p2p::sim
