// The reader of listings against any bytes, and what is done with what it takes: laying it out, and
// following its links.
//
// Input: u8 that chooses the piece size, u16 that makes the content longer than the listing; the
// rest is the listing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/content/links.h"
#include "engine/content/listing.h"

namespace p2p {
namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check_links(std::span<const ListingEntry> entries) {
  // The links' targets would stand in the content: other paths do as well.
  std::vector<TreeLink> links;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].kind != EntryKind::link) continue;
    links.push_back({entries[i].path, entries[(i * 7 + 3) % entries.size()].path});
  }
  const auto followed = follow_links(links, entries);
  for (const size_t index : followed.out) require(index < links.size());
}

void read_directory(std::span<const std::byte> input) {
  if (input.size() < 3) return;
  const auto log2 = PieceSize::kMinLog2 + std::to_integer<unsigned>(input[0]) % 15;
  const PieceSize piece_size = *PieceSize::from_log2(log2);
  const auto listing = input.subspan(3);
  const uint64_t length = listing.size() + load_u16le(input.subspan(1));
  const auto read = read_listing(listing, length);
  if (const auto* error = std::get_if<ListingError>(&read)) {
    require(!error->text().empty());
    return;
  }
  const auto& entries = std::get<std::vector<ListingEntry>>(read);
  const auto again = encode_listing(entries);
  require(std::equal(again.begin(), again.end(), listing.begin(), listing.end()));
  const auto checked = check_layout(entries, piece_size, length);
  if (const auto* layout = std::get_if<DirectoryLayout>(&checked)) {
    for (size_t i = 0; i < entries.size(); ++i) {
      require(entries[i].length == 0 || layout->offsets[i] + entries[i].length <= length);
    }
  }
  check_links(entries);
}

}  // namespace
}  // namespace p2p

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  p2p::read_directory(std::as_bytes(std::span(bytes, size)));
  return 0;
}
