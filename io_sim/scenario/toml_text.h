// Pieces of TOML as text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace p2p::sim {

// "text", with what TOML wants escaped.
std::string toml_string(std::string_view text);
// [a, b] of values that are TOML already.
std::string toml_list(const std::vector<std::string>& values);
// One string as itself, any other number of them as a list.
std::string toml_strings(const std::vector<std::string>& texts);

// { key = value, ... }, in the order in which they were added.
class InlineTable {
 public:
  // The value is TOML already.
  void add(std::string_view key, std::string_view value);
  void add_string(std::string_view key, std::string_view text) { add(key, toml_string(text)); }
  void add_flag(std::string_view key, bool value) { add(key, value ? "true" : "false"); }

  bool empty() const { return text_.empty(); }
  std::string text() const { return empty() ? "{}" : "{ " + text_ + " }"; }

 private:
  std::string text_;
};

}  // namespace p2p::sim
