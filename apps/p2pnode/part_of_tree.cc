#include "apps/p2pnode/part_of_tree.h"

#include <algorithm>
#include <optional>

#include "apps/common/quoting.h"
#include "engine/content/selection.h"
#include "io_linux/store/tree_content.h"

namespace p2p::app {
namespace {

using io_linux::TreeContent;
using Ranges = std::vector<ByteRange>;

Failure failure_of_tree(const TreeContent::Fault& fault) {
  if (fault.corrupt) return {ExitCode::corrupt, "the id names no directory: " + fault.error.text};
  const bool disk = fault.error.error_number != 0;
  return {disk ? ExitCode::disk : ExitCode::failure, fault.error.text};
}

// "there is no photos/2109 in this directory; there are photos/2019, photos/2018"
Failure no_such_path(const std::string& path, std::span<const ListingEntry> entries) {
  constexpr size_t kNamed = 5;
  std::string text = "there is no " + printable(path) + " in this directory";
  std::string separator = "; there are ";
  for (const std::string& near : paths_near(entries, path, kNamed)) {
    text += separator + printable(near);
    separator = ", ";
  }
  return {ExitCode::usage, text};
}

std::optional<Failure> check_paths(std::span<const ListingEntry> entries,
                                   std::span<const std::string> chosen) {
  for (const std::string& path : chosen) {
    const auto is_there = [&](const ListingEntry& entry) {
      return is_chosen(entry.path, std::span(&path, 1));
    };
    if (std::none_of(entries.begin(), entries.end(), is_there)) return no_such_path(path, entries);
  }
  return std::nullopt;
}

}  // namespace

std::vector<ByteRange> listing_header_range() { return {{0, kListingHeaderSize}}; }

std::variant<Ranges, Failure> listing_range(int content, uint64_t length) {
  const auto read = TreeContent::listing_length(content, length);
  if (const auto* fault = std::get_if<TreeContent::Fault>(&read)) return failure_of_tree(*fault);
  return Ranges{{0, std::get<uint64_t>(read)}};
}

std::variant<Ranges, Failure> chosen_ranges(int content, uint64_t length, PieceSize piece_size,
                                            std::span<const std::string> chosen) {
  const auto read = TreeContent::read_listing_alone(content, length, piece_size);
  if (const auto* fault = std::get_if<TreeContent::Fault>(&read)) return failure_of_tree(*fault);
  const auto& tree = std::get<TreeContent>(read);
  if (auto failure = check_paths(tree.entries(), chosen)) return std::move(*failure);
  Ranges ranges;
  for (size_t i = 0; i < tree.entries().size(); ++i) {
    const ListingEntry& entry = tree.entries()[i];
    if (entry.length == 0 || !is_chosen(entry.path, chosen)) continue;
    const uint64_t begin = tree.offset_of(i);
    if (!ranges.empty() && ranges.back().end == begin) {
      ranges.back().end += entry.length;
    } else {
      ranges.push_back({begin, begin + entry.length});
    }
  }
  return ranges;
}

}  // namespace p2p::app
