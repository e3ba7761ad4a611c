// [swarm], [always] and [promise].
#include <algorithm>
#include <array>

#include "io_sim/scenario/names.h"
#include "io_sim/scenario/sections.h"
#include "io_sim/scenario/suggestions.h"
#include "io_sim/scenario/swarm.h"
#include "io_sim/scenario/values.h"

namespace p2p::sim {

namespace {

constexpr std::string_view kSwarm = "[swarm]";
constexpr std::string_view kAlways = "[always]";
constexpr std::string_view kPromise = "[promise]";

// [swarm].

void read_families(Reader& reader, const TomlValue& value, Swarm& into) {
  std::vector<PlacedText> names;
  if (!read_texts(reader, value, "a family of faults such as \"crash\"", names)) return;
  const auto known = fault_family_names();
  for (const PlacedText& name : names) {
    size_t index = 0;
    if (!find_word(reader, name, "family of faults", words(known), index)) continue;
    const FaultFamily family = known[index].value;
    if (std::find(into.families.begin(), into.families.end(), family) != into.families.end()) {
      reader.errors.add(name.place, in_quotes(name.text) + " is in the list twice");
    }
    into.families.push_back(family);
  }
}

constexpr std::array<Key<Swarm>, 3> kSwarmKeys{{
    {"families", read_families},
    {"enable_each", field<Swarm, &Swarm::enable_each, read_probability>},
    {"until", field<Swarm, &Swarm::until, read_duration>},
}};

void check_until(Reader& reader, const TomlValue& table, const Swarm& swarm) {
  const TomlValue& until = table.find("until")->value;
  if (swarm.until > reader.stop) {
    reader.fail(until, stops_before(reader));
  } else if (swarm.until < kShortestSwarm) {
    reader.fail(until, "faults begin at 1s at the earliest and need a second at least");
  }
}

// [always].

void check_invariant(Reader& reader, const PlacedText& name) {
  if (reader.known_invariants.empty()) return;
  const std::vector<std::string_view> known(reader.known_invariants.begin(),
                                            reader.known_invariants.end());
  size_t index = 0;
  find_word(reader, name, "invariant", known, index);
}

void read_invariants(Reader& reader, const TomlValue& value, Scenario& into) {
  if (value.kind == TomlValue::Kind::string && value.text == "all") return;
  std::vector<PlacedText> names;
  if (!read_texts(reader, value, "\"all\" or the name of an invariant", names)) return;
  into.no_invariants = names.empty();
  for (PlacedText& name : names) {
    check_invariant(reader, name);
    into.invariants.push_back(std::move(name.text));
  }
}

constexpr std::array<Key<Scenario>, 1> kAlwaysKeys{{{"invariants", read_invariants}}};

// [promise].

bool read_verdict(Reader& reader, const TomlValue& value, Verdict& into) {
  return read_named(reader, value, "verdict", verdict_names(), into);
}

constexpr std::array<Key<Promise>, 2> kPromiseKeys{{
    {"verdict", field<Promise, &Promise::verdict, read_verdict>},
    {"because", field<Promise, &Promise::because, read_text>},
}};

void check_because(Reader& reader, const TomlMember& because, const Promise& promise) {
  const PlacedText name{promise.because, because.value.place};
  size_t index = 0;
  switch (promise.verdict) {
    case Verdict::violated:
      check_invariant(reader, name);
      return;
    case Verdict::unmet:
      find_word(reader, name, "claim", words(claim_names()), index);
      return;
    case Verdict::pass:
    case Verdict::nondeterministic:
      reader.errors.add(because.place,
                        "\"because\" goes with verdict = \"violated\" or \"unmet\" only");
  }
}

}  // namespace

void read_swarm(Reader& reader, const TomlValue& value, std::optional<Swarm>& into) {
  if (!require_table(reader, value, "a table [swarm]")) return;
  Swarm& swarm = into.emplace();
  const size_t errors_before = reader.errors.size();
  read_keys<Swarm>(reader, value, kSwarm, kSwarmKeys, swarm);
  require_key(reader, value, "families", kSwarm);
  require_key(reader, value, "until", kSwarm);
  if (reader.errors.size() == errors_before) check_until(reader, value, swarm);
}

void read_always(Reader& reader, const TomlValue& value, Scenario& into) {
  if (!require_table(reader, value, "a table [always]")) return;
  read_keys<Scenario>(reader, value, kAlways, kAlwaysKeys, into);
}

void read_promise(Reader& reader, const TomlValue& value, Promise& into) {
  if (!require_table(reader, value, "a table [promise]")) return;
  const size_t errors_before = reader.errors.size();
  read_keys<Promise>(reader, value, kPromise, kPromiseKeys, into);
  require_key(reader, value, "verdict", kPromise);
  if (reader.errors.size() != errors_before) return;
  if (const TomlMember* because = value.find("because")) check_because(reader, *because, into);
}

std::vector<SectionKeys> run_keys() {
  return {
      {kSwarm, key_names<Swarm>(kSwarmKeys)},
      {kAlways, key_names<Scenario>(kAlwaysKeys)},
      {kPromise, key_names<Promise>(kPromiseKeys)},
  };
}

}  // namespace p2p::sim
