#include "io_sim/scenario/references.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "io_sim/scenario/names.h"
#include "io_sim/scenario/suggestions.h"
#include "io_sim/scenario/values.h"

namespace p2p::sim {

namespace {

// A name of nodes as it is written: "peer[0..9]" is peer, 0, 9; "peer[*]" is peer, all.
struct WrittenName {
  std::string_view group;
  std::string_view brackets;  // "[0..9]", or empty
  bool all = false;
  uint32_t first = 0;
  uint32_t last = 0;
};

std::optional<uint32_t> take_number(std::string_view& text) {
  uint32_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(result.ptr - text.data()));
  return number;
}

bool take(std::string_view& text, std::string_view word) {
  if (text.substr(0, word.size()) != word) return false;
  text.remove_prefix(word.size());
  return true;
}

// What stands between the brackets.
bool read_index(std::string_view text, WrittenName& name) {
  if (text == "*") {
    name.all = true;
    return true;
  }
  const auto first = take_number(text);
  if (!first) return false;
  name.first = *first;
  name.last = *first;
  if (take(text, "..")) {
    const auto last = take_number(text);
    if (!last) return false;
    name.last = *last;
  }
  return text.empty();
}

std::optional<WrittenName> written_name(std::string_view text) {
  WrittenName name;
  const size_t bracket = text.find('[');
  name.group = text.substr(0, bracket);
  if (name.group.empty()) return std::nullopt;
  if (bracket == std::string_view::npos) {
    if (text.find(']') != std::string_view::npos) return std::nullopt;
    return name;
  }
  name.brackets = text.substr(bracket);
  if (name.brackets.back() != ']') return std::nullopt;
  const std::string_view index = name.brackets.substr(1, name.brackets.size() - 2);
  if (!read_index(index, name)) return std::nullopt;
  return name;
}

template <class Map>
std::vector<std::string_view> names_in(const Map& map) {
  std::vector<std::string_view> names;
  for (const auto& entry : map) names.push_back(entry.first);
  return names;
}

std::string unknown_group_text(const Reader& reader, const WrittenName& name) {
  const auto known = names_in(reader.declared.groups);
  std::string text = "no node is called " + in_quotes(name.group);
  if (const auto group = nearest(name.group, known)) {
    const bool single = reader.declared.groups.find(*group)->second.single;
    std::string_view brackets = name.brackets;
    if (single) brackets = "";
    if (!single && brackets.empty()) brackets = "[*]";
    return text + "; did you mean " + in_quotes(std::string(*group) + std::string(brackets)) + "?";
  }
  if (known.empty()) return text + "; the file has no [[nodes]]";
  return text + "; " + meant(name.group, known);
}

// What is wrong with the name; "" when it is of nodes that are there.
std::string complaint(const Reader& reader, std::string_view text, const WrittenName& name) {
  const auto found = reader.declared.groups.find(name.group);
  if (found == reader.declared.groups.end()) return unknown_group_text(reader, name);
  const DeclaredGroup& group = found->second;
  if (!group.count_known) return "";
  const std::string id(name.group);
  if (group.single) {
    if (name.brackets.empty()) return "";
    return in_quotes(id) + " is one node, as it has no count; did you mean " + in_quotes(id) + "?";
  }
  if (name.brackets.empty()) {
    return in_quotes(id) + " is a group with a count; did you mean " + in_quotes(id + "[*]") + "?";
  }
  if (name.all) return "";
  if (name.first > name.last) return in_quotes(text) + " goes backwards";
  if (name.last < group.count) return "";
  const std::string all = node_range_text(NodeRange{id, 0, group.count - 1}, false);
  return "there is no node " + in_quotes(id + "[" + std::to_string(name.last) + "]") + "; all of " +
         in_quotes(id) + " are " + in_quotes(all);
}

std::optional<NodeRange> resolved(Reader& reader, const PlacedText& written) {
  const auto name = written_name(written.text);
  if (!name) {
    reader.errors.add(written.place,
                      in_quotes(written.text) +
                          " is no name of nodes; write \"boot\", \"peer[3]\", \"peer[0..9]\" or "
                          "\"peer[*]\"");
    return std::nullopt;
  }
  const std::string wrong = complaint(reader, written.text, *name);
  if (!wrong.empty()) {
    reader.errors.add(written.place, wrong);
    return std::nullopt;
  }
  NodeRange range{std::string(name->group), name->first, name->last};
  if (name->all) range.last = reader.declared.groups.find(name->group)->second.count - 1;
  return range;
}

bool check_content(Reader& reader, const PlacedText& written) {
  if (reader.declared.contents.count(written.text) > 0) return true;
  const auto known = names_in(reader.declared.contents);
  const std::string ending =
      known.empty() ? "the file has no [[content]]" : meant(written.text, known);
  reader.errors.add(written.place,
                    "no content is called " + in_quotes(written.text) + "; " + ending);
  return false;
}

}  // namespace

bool read_node_set(Reader& reader, const TomlValue& value, NodeSet& into) {
  std::vector<PlacedText> names;
  bool right = read_texts(reader, value, "a name of nodes such as \"peer[0..9]\"", names);
  if (right && names.empty()) {
    reader.fail(value, "the list names no node");
    return false;
  }
  for (const PlacedText& name : names) {
    auto range = resolved(reader, name);
    right = right && range;
    if (range) into.push_back(std::move(*range));
  }
  return right;
}

bool read_contents(Reader& reader, const TomlValue& value, std::vector<std::string>& into) {
  std::vector<PlacedText> names;
  bool right = read_texts(reader, value, "the id of a [[content]]", names);
  if (right && names.empty()) {
    reader.fail(value, "the list names no content");
    return false;
  }
  for (const PlacedText& name : names) {
    right = check_content(reader, name) && right;
    if (std::find(into.begin(), into.end(), name.text) != into.end()) {
      reader.errors.add(name.place, in_quotes(name.text) + " is in the list twice");
      right = false;
    }
    into.push_back(name.text);
  }
  return right;
}

bool read_content(Reader& reader, const TomlValue& value, std::string& into) {
  if (!read_text(reader, value, into)) return false;
  return check_content(reader, PlacedText{into, value.place});
}

}  // namespace p2p::sim
