#include "apps/p2pnode/get_record.h"

#include <unistd.h>

#include <utility>

#include "apps/p2pnode/importing.h"
#include "apps/p2pnode/recording.h"
#include "io_linux/store/import.h"

namespace p2p::app {

GetRecord::GetRecord(const io_linux::Catalogue& catalogue, io_linux::PieceStore& pieces,
                     const Digest& id, std::string path)
    : catalogue_(catalogue), pieces_(pieces), path_(std::move(path)) {
  record_.id = id;
  record_.piece_size = pieces.piece_size();
  record_.whole = false;
  record_.since_s = now_s();
  record_.name = file_name_of(path_);
  record_.source = absolute_path(path_);
}

std::optional<Failure> GetRecord::begin() {
  before_ = catalogue_.find(record_.id);
  // What is held elsewhere is listed with the place that it has.
  // What is cached is from now on pinned, with the new place.
  known_ = before_ && before_->whole && !before_->cached &&
           (before_->source.empty() || ::access(before_->source.c_str(), F_OK) == 0);
  return known_ ? std::nullopt : remember(catalogue_, record_);
}

std::optional<Failure> GetRecord::done(const SavedContent& saved,
                                       const io_linux::VerifyProgress& progress,
                                       const std::atomic<bool>& cancel) {
  if (known_ && io_linux::verify_content(pieces_, *before_, progress, cancel).whole()) {
    return std::nullopt;
  }
  record_.whole = true;
  record_.length = saved.length;
  record_.kind = saved.kind;
  record_.source = saved.in_root ? "" : absolute_path(path_);
  return remember(catalogue_, record_);
}

void GetRecord::give_up() {
  if (known_) return;
  // Another get of the same content may have written it since.
  const auto listed = catalogue_.find(record_.id);
  if (!listed || listed->whole || listed->source != record_.source) return;
  const bool begun_here = before_ && !before_->whole && before_->source == record_.source;
  if (before_ && !begun_here) {
    static_cast<void>(catalogue_.save(*before_));
  } else {
    static_cast<void>(catalogue_.remove(record_.id));
  }
}

std::optional<Failure> remember_existing(const io_linux::Catalogue& catalogue,
                                         io_linux::PieceStore& pieces, const Digest& id,
                                         const std::string& path) {
  const auto begun = catalogue.find(id);
  if (!begun || begun->whole) return std::nullopt;
  // The store may lack nodes of its tree.
  io_linux::ImportOptions options;
  options.in_place = true;
  const auto imported = io_linux::import_content(path, pieces.piece_size(), &pieces, options);
  if (imported.status != io_linux::Imported::Status::ok) return import_failure(imported);
  if (imported.id != id) return std::nullopt;  // it has changed just now
  auto failure = remember(catalogue, record_of(imported, path, pieces.piece_size()));
  if (!failure && begun->source == absolute_path(path)) ::unlink((path + ".part").c_str());
  return failure;
}

}  // namespace p2p::app
