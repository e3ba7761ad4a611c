// The descriptors of pieces that were served last, so that what is asked for again and again is not
// opened each time. Bounded: the least recently used goes first; its descriptor is closed when
// nobody sends from it any more.
//
// Thread rule: any thread may call any method.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "engine/base/digest.h"
#include "io_linux/stored_file.h"

namespace p2p::io_linux {

class OpenFileCache {
 public:
  struct Entry {
    std::shared_ptr<const OpenFile> file;
    uint32_t length = 0;  // of the file, bytes
  };

  explicit OpenFileCache(size_t entries_max) : entries_max_(entries_max) {}

  std::optional<Entry> find(const Digest& digest);
  void insert(const Digest& digest, Entry entry);
  void erase(const Digest& digest);
  // When descriptors have run out. False: there was nothing to let go.
  bool clear();

 private:
  using Order = std::list<std::pair<Digest, Entry>>;  // the most recently used first

  const size_t entries_max_;
  std::mutex mutex_;
  Order order_;
  std::unordered_map<Digest, Order::iterator, DigestHash> places_;
};

}  // namespace p2p::io_linux
