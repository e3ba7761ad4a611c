#include "io_sim/scenario/values.h"

#include <algorithm>
#include <array>

#include "engine/base/quantity.h"
#include "io_sim/scenario/quantities.h"
#include "io_sim/scenario/suggestions.h"

namespace p2p::sim {

namespace {

using Kind = TomlValue::Kind;

bool require_kind(Reader& reader, const TomlValue& value, Kind kind, std::string_view meant) {
  if (value.kind == kind) return true;
  reader.fail(value, std::string(meant) + " is meant, not " + std::string(kind_text(value.kind)));
  return false;
}

bool read_rate(Reader& reader, const TomlValue& value, uint64_t& into) {
  if (!require_kind(reader, value, Kind::string, "a rate in quotes such as \"100Mbit\"")) {
    return false;
  }
  const auto rate = parse_rate(value.text);
  if (!rate) {
    reader.fail(value, in_quotes(value.text) +
                           " is not a rate; write a whole number and bit, kbit, Mbit, Gbit, B, kB, "
                           "MB or GB, all a second, such as \"100Mbit\"");
    return false;
  }
  if (*rate == 0) {
    reader.fail(value, "nothing would ever arrive at a rate of zero; leave it out for no limit");
    return false;
  }
  into = *rate;
  return true;
}

constexpr std::array<Named<LatencyLaw::Kind>, 3> kLatencyKinds{{
    {"fixed", LatencyLaw::Kind::fixed},
    {"uniform", LatencyLaw::Kind::uniform},
    {"exponential", LatencyLaw::Kind::exponential},
}};

constexpr uint32_t latency_kind(LatencyLaw::Kind kind) {
  return uint32_t{1} << static_cast<unsigned>(kind);
}

constexpr std::array<Key<LatencyLaw>, 4> kLatencyKeys{{
    {"dist", [](Reader&, const TomlValue&, LatencyLaw&) {}},  // read first
    {"min", field<LatencyLaw, &LatencyLaw::min, read_duration>},
    {"max", field<LatencyLaw, &LatencyLaw::max, read_duration>,
     latency_kind(LatencyLaw::Kind::uniform)},
    {"mean", field<LatencyLaw, &LatencyLaw::mean, read_duration>,
     latency_kind(LatencyLaw::Kind::exponential)},
}};

constexpr std::array<Key<Bandwidth>, 2> kBandwidthKeys{{
    {"up", field<Bandwidth, &Bandwidth::up, read_rate>},
    {"down", field<Bandwidth, &Bandwidth::down, read_rate>},
}};

// The keys that a law of its kind can't do without.
bool is_complete(Reader& reader, const TomlValue& table, const LatencyLaw& law) {
  constexpr std::string_view kWhere = "the latency";
  switch (law.kind) {
    case LatencyLaw::Kind::fixed:
      return require_key(reader, table, "min", kWhere);
    case LatencyLaw::Kind::uniform:
      return require_key(reader, table, "min", kWhere) && require_key(reader, table, "max", kWhere);
    case LatencyLaw::Kind::exponential:
      return require_key(reader, table, "mean", kWhere);
  }
  return false;
}

bool is_ordered(Reader& reader, const TomlValue& table, const LatencyLaw& law) {
  if (law.kind == LatencyLaw::Kind::uniform && law.max < law.min) {
    reader.fail(table.find("max")->value, "\"max\" is less than \"min\"");
    return false;
  }
  if (law.kind == LatencyLaw::Kind::exponential && law.mean < law.min) {
    reader.fail(table.find("mean")->value, "\"mean\" is less than \"min\", which is part of it");
    return false;
  }
  return true;
}

bool is_id(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto may_follow = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !text.empty() && is_letter(text.front()) &&
         std::all_of(text.begin(), text.end(), may_follow);
}

}  // namespace

std::span<const Key<LatencyLaw>> latency_keys() { return kLatencyKeys; }
std::span<const Key<Bandwidth>> bandwidth_keys() { return kBandwidthKeys; }

std::string stops_before(const Reader& reader) {
  return "the run stops before that, at " + exact_duration_text(reader.stop);
}

bool read_text(Reader& reader, const TomlValue& value, std::string& into) {
  if (!require_kind(reader, value, Kind::string, "a string")) return false;
  into = value.text;
  return true;
}

bool read_flag(Reader& reader, const TomlValue& value, bool& into) {
  if (!require_kind(reader, value, Kind::boolean, "true or false without quotes")) return false;
  into = value.boolean;
  return true;
}

bool read_duration(Reader& reader, const TomlValue& value, Duration& into) {
  if (!require_kind(reader, value, Kind::string, "a duration in quotes such as \"5s\"")) {
    return false;
  }
  const auto duration = parse_duration(value.text);
  if (!duration) {
    reader.fail(value, in_quotes(value.text) +
                           " is not a duration; write a whole number and ms, s, min or h, such as "
                           "\"250ms\" or \"5s\"");
    return false;
  }
  if (*duration > kLongestDuration) {
    reader.fail(value, in_quotes(value.text) + " is too long; 10000h is the most");
    return false;
  }
  into = *duration;
  return true;
}

bool read_positive_duration(Reader& reader, const TomlValue& value, Duration& into) {
  if (!read_duration(reader, value, into)) return false;
  if (into > Duration()) return true;
  reader.fail(value, "a duration above zero is meant");
  return false;
}

bool read_size(Reader& reader, const TomlValue& value, uint64_t& into) {
  if (!require_kind(reader, value, Kind::string, "a size in quotes such as \"64KiB\"")) {
    return false;
  }
  const auto size = parse_size(value.text);
  if (!size) {
    reader.fail(value, in_quotes(value.text) +
                           " is not a size; write a whole number and B, KiB, MiB, GiB, kB, MB or "
                           "GB, such as \"64KiB\"");
    return false;
  }
  into = *size;
  return true;
}

bool read_positive_size(Reader& reader, const TomlValue& value, uint64_t& into) {
  if (!read_size(reader, value, into)) return false;
  if (into > 0) return true;
  reader.fail(value, "a size above zero is meant");
  return false;
}

bool read_probability(Reader& reader, const TomlValue& value, Probability& into) {
  constexpr std::string_view kMeant = "a number from 0 to 1 such as 0.01";
  double fraction = value.fraction;
  if (value.kind == Kind::integer) {
    fraction = value.integer == 0 ? 0.0 : value.integer == 1 ? 1.0 : 2.0;
  } else if (!require_kind(reader, value, Kind::fraction, kMeant)) {
    return false;
  }
  const auto probability = probability_of(fraction);
  if (!probability) {
    reader.fail(value, std::string(kMeant) + " is meant");
    return false;
  }
  into = *probability;
  return true;
}

bool read_share(Reader& reader, const TomlValue& value, Share& into) {
  constexpr std::string_view kMeant = "a number above 0 and up to 1 such as 0.9";
  double fraction = value.fraction;
  if (value.kind == Kind::integer) {
    fraction = value.integer == 1 ? 1.0 : 0.0;
  } else if (!require_kind(reader, value, Kind::fraction, kMeant)) {
    return false;
  }
  const auto share = share_of(fraction);
  if (!share) {
    reader.fail(value, std::string(kMeant) + " is meant, with at most six decimals");
    return false;
  }
  into = *share;
  return true;
}

bool read_latency(Reader& reader, const TomlValue& value, LatencyLaw& into) {
  LatencyLaw law;
  if (value.kind == Kind::string) {
    if (!read_duration(reader, value, law.min)) return false;
    into = law;
    return true;
  }
  constexpr std::string_view kMeant =
      "a duration such as \"20ms\" or a table such as { dist = \"uniform\", min = \"5ms\", max = "
      "\"40ms\" }";
  if (!require_table(reader, value, kMeant)) return false;
  if (!require_key(reader, value, "dist", "the latency")) return false;
  const std::span<const Named<LatencyLaw::Kind>> kinds = kLatencyKinds;
  if (!read_named(reader, value.find("dist")->value, "distribution", kinds, law.kind)) return false;
  const TableKind kind{"dist", static_cast<size_t>(law.kind), words(kinds)};
  const size_t errors_before = reader.errors.size();
  read_keys(reader, value, "the latency", latency_keys(), law, kind);
  if (reader.errors.size() != errors_before) return false;
  if (!is_complete(reader, value, law) || !is_ordered(reader, value, law)) return false;
  into = law;
  return true;
}

bool read_bandwidth(Reader& reader, const TomlValue& value, Bandwidth& into) {
  Bandwidth bandwidth;
  if (value.kind == Kind::string) {
    if (value.text != "unlimited") {
      if (!read_rate(reader, value, bandwidth.up)) return false;
      bandwidth.down = bandwidth.up;
    }
    into = bandwidth;
    return true;
  }
  constexpr std::string_view kMeant =
      "a rate such as \"100Mbit\", \"unlimited\" or a table such as { up = \"20Mbit\", down = "
      "\"100Mbit\" }";
  if (!require_table(reader, value, kMeant)) return false;
  if (value.members.empty()) {
    reader.fail(value, "the bandwidth is empty; write \"up\" or \"down\", or \"unlimited\"");
    return false;
  }
  read_keys(reader, value, "the bandwidth", bandwidth_keys(), bandwidth);
  into = bandwidth;
  return true;
}

bool read_id(Reader& reader, const TomlValue& value, std::string& into) {
  if (!read_text(reader, value, into)) return false;
  if (is_id(into)) return true;
  reader.fail(value, in_quotes(into) +
                         " can't be an id; write letters, digits, \"_\" and \"-\", a letter first");
  return false;
}

bool read_integer(Reader& reader, const TomlValue& value, int64_t least, int64_t most,
                  int64_t& into) {
  const std::string meant =
      "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
  if (value.kind == Kind::fraction) {
    reader.fail(value, meant + " is meant");
    return false;
  }
  if (!require_kind(reader, value, Kind::integer, meant + " without quotes")) return false;
  if (value.integer < least || value.integer > most) {
    reader.fail(value, meant + " is meant");
    return false;
  }
  into = value.integer;
  return true;
}

bool read_texts(Reader& reader, const TomlValue& value, std::string_view meant,
                std::vector<PlacedText>& into) {
  const std::string sentence = std::string(meant) + ", or a list of such,";
  if (value.kind == Kind::string) {
    into.push_back(PlacedText{value.text, value.place});
    return true;
  }
  if (!require_kind(reader, value, Kind::list, sentence)) return false;
  bool right = true;
  for (const TomlValue& item : value.items) {
    if (!require_kind(reader, item, Kind::string, meant)) {
      right = false;
      continue;
    }
    into.push_back(PlacedText{item.text, item.place});
  }
  return right;
}

bool find_word(Reader& reader, const PlacedText& word, std::string_view subject,
               const std::vector<std::string_view>& known, size_t& index) {
  const auto found = std::find(known.begin(), known.end(), word.text);
  if (found == known.end()) {
    reader.errors.add(word.place, "unknown " + std::string(subject) + " " + in_quotes(word.text) +
                                      "; " + meant(word.text, known));
    return false;
  }
  index = static_cast<size_t>(found - known.begin());
  return true;
}

bool read_word(Reader& reader, const TomlValue& value, std::string_view subject,
               const std::vector<std::string_view>& known, size_t& index) {
  std::string text;
  if (!read_text(reader, value, text)) return false;
  return find_word(reader, PlacedText{text, value.place}, subject, known, index);
}

}  // namespace p2p::sim
