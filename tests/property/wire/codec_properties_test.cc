// What holds for every frame and every way to cut it. Fragments and payloads lie in heap buffers of
// exactly their size (FrameStream), so that AddressSanitizer sees any over-read.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "engine/base/hex.h"
#include "tests/property/wire/wire_generators.h"
#include "tests/unit/wire/protocol_vectors.h"

namespace p2p {
namespace {

using Bytes = std::vector<std::byte>;
using property::any_cuts;
using property::any_message;
using property::any_payload_frame;
using property::short_message;

const PieceSize kOneKib = *PieceSize::from_bytes(1024);
const PieceSize kOneMib;

void append(Bytes& stream, const Bytes& frame) {
  stream.insert(stream.end(), frame.begin(), frame.end());
}

RC_GTEST_PROP(Codec, any_message_cut_anywhere_decodes_to_the_message, ()) {
  const Message message = *any_message();
  const auto cuts = *any_cuts();
  FrameStream stream(kOneKib);
  property::feed(stream, bytes_of(message), cuts);
  RC_ASSERT(stream.frames() == (std::vector<ReceivedFrame>{{message, {}}}));
  RC_ASSERT(!stream.decoder().mid_frame());
}

RC_GTEST_PROP(Codec, gives_and_trims_among_messages_arrive_whole_and_in_order, ()) {
  const auto count = *rc::gen::inRange<size_t>(1, 12);
  std::vector<ReceivedFrame> sent;
  Bytes bytes;
  for (size_t i = 0; i < count; ++i) {
    if (*rc::gen::arbitrary<bool>()) {
      sent.push_back(*any_payload_frame(kOneKib));
    } else {
      sent.push_back({*short_message(), {}});
    }
    append(bytes, *bytes_of(sent.back(), kOneKib));
  }
  FrameStream stream(kOneKib);
  property::feed(stream, bytes, *any_cuts());
  RC_ASSERT(stream.frames() == sent);
  RC_ASSERT(!stream.decoder().mid_frame());
}

RC_GTEST_PROP(Codec, discarded_payloads_leave_the_frames_behind_them_unharmed, ()) {
  const ReceivedFrame payload = *any_payload_frame(kOneKib);
  const Message message = *short_message();
  Bytes bytes = *bytes_of(payload, kOneKib);
  append(bytes, bytes_of(message));
  FrameStream stream(kOneKib, {.discard_payloads = true});
  property::feed(stream, bytes, *any_cuts());
  auto end = std::get<PayloadEnd>(payload.item);
  end.discarded = true;
  RC_ASSERT(stream.frames() == (std::vector<ReceivedFrame>{{end, {}}, {message, {}}}));
}

// Fed byte by byte, each state on the way is that of one truncation.
RC_GTEST_PROP(Codec, every_truncation_waits_for_the_rest, ()) {
  const Message message = *any_message();
  const Bytes bytes = bytes_of(message);
  FrameStream stream(kOneKib);
  for (size_t i = 0; i < bytes.size(); ++i) {
    RC_ASSERT(stream.frames().empty());
    RC_ASSERT(stream.decoder().mid_frame() == (i > 0));
    stream.through_next(std::span(bytes).subspan(i, 1));
  }
  RC_ASSERT(stream.frames() == (std::vector<ReceivedFrame>{{message, {}}}));
}

RC_GTEST_PROP(Codec, every_truncation_given_at_once_waits_too, ()) {
  const bool with_payload = *rc::gen::arbitrary<bool>();
  const ReceivedFrame frame =
      with_payload ? *any_payload_frame(kOneKib) : ReceivedFrame{*short_message(), {}};
  const Bytes bytes = *bytes_of(frame, kOneKib);
  for (size_t length = 1; length < bytes.size(); ++length) {
    FrameStream stream(kOneKib);
    stream.through_next(std::span(bytes).first(length));
    RC_ASSERT(stream.frames().empty());
    RC_ASSERT(stream.decoder().mid_frame());
    stream.through_window(std::span(bytes).subspan(length));
    RC_ASSERT(stream.frames() == std::vector<ReceivedFrame>{frame});
  }
}

// What comes first out of `bytes`, followed by as many zeros as the frame still waits for.
ReceivedFrame first_frame(Bytes bytes, PieceSize piece_size, PeerKind from) {
  FrameStream stream(piece_size, {.from = from});
  stream.through_next(bytes);
  const Bytes zeros(64 * 1024);
  while (stream.frames().empty()) stream.through_window(zeros);
  return stream.frames().front();
}

// A fault, a frame to be skipped, or another frame that says exactly the bytes that came.
bool is_fault_or_another_frame(const ReceivedFrame& frame, Bytes bytes, PieceSize piece_size) {
  const auto encoded = bytes_of(frame, piece_size);
  if (!encoded) {
    return std::holds_alternative<FrameFault>(frame.item) ||
           std::holds_alternative<SkippedFrame>(frame.item);
  }
  bytes.resize(encoded->size());
  return bytes == *encoded;
}

void expect_corruption_is_seen_or_valid(const Bytes& bytes, size_t position, std::byte change,
                                        PieceSize piece_size) {
  Bytes corrupt = bytes;
  corrupt[position] ^= change;
  for (const PeerKind from : {PeerKind::unidentified, PeerKind::extended}) {
    const ReceivedFrame frame = first_frame(corrupt, piece_size, from);
    RC_ASSERT(is_fault_or_another_frame(frame, corrupt, piece_size));
  }
}

RC_GTEST_PROP(Codec, any_single_byte_corruption_is_a_fault_or_another_valid_frame, ()) {
  const bool with_payload = *rc::gen::arbitrary<bool>();
  const Bytes bytes =
      with_payload ? *bytes_of(*any_payload_frame(kOneKib), kOneKib) : bytes_of(*short_message());
  const auto change = static_cast<std::byte>(*rc::gen::inRange(1, 256));
  for (size_t position = 0; position < bytes.size(); ++position) {
    expect_corruption_is_seen_or_valid(bytes, position, change, kOneKib);
  }
}

TEST(Codec, each_single_byte_corruption_of_each_vector_is_a_fault_or_another_valid_frame) {
  for (const std::string_view vector : vectors::kAll) {
    const Bytes bytes = *from_hex(vector);
    for (size_t position = 0; position < bytes.size(); ++position) {
      for (unsigned change = 1; change < 256; ++change) {
        Bytes corrupt = bytes;
        corrupt[position] ^= static_cast<std::byte>(change);
        const ReceivedFrame frame = first_frame(corrupt, kOneMib, PeerKind::extended);
        ASSERT_TRUE(is_fault_or_another_frame(frame, corrupt, kOneMib))
            << vector << " " << position << " " << change;
      }
    }
  }
}

RC_GTEST_PROP(Codec, any_hello_trailer_says_again_what_it_was_told, ()) {
  HelloTrailer hello;
  hello.version = *rc::gen::arbitrary<uint8_t>();
  hello.capabilities = *rc::gen::arbitrary<uint16_t>();
  hello.piece_size_log2 = *rc::gen::arbitrary<uint8_t>();
  hello.nonce = *rc::gen::arbitrary<uint64_t>();
  RC_ASSERT(HelloTrailer::parse(hello.encode()) == hello);
}

}  // namespace
}  // namespace p2p
