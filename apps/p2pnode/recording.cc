#include "apps/p2pnode/recording.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>

#include "apps/p2pnode/importing.h"
#include "io_linux/store/content_pieces.h"

namespace p2p::app {

int64_t now_s() { return std::time(nullptr); }

std::string absolute_path(const std::string& path) {
  std::error_code unknown;
  const auto absolute = std::filesystem::absolute(path, unknown);
  const auto whole = std::filesystem::weakly_canonical(absolute, unknown);
  return unknown ? absolute.string() : whole.string();
}

namespace {

// Whether the store has every piece of a content that is listed as copied.
bool has_copy(const io_linux::Catalogue& catalogue, io_linux::PieceStore& pieces,
              const Digest& id) {
  const auto known = catalogue.find(id);
  if (!known || !known->whole || !known->source.empty()) return false;
  const auto parts = io_linux::content_pieces(pieces, id, pieces.piece_size());
  const auto held = pieces.held();
  return parts.missing.empty() && parts.invalid.empty() &&
         std::all_of(parts.data.begin(), parts.data.end(), [&](const auto& data) {
           return std::binary_search(held.begin(), held.end(), data.digest);
         });
}

}  // namespace

io_linux::ContentRecord record_of(const io_linux::Imported& imported, const std::string& path,
                                  PieceSize piece_size) {
  io_linux::ContentRecord record;
  record.id = imported.id;
  record.piece_size = piece_size;
  record.kind = imported.kind;
  record.length = imported.length;
  record.since_s = now_s();
  record.name = file_name_of(path);
  // What its root carries is in the store with it.
  if (!imported.in_place.empty()) record.source = absolute_path(path);
  return record;
}

std::optional<Failure> remember(const io_linux::Catalogue& catalogue,
                                const io_linux::ContentRecord& record) {
  const auto error = catalogue.save(record);
  if (!error) return std::nullopt;
  return Failure{ExitCode::disk, error->text};
}

std::optional<Failure> remember_added(const io_linux::Catalogue& catalogue,
                                      io_linux::PieceStore& pieces,
                                      io_linux::ContentRecord record) {
  if (!record.source.empty() && has_copy(catalogue, pieces, record.id)) record.source.clear();
  return remember(catalogue, record);
}

io_linux::OpenedSource open_unchanged(const std::string& path, PieceSize piece_size,
                                      ContentKind kind, uint64_t length,
                                      const std::atomic<bool>* cancel, int descriptor) {
  auto opened = io_linux::open_source(path, piece_size, cancel, descriptor);
  if (opened.source == nullptr) return opened;
  if (opened.source->kind() == kind && opened.source->length() == length) return opened;
  opened.source.reset();
  opened.error = {0, path + " has changed since it was added; add it again for a new id"};
  return opened;
}

void open_source_of(const io_linux::ContentRecord& record, io_linux::PieceStore& pieces,
                    io_linux::SourcePieces& sources, Talk& talk) {
  if (record.source.empty() || !record.whole || record.piece_size != pieces.piece_size()) return;
  auto opened = open_unchanged(record.source, record.piece_size, record.kind, record.length);
  if (opened.source == nullptr) {
    talk.say(Importance::warning, "not served any more: " + opened.error.text);
  } else {
    const auto parts = io_linux::content_pieces(pieces, record.id, record.piece_size);
    sources.add(record.id, record.source, std::move(opened.source), parts.data, false);
  }
}

void open_sources(const io_linux::Catalogue& catalogue, io_linux::PieceStore& pieces,
                  io_linux::SourcePieces& sources, Talk& talk) {
  const auto listed = catalogue.list();
  for (const auto& error : listed.errors) talk.say(Importance::warning, error.text);
  for (const auto& record : listed.records) open_source_of(record, pieces, sources, talk);
}

void watch_sources(Node& node, io_linux::SourcePieces& sources, Talk& talk) {
  node.world().add_watch(sources.fd(), [&sources, &talk] {
    for (const std::string& sentence : sources.take_news()) {
      talk.say(Importance::warning, sentence);
    }
  });
}

std::vector<Digest> both(std::vector<Digest> held, const std::vector<Digest>& more) {
  held.insert(held.end(), more.begin(), more.end());
  std::sort(held.begin(), held.end());
  held.erase(std::unique(held.begin(), held.end()), held.end());
  return held;
}

}  // namespace p2p::app
