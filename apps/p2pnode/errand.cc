#include "apps/p2pnode/errand.h"

#include <cstddef>
#include <span>
#include <utility>

#include "apps/p2pnode/json_line.h"
#include "apps/p2pnode/look_request.h"
#include "engine/base/hex.h"

namespace p2p::app {
namespace {

using nlohmann::ordered_json;

ordered_json errand_of(const char* command, bool json) {
  ordered_json line = object_with_schema();
  line["ask"] = "errand";
  line["command"] = command;
  line["json"] = json;
  return line;
}

struct ToLine {
  ordered_json operator()(const RemoveErrand& errand) const {
    ordered_json line = errand_of("rm", errand.json);
    line["id"] = errand.id.hex();
    return line;
  }
  ordered_json operator()(const CollectErrand& errand) const {
    ordered_json line = errand_of("gc", errand.json);
    line["dry_run"] = errand.dry_run;
    return line;
  }
  ordered_json operator()(const VerifyErrand& errand) const {
    ordered_json line = errand_of("verify", errand.json);
    if (errand.id) line["id"] = errand.id->hex();
    return line;
  }
  ordered_json operator()(const AddErrand& errand) const {
    ordered_json line = errand_of("add", errand.json);
    // Paths may be no UTF-8.
    line["path_hex"] = to_hex(std::as_bytes(std::span(errand.path)));
    if (errand.piece_size) line["piece_bytes"] = errand.piece_size->bytes();
    line["copy"] = errand.copy;
    line["share"] = errand.share;
    line["quiet"] = errand.quiet;
    return line;
  }
  ordered_json operator()(const CacheErrand& errand) const {
    ordered_json line = errand_of("cache", false);
    if (errand.limit) line["limit_bytes"] = *errand.limit;
    return line;
  }
};

bool flag_at(const ordered_json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_boolean() && found->get<bool>();
}

std::string word_at(const ordered_json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<Digest> id_at(const ordered_json& line) {
  return Digest::from_hex(word_at(line, "id"));
}

using Parsed = std::variant<Errand, std::string>;

Parsed remove_errand(const ordered_json& line) {
  const auto id = id_at(line);
  if (!id) return "the errand names no content";
  return RemoveErrand{*id, flag_at(line, "json")};
}

Parsed verify_errand(const ordered_json& line) {
  VerifyErrand errand{flag_at(line, "json"), id_at(line)};
  if (line.contains("id") && !errand.id) return "the errand names no content";
  return errand;
}

Parsed cache_errand(const ordered_json& line) {
  CacheErrand errand;
  const auto limit = line.find("limit_bytes");
  if (limit == line.end()) return errand;
  if (!limit->is_number_unsigned()) return "the errand names no size of the cache";
  errand.limit = limit->get<uint64_t>();
  return errand;
}

Parsed add_errand(const ordered_json& line) {
  AddErrand errand;
  const auto path = from_hex(word_at(line, "path_hex"));
  if (!path || path->empty() || path->front() != std::byte{'/'}) return "the errand names no path";
  errand.path.assign(reinterpret_cast<const char*>(path->data()), path->size());
  if (const auto bytes = line.find("piece_bytes"); bytes != line.end()) {
    if (bytes->is_number_unsigned())
      errand.piece_size = PieceSize::from_bytes(bytes->get<uint64_t>());
    if (!errand.piece_size) return "the errand names no piece size";
  }
  errand.copy = flag_at(line, "copy");
  errand.share = flag_at(line, "share");
  errand.json = flag_at(line, "json");
  errand.quiet = flag_at(line, "quiet");
  return errand;
}

}  // namespace

std::string errand_line(const Errand& errand) { return line_of(std::visit(ToLine(), errand)); }

bool is_errand(std::string_view text) {
  const ordered_json line = ordered_json::parse(text, nullptr, false);
  return line.is_object() && word_at(line, "ask") == "errand";
}

std::variant<Errand, std::string> parse_errand(std::string_view text) {
  if (!is_errand(text)) return "this is no errand";
  const ordered_json line = ordered_json::parse(text, nullptr, false);
  const auto schema = line.find("schema");
  if (schema == line.end() || *schema != kLookSchema) {
    return "this node understands schema " + std::to_string(kLookSchema) + " only";
  }
  const std::string command = word_at(line, "command");
  if (command == "rm") return remove_errand(line);
  if (command == "verify") return verify_errand(line);
  if (command == "add") return add_errand(line);
  if (command == "cache") return cache_errand(line);
  if (command == "gc") return CollectErrand{flag_at(line, "json"), flag_at(line, "dry_run")};
  return "this node knows no such errand";
}

}  // namespace p2p::app
