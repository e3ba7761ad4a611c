// Bytes in words.
#include <gtest/gtest.h>

#include "engine/base/hex.h"
#include "engine/wire/encoder.h"
#include "io_sim/trace/line_text.h"

namespace p2p::sim {
namespace {

Digest digest(uint8_t first) {
  Digest made;
  made.bytes[0] = std::byte{first};
  return made;
}

const Endpoint boot{Address::loopback(), 8100};
const Endpoint peer{Address::v4(192, 0, 2, 7), 52197};

std::vector<std::byte> encoded(std::initializer_list<Message> messages) {
  std::vector<std::byte> bytes;
  for (const Message& message : messages) append_frame(bytes, message);
  return bytes;
}

std::string text_of(const Message& message) { return bytes_text(encoded({message})); }

TEST(FrameLines, say_what_each_frame_says) {
  EXPECT_EQ(text_of(AskMessage{digest(0xab)}), "ask ab00000000000000");
  EXPECT_EQ(text_of(PeerMessage{{boot, peer}, {}}), "peer 2 [[::1]:8100, 192.0.2.7:52197]");
  EXPECT_EQ(text_of(PeerMessage{}), "peer 0 []");
  EXPECT_EQ(text_of(DigestListMessage{FrameType::want, {digest(1), digest(2)}}),
            "want 2 [0100000000000000, 0200000000000000]");
  EXPECT_EQ(text_of(DigestListMessage{FrameType::lack, {digest(1)}}), "lack 1 [0100000000000000]");
  EXPECT_EQ(text_of(SeekMessage{digest(3), SeekMessage::kListMe}), "seek 0300000000000000 flags=1");
  EXPECT_EQ(text_of(FoundMessage{digest(3), {boot}, {peer}}),
            "found 0300000000000000 holders=1 [[::1]:8100] nearest=1 [192.0.2.7:52197]");
}

TEST(FrameLines, show_a_hello_and_other_trailing_bytes) {
  HelloTrailer hello;
  hello.nonce = 12;
  const auto trailer = hello.encode();
  EXPECT_EQ(text_of(PeerMessage{{boot}, {trailer.begin(), trailer.end()}}),
            "peer 1 [[::1]:8100] hello nonce=12 version=1 capabilities=1 piece_size=2^20");
  EXPECT_EQ(text_of(PeerMessage{{}, {std::byte{1}, std::byte{0xff}}}), "peer 0 [] trailing 01ff");
}

TEST(FrameLines, of_a_long_list_differ_wherever_the_lists_do) {
  std::vector<Digest> digests(20, digest(1));
  const std::string one = text_of(DigestListMessage{FrameType::have, digests});
  digests.back() = digest(2);
  const std::string other = text_of(DigestListMessage{FrameType::have, digests});
  EXPECT_NE(one, other);
  EXPECT_TRUE(one.starts_with("have 20 [0100000000000000, ")) << one;
  EXPECT_LT(one.size(), 200u);
  std::vector<Endpoint> records(20, boot);
  const std::string list = text_of(PeerMessage{records, {}});
  records.back() = peer;
  EXPECT_NE(list, text_of(PeerMessage{records, {}}));
}

TEST(FrameLines, of_several_frames_are_one_line) {
  EXPECT_EQ(bytes_text(encoded({PeerMessage{}, AskMessage{digest(1)}})),
            "peer 0 []; ask 0100000000000000");
}

TEST(FrameLines, of_a_payload_name_its_digest_and_length) {
  const PieceSize size = *PieceSize::from_bytes(1024);
  EXPECT_EQ(payload_text(encode_give_header(digest(9), size)), "give 0900000000000000 bytes=1024");
  EXPECT_EQ(payload_text(encode_trim_header(digest(9), 7, size)), "trim 0900000000000000 bytes=7");
}

TEST(FrameLines, of_a_whole_give_differ_with_its_payload) {
  const auto header = encode_give_header(digest(9), *PieceSize::from_bytes(1024));
  std::vector<std::byte> frame(header.begin(), header.end());
  frame.resize(frame.size() + 1024);
  const std::string zeros = bytes_text(frame);
  EXPECT_TRUE(zeros.starts_with("give 0900000000000000 bytes=1024 payload ")) << zeros;
  frame.back() = std::byte{1};
  EXPECT_NE(bytes_text(frame), zeros);
}

TEST(FrameLines, of_what_is_no_frame_are_hex) {
  EXPECT_EQ(bytes_text({}), "0 bytes ");
  EXPECT_EQ(bytes_text(*from_hex("00")), "1 bytes 00");
  EXPECT_EQ(bytes_text(*from_hex("0000000000")), "5 bytes 0000000000");
  EXPECT_EQ(bytes_text(*from_hex("ffffffff00")), "5 bytes ffffffff00");
  EXPECT_EQ(bytes_text(*from_hex("0100000099")), "5 bytes 0100000099");
  EXPECT_EQ(bytes_text(*from_hex("0100000001")), "5 bytes 0100000001");
  auto cut = encoded({PeerMessage{}, AskMessage{digest(1)}});
  cut.pop_back();
  EXPECT_EQ(bytes_text(cut), std::to_string(cut.size()) + " bytes " + to_hex(cut));
  EXPECT_EQ(payload_text(*from_hex("0102")), "2 bytes 0102");
}

TEST(FrameLines, of_many_bytes_are_short_and_differ_all_the_same) {
  std::vector<std::byte> bytes(100'000, std::byte{0xff});
  const std::string one = bytes_text(bytes);
  EXPECT_LT(one.size(), 1000u);
  bytes.back() = std::byte{0};
  EXPECT_NE(bytes_text(bytes), one);
}

}  // namespace
}  // namespace p2p::sim
