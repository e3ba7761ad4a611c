// The virtual clock and what is to happen: small tasks, ordered by time.
//
// The rule for ties: first what is due "soon", in the order in which it was asked for; then what
// was scheduled for this very time, in the order in which it was scheduled. A task is plain data:
// who it concerns and what, so that a queue of millions costs 32 bytes each and no allocation.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/time.h"

namespace p2p::sim {

enum class TaskKind : uint8_t {
  // Of the network; `who` is an end of a connection, unless said otherwise.
  syn,           // a dial knocks, for the nth time
  syn_arrived,   // at the listener's host
  syn_answered,  // the answer is back: connected
  syn_refused,   // the answer is back: nobody listens
  arrive,        // bytes reach the receiver's host
  deliver,       // bytes have passed the receiver's downlink
  fin,           // the end of the stream reaches the receiver
  reset,         // a reset reaches the receiver
  ready,         // there is something to read or room to write
  uplink,        // `who` is a node's host: the next bytes may leave it
  release,       // held bytes try again
  give_up,       // nothing was acknowledged for too long
  // Of a node.
  wake,       // its engine's deadline
  complete,   // an operation that its engine asked for is done
  raw_timer,  // of a RawPeer
  died,       // its process ended by itself
  // Of the simulation.
  deed,
  second,
};

struct Task {
  TaskKind kind = TaskKind::second;
  uint32_t who = 0;
  uint64_t what = 0;
};

class EventQueue {
 public:
  // True virtual time; it begins at zero.
  Time now() const { return now_; }

  // Requires that `when` is not past.
  void at(Time when, Task task);
  void after(Duration wait, Task task) { at(now_ + wait, task); }
  // At this time, before all that was scheduled for it.
  void soon(Task task) { soon_.push_back(task); }

  // The next task not after `limit`, the clock set to its time; nullopt: none, the clock set to
  // `limit`.
  std::optional<Task> pop(Time limit);
  size_t size() const { return heap_.size() + soon_.size() - soon_first_; }

 private:
  struct Due {
    Time when;
    uint64_t serial = 0;
    Task task;
    bool before(const Due& other) const {
      return when != other.when ? when < other.when : serial < other.serial;
    }
  };
  void sift_up(size_t i);
  void sift_down(size_t i);

  Time now_;
  uint64_t serial_ = 0;
  std::vector<Due> heap_;   // each element is before its four children
  std::vector<Task> soon_;  // from soon_first_ on
  size_t soon_first_ = 0;
};

}  // namespace p2p::sim
