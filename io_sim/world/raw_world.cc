#include "io_sim/world/raw_world.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace p2p::sim {

namespace {

constexpr size_t kReadMax = size_t{64} << 10;

ConnId conn_of(uint64_t tag) {
  return (tag & 1) != 0 ? ConnId::accepted(tag >> 1) : ConnId::dialled(tag >> 1);
}

}  // namespace

RawWorld::RawWorld(EventQueue& queue, Network& network, SimDisk& disk, WorldObserver& observer,
                   uint32_t node, uint64_t start, RawFacts facts, Seed seed,
                   std::unique_ptr<RawPeer> peer)
    : queue_(queue),
      network_(network),
      disk_(disk),
      observer_(observer),
      node_(node),
      facts_(std::move(facts)),
      random_(seed),
      peer_(std::move(peer)),
      last_token_(start << 32) {}

void RawWorld::tell(const std::vector<Digest>& held, const std::vector<Digest>& wanted) {
  facts_.held.insert(facts_.held.end(), held.begin(), held.end());
  facts_.wanted.insert(facts_.wanted.end(), wanted.begin(), wanted.end());
  peer_->told(*this);
}

void RawWorld::on_timer(uint64_t token) {
  const auto found = timers_.find(token);
  if (dead_ || found == timers_.end()) return;
  const uint64_t tag = found->second;
  timers_.erase(found);
  peer_->timer(*this, tag);
}

RawWorld::Link* RawWorld::find(ConnId conn) {
  const auto found = links_.find(conn);
  return found == links_.end() ? nullptr : &found->second;
}

uint64_t RawWorld::on_accepted(EndRef end, const Endpoint&, const Endpoint& remote) {
  const ConnId conn = ConnId::accepted(++last_accepted_);
  Link& link = links_[conn];
  link.end = end;
  link.conn = conn;
  link.open = true;
  observer_.opened(node_, conn, end);
  watch(link);
  peer_->accepted(*this, conn, remote);
  return conn.value();
}

void RawWorld::on_connected(EndRef end, uint64_t tag, const Endpoint&) {
  const ConnId conn = conn_of(tag);
  Link& link = links_.at(conn);
  link.open = true;
  observer_.opened(node_, conn, end);
  watch(link);
  peer_->connected(*this, conn);
}

void RawWorld::on_connect_failed(uint64_t tag, NetError why) {
  const ConnId conn = conn_of(tag);
  links_.erase(conn);
  if (!dead_) peer_->connect_failed(*this, conn, why);
}

void RawWorld::on_ready(EndRef end, uint64_t tag) {
  Link& link = links_.at(conn_of(tag));
  if (dead_) return;
  const auto failure = network_.failure(end);
  if (failure && *failure == NetError::end_of_stream && !link.out.empty() &&
      network_.room(end) > 0) {
    return write_some(link);
  }
  const bool unread = link.reading && network_.readable(end) > 0;
  if (failure && !link.ended && !unread) {
    link.ended = true;
    watch(link);
    return peer_->closed(*this, link.conn, *failure);
  }
  if (!link.out.empty() && network_.room(end) > 0) return write_some(link);
  if (unread) read_some(link);
}

void RawWorld::watch(const Link& link) {
  const bool broken = link.ended && network_.failure(link.end) != NetError::end_of_stream;
  network_.watch(link.end, link.open && link.reading && !link.ended && !dead_,
                 link.open && !link.out.empty() && !broken && !dead_);
}

void RawWorld::read_some(Link& link) {
  const size_t bytes = network_.cut(link.end, std::min(network_.readable(link.end), kReadMax));
  std::vector<std::byte> read;
  read.reserve(bytes);
  for (const auto& part : network_.peek(link.end, bytes)) {
    read.insert(read.end(), part.begin(), part.end());
  }
  network_.drop(link.end, bytes);
  observer_.received(node_, link.end, bytes);
  peer_->received(*this, link.conn, read);
}

void RawWorld::write_some(Link& link) {
  const Slice& first = link.out.front();
  const size_t bytes = network_.cut(link.end, std::min(network_.room(link.end), first.size()));
  const std::array<std::span<const std::byte>, 1> parts{first.bytes().first(bytes)};
  observer_.sending(node_, link.conn, link.end, parts, true);
  network_.write(link.end, parts);
  link.unsent -= bytes;
  link.out.front() = first.sub(bytes, first.size() - bytes);
  if (link.out.front().empty()) link.out.pop_front();
  watch(link);
  if (link.out.empty()) peer_->drained(*this, link.conn);
}

ConnId RawWorld::dial(const Endpoint& to) {
  const ConnId conn = ConnId::dialled(++last_dialled_);
  Link& link = links_[conn];
  link.conn = conn;
  link.end = network_.dial(node_, to, conn.value());
  return conn;
}

void RawWorld::send(ConnId conn, std::span<const std::byte> bytes) {
  send(conn, Slice::copy_of(bytes));
}

void RawWorld::send(ConnId conn, Slice bytes) {
  Link* const link = find(conn);
  if (link == nullptr || dead_ || bytes.empty()) return;
  link->unsent += bytes.size();
  link->out.push_back(std::move(bytes));
  if (link->open) watch(*link);
}

size_t RawWorld::unsent(ConnId conn) const {
  const auto found = links_.find(conn);
  return found == links_.end() ? 0 : found->second.unsent;
}

void RawWorld::set_reading(ConnId conn, bool on) {
  Link* const link = find(conn);
  if (link == nullptr) return;
  link->reading = on;
  if (link->open) watch(*link);
}

void RawWorld::close(ConnId conn) {
  Link* const link = find(conn);
  if (link == nullptr) return;
  const EndRef end = link->end;
  const bool was_open = link->open;
  links_.erase(conn);
  if (was_open) observer_.closed(node_, conn, end);
  network_.close(end);
}

void RawWorld::set_timer(Duration after, uint64_t tag) {
  timers_.emplace(++last_token_, tag);
  queue_.after(after, {TaskKind::raw_timer, node_, last_token_});
}

std::optional<Slice> RawWorld::load(const Digest& digest) const { return disk_.find(digest); }

void RawWorld::store(const Digest& digest, Slice bytes) {
  const SimDisk::Written written = disk_.store(digest, bytes);
  P2P_CHECK(written.bytes_match);
}

void RawWorld::die(std::string_view why) {
  if (std::exchange(dead_, true)) return;
  death_ = why;
  queue_.soon({TaskKind::died, node_, 0});
}

}  // namespace p2p::sim
