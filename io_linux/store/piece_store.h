// The pieces of a node on disk, in DATA_DIR (piece_layout.h says where, incoming.h what happens to
// them before). Any number of processes may have one DATA_DIR open at a time.
//
// put() keeps a piece in the run's incoming folder, from where it is served at once; sync() makes
// durable what was put and moves it into pieces/. What a crash leaves in incoming/ is checked by
// its digest when a store is opened next.
//
// Thread rule: any thread may call any method. Blocks on the disk.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "io_linux/store/file_io.h"
#include "io_linux/store/incoming.h"
#include "io_linux/store/open_file_cache.h"
#include "io_linux/store/piece_layout.h"
#include "io_linux/store/store.h"

namespace p2p::io_linux {

// What was found when a store was opened.
struct OpenReport {
  uint64_t pieces = 0;     // held now
  uint64_t recovered = 0;  // whole pieces of any piece size that runs cut short had left
  uint64_t removed = 0;    // torn or bad files that they had left
  uint64_t ignored = 0;    // files in pieces/ that can't be pieces; they stay
  std::vector<FileError> errors;
};

class PieceStore final : public Store {
 public:
  struct OpenResult {
    std::unique_ptr<PieceStore> store;
    OpenReport report;
    FileError error;  // when there is no store
  };
  // Makes the folders (mode 0700) where they are missing.
  static OpenResult open(const std::string& data_dir, PieceSize piece_size);
  // Does not sync: what was put since the last sync() is recovered by the next open().
  ~PieceStore() override;

  StoreStatus put(const Digest& digest, std::span<const std::byte> bytes) override;
  // A piece store has no targets: not_held, when there is an extent.
  StoreStatus put_at(const Digest& digest, std::span<const std::byte> bytes,
                     const std::vector<Extent>& extents) override;
  StoreStatus place(const Digest& digest, const std::vector<Extent>& extents) override;
  // A piece read into memory is checked; a bad one (the disk has lost bits) is removed, and not
  // held from then on.
  Loaded load(const Digest& digest, bool in_memory) override;
  StoreStatus sync() override;

  // Removes a piece and returns the bytes that it took on disk. Nobody may be serving it.
  uint64_t drop(const Digest& digest);
  uint64_t size_on_disk(const Digest& digest) const;

  PieceSize piece_size() const { return layout_.piece_size(); }
  // Looks for pieces that others have put into the data folder: held() knows them from then on.
  StoreStatus look_for_others();
  // The digests of all pieces, ascending: for Started.
  std::vector<Digest> held() const;
  // Why the last no_space or io_error was returned; an empty sentence: none was.
  FileError last_error() const;

 private:
  // How far a piece that is held has come. A suspect one could not be made durable: the kernel has
  // dropped its pages as if they were clean, so it is written again before the next attempt.
  enum class Standing : uint8_t { durable, incoming, suspect };
  using OpenedPiece = OpenFileCache::Entry;

  PieceStore(PieceLayout layout, std::unique_ptr<IncomingFolder> incoming);

  std::optional<Standing> standing(const Digest& digest) const;
  struct OpenPieceResult {
    OpenedPiece piece;
    StoreStatus status = StoreStatus::ok;
  };
  OpenPieceResult open_piece(const Digest& digest);
  OpenPieceResult open_at(const std::string& path);
  StoreStatus open_failed(const std::string& path, int error_number);
  Loaded read_checked(const Digest& digest, const OpenedPiece& piece);
  void forget(const Digest& digest, bool remove);

  void write_suspects_again(const std::vector<Digest>& batch);
  // The pieces of `batch` that are durable now; the others are left for the next sync.
  std::vector<Digest> make_durable(std::vector<Digest> batch);
  std::vector<Digest> make_each_durable(const std::vector<Digest>& batch);
  std::vector<Digest> move_in(const std::vector<Digest>& durable);
  void leave_for_next_sync(const Digest& digest, Standing standing);

  // Remember the sentence for last_error(); the second also makes the sync under way return it.
  StoreStatus failed(std::string_view doing, const std::string& path, int error_number);
  void sync_failed(std::string_view doing, const std::string& path, int error_number);

  const PieceLayout layout_;
  const std::unique_ptr<IncomingFolder> incoming_;
  OpenFileCache open_files_;

  std::mutex sync_mutex_;  // one sync at a time; taken before mutex_
  StoreStatus sync_status_ = StoreStatus::ok;

  mutable std::mutex mutex_;  // all below; never held during a call of the system
  std::condition_variable written_;
  std::unordered_map<Digest, Standing, DigestHash> held_;
  std::unordered_set<Digest, DigestHash> being_written_;
  std::vector<Digest> unsynced_;  // what is not durable, in the order in which it came
  // What the sync under way will move into pieces/: no other bytes may take its place before that.
  std::unordered_set<Digest, DigestHash> being_synced_;
  FileError last_error_;
};

}  // namespace p2p::io_linux
