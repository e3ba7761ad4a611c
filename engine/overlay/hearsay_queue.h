// All hearsay of a book in the order in which it was heard, and that of each informant in the same
// order. Entries are positions, small numbers that are used again. Everything takes constant time
// where not said otherwise, but for finding the informant.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/overlay/group_counts.h"

namespace p2p {

class HearsayQueue {
 public:
  // `key` as for tag_of.
  explicit HearsayQueue(uint64_t key) : key_(key) {}

  bool empty() const { return all_.size == 0; }
  // How much is of this informant.
  size_t size_of(const Address& source) const;
  // Requires size_of(source) > 0.
  uint32_t oldest_of(const Address& source) const;
  // Of the network whose informants said most, the informant who said most: the oldest of what it
  // said. So whoever floods a book pushes out nothing but what the same network said. Requires
  // !empty(). Linear in the informants.
  uint32_t oldest_of_the_loudest() const;
  // The oldest for which `is_it`; requires that there is one. Linear.
  template <class IsIt>
  uint32_t oldest_that(IsIt is_it) const {
    uint32_t at = all_.front;
    while (!is_it(at)) at = nodes_[at].among_all.after;
    return at;
  }

  // As the latest. Requires that it isn't there, and the same network for the same source always.
  void add(uint32_t position, const Address& source, const Address& network);
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
    uint32_t network = 0;  // tag_of
    List list;
  };

  void append(List& list, Links Node::*links, uint32_t position);
  void unlink(List& list, Links Node::*links, uint32_t position);
  uint32_t find_or_add_source(const Address& address, const Address& network);

  uint64_t key_;
  std::vector<Node> nodes_;  // by position
  List all_;
  std::vector<Source> sources_;
  std::vector<uint32_t> free_sources_;
  std::map<Address, uint32_t> source_of_;  // those with hearsay; in sources_
  GroupCounts by_network_;                 // how much its informants said
};

}  // namespace p2p
