#include "engine/content/listing.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/content/tree.h"
#include "engine/content/utf8.h"

namespace p2p {

namespace {

constexpr std::string_view kMagic = "P2PD";
constexpr uint8_t kFormat = 1;
constexpr size_t kFormatAt = 4;
constexpr size_t kReservedAt = 5;
constexpr size_t kEntriesAt = 8;
constexpr size_t kBytesAt = 16;

// Where the fields of an entry are.
constexpr size_t kEntryLengthAt = 1;
constexpr size_t kPathLengthAt = 9;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ListingError error_at(ListingFault fault, std::string_view path) {
  constexpr size_t kShown = 200;
  return {fault, std::string(path.substr(0, kShown)) + (path.size() > kShown ? "..." : "")};
}

bool is_bad_part(std::string_view part) { return part.empty() || part == "." || part == ".."; }

size_t common_prefix(std::string_view a, std::string_view b) {
  const auto [end, ignored] = std::mismatch(
      a.begin(), a.begin() + static_cast<ptrdiff_t>(std::min(a.size(), b.size())), b.begin());
  return static_cast<size_t>(end - a.begin());
}

// Finds paths that are entries and parents of others. What stands between "a" and "a/b" in byte
// order begins with "a" too, so of the paths before only those that are beginnings of the last one
// can still be parents.
class Parents {
 public:
  // Requires paths in ascending order. False: one that was added is its parent.
  bool add(std::string_view path) {
    const size_t common = common_prefix(last_, path);
    while (!open_.empty() && open_.back() > common) {
      is_open_[open_.back()] = false;
      open_.pop_back();
    }
    for (size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
      if (is_open_[slash]) return false;
    }
    is_open_[path.size()] = true;
    open_.push_back(path.size());
    last_ = path;
    return true;
  }

 private:
  std::string_view last_;
  std::vector<size_t> open_;  // lengths of the paths that last_ begins with, ascending
  std::vector<bool> is_open_ = std::vector<bool>(kEntryPathMax + 1);
};

std::optional<ListingFault> fault_of_entry(const ListingEntry& entry) {
  if (entry.length > kContentMax) return ListingFault::wrong_entry_length;
  const bool right_length = entry.kind == EntryKind::empty_directory ? entry.length == 0
                            : entry.kind == EntryKind::link
                                ? entry.length >= 1 && entry.length <= kLinkTargetMax
                                : true;
  if (!right_length) return ListingFault::wrong_entry_length;
  return fault_of_path(entry.path);
}

// Takes the next entry off `rest`; nullopt: it ends in the middle of one.
struct RawEntry {
  uint8_t kind = 0;
  ListingEntry entry;
};
std::optional<RawEntry> cut_entry(std::span<const std::byte>& rest) {
  if (rest.size() < kEntryHeaderSize) return std::nullopt;
  const size_t path_length = load_u16le(rest.subspan(kPathLengthAt));
  if (rest.size() - kEntryHeaderSize < path_length) return std::nullopt;
  RawEntry raw;
  raw.kind = std::to_integer<uint8_t>(rest[0]);
  raw.entry.length = load_u64le(rest.subspan(kEntryLengthAt));
  raw.entry.path = text_of(rest.subspan(kEntryHeaderSize, path_length));
  rest = rest.subspan(kEntryHeaderSize + path_length);
  return raw;
}

std::string_view fault_text(ListingFault fault) {
  switch (fault) {
    case ListingFault::bad_magic:
      return "does not begin with P2PD";
    case ListingFault::unknown_format:
      return "has a format other than 1";
    case ListingFault::reserved_bytes_used:
      return "has bytes other than zero in the reserved part of its header";
    case ListingFault::too_large:
      return "is larger than this program can hold";
    case ListingFault::wrong_listing_length:
      return "has another length than its header says";
    case ListingFault::unknown_kind:
      return "has an entry of a kind that does not exist";
    case ListingFault::wrong_entry_length:
      return "has an entry with a length that its kind can't have";
    case ListingFault::bad_path:
      return "has a path that leads elsewhere, or is none";
    case ListingFault::not_utf8:
      return "has a path that is not UTF-8, or has a zero byte in it";
    case ListingFault::not_ascending:
      return "is not in order";
    case ListingFault::file_as_parent:
      return "has a path below one that is no directory";
    case ListingFault::content_too_long:
      return "claims more than 2^60 bytes";
    case ListingFault::wrong_content_length:
      return "asks for another length than the content has";
  }
  return "";
}

}  // namespace

std::string ListingError::text() const {
  std::string sentence = "the listing of the directory " + std::string(fault_text(fault));
  if (!path.empty()) sentence += ": " + path;
  return sentence;
}

std::optional<ListingFault> fault_of_path(std::string_view path) {
  if (path.size() > kEntryPathMax) return ListingFault::bad_path;
  for (size_t begin = 0;;) {
    const size_t slash = std::min(path.find('/', begin), path.size());
    if (is_bad_part(path.substr(begin, slash - begin))) return ListingFault::bad_path;
    if (slash == path.size()) break;
    begin = slash + 1;
  }
  if (path.find('\0') != std::string_view::npos || !is_utf8(path)) return ListingFault::not_utf8;
  return std::nullopt;
}

std::variant<ListingHeader, ListingError> read_listing_header(
    std::span<const std::byte> content_start, uint64_t content_length) {
  if (content_start.size() < kListingHeaderSize || content_length < kListingHeaderSize) {
    return error_at(ListingFault::bad_magic, {});
  }
  if (text_of(content_start.first(kMagic.size())) != kMagic) {
    return error_at(ListingFault::bad_magic, {});
  }
  if (content_start[kFormatAt] != std::byte{kFormat}) {
    return error_at(ListingFault::unknown_format, {});
  }
  const auto reserved = content_start.subspan(kReservedAt, kEntriesAt - kReservedAt);
  if (length_without_trailing_zeros(reserved) != 0) {
    return error_at(ListingFault::reserved_bytes_used, {});
  }
  const ListingHeader header{load_u64le(content_start.subspan(kEntriesAt)),
                             load_u64le(content_start.subspan(kBytesAt))};
  if (header.bytes < kListingHeaderSize || header.bytes > content_length) {
    return error_at(ListingFault::wrong_listing_length, {});
  }
  // Every entry has a byte of path at least.
  if (header.entries > (header.bytes - kListingHeaderSize) / (kEntryHeaderSize + 1)) {
    return error_at(ListingFault::wrong_listing_length, {});
  }
  if (header.bytes > kListingBytesMax || header.entries > kListingEntriesMax) {
    return error_at(ListingFault::too_large, {});
  }
  return header;
}

std::variant<std::vector<ListingEntry>, ListingError> read_listing(
    std::span<const std::byte> listing, uint64_t content_length) {
  const auto read = read_listing_header(listing, content_length);
  if (const auto* error = std::get_if<ListingError>(&read)) return *error;
  const auto& header = std::get<ListingHeader>(read);
  if (header.bytes != listing.size()) return error_at(ListingFault::wrong_listing_length, {});
  std::vector<ListingEntry> entries;
  entries.reserve(static_cast<size_t>(header.entries));
  Parents parents;
  auto rest = listing.subspan(kListingHeaderSize);
  for (uint64_t i = 0; i < header.entries; ++i) {
    auto raw = cut_entry(rest);
    if (!raw) return error_at(ListingFault::wrong_listing_length, {});
    ListingEntry& entry = raw->entry;
    if (raw->kind > static_cast<uint8_t>(EntryKind::link)) {
      return error_at(ListingFault::unknown_kind, entry.path);
    }
    entry.kind = static_cast<EntryKind>(raw->kind);
    if (const auto fault = fault_of_entry(entry)) return error_at(*fault, entry.path);
    if (!entries.empty() && !(entries.back().path < entry.path)) {
      return error_at(ListingFault::not_ascending, entry.path);
    }
    if (!parents.add(entry.path)) return error_at(ListingFault::file_as_parent, entry.path);
    entries.push_back(entry);
  }
  if (!rest.empty()) return error_at(ListingFault::wrong_listing_length, {});
  return entries;
}

std::vector<std::byte> encode_listing(std::span<const ListingEntry> entries) {
  size_t size = kListingHeaderSize;
  for (const ListingEntry& entry : entries) size += kEntryHeaderSize + entry.path.size();
  std::vector<std::byte> listing(size);
  const std::span<std::byte> out(listing);
  std::ranges::copy(std::as_bytes(std::span(kMagic)), out.begin());
  out[kFormatAt] = std::byte{kFormat};
  store_u64le(out.subspan(kEntriesAt), entries.size());
  store_u64le(out.subspan(kBytesAt), size);
  auto rest = out.subspan(kListingHeaderSize);
  for (const ListingEntry& entry : entries) {
    P2P_CHECK(entry.path.size() <= kEntryPathMax);
    rest[0] = std::byte{static_cast<uint8_t>(entry.kind)};
    store_u64le(rest.subspan(kEntryLengthAt), entry.length);
    store_u16le(rest.subspan(kPathLengthAt), static_cast<uint16_t>(entry.path.size()));
    std::ranges::copy(std::as_bytes(std::span(entry.path)), rest.begin() + kEntryHeaderSize);
    rest = rest.subspan(kEntryHeaderSize + entry.path.size());
  }
  return listing;
}

std::optional<DirectoryLayout> lay_out(std::span<const ListingEntry> entries,
                                       PieceSize piece_size) {
  const uint64_t piece_bytes = piece_size.bytes();
  DirectoryLayout layout;
  layout.offsets.resize(entries.size());
  layout.listing_bytes = kListingHeaderSize;
  for (const ListingEntry& entry : entries) {
    layout.listing_bytes += kEntryHeaderSize + entry.path.size();
  }
  // No sum can wrap: before each addition it is at most kContentMax and a piece, and so is what is
  // added.
  uint64_t at = layout.listing_bytes;
  for (size_t i = 0; i < entries.size() && at <= kContentMax; ++i) {
    layout.offsets[i] = at;
    if (entries[i].length < piece_bytes) at += entries[i].length;
  }
  layout.small_end = at;
  for (size_t i = 0; i < entries.size() && at <= kContentMax; ++i) {
    const uint64_t length = entries[i].length;
    if (length < piece_bytes) continue;
    if (length > kContentMax) return std::nullopt;
    at = (at + piece_bytes - 1) / piece_bytes * piece_bytes;
    layout.offsets[i] = at;
    at += length;
  }
  layout.length = at;
  if (at > kContentMax) return std::nullopt;
  return layout;
}

std::variant<DirectoryLayout, ListingError> check_layout(std::span<const ListingEntry> entries,
                                                         PieceSize piece_size,
                                                         uint64_t content_length) {
  auto layout = lay_out(entries, piece_size);
  if (!layout) return error_at(ListingFault::content_too_long, {});
  if (layout->length != content_length) return error_at(ListingFault::wrong_content_length, {});
  return std::move(*layout);
}

}  // namespace p2p
