// The control socket of a node: who gets it, and that no client can hold the node up.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "io_linux/control_client.h"
#include "io_linux/control_server.h"
#include "io_linux/control_socket.h"
#include "io_linux/store/memory_store.h"
#include "tests/support/deadline.h"
#include "tests/support/file.h"

namespace p2p::io_linux {
namespace {

using Status = ControlReply::Status;
using testing::Deadline;
using testing::kSoon;
using testing::TempDir;

// What a world is driven with when there is no engine: it wants to be woken at a time.
struct NoEngine {
  Time wake;
  Time next_deadline() const { return wake; }
  ReceiveWindow receive_window(ConnId) { return {}; }
  GatherList send_window(ConnId) const { return {}; }
};

// One who asks, a step at a time.
class Asker {
 public:
  explicit Asker(const std::string& data_dir)
      : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const ControlAddress address = control_address(data_dir);
    EXPECT_EQ(::connect(fd_.get(), address.get(), address.length), 0);
  }
  void say(const std::string& text) {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // All that has come; `ended` says whether the server has closed.
  const std::string& heard() {
    std::array<char, 65536> bytes;
    while (true) {
      const ssize_t count = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (count <= 0) {
        ended = count == 0 || errno != EAGAIN;
        return heard_;
      }
      heard_.append(bytes.data(), static_cast<size_t>(count));
    }
  }
  bool is_over() {
    heard();
    return ended;
  }
  void hang_up() { fd_.reset(); }

  bool ended = false;

 private:
  Fd fd_;
  std::string heard_;
};

class Control : public ::testing::Test {
 protected:
  void serve(ControlLimits limits = {}) {
    auto opened = ControlSocket::open(dir());
    ASSERT_TRUE(opened.socket) << opened.error;
    server_.emplace(
        world_, std::move(opened.socket),
        [this](ControlQuestion question) -> std::optional<std::string> {
          const std::string line(question.line);
          asked_.push_back(line);
          if (line == "later") {
            later_ = std::move(question);
            return std::nullopt;
          }
          return answer_.empty() ? "heard " + line : answer_;
        },
        limits, [this](ControlClientId client) { gone_.push_back(client); });
  }
  // Runs the loop until it holds; fails when it never does.
  void run_until(const std::function<bool()>& holds) {
    const Deadline deadline(kSoon);
    NoEngine engine;
    while (!holds()) {
      ASSERT_FALSE(deadline.passed());
      engine.wake = world_.now() + Duration::milliseconds(1);
      static_cast<void>(world_.wait(engine));
    }
  }
  std::string dir() const { return dir_.path().string(); }

  TempDir dir_;
  MemoryStore store_;
  EpollWorld world_{EpollWorldOptions{}, store_};
  std::string answer_;
  std::vector<std::string> asked_;
  std::optional<ControlQuestion> later_;
  std::vector<ControlClientId> gone_;
  std::optional<ControlServer> server_;
};

TEST_F(Control, ALineIsAnsweredAndTheConnectionClosed) {
  serve();
  auto reply = std::async(std::launch::async,
                          [this] { return ask_node(dir(), "peers", Duration::seconds(60)); });
  run_until([&] { return reply.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  const ControlReply got = reply.get();
  EXPECT_EQ(got.status, Status::answered) << got.error;
  EXPECT_EQ(got.line, "heard peers");
  run_until([&] { return server_->clients() == 0; });
}

TEST_F(Control, ALineMayComeInPieces) {
  serve();
  Asker asker(dir());
  asker.say("pe");
  run_until([&] { return server_->clients() == 1; });
  asker.say("ers\nand more");
  run_until([&] { return asker.is_over(); });
  EXPECT_EQ(asker.heard(), "heard peers\n");
}

TEST_F(Control, TheSocketIsItsOwnersAloneWhateverTheUmask) {
  const mode_t before = ::umask(0);
  serve();
  ::umask(before);
  struct stat there {};
  ASSERT_EQ(::lstat(control_path(dir()).c_str(), &there), 0);
  EXPECT_TRUE(S_ISSOCK(there.st_mode));
  EXPECT_EQ(there.st_mode & 07777U, 0600U);
}

TEST_F(Control, TooLongALineIsDroppedWithoutAnAnswer) {
  ControlLimits limits;
  limits.line_max = 16;
  serve(limits);
  Asker asker(dir());
  asker.say(std::string(17, 'x'));
  run_until([&] { return asker.is_over(); });
  EXPECT_EQ(asker.heard(), "");
  EXPECT_TRUE(asked_.empty());

  Asker longest(dir());
  longest.say(std::string(16, 'y') + "\n");
  run_until([&] { return longest.is_over(); });
  EXPECT_EQ(longest.heard(), "heard " + std::string(16, 'y') + "\n");
}

TEST_F(Control, ClientsBeyondTheNumberWaitUntilOneGoes) {
  ControlLimits limits;
  limits.clients_max = 2;
  limits.deadline = Duration::minutes(10);
  serve(limits);
  Asker first(dir());
  Asker second(dir());
  Asker third(dir());
  third.say("third\n");
  run_until([&] { return server_->clients() == 2; });
  // Time for whatever would go wrong.
  int passes = 0;
  run_until([&] { return ++passes > 20; });
  EXPECT_EQ(third.heard(), "");
  EXPECT_EQ(server_->clients(), 2U);

  first.hang_up();
  run_until([&] { return third.is_over(); });
  EXPECT_EQ(third.heard(), "heard third\n");
}

TEST_F(Control, ASilentClientIsDroppedByItsDeadline) {
  ControlLimits limits;
  limits.deadline = Duration::milliseconds(20);
  serve(limits);
  Asker silent(dir());
  run_until([&] { return silent.is_over(); });
  EXPECT_EQ(silent.heard(), "");
  EXPECT_EQ(server_->clients(), 0U);
}

TEST_F(Control, AClientThatDoesNotReadHoldsNobodyUp) {
  ControlLimits limits;
  limits.deadline = Duration::milliseconds(200);
  serve(limits);
  answer_ = std::string(size_t{16} << 20, 'z');
  Asker deaf(dir());
  deaf.say("all\n");
  run_until([&] { return asked_.size() == 1; });
  answer_.clear();
  Asker other(dir());
  other.say("short\n");
  run_until([&] { return other.is_over(); });
  EXPECT_EQ(other.heard(), "heard short\n");
  run_until([&] { return server_->clients() == 0; });
  EXPECT_LT(deaf.heard().size(), size_t{16} << 20);
}

TEST_F(Control, ALongAnswerGoesOutAsItIsTaken) {
  serve();
  answer_ = std::string(size_t{4} << 20, 'z');
  Asker asker(dir());
  asker.say("all\n");
  run_until([&] { return asker.is_over(); });
  EXPECT_EQ(asker.heard().size(), (size_t{4} << 20) + 1);
}

TEST_F(Control, AnAnswerMayComeLaterInSeveralLines) {
  ControlLimits limits;
  limits.deadline = Duration::milliseconds(20);
  serve(limits);
  Asker asker(dir());
  asker.say("later\n");
  run_until([&] { return later_.has_value(); });
  // It waits longer than a client may who says nothing.
  Asker silent(dir());
  run_until([&] { return silent.is_over(); });
  EXPECT_EQ(server_->clients(), 1U);
  server_->tell(later_->client, "one");
  run_until([&] { return asker.heard() == "one\n"; });
  EXPECT_FALSE(asker.ended);
  server_->tell(later_->client, "two");
  server_->finish(later_->client, "three");
  run_until([&] { return asker.is_over(); });
  EXPECT_EQ(asker.heard(), "one\ntwo\nthree\n");
  EXPECT_TRUE(gone_.empty());
  server_->tell(later_->client, "to nobody");
  server_->finish(later_->client, "to nobody");
}

TEST_F(Control, OneThatHangsUpWhileItWaitsIsSaidToBeGone) {
  serve();
  Asker asker(dir());
  asker.say("later\n");
  run_until([&] { return later_.has_value(); });
  asker.hang_up();
  run_until([&] { return !gone_.empty(); });
  EXPECT_EQ(gone_, std::vector{later_->client});
  EXPECT_EQ(server_->clients(), 0U);
}

TEST_F(Control, NewsIsLeftOutForAReaderThatIsBehindAndOneThatLetsTooMuchWaitIsDropped) {
  ControlLimits limits;
  limits.unread_max = size_t{8} << 20;
  serve(limits);
  Asker asker(dir());
  asker.say("later\n");
  run_until([&] { return later_.has_value(); });
  // More than the kernel takes for a reader that does not read.
  server_->tell(later_->client, std::string(size_t{4} << 20, 'x'));
  server_->tell_news(later_->client, "left out");
  server_->tell(later_->client, "kept");
  run_until([&] { return asker.heard().ends_with("kept\n"); });
  EXPECT_EQ(asker.heard().find("left out"), std::string::npos);
  run_until([&] {
    server_->tell_news(later_->client, "news");
    return asker.heard().ends_with("news\n");
  });
  server_->tell(later_->client, std::string(size_t{8} << 20, 'y'));
  run_until([&] { return asker.is_over(); });
  EXPECT_EQ(gone_, std::vector{later_->client});
}

TEST_F(Control, ADescriptorComesWithTheQuestion) {
  serve();
  testing::write_file(dir() + "/handed", "what it holds");
  const Fd file(::open((dir() + "/handed").c_str(), O_RDONLY | O_CLOEXEC));
  std::vector<std::string> lines;
  auto reply = std::async(std::launch::async, [&] {
    ControlErrand errand;
    errand.line = "later";
    errand.descriptor = file.get();
    errand.timeout = Duration::seconds(60);
    errand.on_line = [&](std::string_view line) {
      lines.emplace_back(line);
      return true;
    };
    return send_errand(dir(), errand);
  });
  run_until([&] { return later_.has_value(); });
  std::array<char, 64> bytes{};
  const ssize_t count = ::pread(later_->descriptor.get(), bytes.data(), bytes.size(), 0);
  EXPECT_EQ(std::string(bytes.data(), static_cast<size_t>(std::max<ssize_t>(count, 0))),
            "what it holds");
  EXPECT_NE(later_->descriptor.get(), file.get());
  server_->tell(later_->client, "first");
  server_->finish(later_->client, "last");
  run_until([&] { return reply.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  EXPECT_EQ(reply.get().status, Status::answered);
  EXPECT_EQ(lines, (std::vector<std::string>{"first", "last"}));
}

TEST_F(Control, AnErrandIsCalledOffByADescriptor) {
  serve();
  const Fd stop(::eventfd(0, EFD_CLOEXEC));
  auto reply = std::async(std::launch::async, [&] {
    ControlErrand errand;
    errand.line = "later";
    errand.timeout = Duration::seconds(60);
    errand.on_line = [](std::string_view) { return true; };
    errand.stop = stop.get();
    return send_errand(dir(), errand);
  });
  run_until([&] { return later_.has_value(); });
  ASSERT_EQ(::eventfd_write(stop.get(), 1), 0);
  run_until([&] { return !gone_.empty(); });
  EXPECT_TRUE(reply.get().stopped);
}

TEST_F(Control, WhoHasHeardEnoughHangsUp) {
  serve();
  std::vector<std::string> lines;
  auto reply = std::async(std::launch::async, [&] {
    ControlErrand errand;
    errand.line = "later";
    errand.timeout = Duration::seconds(60);
    errand.on_line = [&](std::string_view line) {
      lines.emplace_back(line);
      return line != "enough";
    };
    return send_errand(dir(), errand);
  });
  run_until([&] { return later_.has_value(); });
  for (const char* line : {"first", "enough", "more"}) server_->tell(later_->client, line);
  run_until([&] { return !gone_.empty(); });
  const ControlErrandReply said = reply.get();
  EXPECT_EQ(said.status, Status::answered);
  EXPECT_FALSE(said.stopped);
  EXPECT_EQ(lines, (std::vector<std::string>{"first", "enough"}));
}

TEST_F(Control, WhatAKilledNodeLeftIsReplaced) {
  {
    const ControlAddress address = control_address(dir());
    const Fd killed(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::bind(killed.get(), address.get(), address.length), 0);
    testing::write_file(dir() + "/control.lock", "");
  }
  EXPECT_EQ(ask_node(dir(), "peers", Duration::seconds(1)).status, Status::no_node);
  serve();
  Asker asker(dir());
  asker.say("peers\n");
  run_until([&] { return asker.is_over(); });
  EXPECT_EQ(asker.heard(), "heard peers\n");
}

TEST_F(Control, ANodeThatLivesKeepsItsSocketAndTakesItAlongWhenItGoes) {
  auto first = ControlSocket::open(dir());
  ASSERT_TRUE(first.socket) << first.error;
  const auto second = ControlSocket::open(dir());
  EXPECT_FALSE(second.socket);
  EXPECT_TRUE(second.in_use);
  EXPECT_EQ(::access(control_path(dir()).c_str(), F_OK), 0);

  first.socket.reset();
  EXPECT_NE(::access(control_path(dir()).c_str(), F_OK), 0);
  EXPECT_TRUE(ControlSocket::open(dir()).socket);
}

TEST_F(Control, APathLongerThanAnAddressIsReachedAllTheSame) {
  const std::string far = dir() + "/" + std::string(120, 'd');
  ASSERT_EQ(::mkdir(far.c_str(), 0700), 0);
  const auto opened = ControlSocket::open(far);
  ASSERT_TRUE(opened.socket) << opened.error;
  EXPECT_EQ(::access(control_path(far).c_str(), F_OK), 0);
  Asker asker(far);
  asker.say("in the queue\n");
}

TEST_F(Control, WhereNoNodeRunsThereIsNone) {
  EXPECT_EQ(ask_node(dir(), "peers", Duration::seconds(1)).status, Status::no_node);
  EXPECT_EQ(ask_node(dir() + "/nowhere", "peers", Duration::seconds(1)).status, Status::no_node);
  EXPECT_EQ(ask_node(dir() + "/" + std::string(120, 'd'), "peers", Duration::seconds(1)).status,
            Status::no_node);
}

TEST_F(Control, ANodeThatDoesNotAnswerIsGivenUp) {
  const auto opened = ControlSocket::open(dir());
  ASSERT_TRUE(opened.socket);
  EXPECT_EQ(ask_node(dir(), "peers", Duration::milliseconds(20)).status, Status::timed_out);
}

TEST_F(Control, AFolderThatIsNotThereIsSaidInASentence) {
  const auto opened = ControlSocket::open(dir() + "/nowhere");
  EXPECT_FALSE(opened.socket);
  EXPECT_FALSE(opened.in_use);
  EXPECT_NE(opened.error.find("nowhere/control.lock: No such file"), std::string::npos)
      << opened.error;
}

}  // namespace
}  // namespace p2p::io_linux
