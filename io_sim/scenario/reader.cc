#include "io_sim/scenario/reader.h"

#include "io_sim/scenario/suggestions.h"

namespace p2p::sim {

bool require_table(Reader& reader, const TomlValue& value, std::string_view meant) {
  if (value.kind == TomlValue::Kind::table) return true;
  reader.fail(value, std::string(meant) + " is meant, not " + std::string(kind_text(value.kind)));
  return false;
}

bool require_key(Reader& reader, const TomlValue& table, std::string_view key,
                 std::string_view where) {
  if (table.find(key) != nullptr) return true;
  reader.fail(table, std::string(where) + " lacks the key " + in_quotes(key));
  return false;
}

void unknown_key(Reader& reader, const TomlMember& member, std::string_view where,
                 const std::vector<std::string_view>& known) {
  reader.errors.add(member.place, "unknown key " + in_quotes(member.key) + " in " +
                                      std::string(where) + "; " + meant(member.key, known));
}

void misplaced_key(Reader& reader, const TomlMember& member, const TableKind& kind,
                   uint32_t belongs_to) {
  std::vector<std::string> quoted;
  for (size_t i = 0; i < kind.names.size(); ++i) {
    if ((belongs_to >> i & 1) != 0) quoted.push_back(in_quotes(kind.names[i]));
  }
  const std::vector<std::string_view> names(quoted.begin(), quoted.end());
  const std::string by = std::string(kind.by) + " = ";
  reader.errors.add(member.place, in_quotes(member.key) + " makes no sense with " + by +
                                      in_quotes(kind.names[kind.index]) + "; it goes with " + by +
                                      alternatives(names));
}

}  // namespace p2p::sim
