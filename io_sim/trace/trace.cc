// The records of a trace. Each begins with its kind and node, then the time; text is made only when
// somebody reads it.
#include "io_sim/trace/trace.h"

#include <ostream>
#include <string>

#include "io_sim/trace/field_hash.h"
#include "io_sim/trace/line_text.h"

namespace p2p::sim {

namespace {

// Part of the hash: a number never changes its meaning.
enum class RecordKind : uint64_t { event, action, frame, payload, raw_bytes, deed };

void begin(TraceHash& hash, RecordKind kind, Time at, uint64_t node) {
  hash.add(static_cast<uint64_t>(kind) | node << 8);
  hash.add(static_cast<uint64_t>(at.since_origin_ns()));
}

void write_line(std::ostream& out, Time at, std::string_view name, std::string_view text) {
  out << seconds_text(at) << ' ' << name << (name.empty() ? "" : " ") << text << '\n';
}

std::string sends(uint64_t conn) { return "sends conn=" + conn_text(conn) + " "; }

}  // namespace

void Trace::event(Time at, uint32_t node, std::string_view name, const p2p::Event& event) {
  begin(hash_, RecordKind::event, at, node);
  hash_event(hash_, event);
  if (out_ != nullptr) write_line(*out_, at, name, event_text(event));
}

void Trace::action(Time at, uint32_t node, std::string_view name, const p2p::Action& action) {
  begin(hash_, RecordKind::action, at, node);
  hash_action(hash_, action);
  if (out_ != nullptr) write_line(*out_, at, name, action_text(action));
}

void Trace::frame(Time at, uint32_t node, std::string_view name, ConnId conn,
                  std::span<const std::byte> frame) {
  begin(hash_, RecordKind::frame, at, node);
  hash_.add(conn.value());
  hash_.add_bytes(frame);
  if (out_ != nullptr) write_line(*out_, at, name, sends(conn.value()) + bytes_text(frame));
}

void Trace::payload(Time at, uint32_t node, std::string_view name, ConnId conn,
                    std::span<const std::byte> header) {
  begin(hash_, RecordKind::payload, at, node);
  hash_.add(conn.value());
  hash_.add_bytes(header);
  if (out_ != nullptr) write_line(*out_, at, name, sends(conn.value()) + payload_text(header));
}

void Trace::raw_bytes(Time at, uint32_t node, std::string_view name, uint64_t conn,
                      std::span<const std::byte> bytes) {
  begin(hash_, RecordKind::raw_bytes, at, node);
  hash_.add(conn);
  hash_.add_bytes(bytes);
  if (out_ != nullptr) write_line(*out_, at, name, sends(conn) + "raw " + bytes_text(bytes));
}

void Trace::deed(Time at, int64_t node, std::string_view name, std::string_view what) {
  begin(hash_, RecordKind::deed, at, static_cast<uint64_t>(node));
  hash_.add_text(what);
  if (out_ != nullptr) write_line(*out_, at, name, "scenario: " + std::string(what));
}

}  // namespace p2p::sim
