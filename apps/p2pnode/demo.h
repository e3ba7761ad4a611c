// The original program's demonstration: pieces numbered 0 to POOL - 1, each of zeros but for its
// number, 32 bits little-endian, in its first four bytes. A node holds some and wants others, and
// what it says on standard output shows them travel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/p2pnode/node.h"
#include "apps/p2pnode/options.h"
#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/base/random.h"
#include "io_linux/store/memory_store.h"

namespace p2p::app {

struct DemoPiece {
  Digest digest;
  Slice bytes;  // the rest of the piece is zeros
};
DemoPiece demo_piece(uint32_t number, PieceSize piece_size);

// Which of the pool a node holds and wants: no number twice, so that it wants no more than it
// lacks.
struct DemoChoice {
  std::vector<uint32_t> have;
  std::vector<uint32_t> want;
};
// Requires have <= pool.
DemoChoice choose_demo(const DemoShape& shape, Random& random);

struct DemoCounts {
  uint64_t held = 0;
  uint64_t wanted = 0;  // and not held yet
  uint64_t peers = 0;

  friend bool operator==(const DemoCounts&, const DemoCounts&) = default;
};
// "demo: 62 of 80 pieces, 18 wanted, 3 peers": of those that this node has or wants.
std::string demo_line(const DemoCounts& counts);

// The demonstration in a node: puts pieces into its store, wants the others, and prints a line
// whenever a count has changed, at most ten a second; the last one is always right.
class Demo {
 public:
  // Both outlive it. Construct it before the node starts, and start it after.
  Demo(const DemoShape& shape, PieceSize piece_size, io_linux::MemoryStore& store);
  void begin(Node& node);
  // For Node::on_notice.
  void take(Node& node, const Notice& notice);

 private:
  void print_if_changed(Node& node);

  DemoCounts counts_;
  DemoCounts printed_;
  std::vector<Digest> wanted_;
  bool timer_set_ = false;
};

}  // namespace p2p::app
