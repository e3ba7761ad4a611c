#include "apps/p2pnode/why_sentence.h"

#include <gtest/gtest.h>

namespace p2p::app::why_sentence_test {
namespace {

Time t(int64_t seconds) { return Time::from_ns(0) + Duration::seconds(seconds); }

// In the book, dialled in vain ten seconds ago.
EndpointStory tried() {
  EndpointStory story;
  story.book.set = BookStory::Set::tried;
  story.book.contact = Contact::failed(NetError::refused);
  story.book.contact_at = t(90);
  story.book.next_dial = t(130);
  story.dial_target = 10;
  return story;
}

std::string sentence(const EndpointStory& story) { return why_sentence(story, t(100)); }

TEST(WhySentence, a_connected_one_says_who_began) {
  EndpointStory story = tried();
  PeerStatus peer;
  peer.identified = true;
  story.connections = {peer};
  EXPECT_EQ(sentence(story), "connected: it was dialled");
  story.connections[0].accepted = true;
  EXPECT_EQ(sentence(story), "connected: it came");
  story.connections.push_back(peer);
  EXPECT_EQ(sentence(story), "connected, by 2 connections");
  story.connections = {PeerStatus{}};
  EXPECT_EQ(sentence(story), "connected, but it has not said yet who it is");
}

TEST(WhySentence, a_dial_that_failed_says_how_and_when_the_next_is_due) {
  EXPECT_EQ(sentence(tried()),
            "the last dial failed 10 s ago: connection refused; the next dial is due in 30 s");
}

TEST(WhySentence, one_that_is_due_says_what_it_waits_for) {
  EndpointStory story = tried();
  story.book.contact = Contact::closed(CloseReason::slots_full);
  story.book.next_dial = t(100);
  const std::string ended = "the last connection ended 10 s ago: there are enough connections; ";
  story.room_to_dial = true;
  EXPECT_EQ(sentence(story), ended + "a dial is due, and chance decides among all that are");
  story.room_to_dial = false;
  EXPECT_EQ(sentence(story), ended + "a dial is due, and waits for others to end");
  story.dialled = 10;
  EXPECT_EQ(sentence(story), ended +
                                 "a dial is due, but this node has 10 connections that it "
                                 "dialled, and seeks no more than 10");
}

TEST(WhySentence, one_at_a_refused_address_says_so_unless_it_is_dialled_all_the_same) {
  EndpointStory story;
  story.refused = true;
  const std::string refused =
      "peers at its address, or in its network, broke the protocol too often: nobody is dialled "
      "there because others say so";
  EXPECT_EQ(sentence(story), refused);
  story.book.set = BookStory::Set::hearsay;
  EXPECT_EQ(sentence(story), refused);
  EndpointStory known = tried();
  known.refused = true;
  EXPECT_EQ(sentence(known), sentence(tried()));
}

TEST(WhySentence, one_that_is_left_alone_says_for_how_long_and_why) {
  EndpointStory story;
  story.book.shunned_until = t(400);
  story.book.contact = Contact::failed(NetError::timed_out);
  story.book.contact_at = t(80);
  EXPECT_EQ(sentence(story),
            "left alone for another 5 min, as its dials failed, the last one 20 s ago: no answer");
  story.book.at_fault = true;
  story.book.contact = Contact::closed(CloseReason::bad_piece);
  EXPECT_EQ(sentence(story),
            "left alone for another 5 min: it sent a piece that doesn't match its hash");
}

TEST(WhySentence, a_bootstrap_host_is_named) {
  EndpointStory story;
  story.bootstrap = BootstrapStory{
      {"example.org", 8100}, BootstrapStory::State::waiting, t(102), 1, "connection refused"};
  EXPECT_EQ(sentence(story),
            "the bootstrap host example.org:8100 can't be reached: connection refused; it is tried "
            "again in 2 s");
  story.bootstrap->state = BootstrapStory::State::dialling;
  EXPECT_EQ(sentence(story), "the bootstrap host example.org:8100 is being dialled");
}

TEST(WhySentence, this_very_node_is_said_to_be_it) {
  EndpointStory story = tried();
  story.book.own = true;
  EXPECT_EQ(sentence(story), "it is this node itself");
}

TEST(SpanText, is_one_unit_rounded_down) {
  EXPECT_EQ(span_text(Duration::milliseconds(-5)), "0 s");
  EXPECT_EQ(span_text(Duration::milliseconds(59'999)), "59 s");
  EXPECT_EQ(span_text(Duration::seconds(3599)), "59 min");
  EXPECT_EQ(span_text(Duration::minutes(47 * 60)), "47 h");
  EXPECT_EQ(span_text(Duration::minutes(49 * 60)), "2 d");
}

}  // namespace
}  // namespace p2p::app::why_sentence_test
