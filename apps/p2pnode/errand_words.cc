#include "apps/p2pnode/errand_words.h"

#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>

#include "engine/base/hex.h"

namespace p2p::app {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kImportances{"error", "warning", "info", "detail",
                                                       "trace"};

std::string hex_of(const std::string& text) { return to_hex(std::as_bytes(std::span(text))); }

// Names and paths in them may be no UTF-8, which JSON can't carry.
struct WordToJson {
  ordered_json operator()(const PrintWord& word) const { return {{"print", hex_of(word.text)}}; }
  ordered_json operator()(const SayWord& word) const {
    return {{"say", hex_of(word.sentence)},
            {"importance", kImportances.at(static_cast<size_t>(word.importance))}};
  }
  ordered_json operator()(const ProgressWord& word) const {
    return {{"progress", hex_of(word.line)}};
  }
  ordered_json operator()(const EndWord& word) const {
    return {{"end", static_cast<int>(word.code)}};
  }
  ordered_json operator()(const DeclineWord& word) const {
    return {{"declined", hex_of(word.why)}};
  }
};

std::optional<std::string> hex_text_at(const ordered_json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  const auto bytes = from_hex(found->get<std::string>());
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

Importance importance_at(const ordered_json& json) {
  const auto found = json.find("importance");
  for (size_t i = 0; i < kImportances.size() && found != json.end(); ++i) {
    if (*found == kImportances[i]) return static_cast<Importance>(i);
  }
  return Importance::info;
}

std::optional<EndWord> end_of(const ordered_json& json) {
  constexpr int kCodeMax = 255;
  const auto found = json.find("end");
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  const auto code = found->get<uint64_t>();
  if (code > kCodeMax) return std::nullopt;
  return EndWord{static_cast<ExitCode>(code)};
}

}  // namespace

std::string word_line(const ErrandWord& word) { return std::visit(WordToJson(), word).dump(); }

std::optional<ErrandWord> parse_word(std::string_view line) {
  const ordered_json json = ordered_json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  if (const auto text = hex_text_at(json, "print")) return PrintWord{*text};
  if (const auto text = hex_text_at(json, "say")) return SayWord{importance_at(json), *text};
  if (const auto text = hex_text_at(json, "progress")) return ProgressWord{*text};
  if (const auto why = hex_text_at(json, "declined")) return DeclineWord{*why};
  return end_of(json);
}

}  // namespace p2p::app
