// Who waits to be given a piece, and in which order: those who take pieces soon give them on soon,
// so the turn of a peer that takes ten times as long as another comes a hundredth as often. Nobody
// waits for ever for that: who waits longest is known too.
//
// Of a newcomer it is not known how long it takes. As long as none is on trial, that is being given
// a piece, every other piece is for those, if there are any: whoever has nothing has nothing to
// give on. While one is, one of three, or half of the first hundred would be for whoever is slow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace p2p {

// A place in the queue, and what is remembered of the one before. A peer has one.
struct UploadPlace {
  using Turn = std::pair<Duration, uint64_t>;  // the number is never used twice

  bool waits = false;
  bool newcomer = false;
  bool on_trial = false;
  Turn turn;         // the latest
  uint64_t age = 0;  // a number that whoever came before has a smaller one of
  Time since;
  unsigned passed_over = 0;  // how often another was served before it, since it was last served
};

class UploadQueue {
 public:
  using Line = std::map<UploadPlace::Turn, ConnId>;

  bool empty() const { return by_age_.empty(); }
  // `takes`: how long the peer takes a piece; zero: unknown. Requires that it does not wait.
  void join(ConnId id, UploadPlace& place, Duration takes, Time now);
  void leave(UploadPlace& place);
  // It leaves as it is served. A newcomer is on trial from then on.
  void serve(UploadPlace& place);
  // It has taken a piece, or will not.
  void end_trial(UploadPlace& place);
  // It was looked at, and another was served. A newcomer goes to the end of its line: others are
  // looked at next, who may have a better reason to be served.
  void pass_over(UploadPlace& place);

  // Those of whom the next one is to be chosen, in order. Not empty if the queue isn't.
  const Line& line() const;
  ConnId first() const { return line().begin()->second; }
  // Who has waited longest.
  ConnId oldest() const { return by_age_.begin()->second; }

 private:
  Line known_;
  Line newcomers_;
  std::map<uint64_t, ConnId> by_age_;  // both
  Duration turn_at_;                   // of the known one whose turn it was last
  uint64_t last_number_ = 0;
  unsigned known_in_a_row_ = 0;
  size_t on_trial_ = 0;
};

}  // namespace p2p
