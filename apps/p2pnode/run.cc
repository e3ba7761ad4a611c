// p2pnode run: a node that serves what its store holds, or the demonstration.
#include <memory>
#include <optional>
#include <utility>

#include "apps/common/interruption.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/demo.h"
#include "apps/p2pnode/errand_desk.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/recording.h"
#include "io_linux/store/memory_store.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/source_pieces.h"

namespace p2p::app {
namespace {

ExitCode run_demo(const RunOptions& options, Talk& talk) {
  Interruption interruption;
  io_linux::MemoryStore store;
  Node node(options.common, talk, interruption, store, nullptr);
  Demo demo(*options.demo, node.piece_size(), store);
  node.on_notice([&](const Notice& notice) { demo.take(node, notice); });
  if (const auto failure = node.listen(true)) return say_failure(talk, *failure);
  node.start(store.held());
  demo.begin(node);
  node.run();
  return ExitCode::done;
}

}  // namespace

ExitCode run(const RunOptions& options, Talk& talk) {
  if (options.demo) return run_demo(options, talk);
  Interruption interruption;
  auto store = open_local_store(options.common, talk);
  if (store.failure) return say_failure(talk, *store.failure);
  io_linux::SourcePieces sources(store.pieces->piece_size());
  open_sources(*store.catalogue, *store.pieces, sources, talk);
  io_linux::NodeStore all(*store.pieces, &sources);
  Node node(options.common, talk, interruption, all, &*store.book);
  node.let_look(data_dir_of(options.common));
  if (const auto failure = node.listen(true)) return say_failure(talk, *failure);
  ErrandDesk desk(node, store, sources, all, options.common, true);
  watch_sources(node, sources, talk);
  node.start(desk.held());
  node.run();
  return ExitCode::done;
}

}  // namespace p2p::app
