// A ceiling on the pieces' bytes that go one way, over all connections together.
//
// A token bucket: so many bytes a second become free, and a connection that has some to move waits
// in a queue until it is given leave to move a few. First come, first served; who moves them all
// and has more goes to the end. What control frames take is not counted, they never wait here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace p2p {

// What one connection may move just now.
struct Leave {
  size_t bytes = 0;
  bool waits = false;        // it is in the queue
  bool was_refused = false;  // since whoever reads this last took note
};

class RateLimit {
 public:
  // `rate`: bytes a second; 0: no ceiling.
  RateLimit(uint64_t rate, Time start);

  bool is_set() const { return rate_ > 0; }
  // Whether some may be moved now; if not, the connection is in the queue after this.
  bool may_move(ConnId conn, Leave& leave);
  // They have been moved. More than it had leave for is made up for by all.
  void moved(Leave& leave, size_t bytes);
  // It has nothing to move at present.
  void give_back(Leave& leave);

  // Takes the first of the queue if there is leave for it now; it may be gone by then.
  std::optional<ConnId> next(Time now);
  // For the one that next() took.
  void grant(Leave& leave);
  // When next() has another.
  Time next_due() const;

 private:
  void refill(Time now);

  uint64_t rate_;
  int64_t quantum_;     // bytes of one leave
  int64_t most_;        // that are kept for those who come later
  int64_t tokens_ = 0;  // bytes that are free; below zero: moved without leave
  Time filled_at_;
  std::deque<ConnId> queue_;
};

}  // namespace p2p
