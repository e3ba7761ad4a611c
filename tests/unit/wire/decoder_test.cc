#include "engine/wire/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/bytes.h"
#include "engine/base/hex.h"
#include "engine/wire/encoder.h"
#include "tests/unit/wire/frame_stream.h"
#include "tests/unit/wire/protocol_vectors.h"

namespace p2p {
namespace {

using Bytes = std::vector<std::byte>;

const PieceSize kOneKib = *PieceSize::from_bytes(1024);
const Digest kDigest = *Digest::from_hex(vectors::kZeroPieceDigest);

Bytes hex(std::string_view text) { return *from_hex(text); }

// The five bytes before a body.
Bytes head(uint32_t length, uint8_t type) {
  Bytes bytes(kFrameHeaderSize);
  store_u32le(bytes, length);
  bytes[kFrameLengthSize] = std::byte{type};
  return bytes;
}

Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

template <size_t kSize>
Bytes to_vector(const std::array<std::byte, kSize>& bytes) {
  return {bytes.begin(), bytes.end()};
}

// A decoder and the bytes that it has yet to take.
struct Feed {
  FrameDecoder decoder{kOneKib};
  Bytes bytes;
  std::span<const std::byte> in;

  explicit Feed(Bytes all, PeerKind from = PeerKind::extended) : bytes(std::move(all)), in(bytes) {
    decoder.set_peer_kind(from);
  }
  std::optional<DecodedItem> next() { return decoder.next(in); }
};

DecodedItem fault(FrameFaultKind kind, uint8_t type, uint32_t length) {
  return FrameFault{kind, type, length};
}

TEST(FrameDecoder, finds_several_frames_in_one_buffer_in_order) {
  Feed feed(hex(vectors::kAsk) + hex(vectors::kPeerList) + hex(vectors::kWant));
  EXPECT_EQ(feed.next(), DecodedItem(Message(AskMessage{kDigest})));
  EXPECT_TRUE(std::holds_alternative<PeerMessage>(std::get<Message>(feed.next().value())));
  EXPECT_EQ(feed.next(), DecodedItem(Message(DigestListMessage{FrameType::want, {kDigest}})));
  EXPECT_EQ(feed.next(), std::nullopt);
  EXPECT_TRUE(feed.in.empty());
}

TEST(FrameDecoder, refuses_a_wrong_length_as_soon_as_the_type_is_known) {
  const struct {
    uint32_t length;
    uint8_t type;
  } wrong[] = {{1, 0},         {34, 0},     {0xffffffff, 0}, {33, 1},        {33 + 1023, 1},
               {33 + 1025, 1}, {18'451, 2}, {34, 16},        {32'801, 17},   {33, 20},
               {35, 20},       {34, 21},    {36, 21},        {33 + 1024, 22}};
  for (const auto& [length, type] : wrong) {
    Feed feed(head(length, type));
    EXPECT_EQ(feed.next(), fault(FrameFaultKind::bad_length, type, length))
        << int{type} << " " << length;
  }
}

TEST(FrameDecoder, refuses_a_length_of_zero_without_waiting_for_a_type) {
  Feed feed(hex("00000000"));
  EXPECT_EQ(feed.next(), fault(FrameFaultKind::bad_length, 0, 0));
}

TEST(FrameDecoder, refuses_a_length_of_zero_behind_another_frame_the_same_way) {
  Feed feed(hex(vectors::kWant) + hex("00000000"));
  EXPECT_TRUE(feed.next());
  EXPECT_EQ(feed.next(), fault(FrameFaultKind::bad_length, 0, 0));
}

TEST(FrameDecoder, returns_nothing_more_after_a_fault) {
  Feed feed(head(1, 0) + hex(vectors::kAsk));
  EXPECT_TRUE(feed.next());
  EXPECT_EQ(feed.next(), std::nullopt);
  EXPECT_TRUE(feed.in.empty());
  EXPECT_FALSE(feed.decoder.mid_frame());
  EXPECT_FALSE(feed.decoder.in_payload());
  EXPECT_TRUE(feed.decoder.payload_window().empty());
}

TEST(FrameDecoder, skips_what_a_later_version_may_send) {
  Feed feed(head(32'769, 200) + Bytes(32'768) + head(1, 3) + hex(vectors::kAsk));
  EXPECT_EQ(feed.next(), DecodedItem(SkippedFrame{200, 32'769}));
  EXPECT_EQ(feed.next(), DecodedItem(SkippedFrame{3, 1}));
  EXPECT_EQ(feed.next(), DecodedItem(Message(AskMessage{kDigest})));
}

TEST(FrameDecoder, keeps_nothing_of_a_frame_that_it_skips) {
  Feed feed(head(32'769, 200) + Bytes(30'000));
  EXPECT_EQ(feed.next(), std::nullopt);
  EXPECT_TRUE(feed.decoder.mid_frame());
  EXPECT_EQ(feed.decoder.heap_bytes(), 0u);
}

TEST(FrameDecoder, refuses_an_unknown_frame_too_long_to_skip) {
  Feed feed(head(32'770, 200));
  EXPECT_EQ(feed.next(), fault(FrameFaultKind::bad_length, 200, 32'770));
}

TEST(FrameDecoder, refuses_extension_types_from_peers_without_the_extension) {
  for (const PeerKind from : {PeerKind::unidentified, PeerKind::legacy}) {
    Feed want(hex(vectors::kWant), from);
    EXPECT_EQ(want.next(), fault(FrameFaultKind::unknown_type, 16, 33));
    Feed unknown(head(33, 3), from);
    EXPECT_EQ(unknown.next(), fault(FrameFaultKind::unknown_type, 3, 33));
  }
}

TEST(FrameDecoder, accepts_the_extension_right_behind_the_hello_in_one_buffer) {
  Feed feed(hex(vectors::kHello) + hex(vectors::kWant), PeerKind::unidentified);
  const auto hello = feed.next();
  ASSERT_TRUE(hello);
  EXPECT_TRUE(std::get<PeerMessage>(std::get<Message>(*hello)).hello());
  feed.decoder.set_peer_kind(PeerKind::extended);
  EXPECT_EQ(feed.next(), DecodedItem(Message(DigestListMessage{FrameType::want, {kDigest}})));
}

TEST(FrameDecoder, takes_a_peer_list_with_nothing_in_it) {
  Feed feed(head(1, 2), PeerKind::legacy);
  EXPECT_EQ(feed.next(), DecodedItem(Message(PeerMessage{})));
}

TEST(FrameDecoder, hands_on_the_bytes_that_fill_no_record) {
  Feed feed(head(1 + 18 + 2, 2) + Bytes(18) + hex("abcd"));
  EXPECT_EQ(feed.next(), DecodedItem(Message(PeerMessage{{Endpoint{}}, hex("abcd")})));
}

TEST(FrameDecoder, refuses_a_found_whose_counts_contradict_its_length) {
  const Bytes id(32);
  const Bytes record(18);
  const struct {
    const char* counts;
    size_t records;
  } wrong[] = {{"0000", 1}, {"0100", 0}, {"0101", 1}, {"2100", 33}, {"0009", 9}, {"ff00", 0}};
  for (const auto& [counts, records] : wrong) {
    const Bytes body = id + hex(counts) + Bytes(records * 18);
    const auto length = static_cast<uint32_t>(1 + body.size());
    Feed feed(head(length, 21) + body);
    EXPECT_EQ(feed.next(), fault(FrameFaultKind::bad_body, 21, length)) << counts;
    EXPECT_EQ(feed.decoder.heap_bytes(), 0u);
  }
}

TEST(FrameDecoder, takes_the_longest_found) {
  const FoundMessage found{kDigest, std::vector<Endpoint>(32, Endpoint{Address::loopback(), 1}),
                           std::vector<Endpoint>(8, Endpoint{Address::v4(192, 0, 2, 7), 2})};
  Feed feed(bytes_of(found));
  EXPECT_EQ(feed.next(), DecodedItem(Message(found)));
}

TEST(FrameDecoder, holds_memory_for_the_bytes_that_came_and_not_for_those_promised) {
  Feed feed(head(32'769, 16));
  EXPECT_EQ(feed.next(), std::nullopt);
  EXPECT_EQ(feed.decoder.heap_bytes(), 0u);
  const Bytes part(100);
  for (size_t received = 100; received < 32'768; received += 100) {
    std::span<const std::byte> in = part;
    EXPECT_EQ(feed.decoder.next(in), std::nullopt);
    EXPECT_LE(feed.decoder.heap_bytes(), 2 * received);
  }
  std::span<const std::byte> last = std::span(part).first(32'768 % 100);
  EXPECT_TRUE(feed.decoder.next(last));
  EXPECT_EQ(feed.decoder.heap_bytes(), 0u);
}

TEST(FrameDecoder, lets_a_give_land_where_the_caller_says) {
  Feed feed(to_vector(encode_give_header(kDigest, kOneKib)));
  EXPECT_EQ(feed.next(), DecodedItem(PayloadBegin{FrameType::give, kDigest, 1024}));
  Bytes piece(1024);
  feed.decoder.take_payload(piece);
  ASSERT_EQ(feed.decoder.payload_window().data(), piece.data());
  ASSERT_EQ(feed.decoder.payload_window().size(), 1024u);
  EXPECT_EQ(feed.decoder.payload_landed(1000), std::nullopt);
  EXPECT_EQ(feed.decoder.payload_window().data(), piece.data() + 1000);
  EXPECT_TRUE(feed.decoder.in_payload());
  EXPECT_EQ(feed.decoder.payload_landed(24), (PayloadEnd{FrameType::give, kDigest, 1024, false}));
  EXPECT_FALSE(feed.decoder.mid_frame());
}

TEST(FrameDecoder, copies_into_the_piece_what_came_with_the_header) {
  const Bytes payload(1024, std::byte{7});
  Feed feed(to_vector(encode_give_header(kDigest, kOneKib)) + payload + hex(vectors::kAsk));
  EXPECT_TRUE(feed.next());
  Bytes piece(1024);
  feed.decoder.take_payload(piece);
  EXPECT_EQ(feed.next(), DecodedItem(PayloadEnd{FrameType::give, kDigest, 1024, false}));
  EXPECT_EQ(piece, payload);
  EXPECT_EQ(feed.next(), DecodedItem(Message(AskMessage{kDigest})));
}

TEST(FrameDecoder, ends_an_empty_payload_with_the_next_call) {
  for (const bool discard : {false, true}) {
    Feed feed(to_vector(encode_trim_header(kDigest, 0, kOneKib)));
    EXPECT_EQ(feed.next(), DecodedItem(PayloadBegin{FrameType::trim, kDigest, 0}));
    if (discard) {
      feed.decoder.discard_payload();
    } else {
      feed.decoder.take_payload({});
    }
    EXPECT_TRUE(feed.decoder.payload_window().empty());
    EXPECT_TRUE(feed.decoder.in_payload());
    EXPECT_EQ(feed.next(), DecodedItem(PayloadEnd{FrameType::trim, kDigest, 0, discard}));
    EXPECT_EQ(feed.next(), std::nullopt);
    EXPECT_FALSE(feed.decoder.mid_frame());
  }
}

TEST(FrameDecoder, drops_a_discarded_payload_and_goes_on) {
  Feed feed(to_vector(encode_give_header(kDigest, kOneKib)) + Bytes(1024) + hex(vectors::kAsk));
  EXPECT_TRUE(feed.next());
  feed.decoder.discard_payload();
  EXPECT_TRUE(feed.decoder.payload_window().empty());
  EXPECT_EQ(feed.next(), DecodedItem(PayloadEnd{FrameType::give, kDigest, 1024, true}));
  EXPECT_EQ(feed.next(), DecodedItem(Message(AskMessage{kDigest})));
}

TEST(FrameDecoder, leaves_the_memory_of_an_abandoned_payload_alone) {
  Feed feed(to_vector(encode_give_header(kDigest, kOneKib)) + Bytes(1024, std::byte{7}) +
            hex(vectors::kAsk));
  EXPECT_TRUE(feed.next());
  Bytes piece(1024);
  feed.decoder.take_payload(piece);
  auto first = feed.in.first(500);
  EXPECT_EQ(feed.decoder.next(first), std::nullopt);
  feed.in = feed.in.subspan(500);

  feed.decoder.abandon_payload();
  EXPECT_TRUE(feed.decoder.payload_window().empty());
  feed.decoder.abandon_payload();  // once more changes nothing
  EXPECT_EQ(feed.next(), DecodedItem(PayloadEnd{FrameType::give, kDigest, 1024, true}));
  EXPECT_EQ(piece[499], std::byte{7});
  EXPECT_EQ(std::count(piece.begin() + 500, piece.end(), std::byte{0}), 524);
  EXPECT_EQ(feed.next(), DecodedItem(Message(AskMessage{kDigest})));
}

TEST(FrameDecoder, may_be_told_to_abandon_before_the_payload_was_taken) {
  Feed feed(to_vector(encode_trim_header(kDigest, 10, kOneKib)) + Bytes(10));
  EXPECT_TRUE(feed.next());
  feed.decoder.abandon_payload();
  EXPECT_EQ(feed.next(), DecodedItem(PayloadEnd{FrameType::trim, kDigest, 10, true}));
}

TEST(FrameDecoder, is_mid_frame_from_the_first_byte_to_the_last) {
  const Bytes ask = hex(vectors::kAsk);
  FrameDecoder decoder(kOneKib);
  EXPECT_FALSE(decoder.mid_frame());
  for (size_t i = 0; i < ask.size(); ++i) {
    std::span<const std::byte> in = std::span(ask).subspan(i, 1);
    const bool last = i + 1 == ask.size();
    EXPECT_EQ(decoder.next(in).has_value(), last);
    EXPECT_EQ(decoder.mid_frame(), !last);
    EXPECT_FALSE(decoder.in_payload());
  }
}

TEST(FrameDecoder, ends_the_program_of_a_caller_who_breaks_the_rules) {
  Feed feed(to_vector(encode_give_header(kDigest, kOneKib)));
  EXPECT_DEATH(feed.decoder.take_payload({}), "");
  EXPECT_DEATH(feed.decoder.discard_payload(), "");
  EXPECT_DEATH(feed.decoder.abandon_payload(), "");
  EXPECT_DEATH(feed.decoder.payload_landed(1), "");
  ASSERT_TRUE(feed.next());
  EXPECT_DEATH(feed.next(), "");
  EXPECT_DEATH(feed.decoder.take_payload({}), "");
}

}  // namespace
}  // namespace p2p
