// A result as the JSON object that `--json` prints (schema 1), and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io_sim/run/result.h"

namespace p2p::sim {

inline constexpr int kResultSchema = 1;

// One line without a newline: schema, scenario, seed, verdict, virtual_s, events, nodes,
// trace_hash, expectations [{that, by_s, met_at_s or null, instead}], violated (null or {invariant,
// at_s, node, detail}), payload_bytes, control_bytes, as_promised, repeat.
std::string result_json(const Result& result, bool as_promised, const std::string& repeat);
// nullopt for anything that result_json did not write.
std::optional<Result> parse_result_json(std::string_view line);

}  // namespace p2p::sim
