// What is asked for while a content is read in order: ranges, one behind the other, as far ahead of
// the reader as the window goes. At first one range, so that its pieces come before all others; for
// each that has come two more, until the window is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "engine/base/ids.h"
#include "engine/base/piece_size.h"
#include "engine/core/event.h"
#include "engine/core/notice.h"

namespace p2p::app {

class StreamWindow {
 public:
  // A range has at least so many bytes, in whole pieces.
  static constexpr uint64_t kRange = uint64_t{4} << 20;
  // Bytes between the reader and the end of what is asked for; more than a node keeps under way at
  // a time (Limits::receive_budget_bytes), so that the link stays busy.
  static constexpr uint64_t kAhead = uint64_t{64} << 20;

  // Fetches are numbered from `first` on.
  StreamWindow(PieceSize piece_size, FetchId first);

  struct Ask {
    FetchId fetch;
    ByteRange range;
  };
  // The next fetch that is to begin; nullopt: none for now.
  std::optional<Ask> next();
  // A fetch for the piece at this offset once more: it was lost after it had come. nullopt: it is
  // on its way.
  std::optional<Ask> again(uint64_t offset);

  // The length of the content becomes known with the first fetch.
  void learn_length(uint64_t length) { length_ = length; }
  // The reader has taken what is before `position`, which never goes back.
  void read_to(uint64_t position) { read_ = position; }
  // Of its fetches; others are left alone.
  void on(const FetchProgress& progress);
  void on(const ContentComplete& complete);

  bool is_its_own(FetchId fetch) const { return open_.contains(fetch); }
  // Nothing is asked for: the reader has to go on first, or all has come.
  bool idle() const { return open_.empty(); }
  // All that was asked for is here, as far as the engine knows; bytes.
  uint64_t done() const;
  bool whole() const { return length_ && open_.empty() && asked_ >= *length_; }

 private:
  struct Open {
    ByteRange range;
    uint64_t done = 0;    // bytes
    bool counted = true;  // false: it was counted when it came the first time
  };

  const uint64_t piece_;
  const uint64_t range_;
  FetchId next_fetch_;
  std::optional<uint64_t> length_;
  uint64_t read_ = 0;
  uint64_t asked_ = 0;  // the end of the last range
  uint64_t done_ = 0;   // bytes of the ranges that have come
  size_t open_max_ = 1;
  std::map<FetchId, Open> open_;
};

}  // namespace p2p::app
