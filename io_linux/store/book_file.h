// The file in which a node keeps its address book between runs: DATA_DIR/peers.book, as
// engine/overlay/saved_book.h lays it out.
//
// Law: under that name stands a whole book, the old one or the new one. A book is written beside it
// (peers.book.new), made durable, and renamed into its place; a crash at any moment leaves one of
// the two. What is no book all the same (the disk, a hand) is set aside as peers.book.corrupt, in
// place of one that was set aside before.
//
// Several processes may have one DATA_DIR: the book of who saved last stands.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/base/time.h"
#include "engine/core/store_types.h"
#include "engine/overlay/saved_book.h"

namespace p2p::io_linux {

struct LoadedBook {
  SavedBook book;
  Duration
      age;  // how long ago it was saved, by the file's time and the clock; 0 where that is less
  // What is wrong, a sentence without capital and full stop; the book is empty then. None where
  // there is no file.
  std::string warning;
};

// Thread rule: one call at a time, on any thread that may wait for the disk.
class BookFile {
 public:
  // The folder must be there when it is used. Opens nothing.
  explicit BookFile(const std::string& data_dir);

  // Reads at most what a book can have. Never fails: what can't be used is said, set aside, and as
  // good as empty.
  LoadedBook load() const;
  // Returns when the bytes are durable in the place of those before, or why they are not. While
  // another process saves its own, that is as good: ok.
  StoreStatus save(std::span<const std::byte> bytes) const;

  const std::string& path() const { return path_; }

 private:
  LoadedBook unusable(const std::string& why) const;
  int replace(std::span<const std::byte> bytes) const;

  std::string folder_;
  std::string path_;
};

}  // namespace p2p::io_linux
