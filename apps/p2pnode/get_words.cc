#include "apps/p2pnode/get_words.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <span>

#include "engine/base/hex.h"

namespace p2p::app {
namespace {

using nlohmann::ordered_json;

struct GetWordToJson {
  ordered_json operator()(const ResumedWord& word) const {
    return {{"resumed", word.here}, {"total", word.total}};
  }
  ordered_json operator()(const FetchedWord& word) const {
    const ProgressView& view = word.view;
    ordered_json json = {{"fetched", view.done},
                         {"total", view.total},
                         {"peers", view.peers},
                         {"checked", view.pieces_checked},
                         {"pieces", view.pieces}};
    if (view.bytes_per_second) json["rate"] = *view.bytes_per_second;
    return json;
  }
  ordered_json operator()(const WholeWord& word) const {
    return {{"whole", word.length}, {"directory", word.directory}};
  }
  // Paths in the sentence may be no UTF-8.
  ordered_json operator()(const FailedWord& word) const {
    return {{"failed", static_cast<int>(word.failure.code)},
            {"why", to_hex(std::as_bytes(std::span(word.failure.sentence)))}};
  }
};

std::optional<uint64_t> number_at(const ordered_json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<uint64_t>();
}

FetchedWord fetched_word(const ordered_json& json, uint64_t done) {
  ProgressView view;
  view.done = done;
  view.total = number_at(json, "total").value_or(0);
  view.bytes_per_second = number_at(json, "rate");
  view.peers = number_at(json, "peers").value_or(0);
  view.pieces_checked = number_at(json, "checked").value_or(0);
  view.pieces = number_at(json, "pieces").value_or(0);
  return {view};
}

std::optional<GetWord> failed_word(const ordered_json& json, uint64_t code) {
  constexpr uint64_t kLastCode = 255;
  const auto why = json.find("why");
  if (code == 0 || code > kLastCode || why == json.end() || !why->is_string()) return std::nullopt;
  const auto text = from_hex(why->get<std::string>());
  if (!text) return std::nullopt;
  return FailedWord{{static_cast<ExitCode>(code),
                     std::string(reinterpret_cast<const char*>(text->data()), text->size())}};
}

}  // namespace

std::string get_word_line(const GetWord& word) { return std::visit(GetWordToJson(), word).dump(); }

std::optional<GetWord> parse_get_word(std::string_view line) {
  const ordered_json json = ordered_json::parse(line, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  if (const auto here = number_at(json, "resumed")) {
    return ResumedWord{*here, number_at(json, "total").value_or(0)};
  }
  if (const auto done = number_at(json, "fetched")) return fetched_word(json, *done);
  if (const auto length = number_at(json, "whole")) {
    return WholeWord{*length, json.value("directory", ordered_json()) == true};
  }
  if (const auto code = number_at(json, "failed")) return failed_word(json, *code);
  return std::nullopt;
}

}  // namespace p2p::app
