// p2pnode share: adds files and serves them in the foreground.
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/importing.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/node.h"
#include "apps/p2pnode/own_address.h"
#include "apps/p2pnode/receiver_line.h"
#include "apps/p2pnode/recording.h"
#include "io_linux/fd.h"
#include "io_linux/store/import.h"
#include "io_linux/store/node_store.h"
#include "io_linux/store/source_pieces.h"

namespace p2p::app {
namespace {

// Imports files one after the other on a thread of its own, so that the node lives meanwhile.
class Importer {
 public:
  struct Result {
    std::string file;
    io_linux::Imported imported;
  };

  Importer(std::vector<std::string> files, io_linux::PieceStore& store, bool in_place)
      : in_place_(in_place), ready_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::thread([this, files = std::move(files), &store] { work(files, store); });
  }
  ~Importer() {
    cancelled_ = true;
    thread_.join();
  }
  Importer(const Importer&) = delete;
  Importer& operator=(const Importer&) = delete;

  // Readable while results wait.
  int fd() const { return ready_.get(); }
  std::vector<Result> take() {
    eventfd_t count = 0;
    static_cast<void>(eventfd_read(ready_.get(), &count));
    const std::lock_guard lock(mutex_);
    return std::exchange(results_, {});
  }

 private:
  void work(const std::vector<std::string>& files, io_linux::PieceStore& store) {
    for (const std::string& file : files) {
      io_linux::ImportOptions options;
      options.cancel = &cancelled_;
      options.in_place = in_place_;
      auto imported = io_linux::import_content(file, store.piece_size(), &store, options);
      {
        const std::lock_guard lock(mutex_);
        results_.push_back({file, std::move(imported)});
      }
      static_cast<void>(eventfd_write(ready_.get(), 1));
    }
  }

  const bool in_place_;
  io_linux::Fd ready_;
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::vector<Result> results_;
  std::thread thread_;  // the last member: it uses the others
};

class Sharing {
 public:
  Sharing(const ShareOptions& options, Talk& talk, LocalStore& local,
          io_linux::SourcePieces& sources, Node& node)
      : options_(options),
        talk_(talk),
        store_(*local.pieces),
        catalogue_(*local.catalogue),
        sources_(sources),
        node_(node),
        announced_(both(store_.held(), sources.held())) {}

  void begin() {
    node_.start(announced_);
    reachable_ = receiver_endpoints();
    importer_.emplace(options_.files, store_, !options_.copy);
    node_.world().add_watch(importer_->fd(), [this] {
      for (const auto& result : importer_->take()) take(result);
    });
  }
  void end() {
    node_.world().remove_watch(importer_->fd());
    importer_.reset();
  }
  // Of the whole command, once the node has shut down.
  ExitCode code() const {
    if (code_ != ExitCode::done) return code_;
    return finished_ == options_.files.size() ? ExitCode::done : ExitCode::interrupted;
  }

 private:
  void take(const Importer::Result& result) {
    ++finished_;
    auto failure = import_failure(result.imported);
    if (!failure) {
      failure = remember_added(catalogue_, store_,
                               record_of(result.imported, result.file, store_.piece_size()));
    }
    if (failure) {
      code_ = say_failure(talk_, *failure);
    } else {
      ++shared_;
      if (!result.imported.in_place.empty()) {
        sources_.add(result.file, result.imported.source, result.imported.in_place);
      }
      announce_pieces();
      node_.post(ServeContent{result.imported.id});
      static_cast<void>(print_line(added_line(result.imported.id, result.file)));
      static_cast<void>(print_line(receiver_line(offer_of(result), options_.common.bootstrap)));
    }
    if (finished_ == options_.files.size() && shared_ == 0) node_.shut_down();
  }

  // The engine learns of what the store holds now and did not hold before.
  void announce_pieces() {
    std::vector<Digest> held = both(store_.held(), sources_.held());
    std::vector<Digest> fresh;
    std::set_difference(held.begin(), held.end(), announced_.begin(), announced_.end(),
                        std::back_inserter(fresh));
    for (const Digest& digest : fresh) node_.post(PieceAdded{digest});
    announced_ = std::move(held);
  }

  std::vector<Endpoint> receiver_endpoints() const {
    Endpoint listening = node_.listening();
    if (const auto& advertise = options_.common.advertise) {
      return {{advertise->address, advertise->port == 0 ? listening.port : advertise->port}};
    }
    return reachable_endpoints(listening, outgoing_addresses());
  }

  Ticket offer_of(const Importer::Result& result) const {
    Ticket ticket;
    ticket.id = result.imported.id;
    ticket.name = file_name_of(result.file);
    ticket.size = result.imported.length;
    ticket.piece_size = store_.piece_size();
    for (const Endpoint& endpoint : reachable_) {
      ticket.peers.push_back({endpoint.address.text(), endpoint.port});
    }
    return ticket;
  }

  const ShareOptions& options_;
  Talk& talk_;
  io_linux::PieceStore& store_;
  const io_linux::Catalogue& catalogue_;
  io_linux::SourcePieces& sources_;
  Node& node_;
  std::vector<Digest> announced_;  // ascending
  std::vector<Endpoint> reachable_;
  std::optional<Importer> importer_;
  size_t finished_ = 0;
  size_t shared_ = 0;
  ExitCode code_ = ExitCode::done;
};

}  // namespace

ExitCode share(const ShareOptions& options, Talk& talk) {
  Interruption interruption;
  auto store = open_local_store(options.common, talk);
  if (store.failure) return say_failure(talk, *store.failure);
  io_linux::SourcePieces sources(store.pieces->piece_size());
  open_sources(*store.catalogue, *store.pieces, sources, talk);
  io_linux::NodeStore all(*store.pieces, &sources);
  Node node(options.common, talk, interruption, all, &*store.book);
  node.let_look(data_dir_of(options.common));
  if (const auto failure = node.listen(true)) return say_failure(talk, *failure);
  Sharing sharing(options, talk, store, sources, node);
  watch_sources(node, sources, talk);
  sharing.begin();
  node.run();
  interruption.release();
  sharing.end();
  return sharing.code();
}

}  // namespace p2p::app
