// Pieces that are served from where their bytes stand in somebody's files, without a copy.
//
// The files are not ours, so nothing is vouched for: what is asked for is read, checked, and that
// very memory is sent. It is checked by its digest; if it had that digest once already, and the
// file was settled then, by the file's times. A piece whose bytes have changed is not held any
// more, and said once a content.
//
// Thread rule: any thread may call any method. Blocks on the disk.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "io_linux/fd.h"
#include "io_linux/store/content_pieces.h"
#include "io_linux/store/content_source.h"
#include "io_linux/store/store.h"

namespace p2p::io_linux {

class SourcePieces {
 public:
  explicit SourcePieces(PieceSize piece_size);

  // `name`: what sentences call it. The pieces are those of the source, as far as anybody knows.
  // Takes the place of what was added for this content before. `proven`: this source gave all of
  // them, settled, with these digests; else that is seen when they are asked for.
  void add(const Digest& id, const std::string& name, std::shared_ptr<const ContentSource> source,
           const std::vector<ContentPieces::Data>& pieces, bool proven);
  // Returns the pieces that it had, ascending; other contents may have some of them too.
  std::vector<Digest> remove(const Digest& id);

  // Always in memory. not_held: there is no such piece, or not any more. io_error: it can't be read
  // now.
  Loaded load(const Digest& digest);
  std::vector<Digest> held() const;  // ascending, each once

  // Readable while there are sentences about contents that have changed.
  int fd() const { return news_.get(); }
  std::vector<std::string> take_news();

 private:
  struct Content {
    Digest id;
    std::string name;
    std::shared_ptr<const ContentSource> source;
    bool changed = false;
  };
  struct Location {
    uint64_t content = 0;  // its number
    uint64_t offset = 0;
    uint32_t length = 0;
    bool proven = false;  // had the digest, when it was settled
  };

  using Locations = std::unordered_multimap<Digest, Location, DigestHash>;

  std::vector<Digest> remove_locked(const Digest& id);
  bool find(const Digest& digest, Location& location,
            std::shared_ptr<const ContentSource>& source) const;
  bool has_digest(const Block& block, const Location& location, const Digest& digest) const;
  Locations::iterator locate(const Digest& digest, const Location& location);
  void prove(const Digest& digest, const Location& location);
  void forget(const Digest& digest, const Location& location);

  const PieceSize piece_size_;
  const Fd news_;

  mutable std::mutex mutex_;  // all below; never held during a call of the system that may wait
  std::map<uint64_t, Content> contents_;  // by number
  uint64_t last_content_ = 0;
  Locations locations_;
  std::vector<std::string> sentences_;
};

}  // namespace p2p::io_linux
