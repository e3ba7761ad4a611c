// Where pieces stand on disk: DATA_DIR/pieces/<log2 of P>/<first 2 hex digits>/<64 hex digits>,
// each file a piece without its trailing zeros. P is part of the path, so that nodes of several
// networks can share a DATA_DIR.
//
// Law: what stands there under such a name is whole, was verified, and was durable before it got
// the name. A crash at any moment leaves nothing else.
//
// Several processes may work on one DATA_DIR at a time: all they do here is to rename whole files
// in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/piece_size.h"

namespace p2p::io_linux {

class PieceLayout {
 public:
  PieceLayout(const std::string& data_dir, PieceSize piece_size);

  PieceSize piece_size() const { return piece_size_; }
  const std::string& folder() const { return folder_; }
  std::string piece_path(const Digest& digest) const;

  // Makes folder(). 0 or an errno, as all below.
  int make() const;
  // Gives a file its place. The caller has checked its bytes and made them durable.
  int move_in(const std::string& from, const Digest& digest) const;
  // Makes durable that these pieces have their names. `any_fd` is a descriptor on the filesystem.
  int sync_names(const std::vector<Digest>& moved, int any_fd) const;

  struct Scan {
    std::vector<Digest> pieces;  // ascending
    uint64_t ignored = 0;        // files that can't be pieces, by their names or by their sizes
    int error_number = 0;
  };
  Scan scan() const;

 private:
  std::string shelf(const Digest& digest) const;

  std::string folder_;
  PieceSize piece_size_;
};

// The digest that a file's name spells: 64 hex digits in lower case, nothing else.
std::optional<Digest> digest_of_name(std::string_view name);

}  // namespace p2p::io_linux
