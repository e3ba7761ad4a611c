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
#include "engine/content/selection.h"
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
  // With chosen paths (engine/content/selection.h) only the listing and what they choose need be
  // there, and nothing else is looked at.
  static std::variant<TreeContent, Fault> read(int content, uint64_t length, PieceSize piece_size,
                                               std::span<const std::string> chosen = {});
  // How long the listing is that the content begins with: its header must be there.
  static std::variant<uint64_t, Fault> listing_length(int content, uint64_t length);
  // Only the listing must be there; links are not read.
  static std::variant<TreeContent, Fault> read_listing_alone(int content, uint64_t length,
                                                             PieceSize piece_size);

  const std::vector<ListingEntry>& entries() const { return entries_; }
  bool chosen(size_t index) const { return is_chosen(entries_[index].path, chosen_); }
  // Of entry `index`, where it begins in the content.
  uint64_t offset_of(size_t index) const { return layout_.offsets[index]; }
  const std::string& link_target(size_t index) const;
  uint64_t file_bytes() const;  // of the files that are chosen

 private:
  TreeContent(int content, uint64_t length) : content_(content), length_(length) {}

  std::optional<Fault> read_header(ListingHeader& header);
  std::optional<Fault> read_listing_bytes(PieceSize piece_size);
  std::optional<Fault> check_folders() const;
  std::optional<Fault> read_links();
  std::optional<Fault> check_gaps(PieceSize piece_size) const;
  std::optional<Fault> check_zeros(uint64_t begin, uint64_t end) const;
  std::optional<Fault> read_at(std::span<std::byte> out, uint64_t offset) const;

  int content_;
  uint64_t length_;
  std::vector<std::string> chosen_;
  std::vector<std::byte> listing_;
  std::vector<ListingEntry> entries_;  // paths in listing_
  DirectoryLayout layout_;
  std::vector<size_t> links_;         // indices of entries that are chosen, ascending
  std::vector<std::string> targets_;  // of links_
};

}  // namespace p2p::io_linux
