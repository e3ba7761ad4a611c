// When a node saves its address book, and what it does with that of its last run.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/mem_scenes.h"

namespace p2p::test {
namespace {

std::vector<Endpoint> endpoints(const SavedBook& book) {
  std::vector<Endpoint> all;
  for (const SavedPeer& peer : book.peers) all.push_back(peer.endpoint);
  std::sort(all.begin(), all.end());
  return all;
}

TEST(Remembering, a_node_saves_its_book_two_minutes_after_a_change_and_not_while_it_is_at_rest) {
  MemNetwork network(1);
  const MemNode& a = network.add(config_with(), host(1));
  const MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(119));
  EXPECT_TRUE(b.books.empty());
  network.run_for(Duration::seconds(5));
  ASSERT_EQ(b.books.size(), 1U);
  EXPECT_EQ(b.books[0], (SavedBook{{{a.endpoint(), Duration()}}}));
  network.run_for(Duration::minutes(60));
  EXPECT_EQ(b.books.size(), 1U);
  network.add(config_with({at_host(1)}), host(3));
  network.run_for(Duration::seconds(125));
  ASSERT_EQ(b.books.size(), 2U);
  EXPECT_EQ(b.books[1].peers.size(), 2U);
}

TEST(Remembering, a_book_that_stays_as_it_is_is_refreshed_once_a_day) {
  MemNetwork network(2);
  network.add(config_with(), host(1));
  const MemNode& b = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::minutes(24 * 60));
  EXPECT_EQ(b.books.size(), 1U);
  network.run_for(Duration::minutes(3));
  EXPECT_EQ(b.books.size(), 2U);
  EXPECT_EQ(b.books.front(), b.books.back());
}

TEST(Remembering, a_node_that_met_nobody_saves_nothing) {
  MemNetwork network(3);
  MemNode& node = network.add(config_with(), host(1));
  network.run_for(Duration::minutes(60));
  network.tell(node, ShutDown{});
  EXPECT_EQ(node.said<Stopped>().size(), 1U);
  EXPECT_TRUE(node.books.empty());
}

TEST(Remembering, the_neighbours_are_saved_at_the_end_and_waited_for) {
  MemNetwork network(4);
  const MemNode& a = network.add(config_with(), host(1));
  MemNode& b = network.add(config_with({at_host(1)}), host(2));
  const MemNode& c = network.add(config_with({at_host(1)}), host(3));
  network.run_for(Duration::minutes(1));
  network.tell(b, ShutDown{});
  ASSERT_EQ(b.books.size(), 1U);  // at once, while they are connected
  EXPECT_EQ(endpoints(b.books[0]), (std::vector{a.endpoint(), c.endpoint()}));
  for (const SavedPeer& peer : b.books[0].peers) EXPECT_EQ(peer.since_alive, Duration());
  EXPECT_TRUE(network.run_until([&] { return !b.said<Stopped>().empty(); }, Duration::seconds(10)));
  EXPECT_EQ(b.books.size(), 1U);
}

// Drives one engine without a network: what it asks for is looked at, and answered by hand.
class ByHand : public testing::Test {
 protected:
  // A neighbour has dialled and said that it listens where it is seen; so the book has it.
  void connect_neighbour(uint8_t n) {
    const ConnId conn = ConnId::accepted(n);
    handle(Accepted{conn, {host(1), kPort}, {host(n), 40'000}});
    PeerMessage hello = hello_message(n);
    HelloTrailer trailer;
    trailer.piece_size_log2 = kSmallPieces.log2();
    trailer.capabilities = HelloTrailer::kListening;
    trailer.nonce = n;
    const auto bytes = trailer.encode();
    hello.trailing.assign(bytes.begin(), bytes.end());
    hello.records.push_back({host(n), kPort});
    const auto frame = encoded(hello);
    const ReceiveWindow window = engine_.receive_window(conn);
    std::copy(frame.begin(), frame.end(), window.spans[0].begin());
    handle(Received{conn, frame.size()});
  }
  void handle(Event event) {
    engine_.handle(now_, std::move(event));
    while (const auto action = engine_.poll_action()) {
      if (const auto* save = std::get_if<SaveBook>(&*action)) saves_.push_back(*save);
      if (const auto* notify = std::get_if<Notify>(&*action)) {
        if (std::holds_alternative<BookNotSaved>(notify->notice)) ++failures_said_;
        if (std::holds_alternative<Stopped>(notify->notice)) stopped_ = true;
      }
    }
  }
  void wait(Duration duration) {
    now_ = now_ + duration;
    handle(DeadlineReached{});
  }
  void answer(StoreStatus status) { handle(BookSaved{saves_.back().op, status}); }

  Time now_ = Time::from_ns(0);
  Engine engine_{config_with(), Seed{1}, now_};
  std::vector<SaveBook> saves_;
  int failures_said_ = 0;
  bool stopped_ = false;
};

TEST_F(ByHand, a_save_that_fails_is_said_once_and_tried_again_every_two_minutes) {
  handle(Started{});
  connect_neighbour(2);
  for (size_t i = 1; i <= 3; ++i) {
    wait(Duration::minutes(2));
    ASSERT_EQ(saves_.size(), i);
    answer(StoreStatus::no_space);
    EXPECT_EQ(failures_said_, 1);
  }
  wait(Duration::minutes(2));
  answer(StoreStatus::ok);
  EXPECT_EQ(saves_.size(), 4U);
  wait(Duration::minutes(2));
  EXPECT_EQ(saves_.size(), 4U);  // nothing is new
  connect_neighbour(3);
  wait(Duration::minutes(2));
  answer(StoreStatus::io_error);
  EXPECT_EQ(failures_said_, 2);
}

TEST_F(ByHand, one_save_at_a_time_and_the_last_one_at_the_end) {
  handle(Started{});
  connect_neighbour(2);
  wait(Duration::minutes(2));
  ASSERT_EQ(saves_.size(), 1U);
  connect_neighbour(3);
  wait(Duration::minutes(2));
  EXPECT_EQ(saves_.size(), 1U);
  handle(ShutDown{});
  EXPECT_EQ(saves_.size(), 1U);
  answer(StoreStatus::ok);
  ASSERT_EQ(saves_.size(), 2U);
  wait(Duration::minutes(1));  // all connections are closed by then
  EXPECT_FALSE(stopped_);
  const auto last = std::get<SavedBook>(decode_book(saves_[1].bytes.bytes()));
  EXPECT_EQ(endpoints(last), (std::vector<Endpoint>{{host(2), kPort}, {host(3), kPort}}));
  answer(StoreStatus::io_error);
  EXPECT_TRUE(stopped_);
  EXPECT_EQ(failures_said_, 1);
}

TEST(Remembering, a_node_finds_its_network_again_without_a_bootstrap_node) {
  MemNetwork network(5);
  MemNode& boot = network.add(config_with(), host(1));
  const MemNode& a = network.add(config_with({at_host(1)}), host(2));
  MemNode& b = network.add(config_with({at_host(1)}), host(3));
  network.run_for(Duration::minutes(1));
  network.tell(b, ShutDown{});
  network.tell(boot, ShutDown{});
  ASSERT_TRUE(
      network.run_until([&] { return !boot.said<Stopped>().empty(); }, Duration::minutes(1)));

  const MemNode& again = network.add(config_with(), host(4), {}, b.books.back());
  EXPECT_TRUE(again.engine().status().known_alive.empty());  // remembered, and not believed
  EXPECT_TRUE(network.run_until([&] { return knows(again, a.endpoint()); }, Duration::seconds(10)));
}

}  // namespace
}  // namespace p2p::test
