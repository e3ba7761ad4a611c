// What is heard on a stream does not depend on where it is cut.
#include "io_sim/run/frame_tap.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"

namespace p2p::sim {
namespace {

using Bytes = std::vector<std::byte>;

// What a tap said: a control frame, the header of a payload, or its end with its digest.
struct Heard {
  enum class What { control, begun, ended };
  What what = What::control;
  Bytes bytes;
  friend bool operator==(const Heard&, const Heard&) = default;
};

class Ear final : public FrameListener {
 public:
  void control(std::span<const std::byte> frame) override { add(Heard::What::control, frame); }
  void payload_begun(std::span<const std::byte> header) override {
    add(Heard::What::begun, header);
  }
  void payload_ended(const Digest& digest) override { add(Heard::What::ended, digest.bytes); }
  const std::vector<Heard>& heard() const { return heard_; }

 private:
  void add(Heard::What what, std::span<const std::byte> bytes) {
    heard_.push_back({what, Bytes(bytes.begin(), bytes.end())});
  }
  std::vector<Heard> heard_;
};

struct Frame {
  uint8_t type = 0;
  size_t length = 1;  // type and body
};

struct Stream {
  Bytes bytes;
  std::vector<Heard> expected;
  uint64_t payload_bytes = 0;

  void add(const Frame& frame, uint8_t filling) {
    Bytes whole(kFrameLengthSize + frame.length, static_cast<std::byte>(filling));
    store_u32le(whole, static_cast<uint32_t>(frame.length));
    whole[4] = static_cast<std::byte>(frame.type);
    const bool is_payload = frame.type == 1 || frame.type == 22;
    if (is_payload && frame.length >= 33) {
      const Bytes digest(32, static_cast<std::byte>(filling));
      expected.push_back({Heard::What::begun, Bytes(whole.begin(), whole.begin() + 37)});
      expected.push_back({Heard::What::ended, digest});
      payload_bytes += frame.length - 33;
    } else if (frame.length > kControlFrameLengthMax) {
      expected.push_back({Heard::What::control, Bytes(whole.begin(), whole.begin() + 5)});
    } else {
      expected.push_back({Heard::What::control, whole});
    }
    bytes.insert(bytes.end(), whole.begin(), whole.end());
  }
};

Stream any_stream() {
  const auto lengths = rc::gen::weightedOneOf<size_t>({
      {8, rc::gen::inRange<size_t>(1, 80)},
      {4, rc::gen::element<size_t>(1, 2, 32, 33, 34, 37)},
      {1, rc::gen::inRange<size_t>(kControlFrameLengthMax - 1, kControlFrameLengthMax + 3)},
  });
  const auto types = rc::gen::element<uint8_t>(0, 1, 1, 2, 16, 17, 18, 22, 99);
  const auto frames =
      *rc::gen::container<std::vector<std::pair<uint8_t, size_t>>>(rc::gen::pair(types, lengths));
  Stream stream;
  uint8_t filling = 0;
  for (const auto& [type, length] : frames) stream.add({type, length}, ++filling);
  return stream;
}

RC_GTEST_PROP(FrameTapProperty, hears_the_same_frames_however_the_stream_is_cut, ()) {
  const Stream stream = any_stream();
  // Often within headers.
  const auto cuts = rc::gen::weightedOneOf<size_t>(
      {{3, rc::gen::inRange<size_t>(1, 8)}, {2, rc::gen::inRange<size_t>(1, 2000)}});
  FrameTap tap;
  Ear ear;
  std::span<const std::byte> left = stream.bytes;
  while (!left.empty()) {
    const size_t n = left.size() > 20'000 ? 9'999 : std::min(*cuts, left.size());
    tap.hear(left.first(n), ear);
    left = left.subspan(n);
  }
  RC_ASSERT(ear.heard() == stream.expected);
  RC_ASSERT(tap.payload_bytes() == stream.payload_bytes);
}

RC_GTEST_PROP(FrameTapProperty, hears_a_whole_stream_at_once, ()) {
  const Stream stream = any_stream();
  FrameTap tap;
  Ear ear;
  tap.hear(stream.bytes, ear);
  RC_ASSERT(ear.heard() == stream.expected);
  RC_ASSERT(tap.payload_bytes() == stream.payload_bytes);
}

TEST(FrameTap, HearsAStreamByteByByte) {
  Stream stream;
  stream.add({1, 33 + 100}, 1);  // give with a payload
  stream.add({1, 33}, 2);        // and with none
  stream.add({16, 65}, 3);
  stream.add({22, 34}, 4);
  stream.add({0, 1}, 5);
  stream.add({99, kControlFrameLengthMax + 1}, 6);
  stream.add({2, 20}, 7);
  FrameTap tap;
  Ear ear;
  for (const std::byte& byte : stream.bytes) tap.hear({&byte, 1}, ear);
  EXPECT_EQ(ear.heard(), stream.expected);
  EXPECT_EQ(tap.payload_bytes(), 101U);
}

TEST(FrameTap, APayloadThatWasCutShortDoesNotEnd) {
  Stream stream;
  stream.add({1, 33 + 100}, 1);
  stream.bytes.pop_back();
  FrameTap tap;
  Ear ear;
  tap.hear(stream.bytes, ear);
  ASSERT_EQ(ear.heard().size(), 1U);
  EXPECT_EQ(ear.heard().front().what, Heard::What::begun);
  EXPECT_EQ(tap.payload_bytes(), 99U);
}

}  // namespace
}  // namespace p2p::sim
