// Which entries of a book wait until when before they may be dialled, and which are due: of these,
// those that were never spoken with (hearsay) and those that were (tried) are drawn from apart.
//
// Entries are positions, small numbers that are used again. Putting in, taking out and drawing cost
// next to nothing for what is due, and O(log n) for what waits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/base/time.h"

namespace p2p {

class DialQueue {
 public:
  enum class Kind : uint8_t { hearsay, tried };

  // Requires that it isn't there.
  void put(uint32_t position, Kind kind, Time when, Time now);
  // Nothing where it isn't there.
  void take(uint32_t position);

  // Up to `count` of those that are due and that `skip` is false for, drawn at random; the kind is
  // drawn first, with equal chances while there are both, but hearsay that has_turn() is false for
  // gives way to a tried one. Of a kind, one of `crowd(position)` that belong together is drawn so
  // many times as seldom as one that stands alone, in so far as kDrawsMax draws show it. They stay.
  // `now` never goes back; crowd(position) > 0.
  template <class Skip, class Crowd, class HasTurn>
  std::vector<uint32_t> draw(Time now, Random& random, size_t count, Skip skip, Crowd crowd,
                             HasTurn has_turn) {
    advance(now);
    std::vector<uint32_t> drawn;
    std::array<size_t, 2> left{due_[kHearsay].size(), due_[kTried].size()};
    while (drawn.size() < count && left[kHearsay] + left[kTried] > 0) {
      const bool both = left[kHearsay] > 0 && left[kTried] > 0;
      size_t kind = both ? static_cast<size_t>(random.below(2)) : (left[0] > 0 ? 0 : 1);
      size_t index = draw_one(kind, left[kind], random, crowd);
      if (both && kind == kHearsay && !has_turn(due_[kind][index])) {
        kind = kTried;
        index = draw_one(kind, left[kind], random, crowd);
      }
      const size_t last = --left[kind];
      swap_due(kind, index, last);
      if (!skip(due_[kind][last])) drawn.push_back(due_[kind][last]);
    }
    return drawn;
  }

  // The earliest time at which draw() would find one that `skip` is false for; where one is due, a
  // time that has passed; Time::never() if there is none.
  template <class Skip>
  Time next(Skip skip) const {
    for (const std::vector<uint32_t>& pool : due_) {
      for (const uint32_t position : pool) {
        if (!skip(position)) return now_;
      }
    }
    for (const auto& [when, position] : waiting_) {
      if (!skip(position)) return when;
    }
    return Time::never();
  }

 private:
  struct Place {
    bool is_in = false;
    bool is_due = false;
    Kind kind = Kind::hearsay;
    uint32_t index = 0;  // in its pool, when due
    Time when;
  };

  static constexpr int kDrawsMax = 32;
  static constexpr size_t kHearsay = static_cast<size_t>(Kind::hearsay);
  static constexpr size_t kTried = static_cast<size_t>(Kind::tried);

  template <class Crowd>
  size_t draw_one(size_t kind, size_t among, Random& random, Crowd crowd) const {
    size_t index = 0;
    for (int i = 0; i < kDrawsMax; ++i) {
      index = static_cast<size_t>(random.below(among));
      const size_t of = crowd(due_[kind][index]);
      if (of == 1 || random.below(of) == 0) break;
    }
    return index;
  }

  void advance(Time now);
  void make_due(uint32_t position);
  void swap_due(size_t kind, size_t a, size_t b);

  Time now_ = Time::from_ns(INT64_MIN);  // the latest that was told
  std::vector<Place> places_;            // by position
  std::array<std::vector<uint32_t>, 2> due_;
  std::set<std::pair<Time, uint32_t>> waiting_;
};

}  // namespace p2p
