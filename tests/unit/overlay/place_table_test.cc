#include "engine/overlay/place_table.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/overlay/place.h"

namespace p2p::place_table_test {
namespace {

const Time kStart = Time::from_ns(1'000'000'000);

Endpoint endpoint(uint32_t n) {
  return {Address::v4(9, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8),
                      static_cast<uint8_t>(n)),
          8100};
}

// The nth endpoint whose place shares exactly `prefix` bits with `own`.
Endpoint at_prefix(const Digest& own, size_t prefix, size_t nth) {
  for (uint32_t n = 0;; ++n) {
    if (shared_prefix(own, place_of(endpoint(n))) == prefix && nth-- == 0) return endpoint(n);
  }
}

TEST(Place, is_the_digest_of_the_record_as_it_is_on_the_wire) {
  // SHA-256 of 00000000000000000000000000000001a41f.
  EXPECT_EQ(
      place_of({Address::loopback(), 8100}).hex(),
      sha256(std::as_bytes(std::span("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\xa4\x1f", 18))).hex());
}

TEST(Place, shares_no_bit_with_its_opposite_and_all_with_itself) {
  Digest zero;
  Digest high;
  high.bytes[0] = std::byte{0x80};
  Digest low;
  low.bytes[31] = std::byte{1};
  EXPECT_EQ(shared_prefix(zero, high), 0u);
  EXPECT_EQ(shared_prefix(zero, low), 255u);
  EXPECT_EQ(shared_prefix(low, low), 256u);
  EXPECT_LT(distance(zero, low), distance(zero, high));
}

TEST(PlaceTable, a_full_bucket_keeps_those_who_were_there_first) {
  const Digest own = sha256({});
  PlaceTable table(own);
  for (size_t i = 0; i < PlaceTable::kBucketMax; ++i) {
    EXPECT_TRUE(table.spoke(at_prefix(own, 0, i), Proof::dialled, kStart));
  }
  EXPECT_FALSE(table.spoke(at_prefix(own, 0, 8), Proof::dialled, kStart));
  EXPECT_TRUE(table.spoke(at_prefix(own, 1, 0), Proof::dialled, kStart));
  EXPECT_EQ(table.size(), PlaceTable::kBucketMax + 1);
}

TEST(PlaceTable, a_stale_one_gives_way_and_one_that_a_connection_lives_with_does_not) {
  const Digest own = sha256({});
  PlaceTable table(own);
  for (size_t i = 0; i < PlaceTable::kBucketMax; ++i) {
    table.spoke(at_prefix(own, 0, i), Proof::dialled, kStart);
  }
  const Endpoint stale = at_prefix(own, 0, 3);
  table.parted(stale, kStart);
  const Time later = kStart + PlaceTable::kStaleAfter;
  EXPECT_FALSE(table.spoke(at_prefix(own, 0, 8), Proof::dialled, later - Duration::seconds(1)));
  EXPECT_TRUE(table.spoke(at_prefix(own, 0, 8), Proof::dialled, later));
  EXPECT_FALSE(table.contains(stale));
  EXPECT_FALSE(table.spoke(at_prefix(own, 0, 9), Proof::dialled, later));
}

TEST(PlaceTable, one_that_is_only_claimed_gives_way_to_one_that_was_dialled) {
  const Digest own = sha256({});
  PlaceTable table(own);
  for (size_t i = 0; i < PlaceTable::kBucketMax; ++i) {
    table.spoke(at_prefix(own, 0, i), Proof::claimed, kStart);
    table.parted(at_prefix(own, 0, i), kStart);
  }
  EXPECT_FALSE(table.spoke(at_prefix(own, 0, 8), Proof::claimed, kStart));
  EXPECT_TRUE(table.spoke(at_prefix(own, 0, 8), Proof::dialled, kStart));
}

TEST(PlaceTable, names_the_proven_first_and_each_by_distance) {
  PlaceTable table(sha256({}));
  const Digest id = place_of(endpoint(3));
  table.spoke(endpoint(3), Proof::claimed, kStart);
  table.spoke(endpoint(1), Proof::dialled, kStart);
  table.spoke(endpoint(2), Proof::dialled, kStart);
  const bool first = distance(id, place_of(endpoint(1))) < distance(id, place_of(endpoint(2)));
  const std::vector<Endpoint> expected{endpoint(first ? 1 : 2), endpoint(first ? 2 : 1),
                                       endpoint(3)};
  EXPECT_EQ(table.nearest(id, 8, kStart, nullptr), expected);
  EXPECT_EQ(table.nearest(id, 1, kStart, nullptr), std::vector{expected[0]});
  const auto skip = [&](const Endpoint& one) { return one == expected[0]; };
  EXPECT_EQ(table.nearest(id, 1, kStart, skip), std::vector{expected[1]});
}

TEST(PlaceTable, a_failed_dial_takes_out_whom_no_connection_lives_with) {
  PlaceTable table(sha256({}));
  table.spoke(endpoint(1), Proof::dialled, kStart);
  table.failed(endpoint(1));
  EXPECT_TRUE(table.contains(endpoint(1)));
  table.parted(endpoint(1), kStart);
  table.failed(endpoint(1));
  EXPECT_FALSE(table.contains(endpoint(1)));
}

TEST(PlaceTable, whoever_was_not_heard_of_for_long_is_told_to_nobody) {
  PlaceTable table(sha256({}));
  table.spoke(endpoint(1), Proof::dialled, kStart);
  table.parted(endpoint(1), kStart);
  const Time end = kStart + PlaceTable::kForgottenAfter;
  EXPECT_EQ(table.nearest(sha256({}), 8, end - Duration::seconds(1), nullptr).size(), 1u);
  EXPECT_TRUE(table.nearest(sha256({}), 8, end, nullptr).empty());
}

TEST(PlaceTable, only_who_is_claimed_near_and_gone_is_worth_a_dial) {
  const Digest own = sha256({});
  PlaceTable table(own);
  const Endpoint far = at_prefix(own, 0, 0);
  table.spoke(far, Proof::claimed, kStart);
  EXPECT_FALSE(table.is_worth_proving(far, kStart));  // it is connected
  table.parted(far, kStart);
  EXPECT_TRUE(table.is_worth_proving(far, kStart));
  for (size_t i = 0; i < 4; ++i) {
    table.spoke(at_prefix(own, 1, i), Proof::dialled, kStart);
    table.spoke(at_prefix(own, 2, i), Proof::dialled, kStart);
  }
  EXPECT_FALSE(table.is_worth_proving(far, kStart));  // 8 are nearer
}

TEST(PlaceTable, a_move_keeps_eight_of_each_bucket_round_the_new_place) {
  const Digest own = sha256({});
  PlaceTable table(own);
  for (size_t prefix = 0; prefix < 4; ++prefix) {
    for (size_t i = 0; i < 8; ++i) table.spoke(at_prefix(own, prefix, i), Proof::dialled, kStart);
  }
  Digest other = own;
  other.bytes[0] ^= std::byte{0x80};  // all but the first bucket are one now
  table.move_to(other);
  EXPECT_EQ(table.own(), other);
  EXPECT_LE(table.size(), 8u + 8u * 4u);
  EXPECT_TRUE(table.contains(at_prefix(own, 1, 0)));
  EXPECT_FALSE(table.contains(at_prefix(own, 3, 7)));
}

}  // namespace
}  // namespace p2p::place_table_test
