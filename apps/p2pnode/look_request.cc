#include "apps/p2pnode/look_request.h"

#include <nlohmann/json.hpp>

namespace p2p::app {
namespace {

using nlohmann::ordered_json;

struct ToJson {
  ordered_json operator()(const AskPeers&) const { return asking("peers"); }
  ordered_json operator()(const AskStatus&) const { return asking("status"); }
  ordered_json operator()(const AskWhy& why) const {
    ordered_json json = asking("why");
    json["endpoint"] = why.endpoint.text();
    return json;
  }
  ordered_json operator()(const AskContent& content) const {
    ordered_json json = asking("content");
    json["id"] = content.id.hex();
    json["pieces"] = content.pieces;
    return json;
  }
  static ordered_json asking(const char* what) {
    ordered_json json;
    json["schema"] = kLookSchema;
    json["ask"] = what;
    return json;
  }
};

std::string text_at(const ordered_json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::variant<LookRequest, std::string> content_in(const ordered_json& json) {
  const auto id = Digest::from_hex(text_at(json, "id"));
  if (!id) return "the question names no id";
  const auto pieces = json.find("pieces");
  if (pieces == json.end() || !pieces->is_number_unsigned()) {
    return "the question does not say of how many pieces";
  }
  return AskContent{*id, pieces->get<size_t>()};
}

}  // namespace

std::string request_line(const LookRequest& request) {
  return std::visit(ToJson(), request).dump();
}

std::variant<LookRequest, std::string> parse_request(std::string_view line) {
  const ordered_json json = ordered_json::parse(line, nullptr, false);
  if (!json.is_object()) return "the question is no JSON object";
  const auto schema = json.find("schema");
  if (schema == json.end() || *schema != kLookSchema) {
    return "this node understands schema " + std::to_string(kLookSchema) + " only";
  }
  const std::string ask = text_at(json, "ask");
  if (ask == "peers") return AskPeers{};
  if (ask == "status") return AskStatus{};
  if (ask == "content") return content_in(json);
  if (ask != "why") return "this node knows no such question";
  const auto endpoint = Endpoint::parse(text_at(json, "endpoint"));
  if (!endpoint) return "the question names no endpoint";
  return AskWhy{*endpoint};
}

}  // namespace p2p::app
