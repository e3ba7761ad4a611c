// How connections end in every world: in order, by halves, by a reset, while something is under
// way. As typed tests, beside world_contract.h.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/conformance/world_fixture.h"

namespace p2p::conformance {

template <class Net>
class EndingContract : public WorldContract<Net> {};

TYPED_TEST_SUITE_P(EndingContract);

TYPED_TEST_P(EndingContract, AHalfClosedConnectionStillCarriesTheAnswer) {
  const auto pair = this->connect();
  pair.dialler.engine.send(pair.near, "the question");
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().out.empty(); }));
  pair.dialler.engine.shutdown_write(pair.near);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  EXPECT_EQ(pair.far_link().in, "the question");
  pair.listener.engine.send(pair.far, "the answer");
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().in == "the answer"; }));
  EXPECT_EQ(pair.far_link().ends, std::vector{NetError::end_of_stream});
  EXPECT_TRUE(pair.near_link().ends.empty());
}

TYPED_TEST_P(EndingContract, WhatWasTakenArrivesEvenIfTheConnectionIsClosedAtOnce) {
  const auto pair = this->connect();
  const std::string text = this->pattern(10'000);
  pair.dialler.engine.send(pair.near, text);
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().out.empty(); }));
  pair.dialler.engine.close(pair.near);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  EXPECT_TRUE(pair.far_link().in == text);
  EXPECT_EQ(pair.far_link().ends, std::vector{NetError::end_of_stream});
}

TYPED_TEST_P(EndingContract, ClosingWithUnreadInputResetsThePeer) {
  const auto pair = this->connect();
  pair.listener.engine.read(pair.far, false);
  pair.dialler.engine.send(pair.near, "never read");
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().out.empty(); }));
  this->net_.settle();
  pair.listener.engine.close(pair.far);
  ASSERT_TRUE(this->run_until([&] { return !pair.near_link().ends.empty(); }));
  EXPECT_EQ(pair.near_link().ends, std::vector{NetError::reset});
}

TYPED_TEST_P(EndingContract, AWriterLearnsOfAResetWithoutReading) {
  const auto pair = this->connect();
  pair.dialler.engine.read(pair.near, false);
  pair.listener.engine.read(pair.far, false);
  pair.dialler.engine.send_without_end(pair.near);
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().out_bytes > 0; }));
  pair.listener.engine.close(pair.far);
  ASSERT_TRUE(this->run_until([&] { return !pair.near_link().ends.empty(); }));
  EXPECT_EQ(pair.near_link().ends, std::vector{NetError::reset});
}

TYPED_TEST_P(EndingContract, NothingIsSaidOfAConnectionAfterItsClose) {
  const auto pair = this->connect();
  pair.dialler.engine.send(pair.near, "bytes on their way");
  pair.listener.engine.send_without_end(pair.far);
  pair.dialler.engine.send_without_end(pair.near);
  ASSERT_TRUE(this->run_until(
      [&] { return pair.near_link().in_bytes > 0 && pair.far_link().in_bytes > 0; }));
  pair.dialler.engine.close(pair.near);
  const ConnId cancelled = pair.dialler.engine.dial(pair.listener.endpoint);
  pair.dialler.engine.close(cancelled);
  // The end of the stream may come first: when all that had arrived was read.
  ASSERT_TRUE(this->run_until([&] {
    return !pair.far_link().ends.empty() && pair.far_link().ends.back() == NetError::reset;
  }));
  EXPECT_EQ(pair.dialler.engine.events_after_close(), 0U);
}

TYPED_TEST_P(EndingContract, NoInterestNoEventsAndNothingIsLost) {
  const auto pair = this->connect();
  pair.listener.engine.read(pair.far, false);
  pair.dialler.engine.send(pair.near, "kept");
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().out.empty(); }));
  pair.dialler.engine.shutdown_write(pair.near);
  // Another connection's traffic shows that the world has looked around meanwhile.
  const auto other = this->connect(pair.dialler, pair.listener);
  pair.dialler.engine.send(other.near, "meanwhile");
  ASSERT_TRUE(this->run_until([&] { return other.far_link().in == "meanwhile"; }));
  EXPECT_EQ(pair.far_link().in, "");
  EXPECT_TRUE(pair.far_link().ends.empty());
  pair.listener.engine.read(pair.far, true);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  EXPECT_EQ(pair.far_link().in, "kept");
}

TYPED_TEST_P(EndingContract, ALongAnswerComesWholeAfterTheHalfClose) {
  const auto pair = this->connect();
  const std::string answer = this->pattern(2'000'000);
  pair.dialler.engine.shutdown_write(pair.near);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  pair.listener.engine.send(pair.far, answer);
  ASSERT_TRUE(this->run_until([&] { return pair.far_link().out.empty(); }));
  pair.listener.engine.close(pair.far);
  ASSERT_TRUE(this->run_until([&] { return !pair.near_link().ends.empty(); }));
  EXPECT_TRUE(pair.near_link().in == answer);
  EXPECT_EQ(pair.near_link().ends, std::vector{NetError::end_of_stream});
}

TYPED_TEST_P(EndingContract, BothSidesMayHalfClose) {
  const auto pair = this->connect();
  pair.dialler.engine.shutdown_write(pair.near);
  pair.listener.engine.shutdown_write(pair.far);
  this->net_.settle();
  EXPECT_EQ(pair.near_link().ends, std::vector{NetError::end_of_stream});
  EXPECT_EQ(pair.far_link().ends, std::vector{NetError::end_of_stream});
  pair.dialler.engine.close(pair.near);
  pair.listener.engine.close(pair.far);
  this->net_.settle();
  EXPECT_EQ(this->net_.connections(), 0U);
}

TYPED_TEST_P(EndingContract, AShutdownThenACloseIsOneOrderlyEnd) {
  const auto pair = this->connect();
  const std::string text = this->pattern(50'000);
  pair.dialler.engine.send(pair.near, text);
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().out.empty(); }));
  pair.dialler.engine.shutdown_write(pair.near);
  pair.dialler.engine.close(pair.near);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  this->net_.settle();
  EXPECT_TRUE(pair.far_link().in == text);
  EXPECT_EQ(pair.far_link().ends, std::vector{NetError::end_of_stream});
}

TYPED_TEST_P(EndingContract, BothSidesCloseAtTheSameTime) {
  const auto pair = this->connect();
  pair.dialler.engine.send_without_end(pair.near);
  pair.listener.engine.send_without_end(pair.far);
  ASSERT_TRUE(this->run_until(
      [&] { return pair.near_link().in_bytes > 0 && pair.far_link().in_bytes > 0; }));
  pair.dialler.engine.close(pair.near);
  pair.listener.engine.close(pair.far);
  this->net_.settle();
  EXPECT_EQ(pair.dialler.engine.events_after_close(), 0U);
  EXPECT_EQ(pair.listener.engine.events_after_close(), 0U);
  EXPECT_EQ(this->net_.connections(), 0U);
}

// However far the dial has come.
TYPED_TEST_P(EndingContract, ADialThatIsCalledOffLeavesNothingBehind) {
  auto& dialler = this->net_.add_node();
  auto& listener = this->net_.add_node();
  for (int steps = 0; steps <= 40; ++steps) {
    const ConnId conn = dialler.engine.dial(listener.endpoint);
    for (int i = 0; i < steps; ++i) this->net_.step();
    dialler.engine.close(conn);
    this->net_.settle();
    EXPECT_FALSE(dialler.engine.link(conn).dial_failed);
    EXPECT_TRUE(dialler.engine.link(conn).ends.empty());
  }
  EXPECT_EQ(dialler.engine.events_after_close(), 0U);
  // The listener may have seen some of them, and then sees that they end.
  for (const ConnId conn : listener.engine.accepted()) {
    EXPECT_EQ(listener.engine.link(conn).ends.size(), 1U);
    listener.engine.close(conn);
  }
  this->net_.settle();
  EXPECT_EQ(this->net_.connections(), 0U);
}

TYPED_TEST_P(EndingContract, AConnectionMayBeClosedAsItIsAccepted) {
  auto& dialler = this->net_.add_node();
  auto& listener = this->net_.add_node();
  listener.engine.closes_accepted = true;
  const ConnId conn = dialler.engine.dial(listener.endpoint);
  ASSERT_TRUE(this->run_until([&] { return !dialler.engine.link(conn).ends.empty(); }));
  EXPECT_TRUE(dialler.engine.link(conn).open);
  EXPECT_EQ(dialler.engine.link(conn).ends, std::vector{NetError::end_of_stream});
  EXPECT_EQ(listener.engine.events_after_close(), 0U);
}

TYPED_TEST_P(EndingContract, AConnectionMayBeClosedAsItIsConnected) {
  auto& dialler = this->net_.add_node();
  auto& listener = this->net_.add_node();
  dialler.engine.closes_connected = true;
  dialler.engine.dial(listener.endpoint);
  ASSERT_TRUE(this->run_until([&] {
    return listener.engine.accepted().size() == 1 &&
           !listener.engine.link(listener.engine.accepted().front()).ends.empty();
  }));
  EXPECT_EQ(listener.engine.link(listener.engine.accepted().front()).ends,
            std::vector{NetError::end_of_stream});
  EXPECT_EQ(dialler.engine.events_after_close(), 0U);
}

TYPED_TEST_P(EndingContract, AReceiverThatClosesWithDataOnItsWayResetsTheSender) {
  const auto pair = this->connect();
  pair.far_link().closes_when_received = true;
  pair.dialler.engine.send_without_end(pair.near);
  // The end of the stream may come first: when all that had arrived was read.
  ASSERT_TRUE(this->run_until([&] {
    return !pair.near_link().ends.empty() && pair.near_link().ends.back() == NetError::reset;
  }));
  const uint64_t taken = pair.near_link().out_bytes;
  this->net_.settle();
  EXPECT_EQ(pair.near_link().out_bytes, taken);
  EXPECT_EQ(pair.far_link().events_in, 1U);
  EXPECT_EQ(pair.listener.engine.events_after_close(), 0U);
}

TYPED_TEST_P(EndingContract, WhoWritesToAClosedPeerLearnsFirstOfItsEndThenOfTheReset) {
  const auto pair = this->connect();
  pair.listener.engine.close(pair.far);
  ASSERT_TRUE(this->run_until([&] { return !pair.near_link().ends.empty(); }));
  pair.dialler.engine.send_without_end(pair.near);
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().ends.size() == 2; }));
  EXPECT_EQ(pair.near_link().ends, (std::vector{NetError::end_of_stream, NetError::reset}));
  EXPECT_GT(pair.near_link().out_bytes, 0U);
}

TYPED_TEST_P(EndingContract, WhoReadsNothingUntilTheEndHasItAll) {
  const auto pair = this->connect();
  pair.listener.engine.read(pair.far, false);
  const std::string text = this->pattern(60'000);
  pair.dialler.engine.send(pair.near, text);
  ASSERT_TRUE(this->run_until([&] { return pair.near_link().out.empty(); }));
  pair.dialler.engine.close(pair.near);
  this->net_.settle();
  EXPECT_EQ(pair.far_link().events_in, 0U);
  EXPECT_TRUE(pair.far_link().ends.empty());
  pair.listener.engine.read(pair.far, true);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  EXPECT_TRUE(pair.far_link().in == text);
  EXPECT_EQ(pair.far_link().ends, std::vector{NetError::end_of_stream});
}

TYPED_TEST_P(EndingContract, WhatCameBeforeAResetIsStillRead) {
  const auto pair = this->connect();
  pair.listener.engine.read(pair.far, false);
  pair.dialler.engine.read(pair.near, false);
  pair.dialler.engine.send(pair.near, "the last words");
  pair.listener.engine.send(pair.far, "never read");
  this->net_.settle();
  pair.dialler.engine.close(pair.near);
  this->net_.settle();
  pair.listener.engine.read(pair.far, true);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  EXPECT_EQ(pair.far_link().in, "the last words");
  EXPECT_EQ(pair.far_link().ends, std::vector{NetError::reset});
}

// A peer that was killed leaves asks unread, which makes its end a reset, and pieces behind.
TYPED_TEST_P(EndingContract, AWriterThatIsResetStillReadsWhatHadCome) {
  const auto pair = this->connect();
  pair.listener.engine.read(pair.far, false);
  pair.dialler.engine.read(pair.near, false);
  const std::string text = this->pattern(60'000);
  pair.dialler.engine.send(pair.near, text);
  pair.listener.engine.send(pair.far, "never read");
  this->net_.settle();
  pair.dialler.engine.close(pair.near);
  this->net_.settle();
  pair.far_link().first_span = 97;
  pair.far_link().second_span = 3;
  pair.far_link().endless = true;
  pair.listener.engine.read(pair.far, true);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  this->net_.settle();
  EXPECT_TRUE(pair.far_link().in == text) << pair.far_link().in.size();
  EXPECT_EQ(pair.far_link().ends, std::vector{NetError::reset});
}

TYPED_TEST_P(EndingContract, AResetIsSaidOnceThereIsInterest) {
  const auto pair = this->connect();
  pair.listener.engine.read(pair.far, false);
  pair.dialler.engine.read(pair.near, false);
  pair.listener.engine.send(pair.far, "never read");
  this->net_.settle();
  pair.dialler.engine.close(pair.near);
  this->net_.settle();
  EXPECT_TRUE(pair.far_link().ends.empty());
  pair.listener.engine.read(pair.far, true);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  EXPECT_EQ(pair.far_link().ends, std::vector{NetError::reset});
}

TYPED_TEST_P(EndingContract, ABrokenConnectionSaysNothingMoreWhateverItIsAskedFor) {
  const auto pair = this->connect();
  pair.dialler.engine.read(pair.near, false);
  pair.listener.engine.send(pair.far, "never read");
  this->net_.settle();
  pair.dialler.engine.close(pair.near);
  ASSERT_TRUE(this->run_until([&] { return !pair.far_link().ends.empty(); }));
  const size_t events = pair.listener.engine.events().size();
  pair.listener.engine.act(SetInterest{pair.far, true, true});
  pair.listener.engine.shutdown_write(pair.far);
  this->net_.settle();
  EXPECT_EQ(pair.listener.engine.events().size(), events);
  pair.listener.engine.close(pair.far);
  this->net_.settle();
  EXPECT_EQ(this->net_.connections(), 0U);
}

TYPED_TEST_P(EndingContract, ManyConnectionsInARowLeaveNothingBehind) {
  auto& dialler = this->net_.add_node();
  auto& listener = this->net_.add_node();
  for (int i = 0; i < 100; ++i) {
    const auto pair = this->connect(dialler, listener);
    dialler.engine.send(pair.near, "a word");
    ASSERT_TRUE(this->run_until([&] { return pair.far_link().in == "a word"; }));
    // Now one, now the other is first.
    (i % 2 == 0 ? dialler.engine : listener.engine).close(i % 2 == 0 ? pair.near : pair.far);
    const auto& other = i % 2 == 0 ? pair.far_link() : pair.near_link();
    ASSERT_TRUE(this->run_until([&] { return !other.ends.empty(); }));
    (i % 2 == 0 ? listener.engine : dialler.engine).close(i % 2 == 0 ? pair.far : pair.near);
  }
  this->net_.settle();
  EXPECT_EQ(this->net_.connections(), 0U);
}

REGISTER_TYPED_TEST_SUITE_P(
    EndingContract, AHalfClosedConnectionStillCarriesTheAnswer,
    WhatWasTakenArrivesEvenIfTheConnectionIsClosedAtOnce, ClosingWithUnreadInputResetsThePeer,
    AWriterLearnsOfAResetWithoutReading, NothingIsSaidOfAConnectionAfterItsClose,
    NoInterestNoEventsAndNothingIsLost, ALongAnswerComesWholeAfterTheHalfClose,
    BothSidesMayHalfClose, AShutdownThenACloseIsOneOrderlyEnd, BothSidesCloseAtTheSameTime,
    ADialThatIsCalledOffLeavesNothingBehind, AConnectionMayBeClosedAsItIsAccepted,
    AConnectionMayBeClosedAsItIsConnected, AReceiverThatClosesWithDataOnItsWayResetsTheSender,
    WhoWritesToAClosedPeerLearnsFirstOfItsEndThenOfTheReset, WhoReadsNothingUntilTheEndHasItAll,
    WhatCameBeforeAResetIsStillRead, AWriterThatIsResetStillReadsWhatHadCome,
    AResetIsSaidOnceThereIsInterest, ABrokenConnectionSaysNothingMoreWhateverItIsAskedFor,
    ManyConnectionsInARowLeaveNothingBehind);

}  // namespace p2p::conformance
