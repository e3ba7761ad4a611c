// The listing of a directory: the vector of docs/protocol.md, and every rule that one can break.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/hex.h"
#include "engine/content/listing.h"
#include "engine/content/tree.h"

namespace p2p {
namespace {

constexpr PieceSize kKibibyte = *PieceSize::from_bytes(1024);
constexpr PieceSize kMebibyte = *PieceSize::from_bytes(1048576);
using Bytes = std::vector<std::byte>;

const std::vector<ListingEntry> kVector = {{EntryKind::file, 5, "a"},
                                           {EntryKind::executable, 3, "bin/run"},
                                           {EntryKind::link, 1, "l"},
                                           {EntryKind::empty_directory, 0, "void"}};

// The fault of a listing whose content has the length that it asks for.
std::optional<ListingFault> fault_of(const Bytes& listing, uint64_t content_length = 1 << 20) {
  const auto read = read_listing(listing, content_length);
  const auto* error = std::get_if<ListingError>(&read);
  if (error == nullptr) return std::nullopt;
  EXPECT_FALSE(error->text().empty());
  return error->fault;
}
std::optional<ListingFault> fault_of(const std::vector<ListingEntry>& entries) {
  return fault_of(encode_listing(entries));
}
std::optional<ListingFault> fault_of_paths(const std::vector<std::string_view>& paths) {
  std::vector<ListingEntry> entries;
  for (const auto path : paths) entries.push_back({EntryKind::file, 0, path});
  return fault_of(entries);
}

TEST(Listing, of_the_vector_has_its_bytes_and_the_content_its_id) {
  Bytes content = encode_listing(kVector);
  EXPECT_EQ(content.size(), 81U);
  for (const char byte : std::string_view("alpharuna")) {
    content.push_back(static_cast<std::byte>(byte));
  }
  EXPECT_EQ(
      to_hex(content),
      "503250440100000004000000000000005100000000000000000500000000000000010061010300000000000000"
      "070062696e2f72756e03010000000000000001006c0200000000000000000400766f6964616c70686172756e61");
  EXPECT_EQ(inline_root(kMebibyte, content, ContentKind::directory).digest.hex(),
            "a6c0bcce3fdcf50298301118ca078849dbb4aa099eba338a7729feaea2e6577a");
  const auto layout = check_layout(kVector, kMebibyte, content.size());
  EXPECT_EQ(std::get<DirectoryLayout>(layout).offsets, (std::vector<uint64_t>{81, 86, 89, 90}));
}

TEST(Listing, is_read_as_it_was_written) {
  const Bytes listing = encode_listing(kVector);
  const auto read = read_listing(listing, 1000);
  EXPECT_EQ(std::get<std::vector<ListingEntry>>(read), kVector);
}

TEST(Listing, of_an_empty_directory_is_a_header) {
  const Bytes listing = encode_listing({});
  EXPECT_EQ(listing.size(), kListingHeaderSize);
  EXPECT_TRUE(std::get<std::vector<ListingEntry>>(read_listing(listing, 24)).empty());
  EXPECT_EQ(lay_out({}, kKibibyte)->length, 24U);
}

TEST(Listing, with_another_header_is_refused) {
  const Bytes good = encode_listing(kVector);
  const auto changed = [&good](size_t at, uint8_t to) {
    Bytes listing = good;
    listing[at] = std::byte{to};
    return listing;
  };
  EXPECT_EQ(fault_of(changed(3, 'F')), ListingFault::bad_magic);
  EXPECT_EQ(fault_of(changed(4, 2)), ListingFault::unknown_format);
  EXPECT_EQ(fault_of(changed(7, 1)), ListingFault::reserved_bytes_used);
  EXPECT_EQ(fault_of(changed(8, 3)), ListingFault::wrong_listing_length);
  EXPECT_EQ(fault_of(changed(8, 5)), ListingFault::wrong_listing_length);
  EXPECT_EQ(fault_of(changed(15, 0xff)), ListingFault::wrong_listing_length);
  EXPECT_EQ(fault_of(changed(16, 0x50)), ListingFault::wrong_listing_length);
  EXPECT_EQ(fault_of(changed(23, 0xff)), ListingFault::wrong_listing_length);
  EXPECT_EQ(fault_of(good, 80), ListingFault::wrong_listing_length);  // longer than the content
  EXPECT_EQ(fault_of(Bytes(23)), ListingFault::bad_magic);
  EXPECT_EQ(fault_of(Bytes()), ListingFault::bad_magic);
}

TEST(Listing, that_claims_more_than_can_be_held_is_refused_from_its_header) {
  Bytes header = encode_listing({});
  store_u64le(std::span(header).subspan(16), kListingBytesMax + 1);
  EXPECT_EQ(fault_of(header, kContentMax), ListingFault::too_large);
  store_u64le(std::span(header).subspan(8), kListingEntriesMax + 1);
  store_u64le(std::span(header).subspan(16), kListingBytesMax);
  EXPECT_EQ(fault_of(header, kContentMax), ListingFault::too_large);
}

TEST(Listing, with_an_unknown_kind_is_refused) {
  Bytes listing = encode_listing(kVector);
  listing[kListingHeaderSize] = std::byte{4};
  EXPECT_EQ(fault_of(listing), ListingFault::unknown_kind);
}

TEST(Listing, with_a_length_that_a_kind_cannot_have_is_refused) {
  using Entries = std::vector<ListingEntry>;
  const auto wrong = ListingFault::wrong_entry_length;
  EXPECT_EQ(fault_of(Entries{{EntryKind::empty_directory, 1, "d"}}), wrong);
  EXPECT_EQ(fault_of(Entries{{EntryKind::link, 0, "l"}}), wrong);
  EXPECT_EQ(fault_of(Entries{{EntryKind::link, 4096, "l"}}), wrong);
  EXPECT_EQ(fault_of(Entries{{EntryKind::file, kContentMax + 1, "f"}}), wrong);
  EXPECT_EQ(fault_of(Entries{{EntryKind::link, 4095, "l"}}), std::nullopt);
}

TEST(Listing, with_a_path_that_leads_elsewhere_is_refused) {
  for (const std::string_view path :
       {"/a", "a/", "a//b", ".", "..", "a/..", "../a", "a/./b", "./a", "a/../../b", "/"}) {
    EXPECT_EQ(fault_of_paths({path}), ListingFault::bad_path) << path;
  }
  EXPECT_EQ(fault_of_path(""), ListingFault::bad_path);
  for (const std::string_view path : {"...", "..a", "a..", ".a", "a/.../b", " ", "\\", "\n"}) {
    EXPECT_EQ(fault_of_paths({path}), std::nullopt) << path;
  }
}

TEST(Listing, with_a_path_that_is_not_utf8_is_refused) {
  using namespace std::string_view_literals;
  for (const auto path : {"\xff"sv, "a\xc3"sv, "\xc0\xaf"sv, "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv,
                          "\xe0\x80\xaf"sv, "\x80"sv, "a\0b"sv}) {
    EXPECT_EQ(fault_of_paths({path}), ListingFault::not_utf8) << path;
  }
  EXPECT_EQ(fault_of_paths({"gr\xc3\xbc\xc3\x9f"
                            "e/\xe2\x82\xac/\xf0\x9f\x90\x98"}),
            std::nullopt);
}

TEST(Listing, out_of_order_or_with_a_path_twice_is_refused) {
  EXPECT_EQ(fault_of_paths({"b", "a"}), ListingFault::not_ascending);
  EXPECT_EQ(fault_of_paths({"a", "a"}), ListingFault::not_ascending);
  // The order is that of bytes: "-" and "." are before "/", and no byte is negative.
  EXPECT_EQ(fault_of_paths({"a-b", "a.b", "a/b", "ab", "\xc3\xbc"}), std::nullopt);
  EXPECT_EQ(fault_of_paths({"\xc3\xbc", "z"}), ListingFault::not_ascending);
}

TEST(Listing, with_a_file_that_is_a_parent_is_refused) {
  EXPECT_EQ(fault_of_paths({"a", "a/b"}), ListingFault::file_as_parent);
  EXPECT_EQ(fault_of_paths({"a", "a-b", "a.", "a/b"}), ListingFault::file_as_parent);
  EXPECT_EQ(fault_of_paths({"a", "a-", "a-/b"}), ListingFault::file_as_parent);
  EXPECT_EQ(fault_of_paths({"a/b", "a/b/c/d"}), ListingFault::file_as_parent);
  EXPECT_EQ(fault_of_paths({"a", "a-b/c", "ab/c"}), std::nullopt);
  EXPECT_EQ(fault_of_paths({"a!", "a/b", "aa/b"}), std::nullopt);
}

TEST(DirectoryLayout, puts_long_files_behind_the_short_ones_from_piece_boundaries) {
  const std::vector<ListingEntry> entries = {{EntryKind::file, 1024, "a"},
                                             {EntryKind::file, 1023, "b"},
                                             {EntryKind::file, 2000, "c"},
                                             {EntryKind::file, 1, "d"}};
  const uint64_t listing = 24 + 4 * 12;
  const auto layout = lay_out(entries, kKibibyte);
  EXPECT_EQ(layout->listing_bytes, listing);
  EXPECT_EQ(layout->offsets, (std::vector<uint64_t>{2048, listing, 3072, listing + 1023}));
  EXPECT_EQ(layout->small_end, listing + 1024);
  EXPECT_EQ(layout->length, 5072U);
}

TEST(DirectoryLayout, of_other_lengths_than_the_content_has_is_refused) {
  EXPECT_EQ(std::get<ListingError>(check_layout(kVector, kMebibyte, 91)).fault,
            ListingFault::wrong_content_length);
  const std::vector<ListingEntry> entries(8, {EntryKind::file, kContentMax, "a"});
  EXPECT_EQ(std::get<ListingError>(check_layout(entries, kMebibyte, 91)).fault,
            ListingFault::content_too_long);
}

}  // namespace
}  // namespace p2p
