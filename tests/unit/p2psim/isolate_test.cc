#include "apps/p2psim/isolate.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <map>
#include <new>

#include "engine/base/check.h"
#include "io_linux/fd.h"

namespace p2p::sim::program {
namespace {

constexpr Duration kLong = Duration::minutes(2);

// What becomes of one function.
Ended end_of_work(const Children::Work& work, Duration limit = kLong) {
  Children children(1, limit, -1);
  children.start(7, work);
  auto ended = children.wait(kLong);
  if (!ended) {
    ADD_FAILURE() << "it did not end";
    return {};
  }
  EXPECT_EQ(ended->key, 7U);
  EXPECT_TRUE(children.idle());
  return *ended;
}

[[noreturn]] void wait_for_ever() {
  while (true) pause();
}

TEST(Children, hand_back_what_their_function_returns) {
  const Ended ended = end_of_work([] { return std::string("done\n"); });
  EXPECT_EQ(ended.ending, Ending::returned);
  EXPECT_EQ(ended.text, "done\n");
}

TEST(Children, hand_back_more_than_a_pipe_holds) {
  const std::string much(3'000'000, 'x');
  EXPECT_EQ(end_of_work([&] { return much; }).text, much);
}

TEST(Children, change_nothing_in_their_parent) {
  int number = 1;
  const Ended ended = end_of_work([&] { return std::to_string(++number); });
  EXPECT_EQ(ended.text, "2");
  EXPECT_EQ(number, 1);
}

TEST(Children, that_print_do_not_print_into_their_parent_s_output) {
  ::testing::internal::CaptureStdout();
  const Ended ended = end_of_work([] {
    std::puts("noise");
    std::fflush(stdout);
    return std::string("result");
  });
  EXPECT_EQ(ended.text, "result");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST(Children, that_fail_a_check_die_of_it) {
  const Ended ended = end_of_work([]() -> std::string {
    P2P_CHECK(1 == 2);
    return {};
  });
  EXPECT_EQ(ended.ending, Ending::died);
  EXPECT_EQ(ended.text.rfind("tests/unit/p2psim/isolate_test.cc:", 0), 0U) << ended.text;
  EXPECT_NE(ended.text.find(": 1 == 2"), std::string::npos) << ended.text;
}

TEST(Children, that_throw_die_of_what_they_threw) {
  const Ended thrown =
      end_of_work([]() -> std::string { throw std::runtime_error("out of paper"); });
  EXPECT_EQ(thrown.ending, Ending::died);
  EXPECT_EQ(thrown.text, "out of paper");
  EXPECT_EQ(end_of_work([]() -> std::string { throw std::bad_alloc(); }).text,
            "there is not enough memory");
}

TEST(Children, that_a_signal_kills_name_it) {
  const Ended ended = end_of_work([]() -> std::string {
    raise(SIGKILL);
    return {};
  });
  EXPECT_EQ(ended.ending, Ending::died);
  EXPECT_EQ(ended.text, "signal 9 (Killed)");
}

TEST(Children, may_refuse) {
  const Ended ended = end_of_work([]() -> std::string { throw Refusal{"can't write x"}; });
  EXPECT_EQ(ended.ending, Ending::refused);
  EXPECT_EQ(ended.text, "can't write x");
}

TEST(Children, that_take_too_long_are_ended) {
  const Ended ended =
      end_of_work([]() -> std::string { wait_for_ever(); }, Duration::milliseconds(50));
  EXPECT_EQ(ended.ending, Ending::too_long);
  EXPECT_EQ(ended.text, "the run did not end within 50 ms of real time");
}

TEST(Children, run_as_many_at_once_as_there_is_room_for) {
  Children children(2, kLong, -1);
  EXPECT_TRUE(children.has_room());
  for (uint64_t key : {0U, 1U}) {
    children.start(key, [key] { return std::to_string(key); });
  }
  EXPECT_FALSE(children.has_room());
  std::map<uint64_t, std::string> texts;
  while (!children.idle()) {
    const auto ended = children.wait(kLong);
    ASSERT_TRUE(ended.has_value());
    texts[ended->key] = ended->text;
  }
  EXPECT_EQ(texts, (std::map<uint64_t, std::string>{{0, "0"}, {1, "1"}}));
}

TEST(Children, can_be_ended_from_a_key_on) {
  Children children(3, kLong, -1);
  children.start(0, [] { return std::string("zero"); });
  children.start(1, []() -> std::string { wait_for_ever(); });
  children.start(2, []() -> std::string { wait_for_ever(); });
  children.end_from(1);
  const auto ended = children.wait(kLong);
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->text, "zero");
  EXPECT_TRUE(children.idle());
}

TEST(Children, are_not_waited_for_beyond_patience_or_a_signal) {
  Children patient(1, kLong, -1);
  patient.start(0, []() -> std::string { wait_for_ever(); });
  EXPECT_FALSE(patient.wait(Duration::milliseconds(1)).has_value());

  std::array<int, 2> fds{};
  ASSERT_EQ(pipe(fds.data()), 0);
  const io_linux::Fd read(fds[0]);
  const io_linux::Fd write(fds[1]);
  Children woken(1, kLong, read.get());
  woken.start(0, []() -> std::string { wait_for_ever(); });
  ASSERT_EQ(::write(write.get(), "x", 1), 1);
  EXPECT_FALSE(woken.wait(kLong).has_value());
}

TEST(CauseOfDeath, is_the_last_exception_s_text) {
  EXPECT_EQ(cause_of_death("terminate called after throwing an instance of 'std::logic_error'\n"
                           "  what():  engine/core/core.cc:12: x > 0\n",
                           SIGABRT),
            "engine/core/core.cc:12: x > 0");
}

TEST(CauseOfDeath, is_what_a_sanitizer_sums_up) {
  EXPECT_EQ(cause_of_death("==12==ERROR: AddressSanitizer: heap-use-after-free on address 0x60\n"
                           "  #0 0x55 in f\n"
                           "SUMMARY: AddressSanitizer: heap-use-after-free a.cc:3 in f\n"
                           "==12==ABORTING\n",
                           1 << 8),
            "AddressSanitizer: heap-use-after-free a.cc:3 in f");
  EXPECT_EQ(cause_of_death("a.cc:3:5: runtime error: signed integer overflow\n", 1 << 8),
            "a.cc:3:5: runtime error: signed integer overflow");
}

TEST(CauseOfDeath, is_the_standard_library_s_own_assertion) {
  EXPECT_EQ(
      cause_of_death("vector:1045: operator[]: Assertion '__n < this->size()' failed.\n", SIGABRT),
      "vector:1045: operator[]: Assertion '__n < this->size()' failed.");
}

TEST(CauseOfDeath, without_words_is_the_status) {
  EXPECT_EQ(cause_of_death("", SIGSEGV), "signal 11 (Segmentation fault)");
  EXPECT_EQ(cause_of_death("something\n", 3 << 8), "exit status 3");
}

}  // namespace
}  // namespace p2p::sim::program
