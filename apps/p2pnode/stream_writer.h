// Writes a content to a descriptor in order while it is being fetched, on a thread of its own: each
// piece as soon as it and all before it are held. It is read from the store, which checks its hash,
// so nothing else is ever written. A reader that does not read holds this thread up, nobody else.
//
// Thread rule: one thread, but for the callbacks, which run on the writer's.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "io_linux/fd.h"
#include "io_linux/store/store.h"

namespace p2p::app {

struct StreamEnd {
  enum class Status {
    written,       // all of it
    reader_ended,  // the descriptor takes no more
    store_failed,
    invalid,  // the id names no content
    stopped,  // by stop()
  };
  Status status = Status::stopped;
  int error_number = 0;  // of the descriptor, when the reader has ended
  std::string error;     // a sentence, of the store and the content
};

class StreamWriter {
 public:
  struct Calls {
    // First of all. A sentence: why there can be no beginning.
    std::function<std::optional<std::string>()> begin;
    // The content was written up to here.
    std::function<void(uint64_t position)> on_written;
    // It can't go on without this piece, and has looked for it after so many calls of
    // pieces_came().
    std::function<void(const Digest& digest, uint64_t calls)> on_missing;
    // Once, unless stop() was called: it has ended.
    std::function<void()> on_end;
  };

  // The store outlives it; the descriptor is open for as long. Requires that SIGPIPE is ignored.
  StreamWriter(io_linux::Store& store, const Digest& id, PieceSize piece_size, int fd, Calls calls);
  ~StreamWriter();
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  // More is held than before.
  void pieces_came();
  uint64_t calls() const { return calls_made_; }
  // Ends it soon, wherever it is, and waits for that.
  StreamEnd stop();

 private:
  class Waiting;

  void work();
  void write_content();
  int out() const { return reopened_ ? reopened_.get() : fd_; }
  bool write(std::span<const std::byte> bytes);
  bool wait_for_reader();

  io_linux::Store& store_;
  const Digest id_;
  const PieceSize piece_size_;
  const int fd_;
  const Calls calls_;
  io_linux::Fd reopened_;  // of a pipe: the same, but not waiting
  const size_t at_once_;   // bytes that a write may have
  io_linux::Fd stop_;      // readable once it is to end
  uint64_t written_ = 0;   // bytes of the content
  StreamEnd end_;

  std::atomic<uint64_t> calls_made_{0};
  std::mutex mutex_;
  std::condition_variable came_;
  bool stopping_ = false;

  std::thread thread_;  // the last member: it uses the others
};

// Whether nobody will ever read what is written to this pipe or socket.
bool reader_is_gone(int fd);

}  // namespace p2p::app
