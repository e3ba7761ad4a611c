// What was encoded is read back; and whatever bytes come, they are refused or are what encoding
// what was read of them makes.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "engine/content/listing.h"
#include "engine/content/tree.h"

namespace p2p {
namespace {

using Bytes = std::vector<std::byte>;
constexpr PieceSize kKibibyte = *PieceSize::from_bytes(1024);

// Few letters, so that paths are often the beginnings of others.
std::string any_path() {
  const auto letters = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '-', '/', '.'));
  return letters.empty() ? "a" : letters;
}

bool has_parent(const std::set<std::string>& paths, const std::string& path) {
  for (size_t slash = path.find('/'); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    if (paths.count(path.substr(0, slash)) != 0) return true;
  }
  return false;
}

// Entries in ascending order of their paths, some of which may be no paths.
struct Entries {
  std::set<std::string> paths;  // std::string compares as bytes, as the listing does
  std::vector<ListingEntry> entries;
};
void make_entries(Entries& made) {
  const auto count = *rc::gen::inRange(0, 30);
  for (int i = 0; i < count; ++i) made.paths.insert(any_path());
  for (const std::string& path : made.paths) {
    const auto kind = *rc::gen::element(EntryKind::file, EntryKind::executable,
                                        EntryKind::empty_directory, EntryKind::link);
    const uint64_t length =
        kind == EntryKind::empty_directory ? 0 : *rc::gen::inRange<uint64_t>(1, kLinkTargetMax + 1);
    made.entries.push_back({kind, length, path});
  }
}

RC_GTEST_PROP(ListingProperty, is_read_back_just_when_its_paths_keep_the_rules, ()) {
  Entries made;
  make_entries(made);
  const Bytes listing = encode_listing(made.entries);
  const bool good = std::all_of(made.paths.begin(), made.paths.end(), [&](const auto& path) {
    return !fault_of_path(path) && !has_parent(made.paths, path);
  });
  const auto read = read_listing(listing, kContentMax);
  const auto* entries = std::get_if<std::vector<ListingEntry>>(&read);
  RC_ASSERT((entries != nullptr) == good);
  if (good) RC_ASSERT(*entries == made.entries);
}

RC_GTEST_PROP(ListingProperty, of_changed_bytes_is_refused_or_encodes_to_them, ()) {
  Entries made;
  make_entries(made);
  Bytes listing = encode_listing(made.entries);
  const auto changes = *rc::gen::inRange(1, 4);
  for (int i = 0; i < changes; ++i) {
    const auto at = *rc::gen::inRange<size_t>(0, listing.size());
    listing[at] = static_cast<std::byte>(*rc::gen::inRange(0, 256));
  }
  const auto read = read_listing(listing, kContentMax);
  if (const auto* entries = std::get_if<std::vector<ListingEntry>>(&read)) {
    RC_ASSERT(encode_listing(*entries) == listing);
  } else {
    RC_ASSERT(!std::get<ListingError>(read).text().empty());
  }
}

RC_GTEST_PROP(ListingProperty, entries_lie_behind_each_other_and_fill_the_content, ()) {
  Entries made;
  make_entries(made);
  const auto layout = lay_out(made.entries, kKibibyte);
  RC_ASSERT(layout.has_value());
  std::vector<std::pair<uint64_t, uint64_t>> extents = {{0, layout->listing_bytes}};
  for (size_t i = 0; i < made.entries.size(); ++i) {
    const uint64_t length = made.entries[i].length;
    if (length == 0) continue;
    RC_ASSERT(length < 1024 || layout->offsets[i] % 1024 == 0);
    extents.emplace_back(layout->offsets[i], layout->offsets[i] + length);
  }
  std::sort(extents.begin(), extents.end());
  for (size_t i = 1; i < extents.size(); ++i) {
    RC_ASSERT(extents[i - 1].second <= extents[i].first);
    RC_ASSERT(extents[i].first - extents[i - 1].second < 1024);
  }
  RC_ASSERT(extents.back().second == layout->length);
}

}  // namespace
}  // namespace p2p
