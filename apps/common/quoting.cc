#include "apps/common/quoting.h"

#include <algorithm>
#include <cstddef>

namespace p2p::app {
namespace {

constexpr size_t kNameMax = 200;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool is_plain_in_a_shell(char c) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  const bool is_digit = c >= '0' && c <= '9';
  return is_letter || is_digit || std::string_view("_@%+=:,./-").find(c) != std::string_view::npos;
}

// Not into the middle of a UTF-8 sequence, whose bytes but the first are 10xxxxxx.
std::string_view cut(std::string_view text, size_t length_max) {
  if (text.size() <= length_max) return text;
  size_t length = length_max;
  while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) --length;
  return text.substr(0, length);
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_plain_in_a_shell)) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string printable(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    if (is_control(c)) {
      const auto byte = static_cast<unsigned char>(c);
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 0xf];
    } else {
      out += c;
    }
  }
  return out;
}

std::string safe_file_name(std::string_view name) {
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) {
    name.remove_prefix(slash + 1);
  }
  const auto first = name.find_first_not_of(".-");
  if (first == std::string_view::npos) return {};
  std::string safe(cut(name.substr(first), kNameMax));
  std::replace_if(safe.begin(), safe.end(), is_control, '_');
  return safe;
}

}  // namespace p2p::app
