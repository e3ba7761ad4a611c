#include "io_linux/store/tree_content.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/content/links.h"
#include "io_linux/store/folder_chain.h"

namespace p2p::io_linux {

namespace {

using Fault = TreeContent::Fault;

Fault fault_of(const ListingError& error) {
  return {error.fault != ListingFault::too_large, {0, error.text()}};
}

size_t slashes_in(std::string_view path) {
  return static_cast<size_t>(std::count(path.begin(), path.end(), '/'));
}

// How many folders are on the way to a path, and not on the way to the one before it.
size_t new_folders(std::string_view before, std::string_view path) {
  const auto differ = std::mismatch(before.begin(), before.end(), path.begin(), path.end());
  return slashes_in(path.substr(static_cast<size_t>(differ.second - path.begin())));
}

}  // namespace

std::variant<TreeContent, Fault> TreeContent::read(int content, uint64_t length,
                                                   PieceSize piece_size,
                                                   std::span<const std::string> chosen) {
  TreeContent tree(content, length);
  tree.chosen_.assign(chosen.begin(), chosen.end());
  if (auto fault = tree.read_listing_bytes(piece_size)) return std::move(*fault);
  if (chosen.empty()) {
    if (auto fault = tree.check_gaps(piece_size)) return std::move(*fault);
  }
  if (auto fault = tree.read_links()) return std::move(*fault);
  return tree;
}

std::variant<uint64_t, Fault> TreeContent::listing_length(int content, uint64_t length) {
  TreeContent tree(content, length);
  ListingHeader header;
  if (auto fault = tree.read_header(header)) return std::move(*fault);
  return header.bytes;
}

std::variant<TreeContent, Fault> TreeContent::read_listing_alone(int content, uint64_t length,
                                                                 PieceSize piece_size) {
  TreeContent tree(content, length);
  if (auto fault = tree.read_listing_bytes(piece_size)) return std::move(*fault);
  return tree;
}

std::optional<Fault> TreeContent::read_header(ListingHeader& header) {
  listing_.resize(static_cast<size_t>(std::min<uint64_t>(length_, kListingHeaderSize)));
  if (auto fault = read_at(listing_, 0)) return fault;
  const auto read = read_listing_header(listing_, length_);
  if (const auto* error = std::get_if<ListingError>(&read)) return fault_of(*error);
  header = std::get<ListingHeader>(read);
  return std::nullopt;
}

std::optional<Fault> TreeContent::read_listing_bytes(PieceSize piece_size) {
  ListingHeader header;
  if (auto fault = read_header(header)) return fault;
  listing_.resize(static_cast<size_t>(header.bytes));
  if (auto fault = read_at(listing_, 0)) return fault;
  auto entries = read_listing(listing_, length_);
  if (const auto* error = std::get_if<ListingError>(&entries)) return fault_of(*error);
  entries_ = std::get<std::vector<ListingEntry>>(std::move(entries));
  if (auto fault = check_folders()) return fault;
  auto layout = check_layout(entries_, piece_size, length_);
  if (const auto* error = std::get_if<ListingError>(&layout)) return fault_of(*error);
  layout_ = std::get<DirectoryLayout>(std::move(layout));
  return std::nullopt;
}

// A short listing can ask for a great many folders: every path for those on its way.
std::optional<Fault> TreeContent::check_folders() const {
  uint64_t folders = 0;
  std::string_view before;
  for (const ListingEntry& entry : entries_) {
    if (slashes_in(entry.path) > kFolderDepthMax) {
      return Fault{false,
                   {0, "the directory has folders in folders, more than " +
                           std::to_string(kFolderDepthMax) + " deep"}};
    }
    folders += new_folders(before, entry.path);
    if (folders > kListingEntriesMax) {
      return Fault{false, {0, "the directory has more folders than this program can make"}};
    }
    before = entry.path;
  }
  return std::nullopt;
}

std::optional<Fault> TreeContent::check_gaps(PieceSize piece_size) const {
  uint64_t end = layout_.small_end;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].length < piece_size.bytes()) continue;
    if (auto fault = check_zeros(end, layout_.offsets[i])) return fault;
    end = layout_.offsets[i] + entries_[i].length;
  }
  return std::nullopt;
}

std::optional<Fault> TreeContent::check_zeros(uint64_t begin, uint64_t end) const {
  std::vector<std::byte> gap(static_cast<size_t>(end - begin));
  if (auto fault = read_at(gap, begin)) return fault;
  if (length_without_trailing_zeros(gap) == 0) return std::nullopt;
  return Fault{true, {0, "the directory has bytes other than zero between its files"}};
}

std::optional<Fault> TreeContent::read_links() {
  uint64_t bytes = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].kind != EntryKind::link || !chosen(i)) continue;
    bytes += entries_[i].length;
    if (bytes > kLinkTargetsMax) {
      return Fault{false, {0, "the directory has more links in it than this program can hold"}};
    }
    std::string target(static_cast<size_t>(entries_[i].length), '\0');
    if (auto fault = read_at(std::as_writable_bytes(std::span(target)), offset_of(i))) return fault;
    links_.push_back(i);
    targets_.push_back(std::move(target));
  }
  std::vector<TreeLink> links;
  for (size_t i = 0; i < links_.size(); ++i)
    links.push_back({entries_[links_[i]].path, targets_[i]});
  const auto followed = follow_links(links, entries_);
  if (followed.out.empty() && followed.all) return std::nullopt;
  if (followed.out.empty()) {
    return Fault{false, {0, "the directory has more links in it than this program can follow"}};
  }
  const TreeLink& first = links[followed.out.front()];
  std::string text = "the link ";
  text.append(first.path).append(" leads out of the directory, to ").append(first.target);
  return Fault{true, {0, std::move(text)}};
}

std::optional<Fault> TreeContent::read_at(std::span<std::byte> out, uint64_t offset) const {
  const auto got = pread_fully(content_, out, offset);
  if (got.error_number == 0 && got.bytes == out.size()) return std::nullopt;
  const int error_number = got.error_number == 0 ? EIO : got.error_number;
  return Fault{false, file_error("read", "what was fetched", error_number)};
}

const std::string& TreeContent::link_target(size_t index) const {
  const auto found = std::lower_bound(links_.begin(), links_.end(), index);
  P2P_CHECK(found != links_.end() && *found == index);
  return targets_[static_cast<size_t>(found - links_.begin())];
}

uint64_t TreeContent::file_bytes() const {
  uint64_t sum = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].kind != EntryKind::link && chosen(i)) sum += entries_[i].length;
  }
  return sum;
}

}  // namespace p2p::io_linux
