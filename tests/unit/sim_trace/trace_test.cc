#include "io_sim/trace/trace.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "engine/wire/encoder.h"

namespace p2p::sim::trace_test {
namespace {

constexpr Time kAt = Time::from_ns(12'345'678'901);
constexpr ConnId kDialled = ConnId::dialled(3);
constexpr ConnId kAccepted = ConnId::accepted(4);
const Endpoint boot{Address::loopback(), 8100};
const Endpoint peer{Address::v4(192, 0, 2, 7), 52197};

Digest digest(uint8_t first) {
  Digest made;
  made.bytes[0] = std::byte{first};
  return made;
}

Slice slice(size_t size) { return Slice::copy_of(std::vector<std::byte>(size)); }

struct Recorded {
  std::string text;
  std::string hash;
};

Recorded recorded(const std::function<void(Trace&)>& happens) {
  std::ostringstream out;
  Trace trace(&out);
  happens(trace);
  Trace silent(nullptr);
  happens(silent);
  EXPECT_EQ(silent.hash().hex(), trace.hash().hex()) << out.str();
  return {out.str(), trace.hash().hex()};
}

Recorded recorded(const p2p::Event& event) {
  return recorded([&](Trace& trace) { trace.event(kAt, 3, "peer[3]", event); });
}
Recorded recorded(const p2p::Action& action) {
  return recorded([&](Trace& trace) { trace.action(kAt, 3, "peer[3]", action); });
}

// Each differs from every other in one field at least.
const std::vector<p2p::Event> all_events{
    Started{},
    Started{{digest(1)}},
    Started{{digest(2)}},
    Started{{digest(1), digest(2)}},
    Started{{}, {{{peer, Duration()}}}, Duration()},
    Started{{}, {{{boot, Duration()}}}, Duration()},
    Started{{}, {{{peer, Duration::seconds(1)}}}, Duration()},
    Started{{}, {{{peer, Duration()}}}, Duration::seconds(1)},
    DeadlineReached{},
    Accepted{kAccepted, boot, peer},
    Accepted{kDialled, boot, peer},
    Accepted{kAccepted, peer, peer},
    Accepted{kAccepted, boot, boot},
    Connected{kDialled, boot},
    Connected{kAccepted, boot},
    Connected{kDialled, peer},
    ConnectFailed{kDialled, NetError::refused},
    ConnectFailed{kDialled, NetError::timed_out},
    ConnectFailed{ConnId::dialled(4), NetError::refused},
    Received{kDialled, 141},
    Received{kDialled, 142},
    Received{kAccepted, 141},
    Sent{kDialled, 141},
    Sent{kDialled, 142},
    Sent{kAccepted, 141},
    Closed{kDialled, NetError::reset},
    Closed{kDialled, NetError::end_of_stream},
    Closed{kAccepted, NetError::reset},
    AcceptStarved{},
    Resolved{OpId{7}, {boot}, ""},
    Resolved{OpId{8}, {boot}, ""},
    Resolved{OpId{7}, {peer}, ""},
    Resolved{OpId{7}, {}, "no such name"},
    PieceHashed{OpId{7}, digest(1)},
    PieceHashed{OpId{8}, digest(1)},
    PieceHashed{OpId{7}, digest(2)},
    PieceStored{OpId{7}, StoreStatus::ok},
    PieceStored{OpId{8}, StoreStatus::ok},
    PieceStored{OpId{7}, StoreStatus::no_space},
    PieceLoaded{OpId{7}, StoreStatus::ok, slice(9)},
    PieceLoaded{OpId{8}, StoreStatus::ok, slice(9)},
    PieceLoaded{OpId{7}, StoreStatus::ok, slice(10)},
    PieceLoaded{OpId{7}, StoreStatus::ok, FileSlice{nullptr, 0, 11}},
    PieceLoaded{OpId{7}, StoreStatus::not_held, {}},
    StoreSynced{OpId{7}, StoreStatus::ok},
    StoreSynced{OpId{8}, StoreStatus::ok},
    StoreSynced{OpId{7}, StoreStatus::io_error},
    BookSaved{OpId{7}, StoreStatus::ok},
    BookSaved{OpId{8}, StoreStatus::ok},
    BookSaved{OpId{7}, StoreStatus::no_space},
    FetchPieces{FetchId{5}, {digest(1)}},
    FetchPieces{FetchId{6}, {digest(1)}},
    FetchPieces{FetchId{5}, {digest(2)}},
    FetchContent{FetchId{5}, digest(1), false},
    FetchContent{FetchId{6}, digest(1), false},
    FetchContent{FetchId{5}, digest(2), false},
    FetchContent{FetchId{5}, digest(1), true},
    ServeContent{digest(1)},
    ServeContent{digest(2)},
    StopServing{digest(1)},
    StopServing{digest(2)},
    CancelFetch{FetchId{5}},
    CancelFetch{FetchId{6}},
    PieceAdded{digest(1)},
    PieceAdded{digest(2)},
    PieceRemoved{digest(1)},
    PieceRemoved{digest(2)},
    ShutDown{}};

const std::vector<Extent> extents{{FetchId{1}, 100, 50}};

const std::vector<p2p::Action> all_actions{
    Connect{kDialled, boot},
    Connect{ConnId::dialled(4), boot},
    Connect{kDialled, peer},
    Close{kDialled},
    Close{kAccepted},
    ShutdownWrite{kDialled},
    ShutdownWrite{kAccepted},
    SetInterest{kDialled, false, false},
    SetInterest{kDialled, true, false},
    SetInterest{kDialled, false, true},
    SetInterest{kDialled, true, true},
    SetInterest{kAccepted, true, true},
    Resolve{OpId{7}, {"boot.example", 8100}},
    Resolve{OpId{8}, {"boot.example", 8100}},
    Resolve{OpId{7}, {"root.example", 8100}},
    Resolve{OpId{7}, {"boot.example", 8101}},
    HashPiece{OpId{7}, slice(9), 1},
    HashPiece{OpId{8}, slice(9), 1},
    HashPiece{OpId{7}, slice(8), 1},
    HashPiece{OpId{7}, slice(9), 2},
    StorePiece{OpId{7}, digest(1), slice(9), {}},
    StorePiece{OpId{8}, digest(1), slice(9), {}},
    StorePiece{OpId{7}, digest(2), slice(9), {}},
    StorePiece{OpId{7}, digest(1), slice(8), {}},
    StorePiece{OpId{7}, digest(1), slice(9), extents},
    StorePiece{OpId{7}, digest(1), slice(9), {{FetchId{2}, 100, 50}}},
    StorePiece{OpId{7}, digest(1), slice(9), {{FetchId{1}, 101, 50}}},
    StorePiece{OpId{7}, digest(1), slice(9), {{FetchId{1}, 100, 51}}},
    PlacePiece{OpId{7}, digest(1), extents},
    PlacePiece{OpId{8}, digest(1), extents},
    PlacePiece{OpId{7}, digest(2), extents},
    PlacePiece{OpId{7}, digest(1), {}},
    LoadPiece{OpId{7}, digest(1), false},
    LoadPiece{OpId{8}, digest(1), false},
    LoadPiece{OpId{7}, digest(2), false},
    LoadPiece{OpId{7}, digest(1), true},
    SyncStore{OpId{7}},
    SyncStore{OpId{8}},
    SaveBook{OpId{7}, slice(9)},
    SaveBook{OpId{8}, slice(9)},
    SaveBook{OpId{7}, slice(10)},
    Notify{PeerIdentified{kDialled, peer, false, false}},
    Notify{PeerIdentified{kAccepted, peer, false, false}},
    Notify{PeerIdentified{kDialled, boot, false, false}},
    Notify{PeerIdentified{kDialled, peer, true, false}},
    Notify{PeerIdentified{kDialled, peer, false, true}},
    Notify{PeerGone{kDialled, peer}},
    Notify{PeerGone{kAccepted, peer}},
    Notify{PeerGone{kDialled, boot}},
    Notify{PeerClosed{peer, CloseReason::silent, "", 0}},
    Notify{PeerClosed{boot, CloseReason::silent, "", 0}},
    Notify{PeerClosed{peer, CloseReason::bad_piece, "", 0}},
    Notify{PeerClosed{peer, CloseReason::silent, "type 3", 0}},
    Notify{PeerClosed{peer, CloseReason::silent, "", 1}},
    Notify{BootstrapUnreachable{{"boot", 1}, "refused", Duration::seconds(1)}},
    Notify{BootstrapUnreachable{{"root", 1}, "refused", Duration::seconds(1)}},
    Notify{BootstrapUnreachable{{"boot", 1}, "no answer", Duration::seconds(1)}},
    Notify{BootstrapUnreachable{{"boot", 1}, "refused", Duration::seconds(2)}},
    Notify{BootstrapReached{{"boot", 1}, boot}},
    Notify{BootstrapReached{{"boot", 2}, boot}},
    Notify{BootstrapReached{{"boot", 1}, peer}},
    Notify{OwnEndpoint{boot}},
    Notify{OwnEndpoint{peer}},
    Notify{PieceObtained{FetchId{5}, digest(1)}},
    Notify{PieceObtained{FetchId{6}, digest(1)}},
    Notify{PieceObtained{FetchId{5}, digest(2)}},
    Notify{FetchProgress{FetchId{5}, 100, 50, true}},
    Notify{FetchProgress{FetchId{6}, 100, 50, true}},
    Notify{FetchProgress{FetchId{5}, 101, 50, true}},
    Notify{FetchProgress{FetchId{5}, 100, 51, true}},
    Notify{FetchProgress{FetchId{5}, 100, 50, false}},
    Notify{ContentShape{FetchId{5}, 100, false}},
    Notify{ContentShape{FetchId{6}, 100, false}},
    Notify{ContentShape{FetchId{5}, 101, false}},
    Notify{ContentShape{FetchId{5}, 100, true}},
    Notify{ContentComplete{FetchId{5}, 100, ""}},
    Notify{ContentComplete{FetchId{6}, 100, ""}},
    Notify{ContentComplete{FetchId{5}, 101, ""}},
    Notify{ContentComplete{FetchId{5}, 100, "x"}},
    Notify{ContentInvalid{FetchId{5}, "bad magic"}},
    Notify{ContentInvalid{FetchId{6}, "bad magic"}},
    Notify{ContentInvalid{FetchId{5}, "bad kind"}},
    Notify{StoreFailed{StoreStatus::io_error}},
    Notify{StoreFailed{StoreStatus::no_space}},
    Notify{BookNotSaved{StoreStatus::io_error}},
    Notify{BookNotSaved{StoreStatus::no_space}},
    Notify{HoldersSought{digest(1), 2, 1, 0}},
    Notify{HoldersSought{digest(2), 2, 1, 0}},
    Notify{HoldersSought{digest(1), 3, 1, 0}},
    Notify{HoldersSought{digest(1), 2, 2, 0}},
    Notify{HoldersSought{digest(1), 2, 1, 1}},
    Notify{Stopped{}}};

template <class Happening>
void expect_all_differ(const std::vector<Happening>& happenings, std::set<size_t>& kinds,
                       std::map<std::string, std::string>& text_by_hash,
                       std::set<std::string>& texts) {
  for (const Happening& happening : happenings) {
    const Recorded line = recorded(happening);
    const auto [at, is_new] = text_by_hash.emplace(line.hash, line.text);
    EXPECT_TRUE(is_new) << "equal hashes:\n" << at->second << line.text;
    EXPECT_TRUE(texts.insert(line.text).second) << "equal texts: " << line.text;
    kinds.insert(happening.index());
  }
}

TEST(Trace, tells_events_and_actions_apart_by_every_field_in_hash_and_text) {
  std::map<std::string, std::string> text_by_hash;
  std::set<std::string> texts;
  std::set<size_t> event_kinds;
  expect_all_differ(all_events, event_kinds, text_by_hash, texts);
  EXPECT_EQ(event_kinds.size(), std::variant_size_v<p2p::Event>);
  std::set<size_t> action_kinds;
  expect_all_differ(all_actions, action_kinds, text_by_hash, texts);
  EXPECT_EQ(action_kinds.size(), std::variant_size_v<p2p::Action>);
  std::set<size_t> notice_kinds;
  for (const p2p::Action& action : all_actions) {
    if (const auto* notify = std::get_if<Notify>(&action)) {
      notice_kinds.insert(notify->notice.index());
    }
  }
  EXPECT_EQ(notice_kinds.size(), std::variant_size_v<p2p::Notice>);
}

TEST(Trace, writes_a_line_of_time_node_and_what_happened) {
  EXPECT_EQ(recorded(Received{kDialled, 141}).text,
            "12.345678901 peer[3] received conn=d3 bytes=141\n");
  EXPECT_EQ(recorded(Accepted{kAccepted, boot, peer}).text,
            "12.345678901 peer[3] accepted conn=a4 local=[::1]:8100 remote=192.0.2.7:52197\n");
  EXPECT_EQ(recorded(StorePiece{OpId{7}, digest(0xab), slice(9), extents}).text,
            "12.345678901 peer[3] store_piece op=7 digest=ab00000000000000 bytes=9 at "
            "fetch=1+100..150\n");
  EXPECT_EQ(recorded(Notify{PeerClosed{peer, CloseReason::silent, "", 0}}).text,
            "12.345678901 peer[3] notice peer_closed remote=192.0.2.7:52197 suppressed=0: it has "
            "been silent for too long\n");
}

TEST(Trace, writes_small_times_with_nine_digits) {
  const auto line =
      recorded([](Trace& trace) { trace.event(Time::from_ns(42), 0, "boot", DeadlineReached{}); });
  EXPECT_EQ(line.text, "0.000000042 boot deadline\n");
}

TEST(Trace, the_time_and_the_node_matter) {
  const auto at = [](int64_t ns, uint32_t node, std::string_view name) {
    return recorded(
        [=](Trace& trace) { trace.event(Time::from_ns(ns), node, name, DeadlineReached{}); });
  };
  EXPECT_NE(at(1, 0, "boot").hash, at(2, 0, "boot").hash);
  EXPECT_NE(at(1, 0, "boot").hash, at(1, 1, "peer[0]").hash);
  EXPECT_NE(at(1, 0, "boot").text, at(1, 1, "peer[0]").text);
}

// The bytes of a piece are covered by its digest, which the event PieceHashed brings.
TEST(Trace, the_bytes_of_a_payload_are_not_looked_at) {
  const auto of = [](std::byte value) {
    const Slice bytes = Slice::copy_of(std::vector<std::byte>(9, value));
    return recorded(StorePiece{OpId{7}, digest(1), bytes, {}}).hash +
           recorded(HashPiece{OpId{7}, bytes, 0}).hash +
           recorded(PieceLoaded{OpId{7}, StoreStatus::ok, bytes}).hash;
  };
  EXPECT_EQ(of(std::byte{0}), of(std::byte{1}));
}

TEST(Trace, writes_what_a_connection_sends) {
  std::vector<std::byte> ask;
  append_frame(ask, AskMessage{digest(1)});
  const auto frame = recorded([&](Trace& t) { t.frame(kAt, 3, "peer[3]", kDialled, ask); });
  EXPECT_EQ(frame.text, "12.345678901 peer[3] sends conn=d3 ask 0100000000000000\n");
  const auto raw =
      recorded([&](Trace& t) { t.raw_bytes(kAt, 3, "peer[3]", kDialled.value(), ask); });
  EXPECT_EQ(raw.text, "12.345678901 peer[3] sends conn=d3 raw ask 0100000000000000\n");
  const auto header = encode_give_header(digest(1), *PieceSize::from_bytes(1024));
  const auto give = recorded([&](Trace& t) { t.payload(kAt, 3, "peer[3]", kDialled, header); });
  EXPECT_EQ(give.text, "12.345678901 peer[3] sends conn=d3 give 0100000000000000 bytes=1024\n");
  std::set<std::string> hashes{frame.hash, raw.hash, give.hash};
  EXPECT_EQ(hashes.size(), 3u);
}

TEST(Trace, writes_what_the_scenario_does) {
  const auto crash = recorded([](Trace& t) { t.deed(kAt, 3, "peer[3]", "crash"); });
  EXPECT_EQ(crash.text, "12.345678901 peer[3] scenario: crash\n");
  const auto heal = recorded([](Trace& t) { t.deed(kAt, -1, "", "heal"); });
  EXPECT_EQ(heal.text, "12.345678901 scenario: heal\n");
  EXPECT_NE(crash.hash, heal.hash);
}

}  // namespace
}  // namespace p2p::sim::trace_test
