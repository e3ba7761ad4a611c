#include "apps/p2pnode/look_text.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/common/counts.h"
#include "apps/common/quoting.h"
#include "apps/p2pnode/look_request.h"
#include "apps/p2pnode/progress.h"
#include "apps/p2pnode/text_table.h"
#include "apps/p2pnode/why_sentence.h"
#include "engine/base/endpoint.h"
#include "engine/base/quantity.h"
#include "engine/core/event.h"
#include "engine/core/notice.h"

namespace p2p::app {
namespace {

using Json = nlohmann::json;
using Rows = std::vector<std::vector<std::string>>;

const Json& at(const Json& object, const char* key) {
  static const Json nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}
bool is_true(const Json& object, const char* key) {
  const Json& value = at(object, key);
  return !value.is_null() && value.get<bool>();
}
uint64_t number(const Json& object, const char* key) {
  const Json& value = at(object, key);
  return value.is_null() ? 0 : value.get<uint64_t>();
}
std::string text(const Json& object, const char* key) {
  const Json& value = at(object, key);
  return value.is_null() ? "-" : printable(value.get<std::string>());
}
std::string bytes(const Json& object, const char* key) {
  const Json& value = at(object, key);
  return value.is_null() ? "-" : size_text(value.get<uint64_t>());
}
std::string span(const Json& object, const char* key) {
  const Json& value = at(object, key);
  return value.is_null() ? "-" : span_text(Duration::milliseconds(value.get<int64_t>()));
}

// "0.03 ms", "12.5 ms", "250 ms".
std::string round_trip(const Json& peer) {
  const Json& value = at(peer, "round_trip_us");
  if (value.is_null()) return "-";
  const auto us = value.get<uint64_t>();
  if (us >= 100'000) return std::to_string((us + 500) / 1000) + " ms";
  if (us < 1000) {
    const std::string hundredths = std::to_string((us + 5) / 10);
    return us < 995 ? "0." + std::string(hundredths.size() == 1 ? "0" : "") + hundredths + " ms"
                    : "1.0 ms";
  }
  const uint64_t tenths = (us + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

// The port alone where the address is that of the connection.
std::string listens(const Json& peer) {
  const std::string where = text(peer, "listens");
  const auto listening = Endpoint::parse(where);
  const auto remote = Endpoint::parse(text(peer, "endpoint"));
  if (!listening || !remote || listening->address != remote->address) return where;
  return ":" + std::to_string(listening->port);
}

std::string kind(const Json& peer) {
  if (!is_true(peer, "identified")) return "not known yet";
  const std::string program = is_true(peer, "legacy") ? ", original program" : "";
  return (is_true(peer, "surplus") ? "for exchange" : "neighbour") + program;
}

std::string score(const Json& peer) {
  if (at(peer, "score").is_null()) return "-";
  return grouped(number(peer, "score") + number(peer, "address_score"));
}

std::string peer_table(const Json& peers) {
  Rows rows = {{"ENDPOINT", "LISTENS", "WAY", "AGE", "IN", "OUT", "ROUND TRIP", "SCORE", "KIND"}};
  for (const Json& peer : peers) {
    rows.push_back({text(peer, "endpoint"), listens(peer), text(peer, "direction"),
                    span(peer, "age_ms"), bytes(peer, "bytes_in"), bytes(peer, "bytes_out"),
                    round_trip(peer), score(peer), kind(peer)});
  }
  return table_text("lllrrrrrl", rows);
}

// "5 connected: 2 in, 3 out; 1 for exchange, 1 of the original program, 1 not known yet"
std::string peers_in_short(const Json& peers) {
  size_t in = 0;
  size_t surplus = 0;
  size_t legacy = 0;
  size_t unknown = 0;
  for (const Json& peer : peers) {
    if (text(peer, "direction") == "in") ++in;
    if (!is_true(peer, "identified")) ++unknown;
    if (is_true(peer, "surplus")) ++surplus;
    if (is_true(peer, "legacy")) ++legacy;
  }
  std::string line = grouped(peers.size()) + " connected: " + grouped(in) + " in, " +
                     grouped(peers.size() - in) + " out";
  std::string separator = "; ";
  const auto add = [&](size_t count, const char* what) {
    if (count == 0) return;
    line += separator + grouped(count) + what;
    separator = ", ";
  };
  add(surplus, " for exchange");
  add(legacy, " of the original program");
  add(unknown, " not known yet");
  return line;
}

uint64_t sum(const Json& counts) {
  uint64_t all = 0;
  for (const Json& count : counts) all += count.get<uint64_t>();
  return all;
}

void add_net_errors(Rows& rows, const Json& counts) {
  for (size_t i = 0; i < kNetErrors; ++i) {
    const auto error = static_cast<NetError>(i);
    const uint64_t count = number(counts, std::string(net_error_name(error)).c_str());
    if (count > 0) rows.push_back({"", grouped(count) + ": " + std::string(net_error_text(error))});
  }
}

void add_close_reasons(Rows& rows, const Json& counts) {
  for (size_t i = 0; i < kCloseReasons; ++i) {
    const auto reason = static_cast<CloseReason>(i);
    const uint64_t count = number(counts, std::string(close_reason_name(reason)).c_str());
    if (count > 0) {
      rows.push_back({"", grouped(count) + ": " + std::string(close_reason_text(reason))});
    }
  }
}

// "198.51.100.7 for 4 min, 12 connections turned away"
void add_refusals(Rows& rows, const Json& refusals) {
  if (!refusals.is_array()) return;
  const char* heading = "refused";
  for (const Json& refusal : refusals) {
    const std::string what = is_true(refusal, "network") ? "the network of " : "";
    const uint64_t turned_away = number(refusal, "turned_away");
    rows.push_back({heading, what + text(refusal, "address") + " for " + span(refusal, "for_ms") +
                                 ", " + counted(turned_away, "connection", "connections") +
                                 " turned away"});
    heading = "";
  }
}

std::string set_line(const Json& answer) {
  if (is_true(answer, "own")) return "this node's own address";
  const Json& book = at(answer, "book");
  const std::string set = text(book, "set");
  if (set == "tried") return "tried: this node has spoken with it";
  if (set == "hearsay") return "hearsay: this node has only heard of it";
  return "not in it";
}

std::string informant_line(const Json& answer) {
  const Json& book = at(answer, "book");
  if (!at(book, "informant").is_null()) return text(book, "informant");
  if (at(answer, "bootstrap").is_object()) return "the command line, as a bootstrap host";
  return text(book, "set") == "tried" ? "nobody: it came by itself" : "-";
}

std::string contact_line(const Json& book) {
  const Json& contact = at(book, "contact");
  if (contact.is_null()) return "never";
  const std::string kind_of = text(contact, "kind");
  const std::string detail = text(contact, "detail");
  std::string line = span(contact, "ago_ms") + " ago: " + kind_of;
  for (size_t i = 0; i < kNetErrors && kind_of != "closed"; ++i) {
    const auto error = static_cast<NetError>(i);
    if (net_error_name(error) == detail) return line + ", " + std::string(net_error_text(error));
  }
  for (size_t i = 0; i < kCloseReasons && kind_of == "closed"; ++i) {
    const auto reason = static_cast<CloseReason>(i);
    if (close_reason_name(reason) == detail) {
      return line + " here, " + std::string(close_reason_text(reason));
    }
  }
  return line;
}

std::string bootstrap_line(const Json& host) {
  std::string line = text(host, "host") + ": " + text(host, "state");
  if (const uint64_t failures = number(host, "failures"); failures > 0) {
    line += ", failed " + counted(failures, "time", "times") + " in a row";
  }
  if (!at(host, "next_try_in_ms").is_null()) line += ", next in " + span(host, "next_try_in_ms");
  return line;
}

// What came of asks that brought no piece, by the name that look_json.h gives it.
constexpr std::array<std::pair<const char*, const char*>, 5> kCameToNothing = {
    {{"wrong_bytes", "wrong bytes"},
     {"silent", "silent"},
     {"slow", "too slow"},
     {"lacked", "took its word back"},
     {"gone", "gone before it answered"}}};

// "3 wrong bytes, 1 silent"; "" if all asks that ended brought their pieces.
std::string failures_of(const Json& pieces) {
  std::string line;
  for (const auto& [name, words] : kCameToNothing) {
    const uint64_t count = number(pieces, name);
    if (count > 0) line += (line.empty() ? "" : ", ") + grouped(count) + " " + words;
  }
  return line;
}

std::string peers_of_content(const Json& peers) {
  Rows rows = {{"PEER", "STATE", "GAVE", "HAS", "LACKS", "ASKED", "WAITING", "CAME TO NOTHING"}};
  for (const Json& peer : peers) {
    const Json& pieces = at(peer, "pieces");
    const uint64_t asked = number(pieces, "asked") + number(pieces, "coming");
    rows.push_back({text(peer, "endpoint"), is_true(peer, "connected") ? "connected" : "gone",
                    bytes(peer, "given_bytes"), grouped(number(pieces, "has") + asked),
                    grouped(number(pieces, "lacks")), grouped(asked), span(peer, "asked_ago_ms"),
                    failures_of(pieces)});
  }
  return table_text("llrrrrrl", rows);
}

// "[::1]:8100 asked 12 s ago", "192.0.2.7:8100 wrong bytes 3 s ago".
std::string said_by(const Json& talk) {
  const std::string answer = text(talk, "answer");
  std::string line = text(talk, "peer") + " ";
  for (const auto& [name, words] : kCameToNothing) {
    if (answer == name) return line + words + " " + span(talk, "ended_ago_ms") + " ago";
  }
  if (answer == "unanswered") return line + "has not said whether it has it";
  if (answer == "asked") return line + "asked " + span(talk, "asked_ago_ms") + " ago";
  return line + answer;
}

std::string said_of(const Json& piece) {
  std::string line;
  for (const Json& talk : at(piece, "said")) line += (line.empty() ? "" : "; ") + said_by(talk);
  if (is_true(piece, "arrived")) return "it has come and is being checked";
  return line.empty() ? "nobody was asked" : line;
}

std::string missing_pieces(const Json& pieces) {
  Rows rows = {{"PIECE", "AT", "SIZE", "WHAT WAS SAID"}};
  for (const Json& piece : pieces) {
    const bool node = is_true(piece, "node");
    rows.push_back({text(piece, "piece").substr(0, 16), node ? "the tree" : bytes(piece, "offset"),
                    bytes(piece, "bytes"), said_of(piece)});
  }
  return table_text("lrrl", rows);
}

std::string content_in_short(const Json& content) {
  const uint64_t missing = number(content, "missing");
  std::string line = text(content, "id") + ": ";
  if (!at(content, "bytes_total").is_null()) {
    line += part_of(number(content, "bytes_done"), number(content, "bytes_total")) + " are here; ";
  }
  line += counted(missing, "piece is", "pieces are") + " known to be missing";
  std::string separator = ": ";
  const auto add = [&](const char* key, const char* what) {
    const uint64_t count = number(content, key);
    if (count == 0) return;
    line += separator + grouped(count) + what;
    separator = ", ";
  };
  add("asked", " asked for");
  add("arrived", " being checked");
  add("nobody_has", " that no connected peer has");
  if (!at(content, "store_waits_ms").is_null()) {
    line += "; the disk could not take a piece, and is tried again in " +
            span(content, "store_waits_ms");
  }
  return line + "\n";
}

}  // namespace

std::optional<std::string> refusal_in(std::string_view answer) {
  const Json parsed = Json::parse(answer);
  if (at(parsed, "schema") != kLookSchema) {
    return "the node that runs there answers in another schema; use its own version of p2pnode";
  }
  if (at(parsed, "error").is_null()) return std::nullopt;
  return text(parsed, "error");
}

bool is_known_in(std::string_view answer) { return is_true(Json::parse(answer), "known"); }

std::string peers_text(std::string_view answer) {
  return peer_table(at(Json::parse(answer), "peers"));
}

std::string status_text(std::string_view answer) {
  const Json status = Json::parse(answer);
  const Json& book = at(status, "book");
  const Json& dials = at(status, "dials");
  const Json& failed = at(dials, "failed");
  Rows rows = {
      {"node", "p2pnode " + text(status, "version") + ", process " +
                   std::to_string(number(status, "process")) + ", for " +
                   span(status, "uptime_ms")},
      {"listening", text(status, "listening")},
      {"pieces", grouped(number(status, "pieces_held")) + " held, " +
                     grouped(number(status, "pieces_wanted")) + " wanted, of " +
                     bytes(status, "piece_bytes") + " each"},
      {"peers", peers_in_short(at(status, "peers"))},
      {"book", grouped(number(book, "tried")) + " tried, " + grouped(number(book, "hearsay")) +
                   " heard of; " + grouped(number(book, "alive")) + " known alive, " +
                   grouped(number(book, "shunned")) + " left alone for a while"},
      {"dials", grouped(number(dials, "started")) +
                    " started: " + grouped(number(dials, "succeeded")) + " succeeded, " +
                    grouped(sum(failed)) + " failed"}};
  add_net_errors(rows, failed);
  rows.push_back({"accepted", counted(number(status, "accepted"), "connection", "connections")});
  rows.push_back({"closed", counted(sum(at(status, "closed")), "connection", "connections") +
                                " by this node"});
  add_close_reasons(rows, at(status, "closed"));
  rows.push_back({"ended", counted(sum(at(status, "ended")), "connection", "connections") +
                               " by the peer or the network"});
  add_net_errors(rows, at(status, "ended"));
  add_refusals(rows, at(status, "refused"));
  return table_text("ll", rows);
}

std::string why_text(std::string_view answer) {
  const Json story = Json::parse(answer);
  if (!is_true(story, "known")) return text(story, "endpoint") + ": nothing is known of it\n";
  const Json& book = at(story, "book");
  const bool held = text(book, "set") != "none";
  Rows rows = {{"book", set_line(story)}, {"told by", informant_line(story)}};
  if (held) rows.push_back({"known for", span(book, "entered_ago_ms")});
  if (!at(book, "alive_ago_ms").is_null()) {
    rows.push_back(
        {"alive", is_true(story, "connected") ? "now" : span(book, "alive_ago_ms") + " ago"});
  }
  if (held || !at(book, "contact").is_null()) rows.push_back({"last tried", contact_line(book)});
  if (held) {
    rows.push_back({"failures", grouped(number(book, "failures")) + " in a row"});
    rows.push_back({"next dial", is_true(story, "connected")
                                     ? "none while it is connected"
                                     : "in " + span(book, "next_dial_in_ms") + " at the earliest"});
  }
  if (!at(book, "shunned_for_ms").is_null()) {
    rows.push_back({"left alone", "for " + span(book, "shunned_for_ms")});
  }
  const Json& host = at(story, "bootstrap");
  if (host.is_object()) rows.push_back({"bootstrap", bootstrap_line(host)});
  std::string out = text(story, "endpoint") + ": " + text(story, "why") + "\n\n";
  out += table_text("ll", rows);
  const Json& peers = at(story, "peers");
  return peers.empty() ? out : out + "\n" + peer_table(peers);
}

bool is_fetching_in(std::string_view answer) { return is_true(Json::parse(answer), "fetching"); }

std::string content_text(std::string_view answer) {
  const Json content = Json::parse(answer);
  if (!is_true(content, "fetching")) {
    return text(content, "id") + ": the node is not getting this content\n";
  }
  const Json& peers = at(content, "peers");
  const Json& pieces = at(content, "pieces");
  std::string out = content_in_short(content) + "\n";
  out += peers.empty() ? "no peer is connected that can be asked\n" : peers_of_content(peers);
  if (pieces.empty()) return out;
  out += "\n" + missing_pieces(pieces);
  const uint64_t more = number(content, "missing") - pieces.size();
  return more == 0 ? out : out + "and " + grouped(more) + " more (--pieces N)\n";
}

}  // namespace p2p::app
