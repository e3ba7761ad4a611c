// The original program's demonstration (engine/content/demo.h) in a node: what it says on standard
// output shows the pieces travel.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/p2pnode/node.h"
#include "apps/p2pnode/options.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/content/demo.h"
#include "io_linux/store/memory_store.h"

namespace p2p::app {

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
