// The bytes in which an address book is kept between runs.
#include "engine/overlay/saved_book.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/hex.h"

namespace p2p::saved_book_test {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(const SavedBook& book) {
  const Slice slice = encode_book(book);
  return {slice.bytes().begin(), slice.bytes().end()};
}

// "" for a book, or why it is none.
std::string refusal(const Bytes& bytes) {
  const auto decoded = decode_book(bytes);
  const auto* why = std::get_if<std::string>(&decoded);
  return why == nullptr ? "" : *why;
}

void sum_up(Bytes& bytes) {
  bytes.resize(bytes.size() - Digest::kSize);
  const Digest sum = sha256(bytes);
  bytes.insert(bytes.end(), sum.bytes.begin(), sum.bytes.end());
}

SavedBook two_peers() {
  return {{{Endpoint::parse("192.0.2.7:8100").value(), Duration()},
           {Endpoint::parse("[2001:db8::1]:20000").value(), Duration::seconds(258)}}};
}

TEST(SavedBook, is_laid_out_as_its_header_says) {
  const Bytes bytes = bytes_of(two_peers());
  ASSERT_EQ(bytes.size(), 12 + 2 * 22 + 32U);
  EXPECT_EQ(to_hex(std::span(bytes).first(56)),
            "50325042"
            "01000000"
            "02000000"
            "00000000000000000000ffffc0000207"
            "a41f"
            "00000000"
            "20010db8000000000000000000000001"
            "204e"
            "02010000");
  EXPECT_EQ(to_hex(std::span(bytes).last(32)), sha256(std::span(bytes).first(56)).hex());
}

TEST(SavedBook, comes_back_as_it_was) {
  EXPECT_EQ(std::get<SavedBook>(decode_book(bytes_of(two_peers()))), two_peers());
  EXPECT_EQ(std::get<SavedBook>(decode_book(bytes_of({}))), SavedBook());
}

TEST(SavedBook, keeps_whole_seconds_within_their_range) {
  const Endpoint endpoint = Endpoint::parse("192.0.2.7:8100").value();
  const auto kept = [&](Duration since_alive) {
    return std::get<SavedBook>(decode_book(bytes_of({{{endpoint, since_alive}}})))
        .peers.at(0)
        .since_alive;
  };
  EXPECT_EQ(kept(Duration::milliseconds(1999)), Duration::seconds(1));
  EXPECT_EQ(kept(Duration::seconds(-5)), Duration());
  EXPECT_EQ(kept(Duration::seconds(int64_t{1} << 33)), Duration::seconds(UINT32_MAX));
}

TEST(SavedBook, is_refused_when_cut_off_at_any_length) {
  const Bytes whole = bytes_of(two_peers());
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(refusal(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length))),
              "it is cut off")
        << length;
  }
}

TEST(SavedBook, is_refused_with_any_bit_of_any_byte_flipped) {
  const Bytes whole = bytes_of(two_peers());
  for (size_t at = 0; at < whole.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes flipped = whole;
      flipped[at] ^= std::byte{1} << bit;
      EXPECT_NE(refusal(flipped), "") << at << " " << bit;
    }
  }
}

TEST(SavedBook, is_refused_with_anything_behind_it) {
  Bytes longer = bytes_of(two_peers());
  longer.push_back(std::byte{0});
  EXPECT_EQ(refusal(longer), "it goes on behind its end");
}

TEST(SavedBook, of_another_version_is_refused_by_its_number) {
  Bytes bytes = bytes_of(two_peers());
  bytes[4] = std::byte{2};
  sum_up(bytes);
  EXPECT_EQ(refusal(bytes), "it is of version 2, which is not known here");
}

TEST(SavedBook, that_claims_four_billion_peers_takes_no_memory_for_them) {
  Bytes bytes = bytes_of({});
  for (size_t i = 8; i < 12; ++i) bytes[i] = std::byte{0xff};
  sum_up(bytes);
  EXPECT_EQ(refusal(bytes), "it claims more peers than a book has");
}

TEST(SavedBook, holds_as_many_peers_as_an_address_book_and_no_more) {
  SavedBook full;
  for (uint16_t i = 0; i < SavedBook::kMax; ++i) {
    full.peers.push_back({{Address::v4(192, 0, 2, 7), static_cast<uint16_t>(i + 1)}, Duration()});
  }
  const Bytes bytes = bytes_of(full);
  EXPECT_EQ(bytes.size(), SavedBook::kMaxBytes);
  EXPECT_EQ(std::get<SavedBook>(decode_book(bytes)), full);

  Bytes more = bytes;
  store_u32le(std::span(more).subspan(8), static_cast<uint32_t>(SavedBook::kMax + 1));
  more.resize(more.size() + SavedBook::kPeerBytes);
  sum_up(more);
  EXPECT_EQ(refusal(more), "it claims more peers than a book has");
}

TEST(SavedBook, other_files_are_told_apart_by_their_first_bytes) {
  EXPECT_EQ(refusal(Bytes(100, std::byte{'x'})), "it does not begin as an address book does");
}

}  // namespace
}  // namespace p2p::saved_book_test
