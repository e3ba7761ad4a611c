// What every world keeps to, whatever is behind it: the comments of engine/core/{action,event}.h
// and drive.h as typed tests; how connections end is in ending_contract.h. A world's own test file
// defines a Net (world_fixture.h) and instantiates the suites.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/world_fixture.h"

namespace p2p::conformance {

TYPED_TEST_SUITE_P(WorldContract);

TYPED_TEST_P(WorldContract, ADialIsConnectedOnOneSideAndAcceptedOnTheOther) {
  const auto pair = this->connect();
  EXPECT_TRUE(pair.far.is_accepted());
  EXPECT_EQ(pair.far_link().local, pair.listener.endpoint);
  EXPECT_EQ(pair.far_link().remote, pair.near_link().local);
}

TYPED_TEST_P(WorldContract, ADialOfAPortThatNobodyListensOnIsRefused) {
  auto& node = this->net_.add_node();
  const ConnId conn = node.engine.dial(this->net_.nowhere());
  ASSERT_TRUE(this->run_until([&] { return node.engine.link(conn).dial_failed.has_value(); }));
  EXPECT_EQ(node.engine.link(conn).dial_failed, NetError::refused);
  node.engine.close(conn);  // allowed, and without effect
  this->net_.step();
}

TYPED_TEST_P(WorldContract, BytesArriveInOrderHoweverSmallTheWindows) {
  const auto pair = this->connect();
  const std::string text = this->pattern(20'000);
  pair.far_link().first_span = 3;
  pair.far_link().second_span = 5;
  pair.dialler.engine.send(pair.near, text);
  ASSERT_TRUE(this->run_until([&] { return pair.far_link().in.size() == text.size(); }));
  EXPECT_TRUE(pair.far_link().in == text);
}

TYPED_TEST_P(WorldContract, ManySegmentsAreOneStream) {
  const auto pair = this->connect();
  std::string all;
  for (int i = 0; i < 200; ++i) {
    const std::string part = "part " + std::to_string(i) + ";";
    pair.dialler.engine.send(pair.near, part);
    all += part;
  }
  ASSERT_TRUE(this->run_until([&] { return pair.far_link().in.size() == all.size(); }));
  EXPECT_EQ(pair.far_link().in, all);
}

TYPED_TEST_P(WorldContract, BothDirectionsMoveAtOnce) {
  const auto pair = this->connect();
  const std::string text = this->pattern(size_t{8} << 20);
  pair.dialler.engine.send(pair.near, text);
  pair.listener.engine.send(pair.far, text);
  ASSERT_TRUE(this->run_until([&] {
    return pair.far_link().in.size() == text.size() && pair.near_link().in.size() == text.size();
  }));
  EXPECT_TRUE(pair.far_link().in == text);
  EXPECT_TRUE(pair.near_link().in == text);
}

TYPED_TEST_P(WorldContract, WhoDoesNotReadStopsItsSenderAndNobodyElse) {
  auto& sender = this->net_.add_node();
  auto& receiver = this->net_.add_node();
  receiver.engine.reads_accepted = false;
  const auto stuffed = this->connect(sender, receiver);
  receiver.engine.reads_accepted = true;
  const auto free = this->connect(sender, receiver);
  const std::string text = this->pattern(size_t{16} << 20);
  sender.engine.send(stuffed.near, text);

  // What the world itself holds is bounded; a second connection lives meanwhile.
  for (int round = 1; round <= 50; ++round) {
    sender.engine.send(free.near, std::string(1000, 'x'));
    ASSERT_TRUE(this->run_until(
        [&] { return free.far_link().in.size() == size_t{1000} * static_cast<size_t>(round); }));
  }
  EXPECT_LT(stuffed.near_link().out_bytes, text.size());
  EXPECT_EQ(stuffed.far_link().in_bytes, 0U);

  receiver.engine.read(stuffed.far, true);
  ASSERT_TRUE(this->run_until([&] { return stuffed.far_link().in.size() == text.size(); }));
  EXPECT_TRUE(stuffed.far_link().in == text);
}

TYPED_TEST_P(WorldContract, ManyConnectionsLiveAtOnce) {
  constexpr size_t kConnections = 200;
  auto& dialler = this->net_.add_node();
  auto& listener = this->net_.add_node();
  std::vector<ConnId> conns;
  for (size_t i = 0; i < kConnections; ++i) conns.push_back(dialler.engine.dial(listener.endpoint));
  ASSERT_TRUE(this->run_until([&] { return listener.engine.accepted().size() == kConnections; }));
  for (const ConnId conn : listener.engine.accepted()) listener.engine.send(conn, "welcome");
  ASSERT_TRUE(this->run_until([&] {
    for (const ConnId conn : conns) {
      if (dialler.engine.link(conn).in != "welcome") return false;
    }
    return true;
  }));
}

TYPED_TEST_P(WorldContract, ABusyConnectionStarvesNeitherOthersNorDeadlines) {
  constexpr uint64_t kFloodMax = uint64_t{2} << 30;  // bytes; far more than it should take
  auto& sender = this->net_.add_node();
  auto& receiver = this->net_.add_node();
  const auto flood = this->connect(sender, receiver);
  const auto quiet = this->connect(sender, receiver);
  flood.far_link().keep_in = false;
  sender.engine.send_without_end(flood.near);
  ASSERT_TRUE(this->run_until([&] { return flood.far_link().in_bytes > size_t{16} << 20; }));

  sender.engine.send(quiet.near, "a word");
  const Time due = receiver.now() + Duration::milliseconds(1);
  receiver.engine.deadline = due;
  const uint64_t before = flood.far_link().in_bytes;
  ASSERT_TRUE(this->run_until([&] {
    const bool both = quiet.far_link().in == "a word" && !receiver.engine.deadlines_met().empty();
    return both || flood.far_link().in_bytes - before > kFloodMax;
  }));
  EXPECT_EQ(quiet.far_link().in, "a word");
  ASSERT_EQ(receiver.engine.deadlines_met().size(), 1U);
  EXPECT_GE(receiver.engine.deadlines_met().front(), due);
}

TYPED_TEST_P(WorldContract, ADeadlineIsMetInTimeOrderAndNeverEarly) {
  auto& node = this->net_.add_node();
  for (int i = 1; i <= 5; ++i) {
    const Time due = node.now() + Duration::microseconds(1500);
    node.engine.deadline = due;
    ASSERT_TRUE(this->run_until(
        [&] { return node.engine.deadlines_met().size() == static_cast<size_t>(i); }));
    EXPECT_GE(node.engine.deadlines_met().back(), due);
  }
}

TYPED_TEST_P(WorldContract, ADeadlineThatStaysDueKeepsNoEventsAway) {
  const auto pair = this->connect();
  pair.listener.engine.deadline_stays_due = true;
  pair.listener.engine.deadline = pair.listener.now();
  pair.dialler.engine.send(pair.near, "through");
  ASSERT_TRUE(this->run_until([&] { return pair.far_link().in == "through"; }));
}

TYPED_TEST_P(WorldContract, ADeadlineThatIsMovedIsMetAtItsNewTime) {
  auto& node = this->net_.add_node();
  node.engine.deadline = node.now() + Duration::minutes(10);
  this->net_.step();
  const Time earlier = node.now() + Duration::milliseconds(1);
  node.engine.deadline = earlier;
  this->net_.step();
  const Time later = earlier + Duration::milliseconds(4);
  if (node.engine.deadlines_met().empty()) node.engine.deadline = later;
  const Time due = node.engine.deadlines_met().empty() ? later : earlier;
  ASSERT_TRUE(this->run_until([&] { return !node.engine.deadlines_met().empty(); }));
  EXPECT_GE(node.engine.deadlines_met().front(), due);
  EXPECT_LT(node.engine.deadlines_met().front(), due + Duration::minutes(5));
}

TYPED_TEST_P(WorldContract, ANodeCanDialItself) {
  auto& node = this->net_.add_node();
  const auto pair = this->connect(node, node);
  node.engine.send(pair.near, "from near");
  node.engine.send(pair.far, "from far");
  ASSERT_TRUE(this->run_until(
      [&] { return pair.far_link().in == "from near" && pair.near_link().in == "from far"; }));
}

TYPED_TEST_P(WorldContract, ManyDialsAreRefusedAtOnce) {
  auto& node = this->net_.add_node();
  std::vector<ConnId> conns;
  for (int i = 0; i < 50; ++i) conns.push_back(node.engine.dial(this->net_.nowhere()));
  ASSERT_TRUE(this->run_until(
      [&] { return node.engine.template events_of<ConnectFailed>().size() == conns.size(); }));
  for (const ConnId conn : conns) {
    EXPECT_EQ(node.engine.link(conn).dial_failed, NetError::refused);
  }
  EXPECT_EQ(this->net_.connections(), 0U);
}

TYPED_TEST_P(WorldContract, AWriterIsToldOfEveryPartThatWasTaken) {
  const auto pair = this->connect();
  size_t total = 0;
  for (size_t i = 0; i < 300; ++i) {
    const std::string part = this->pattern(1 + i * 97 % 30'000);
    pair.dialler.engine.send(pair.near, part);
    total += part.size();
  }
  pair.far_link().second_span = 777;
  ASSERT_TRUE(this->run_until([&] {
    EXPECT_LE(pair.far_link().in_bytes, pair.near_link().out_bytes);
    return pair.far_link().in_bytes == total;
  }));
  EXPECT_EQ(pair.near_link().out_bytes, total);
  EXPECT_TRUE(pair.near_link().out.empty());
}

TYPED_TEST_P(WorldContract, AnAddressInFiguresResolvesToItself) {
  auto& node = this->net_.add_node();
  node.engine.act(Resolve{OpId{1}, HostPort{"192.0.2.7", 8100}});
  ASSERT_TRUE(this->run_until([&] { return !node.engine.template events_of<Resolved>().empty(); }));
  const Resolved answer = node.engine.template events_of<Resolved>().front();
  EXPECT_EQ(answer.op, OpId{1});
  EXPECT_EQ(answer.endpoints, std::vector{*Endpoint::parse("192.0.2.7:8100")});
}

TYPED_TEST_P(WorldContract, APieceIsHashedStoredMadeDurableAndLoaded) {
  auto& node = this->net_.add_node();
  const Slice bytes = Slice::copy_of(std::as_bytes(std::span("a piece", 7)));
  const Digest digest = sha256_zero_filled(bytes.bytes(), 1024 - 7);
  node.engine.act(HashPiece{OpId{1}, bytes, 1024 - 7});
  ASSERT_TRUE(
      this->run_until([&] { return !node.engine.template events_of<PieceHashed>().empty(); }));
  EXPECT_EQ(node.engine.template events_of<PieceHashed>().front().digest, digest);

  node.engine.act(StorePiece{OpId{2}, digest, bytes, {}});
  node.engine.act(SyncStore{OpId{3}});
  ASSERT_TRUE(
      this->run_until([&] { return !node.engine.template events_of<StoreSynced>().empty(); }));
  ASSERT_EQ(node.engine.template events_of<PieceStored>().size(), 1U);
  EXPECT_EQ(node.engine.template events_of<PieceStored>().front().status, StoreStatus::ok);

  node.engine.act(LoadPiece{OpId{4}, digest, true});
  node.engine.act(LoadPiece{OpId{5}, Digest{}, true});
  ASSERT_TRUE(
      this->run_until([&] { return node.engine.template events_of<PieceLoaded>().size() == 2; }));
  for (const PieceLoaded& loaded : node.engine.template events_of<PieceLoaded>()) {
    const bool held = loaded.op == OpId{4};
    EXPECT_EQ(loaded.status, held ? StoreStatus::ok : StoreStatus::not_held);
    if (held) {
      EXPECT_EQ(std::get<Slice>(loaded.bytes).size(), 7U);
    }
  }
}

TYPED_TEST_P(WorldContract, ABookIsSaved) {
  auto& node = this->net_.add_node();
  node.engine.act(SaveBook{OpId{1}, encode_book({})});
  ASSERT_TRUE(
      this->run_until([&] { return !node.engine.template events_of<BookSaved>().empty(); }));
  EXPECT_EQ(node.engine.template events_of<BookSaved>().front().op, OpId{1});
  EXPECT_EQ(node.engine.template events_of<BookSaved>().front().status, StoreStatus::ok);
}

TYPED_TEST_P(WorldContract, StoredBytesGoOutBetweenThoseInMemory) {
  const auto pair = this->connect();
  const std::string piece = this->pattern(3'000'000);
  pair.dialler.engine.send(pair.near, "header ");
  pair.dialler.engine.send(pair.near, this->net_.stored(piece));
  pair.dialler.engine.send(pair.near, " behind");
  const std::string all = "header " + piece + " behind";
  ASSERT_TRUE(this->run_until([&] { return pair.far_link().in.size() == all.size(); }));
  EXPECT_TRUE(pair.far_link().in == all);
}

REGISTER_TYPED_TEST_SUITE_P(
    WorldContract, ADialIsConnectedOnOneSideAndAcceptedOnTheOther,
    ADialOfAPortThatNobodyListensOnIsRefused, BytesArriveInOrderHoweverSmallTheWindows,
    ManySegmentsAreOneStream, BothDirectionsMoveAtOnce, WhoDoesNotReadStopsItsSenderAndNobodyElse,
    ManyConnectionsLiveAtOnce, ABusyConnectionStarvesNeitherOthersNorDeadlines,
    ADeadlineIsMetInTimeOrderAndNeverEarly, ADeadlineThatStaysDueKeepsNoEventsAway,
    ADeadlineThatIsMovedIsMetAtItsNewTime, ANodeCanDialItself, ManyDialsAreRefusedAtOnce,
    AWriterIsToldOfEveryPartThatWasTaken, AnAddressInFiguresResolvesToItself,
    APieceIsHashedStoredMadeDurableAndLoaded, ABookIsSaved, StoredBytesGoOutBetweenThoseInMemory);

}  // namespace p2p::conformance
