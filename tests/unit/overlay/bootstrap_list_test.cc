#include "engine/overlay/bootstrap_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace p2p::bootstrap_list_test {
namespace {

using Endpoints = std::vector<Endpoint>;

Endpoint at(const std::string& text) { return Endpoint::parse(text).value(); }
Time t(int64_t seconds) { return Time::from_ns(0) + Duration::seconds(seconds); }

const HostPort kName{"seed.example", 8100};
const HostPort kLiteral{"::1", 8100};
const Endpoint kLoopback = at("[::1]:8100");
const Endpoint kV6 = at("[2001:db8::1]:8100");
const Endpoint kV4 = at("192.0.2.1:8100");

class Bootstrap : public testing::Test {
 protected:
  static BootstrapList list(std::vector<HostPort> hosts) { return BootstrapList(std::move(hosts)); }
  // The name is resolved to both addresses, of which the first is being dialled.
  BootstrapList dialling_the_name() {
    BootstrapList list({kName});
    list.due(t(0));
    list.resolved(0, {kV6, kV4}, t(0));
    EXPECT_EQ(list.due(t(0)).dial, Endpoints{kV6});
    return list;
  }
  BootstrapList dialling_the_literal() {
    BootstrapList list({kLiteral});
    EXPECT_EQ(list.due(t(0)).dial, Endpoints{kLoopback});
    return list;
  }
  void expect_about(Duration wait, int64_t mean_ms) {
    EXPECT_GE(wait.count_ms(), mean_ms * 3 / 4);
    EXPECT_LE(wait.count_ms(), mean_ms * 5 / 4);
  }

  Random random_{Seed{1}};
};

TEST_F(Bootstrap, no_hosts_need_nothing) {
  BootstrapList none = list({});
  EXPECT_TRUE(none.next_due().is_never());
  EXPECT_TRUE(none.due(t(0)).resolve.empty());
}

TEST_F(Bootstrap, a_name_is_resolved_first) {
  BootstrapList hosts = list({kName});
  EXPECT_LE(hosts.next_due(), t(0));
  const BootstrapList::Due due = hosts.due(t(0));
  ASSERT_EQ(due.resolve.size(), 1U);
  EXPECT_EQ(due.resolve[0].host, kName);
  EXPECT_TRUE(due.dial.empty());
  EXPECT_TRUE(hosts.next_due().is_never()) << "an answer is awaited";
  EXPECT_TRUE(hosts.due(t(100)).resolve.empty()) << "handed out once";
}

TEST_F(Bootstrap, an_address_is_dialled_without_a_resolver) {
  BootstrapList hosts = dialling_the_literal();
  EXPECT_TRUE(hosts.next_due().is_never());
  EXPECT_TRUE(hosts.due(t(100)).dial.empty()) << "handed out once";
}

TEST_F(Bootstrap, each_address_is_tried_before_the_host_has_failed) {
  BootstrapList hosts = dialling_the_name();
  EXPECT_TRUE(hosts.dial_failed(kV6, "no route to host", t(1), random_).empty());
  EXPECT_EQ(hosts.next_due(), t(1));
  EXPECT_EQ(hosts.due(t(1)).dial, Endpoints{kV4});
  const auto reports = hosts.dial_failed(kV4, "connection refused", t(2), random_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].host, kName);
  EXPECT_EQ(reports[0].why, "connection refused; no route to host");
  expect_about(reports[0].retry_in, 1000);
  EXPECT_EQ(hosts.next_due(), t(2) + reports[0].retry_in);
}

TEST_F(Bootstrap, after_a_failed_round_the_name_is_resolved_anew) {
  BootstrapList hosts = dialling_the_name();
  hosts.dial_failed(kV6, "timed out", t(1), random_);
  hosts.due(t(1));
  hosts.dial_failed(kV4, "timed out", t(2), random_);
  const BootstrapList::Due due = hosts.due(hosts.next_due());
  EXPECT_EQ(due.resolve.size(), 1U);
  EXPECT_TRUE(due.dial.empty());
}

TEST_F(Bootstrap, waits_double_from_one_second_to_sixty_for_ever) {
  BootstrapList hosts = dialling_the_literal();
  Time now = t(1);
  int64_t mean_ms = 1000;
  for (int i = 0; i < 30; ++i) {
    hosts.dial_failed(kLoopback, "connection refused", now, random_);
    expect_about(hosts.next_due() - now, mean_ms);
    mean_ms = std::min<int64_t>(mean_ms * 2, 60'000);
    now = hosts.next_due();
    EXPECT_TRUE(hosts.due(now - Duration::nanoseconds(1)).dial.empty());
    EXPECT_EQ(hosts.due(now).dial, Endpoints{kLoopback});
  }
}

TEST_F(Bootstrap, a_failure_is_said_once_until_its_cause_changes) {
  BootstrapList hosts = dialling_the_literal();
  const auto says_it = [&](const char* why, int64_t seconds) {
    const bool said = !hosts.dial_failed(kLoopback, why, t(seconds), random_).empty();
    EXPECT_EQ(hosts.due(t(seconds + 99)).dial, Endpoints{kLoopback});
    return said;
  };
  EXPECT_TRUE(says_it("connection refused", 0));
  EXPECT_FALSE(says_it("connection refused", 100));
  EXPECT_TRUE(says_it("timed out", 200));
  EXPECT_FALSE(says_it("timed out", 300));
  EXPECT_TRUE(says_it("connection refused", 400));
}

TEST_F(Bootstrap, a_host_that_is_not_needed_rests_for_eight_hours_when_it_is_lost) {
  BootstrapList hosts = dialling_the_literal();
  hosts.reached(kLoopback, t(0));
  hosts.lost(kLoopback, false, t(100), random_);
  EXPECT_TRUE(hosts.due(t(100 + 28800 - 7201)).dial.empty());
  EXPECT_EQ(hosts.due(t(100 + 28800 + 7201)).dial, Endpoints{kLoopback});
}

TEST_F(Bootstrap, a_host_that_rests_is_due_at_once_when_it_is_needed) {
  BootstrapList hosts = dialling_the_literal();
  hosts.reached(kLoopback, t(0));
  hosts.lost(kLoopback, false, t(100), random_);
  hosts.rouse(t(110));
  EXPECT_EQ(hosts.due(t(110)).dial, Endpoints{kLoopback});
}

TEST_F(Bootstrap, a_host_that_fails_keeps_its_backoff_however_much_it_is_needed) {
  BootstrapList hosts = dialling_the_literal();
  hosts.dial_failed(kLoopback, "connection refused", t(0), random_);
  hosts.rouse(t(0));
  EXPECT_TRUE(hosts.due(t(0)).dial.empty());
}

TEST_F(Bootstrap, one_question_to_the_resolver_is_enough_at_a_time) {
  BootstrapList hosts = dialling_the_name();
  hosts.reached(kV6, t(0));
  hosts.lost(kV6, true, t(100), random_);
  EXPECT_EQ(hosts.due(t(102)).resolve.size(), 1U);
  hosts.reached(kV6, t(103));
  hosts.lost(kV6, true, t(104), random_);
  EXPECT_TRUE(hosts.due(t(110)).resolve.empty()) << "the first is not answered yet";
  hosts.resolved(0, {kV4}, t(111));
  EXPECT_EQ(hosts.due(t(111)).dial, Endpoints{kV4});
}

TEST_F(Bootstrap, the_order_of_a_resolvers_answer_is_no_change_of_cause) {
  BootstrapList hosts = dialling_the_name();
  hosts.dial_failed(kV6, "no route to host", t(1), random_);
  hosts.due(t(1));
  EXPECT_EQ(hosts.dial_failed(kV4, "timed out", t(2), random_).size(), 1U);
  hosts.due(t(10));
  hosts.resolved(0, {kV4, kV6}, t(10));
  hosts.due(t(10));
  hosts.dial_failed(kV4, "timed out", t(11), random_);
  hosts.due(t(11));
  EXPECT_TRUE(hosts.dial_failed(kV6, "no route to host", t(12), random_).empty());
}

TEST_F(Bootstrap, a_name_that_cant_be_resolved_is_a_failure) {
  BootstrapList hosts = list({kName});
  hosts.due(t(0));
  const auto report = hosts.resolve_failed(0, "name not known", t(0), random_);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->why, "name not known");
  hosts.due(hosts.next_due());
  EXPECT_FALSE(hosts.resolve_failed(0, "name not known", t(5), random_));
  hosts.due(hosts.next_due());
  EXPECT_TRUE(hosts.resolve_failed(0, "resolver timed out", t(9), random_));
}

TEST_F(Bootstrap, reaching_is_said_at_first) {
  BootstrapList hosts = dialling_the_name();
  const auto reports = hosts.reached(kV6, t(1));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].host, kName);
  EXPECT_EQ(reports[0].endpoint, kV6);
  EXPECT_TRUE(hosts.next_due().is_never());
  EXPECT_EQ(hosts.reached_endpoints(), Endpoints{kV6});
  EXPECT_TRUE(hosts.reached(kV6, t(2)).empty());
}

TEST_F(Bootstrap, a_lost_host_is_sought_again_and_its_return_needs_no_word) {
  BootstrapList hosts = dialling_the_literal();
  hosts.reached(kLoopback, t(0));
  hosts.lost(kLoopback, true, t(100), random_);
  EXPECT_TRUE(hosts.reached_endpoints().empty());
  expect_about(hosts.next_due() - t(100), 1000);
  EXPECT_EQ(hosts.due(t(102)).dial, Endpoints{kLoopback});
  EXPECT_TRUE(hosts.reached(kLoopback, t(102)).empty());
}

TEST_F(Bootstrap, reaching_is_said_again_after_a_failure_was) {
  BootstrapList hosts = dialling_the_literal();
  hosts.reached(kLoopback, t(0));
  hosts.lost(kLoopback, true, t(100), random_);
  hosts.due(t(102));
  EXPECT_EQ(hosts.dial_failed(kLoopback, "connection refused", t(102), random_).size(), 1U);
  hosts.due(t(110));
  EXPECT_EQ(hosts.reached(kLoopback, t(110)).size(), 1U);
  hosts.lost(kLoopback, true, t(200), random_);
  hosts.due(t(202));
  EXPECT_EQ(hosts.dial_failed(kLoopback, "connection refused", t(202), random_).size(), 1U)
      << "the first failure since it was reached";
}

TEST_F(Bootstrap, a_host_that_hangs_up_at_once_is_dialled_ever_less_often) {
  BootstrapList hosts = dialling_the_literal();
  Time now = t(0);
  for (const int64_t mean_ms : {1000, 2000, 4000, 8000}) {
    hosts.reached(kLoopback, now);
    hosts.lost(kLoopback, true, now, random_);
    expect_about(hosts.next_due() - now, mean_ms);
    now = hosts.next_due();
    hosts.due(now);
  }
  hosts.reached(kLoopback, now);
  hosts.lost(kLoopback, true, now + Duration::seconds(60), random_);
  expect_about(hosts.next_due() - now - Duration::seconds(60), 1000);
}

TEST_F(Bootstrap, a_host_that_connects_to_us_while_we_wait_is_reached) {
  BootstrapList hosts = dialling_the_literal();
  hosts.dial_failed(kLoopback, "connection refused", t(0), random_);
  EXPECT_EQ(hosts.reached(kLoopback, t(0)).size(), 1U);
  EXPECT_TRUE(hosts.next_due().is_never());
}

TEST_F(Bootstrap, a_late_failure_of_another_address_changes_nothing) {
  BootstrapList hosts = dialling_the_name();
  hosts.reached(kV4, t(1));
  EXPECT_TRUE(hosts.dial_failed(kV6, "timed out", t(10), random_).empty());
  EXPECT_EQ(hosts.reached_endpoints(), Endpoints{kV4});
}

TEST_F(Bootstrap, the_resolvers_answer_for_a_host_reached_meanwhile_is_ignored) {
  BootstrapList hosts = dialling_the_name();
  hosts.reached(kV6, t(0));
  hosts.lost(kV6, true, t(100), random_);
  EXPECT_EQ(hosts.due(t(102)).resolve.size(), 1U);
  hosts.reached(kV4, t(102));
  hosts.resolved(0, {kV6}, t(103));
  EXPECT_FALSE(hosts.resolve_failed(0, "timed out", t(103), random_));
  EXPECT_TRUE(hosts.next_due().is_never());
  EXPECT_EQ(hosts.reached_endpoints(), Endpoints{kV4});
}

TEST_F(Bootstrap, losing_an_earlier_address_to_this_node_keeps_the_turn_of_the_next) {
  BootstrapList hosts = dialling_the_name();
  hosts.dial_failed(kV6, "timed out", t(1), random_);
  EXPECT_EQ(hosts.due(t(1)).dial, Endpoints{kV4});
  hosts.own(kV6, t(2), random_);
  EXPECT_EQ(hosts.dial_failed(kV4, "timed out", t(3), random_).size(), 1U);
}

TEST_F(Bootstrap, a_host_that_is_this_node_is_done) {
  BootstrapList hosts = dialling_the_literal();
  EXPECT_TRUE(hosts.own(kLoopback, t(1), random_).empty());
  EXPECT_TRUE(hosts.next_due().is_never());
  EXPECT_TRUE(hosts.due(t(1'000'000)).dial.empty());
  EXPECT_TRUE(hosts.reached(kLoopback, t(2)).empty());
}

TEST_F(Bootstrap, a_name_of_which_one_address_is_this_node_goes_on_with_the_others) {
  BootstrapList hosts = dialling_the_name();
  hosts.own(kV6, t(1), random_);
  EXPECT_EQ(hosts.due(t(1)).dial, Endpoints{kV4});
  hosts.dial_failed(kV4, "timed out", t(2), random_);
  const Time again = hosts.next_due();
  ASSERT_EQ(hosts.due(again).resolve.size(), 1U);
  hosts.resolved(0, {kV6, kV4}, again);
  EXPECT_EQ(hosts.due(again).dial, Endpoints{kV4}) << "its own address is left out";
}

TEST_F(Bootstrap, a_name_whose_last_address_is_this_node_fails_for_the_others) {
  BootstrapList hosts = dialling_the_name();
  hosts.dial_failed(kV6, "timed out", t(1), random_);
  hosts.due(t(1));
  const auto reports = hosts.own(kV4, t(2), random_);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].why, "timed out");
  EXPECT_EQ(hosts.next_due(), t(2) + reports[0].retry_in);
}

TEST_F(Bootstrap, a_name_that_resolves_to_this_node_alone_is_done) {
  BootstrapList hosts = dialling_the_name();
  hosts.own(kV6, t(1), random_);
  hosts.due(t(1));
  hosts.dial_failed(kV4, "timed out", t(2), random_);
  const Time again = hosts.next_due();
  hosts.due(again);
  hosts.resolved(0, {kV6}, again);
  EXPECT_TRUE(hosts.next_due().is_never());
}

TEST_F(Bootstrap, two_names_of_one_endpoint_share_its_dial) {
  BootstrapList hosts = list({kLiteral, {"localhost", 8100}});
  EXPECT_EQ(hosts.due(t(0)).dial, Endpoints{kLoopback});
  hosts.resolved(1, {kLoopback}, t(0));
  EXPECT_TRUE(hosts.due(t(0)).dial.empty());
  EXPECT_EQ(hosts.reached(kLoopback, t(1)).size(), 2U);
  EXPECT_EQ(hosts.reached_endpoints(), Endpoints{kLoopback});
}

TEST_F(Bootstrap, a_host_named_twice_is_one) {
  BootstrapList hosts = list({kLiteral, kLiteral});
  EXPECT_EQ(hosts.due(t(0)).dial, Endpoints{kLoopback});
  EXPECT_EQ(hosts.reached(kLoopback, t(1)).size(), 1U);
}

}  // namespace
}  // namespace p2p::bootstrap_list_test
