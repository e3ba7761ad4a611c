#include "apps/p2pnode/errand.h"

#include <climits>
#include <cstddef>
#include <span>
#include <utility>

#include "apps/p2pnode/json_line.h"
#include "apps/p2pnode/look_request.h"
#include "apps/p2pnode/options.h"
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

std::string hex_of_text(const std::string& text) { return to_hex(std::as_bytes(std::span(text))); }

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
    line["path_hex"] = hex_of_text(errand.path);
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
  ordered_json operator()(const GetErrand& errand) const {
    ordered_json line = errand_of("get", false);
    line["id"] = errand.id.hex();
    line["path_hex"] = hex_of_text(errand.path);
    if (errand.called != errand.path) line["called_hex"] = hex_of_text(errand.called);
    line["piece_bytes"] = errand.piece_size.bytes();
    if (errand.timeout) line["timeout_ns"] = errand.timeout->count_ns();
    for (const HostPort& peer : errand.peers) line["peers_hex"].push_back(hex_of_text(peer.text()));
    if (errand.directories) line["directories"] = true;
    for (const std::string& path : errand.paths) line["paths_hex"].push_back(hex_of_text(path));
    return line;
  }
  ordered_json operator()(const SavedErrand& errand) const {
    ordered_json line = errand_of("saved", false);
    line["id"] = errand.id.hex();
    line["path_hex"] = hex_of_text(errand.path);
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

// Empty: there is none.
std::string path_at(const ordered_json& line, const char* key) {
  const auto path = from_hex(word_at(line, key));
  if (!path) return {};
  return {reinterpret_cast<const char*>(path->data()), path->size()};
}

// No path that the kernel takes is longer, or has a zero in it.
bool is_absolute(const std::string& path) {
  return !path.empty() && path.front() == '/' && path.size() < PATH_MAX &&
         path.find('\0') == std::string::npos;
}

std::optional<PieceSize> piece_size_at(const ordered_json& line) {
  const auto bytes = line.find("piece_bytes");
  if (bytes == line.end() || !bytes->is_number_unsigned()) return std::nullopt;
  return PieceSize::from_bytes(bytes->get<uint64_t>());
}

// The content and the path that an errand is about. Otherwise what it names none of.
template <class AnyErrand>
std::optional<std::string> read_id_and_path(const ordered_json& line, AnyErrand& errand) {
  const auto id = id_at(line);
  if (!id) return "the errand names no content";
  errand.id = *id;
  errand.path = path_at(line, "path_hex");
  if (!is_absolute(errand.path)) return "the errand names no path";
  return std::nullopt;
}

Parsed add_errand(const ordered_json& line) {
  AddErrand errand;
  errand.path = path_at(line, "path_hex");
  if (!is_absolute(errand.path)) return "the errand names no path";
  if (line.contains("piece_bytes")) {
    errand.piece_size = piece_size_at(line);
    if (!errand.piece_size) return "the errand names no piece size";
  }
  errand.copy = flag_at(line, "copy");
  errand.share = flag_at(line, "share");
  errand.json = flag_at(line, "json");
  errand.quiet = flag_at(line, "quiet");
  return errand;
}

// Hosts as well as paths may be no UTF-8. nullopt: not all of them are peers, or they are too many.
std::optional<std::vector<HostPort>> peers_at(const ordered_json& line) {
  std::vector<HostPort> peers;
  const auto texts = line.find("peers_hex");
  if (texts == line.end()) return peers;
  if (!texts->is_array() || texts->size() > kTicketPeersMax) return std::nullopt;
  for (const ordered_json& hex : *texts) {
    const auto text = hex.is_string() ? from_hex(hex.get<std::string>()) : std::nullopt;
    if (!text) return std::nullopt;
    auto peer = HostPort::parse({reinterpret_cast<const char*>(text->data()), text->size()}, 0);
    if (!peer) return std::nullopt;
    peers.push_back(std::move(*peer));
  }
  return peers;
}

// nullopt: not all of them are paths.
std::optional<std::vector<std::string>> paths_at(const ordered_json& line) {
  std::vector<std::string> paths;
  const auto texts = line.find("paths_hex");
  if (texts == line.end()) return paths;
  if (!texts->is_array()) return std::nullopt;
  for (const ordered_json& hex : *texts) {
    const auto text = hex.is_string() ? from_hex(hex.get<std::string>()) : std::nullopt;
    if (!text) return std::nullopt;
    paths.emplace_back(reinterpret_cast<const char*>(text->data()), text->size());
  }
  return paths;
}

Parsed get_errand(const ordered_json& line) {
  constexpr uint64_t kLongestNs = uint64_t{1'000'000'000} * 60 * 60 * 24 * 366 * 100;
  GetErrand errand;
  if (auto wrong = read_id_and_path(line, errand)) return *wrong;
  errand.called = line.contains("called_hex") ? path_at(line, "called_hex") : errand.path;
  if (errand.called.empty() || errand.called.size() >= PATH_MAX) return "the errand names no path";
  const auto piece_size = piece_size_at(line);
  if (!piece_size) return "the errand names no piece size";
  errand.piece_size = *piece_size;
  if (const auto ns = line.find("timeout_ns"); ns != line.end()) {
    if (!ns->is_number_unsigned() || ns->get<uint64_t>() > kLongestNs) {
      return "the errand names no time";
    }
    errand.timeout = Duration::nanoseconds(ns->get<int64_t>());
  }
  auto peers = peers_at(line);
  if (!peers) return "the errand names no peers";
  errand.peers = std::move(*peers);
  auto paths = paths_at(line);
  if (!paths) return "the errand names no paths";
  errand.paths = std::move(*paths);
  errand.directories = flag_at(line, "directories");
  return errand;
}

Parsed saved_errand(const ordered_json& line) {
  SavedErrand errand;
  if (auto wrong = read_id_and_path(line, errand)) return *wrong;
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
  if (command == "get") return get_errand(line);
  if (command == "saved") return saved_errand(line);
  if (command == "gc") return CollectErrand{flag_at(line, "json"), flag_at(line, "dry_run")};
  return "this node knows no such errand";
}

}  // namespace p2p::app
