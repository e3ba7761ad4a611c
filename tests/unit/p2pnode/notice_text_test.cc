#include "apps/p2pnode/notice_text.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

const Endpoint far_peer = *Endpoint::parse("[2001:db8::7]:8100");

TEST(NoticeText, of_a_closed_connection_says_whose_and_why) {
  const auto text = notice_text(PeerClosed{far_peer, CloseReason::unknown_frame_type, "type 3", 0});
  EXPECT_EQ(text.importance, Importance::info);
  EXPECT_EQ(text.sentence,
            "closed the connection with [2001:db8::7]:8100: it sent a frame of unknown type "
            "(type 3)");
}

TEST(NoticeText, says_how_many_were_left_unsaid) {
  const auto text = notice_text(PeerClosed{far_peer, CloseReason::not_identified, "", 1200});
  EXPECT_NE(text.sentence.find("1,200 more"), std::string::npos) << text.sentence;
}

TEST(NoticeText, of_another_piece_size_names_both_and_the_option) {
  const auto text = notice_text(
      PeerClosed{far_peer, CloseReason::piece_size_differs, "64KiB there, 1MiB here", 0});
  EXPECT_EQ(text.importance, Importance::warning);
  EXPECT_EQ(text.sentence,
            "closed the connection with [2001:db8::7]:8100: its piece size differs (64KiB there, "
            "1MiB here); a whole network needs one --piece-size");
}

TEST(NoticeText, of_a_bootstrap_node_says_what_happens_next) {
  const auto text = notice_text(
      BootstrapUnreachable{{"example.org", 8100}, "connection refused", Duration::seconds(2)});
  EXPECT_EQ(text.importance, Importance::warning);
  EXPECT_EQ(text.sentence,
            "the bootstrap node example.org:8100 can't be reached: connection refused; tried again "
            "in 2 s, and for ever");
}

TEST(NoticeText, names_an_endpoint_once) {
  EXPECT_EQ(notice_text(BootstrapReached{{"2001:db8::7", 8100}, far_peer}).sentence,
            "reached the bootstrap node [2001:db8::7]:8100");
  EXPECT_EQ(notice_text(BootstrapReached{{"example.org", 8100}, far_peer}).sentence,
            "reached the bootstrap node example.org:8100 ([2001:db8::7]:8100)");
}

TEST(NoticeText, of_a_book_that_was_not_saved_says_why_and_what_happens_next) {
  const auto text = notice_text(BookNotSaved{StoreStatus::no_space});
  EXPECT_EQ(text.importance, Importance::warning);
  EXPECT_EQ(text.sentence, "could not save the address book: the disk is full; tried again later");
}

}  // namespace
}  // namespace p2p::app
