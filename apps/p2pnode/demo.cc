#include "apps/p2pnode/demo.h"

#include <unistd.h>

#include <memory>
#include <utility>
#include <variant>

#include "apps/common/counts.h"
#include "apps/common/output.h"
#include "io_linux/entropy.h"

namespace p2p::app {
namespace {

constexpr FetchId kDemoFetch{1};
constexpr Duration kPrintEvery = Duration::milliseconds(100);

}  // namespace

std::string demo_line(const DemoCounts& counts) {
  return "demo: " + std::to_string(counts.held) + " of " +
         std::to_string(counts.held + counts.wanted) + " pieces, " + std::to_string(counts.wanted) +
         " wanted, " + counted(counts.peers, "peer", "peers");
}

Demo::Demo(const DemoShape& shape, PieceSize piece_size, io_linux::MemoryStore& store) {
  Random random{Seed{io_linux::random_u64()}};
  const DemoChoice choice = choose_demo(shape, random);
  for (const uint32_t number : choice.have) {
    const DemoPiece piece = demo_piece(number, piece_size);
    store.put(piece.digest, piece.bytes.bytes());
  }
  for (const uint32_t number : choice.want) {
    wanted_.push_back(demo_piece(number, piece_size).digest);
  }
  counts_ = {choice.have.size(), choice.want.size(), 0};
}

void Demo::begin(Node& node) {
  node.post(FetchPieces{kDemoFetch, std::move(wanted_)});
  static_cast<void>(print_line(demo_line(counts_)));
  printed_ = counts_;
}

void Demo::take(Node& node, const Notice& notice) {
  if (const auto* piece = std::get_if<PieceObtained>(&notice)) {
    if (piece->fetch != kDemoFetch || counts_.wanted == 0) return;
    ++counts_.held;
    --counts_.wanted;
  }
  counts_.peers = node.peers();
  if (counts_ == printed_ || timer_set_) return;
  timer_set_ = true;
  const auto id = std::make_shared<io_linux::EpollWorld::TimerId>();
  *id = node.world().add_timer(kPrintEvery, [this, &node, id] {
    if (!output_ready(STDOUT_FILENO)) return;
    print_if_changed(node);
    timer_set_ = false;
    node.world().remove_timer(*id);
  });
}

void Demo::print_if_changed(Node& node) {
  counts_.peers = node.peers();
  if (counts_ == printed_) return;
  static_cast<void>(print_line(demo_line(counts_)));
  printed_ = counts_;
}

}  // namespace p2p::app
