// What get -o - asks for, and how it writes what comes: apps/p2pnode/stream_window.h and
// stream_writer.h.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "apps/p2pnode/stream_window.h"
#include "apps/p2pnode/stream_writer.h"
#include "io_linux/store/import.h"
#include "io_linux/store/memory_store.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::app {
namespace {

constexpr uint64_t kRange = StreamWindow::kRange;
constexpr uint64_t kLength = 40 * kRange + 5;

TEST(StreamWindow, asks_for_one_range_first_and_in_order_no_further_than_the_window_goes) {
  StreamWindow window(PieceSize(), FetchId{1});
  auto ask = window.next();
  ASSERT_TRUE(ask);
  EXPECT_EQ(ask->range, (ByteRange{0, kRange}));
  EXPECT_FALSE(window.next());
  window.learn_length(kLength);
  EXPECT_FALSE(window.next());
  uint64_t asked = kRange;
  std::vector<FetchId> open{ask->fetch};
  // All that is asked for comes, and the reader reads nothing.
  while (!open.empty()) {
    window.on(ContentComplete{open.back(), kLength, {}});
    open.pop_back();
    while ((ask = window.next())) {
      EXPECT_EQ(ask->range.begin, asked);
      asked = ask->range.end;
      open.push_back(ask->fetch);
    }
  }
  EXPECT_EQ(asked, StreamWindow::kAhead);
  EXPECT_TRUE(window.idle());
  EXPECT_FALSE(window.whole());
  window.read_to(1);
  ASSERT_TRUE((ask = window.next()));
  EXPECT_EQ(ask->range.begin, StreamWindow::kAhead);
  EXPECT_FALSE(window.next());
}

TEST(StreamWindow, is_whole_when_the_last_range_has_come_and_counts_no_byte_twice) {
  StreamWindow window(PieceSize(), FetchId{1});
  const auto first = window.next();
  ASSERT_TRUE(first);
  window.learn_length(kRange + 5);
  window.on(FetchProgress{first->fetch, kRange, 7, true});
  EXPECT_EQ(window.done(), 7U);
  window.on(ContentComplete{first->fetch, kRange + 5, {}});
  EXPECT_FALSE(window.whole());
  const auto last = window.next();
  ASSERT_TRUE(last);
  EXPECT_FALSE(window.again(kRange + 1)) << "it is on its way";
  window.on(ContentComplete{last->fetch, kRange + 5, {}});
  EXPECT_TRUE(window.whole());
  EXPECT_EQ(window.done(), kRange + 5);
  const auto lost = window.again(PieceSize().bytes() + 1);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->range, (ByteRange{PieceSize().bytes(), 2 * PieceSize().bytes()}));
  EXPECT_FALSE(window.whole());
  window.on(ContentComplete{lost->fetch, kRange + 5, {}});
  EXPECT_TRUE(window.whole());
  EXPECT_EQ(window.done(), kRange + 5);
}

TEST(StreamWindow, of_an_empty_content_nothing_more_is_asked_for) {
  StreamWindow window(PieceSize(), FetchId{1});
  const auto first = window.next();
  ASSERT_TRUE(first);
  window.learn_length(0);
  window.on(ContentComplete{first->fetch, 0, {}});
  EXPECT_FALSE(window.next());
  EXPECT_TRUE(window.whole());
}

// Each piece arrives when it is missed for the first time.
class Arriving final : public io_linux::Store {
 public:
  explicit Arriving(io_linux::Store& all) : all_(all) {}

  io_linux::Loaded load(const Digest& digest, bool in_memory) override {
    const std::lock_guard lock(mutex_);
    return here_.contains(digest) ? all_.load(digest, in_memory) : io_linux::Loaded();
  }
  void arrive(const Digest& digest) {
    const std::lock_guard lock(mutex_);
    here_.insert(digest);
  }
  StoreStatus put(const Digest&, std::span<const std::byte>) override { return StoreStatus::ok; }
  StoreStatus put_at(const Digest&, std::span<const std::byte>,
                     const std::vector<Extent>&) override {
    return StoreStatus::ok;
  }
  StoreStatus place(const Digest&, const std::vector<Extent>&) override { return StoreStatus::ok; }
  StoreStatus sync() override { return StoreStatus::ok; }

 private:
  io_linux::Store& all_;
  std::mutex mutex_;
  std::set<Digest> here_;
};

class StreamWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    std::signal(SIGPIPE, SIG_IGN);
    ASSERT_EQ(::pipe(pipe_.data()), 0);
    // No two pieces are alike.
    std::mt19937 random(1);
    content_.resize(300'000);
    for (std::byte& byte : content_) byte = static_cast<std::byte>(random() & 0xff);
    io_linux::test::write_all(folder_ / "film", content_);
    const auto imported =
        io_linux::import_content(folder_ / "film", io_linux::test::kKibibyte, &all_);
    ASSERT_EQ(imported.status, io_linux::Imported::Status::ok);
    id_ = imported.id;
  }
  void TearDown() override {
    close_reader();
    ::close(pipe_[1]);
  }
  void close_reader() {
    if (pipe_[0] >= 0) ::close(pipe_[0]);
    pipe_[0] = -1;
  }
  StreamWriter::Calls calls() {
    StreamWriter::Calls calls;
    calls.begin = [] { return std::nullopt; };
    calls.on_written = [](uint64_t) {};
    calls.on_missing = [this](const Digest& digest, uint64_t) { note([&] { missing_ = digest; }); };
    calls.on_end = [this] { note([&] { ended_ = true; }); };
    return calls;
  }
  template <class Change>
  void note(Change change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    noted_.notify_one();
  }
  // The next piece that is missed; nullopt: it has ended.
  std::optional<Digest> next_missing() {
    std::unique_lock lock(mutex_);
    noted_.wait(lock, [&] { return ended_ || missing_; });
    return std::exchange(missing_, std::nullopt);
  }
  std::vector<std::byte> read_all(size_t bytes) {
    std::vector<std::byte> read(bytes);
    size_t done = 0;
    while (done < bytes) {
      const ssize_t got = ::read(pipe_[0], read.data() + done, bytes - done);
      if (got <= 0) break;
      done += static_cast<size_t>(got);
    }
    read.resize(done);
    return read;
  }

  const io_linux::test::Folder folder_;
  io_linux::MemoryStore all_;
  Arriving store_{all_};
  Digest id_;
  std::vector<std::byte> content_;
  std::array<int, 2> pipe_{-1, -1};
  std::mutex mutex_;
  std::condition_variable noted_;
  std::optional<Digest> missing_;
  bool ended_ = false;
};

TEST_F(StreamWriterTest, writes_each_piece_as_soon_as_it_has_come_and_waits_for_the_next) {
  StreamWriter writer(store_, id_, io_linux::test::kKibibyte, pipe_[1], calls());
  std::vector<std::byte> read;
  std::thread reader([&] { read = read_all(content_.size()); });
  size_t waits = 0;
  while (const auto missing = next_missing()) {
    ++waits;
    store_.arrive(*missing);
    writer.pieces_came();
  }
  reader.join();
  EXPECT_EQ(writer.stop().status, StreamEnd::Status::written);
  EXPECT_GE(waits, 290U);
  EXPECT_EQ(waits, all_.held().size());
  EXPECT_TRUE(read == content_);
}

TEST_F(StreamWriterTest, can_be_stopped_while_nobody_reads_and_while_a_piece_is_missing) {
  {
    // More than a pipe takes.
    StreamWriter writer(all_, id_, io_linux::test::kKibibyte, pipe_[1], calls());
    const auto first = read_all(1);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0], content_[0]);
    EXPECT_EQ(writer.stop().status, StreamEnd::Status::stopped);
  }
  StreamWriter writer(store_, id_, io_linux::test::kKibibyte, pipe_[1], calls());
  EXPECT_EQ(next_missing(), id_);
  EXPECT_EQ(writer.stop().status, StreamEnd::Status::stopped);
}

TEST_F(StreamWriterTest, a_reader_that_leaves_ends_it) {
  close_reader();
  StreamWriter writer(all_, id_, io_linux::test::kKibibyte, pipe_[1], calls());
  EXPECT_EQ(next_missing(), std::nullopt);
  const StreamEnd end = writer.stop();
  EXPECT_EQ(end.status, StreamEnd::Status::reader_ended);
  EXPECT_EQ(end.error_number, EPIPE);
}

}  // namespace
}  // namespace p2p::app
