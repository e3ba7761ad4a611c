#include "engine/overlay/listings.h"

#include <gtest/gtest.h>

#include "engine/overlay/place.h"

namespace p2p::listings_test {
namespace {

using Added = Listings::Added;

const Time kStart = Time::from_ns(1'000'000'000);

Endpoint at(uint32_t host, uint16_t port = 8100) {
  return {Address::v4(9, static_cast<uint8_t>(host >> 16), static_cast<uint8_t>(host >> 8),
                      static_cast<uint8_t>(host)),
          port};
}

// So far from the place of zeros, in units of 2^224.
Digest id(uint32_t away) {
  Digest digest;
  for (size_t i = 0; i < 4; ++i) digest.bytes[i] = static_cast<std::byte>(away >> (24 - 8 * i));
  return digest;
}

TEST(Listings, last_for_30_minutes_from_when_they_were_asked_for_last) {
  Listings listings{Digest()};
  EXPECT_EQ(listings.add(id(1), at(1), kStart), Added::fresh);
  const Time later = kStart + Duration::minutes(20);
  EXPECT_EQ(listings.add(id(1), at(1), later), Added::renewed);
  EXPECT_EQ(listings.under(id(1), later + Duration::minutes(29)), std::vector{at(1)});
  EXPECT_TRUE(listings.under(id(1), later + Duration::minutes(30)).empty());
  EXPECT_EQ(listings.add(id(1), at(1), later + Duration::minutes(30)), Added::fresh);
}

TEST(Listings, an_id_has_64_and_a_newcomer_waits_until_one_is_over) {
  Listings listings{Digest()};
  for (uint32_t i = 0; i < 64; ++i) {
    EXPECT_EQ(listings.add(id(1), at(i), kStart + Duration::seconds(i)), Added::fresh);
  }
  const Time later = kStart + Duration::seconds(64);
  EXPECT_EQ(listings.add(id(1), at(64), later), Added::refused);
  EXPECT_EQ(listings.add(id(2), at(64), later), Added::fresh);
  EXPECT_EQ(listings.under(id(1), later).size(), 64u);
  EXPECT_EQ(listings.add(id(1), at(64), kStart + Listings::kListedFor), Added::fresh);
}

TEST(Listings, one_address_has_8_under_an_id_and_loopback_as_many_as_there_is_room_for) {
  Listings listings{Digest()};
  for (uint16_t port = 1; port <= 20; ++port) {
    EXPECT_EQ(listings.add(id(1), at(1, port), kStart), port <= 8 ? Added::fresh : Added::refused);
    EXPECT_EQ(listings.add(id(2), {Address::loopback(), port}, kStart), Added::fresh);
  }
  EXPECT_EQ(listings.add(id(1), at(2), kStart), Added::fresh);
}

TEST(Listings, an_ipv6_network_of_a_customer_counts_as_one_address) {
  Listings listings{Digest()};
  Address address = *Address::parse("2001:db8::1");
  for (uint8_t host = 1; host <= 9; ++host) {
    address.bytes[15] = std::byte{host};
    EXPECT_EQ(listings.add(id(1), {address, 1}, kStart), host <= 8 ? Added::fresh : Added::refused);
  }
}

TEST(Listings, of_4096_ids_the_farthest_goes_for_a_nearer_one) {
  Listings listings{Digest()};
  for (uint32_t i = 1; i <= Listings::kIdsMax; ++i) {
    ASSERT_EQ(listings.add(id(2 * i), at(i), kStart), Added::fresh);
  }
  const uint32_t farthest = 2 * static_cast<uint32_t>(Listings::kIdsMax);
  EXPECT_EQ(listings.add(id(farthest + 1), at(9), kStart), Added::refused);
  EXPECT_EQ(listings.add(id(3), at(9), kStart), Added::fresh);
  EXPECT_TRUE(listings.under(id(farthest), kStart).empty());
  EXPECT_EQ(listings.under(id(farthest - 2), kStart).size(), 1u);
  EXPECT_EQ(listings.ids(), Listings::kIdsMax);
}

TEST(Listings, what_is_over_makes_room_before_anybody_goes) {
  Listings listings{Digest()};
  for (uint32_t i = 1; i <= Listings::kIdsMax; ++i) listings.add(id(i), at(i), kStart);
  const Time later = kStart + Listings::kListedFor;
  EXPECT_EQ(listings.add(id(0xffff'ffff), at(1), later), Added::fresh);
  EXPECT_EQ(listings.ids(), 1u);
  EXPECT_EQ(listings.size(), 1u);
}

TEST(Listings, one_address_has_1024_in_all) {
  Listings listings{Digest()};
  for (uint32_t i = 0; i < 1024; ++i) ASSERT_EQ(listings.add(id(i), at(1), kStart), Added::fresh);
  EXPECT_EQ(listings.add(id(5000), at(1), kStart), Added::refused);
  EXPECT_EQ(listings.add(id(5000), at(2), kStart), Added::fresh);
  EXPECT_EQ(listings.add(id(5001), at(1), kStart + Listings::kListedFor), Added::fresh);
}

TEST(Listings, are_there_after_a_move_and_go_by_the_new_place) {
  Listings listings{Digest()};
  for (uint32_t i = 1; i <= Listings::kIdsMax; ++i) listings.add(id(i), at(i), kStart);
  listings.move_to(id(0xffff'0000));
  EXPECT_EQ(listings.under(id(7), kStart), std::vector{at(7)});
  EXPECT_EQ(listings.add(id(0xffff'0001), at(1), kStart), Added::fresh);
  EXPECT_EQ(listings.ids(), Listings::kIdsMax);
}

}  // namespace
}  // namespace p2p::listings_test
