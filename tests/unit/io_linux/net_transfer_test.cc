// One turn of one connection, against a socket pair.
#include "io_linux/transfer.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "io_linux/signals.h"
#include "io_linux/stored_file.h"

namespace p2p::io_linux::net_transfer_test {
namespace {

constexpr size_t kNoLimit = size_t{1} << 30;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

GatherList list_of(std::initializer_list<Segment> segments) {
  GatherList list;
  for (const Segment& segment : segments) list.segments[list.count++] = segment;
  return list;
}

OpenFile file_of(const std::string& content) {
  Fd fd(::memfd_create("piece", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  return OpenFile(std::move(fd));
}

class TransferTest : public ::testing::Test {
 protected:
  TransferTest() {
    ignore_sigpipe();
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
    near_ = Fd(ends[0]);
    far_ = Fd(ends[1]);
  }
  std::string arrived() const {
    std::string all;
    std::array<char, 65536> part{};
    for (;;) {
      const ssize_t got = ::read(far_.get(), part.data(), part.size());
      if (got <= 0) return all;
      all.append(part.data(), static_cast<size_t>(got));
    }
  }

  Fd near_;
  Fd far_;
};

TEST_F(TransferTest, SendsMemoryAndFilesInOrder) {
  const std::string head = "head ";
  const std::string more = "more ";
  const std::string tail = "tail";
  const OpenFile file = file_of("0123456789");
  const Transfer sent =
      send_some(near_.get(),
                list_of({bytes_of(head), bytes_of(more), FileSegment{&file, 2, 5}, bytes_of(tail)}),
                kNoLimit);
  EXPECT_EQ(sent.bytes, 5U + 5 + 5 + 4);
  EXPECT_FALSE(sent.error);
  EXPECT_EQ(arrived(), "head more 23456tail");
}

TEST_F(TransferTest, SendsNoMoreThanItsTurn) {
  const std::string head = "head ";
  const OpenFile file = file_of("0123456789");
  const auto list = list_of({bytes_of(head), FileSegment{&file, 0, 10}});
  EXPECT_EQ(send_some(near_.get(), list, 3).bytes, 3U);
  EXPECT_EQ(arrived(), "hea");
  EXPECT_EQ(send_some(near_.get(), list, 9).bytes, 9U);
  EXPECT_EQ(arrived(), "head 0123");
}

TEST_F(TransferTest, SaysWhenTheKernelTakesNoMore) {
  const std::string much(size_t{16} << 20, 'x');
  const Transfer sent = send_some(near_.get(), list_of({bytes_of(much)}), kNoLimit);
  EXPECT_LT(sent.bytes, much.size());
  EXPECT_TRUE(sent.blocked);
  EXPECT_FALSE(sent.error);
}

TEST_F(TransferTest, AFileCutShortIsAnErrorAfterItsBytes) {
  const OpenFile file = file_of("0123456789");
  const auto list = list_of({FileSegment{&file, 5, 100}});
  const Transfer first = send_some(near_.get(), list, kNoLimit);
  EXPECT_EQ(first.bytes, 5U);
  EXPECT_FALSE(first.error);
  const auto rest = list_of({FileSegment{&file, 10, 95}});
  const Transfer second = send_some(near_.get(), rest, kNoLimit);
  EXPECT_EQ(second.bytes, 0U);
  EXPECT_EQ(second.error, NetError::other);
}

TEST_F(TransferTest, AFileThatCannotBeReadIsAnError) {
  const OpenFile file{Fd(::open("/dev/null", O_WRONLY | O_CLOEXEC))};
  const Transfer sent = send_some(near_.get(), list_of({FileSegment{&file, 0, 100}}), kNoLimit);
  EXPECT_EQ(sent.error, NetError::other);
}

TEST_F(TransferTest, ABrokenConnectionIsAResetAndNoSignal) {
  far_.reset();
  const std::string text = "text";
  EXPECT_EQ(send_some(near_.get(), list_of({bytes_of(text)}), kNoLimit).error, NetError::reset);
  const OpenFile file = file_of("0123456789");
  EXPECT_EQ(send_some(near_.get(), list_of({FileSegment{&file, 0, 10}}), kNoLimit).error,
            NetError::reset);
}

TEST_F(TransferTest, ReceivesAcrossBothSpans) {
  ASSERT_EQ(::write(far_.get(), "abcdefgh", 8), 8);
  std::array<std::byte, 3> first{};
  std::array<std::byte, 9> second{};
  const Transfer got = receive_some(near_.get(), ReceiveWindow{{first, second}}, kNoLimit);
  EXPECT_EQ(got.bytes, 8U);
  EXPECT_TRUE(got.blocked);
  EXPECT_EQ(static_cast<char>(first[2]), 'c');
  EXPECT_EQ(static_cast<char>(second[4]), 'h');
}

TEST_F(TransferTest, ReceivesNoMoreThanItsTurnAndKnowsThatMoreMayBeThere) {
  ASSERT_EQ(::write(far_.get(), "abcdefgh", 8), 8);
  std::array<std::byte, 3> first{};
  std::array<std::byte, 9> second{};
  const Transfer got = receive_some(near_.get(), ReceiveWindow{{first, second}}, 5);
  EXPECT_EQ(got.bytes, 5U);
  EXPECT_FALSE(got.blocked);
}

TEST_F(TransferTest, TellsTheEndOfTheStreamFromNothingThereYet) {
  std::array<std::byte, 8> space{};
  const ReceiveWindow window{{space, {}}};
  const Transfer nothing = receive_some(near_.get(), window, kNoLimit);
  EXPECT_TRUE(nothing.blocked);
  EXPECT_FALSE(nothing.error);
  far_.reset();
  EXPECT_EQ(receive_some(near_.get(), window, kNoLimit).error, NetError::end_of_stream);
}

}  // namespace
}  // namespace p2p::io_linux::net_transfer_test
