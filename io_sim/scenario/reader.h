// How the tables of a scenario file are read: a table of keys for each kind of table, and the
// checks that all of them share.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io_sim/scenario/errors.h"
#include "io_sim/scenario/scenario.h"
#include "io_sim/scenario/toml_tree.h"

namespace p2p::sim {

struct DeclaredGroup {
  uint32_t count = 1;
  bool single = true;
  bool count_known = true;  // false: it is wrong, which was said already
  Place place;              // of the id
};

// The ids that the file gives, known before anything refers to them.
struct Declarations {
  std::map<std::string, DeclaredGroup, std::less<>> groups;
  std::map<std::string, Place, std::less<>> contents;
};

struct Reader {
  ErrorList& errors;
  std::span<const std::string_view> known_invariants;
  Declarations declared;
  Duration stop;
  PieceSize piece_size;

  void fail(const TomlValue& value, std::string message) {
    errors.add(value.place, std::move(message));
  }
};

// One key of a table that is read into a T. Of a table of several kinds (an event, by its deed), it
// belongs to those whose bits are in `kinds`.
template <class T>
struct Key {
  std::string_view name;
  void (*read)(Reader& reader, const TomlValue& value, T& into);
  uint32_t kinds = ~uint32_t{0};
};

template <class T, auto Member, auto Read>
void field(Reader& reader, const TomlValue& value, T& into) {
  Read(reader, value, into.*Member);
}

// The same for a std::optional member, which stays empty when the value is wrong.
template <class T, auto Member, auto Read>
void optional_field(Reader& reader, const TomlValue& value, T& into) {
  auto& member = (into.*Member).emplace();
  if (!Read(reader, value, member)) (into.*Member).reset();
}

// The kind of a table, said by its key `by`: do = "crash".
struct TableKind {
  std::string_view by;
  size_t index = 0;
  std::vector<std::string_view> names;
};

// False, with an error, unless it is a table.
bool require_table(Reader& reader, const TomlValue& value, std::string_view meant);
bool require_key(Reader& reader, const TomlValue& table, std::string_view key,
                 std::string_view where);
void unknown_key(Reader& reader, const TomlMember& member, std::string_view where,
                 const std::vector<std::string_view>& known);
void misplaced_key(Reader& reader, const TomlMember& member, const TableKind& kind,
                   uint32_t belongs_to);

template <class T>
std::vector<std::string_view> key_names(std::span<const Key<T>> keys) {
  std::vector<std::string_view> names;
  for (const Key<T>& key : keys) names.push_back(key.name);
  return names;
}

// `where` is for messages: "[network]". The value is known to be a table.
template <class T>
void read_keys(Reader& reader, const TomlValue& table, std::string_view where,
               std::span<const Key<T>> keys, T& into,
               const std::optional<TableKind>& kind = std::nullopt) {
  for (const TomlMember& member : table.members) {
    const Key<T>* found = nullptr;
    for (const Key<T>& key : keys) {
      if (key.name == member.key) found = &key;
    }
    if (found == nullptr) {
      unknown_key(reader, member, where, key_names(keys));
    } else if (kind && (found->kinds >> kind->index & 1) == 0) {
      misplaced_key(reader, member, *kind, found->kinds);
    } else {
      found->read(reader, member.value, into);
    }
  }
}

}  // namespace p2p::sim
