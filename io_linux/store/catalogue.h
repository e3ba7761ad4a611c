// Which contents a data folder is meant to hold, one file each: DATA_DIR/contents/<id>, a few lines
// of text. What is listed is pinned: gc drops no piece that it needs.
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
  uint64_t length = 0;  // of the content, bytes; of what has only begun 0
  int64_t since_s = 0;  // when it was added or got, seconds since 1970
  std::string name;     // any bytes
  // The file or directory whose bytes these are, an absolute path; empty: the store has the data
  // pieces. The nodes are always in the store.
  std::string source;

  friend bool operator==(const ContentRecord&, const ContentRecord&) = default;
};

// The text of a record, and back; otherwise what is wrong with it.
std::string record_text(const ContentRecord& record);
std::variant<ContentRecord, std::string> parse_record(std::string_view text);

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
  // ENOENT: there is no such record.
  std::optional<FileError> remove(const Digest& id) const;

 private:
  std::string path_of(const Digest& id) const { return folder_ + "/" + id.hex(); }

  std::string folder_;
};

}  // namespace p2p::io_linux
