#include "engine/core/outbox.h"

#include <gtest/gtest.h>

#include "engine/wire/encoder.h"

namespace p2p {
namespace {

const PieceSize kPieceSize = *PieceSize::from_log2(10);

Digest numbered(uint8_t number) {
  Digest digest;
  digest.bytes[0] = std::byte{number};
  return digest;
}

void add_trim(Outbox& outbox, uint8_t number) {
  const std::vector<std::byte> bytes(3, std::byte{number});
  outbox.add_piece(numbered(number), encode_trim_header(numbered(number), 3, kPieceSize),
                   Slice::copy_of(bytes), 0);
}

size_t bytes_in(const GatherList& list) {
  size_t total = 0;
  for (const Segment& segment : list.view()) {
    total += std::get<std::span<const std::byte>>(segment).size();
  }
  return total;
}

TEST(Outbox, control_bytes_after_a_withdrawn_last_piece_are_sent) {
  Outbox outbox;
  add_trim(outbox, 1);
  add_trim(outbox, 2);
  outbox.sent(kGiveHeaderSize + 3);
  ASSERT_TRUE(outbox.withdraw(numbered(2)));
  EXPECT_TRUE(outbox.empty());
  const Digest digest = numbered(2);
  outbox.add_digests(FrameType::lack, std::span(&digest, 1));
  EXPECT_EQ(outbox.pending(), kGiveHeaderSize);
  EXPECT_EQ(bytes_in(outbox.window()), kGiveHeaderSize);
}

TEST(Outbox, what_is_said_goes_ahead_of_pieces_that_have_not_begun) {
  Outbox outbox;
  add_trim(outbox, 1);
  add_trim(outbox, 2);
  outbox.sent(1);
  const Digest digest = numbered(3);
  outbox.add_digests(FrameType::lack, std::span(&digest, 1));
  outbox.add_digests(FrameType::have, std::span(&digest, 1));
  EXPECT_EQ(outbox.sent(kGiveHeaderSize + 2), std::vector{numbered(1)});
  const auto first = std::get<std::span<const std::byte>>(outbox.window().segments[0]);
  ASSERT_EQ(first.size(), 2 * kGiveHeaderSize) << "both lists, each of one digest";
  EXPECT_EQ(first[4], static_cast<std::byte>(FrameType::lack));
  EXPECT_EQ(first[kGiveHeaderSize + 4], static_cast<std::byte>(FrameType::have));
  EXPECT_EQ(outbox.sent(3 * kGiveHeaderSize + 3), std::vector{numbered(2)});
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, a_window_may_end_within_pieces_but_not_before_what_is_said_ahead_of_them) {
  Outbox outbox;
  const Digest digest = numbered(3);
  outbox.add_digests(FrameType::lack, std::span(&digest, 1));
  add_trim(outbox, 1);
  add_trim(outbox, 2);
  EXPECT_FALSE(outbox.piece_is_next());
  EXPECT_EQ(bytes_in(outbox.window(0)), kGiveHeaderSize) << "one digest";
  EXPECT_EQ(bytes_in(outbox.window(5)), kGiveHeaderSize + 5);
  outbox.sent(kGiveHeaderSize + 5);
  EXPECT_TRUE(outbox.piece_is_next());
  EXPECT_TRUE(outbox.window(0).empty());
  for (size_t most = 1; most < 2 * kGiveHeaderSize + 10; ++most) {
    EXPECT_EQ(bytes_in(outbox.window(most)), std::min(most, outbox.pending()));
  }
}

TEST(Outbox, a_piece_that_has_begun_is_not_withdrawn) {
  Outbox outbox;
  add_trim(outbox, 1);
  outbox.sent(1);
  EXPECT_FALSE(outbox.withdraw(numbered(1)));
  EXPECT_EQ(bytes_in(outbox.window()), kGiveHeaderSize + 2);
}

TEST(Outbox, whatever_is_sent_the_window_is_what_is_left_and_pieces_are_counted_as_they_end) {
  Outbox outbox;
  for (uint8_t i = 0; i < 100; ++i) add_trim(outbox, i);
  size_t ended = 0;
  size_t left = outbox.pending();
  while (!outbox.empty()) {
    const size_t step = std::min<size_t>(left, 1 + left % 97);
    ended += outbox.sent(step).size();
    left -= step;
    EXPECT_EQ(outbox.pending(), left);
    EXPECT_EQ(outbox.window().empty(), left == 0);
  }
  EXPECT_EQ(ended, 100u);
}

}  // namespace
}  // namespace p2p
