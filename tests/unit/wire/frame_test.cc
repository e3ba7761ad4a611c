#include "engine/wire/frame.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace p2p {
namespace {

constexpr PieceSize kOneMib;
constexpr uint32_t kP = kOneMib.bytes();
constexpr uint32_t kHuge = std::numeric_limits<uint32_t>::max();
constexpr uint8_t kUnknownTypes[] = {3, 15, 23, 255};

FrameVerdict judge(FrameType type, uint32_t length, PeerKind from = PeerKind::extended,
                   PieceSize piece_size = kOneMib) {
  return judge_frame(static_cast<uint8_t>(type), length, from, piece_size);
}

struct LengthCase {
  FrameType type;
  std::vector<uint32_t> good;
  std::vector<uint32_t> bad;
};

TEST(JudgeFrame, accepts_exactly_the_lengths_of_each_type) {
  const std::vector<uint32_t> good_list{33, 65, 32'769};
  const std::vector<uint32_t> bad_list{0, 1, 32, 34, 64, 32'768, 32'770, 32'801, kHuge};
  const LengthCase cases[] = {
      {FrameType::ask, {33}, {0, 1, 32, 34, kHuge}},
      {FrameType::give, {33 + kP}, {0, 1, 33, 32 + kP, 34 + kP, kHuge}},
      {FrameType::peer, {1, 2, 18, 19, 37, 18'433, 18'450}, {0, 18'451, kHuge}},
      {FrameType::want, good_list, bad_list},
      {FrameType::have, good_list, bad_list},
      {FrameType::lack, good_list, bad_list},
      {FrameType::cancel, good_list, bad_list},
      {FrameType::seek, {34}, {0, 33, 35, kHuge}},
      {FrameType::found, {35, 53, 755}, {0, 34, 36, 54, 754, 756, 773, kHuge}},
      {FrameType::trim, {33, 34, 32 + kP}, {0, 32, 33 + kP, kHuge}},
  };
  for (const LengthCase& c : cases) {
    for (const uint32_t length : c.good) {
      EXPECT_EQ(judge(c.type, length), FrameVerdict::known)
          << frame_type_name(static_cast<uint8_t>(c.type)) << " " << length;
    }
    for (const uint32_t length : c.bad) {
      EXPECT_EQ(judge(c.type, length), FrameVerdict::bad_length)
          << frame_type_name(static_cast<uint8_t>(c.type)) << " " << length;
    }
  }
}

TEST(JudgeFrame, a_give_is_as_long_as_the_networks_pieces) {
  for (unsigned log2 = PieceSize::kMinLog2; log2 <= PieceSize::kMaxLog2; ++log2) {
    const PieceSize size = *PieceSize::from_log2(log2);
    EXPECT_EQ(judge(FrameType::give, 33 + size.bytes(), PeerKind::legacy, size),
              FrameVerdict::known);
    EXPECT_EQ(judge(FrameType::give, 33 + size.bytes() / 2, PeerKind::legacy, size),
              FrameVerdict::bad_length);
    EXPECT_EQ(judge(FrameType::trim, 32 + size.bytes(), PeerKind::extended, size),
              FrameVerdict::known);
  }
}

TEST(JudgeFrame, only_the_base_protocol_comes_from_peers_without_the_extension) {
  for (const PeerKind from : {PeerKind::unidentified, PeerKind::legacy}) {
    EXPECT_EQ(judge(FrameType::ask, 33, from), FrameVerdict::known);
    EXPECT_EQ(judge(FrameType::give, 33 + kP, from), FrameVerdict::known);
    EXPECT_EQ(judge(FrameType::peer, 36, from), FrameVerdict::known);
    for (unsigned type = 3; type <= 255; ++type) {
      EXPECT_EQ(judge_frame(static_cast<uint8_t>(type), 33, from, kOneMib),
                FrameVerdict::unknown_type)
          << type;
    }
  }
}

TEST(JudgeFrame, unknown_types_of_extended_peers_are_skipped_up_to_a_length) {
  for (const uint8_t type : kUnknownTypes) {
    for (const uint32_t length : {1u, 2u, 32'769u}) {
      EXPECT_EQ(judge_frame(type, length, PeerKind::extended, kOneMib), FrameVerdict::skip);
    }
    for (const uint32_t length : {0u, 32'770u, kHuge}) {
      EXPECT_EQ(judge_frame(type, length, PeerKind::extended, kOneMib), FrameVerdict::bad_length);
    }
  }
}

TEST(FrameTypeName, names_each_type_and_no_other) {
  EXPECT_EQ(frame_type_name(0), "ask");
  EXPECT_EQ(frame_type_name(1), "give");
  EXPECT_EQ(frame_type_name(2), "peer");
  EXPECT_EQ(frame_type_name(16), "want");
  EXPECT_EQ(frame_type_name(17), "have");
  EXPECT_EQ(frame_type_name(18), "lack");
  EXPECT_EQ(frame_type_name(19), "cancel");
  EXPECT_EQ(frame_type_name(20), "seek");
  EXPECT_EQ(frame_type_name(21), "found");
  EXPECT_EQ(frame_type_name(22), "trim");
  for (const uint8_t type : kUnknownTypes) EXPECT_EQ(frame_type_name(type), "unknown");
}

TEST(Hello, says_again_what_it_was_told) {
  const HelloTrailer hello{.version = 7,
                           .capabilities = 0xfffe,
                           .piece_size_log2 = 200,
                           .nonce = std::numeric_limits<uint64_t>::max()};
  EXPECT_EQ(HelloTrailer::parse(hello.encode()), hello);
}

TEST(Hello, is_not_recognised_with_any_bit_of_it_changed) {
  const auto trailer = HelloTrailer{.nonce = 0x0123456789abcdef}.encode();
  for (size_t i = 0; i < trailer.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto changed = trailer;
      changed[i] ^= std::byte{1} << bit;
      EXPECT_EQ(HelloTrailer::parse(changed), std::nullopt) << i << " " << bit;
    }
  }
}

TEST(Hello, has_exactly_17_bytes) {
  const auto trailer = HelloTrailer{}.encode();
  std::vector<std::byte> bytes(trailer.begin(), trailer.end());
  EXPECT_TRUE(HelloTrailer::parse(bytes));
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(HelloTrailer::parse(bytes));
  bytes.resize(16);
  EXPECT_FALSE(HelloTrailer::parse(bytes));
  EXPECT_FALSE(HelloTrailer::parse({}));
}

}  // namespace
}  // namespace p2p
