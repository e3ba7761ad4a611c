#include "io_sim/scenario/toml_tree.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <utility>

namespace p2p::sim {

namespace {

Place place_of(const toml::source_region& region) {
  return Place{std::max<uint32_t>(region.begin.line, 1),
               std::max<uint32_t>(region.begin.column, 1)};
}

bool stands_before(const Place& a, const Place& b) {
  return std::pair(a.line, a.column) < std::pair(b.line, b.column);
}

bool is_empty_inline(const toml::node& node) {
  const auto* table = node.as_table();
  return table != nullptr && table->is_inline() && table->empty();
}

TomlValue tree_of(const toml::node& node);

std::vector<TomlMember> members_of(const toml::table& table) {
  std::vector<TomlMember> members;
  members.reserve(table.size());
  for (const auto& [key, value] : table) {
    members.push_back(TomlMember{std::string(key.str()), place_of(key.source()), tree_of(value)});
    TomlMember& member = members.back();
    // toml++ has the place behind it.
    if (is_empty_inline(value)) member.value.place = member.place;
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return stands_before(a.place, b.place); });
  return members;
}

TomlValue tree_of(const toml::node& node) {
  using Kind = TomlValue::Kind;
  TomlValue value;
  value.place = place_of(node.source());
  if (const auto* table = node.as_table()) {
    value.kind = Kind::table;
    value.members = members_of(*table);
  } else if (const auto* list = node.as_array()) {
    value.kind = Kind::list;
    value.items.reserve(list->size());
    for (const auto& item : *list) value.items.push_back(tree_of(item));
  } else if (const auto* text = node.as_string()) {
    value.kind = Kind::string;
    value.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Kind::integer;
    value.integer = integer->get();
  } else if (const auto* fraction = node.as_floating_point()) {
    value.kind = Kind::fraction;
    value.fraction = fraction->get();
  } else if (const auto* boolean = node.as_boolean()) {
    value.kind = Kind::boolean;
    value.boolean = boolean->get();
  } else {
    value.kind = Kind::date;
  }
  return value;
}

// What toml++ says in words that don't help, and what to say for it.
struct Rewording {
  std::string_view theirs;
  std::string_view ours;
};
constexpr std::array<Rewording, 3> kRewordings{{
    {"unescaped control characters",
     "the string is not closed on its line, or has a control character in it"},
    {"expected digit", "no number goes on like this; durations, sizes and rates stand in quotes"},
    {"invalid utf-8", "this is not UTF-8"},
}};

// "Error while parsing string: unknown escape" -> "not valid TOML: unknown escape (in the string)".
std::string reason_of(std::string_view description) {
  constexpr std::string_view kOpening = "Error while parsing ";
  std::string reason = "not valid TOML: ";
  for (const Rewording& rewording : kRewordings) {
    if (description.find(rewording.theirs) == std::string_view::npos) continue;
    return reason.append(rewording.ours);
  }
  const size_t colon = description.find(": ");
  if (description.substr(0, kOpening.size()) != kOpening || colon == std::string_view::npos) {
    return reason.append(description);
  }
  const std::string_view where = description.substr(kOpening.size(), colon - kOpening.size());
  return reason.append(description.substr(colon + 2)).append(" (in the ").append(where).append(")");
}

}  // namespace

const TomlMember* TomlValue::find(std::string_view key) const {
  for (const TomlMember& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

std::string_view kind_text(TomlValue::Kind kind) {
  switch (kind) {
    case TomlValue::Kind::string:
      return "a string";
    case TomlValue::Kind::integer:
    case TomlValue::Kind::fraction:
      return "a number";
    case TomlValue::Kind::boolean:
      return "true or false";
    case TomlValue::Kind::date:
      return "a date or time of day";
    case TomlValue::Kind::list:
      return "a list";
    case TomlValue::Kind::table:
      return "a table";
  }
  return "";
}

std::optional<TomlValue> read_toml(std::string_view toml, ErrorList& errors) {
  try {
    return tree_of(toml::parse(toml));
  } catch (const toml::parse_error& error) {
    errors.add(place_of(error.source()), reason_of(error.description()));
    return std::nullopt;
  }
}

}  // namespace p2p::sim
