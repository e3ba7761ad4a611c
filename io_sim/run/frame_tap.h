// Listens to the bytes that one end of a connection sends, and says what frames they are.
//
// It trusts what it reads: it is for engines, whose frames are judged elsewhere. A frame that could
// not be (a control frame longer than any) is passed on by its header, its body skipped.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/digest.h"
#include "engine/wire/frame.h"

namespace p2p::sim {

// What a FrameTap hears.
class FrameListener {
 public:
  virtual ~FrameListener() = default;
  // A whole control frame, header included.
  virtual void control(std::span<const std::byte> frame) = 0;
  // The 37 bytes before the payload of a give or trim; later its last byte.
  virtual void payload_begun(std::span<const std::byte> header) = 0;
  virtual void payload_ended(const Digest& digest) = 0;

 protected:
  FrameListener() = default;
};

class FrameTap {
 public:
  void hear(std::span<const std::byte> bytes, FrameListener& listener);
  // Payload bytes heard so far; all others are control.
  uint64_t payload_bytes() const { return payload_bytes_; }

 private:
  size_t hear_frame(std::span<const std::byte> bytes, FrameListener& listener);
  void begin(std::span<const std::byte> seen, FrameListener& listener);

  std::vector<std::byte> partial_;  // of a frame that was cut, its header first
  uint64_t payload_left_ = 0;
  uint64_t skip_left_ = 0;
  uint64_t payload_bytes_ = 0;
  Digest digest_;
};

}  // namespace p2p::sim
