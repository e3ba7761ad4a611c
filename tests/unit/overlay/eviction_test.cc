// Who makes room for a newcomer among the accepted neighbours.
#include "engine/overlay/eviction.h"

#include <gtest/gtest.h>

namespace p2p::eviction_test {
namespace {

Address network(uint8_t n) { return Address::v4(20, n, 0, 0); }

class Slots {
 public:
  Slots& add(uint8_t in_network, size_t count, uint64_t given_bytes = 0, bool legacy = false) {
    for (size_t i = 0; i < count; ++i) {
      const uint64_t order = holders_.size() + 1;
      holders_.push_back(
          {ConnId::accepted(order), network(in_network), order, given_bytes, legacy});
    }
    return *this;
  }
  // The order of the one that goes; 0: nobody does.
  uint64_t evicted_by(uint8_t newcomer) const {
    const auto conn = whom_to_evict(holders_, network(newcomer));
    for (const SlotHolder& holder : holders_) {
      if (holder.conn == conn) return holder.order;
    }
    return 0;
  }

 private:
  std::vector<SlotHolder> holders_;
};

TEST(Eviction, the_youngest_of_the_most_crowded_network_goes) {
  EXPECT_EQ(Slots().add(1, 5).add(2, 30).add(3, 5).evicted_by(4), 35u);
}

TEST(Eviction, nobody_goes_for_a_newcomer_from_the_crowded_network_itself) {
  EXPECT_EQ(Slots().add(1, 5).add(2, 30).add(3, 5).evicted_by(2), 0u);
}

TEST(Eviction, nobody_goes_where_all_are_of_one_network) {
  EXPECT_EQ(Slots().add(1, 40).evicted_by(1), 0u);
}

TEST(Eviction, nobody_goes_where_all_are_of_different_networks) {
  Slots slots;
  for (uint8_t i = 0; i < 40; ++i) slots.add(i, 1);
  EXPECT_EQ(slots.evicted_by(99), 0u);
}

TEST(Eviction, the_older_half_stays_however_crowded_its_network_is) {
  Slots slots;
  slots.add(1, 20);
  for (uint8_t i = 0; i < 20; ++i) slots.add(static_cast<uint8_t>(10 + i), 1);
  EXPECT_EQ(slots.evicted_by(99), 0u);
}

TEST(Eviction, those_that_gave_most_stay) {
  EXPECT_EQ(Slots().add(1, 32).add(1, 8, 1000).evicted_by(2), 32u);
  EXPECT_EQ(Slots().add(1, 32, 10).add(1, 8, 1000).evicted_by(2), 32u);
}

TEST(Eviction, originals_stay) {
  EXPECT_EQ(Slots().add(1, 20, 0, true).add(1, 1).evicted_by(2), 0u);
  EXPECT_EQ(Slots().add(1, 20).add(1, 20, 0, true).evicted_by(2), 20u);
}

TEST(Eviction, a_flood_from_one_network_leaves_half_of_the_slots_to_others) {
  std::vector<SlotHolder> holders;
  uint64_t order = 0;
  for (; order < 40; ++order) holders.push_back({ConnId::accepted(order), network(1), order});
  size_t let_in = 0;
  for (uint8_t i = 0; i < 100; ++i) {
    const Address newcomer = network(static_cast<uint8_t>(100 + i));
    const auto goes = whom_to_evict(holders, newcomer);
    if (!goes) continue;
    ++let_in;
    std::erase_if(holders, [&](const SlotHolder& holder) { return holder.conn == *goes; });
    holders.push_back({ConnId::accepted(order), newcomer, order});
    ++order;
  }
  EXPECT_EQ(let_in, 20u);
}

}  // namespace
}  // namespace p2p::eviction_test
