#include "tests/unit/sim_net/party.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "engine/base/check.h"

namespace p2p::sim::test {

namespace {

std::byte byte_at(uint64_t place) { return static_cast<std::byte>(place % 251); }

}  // namespace

Party::Party(EventQueue& queue, Network& network, const Attachment& attachment)
    : queue_(queue),
      network_(network),
      endpoint_(attachment.endpoint),
      node_(network.attach(attachment)) {
  network.set_station(node_, this);
}

Party::Conn& Party::dial(const Endpoint& to) {
  Conn& conn = conns_[++last_tag_];
  conn.remote = to;
  conn.end = network_.dial(node_, to, last_tag_);
  return conn;
}

void Party::send(Conn& conn, uint64_t bytes) {
  conn.to_send += bytes;
  if (conn.open) watch(conn);
}

void Party::read(Conn& conn, bool on) {
  conn.reads = on;
  if (conn.open) watch(conn);
}

void Party::close(Conn& conn) {
  conn.open = false;
  network_.close(conn.end);
}

void Party::watch(const Conn& conn) {
  const bool broken = conn.over && conn.over != NetError::end_of_stream;
  network_.watch(conn.end, conn.reads && !conn.over, conn.to_send > 0 && !broken);
}

uint64_t Party::on_accepted(EndRef end, const Endpoint& local, const Endpoint& remote) {
  Conn& conn = conns_[++last_tag_];
  conn.end = end;
  conn.open = true;
  conn.local = local;
  conn.remote = remote;
  conn.opened_at = queue_.now();
  accepted_.push_back(last_tag_);
  watch(conn);
  return last_tag_;
}

void Party::on_connected(EndRef, uint64_t tag, const Endpoint& local) {
  Conn& conn = conns_.at(tag);
  conn.open = true;
  conn.local = local;
  conn.opened_at = queue_.now();
  watch(conn);
}

void Party::on_connect_failed(uint64_t tag, NetError why) {
  conns_.at(tag).over = why;
  conns_.at(tag).over_at = queue_.now();
}

void Party::on_ready(EndRef end, uint64_t tag) {
  Conn& conn = conns_.at(tag);
  P2P_CHECK(conn.end == end);
  if (conn.reads && network_.readable(end) > 0) {
    read_some(conn);
  } else if (conn.to_send > 0 && network_.room(end) > 0) {
    write_some(conn);
  } else if (const auto failure = network_.failure(end)) {
    conn.over = failure;
    conn.over_at = queue_.now();
  }
  watch(conn);
}

void Party::read_some(Conn& conn) {
  const size_t bytes = network_.cut(conn.end, network_.readable(conn.end));
  for (const auto& part : network_.peek(conn.end, bytes)) {
    for (const std::byte byte : part) {
      conn.in_order = conn.in_order && byte == byte_at(conn.received);
      ++conn.received;
    }
  }
  conn.received_at = queue_.now();
  network_.drop(conn.end, bytes);
}

void Party::write_some(Conn& conn) {
  const size_t most =
      std::min(static_cast<size_t>(std::min<uint64_t>(conn.to_send, uint64_t{1} << 20)),
               network_.room(conn.end));
  std::vector<std::byte> bytes(network_.cut(conn.end, most));
  for (std::byte& byte : bytes) byte = byte_at(conn.sent++);
  conn.to_send -= bytes.size();
  const std::array<std::span<const std::byte>, 1> parts{bytes};
  network_.write(conn.end, parts);
}

Scene::Scene(const NetworkModel& model, uint64_t seed) : network(queue, model, seed) {}

Attachment Scene::next_attachment() const {
  Attachment attachment;
  attachment.key = parties.size();
  attachment.endpoint = *Endpoint::parse("10.0.0." + std::to_string(parties.size() + 1) + ":8100");
  return attachment;
}

Party& Scene::add() { return add(next_attachment()); }

Party& Scene::add(const Attachment& attachment) {
  parties.push_back(std::make_unique<Party>(queue, network, attachment));
  return *parties.back();
}

void Scene::run_for(Duration duration) {
  const Time end = queue.now() + duration;
  while (const auto task = queue.pop(end)) network.run(*task);
}

bool Scene::step() {
  const auto task = queue.pop(queue.now() + Duration::minutes(60));
  if (task) network.run(*task);
  return task.has_value();
}

Line::Line(Scene& scene, Party& from, Party& to)
    : dialler(from),
      listener(to),
      near(open(scene, from, to)),
      far(to.accepted(to.accepted_count() - 1)) {}

Party::Conn& Line::open(Scene& scene, Party& from, Party& to) {
  Party::Conn& conn = from.dial(to.endpoint());
  while (!conn.open) P2P_CHECK(scene.step());
  return conn;
}

}  // namespace p2p::sim::test
