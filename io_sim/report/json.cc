#include "io_sim/report/json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "io_sim/scenario/names.h"

namespace p2p::sim {

namespace {

using Json = nlohmann::ordered_json;

// Seconds, for programs that know nothing of nanoseconds. Exact, and at most nine digits after the
// point, up to 10^15 ns: eleven days of virtual time.
constexpr double kNsPerSecond = 1e9;
constexpr double kSecondsMax = 9e9;  // what 64 bits of nanoseconds hold

double seconds_of(int64_t ns) { return static_cast<double>(ns) / kNsPerSecond; }

Json expectation_json(const ExpectationResult& expectation) {
  Json json;
  json["that"] = expectation.that;
  json["by_s"] = seconds_of(expectation.by.count_ns());
  json["met_at_s"] = expectation.met_at ? Json(seconds_of(expectation.met_at->count_ns())) : Json();
  json["instead"] = expectation.instead;
  return json;
}

Json violation_json(const Violation& violation) {
  Json json;
  json["invariant"] = violation.invariant;
  json["at_s"] = seconds_of(violation.at.since_origin_ns());
  json["node"] = violation.node;
  json["detail"] = violation.detail;
  return json;
}

// The keys stand in the order in which a person wants to read them.
Json to_json(const Result& result, bool as_promised, const std::string& repeat) {
  Json json;
  json["schema"] = kResultSchema;
  json["scenario"] = result.scenario;
  json["seed"] = result.seed;
  json["verdict"] = name_of(verdict_names(), result.verdict);
  json["virtual_s"] = seconds_of(result.virtual_time.count_ns());
  json["events"] = result.events;
  json["nodes"] = result.nodes;
  json["trace_hash"] = result.trace_hash;
  json["expectations"] = Json::array();
  for (const auto& expectation : result.expectations) {
    json["expectations"].push_back(expectation_json(expectation));
  }
  json["violated"] = result.violated ? violation_json(*result.violated) : Json();
  json["payload_bytes"] = result.payload_bytes;
  json["control_bytes"] = result.control_bytes;
  json["as_promised"] = as_promised;
  json["repeat"] = repeat;
  return json;
}

std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Reads the keys of one object; whether all were there and of the right type is asked at the end.
class Object {
 public:
  explicit Object(const Json& json) : json_(json), good_(json.is_object()) {}

  std::string text(const char* key) {
    const Json* const value = find(key);
    if (value == nullptr || !value->is_string()) return fail<std::string>();
    return value->get<std::string>();
  }
  uint64_t number(const char* key) {
    const Json* const value = find(key);
    if (value == nullptr || !value->is_number_unsigned()) return fail<uint64_t>();
    return value->get<uint64_t>();
  }
  bool flag(const char* key) {
    const Json* const value = find(key);
    if (value == nullptr || !value->is_boolean()) return fail<bool>();
    return value->get<bool>();
  }
  Duration seconds(const char* key) {
    const Json* const value = find(key);
    if (value == nullptr || !value->is_number()) return fail<Duration>();
    const auto seconds = value->get<double>();
    if (!(std::abs(seconds) <= kSecondsMax)) return fail<Duration>();
    return Duration::nanoseconds(std::llround(seconds * kNsPerSecond));
  }
  std::optional<Duration> seconds_or_null(const char* key) {
    if (is_null(key)) return std::nullopt;
    return seconds(key);
  }
  bool is_null(const char* key) {
    const Json* const value = find(key);
    return value != nullptr && value->is_null();
  }
  const Json& member(const char* key) {
    static const Json nothing;
    const Json* const value = find(key);
    return value == nullptr ? nothing : *value;
  }

  bool good() const { return good_; }

 private:
  const Json* find(const char* key) {
    if (!good_) return nullptr;
    const auto found = json_.find(key);
    if (found != json_.end()) return &*found;
    good_ = false;
    return nullptr;
  }
  template <class Value>
  Value fail() {
    good_ = false;
    return {};
  }

  const Json& json_;
  bool good_;
};

std::optional<ExpectationResult> parse_expectation(const Json& json) {
  Object object(json);
  ExpectationResult expectation;
  expectation.that = object.text("that");
  expectation.by = object.seconds("by_s");
  expectation.met_at = object.seconds_or_null("met_at_s");
  expectation.instead = object.text("instead");
  return object.good() ? std::optional(expectation) : std::nullopt;
}

std::optional<Violation> parse_violation(const Json& json) {
  Object object(json);
  Violation violation;
  violation.invariant = object.text("invariant");
  violation.at = Time() + object.seconds("at_s");
  violation.node = object.text("node");
  violation.detail = object.text("detail");
  return object.good() ? std::optional(violation) : std::nullopt;
}

bool parse_expectations(const Json& json, std::vector<ExpectationResult>& expectations) {
  if (!json.is_array()) return false;
  for (const Json& element : json) {
    auto expectation = parse_expectation(element);
    if (!expectation) return false;
    expectations.push_back(std::move(*expectation));
  }
  return true;
}

}  // namespace

std::string result_json(const Result& result, bool as_promised, const std::string& repeat) {
  return dumped(to_json(result, as_promised, repeat));
}

std::optional<Result> parse_result_json(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  Object object(json);
  if (object.number("schema") != kResultSchema) return std::nullopt;
  const auto verdict = value_of(verdict_names(), object.text("verdict"));
  if (!verdict) return std::nullopt;
  Result result;
  result.verdict = *verdict;
  result.scenario = object.text("scenario");
  result.seed = object.number("seed");
  result.virtual_time = object.seconds("virtual_s");
  result.events = object.number("events");
  result.nodes = object.number("nodes");
  result.trace_hash = object.text("trace_hash");
  result.payload_bytes = object.number("payload_bytes");
  result.control_bytes = object.number("control_bytes");
  if (!parse_expectations(object.member("expectations"), result.expectations)) return std::nullopt;
  if (!object.is_null("violated")) {
    result.violated = parse_violation(object.member("violated"));
    if (!result.violated) return std::nullopt;
  }
  const bool as_promised = object.flag("as_promised");
  const std::string repeat = object.text("repeat");
  if (!object.good()) return std::nullopt;
  // A number that was rounded, a key too many: not what result_json writes.
  if (to_json(result, as_promised, repeat) != json) return std::nullopt;
  return result;
}

}  // namespace p2p::sim
