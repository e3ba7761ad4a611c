#include "apps/p2pnode/look_json.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

Endpoint at(const char* text) { return Endpoint::parse(text).value(); }
Time t(int64_t seconds) { return Time::from_ns(0) + Duration::seconds(seconds); }

// A node whose last event was two seconds ago.
NodeView view_of_two() {
  NodeView view;
  view.version = "0.1.0";
  view.process = 4711;
  view.listening = at("[::]:8100");
  view.uptime = Duration::minutes(3);
  view.now = t(182);
  view.status.as_of = t(180);
  PeerStatus dialled;
  dialled.conn = ConnId::dialled(1);
  dialled.remote = at("192.0.2.7:8100");
  dialled.identified = true;
  dialled.age = Duration::seconds(60);
  dialled.silent = Duration::seconds(5);
  dialled.bytes_in = 1000;
  dialled.bytes_out = 2000;
  dialled.listens = dialled.remote;
  dialled.score = 7;
  dialled.address_score = 200;
  PeerStatus stranger;
  stranger.conn = ConnId::accepted(1);
  stranger.remote = at("[2001:db8::1]:40000");
  stranger.accepted = true;
  view.status.peers = {dialled, stranger};
  view.status.known_alive = {dialled.remote};
  view.status.pieces_held = 12;
  view.status.book = {3, 4, 1, 0};
  view.status.counts.dials_started = 9;
  view.status.counts.dials_succeeded = 1;
  view.status.counts.dials_failed[static_cast<size_t>(NetError::refused)] = 8;
  view.status.counts.accepted = 5;
  view.status.counts.closed[static_cast<size_t>(CloseReason::slots_full)] = 2;
  view.status.refusals = {{*Address::parse("198.51.100.7"), false, Duration::seconds(60), 12}};
  view.status.counts.ended[static_cast<size_t>(NetError::reset)] = 1;
  view.round_trip = [](ConnId conn) -> std::optional<Duration> {
    if (conn.is_accepted()) return std::nullopt;
    return Duration::microseconds(1500);
  };
  return view;
}

const std::string kPeers =
    R"("peers":[{"endpoint":"192.0.2.7:8100","listens":"192.0.2.7:8100","direction":"out",)"
    R"("identified":true,"legacy":false,"surplus":false,"age_ms":62000,"silent_ms":7000,)"
    R"("bytes_in":1000,"bytes_out":2000,"score":7,"address_score":200,"round_trip_us":1500},)"
    R"({"endpoint":"[2001:db8::1]:40000","listens":null,"direction":"in","identified":false,)"
    R"("legacy":false,"surplus":false,"age_ms":2000,"silent_ms":2000,"bytes_in":0,"bytes_out":0,)"
    R"("score":0,"address_score":0,"round_trip_us":null}]})";

TEST(LookJson, peers_are_a_list_with_ages_up_to_now) {
  EXPECT_EQ(peers_json(view_of_two()), R"({"schema":1,)" + kPeers);
}

TEST(LookJson, nobody_is_an_empty_list) {
  EXPECT_EQ(peers_json(NodeView{}), R"({"schema":1,"peers":[]})");
}

TEST(LookJson, a_status_counts_what_ever_happened_by_its_reason) {
  EXPECT_EQ(status_json(view_of_two()),
            R"({"schema":1,"version":"0.1.0","process":4711,"listening":"[::]:8100",)"
            R"("uptime_ms":180000,"piece_bytes":1048576,"pieces_held":12,"pieces_wanted":0,)"
            R"("book":{"tried":3,"hearsay":4,"alive":1,"shunned":1,"own":0},)"
            R"("dials":{"started":9,"succeeded":1,"failed":{"refused":8}},"accepted":5,)"
            R"("closed":{"slots_full":2},"ended":{"reset":1},)"
            R"("refused":[{"address":"198.51.100.7","network":false,"for_ms":58000,)"
            R"("turned_away":12}],)" +
                kPeers);
}

TEST(LookJson, a_story_says_who_told_when_and_how_it_was_tried) {
  EndpointStory story;
  story.endpoint = at("192.0.2.9:8100");
  story.as_of = t(100);
  story.book.set = BookStory::Set::hearsay;
  story.book.informant = at("192.0.2.7:1").address;
  story.book.entered = t(40);
  story.book.failures = 2;
  story.book.next_dial = t(104);
  story.book.contact = Contact::failed(NetError::timed_out);
  story.book.contact_at = t(90);
  EXPECT_EQ(why_json(story, t(100), {}),
            R"({"schema":1,"endpoint":"192.0.2.9:8100","known":true,"connected":false,)"
            R"("why":"the last dial failed 10 s ago: no answer; the next dial is due in 4 s",)"
            R"("own":false,"refused":false,"book":{"set":"hearsay","informant":"192.0.2.7",)"
            R"("entered_ago_ms":60000,"alive_ago_ms":null,"reachable":false,"failures":2,)"
            R"("next_dial_in_ms":4000,"contact":{"kind":"failed","detail":"timed_out",)"
            R"("ago_ms":10000},"shunned_for_ms":null,"at_fault":false},"bootstrap":null,)"
            R"("dials_under_way":0,"peers":[]})");
}

TEST(LookJson, what_is_not_known_and_what_is_not_understood_are_objects_too) {
  EXPECT_EQ(unknown_json(at("192.0.2.9:1")),
            R"({"schema":1,"endpoint":"192.0.2.9:1","known":false})");
  EXPECT_EQ(error_json("no"), R"({"schema":1,"error":"no"})");
}

TEST(LookJson, a_host_whose_name_is_no_text_does_no_harm) {
  EndpointStory story;
  story.bootstrap = BootstrapStory{{"\xff", 1}, BootstrapStory::State::waiting, t(9), 1, "\xfe"};
  EXPECT_NE(why_json(story, t(1), {}).find("\"host\":\"\xEF\xBF\xBD:1\""), std::string::npos);
}

// A content of 100 bytes in a state that has something of everything.
ContentStory story_of_one() {
  ContentStory story;
  story.root = sha256({});
  story.shape_known = true;
  story.length = 100;
  story.done = 40;
  story.missing = 2;
  story.asked = 1;
  MissingPiece piece;
  piece.digest = sha256({});
  piece.offset = 64;
  piece.length = 36;
  piece.holders = 1;
  piece.talks = {{at("[::1]:2"), PieceAnswer::wrong_bytes, t(1), t(2)},
                 {at("[::1]:1"), PieceAnswer::asked, t(3), std::nullopt}};
  story.pieces = {piece};
  PeerInStory peer;
  peer.peer = at("[::1]:1");
  peer.connected = true;
  peer.given_bytes = 7;
  peer.asked_since = t(3);
  peer.pieces[static_cast<size_t>(PieceAnswer::asked)] = 1;
  story.peers = {peer};
  return story;
}

TEST(LookJson, of_a_content_says_what_is_missing_and_who_said_what) {
  const std::string id = sha256({}).hex();
  EXPECT_EQ(
      content_json(story_of_one(), t(5)),
      R"({"schema":1,"id":")" + id +
          R"(","fetching":true,"bytes_total":100,"bytes_done":40,"missing":2,"asked":1,)"
          R"("arrived":0,"nobody_has":0,"store_waits_ms":null,)"
          R"("peers":[{"endpoint":"[::1]:1","connected":true,"given_bytes":7,)"
          R"("asked_ago_ms":2000,"pieces":{"asked":1}}],"pieces":[{"piece":")" +
          id +
          R"(","node":false,"offset":64,"bytes":36,"arrived":false,"holders":1,)"
          R"("said":[{"peer":"[::1]:2","answer":"wrong_bytes","asked_ago_ms":4000,)"
          R"("ended_ago_ms":3000},{"peer":"[::1]:1","answer":"asked","asked_ago_ms":2000}]}]})");
  EXPECT_EQ(unknown_content_json(sha256({})),
            R"({"schema":1,"id":")" + id + R"(","fetching":false})");
}

}  // namespace
}  // namespace p2p::app
