// What strangers may do to a running node: it goes on serving, stays small, and says why it closed
// whom, in lines that nobody can make so many of that they fill a disk.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <ostream>
#include <stdexcept>
#include <thread>

#include "tests/e2e/node.h"
#include "tests/support/raw_peer.h"

namespace {

using namespace p2p::testing;

Bytes random_bytes(size_t size, uint64_t seed) {
  TempDir dir;
  make_file(dir / "random", size, seed);
  std::string text = read_file(dir / "random");
  return {text.begin(), text.end()};
}

// The length of a give in 1 MiB pieces, less one.
Bytes short_give_head() {
  uint32_t length = 33 + (1U << 20) - 1;
  Bytes bytes;
  for (int shift = 0; shift < 32; shift += 8)
    bytes.push_back(static_cast<uint8_t>(length >> shift));
  bytes.push_back(1);
  bytes.insert(bytes.end(), 32, 0xab);
  return bytes;
}

struct Attack {
  const char* name;
  Bytes bytes;
};
std::ostream& operator<<(std::ostream& out, const Attack& attack) { return out << attack.name; }

Bytes hello_of_other_piece_size() {
  HelloFields fields;
  fields.piece_size_log2 = 14;
  return hello(fields);
}

std::vector<Attack> attacks() {
  return {{"an_ask_of_length_1", from_hex("01000000 00")},
          {"a_length_of_4_GiB", from_hex("ffffffff 01")},
          {"a_length_of_4_GiB_of_a_peer_list", from_hex("ffffffff 02")},
          {"a_length_of_0", from_hex("00000000 02")},
          {"a_give_of_a_wrong_length", short_give_head()},
          {"a_type_3", from_hex("01000000 03")},
          {"a_hello_of_another_piece_size", hello_of_other_piece_size()},
          {"a_want_before_the_hello", frame(16, Bytes(32, 1))},
          {"a_million_random_bytes", random_bytes(1000000, 7)}};
}

class HostileInput : public testing::TestWithParam<Attack> {};

TEST_P(HostileInput, closes_the_connection_and_says_why) {
  Place place;
  Node node(place, "node", server());
  RawPeer peer(node.endpoint());
  peer.send(GetParam().bytes);  // it may be closed before the last of it is out
  EXPECT_TRUE(peer.wait_closed()) << node.process().transcript();
  EXPECT_TRUE(node.process().expect_err("^(warning: )?(closed|closing|.*\\bclosed\\b).*\\[::1\\]"))
      << node.process().transcript();
  EXPECT_TRUE(node.process().running());
}
INSTANTIATE_TEST_SUITE_P(Hostile, HostileInput, testing::ValuesIn(attacks()),
                         [](const auto& test) { return std::string(test.param.name); });

// Threads that each repeat something until they are told to stop.
class Attackers {
 public:
  ~Attackers() { stop(); }

  // `attack` returns how often it struck.
  void add(std::function<uint64_t()> attack) {
    threads_.emplace_back([this, attack = std::move(attack)] {
      while (!stopping_) strikes_ += count_of(attack);
    });
  }
  // Waits for a second, or until it is time to stop.
  void pause() {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_.load(); });
  }
  bool stopping() const { return stopping_; }
  void stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  uint64_t strikes() const { return strikes_; }

 private:
  // A connection that can't be had is no strike, and no reason to end.
  static uint64_t count_of(const std::function<uint64_t()>& attack) {
    try {
      return attack();
    } catch (const std::runtime_error&) {
      return 0;
    }
  }

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_ = false;
  std::atomic<uint64_t> strikes_ = 0;
};

uint64_t strike(const std::string& endpoint, const Bytes& bytes) {
  RawPeer peer(endpoint, seconds(10));
  peer.send(bytes, seconds(10));
  peer.wait_closed(seconds(10));
  return 1;
}

bool allow_open_files(rlim_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return true;
  if (limit.rlim_max < count) return false;
  limit.rlim_cur = count;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

class Hostile : public testing::Test {
 protected:
  void SetUp() override {
    make_file(place_ / "film", kFilmBytes, 1);
    sharing_ = std::make_unique<SharingNode>(
        place_, "sharing", Words{"share", "-S", "--listen", "[::1]:0", place_ / "film"});
  }

  // Two, and more for as long as `enough` says no.
  void expect_downloads_go_well(const std::function<bool()>& enough = [] { return true; }) {
    Deadline deadline(seconds(300));
    for (int i = 0; i < 2 || (!enough() && !deadline.passed()); ++i) {
      std::string to = place_ / ("received" + std::to_string(i));
      Finished got =
          place_.run("getting" + std::to_string(i),
                     joining({"get", sharing_->id(), "-o", to, "--timeout", "110s"}, *sharing_));
      ASSERT_EQ(got.status, (ExitStatus{0, 0})) << got.err << sharing_->process().transcript();
      EXPECT_EQ(sha256_of_file(to), sha256_of_file(place_ / "film"));
      std::filesystem::remove(to);
    }
    EXPECT_TRUE(enough()) << "the attackers hardly came through";
  }

  void expect_small_and_terse() {
    Process& process = sharing_->process();
    ASSERT_TRUE(process.running()) << process.transcript();
    uint64_t peak_bytes = peak_memory_bytes(process);
    RecordProperty("peak_MiB", std::to_string(peak_bytes / kMiB));
    if (!kSanitized) {
      EXPECT_LT(peak_bytes, 200 * kMiB);
    }
    // 20 lines at once, 5 a second after that, some of its own.
    auto elapsed = std::chrono::steady_clock::now() - started_;
    auto elapsed_s = static_cast<size_t>(std::chrono::ceil<std::chrono::seconds>(elapsed).count());
    EXPECT_LE(process.lines(Stream::err).size(), 40 + 5 * elapsed_s) << process.transcript();
  }

  static constexpr uint64_t kFilmBytes = 24 * kMiB;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  Place place_;
  std::unique_ptr<SharingNode> sharing_;
};

TEST_F(Hostile, a_download_goes_on_while_strangers_send_what_they_must_not) {
  Attackers attackers;
  for (const Attack& attack : attacks()) {
    attackers.add([this, attack] { return strike(sharing_->endpoint(), attack.bytes); });
  }
  // So many that a line for each would be far too many.
  expect_downloads_go_well([&attackers] { return attackers.strikes() >= 1000; });
  attackers.stop();
  expect_small_and_terse();
}

TEST_F(Hostile, a_download_goes_on_while_someone_sends_one_byte_a_second) {
  std::atomic<uint64_t> bytes_sent = 0;
  Attackers attackers;
  Bytes ask = frame(0, Bytes(32, 1));
  for (int i = 0; i < 4; ++i) {
    attackers.add([this, &attackers, &bytes_sent, ask]() -> uint64_t {
      RawPeer peer(sharing_->endpoint());
      for (size_t sent = 0; sent < ask.size() && !attackers.stopping(); ++sent) {
        if (!peer.send(std::span(ask).subspan(sent, 1))) break;
        ++bytes_sent;
        attackers.pause();
      }
      return 1;
    });
  }
  expect_downloads_go_well([&bytes_sent] { return bytes_sent >= 24; });
  attackers.stop();
  expect_small_and_terse();
}

TEST_F(Hostile, a_download_goes_on_beside_2000_silent_connections) {
  if (!allow_open_files(2300)) GTEST_SKIP() << "may not open 2,300 files (ulimit -Hn)";
  std::vector<RawPeer> silent;
  for (int i = 0; i < 2000; ++i) silent.emplace_back(sharing_->endpoint());
  expect_downloads_go_well();
  expect_small_and_terse();
}

TEST_F(Hostile, peers_that_ask_and_never_read_cost_little) {
  // Each asks for as much as the protocol allows at once, and takes nothing of it.
  std::vector<RawPeer> greedy;
  std::string film = read_file(place_ / "film");
  for (int i = 0; i < 40; ++i) {
    RawPeer& peer = greedy.emplace_back(sharing_->endpoint());
    HelloFields fields;
    fields.nonce = 1000 + static_cast<uint64_t>(i);
    ASSERT_TRUE(peer.send(hello(fields)));
    for (size_t piece = 0; piece < 16; ++piece) {
      std::span<const char> bytes(film.data() + piece * kMiB, kMiB);
      auto hash = sha256_of({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
      ASSERT_TRUE(peer.send(frame(0, from_hex(hash))));
    }
  }
  expect_downloads_go_well();
  expect_small_and_terse();
}

TEST_F(Hostile, all_of_it_at_once) {
  if (!allow_open_files(2300)) GTEST_SKIP() << "may not open 2,300 files (ulimit -Hn)";
  std::vector<RawPeer> silent;
  for (int i = 0; i < 2000; ++i) silent.emplace_back(sharing_->endpoint());
  Attackers attackers;
  for (const Attack& attack : attacks()) {
    attackers.add([this, attack] { return strike(sharing_->endpoint(), attack.bytes); });
  }
  attackers.add([this, &attackers]() -> uint64_t {
    RawPeer peer(sharing_->endpoint());
    while (!attackers.stopping() && peer.send(Bytes{33})) attackers.pause();
    return 1;
  });
  expect_downloads_go_well([&attackers] { return attackers.strikes() >= 200; });
  attackers.stop();
  expect_small_and_terse();
}

// A peer that says have to every want, and answers an ask with other bytes, until it is closed. How
// many pieces were asked of it.
size_t lie_until_closed(RawPeer& peer) {
  size_t asked = 0;
  if (!peer.send(hello())) return asked;
  while (auto frame_of_getter = peer.read_frame()) {
    const Bytes& body = frame_of_getter->body;
    if (frame_of_getter->type == 16 && !peer.send(frame(17, body))) break;
    if (frame_of_getter->type != 0) continue;
    ++asked;
    Bytes wrong = body;
    wrong.resize(body.size() + kMiB, 0x5a);
    if (!peer.send(frame(1, wrong))) break;
  }
  return asked;
}

TEST(HostileGiver, of_wrong_bytes_is_named_and_the_content_arrives_from_another) {
  Place place;
  make_file(place / "film", 3 * kMiB, 1);
  Finished added = place.run("sharing", {"add", "-q", place / "film"});
  ASSERT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
  // At first there is nobody but the liar.
  const std::string honest = "[::1]:" + std::to_string(unused_port());
  auto getting = place.start("getting", joining({"get", added.out.substr(0, 64), "-v", "-o",
                                                 place / "received", "--timeout", "110s"},
                                                honest));
  auto listening = getting->expect_err("listening on (.+)$");
  ASSERT_TRUE(listening) << getting->transcript();
  RawPeer liar(listening->at(1));
  EXPECT_EQ(lie_until_closed(liar), 1U);

  EXPECT_TRUE(getting->expect_err(R"(closed the connection with \[::1\]:[0-9]+: it sent a piece )"
                                  "that doesn't match its hash"))
      << getting->transcript();
  Finished status = place.run("getting", {"status", "--json"});
  EXPECT_NE(status.out.find(R"("bad_piece":1)"), std::string::npos) << status.out << status.err;
  EXPECT_FALSE(std::filesystem::exists(place / "received"));
  Node sharing(place, "sharing", {"-S", "--listen", honest});
  EXPECT_EQ(getting->wait(seconds(120)), (ExitStatus{0, 0})) << getting->transcript();
  EXPECT_EQ(sha256_of_file(place / "received"), sha256_of_file(place / "film"));
  EXPECT_EQ(check_store(place / "getting").complaints, "");
}

}  // namespace
