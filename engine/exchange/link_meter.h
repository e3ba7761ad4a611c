// How busy a link is, one way, out or in: how fast the latest of the pieces' bytes moved, against
// the fastest that ever did.
//
// It looks at so many bytes, not at so much time: what a transport takes at once before it makes
// anybody wait is then a small part of them, on a slow link as on a fast one.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace p2p {

class LinkMeter {
 public:
  // `piece_bytes`: of a whole piece.
  explicit LinkMeter(size_t piece_bytes)
      : step_bytes_(std::max(kSpanLeast, kSpanPieces * piece_bytes) / kSteps) {}

  void moved(Time now, size_t bytes);

  // More could move: it did, not long ago; or it is time to see whether it could.
  bool idles(Time now) const { return now >= idle_from(); }
  // When idles() says yes if nothing more moves until then.
  Time idle_from() const;
  // How long to wait for what one more transfer does.
  Duration step() const;
  // What so many bytes take at the most that ever moved; zero: unknown.
  Duration least_time(size_t bytes) const;

 private:
  static constexpr size_t kSteps = 5;
  static constexpr size_t kSpanLeast = size_t{3} << 20;
  static constexpr size_t kSpanPieces = 3;
  static constexpr uint64_t kBusyPercent = 90;
  // One more is tried after so many steps, twice as many each time that it makes no difference.
  static constexpr unsigned kTryAfterLeast = 2 * kSteps;
  static constexpr unsigned kTryAfterMost = 32 * kSteps;

  struct Step {
    Time began;
    uint64_t bytes = 0;
  };

  void turn(Time now);
  void note_rate(Time now, uint64_t rate);
  void try_one_more();
  const Step& oldest() const;
  uint64_t latest_bytes() const;

  size_t step_bytes_;
  std::array<Step, kSteps> steps_{};  // the latest that have ended, a ring
  size_t ended_ = 0;                  // of them, since the last long pause
  Step running_;
  Time last_moved_;
  uint64_t most_ = 0;  // bytes a second
  Time most_faded_at_;
  bool trying_ = false;
  unsigned steps_since_try_ = 0;
  unsigned try_after_ = kTryAfterLeast;
  uint64_t most_before_try_ = 0;
};

}  // namespace p2p
