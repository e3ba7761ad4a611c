#include "engine/content/utf8.h"

#include <cstddef>
#include <cstdint>

namespace p2p {

namespace {

// What RFC 3629, section 4, says of a first byte: how many follow it, and the range of the second,
// which rules out overlong forms, surrogates and what is too large. The others are 80 to BF.
struct Sequence {
  size_t following = 0;
  uint8_t second_min = 0x80;
  uint8_t second_max = 0xbf;
  bool valid = true;
};

Sequence sequence_of(uint8_t first) {
  if (first <= 0x7f) return {};
  if (first < 0xc2 || first > 0xf4) return {0, 0, 0, false};
  if (first <= 0xdf) return {1};
  if (first == 0xe0) return {2, 0xa0, 0xbf};
  if (first == 0xed) return {2, 0x80, 0x9f};
  if (first <= 0xef) return {2};
  if (first == 0xf0) return {3, 0x90, 0xbf};
  if (first == 0xf4) return {3, 0x80, 0x8f};
  return {3};
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Sequence sequence = sequence_of(static_cast<uint8_t>(text[at]));
    if (!sequence.valid || text.size() - at <= sequence.following) return false;
    for (size_t i = 1; i <= sequence.following; ++i) {
      const auto byte = static_cast<uint8_t>(text[at + i]);
      const uint8_t least = i == 1 ? sequence.second_min : uint8_t{0x80};
      const uint8_t most = i == 1 ? sequence.second_max : uint8_t{0xbf};
      if (byte < least || byte > most) return false;
    }
    at += sequence.following + 1;
  }
  return true;
}

}  // namespace p2p
