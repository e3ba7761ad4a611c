// Readers of single values. Each returns false, after telling why at the value's place, when it is
// wrong.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io_sim/scenario/names.h"
#include "io_sim/scenario/reader.h"

namespace p2p::sim {

// No virtual time is later, so that sums of a few don't overflow.
inline constexpr Duration kLongestDuration = Duration::minutes(int64_t{10'000} * 60);

// The message about a time after the end of the run.
std::string stops_before(const Reader& reader);

bool read_text(Reader& reader, const TomlValue& value, std::string& into);
bool read_flag(Reader& reader, const TomlValue& value, bool& into);
bool read_duration(Reader& reader, const TomlValue& value, Duration& into);
bool read_positive_duration(Reader& reader, const TomlValue& value, Duration& into);
bool read_size(Reader& reader, const TomlValue& value, uint64_t& into);
bool read_positive_size(Reader& reader, const TomlValue& value, uint64_t& into);
bool read_probability(Reader& reader, const TomlValue& value, Probability& into);
bool read_share(Reader& reader, const TomlValue& value, Share& into);
bool read_latency(Reader& reader, const TomlValue& value, LatencyLaw& into);
bool read_bandwidth(Reader& reader, const TomlValue& value, Bandwidth& into);
// Letters, digits, "_" and "-", a letter first.
bool read_id(Reader& reader, const TomlValue& value, std::string& into);
bool read_integer(Reader& reader, const TomlValue& value, int64_t least, int64_t most,
                  int64_t& into);

template <class Number, int64_t Least, int64_t Most>
bool read_count(Reader& reader, const TomlValue& value, Number& into) {
  int64_t number = 0;
  if (!read_integer(reader, value, Least, Most, number)) return false;
  into = static_cast<Number>(number);
  return true;
}

// The strings of a list, or the one that stands alone, with their places.
struct PlacedText {
  std::string text;
  Place place;
};
bool read_texts(Reader& reader, const TomlValue& value, std::string_view meant,
                std::vector<PlacedText>& into);

bool read_word(Reader& reader, const TomlValue& value, std::string_view subject,
               const std::vector<std::string_view>& known, size_t& index);
bool find_word(Reader& reader, const PlacedText& word, std::string_view subject,
               const std::vector<std::string_view>& known, size_t& index);

template <class Enum>
std::vector<std::string_view> words(std::span<const Named<Enum>> names) {
  std::vector<std::string_view> words;
  for (const auto& row : names) words.push_back(row.name);
  return words;
}

template <class Enum>
bool read_named(Reader& reader, const TomlValue& value, std::string_view subject,
                std::span<const Named<Enum>> names, Enum& into) {
  size_t index = 0;
  if (!read_word(reader, value, subject, words(names), index)) return false;
  into = names[index].value;
  return true;
}

std::span<const Key<LatencyLaw>> latency_keys();
std::span<const Key<Bandwidth>> bandwidth_keys();

}  // namespace p2p::sim
