#include "engine/exchange/upload_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace p2p {
namespace {

constexpr Duration kFast = Duration::milliseconds(100);
constexpr Duration kSlow = Duration::seconds(1);

uint64_t number_of(ConnId id) { return id.value() / 2; }

// Peers that want one piece after the other.
struct Crowd {
  struct Peer {
    UploadPlace place;
    Duration takes;
  };
  UploadQueue queue;
  std::map<uint64_t, Peer> peers;
  Time now;

  void join(uint64_t id) {
    Peer& peer = peers.at(id);
    queue.join(ConnId::dialled(id), peer.place, peer.takes, now);
  }
  void add(uint64_t id, Duration takes) {
    peers[id].takes = takes;
    join(id);
  }
  uint64_t serve() {
    const uint64_t id = number_of(queue.first());
    queue.serve(peers.at(id).place);
    return id;
  }
  // How many of the next pieces each is given, if everybody comes again at once.
  std::map<uint64_t, unsigned> given(unsigned pieces) {
    std::map<uint64_t, unsigned> counts;
    for (unsigned i = 0; i < pieces; ++i) {
      const uint64_t id = serve();
      ++counts[id];
      join(id);
    }
    return counts;
  }
};

TEST(UploadQueue, who_takes_a_piece_as_soon_as_others_has_a_turn_as_often) {
  Crowd crowd;
  for (uint64_t id = 1; id <= 5; ++id) crowd.add(id, kFast);
  for (const auto& [id, count] : crowd.given(100)) EXPECT_EQ(count, 20U) << "peer " << id;
}

TEST(UploadQueue, who_takes_ten_times_as_long_has_a_turn_a_hundredth_as_often) {
  Crowd crowd;
  crowd.add(1, kSlow);
  crowd.add(2, kFast);
  auto counts = crowd.given(1010);
  EXPECT_GE(counts[1], 9U);
  EXPECT_LE(counts[1], 11U);
}

TEST(UploadQueue, who_comes_back_after_a_while_has_no_turns_saved_up) {
  Crowd crowd;
  crowd.add(1, kFast);
  crowd.add(2, kFast);
  crowd.given(2);
  crowd.queue.leave(crowd.peers.at(1).place);
  crowd.given(100);
  crowd.join(1);
  const auto counts = crowd.given(10);
  EXPECT_LE(counts.at(1), 6U);
}

TEST(UploadQueue, every_third_is_a_newcomer_while_one_is_on_trial) {
  Crowd crowd;
  for (uint64_t id = 1; id <= 3; ++id) crowd.add(id, kFast);
  for (uint64_t id = 11; id <= 13; ++id) crowd.add(id, Duration());
  std::vector<uint64_t> newcomers;
  for (int i = 0; i < 9; ++i) {
    const uint64_t id = crowd.serve();
    if (id > 10) {
      newcomers.push_back(id);
      EXPECT_EQ(i % 3, 1) << "at " << i;
    } else {
      crowd.join(id);
    }
  }
  EXPECT_EQ(newcomers, (std::vector<uint64_t>{11, 12, 13}));
  EXPECT_LE(crowd.serve(), 3U);
}

// However soon a newcomer's trial ends, as when it takes back what it has asked for.
TEST(UploadQueue, every_other_is_a_newcomer_while_none_is_on_trial) {
  Crowd crowd;
  crowd.add(1, kFast);
  crowd.add(11, Duration());
  for (int i = 0; i < 10; ++i) {
    const uint64_t id = crowd.serve();
    EXPECT_EQ(id, i % 2 == 0 ? 1U : 11U) << "at " << i;
    crowd.queue.end_trial(crowd.peers.at(id).place);
    crowd.join(id);
  }
}

TEST(UploadQueue, a_trial_goes_on_until_that_of_each_has_ended) {
  Crowd crowd;
  for (uint64_t id = 1; id <= 2; ++id) crowd.add(id, kFast);
  for (uint64_t id = 11; id <= 14; ++id) crowd.add(id, Duration());
  const auto next = [&] {
    const uint64_t id = crowd.serve();
    if (id <= 2) crowd.join(id);
    return id > 10;
  };
  EXPECT_FALSE(next());
  EXPECT_TRUE(next());
  EXPECT_FALSE(next());
  EXPECT_FALSE(next());
  EXPECT_TRUE(next());
  crowd.queue.end_trial(crowd.peers.at(11).place);
  crowd.queue.end_trial(crowd.peers.at(11).place);
  EXPECT_FALSE(next());
  EXPECT_FALSE(next());
  crowd.queue.end_trial(crowd.peers.at(12).place);
  EXPECT_TRUE(next());
}

TEST(UploadQueue, newcomers_are_served_at_once_when_nobody_else_waits) {
  Crowd crowd;
  crowd.add(1, Duration());
  crowd.add(2, Duration());
  EXPECT_EQ(crowd.serve(), 1U);
  EXPECT_EQ(crowd.serve(), 2U);
  EXPECT_TRUE(crowd.queue.empty());
}

TEST(UploadQueue, a_newcomer_that_is_passed_over_goes_to_the_end_but_stays_the_oldest) {
  Crowd crowd;
  for (uint64_t id = 1; id <= 3; ++id) crowd.add(id, Duration());
  crowd.queue.pass_over(crowd.peers.at(1).place);
  EXPECT_EQ(crowd.peers.at(1).place.passed_over, 1U);
  EXPECT_EQ(number_of(crowd.queue.oldest()), 1U);
  EXPECT_EQ(crowd.serve(), 2U);
  EXPECT_EQ(crowd.serve(), 3U);
  EXPECT_EQ(crowd.serve(), 1U);
  EXPECT_EQ(crowd.peers.at(1).place.passed_over, 0U);
  EXPECT_TRUE(crowd.queue.empty());
}

TEST(UploadQueue, one_that_is_known_keeps_its_turn_when_it_is_passed_over) {
  Crowd crowd;
  crowd.add(1, kFast);
  crowd.add(2, kFast);
  crowd.queue.pass_over(crowd.peers.at(1).place);
  EXPECT_EQ(crowd.serve(), 1U);
  EXPECT_EQ(crowd.serve(), 2U);
}

TEST(UploadQueue, the_oldest_is_who_has_waited_longest_whatever_its_turn) {
  Crowd crowd;
  crowd.add(1, kSlow);
  crowd.add(2, kFast);
  crowd.given(4);  // the slow one has had its first
  EXPECT_EQ(number_of(crowd.queue.first()), 2U);
  EXPECT_EQ(number_of(crowd.queue.oldest()), 1U);
}

TEST(UploadQueue, leaving_twice_does_nothing) {
  Crowd crowd;
  crowd.add(1, kFast);
  crowd.add(2, Duration());
  for (auto& [id, peer] : crowd.peers) {
    crowd.queue.leave(peer.place);
    crowd.queue.leave(peer.place);
    EXPECT_FALSE(peer.place.waits);
  }
  EXPECT_TRUE(crowd.queue.empty());
}

}  // namespace
}  // namespace p2p
