// Saved address books: whatever is saved comes back, and nothing else is taken for one.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/overlay/address_book.h"
#include "engine/overlay/saved_book.h"

namespace p2p {
namespace {

rc::Gen<SavedPeer> any_peer() {
  return rc::gen::exec([] {
    SavedPeer peer;
    for (std::byte& byte : peer.endpoint.address.bytes) {
      byte = std::byte{*rc::gen::arbitrary<uint8_t>()};
    }
    peer.endpoint.port = *rc::gen::arbitrary<uint16_t>();
    // Often within a week, and often not.
    peer.since_alive = Duration::seconds(
        *rc::gen::oneOf(rc::gen::arbitrary<uint32_t>(), rc::gen::inRange<uint32_t>(0, 900'000)));
    return peer;
  });
}
rc::Gen<SavedBook> any_book() {
  return rc::gen::map(rc::gen::container<std::vector<SavedPeer>>(any_peer()),
                      [](std::vector<SavedPeer> peers) { return SavedBook{std::move(peers)}; });
}
std::vector<std::byte> bytes_of(const SavedBook& book) {
  const Slice slice = encode_book(book);
  return {slice.bytes().begin(), slice.bytes().end()};
}
bool is_book(const std::vector<std::byte>& bytes) {
  return std::holds_alternative<SavedBook>(decode_book(bytes));
}

RC_GTEST_PROP(SavedBookProperty, comes_back_as_it_was, ()) {
  const SavedBook book = *any_book();
  RC_ASSERT(std::get<SavedBook>(decode_book(bytes_of(book))) == book);
}

RC_GTEST_PROP(SavedBookProperty, is_none_any_more_when_a_byte_differs, ()) {
  auto bytes = bytes_of(*any_book());
  const auto at = *rc::gen::inRange<size_t>(0, bytes.size());
  bytes[at] ^= std::byte{*rc::gen::inRange<uint8_t>(1, 255)};
  RC_ASSERT(!is_book(bytes));
}

RC_GTEST_PROP(SavedBookProperty, is_none_any_more_when_it_is_cut_off, ()) {
  auto bytes = bytes_of(*any_book());
  bytes.resize(*rc::gen::inRange<size_t>(0, bytes.size()));
  RC_ASSERT(!is_book(bytes));
}

RC_GTEST_PROP(SavedBookProperty, bytes_of_any_kind_are_refused_with_a_reason, ()) {
  const auto numbers = *rc::gen::arbitrary<std::vector<uint8_t>>();
  std::vector<std::byte> bytes{std::byte{'P'}, std::byte{'2'}, std::byte{'P'}, std::byte{'B'}};
  for (const uint8_t number : numbers) bytes.push_back(std::byte{number});
  RC_ASSERT(!std::get<std::string>(decode_book(bytes)).empty());
}

// Over any number of restarts: nobody is handed on who was not spoken with since, the book keeps
// its bounds, and what was saved twice in a row without an event between is the same.
RC_GTEST_PROP(SavedBookProperty, a_restored_book_hands_nobody_on_and_keeps_its_bounds, ()) {
  AddressBook book(32, Duration::minutes(3), 7);
  const Time now = Time::from_ns(*rc::gen::inRange<int64_t>(0, 1'000'000'000'000));
  const Duration elapsed = Duration::seconds(*rc::gen::inRange<int64_t>(0, 900'000));
  const SavedBook saved = *any_book();
  book.restore(saved, elapsed, now);
  RC_ASSERT(book.size() <= 24U);
  RC_ASSERT(book.known_alive(now).empty());
  RC_ASSERT(book.latest_news() == 0U);

  const SavedBook again = book.saved(now);
  RC_ASSERT(again.peers.size() == book.size());
  AddressBook next(32, Duration::minutes(3), 8);
  next.restore(again, Duration(), now);
  RC_ASSERT(next.saved(now) == again);
}

}  // namespace
}  // namespace p2p
