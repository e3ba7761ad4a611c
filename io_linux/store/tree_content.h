// A directory's content, read from a file that begins with it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/piece_size.h"
#include "engine/content/listing.h"
#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

// What links lead to is held in memory; a directory with more of it is beyond us.
inline constexpr uint64_t kLinkTargetsMax = uint64_t{64} << 20;  // bytes, of all links

class TreeContent {
 public:
  struct Fault {
    bool corrupt = true;  // else more than this program can hold, or the disk: see error_number
    FileError error;
  };
  // Reads the listing and checks all of it, the links' targets and the zeros between the files.
  // `content` stays the caller's, and open.
  static std::variant<TreeContent, Fault> read(int content, uint64_t length, PieceSize piece_size);

  const std::vector<ListingEntry>& entries() const { return entries_; }
  // Of entry `index`, where it begins in the content.
  uint64_t offset_of(size_t index) const { return layout_.offsets[index]; }
  const std::string& link_target(size_t index) const;
  uint64_t file_bytes() const;

 private:
  TreeContent(int content, uint64_t length) : content_(content), length_(length) {}

  std::optional<Fault> read_listing_bytes(PieceSize piece_size);
  std::optional<Fault> check_folders() const;
  std::optional<Fault> read_links();
  std::optional<Fault> check_gaps(PieceSize piece_size) const;
  std::optional<Fault> check_zeros(uint64_t begin, uint64_t end) const;
  std::optional<Fault> read_at(std::span<std::byte> out, uint64_t offset) const;

  int content_;
  uint64_t length_;
  std::vector<std::byte> listing_;
  std::vector<ListingEntry> entries_;  // paths in listing_
  DirectoryLayout layout_;
  std::vector<size_t> links_;         // indices of entries, ascending
  std::vector<std::string> targets_;  // of links_
};

}  // namespace p2p::io_linux
