// Functions that run in processes of their own: what one of them does to its memory, or a failed
// assertion that ends it, harms neither the program nor the others. A child hands back one text.
//
// Thread rule: one thread, and no other thread in the program: a child is a fork.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "io_linux/fd.h"

namespace p2p::sim::program {

// Thrown by a child's function: not a fault in it, but a reason why it can't be done, such as a
// file that can't be written. Sentence without capital and full stop.
struct Refusal {
  std::string sentence;
};

enum class Ending {
  returned,  // `text` is what the function returned
  refused,   // `text` is the sentence
  died,      // `text` is why, as a clause: an assertion, a sanitizer's summary, a signal
  too_long,  // it was ended when its time was up; `text` says so
};

struct Ended {
  uint64_t key = 0;
  Ending ending = Ending::returned;
  std::string text;
  Duration took;  // real time
};

class Children {
 public:
  using Work = std::function<std::string()>;

  // `limit`: the real time that each may take. wait() returns early when `wake_fd` is readable.
  Children(unsigned at_once, Duration limit, int wake_fd);
  // Ends those that still run.
  ~Children();
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  bool has_room() const { return running_.size() < at_once_; }
  bool idle() const { return running_.empty(); }

  // Requires room. Throws std::system_error when the system gives no process.
  void start(uint64_t key, const Work& work);
  // One that has ended; nullopt when `patience` has passed, or `wake_fd` is readable, before that.
  std::optional<Ended> wait(Duration patience);
  // Ends those that run with this key or a larger one; nothing is said of them.
  void end_from(uint64_t key);

 private:
  struct Channel {
    io_linux::Fd fd;
    std::string text;
    size_t keep_max = SIZE_MAX;  // of its end
  };
  struct Child {
    uint64_t key = 0;
    pid_t pid = -1;
    Channel out;  // what the function returned
    Channel err;  // what it, and whatever ended it, said
    Time started;
    bool ended_by_us = false;
  };

  // Of standard error: what explains an end stands last.
  static constexpr size_t kSaidMax = size_t{256} << 10;

  void poll_for(Duration patience);
  std::optional<Ended> reap_one();
  Ended reap(Child& child) const;

  unsigned at_once_;
  Duration limit_;
  int wake_fd_;
  std::vector<Child> running_;  // in the order in which they were started
};

// Why a child died, from what it wrote on standard error and from its wait status. The same for the
// same cause wherever the program was built: paths are told from the root of the sources.
std::string cause_of_death(const std::string& said, int wait_status);

}  // namespace p2p::sim::program
