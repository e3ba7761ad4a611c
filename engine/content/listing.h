// The listing that a directory's content begins with, and where the bytes of its entries stand
// behind it (docs/protocol.md, Directories). There is exactly one content for a directory, and what
// is read here is that one or refused.
//
// All lengths and offsets are bytes. Paths are bytes too: UTF-8 without a zero byte, parts joined
// by "/".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/piece_size.h"

namespace p2p {

// The numbers are those of the wire.
enum class EntryKind : uint8_t { file = 0, executable = 1, empty_directory = 2, link = 3 };

inline constexpr size_t kListingHeaderSize = 24;
inline constexpr size_t kEntryHeaderSize = 11;
inline constexpr size_t kEntryPathMax = 65'535;
// What a link may lead to: the longest that Linux keeps (PATH_MAX with its zero byte is 4,096).
inline constexpr uint64_t kLinkTargetMax = 4'095;
// A listing is held in memory, with 32 bytes for each entry: these bound what an id can cost. Four
// million files with paths of 53 bytes each come to 256 MiB.
inline constexpr uint64_t kListingBytesMax = uint64_t{256} << 20;
inline constexpr uint64_t kListingEntriesMax = uint64_t{1} << 22;

struct ListingEntry {
  EntryKind kind = EntryKind::file;
  uint64_t length = 0;    // of the file, or of what the link leads to; of a directory 0
  std::string_view path;  // in the memory that was read

  friend bool operator==(const ListingEntry&, const ListingEntry&) = default;
};

// The rule that a listing breaks, in the order in which they are checked: the header's, then entry
// by entry.
enum class ListingFault {
  bad_magic,
  unknown_format,
  reserved_bytes_used,
  too_large,  // more than kListingBytesMax or kListingEntriesMax: no rule, but what we can do
  wrong_listing_length,
  unknown_kind,
  wrong_entry_length,  // of a directory not 0, of a link not 1 to kLinkTargetMax, of any over 2^60
  bad_path,            // an empty one, an empty part, ".", "..", or with "/" at an end
  not_utf8,            // or with a zero byte
  not_ascending,
  file_as_parent,  // "a" and "a/b"
  content_too_long,
  wrong_content_length,  // the entries ask for another one
};

struct ListingError {
  ListingFault fault = ListingFault::bad_magic;
  std::string path;  // of the entry, cut to a length that can be shown; of the header ""

  // One sentence without capital and full stop. The path in it is as it came: whoever prints it
  // makes it safe.
  std::string text() const;
};

// What the first kListingHeaderSize bytes say.
struct ListingHeader {
  uint64_t entries = 0;
  uint64_t bytes = 0;  // of the listing with its header
};
// `content_length`: of the whole content, which the listing is a part of.
std::variant<ListingHeader, ListingError> read_listing_header(
    std::span<const std::byte> content_start, uint64_t content_length);

// Reads a whole listing, header and all. The entries' paths point into `listing`.
std::variant<std::vector<ListingEntry>, ListingError> read_listing(
    std::span<const std::byte> listing, uint64_t content_length);

// The rule that a path breaks by itself: bad_path or not_utf8.
std::optional<ListingFault> fault_of_path(std::string_view path);

// Requires entries that read_listing would take, in their order.
std::vector<std::byte> encode_listing(std::span<const ListingEntry> entries);

// Where the bytes of each entry begin in the content.
struct DirectoryLayout {
  std::vector<uint64_t> offsets;  // by entry; of an empty directory without meaning
  uint64_t listing_bytes = 0;
  uint64_t small_end = 0;  // where the bytes of the last entry shorter than P end
  uint64_t length = 0;     // of the content
};
// nullopt: together they are longer than a content may be. Takes any lengths up to 2^60.
std::optional<DirectoryLayout> lay_out(std::span<const ListingEntry> entries, PieceSize piece_size);

// Whether the content that these entries ask for has this length, as it must.
std::variant<DirectoryLayout, ListingError> check_layout(std::span<const ListingEntry> entries,
                                                         PieceSize piece_size,
                                                         uint64_t content_length);

}  // namespace p2p
