#include "tests/fuzz/wire/frame_decoder_check.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "tests/unit/wire/frame_stream.h"

namespace p2p {

namespace {

using ByteSpan = std::span<const std::byte>;

constexpr PieceSize kPieceSize = *PieceSize::from_bytes(1024);

FrameStream::Options options_from(std::byte b) {
  constexpr PeerKind kKinds[] = {PeerKind::unidentified, PeerKind::legacy, PeerKind::extended,
                                 PeerKind::extended};
  const auto bits = std::to_integer<unsigned>(b);
  return {.from = kKinds[bits & 3],
          .extended_by_hello = (bits & 4) != 0,
          .discard_payloads = (bits & 8) != 0};
}

// Mostly short cuts, some long ones, so that both ends of a frame and its middle are cut.
size_t cut_length(Random& random) {
  const uint64_t longest = random.below(4) == 0 ? 2000 : 8;
  return static_cast<size_t>(1 + random.below(longest));
}

void feed_in_cuts(FrameStream& stream, ByteSpan bytes, Random random) {
  size_t fed = 0;
  while (fed < bytes.size()) {
    const auto cut = bytes.subspan(fed, std::min(cut_length(random), bytes.size() - fed));
    fed += cut.size();
    if (random.below(2) == 0) {
      stream.through_next(cut);
    } else {
      stream.through_window(cut);
    }
    P2P_CHECK(stream.decoder().heap_bytes() <= 2 * fed);
    P2P_CHECK(stream.decoder().heap_bytes() <= 2 * kControlFrameLengthMax);
  }
}

// How many bytes of `stream` the frame took; checks them where the frame keeps them.
size_t check_origin(const ReceivedFrame& frame, ByteSpan stream) {
  if (const auto bytes = bytes_of(frame, kPieceSize)) {
    P2P_CHECK(bytes->size() <= stream.size());
    P2P_CHECK(std::equal(bytes->begin(), bytes->end(), stream.begin()));
    return bytes->size();
  }
  if (const auto* skipped = std::get_if<SkippedFrame>(&frame.item)) {
    return kFrameLengthSize + skipped->length;
  }
  const auto* dropped = std::get_if<PayloadEnd>(&frame.item);
  return dropped == nullptr ? 0 : kGiveHeaderSize + dropped->length;
}

void check_frames(const std::vector<ReceivedFrame>& frames, ByteSpan stream, bool mid_frame) {
  size_t position = 0;
  bool faulty = false;
  for (const ReceivedFrame& frame : frames) {
    P2P_CHECK(!faulty);
    faulty = std::holds_alternative<FrameFault>(frame.item);
    position += check_origin(frame, stream.subspan(position));
    P2P_CHECK(position <= stream.size());
  }
  P2P_CHECK(mid_frame == (!faulty && position < stream.size()));
}

}  // namespace

void check_frame_decoder(ByteSpan input) {
  if (input.size() < 2) return;
  const auto options = options_from(input[0]);
  const Random cuts(Seed{std::to_integer<uint64_t>(input[1])});
  const auto bytes = input.subspan(2);

  FrameStream whole(kPieceSize, options);
  whole.through_next(bytes);
  check_frames(whole.frames(), bytes, whole.decoder().mid_frame());

  FrameStream cut(kPieceSize, options);
  feed_in_cuts(cut, bytes, cuts);
  P2P_CHECK(cut.frames() == whole.frames());
  P2P_CHECK(cut.decoder().mid_frame() == whole.decoder().mid_frame());
  P2P_CHECK(cut.decoder().in_payload() == whole.decoder().in_payload());
}

}  // namespace p2p
