// What add, share and get write into the catalogue of the data folder, and what run and share serve
// because of it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/node.h"
#include "engine/base/digest.h"
#include "engine/content/tree.h"
#include "io_linux/store/catalogue.h"
#include "io_linux/store/content_source.h"
#include "io_linux/store/import.h"
#include "io_linux/store/piece_store.h"
#include "io_linux/store/source_pieces.h"

namespace p2p::app {

// Of what was imported from `path`.
io_linux::ContentRecord record_of(const io_linux::Imported& imported, const std::string& path,
                                  PieceSize piece_size);

// Seconds since 1970.
int64_t now_s();
// The same file by a name that means it wherever the program runs. It need not be there yet.
std::string absolute_path(const std::string& path);

// nullopt: it is in the catalogue.
std::optional<Failure> remember(const io_linux::Catalogue& catalogue,
                                const io_linux::ContentRecord& record);

// Lists what was added. A copy of it that the store has is still listed as one, so that gc keeps
// it.
std::optional<Failure> remember_added(const io_linux::Catalogue& catalogue,
                                      io_linux::PieceStore& pieces, io_linux::ContentRecord record);

// As io_linux::open_source, but fails if what stands there is not of this kind and length any more:
// nothing of a content is at its place in it then.
io_linux::OpenedSource open_unchanged(const std::string& path, PieceSize piece_size,
                                      ContentKind kind, uint64_t length,
                                      const std::atomic<bool>* cancel = nullptr,
                                      int descriptor = -1);

// Opens what the catalogue lists as served in place, with the store's piece size. What has visibly
// changed is said and left out.
void open_source_of(const io_linux::ContentRecord& record, io_linux::PieceStore& pieces,
                    io_linux::SourcePieces& sources, Talk& talk);
void open_sources(const io_linux::Catalogue& catalogue, io_linux::PieceStore& pieces,
                  io_linux::SourcePieces& sources, Talk& talk);

// While the node runs: says what has changed. Requires that the sources outlive the node.
void watch_sources(Node& node, io_linux::SourcePieces& sources, Talk& talk);

// All of both, ascending, each once.
std::vector<Digest> both(std::vector<Digest> held, const std::vector<Digest>& more);

}  // namespace p2p::app
