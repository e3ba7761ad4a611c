// Points for misconduct, which fade: they are halved every five minutes since the first of them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/base/time.h"

namespace p2p {

class Points {
 public:
  static constexpr Duration kHalvedEvery = Duration::minutes(5);
  static constexpr uint32_t kMax = 1'000'000;  // more than any rule asks for

  // `now` never goes back.
  void add(uint32_t points, Time now) {
    fade(now);
    if (value_ == 0) since_ = now;
    value_ = std::min(kMax, value_ + std::min(points, kMax));
  }
  uint32_t at(Time now) const {
    if (value_ == 0) return 0;
    const int64_t halvings = halvings_until(now);
    return halvings >= 32 ? 0 : value_ >> halvings;
  }

 private:
  int64_t halvings_until(Time now) const {
    return (now - since_).count_ns() / kHalvedEvery.count_ns();
  }
  void fade(Time now) {
    if (value_ == 0) return;
    const int64_t halvings = halvings_until(now);
    value_ = at(now);
    since_ = since_ + kHalvedEvery * halvings;
  }

  uint32_t value_ = 0;  // as of `since_`
  Time since_;          // meaningful while there are points
};

}  // namespace p2p
