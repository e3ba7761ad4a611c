// What the address book tells people of an endpoint.
#include <gtest/gtest.h>

#include "engine/overlay/address_book.h"

namespace p2p::address_book_story_test {
namespace {

Endpoint at(const char* text) { return Endpoint::parse(text).value(); }
Time t(int64_t seconds) { return Time::from_ns(0) + Duration::seconds(seconds); }

const Endpoint kA = at("192.0.2.1:8100");
const Endpoint kB = at("192.0.2.2:8100");
const Address kTold = at("203.0.113.1:1").address;
const Address kToldLater = at("203.0.113.2:1").address;

using Set = BookStory::Set;

class BookStories : public testing::Test {
 protected:
  BookStory story(const Endpoint& endpoint, int64_t seconds) {
    return book_.story(endpoint, t(seconds));
  }

  AddressBook book_{16, Duration::minutes(3), 7};
  Random random_{Seed{1}};
};

TEST_F(BookStories, the_first_who_told_is_remembered_with_the_time) {
  book_.heard(kA, kTold, t(5));
  book_.heard(kA, kToldLater, t(9));
  const BookStory heard = story(kA, 20);
  EXPECT_EQ(heard.set, Set::hearsay);
  EXPECT_EQ(heard.informant, kTold);
  EXPECT_EQ(heard.entered, t(5));
  EXPECT_EQ(heard.contact, Contact());
  EXPECT_FALSE(heard.last_alive);

  book_.spoke(kA, Proof::dialled, t(30));
  const BookStory tried = story(kA, 40);
  EXPECT_EQ(tried.set, Set::tried);
  EXPECT_EQ(tried.informant, kTold) << "it is still known who told";
  EXPECT_EQ(tried.last_alive, t(40)) << "there is a connection";
  EXPECT_TRUE(tried.reachable);
}

TEST_F(BookStories, one_that_came_by_itself_was_told_by_nobody) {
  book_.spoke(kA, Proof::claimed, t(1));
  EXPECT_FALSE(story(kA, 2).informant);
  EXPECT_FALSE(story(kA, 2).reachable);
  book_.connection_ended(kA, t(9), random_);
  EXPECT_EQ(story(kA, 20).last_alive, t(9));
}

TEST_F(BookStories, failures_in_a_row_end_in_being_shunned_with_the_cause_kept) {
  book_.heard(kA, kTold, t(0));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(story(kA, i * 100).failures, static_cast<uint32_t>(i - 1));
    book_.dial_started(kA, t(i * 100));
    book_.note(kA, Contact::dialling(), t(i * 100));
    book_.dial_failed(kA, t(i * 100 + 1), random_);
    book_.note(kA, Contact::failed(NetError::timed_out), t(i * 100 + 1));
  }
  const BookStory dropped = story(kA, 302);
  EXPECT_EQ(dropped.set, Set::none);
  EXPECT_EQ(dropped.shunned_until, t(301) + ShunList::kFirst);
  EXPECT_FALSE(dropped.at_fault);
  EXPECT_EQ(dropped.contact, Contact::failed(NetError::timed_out));
  EXPECT_EQ(dropped.contact_at, t(301));
  EXPECT_FALSE(story(kA, 302 + 600).shunned_until) << "ten minutes later";
}

TEST_F(BookStories, who_broke_the_protocol_is_at_fault) {
  book_.spoke(kA, Proof::dialled, t(1));
  book_.fault(kA, t(2));
  book_.note(kA, Contact::closed(CloseReason::bad_piece), t(2));
  EXPECT_TRUE(story(kA, 3).at_fault);
  EXPECT_EQ(story(kA, 3).contact.reason(), CloseReason::bad_piece);
}

TEST_F(BookStories, nothing_is_told_of_whom_the_book_has_not_met) {
  book_.note(kB, Contact::failed(NetError::refused), t(1));
  EXPECT_EQ(story(kB, 2).set, Set::none);
  EXPECT_EQ(story(kB, 2).contact, Contact());
  EXPECT_FALSE(story(kB, 2).own);
}

TEST_F(BookStories, sizes_are_by_set) {
  book_.heard(kA, kTold, t(0));
  book_.spoke(kB, Proof::dialled, t(0));
  book_.mark_own(at("192.0.2.3:1"), t(0));
  book_.fault(at("192.0.2.4:1"), t(0));
  const BookSizes sizes = book_.sizes(t(1));
  EXPECT_EQ(sizes.hearsay, 1u);
  EXPECT_EQ(sizes.tried, 1u);
  EXPECT_EQ(sizes.own, 1u);
  EXPECT_EQ(sizes.shunned, 1u);
  EXPECT_EQ(book_.sizes(t(601)).shunned, 0u);
}

TEST(ContactOfAnEndpoint, keeps_every_cause_in_its_byte) {
  for (size_t i = 0; i < kNetErrors; ++i) {
    const auto error = static_cast<NetError>(i);
    EXPECT_EQ(Contact::failed(error).error(), error);
    EXPECT_EQ(Contact::ended(error).error(), error);
    EXPECT_NE(Contact::failed(error), Contact::ended(error));
  }
  for (size_t i = 0; i < kCloseReasons; ++i) {
    const auto reason = static_cast<CloseReason>(i);
    EXPECT_EQ(Contact::closed(reason).reason(), reason);
    EXPECT_EQ(Contact::closed(reason).kind(), Contact::Kind::closed);
  }
}

}  // namespace
}  // namespace p2p::address_book_story_test
