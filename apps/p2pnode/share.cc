// p2pnode share: adds files and serves them: in the foreground, or by the node that runs already.
#include <variant>

#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/p2pnode/adding.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/errand_desk.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/recording.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/source_pieces.h"

namespace p2p::app {
namespace {

class Sharing {
 public:
  Sharing(const ShareOptions& options, Talk& talk, ErrandDesk& desk, Node& node)
      : options_(options), talk_(talk), desk_(desk), node_(node) {}

  void begin() {
    AddErrand errand;
    errand.copy = options_.copy;
    errand.json = options_.json;
    errand.share = true;
    for (const std::string& file : options_.files) {
      errand.path = absolute_path(file);
      desk_.add(errand, file, [this](const ErrandWord& word) { std::visit(*this, word); });
    }
  }

  void operator()(const PrintWord& word) { static_cast<void>(print_line(word.text)); }
  void operator()(const SayWord& word) { talk_.say(word.importance, word.sentence); }
  void operator()(const ProgressWord& word) {
    if (talk_.terminal()) talk_.set_status(word.line.substr(0, talk_.columns() - 1));
  }
  void operator()(const DeclineWord& word) { talk_.say(Importance::error, word.why); }
  void operator()(const EndWord& word) {
    ++finished_;
    if (word.code == ExitCode::done) {
      ++shared_;
    } else {
      code_ = word.code;
    }
    if (finished_ == options_.files.size() && shared_ == 0) node_.shut_down();
  }

  // Of the whole command, once the node has shut down.
  ExitCode code() const {
    if (code_ != ExitCode::done) return code_;
    return finished_ == options_.files.size() ? ExitCode::done : ExitCode::interrupted;
  }

 private:
  const ShareOptions& options_;
  Talk& talk_;
  ErrandDesk& desk_;
  Node& node_;
  size_t finished_ = 0;
  size_t shared_ = 0;
  ExitCode code_ = ExitCode::done;
};

ExitCode share_in_foreground(const ShareOptions& options, Talk& talk, Interruption& interruption) {
  auto store = open_local_store(options.common, talk);
  if (store.failure) return say_failure(talk, *store.failure);
  io_linux::SourcePieces sources(store.pieces->piece_size());
  open_sources(*store.catalogue, *store.pieces, sources, talk);
  io_linux::NodeStore all(*store.pieces, &sources);
  Node node(options.common, talk, interruption, all, &*store.book);
  node.let_look(data_dir_of(options.common));
  if (const auto failure = node.listen(!options.json)) return say_failure(talk, *failure);
  ErrandDesk desk(node, store, sources, all, options.common, false);
  Sharing sharing(options, talk, desk, node);
  watch_sources(node, sources, talk);
  node.start(desk.held());
  sharing.begin();
  node.run();
  interruption.release();
  return sharing.code();
}

}  // namespace

ExitCode share(const ShareOptions& options, Talk& talk) {
  Interruption interruption;
  // Who says how the node is to be wants one of their own.
  if (!options.common.names_network()) {
    const Adding adding{options.common, options.files, options.copy, options.json, true};
    const auto added = add_through_node(adding, talk, interruption);
    if (added) {
      if (*added == ExitCode::done) {
        talk.say(Importance::info,
                 "the node that runs on " + data_dir_of(options.common) + " serves it from now on");
      }
      return *added;
    }
  }
  return share_in_foreground(options, talk, interruption);
}

}  // namespace p2p::app
