#include "tests/conformance/scripted_engine.h"

#include <algorithm>
#include <span>
#include <utility>
#include <variant>

#include "engine/base/check.h"

namespace p2p::conformance {
namespace {

size_t size_of(const StoredBytes& bytes) {
  if (const auto* slice = std::get_if<Slice>(&bytes)) return slice->size();
  return std::get<FileSlice>(bytes).length;
}

void drop_front(StoredBytes& bytes, size_t count) {
  if (auto* slice = std::get_if<Slice>(&bytes)) {
    *slice = slice->sub(count, slice->size() - count);
    return;
  }
  auto& file = std::get<FileSlice>(bytes);
  file.offset += count;
  file.length -= static_cast<uint32_t>(count);
}

Segment segment_of(const StoredBytes& bytes) {
  if (const auto* slice = std::get_if<Slice>(&bytes)) return slice->bytes();
  const auto& file = std::get<FileSlice>(bytes);
  return FileSegment{file.file.get(), file.offset, file.length};
}

std::span<const std::byte> endless_bytes() {
  static const std::vector<std::byte> bytes(size_t{1} << 20, std::byte{'e'});
  return bytes;
}

}  // namespace

ConnId ScriptedEngine::dial(const Endpoint& to) {
  const ConnId conn = ConnId::dialled(++last_dialled_);
  links_[conn].reads = true;
  act(Connect{conn, to});
  return conn;
}

void ScriptedEngine::send(ConnId conn, const std::string& text) {
  send(conn, Slice::copy_of(std::as_bytes(std::span(text))));
}

void ScriptedEngine::send(ConnId conn, StoredBytes bytes) {
  link(conn).out.push_back(std::move(bytes));
  update_interest(conn);
}

void ScriptedEngine::send_without_end(ConnId conn) {
  link(conn).endless = true;
  update_interest(conn);
}

void ScriptedEngine::stop_sending(ConnId conn) {
  link(conn).endless = false;
  link(conn).out.clear();
  update_interest(conn);
}

void ScriptedEngine::read(ConnId conn, bool on) {
  link(conn).reads = on;
  update_interest(conn);
}

void ScriptedEngine::shutdown_write(ConnId conn) { act(ShutdownWrite{conn}); }

void ScriptedEngine::close(ConnId conn) {
  link(conn).closed_by_us = true;
  act(Close{conn});
}

void ScriptedEngine::handle(Time now, Event event) {
  P2P_CHECK(actions_.empty());
  if (std::holds_alternative<DeadlineReached>(event)) {
    deadlines_met_.push_back(now);
    if (!deadline_stays_due) deadline = Time::never();
    return;
  }
  const bool is_frequent =
      std::holds_alternative<Received>(event) || std::holds_alternative<Sent>(event);
  if (!is_frequent) events_.push_back(event);
  std::visit(
      [this](const auto& one) {
        if constexpr (requires { on(one); }) on(one);
      },
      event);
}

std::optional<Action> ScriptedEngine::poll_action() {
  if (actions_.empty()) return std::nullopt;
  Action action = std::move(actions_.front());
  actions_.pop_front();
  return action;
}

ReceiveWindow ScriptedEngine::receive_window(ConnId conn) {
  Link& one = link(conn);
  P2P_CHECK(one.interest_read);
  one.first.resize(one.first_span);
  one.second.resize(one.second_span);
  return {{one.first, one.second}};
}

GatherList ScriptedEngine::send_window(ConnId conn) const {
  const Link& one = links_.at(conn);
  P2P_CHECK(one.interest_write);
  GatherList list;
  for (const StoredBytes& bytes : one.out) {
    if (list.count == kGatherMax) return list;
    list.segments[list.count++] = segment_of(bytes);
  }
  if (list.empty() && one.endless) list.segments[list.count++] = endless_bytes();
  return list;
}

bool ScriptedEngine::is_gone(ConnId conn) {
  if (!link(conn).closed_by_us) return false;
  ++events_after_close_;
  return true;
}

void ScriptedEngine::on(Accepted event) {
  Link& one = link(event.conn);
  one.local = event.local;
  one.remote = event.remote;
  one.open = true;
  one.reads = reads_accepted;
  accepted_.push_back(event.conn);
  if (closes_accepted) return close(event.conn);
  update_interest(event.conn);
}

void ScriptedEngine::on(Connected event) {
  if (is_gone(event.conn)) return;
  Link& one = link(event.conn);
  one.local = event.local;
  one.open = true;
  if (closes_connected) return close(event.conn);
  update_interest(event.conn);
}

void ScriptedEngine::on(ConnectFailed event) {
  if (is_gone(event.conn)) return;
  link(event.conn).dial_failed = event.why;
}

void ScriptedEngine::on(Received event) {
  if (is_gone(event.conn)) return;
  Link& one = link(event.conn);
  P2P_CHECK(event.bytes > 0 && event.bytes <= one.first.size() + one.second.size());
  ++one.events_in;
  one.in_bytes += event.bytes;
  if (one.closes_when_received) close(event.conn);
  if (!one.keep_in) return;
  const size_t in_first = std::min(event.bytes, one.first.size());
  one.in.append(reinterpret_cast<const char*>(one.first.data()), in_first);
  one.in.append(reinterpret_cast<const char*>(one.second.data()), event.bytes - in_first);
}

void ScriptedEngine::on(Sent event) {
  if (is_gone(event.conn)) return;
  Link& one = link(event.conn);
  one.out_bytes += event.bytes;
  size_t left = event.bytes;
  while (left > 0 && !one.out.empty()) {
    const size_t part = std::min(left, size_of(one.out.front()));
    drop_front(one.out.front(), part);
    if (size_of(one.out.front()) == 0) one.out.pop_front();
    left -= part;
  }
  P2P_CHECK(left == 0 || one.endless);
  update_interest(event.conn);
}

void ScriptedEngine::on(Closed event) {
  if (is_gone(event.conn)) return;
  Link& one = link(event.conn);
  one.ends.push_back(event.why);
  one.reads = false;
  if (event.why != NetError::end_of_stream) one.open = false;
  update_interest(event.conn);
}

void ScriptedEngine::update_interest(ConnId conn) {
  Link& one = link(conn);
  if (one.closed_by_us) return;
  const bool read = one.open && one.reads;
  const bool write = one.open && (!one.out.empty() || one.endless);
  if (read == one.interest_read && write == one.interest_write) return;
  one.interest_read = read;
  one.interest_write = write;
  act(SetInterest{conn, read, write});
}

}  // namespace p2p::conformance
