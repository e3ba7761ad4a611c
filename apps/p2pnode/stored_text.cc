#include "apps/p2pnode/stored_text.h"

#include <array>
#include <ctime>

#include <nlohmann/json.hpp>

#include "apps/common/counts.h"
#include "apps/common/quoting.h"
#include "apps/p2pnode/json_line.h"
#include "engine/base/quantity.h"

namespace p2p::app {
namespace {

using io_linux::ContentRecord;
using io_linux::Verified;
using nlohmann::ordered_json;

// "2026-11-27 17:00", local time.
std::string time_text(int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  std::array<char, 32> text{};
  if (localtime_r(&time, &parts) == nullptr) return "?";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &parts)};
}

std::string name_of(const ContentRecord& record) {
  return printable(record.name) + (record.kind == ContentKind::directory ? "/" : "");
}

std::string place_of(const ContentRecord& record) {
  if (record.cached) return record.whole ? "cache" : "cache (unfinished)";
  if (!record.whole) return printable(record.source) + ".part (unfinished)";
  return record.source.empty() ? "store" : printable(record.source);
}

ordered_json record_json(const ContentRecord& record) {
  ordered_json json;
  json["id"] = record.id.hex();
  json["name"] = record.name;
  json["kind"] = record.kind == ContentKind::directory ? "directory" : "file";
  json["bytes"] = record.length;
  json["piece_bytes"] = record.piece_size.bytes();
  json["since"] = record.since_s;
  json["whole"] = record.whole;
  json["state"] = record.cached ? "cached" : "pinned";
  json["source"] = record.source.empty() ? ordered_json() : ordered_json(record.source);
  return json;
}

std::string verdict(const ContentRecord& record, const Verified& verified) {
  if (!record.whole) return "unfinished";
  if (verified.whole()) return "whole, " + counted(verified.pieces, "piece", "pieces");
  if (verified.bad + verified.missing == 0) return printable(verified.why);
  std::string text;
  if (verified.bad > 0) text += grouped(verified.bad) + " bad";
  if (verified.missing > 0) {
    text += (text.empty() ? "" : ", ") + grouped(verified.missing) + " missing";
  }
  text += " of " + counted(verified.pieces, "piece", "pieces");
  return verified.why.empty() ? text : text + ": " + printable(verified.why);
}

ordered_json verified_of(const Verified& verified) {
  ordered_json json;
  json["pieces"] = verified.pieces;
  json["bad"] = verified.bad;
  json["missing"] = verified.missing;
  json["why"] = verified.why.empty() ? ordered_json() : ordered_json(verified.why);
  return json;
}

}  // namespace

std::string listed_text(const std::vector<ContentRecord>& records) {
  std::string text;
  for (const ContentRecord& record : records) {
    std::string size = record.whole ? size_text(record.length) : "?";
    size.insert(0, size.size() < 10 ? 10 - size.size() : 0, ' ');
    text += record.id.hex() + "  " + size + "  " + time_text(record.since_s) + "  " +
            name_of(record) + "  " + place_of(record) + "\n";
  }
  return text;
}

std::string listed_json(const std::vector<ContentRecord>& records) {
  ordered_json json = object_with_schema();
  json["contents"] = ordered_json::array();
  for (const ContentRecord& record : records) json["contents"].push_back(record_json(record));
  return line_of(json);
}

std::string removed_json(const Digest& id) {
  ordered_json json = object_with_schema();
  json["removed"] = id.hex();
  return line_of(json);
}

std::string collected_text(const io_linux::Collected& collected, bool dry_run) {
  return (dry_run ? "would drop " : "dropped ") + counted(collected.dropped, "piece", "pieces") +
         " (" + size_text(collected.dropped_bytes) + "), " + grouped(collected.kept) + " kept";
}

std::string collected_json(const io_linux::Collected& collected, bool dry_run) {
  ordered_json json = object_with_schema();
  json["dry_run"] = dry_run;
  json["dropped_pieces"] = collected.dropped;
  json["dropped_bytes"] = collected.dropped_bytes;
  json["kept_pieces"] = collected.kept;
  json["damaged"] = ordered_json::array();
  for (const ContentRecord& record : collected.damaged) json["damaged"].push_back(record.id.hex());
  return line_of(json);
}

std::string verified_text(const VerifiedStore& store) {
  std::string text;
  for (const auto& [record, verified] : store.contents) {
    text += record.id.hex() + "  " + name_of(record) + "  " + verdict(record, verified) + "\n";
  }
  if (store.others.bad > 0) {
    text += "the store  " + counted(store.others.bad, "bad piece", "bad pieces") + " dropped\n";
  }
  return text;
}

std::string verified_json(const VerifiedStore& store) {
  ordered_json json = object_with_schema();
  json["contents"] = ordered_json::array();
  for (const auto& [record, verified] : store.contents) {
    ordered_json of_content = record_json(record);
    of_content.update(verified_of(verified));
    json["contents"].push_back(std::move(of_content));
  }
  json["store"] = verified_of(store.others);
  return line_of(json);
}

}  // namespace p2p::app
