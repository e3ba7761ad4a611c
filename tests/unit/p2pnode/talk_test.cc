#include "apps/common/talk.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace p2p::app {
namespace {

Time fake_now;  // of the test that runs
Time fake_clock() { return fake_now; }

// A pipe whose reader reads only when it is asked what came.
class Pipe {
 public:
  Pipe() {
    fake_now = Time() + Duration::seconds(1000);
    std::signal(SIGPIPE, SIG_IGN);
    EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0);
  }
  ~Pipe() {
    close_reader();
    close(ends_[1]);
  }
  int writer() const { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) close(ends_[0]);
    ends_[0] = -1;
  }
  std::string read_all() {
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string text;
    char buffer[4096];
    for (ssize_t got = 0; (got = read(ends_[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(got));
    }
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
};

TEST(Talk, says_what_the_verbosity_asks_for) {
  Pipe pipe;
  Talk talk(pipe.writer(), {}, 0, fake_clock);
  talk.say(Importance::error, "it broke");
  talk.say(Importance::warning, "it may break");
  talk.say(Importance::info, "it works");
  talk.say(Importance::detail, "it turns");
  EXPECT_EQ(pipe.read_all(), "error: it broke\nwarning: it may break\nit works\n");
}

TEST(Talk, that_is_quiet_says_errors_alone) {
  Pipe pipe;
  Talk talk(pipe.writer(), {}, -1, fake_clock);
  talk.say(Importance::warning, "it may break");
  talk.say(Importance::error, "it broke");
  EXPECT_EQ(pipe.read_all(), "error: it broke\n");
}

TEST(Talk, keeps_a_sentence_on_its_line) {
  Pipe pipe;
  Talk talk(pipe.writer(), {}, 0, fake_clock);
  talk.say(Importance::info, "a\nb\x1b[2J");
  EXPECT_EQ(pipe.read_all(), "a\\x0ab\\x1b[2J\n");
}

TEST(Talk, limits_lines_and_says_how_many_it_left_out) {
  Pipe pipe;
  Talk talk(pipe.writer(), {}, 0, fake_clock);
  for (int i = 0; i < 100; ++i) talk.say(Importance::info, "x");
  std::string text = pipe.read_all();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
  fake_now = fake_now + Duration::seconds(1);
  talk.say(Importance::info, "y");
  EXPECT_EQ(pipe.read_all(), "(80 lines left out)\ny\n");
  for (int i = 0; i < 100; ++i) talk.say(Importance::error, "z");
  text = pipe.read_all();
  EXPECT_EQ(std::count(text.begin(), text.end(), 'z'), 100);
}

TEST(Talk, does_not_wait_for_a_reader) {
  Pipe pipe;
  Talk talk(pipe.writer(), {}, 0, fake_clock);
  const std::string line(1000, 'x');
  for (int i = 0; i < 1000; ++i) talk.say(Importance::warning, line);
  EXPECT_LT(pipe.read_all().size(), 200'000U);
  talk.say(Importance::warning, "y");
  EXPECT_NE(pipe.read_all().find("lines left out"), std::string::npos);
}

TEST(Talk, outlives_its_reader) {
  Pipe pipe;
  pipe.close_reader();
  Talk talk(pipe.writer(), {true, true, 80}, 0, fake_clock);
  talk.say(Importance::error, "nobody hears");
  talk.set_status("nobody sees");
}

TEST(Talk, keeps_the_status_below_the_lines_of_a_terminal) {
  Pipe pipe;
  {
    Talk talk(pipe.writer(), {true, false, 80}, 0, fake_clock);
    talk.set_status("half");
    talk.say(Importance::info, "line");
  }
  EXPECT_EQ(pipe.read_all(), "\r\x1b[Khalf\r\x1b[Kline\nhalf\r\x1b[K");
}

TEST(Talk, has_no_status_without_a_terminal) {
  Pipe pipe;
  Talk talk(pipe.writer(), {}, 0, fake_clock);
  talk.set_status("half");
  EXPECT_EQ(pipe.read_all(), "");
}

}  // namespace
}  // namespace p2p::app
