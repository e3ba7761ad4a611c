#include "apps/p2pnode/json_line.h"

#include "apps/p2pnode/look_request.h"

namespace p2p::app {

using nlohmann::ordered_json;

ordered_json object_with_schema() {
  ordered_json json;
  json["schema"] = kLookSchema;
  return json;
}

std::string line_of(const ordered_json& json) {
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace p2p::app
