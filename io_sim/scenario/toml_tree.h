// A TOML file as a tree with places, in the order of the file. The only part that knows toml++.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io_sim/scenario/errors.h"

namespace p2p::sim {

struct TomlMember;

struct TomlValue {
  enum class Kind { string, integer, fraction, boolean, date, list, table };
  Kind kind = Kind::table;
  Place place;  // where it begins; of a [table], its header
  std::string text;
  int64_t integer = 0;
  double fraction = 0;
  bool boolean = false;
  std::vector<TomlValue> items;
  std::vector<TomlMember> members;

  const TomlMember* find(std::string_view key) const;
};

struct TomlMember {
  std::string key;
  Place place;  // of the key
  TomlValue value;
};

// "a number", "a string", ... for messages.
std::string_view kind_text(TomlValue::Kind kind);

// nullopt when it is no TOML, with the reason added to `errors`.
std::optional<TomlValue> read_toml(std::string_view toml, ErrorList& errors);

}  // namespace p2p::sim
