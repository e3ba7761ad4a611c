// Ceilings on what is sent and received.
#include "engine/exchange/rate_limit.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/support/mem_scenes.h"

namespace p2p::test::rate_limit_test {
namespace {

constexpr FetchId kFetch{1};
constexpr size_t kRate = 1'000'000;

Time ms(int64_t count) { return Time() + Duration::milliseconds(count); }

// Serves `conns` that always have more to move, at most once in `every`; what each moved until
// `end`.
std::vector<uint64_t> moved_until(Time end, uint64_t rate, size_t conns, Duration every) {
  RateLimit limit(rate, Time());
  std::vector<Leave> leaves(conns);
  std::vector<uint64_t> moved(conns);
  for (size_t i = 0; i < conns; ++i) limit.may_move(ConnId::dialled(i + 1), leaves[i]);
  for (Time now; now <= end; now = std::max(now + every, limit.next_due())) {
    while (const auto conn = limit.next(now)) {
      for (size_t i = 0; i < conns; ++i) {
        if (*conn != ConnId::dialled(i + 1)) continue;
        limit.grant(leaves[i]);
        moved[i] += leaves[i].bytes;
        limit.moved(leaves[i], leaves[i].bytes);
        limit.may_move(*conn, leaves[i]);
      }
    }
  }
  return moved;
}

TEST(RateLimit, is_kept_within_two_percent_over_ten_seconds_however_late_the_world_wakes) {
  for (const uint64_t rate : {20'000U, 1'000'000U, 12'345'678U, 1'250'000'000U}) {
    for (const int64_t late_ms : {0, 1, 7, 60}) {
      const auto moved = moved_until(ms(10'000), rate, 3, Duration::milliseconds(late_ms));
      const uint64_t sum = moved[0] + moved[1] + moved[2];
      EXPECT_GE(sum, rate * 98 / 10) << rate << " late by " << late_ms << " ms";
      EXPECT_LE(sum, rate * 102 / 10) << rate << " late by " << late_ms << " ms";
    }
  }
}

TEST(RateLimit, gives_all_who_wait_the_same) {
  const auto moved = moved_until(ms(10'000), kRate, 7, Duration());
  for (const uint64_t bytes : moved) {
    EXPECT_GE(bytes, kRate * 98 / 70);
    EXPECT_LE(bytes, kRate * 102 / 70);
  }
}

TEST(RateLimit, saves_up_no_more_than_a_tenth_of_a_second) {
  RateLimit limit(kRate, Time());
  Leave leave;
  uint64_t moved = 0;
  limit.may_move(ConnId::dialled(1), leave);
  while (limit.next(ms(3'600'000))) {
    limit.grant(leave);
    moved += leave.bytes;
    limit.moved(leave, leave.bytes);
    limit.may_move(ConnId::dialled(1), leave);
  }
  EXPECT_LE(moved, kRate / 10);
  EXPECT_GE(moved, kRate / 20);
}

TEST(RateLimit, has_what_moved_without_leave_made_up_for) {
  RateLimit limit(kRate, Time());
  Leave without;
  limit.moved(without, kRate);
  Leave leave;
  limit.may_move(ConnId::dialled(1), leave);
  EXPECT_FALSE(limit.next(ms(990)));
  EXPECT_GE(limit.next_due(), ms(1'000));
  EXPECT_TRUE(limit.next(limit.next_due()));
}

TEST(RateLimit, that_is_not_used_goes_to_others) {
  RateLimit limit(kRate, Time());
  Leave first;
  Leave second;
  limit.may_move(ConnId::dialled(1), first);
  limit.may_move(ConnId::dialled(2), second);
  ASSERT_TRUE(limit.next(limit.next_due()));
  limit.grant(first);
  const Time due = limit.next_due();
  limit.give_back(first);
  EXPECT_LT(limit.next_due(), due);
  EXPECT_EQ(first.bytes, 0U);
}

// A holder or several, getters that want its content, and what moves in ten seconds.
class Ceiling : public testing::Test {
 protected:
  static Config of(size_t upload, size_t download, std::vector<HostPort> bootstrap = {}) {
    Config config = config_with(std::move(bootstrap));
    config.piece_size = *PieceSize::from_log2(16);
    config.limits.upload_rate = upload;
    config.limits.download_rate = download;
    return config;
  }
  static uint64_t received(const MemNode& node) {
    uint64_t bytes = 0;
    for (const PeerStatus& peer : node.engine().status().peers) bytes += peer.bytes_in;
    return bytes;
  }
  MemNode& add_getter(uint8_t n, size_t download = 0) {
    MemNode& node = network_.add(of(0, download, {at_host(1)}), host(n));
    network_.tell(node, FetchContent{kFetch, tree_.id(), true});
    return node;
  }

  MemNetwork network_{7};
  std::vector<std::byte> content_ = counting_bytes(40'000'000);
  ContentTree tree_ = make_content_tree(*PieceSize::from_log2(16), content_);
};

TEST_F(Ceiling, of_what_is_sent_holds_for_all_peers_together_and_they_have_equal_shares) {
  network_.add(of(kRate, 0), host(1), tree_.pieces);
  std::array<MemNode*, 3> getters{};
  for (uint8_t n = 0; n < 3; ++n) {
    Config config = of(1'000, 0, {at_host(1)});  // so that they give each other next to nothing
    config.listen_port = 0;
    getters[n] = &network_.add(config, host(static_cast<uint8_t>(2 + n)));
    network_.tell(*getters[n], FetchContent{kFetch, tree_.id(), true});
  }
  network_.run_for(Duration::seconds(5));
  std::array<uint64_t, 3> before{};
  for (size_t i = 0; i < 3; ++i) before[i] = received(*getters[i]);
  network_.run_for(Duration::seconds(10));
  uint64_t sum = 0;
  for (size_t i = 0; i < 3; ++i) {
    const uint64_t came = received(*getters[i]) - before[i];
    EXPECT_GE(came, kRate * 25 / 10) << i;
    sum += came;
  }
  EXPECT_GE(sum, kRate * 98 / 10);
  EXPECT_LE(sum, kRate * 102 / 10);
}

TEST_F(Ceiling, of_what_is_received_holds_for_all_peers_together) {
  network_.add(of(0, 0), host(1), tree_.pieces);
  network_.add(of(0, 0, {at_host(1)}), host(2), tree_.pieces);
  network_.run_for(Duration::seconds(20));
  MemNode& getter = add_getter(3, kRate);
  network_.run_for(Duration::seconds(5));
  const uint64_t before = received(getter);
  network_.run_for(Duration::seconds(10));
  const uint64_t came = received(getter) - before;
  EXPECT_GE(came, kRate * 98 / 10);
  EXPECT_LE(came, kRate * 102 / 10);
}

TEST_F(Ceiling, however_low_does_not_end_a_connection_or_keep_what_is_said_waiting) {
  network_.add(of(20'000, 0), host(1), tree_.pieces);
  MemNode& getter = add_getter(2, 10'000);
  network_.run_for(Duration::minutes(10));
  EXPECT_TRUE(getter.said<PeerClosed>().empty());
  EXPECT_GE(getter.engine().status().pieces_held, 10'000U * 600 / 65'536 * 9 / 10);
  MemNode& newcomer = network_.add(of(0, 0, {at_host(1)}), host(3));
  EXPECT_TRUE(network_.run_until(
      [&] {
        return knows(newcomer, {host(1), kPort});
      },
      Duration::seconds(1)));
}

}  // namespace
}  // namespace p2p::test::rate_limit_test
