// All hearsay of a book in the order in which it was heard, and that of each informant in the same
// order. Entries are positions, small numbers that are used again. Everything takes constant time,
// but for finding the informant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/endpoint.h"

namespace p2p {

class HearsayQueue {
 public:
  bool empty() const { return all_.size == 0; }
  // Requires !empty().
  uint32_t oldest() const { return all_.front; }
  // How much is of this informant.
  size_t size_of(const Address& source) const;
  // Requires size_of(source) > 0.
  uint32_t oldest_of(const Address& source) const;

  // As the latest. Requires that it isn't there.
  void add(uint32_t position, const Address& source);
  // Requires that it is there.
  void remove(uint32_t position);

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Links {
    uint32_t before = kNone;
    uint32_t after = kNone;
  };
  struct List {
    uint32_t front = kNone;
    uint32_t back = kNone;
    size_t size = 0;
  };
  struct Node {
    Links among_all;
    Links among_source;
    uint32_t source = kNone;  // in sources_
  };
  struct Source {
    Address address;
    List list;
  };

  void append(List& list, Links Node::*links, uint32_t position);
  void unlink(List& list, Links Node::*links, uint32_t position);
  uint32_t find_or_add_source(const Address& address);

  std::vector<Node> nodes_;  // by position
  List all_;
  std::vector<Source> sources_;
  std::vector<uint32_t> free_sources_;
  std::map<Address, uint32_t> source_of_;  // those with hearsay; in sources_
};

}  // namespace p2p
