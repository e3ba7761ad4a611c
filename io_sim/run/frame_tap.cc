#include "io_sim/run/frame_tap.h"

#include <algorithm>

#include "engine/base/bytes.h"

namespace p2p::sim {

namespace {

bool is_payload(uint8_t type) {
  return type == static_cast<uint8_t>(FrameType::give) ||
         type == static_cast<uint8_t>(FrameType::trim);
}

// How many bytes of a frame are looked at as a whole, as far as `seen` tells: its header, the
// header of a payload, or all of it.
size_t wanted_of(std::span<const std::byte> seen) {
  if (seen.size() < kFrameHeaderSize) return kFrameHeaderSize;
  const uint32_t length = load_u32le(seen);
  if (is_payload(std::to_integer<uint8_t>(seen[4])) && length >= 1 + Digest::kSize) {
    return kGiveHeaderSize;
  }
  if (length == 0 || length > kControlFrameLengthMax) return kFrameHeaderSize;
  return kFrameLengthSize + length;
}

}  // namespace

void FrameTap::hear(std::span<const std::byte> bytes, FrameListener& listener) {
  while (!bytes.empty()) {
    if (payload_left_ > 0) {
      const auto n = static_cast<size_t>(std::min<uint64_t>(payload_left_, bytes.size()));
      payload_left_ -= n;
      payload_bytes_ += n;
      bytes = bytes.subspan(n);
      if (payload_left_ == 0) listener.payload_ended(digest_);
    } else if (skip_left_ > 0) {
      const auto n = static_cast<size_t>(std::min<uint64_t>(skip_left_, bytes.size()));
      skip_left_ -= n;
      bytes = bytes.subspan(n);
    } else {
      bytes = bytes.subspan(hear_frame(bytes, listener));
    }
  }
}

// Takes from the front of `bytes` what belongs to the frame's looked-at part. Mostly it comes
// whole, and need not be kept.
size_t FrameTap::hear_frame(std::span<const std::byte> bytes, FrameListener& listener) {
  if (partial_.empty() && bytes.size() >= wanted_of(bytes)) {
    const size_t wanted = wanted_of(bytes);
    begin(bytes.first(wanted), listener);
    return wanted;
  }
  const size_t n = std::min(wanted_of(partial_) - partial_.size(), bytes.size());
  partial_.insert(partial_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
  // The header tells how much more there is.
  if (partial_.size() == wanted_of(partial_)) {
    begin(partial_, listener);
    partial_.clear();
  }
  return n;
}

// `seen` is the looked-at part of a frame, whole.
void FrameTap::begin(std::span<const std::byte> seen, FrameListener& listener) {
  const uint32_t length = load_u32le(seen);
  if (seen.size() == kGiveHeaderSize && is_payload(std::to_integer<uint8_t>(seen[4]))) {
    std::copy_n(seen.begin() + kFrameHeaderSize, Digest::kSize, digest_.bytes.begin());
    payload_left_ = length - 1 - Digest::kSize;
    listener.payload_begun(seen);
    if (payload_left_ == 0) listener.payload_ended(digest_);
    return;
  }
  const uint64_t whole = kFrameLengthSize + uint64_t{length};
  skip_left_ = whole > seen.size() ? whole - seen.size() : 0;
  listener.control(seen);
}

}  // namespace p2p::sim
