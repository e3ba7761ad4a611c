#include "io_sim/scenario/toml_text.h"

#include <algorithm>

namespace p2p::sim {

namespace {

std::string escaped(char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\') return std::string("\\") + c;
  if (c == '\n') return "\\n";
  if (c == '\t') return "\\t";
  if (value >= 0x20 && value != 0x7F) return std::string(1, c);
  return std::string("\\u00") + kDigits[value >> 4] + kDigits[value & 15];
}

}  // namespace

std::string toml_string(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += escaped(c);
  return quoted + "\"";
}

std::string toml_list(const std::vector<std::string>& values) {
  std::string text = "[";
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ", ";
    text += values[i];
  }
  return text + "]";
}

std::string toml_strings(const std::vector<std::string>& texts) {
  if (texts.size() == 1) return toml_string(texts.front());
  std::vector<std::string> quoted(texts.size());
  std::transform(texts.begin(), texts.end(), quoted.begin(), toml_string);
  return toml_list(quoted);
}

void InlineTable::add(std::string_view key, std::string_view value) {
  if (!text_.empty()) text_ += ", ";
  text_.append(key).append(" = ").append(value);
}

}  // namespace p2p::sim
