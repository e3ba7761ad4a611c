// The file that a content is fetched into: PATH.part beside PATH until the content is whole.
//
// Pieces land at their places in it, and it serves them from there: nothing is stored twice. It is
// locked (flock) while it is open, so that two processes never write one file. What an earlier run
// left in it counts only after recover() has checked it.
//
// Up to finish() the file is this program's own and its pieces are sent from it with sendfile.
// After that, or after check_what_is_sent(), it is the user's: what is served is read, checked, and
// that same memory is sent. What was handed out before is sent from the file yet.
//
// Thread rule: put_at, holds, load and sync may be called from several threads at once; finish
// while others call holds, load and sync; the others while nobody calls any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/content/tree.h"
#include "io_linux/store/file_io.h"
#include "io_linux/store/store.h"
#include "io_linux/stored_file.h"

namespace p2p::io_linux {

class Target {
 public:
  struct OpenResult {
    std::shared_ptr<Target> target;
    bool existed = false;  // PATH.part was there: recover() may find pieces in it
    FileError error;       // when there is no target
  };
  static OpenResult open(const std::string& path, PieceSize piece_size);
  // The PATH.part that somebody else has opened so, and handed over: whoever opened it gives it its
  // name. Somebody may write to it, so what is sent is checked first. Refuses what is no regular
  // file, or not open for reading and writing at any place.
  static OpenResult adopt(const std::string& path, PieceSize piece_size, Fd fd);
  // Of one that was handed over, the lock ends, although another process may have the file open
  // yet, unless that is to go on with it.
  ~Target();
  void leave_locked() { unlocks_ = false; }
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  const std::string& path() const { return path_; }
  const std::string& part_path() const { return part_path_; }
  PieceSize piece_size() const { return piece_size_; }

  // Makes the file `length` bytes long at least, with room on the disk for all of them where the
  // filesystem can promise that: no_space comes now rather than in the middle.
  StoreStatus reserve(uint64_t length);
  // From now on reserve() promises no room: for a part of a content.
  void keep_sparse() { sparse_ = true; }
  // From now on pieces are sent as those of a file that somebody may write to. Before finish(), so
  // that nothing is handed out unchecked when the file gets its name.
  void check_what_is_sent() { checked_ = true; }
  // Writes a piece whose digest has been checked. Requires an offset that is a multiple of P, and
  // bytes.size() <= P, length <= P. Bytes of the extent beyond `bytes` are zeros; bytes of the
  // piece beyond the extent are not written.
  StoreStatus put_at(const Digest& digest, std::span<const std::byte> bytes, uint64_t offset,
                     uint32_t length);
  // Whether the extent is known to hold that piece.
  bool holds(const Digest& digest, uint64_t offset, uint32_t length) const;
  std::vector<Digest> held() const;  // ascending, each once
  // As Store::load.
  Loaded load(const Digest& digest, bool in_memory);
  StoreStatus sync();

  // The content of a root that carries its bytes itself.
  StoreStatus write_inline(std::span<const std::byte> content);

  struct Recovered {
    std::vector<Digest> pieces;  // data pieces found in their places, ascending, each once
    uint64_t bytes = 0;          // of the content that are in their places
    StoreStatus status = StoreStatus::ok;  // no_space: reserve() failed
    bool cancelled = false;
  };
  using Progress = std::function<void(uint64_t bytes_checked, uint64_t bytes_total)>;
  // Looks for the pieces of a content where an earlier run would have put them. The nodes of the
  // tree come from `nodes`; what lies under a node that is not held is not looked for. `progress`
  // is called on this thread; `cancel`, if there is one, ends the search. Hashes on two threads.
  Recovered recover(const Digest& root, Store& nodes, const Progress& progress = {},
                    const std::atomic<bool>* cancel = nullptr);

  // The content is whole: gives the file its length, durably. Needs no name. nullopt: done.
  std::optional<FileError> seal(uint64_t length);
  // Says that the content is whole: gives the file its length, its mode (by the umask) and its
  // name, durably. A file that stands at PATH with other bytes is replaced only if `overwrite`.
  // nullopt: done. After an error PATH.part is still there.
  std::optional<FileError> finish(uint64_t length, bool overwrite);
  bool finished() const { return finished_; }

  // The file while it is unfinished, for whoever lays its content out elsewhere; the target's own.
  int fd() const { return file_->fd(); }
  // Says so when the disk has failed to write some of it: nobody may call it whole then.
  std::optional<FileError> check_written() const;

  // Why the last no_space or io_error was returned; an empty sentence: none was.
  FileError last_error() const;

 private:
  struct Location {
    uint64_t offset = 0;
    uint32_t length = 0;
  };
  struct Known {
    Digest digest;
    uint32_t length = 0;
  };
  class Recovery;

  Target(std::string path, PieceSize piece_size, Fd fd);
  static OpenResult of_file(const std::string& path, PieceSize piece_size, Fd fd);
  // With syncing_ locked.
  std::optional<FileError> seal_locked(uint64_t length);

  void know(const Digest& digest, Location location);
  void forget_extent(uint64_t offset);
  std::optional<Location> find(const Digest& digest) const;
  Loaded read_checked(const Digest& digest, Location location);
  std::optional<FileError> take_name(bool overwrite);
  StoreStatus failed(std::string_view doing, int error_number);

  const std::string path_;
  const std::string part_path_;
  const PieceSize piece_size_;
  const std::shared_ptr<const OpenFile> file_;
  const unsigned final_mode_;
  std::atomic<bool> dirty_{false};
  // A sync has failed: the kernel may have dropped what it could not write, and a later sync would
  // not say so. Such a file is never called whole.
  std::atomic<bool> doubtful_{false};
  std::atomic<bool> finished_{false};
  std::atomic<bool> checked_{false};
  bool sparse_ = false;
  bool unlocks_ = false;  // in the end, whoever has it open
  std::mutex syncing_;    // so that no error of a sync goes to one that does not look at it

  mutable std::mutex mutex_;
  std::unordered_map<Digest, Location, DigestHash> locations_;  // one of those of each piece
  std::unordered_map<uint64_t, Known> extents_;                 // by offset
  FileError last_error_;
};

}  // namespace p2p::io_linux
