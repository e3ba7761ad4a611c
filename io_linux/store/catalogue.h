// Which contents a data folder is meant to hold, one file each: DATA_DIR/contents/<id>, a few lines
// of text. gc drops no piece that a listed content needs. A content is pinned, until it is removed,
// or cached: it goes when the cache is full (content_cache.h), and DATA_DIR/contents/<id>.use says
// how it was used.
//
// A file is written as a whole under another name and then renamed, so a crash leaves the one
// before or the one after. Several processes may work on one catalogue at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "engine/content/tree.h"
#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

struct ContentRecord {
  Digest id;
  PieceSize piece_size;
  ContentKind kind = ContentKind::file;
  bool whole = true;    // false: a get has begun, and has not ended
  bool cached = false;  // else pinned
  uint64_t length = 0;  // of the content, bytes; of what has only begun and is pinned 0
  int64_t since_s = 0;  // when it was added or got, seconds since 1970
  std::string name;     // any bytes
  // The file or directory whose bytes these are, an absolute path; empty: the store has the data
  // pieces. The nodes are always in the store.
  std::string source;

  friend bool operator==(const ContentRecord&, const ContentRecord&) = default;
};

// What is remembered of the use of a cached content, for the order in which contents go
// (cache_order.h).
struct ContentUse {
  uint64_t holders = 0;  // other nodes that were said to hold it when it was got
  int64_t used_s = 0;    // when it was got or read last, seconds since 1970; 0: never

  friend bool operator==(const ContentUse&, const ContentUse&) = default;
};

// The text of a record, and back; otherwise what is wrong with it.
std::string record_text(const ContentRecord& record);
std::variant<ContentRecord, std::string> parse_record(std::string_view text);
// The same of a use; what can't be read is as if it was never used.
std::string use_text(const ContentUse& use);
ContentUse parse_use(std::string_view text);

class Catalogue {
 public:
  explicit Catalogue(const std::string& data_dir) : folder_(data_dir + "/contents") {}

  struct Listed {
    std::vector<ContentRecord> records;  // by time, then by id
    std::vector<FileError> errors;       // of what can't be read; it stays, and counts for nothing
  };
  Listed list() const;
  std::optional<ContentRecord> find(const Digest& id) const;
  // Durable when it returns. nullopt: done.
  std::optional<FileError> save(const ContentRecord& record) const;
  // And what is remembered of its use. ENOENT: there is no such record.
  std::optional<FileError> remove(const Digest& id) const;

  // Of a listed content; zeros where nothing is remembered.
  ContentUse use_of(const Digest& id) const;
  // As a whole, but a power cut may lose it. Of two who save at a time, the later wins.
  std::optional<FileError> save_use(const Digest& id, const ContentUse& use) const;

 private:
  std::string path_of(const Digest& id) const { return folder_ + "/" + id.hex(); }
  std::string use_path_of(const Digest& id) const { return path_of(id) + ".use"; }

  std::string folder_;
};

}  // namespace p2p::io_linux
