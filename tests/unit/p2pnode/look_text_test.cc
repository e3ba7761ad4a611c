#include "apps/p2pnode/look_text.h"

#include <gtest/gtest.h>

#include <exception>

namespace p2p::app {
namespace {

TEST(LookText, peers_are_a_table_in_human_units) {
  EXPECT_EQ(
      peers_text(
          R"({"schema":1,"peers":[
{"endpoint":"192.0.2.7:8100","listens":"192.0.2.7:8100","direction":"out","identified":true,
 "legacy":false,"surplus":false,"age_ms":190000,"silent_ms":1,"bytes_in":1258291,"bytes_out":317440,
 "score":2,"address_score":1200,"round_trip_us":12480},
{"endpoint":"[2001:db8::1]:40000","listens":"198.51.100.1:9","direction":"in","identified":true,
 "legacy":true,"surplus":true,"age_ms":7300000,"silent_ms":1,"bytes_in":0,"bytes_out":5,
 "score":0,"address_score":0,"round_trip_us":250400},
{"endpoint":"[::1]:40001","listens":null,"direction":"in","identified":false,
 "legacy":false,"surplus":false,"age_ms":900,"silent_ms":1,"bytes_in":0,"bytes_out":59,
 "score":0,"address_score":0,"round_trip_us":32}]})"),
      "ENDPOINT             LISTENS         WAY    AGE       IN      OUT  ROUND TRIP  SCORE  KIND\n"
      "192.0.2.7:8100       :8100           out  3 min  1.2 MiB  310 KiB     12.5 ms  1,202  "
      "neighbour\n"
      "[2001:db8::1]:40000  198.51.100.1:9  in     2 h      0 B      5 B      250 ms      0  "
      "for exchange, original program\n"
      "[::1]:40001          -               in     0 s      0 B     59 B     0.03 ms      0  "
      "not known yet\n");
}

TEST(LookText, nobody_leaves_the_heading) {
  EXPECT_EQ(peers_text(R"({"schema":1,"peers":[]})"),
            "ENDPOINT  LISTENS  WAY  AGE  IN  OUT  ROUND TRIP  SCORE  KIND\n");
}

TEST(LookText, a_status_is_a_line_for_each_matter) {
  EXPECT_EQ(
      status_text(
          R"({"schema":1,"version":"0.1.0","process":4711,"listening":"[::]:8100",
"uptime_ms":180000,"piece_bytes":1048576,"pieces_held":1200,"pieces_wanted":3,
"book":{"tried":3,"hearsay":4,"alive":1,"shunned":1,"own":0},
"dials":{"started":9,"succeeded":1,"failed":{"refused":7,"timed_out":1}},"accepted":5,
"closed":{"slots_full":2},"ended":{"reset":1},"refused":[
{"address":"198.51.100.7","network":false,"for_ms":240000,"turned_away":12},
{"address":"8.8.0.0","network":true,"for_ms":3000,"turned_away":1}],"peers":[
{"direction":"in","identified":true,"legacy":true},{"direction":"in","identified":false},
{"direction":"out","identified":true,"surplus":true}]})"),
      "node       p2pnode 0.1.0, process 4711, for 3 min\n"
      "listening  [::]:8100\n"
      "pieces     1,200 held, 3 wanted, of 1 MiB each\n"
      "peers      3 connected: 2 in, 1 out; 1 for exchange, 1 of the original program, 1 not known "
      "yet\n"
      "book       3 tried, 4 heard of; 1 known alive, 1 left alone for a while\n"
      "dials      9 started: 1 succeeded, 8 failed\n"
      "           7: connection refused\n"
      "           1: no answer\n"
      "accepted   5 connections\n"
      "closed     2 connections by this node\n"
      "           2: there are enough connections\n"
      "ended      1 connection by the peer or the network\n"
      "           1: the connection was reset\n"
      "refused    198.51.100.7 for 4 min, 12 connections turned away\n"
      "           the network of 8.8.0.0 for 3 s, 1 connection turned away\n");
}

TEST(LookText, a_story_begins_with_the_sentence) {
  EXPECT_EQ(
      why_text(
          R"({"schema":1,"endpoint":"192.0.2.9:8100","known":true,"connected":false,
"why":"the last dial failed 10 s ago: no answer; the next dial is due in 4 s","own":false,
"book":{"set":"hearsay","informant":"192.0.2.7","entered_ago_ms":60000,"alive_ago_ms":null,
"reachable":false,"failures":2,"next_dial_in_ms":4000,
"contact":{"kind":"failed","detail":"timed_out","ago_ms":10000},"shunned_for_ms":null,
"at_fault":false},"bootstrap":null,"dials_under_way":0,"peers":[]})"),
      "192.0.2.9:8100: the last dial failed 10 s ago: no answer; the next dial is due in 4 s\n"
      "\n"
      "book        hearsay: this node has only heard of it\n"
      "told by     192.0.2.7\n"
      "known for   1 min\n"
      "last tried  10 s ago: failed, no answer\n"
      "failures    2 in a row\n"
      "next dial   in 4 s at the earliest\n");
}

TEST(LookText, of_an_endpoint_that_is_not_known_there_is_one_line) {
  const auto* answer = R"({"schema":1,"endpoint":"192.0.2.9:1","known":false})";
  EXPECT_EQ(why_text(answer), "192.0.2.9:1: nothing is known of it\n");
  EXPECT_FALSE(is_known_in(answer));
}

TEST(LookText, what_an_older_node_leaves_out_is_a_dash) {
  EXPECT_EQ(peers_text(R"({"schema":1,"peers":[{"endpoint":"[::1]:1"}]})"),
            "ENDPOINT  LISTENS  WAY  AGE  IN  OUT  ROUND TRIP  SCORE  KIND\n"
            "[::1]:1   -        -      -   -    -           -      -  not known yet\n");
}

TEST(LookText, a_refusal_is_a_sentence_and_another_schema_is_one) {
  EXPECT_EQ(refusal_in(R"({"schema":1,"peers":[]})"), std::nullopt);
  EXPECT_EQ(refusal_in(R"({"schema":1,"error":"no such question"})"), "no such question");
  EXPECT_NE(refusal_in(R"({"schema":2,"peers":[]})"), std::nullopt);
}

TEST(LookText, what_is_no_answer_throws) {
  EXPECT_THROW(static_cast<void>(refusal_in("hello")), std::exception);
  EXPECT_THROW(static_cast<void>(peers_text(R"({"peers":[{"age_ms":"old"}]})")), std::exception);
}

TEST(LookText, a_content_is_a_line_its_peers_and_its_first_missing_pieces) {
  EXPECT_EQ(
      content_text(
          R"({"schema":1,"id":"7f3a","fetching":true,"bytes_total":1073741824,"bytes_done":327155712,
"missing":712,"asked":10,"arrived":0,"nobody_has":300,"store_waits_ms":null,
"peers":[{"endpoint":"[::1]:1","connected":true,"given_bytes":1048576,"asked_ago_ms":12000,
"pieces":{"has":402,"lacks":300,"asked":10}},
{"endpoint":"[::1]:2","connected":false,"given_bytes":0,"asked_ago_ms":null,
"pieces":{"wrong_bytes":1,"silent":3}}],
"pieces":[{"piece":"0123456789abcdef0123","node":false,"offset":327155712,"bytes":1048576,
"arrived":false,"holders":1,"said":[
{"peer":"[::1]:2","answer":"wrong_bytes","asked_ago_ms":4000,"ended_ago_ms":3000},
{"peer":"[::1]:1","answer":"asked","asked_ago_ms":12000}]}]})"),
      "7f3a: 312 of 1,024 MiB are here; 712 pieces are known to be missing: 10 asked for, 300 that "
      "no connected peer has\n"
      "\n"
      "PEER     STATE       GAVE  HAS  LACKS  ASKED  WAITING  CAME TO NOTHING\n"
      "[::1]:1  connected  1 MiB  412    300     10     12 s\n"
      "[::1]:2  gone         0 B    0      0      0        -  1 wrong bytes, 3 silent\n"
      "\n"
      "PIECE                  AT   SIZE  WHAT WAS SAID\n"
      "0123456789abcdef  312 MiB  1 MiB  [::1]:2 wrong bytes 3 s ago; [::1]:1 asked 12 s ago\n"
      "and 711 more (--pieces N)\n");
}

TEST(LookText, a_content_that_is_not_being_got_is_said_to_be_so) {
  const char* const answer = R"({"schema":1,"id":"7f3a","fetching":false})";
  EXPECT_FALSE(is_fetching_in(answer));
  EXPECT_EQ(content_text(answer), "7f3a: the node is not getting this content\n");
}

}  // namespace
}  // namespace p2p::app
