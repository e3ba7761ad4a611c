#include "tests/unit/sim_peers/fake_world.h"

#include <algorithm>

#include "engine/base/check.h"

namespace p2p::sim::test {

FakeHost::FakeHost(FakeWorld& world, RawFacts facts, RawPeer* peer, uint64_t seed)
    : world_(world), facts_(std::move(facts)), peer_(peer), random_(Seed{seed}) {}

Time FakeHost::now() const { return world_.now(); }

ConnId FakeHost::dial(const Endpoint& to) {
  const ConnId conn = ConnId::dialled(++dialled_);
  ends_[conn] = {};
  dials_.emplace_back(now(), to);
  const auto& deaf = world_.deaf_;
  if (std::find(deaf.begin(), deaf.end(), to) != deaf.end()) return conn;
  world_.after(kLatency, [this, conn, to] { connect(conn, to); });
  return conn;
}

void FakeHost::connect(ConnId conn, const Endpoint& to) {
  if (death_ || !ends_.contains(conn)) return;
  FakeHost* const other = world_.listener(to);
  if (other == nullptr) {
    ends_.erase(conn);
    return peer_->connect_failed(*this, conn, NetError::refused);
  }
  const ConnId theirs = ConnId::accepted(++other->accepted_);
  ends_[conn].peer = other;
  ends_[conn].peer_conn = theirs;
  other->ends_[theirs].peer = this;
  other->ends_[theirs].peer_conn = conn;
  const auto port = static_cast<uint16_t>(40'000 + dialled_);
  peer_->connected(*this, conn);
  other->peer_->accepted(*other, theirs, Endpoint{facts_.endpoint.address, port});
}

void FakeHost::send(ConnId conn, std::span<const std::byte> bytes) {
  P2P_CHECK(!death_);
  const auto found = ends_.find(conn);
  if (found == ends_.end() || found->second.peer_closed) return;
  P2P_CHECK(found->second.peer != nullptr);
  std::vector<std::byte>& queued = found->second.queued;
  queued.insert(queued.end(), bytes.begin(), bytes.end());
  unsent_max_ = std::max(unsent_max_, queued.size());
  flush_later(conn);
}

void FakeHost::flush_later(ConnId conn) {
  const auto found = ends_.find(conn);
  if (found == ends_.end() || found->second.flushing || found->second.queued.empty()) return;
  found->second.flushing = true;
  world_.after(kLatency, [this, conn] { flush(conn); });
}

void FakeHost::flush(ConnId conn) {
  const auto found = ends_.find(conn);
  if (death_ || found == ends_.end()) return;
  End& end = found->second;
  end.flushing = false;
  const auto other = end.peer->ends_.find(end.peer_conn);
  if (other == end.peer->ends_.end() || !other->second.reading) return;
  const std::vector<std::byte> bytes = std::exchange(end.queued, {});
  FakeHost& there = *end.peer;
  const ConnId to = end.peer_conn;
  // In two parts, so that frames are cut.
  const auto cut = static_cast<size_t>(random_.below(bytes.size() + 1));
  for (const auto part : {std::span(bytes).first(cut), std::span(bytes).subspan(cut)}) {
    if (!part.empty() && there.ends_.contains(to)) there.peer_->received(there, to, part);
  }
  if (!death_ && ends_.contains(conn) && unsent(conn) == 0) peer_->drained(*this, conn);
}

size_t FakeHost::unsent(ConnId conn) const {
  const auto found = ends_.find(conn);
  return found == ends_.end() ? 0 : found->second.queued.size();
}

void FakeHost::set_reading(ConnId conn, bool on) {
  const auto found = ends_.find(conn);
  if (found == ends_.end()) return;
  found->second.reading = on;
  if (on && found->second.peer != nullptr) found->second.peer->flush_later(found->second.peer_conn);
}

void FakeHost::close(ConnId conn) {
  const auto found = ends_.find(conn);
  if (found == ends_.end()) return;
  const End end = std::move(found->second);
  ends_.erase(found);
  if (end.peer == nullptr || end.peer_closed) return;
  world_.after(kLatency, [end] {
    FakeHost& other = *end.peer;
    const auto theirs = other.ends_.find(end.peer_conn);
    if (other.death_ || theirs == other.ends_.end()) return;
    theirs->second.peer_closed = true;
    theirs->second.queued.clear();
    other.peer_->closed(other, end.peer_conn, NetError::end_of_stream);
  });
}

void FakeHost::set_timer(Duration wait, uint64_t tag) {
  ++timers_;
  world_.after(wait, [this, tag] {
    if (!death_) peer_->timer(*this, tag);
  });
}

std::optional<Slice> FakeHost::load(const Digest& digest) const {
  const auto found = pieces_.find(digest);
  if (found == pieces_.end()) return std::nullopt;
  return found->second;
}

void FakeHost::store(const Digest& digest, Slice bytes) {
  P2P_CHECK(sha256_zero_filled(bytes.bytes(), facts_.piece_size.bytes() - bytes.size()) == digest);
  pieces_[digest] = std::move(bytes);
}

void FakeHost::die(std::string_view why) {
  P2P_CHECK(!death_);
  std::vector<ConnId> all;
  for (const auto& [conn, end] : ends_) all.push_back(conn);
  for (const ConnId conn : all) close(conn);
  death_ = why;
}

Digest FakeHost::hold(std::vector<std::byte> bytes) {
  const Digest digest = sha256_zero_filled(bytes, facts_.piece_size.bytes() - bytes.size());
  pieces_[digest] = Slice::copy_of(bytes);
  facts_.held.push_back(digest);
  return digest;
}

FakeHost& FakeWorld::add(RawPeer& peer, RawFacts facts,
                         const std::function<void(FakeHost&)>& before) {
  hosts_.push_back(std::make_unique<FakeHost>(*this, std::move(facts), &peer, hosts_.size() + 1));
  FakeHost& host = *hosts_.back();
  if (before) before(host);
  peer.started(host);
  return host;
}

void FakeWorld::run_for(Duration duration) {
  const Time end = now_ + duration;
  while (!queue_.empty() && queue_.begin()->first.first <= end) {
    now_ = queue_.begin()->first.first;
    const auto what = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    what();
  }
  now_ = end;
}

void FakeWorld::after(Duration wait, std::function<void()> what) {
  queue_[{now_ + wait, ++serial_}] = std::move(what);
}

FakeHost* FakeWorld::listener(const Endpoint& at) {
  for (const auto& host : hosts_) {
    if (host->facts_.endpoint == at && !host->death_) return host.get();
  }
  return nullptr;
}

void Counterpart::open(RawNet& net, ConnId conn) {
  conns.push_back(conn);
  opened_at.push_back(net.now());
  decoders_.try_emplace(conn, net.facts().piece_size).first->second.set_peer_kind(kind);
  if (closes_at_once) net.close(conn);
}

void Counterpart::accepted(RawNet& net, ConnId conn, const Endpoint&) { open(net, conn); }

void Counterpart::connected(RawNet& net, ConnId conn) { open(net, conn); }

void Counterpart::received(RawNet& net, ConnId conn, std::span<const std::byte> in) {
  bytes[conn].insert(bytes[conn].end(), in.begin(), in.end());
  FrameDecoder& decoder = decoders_.at(conn);
  while (const auto item = decoder.next(in)) {
    HeardFrame frame{conn, net.now(), *item, {}};
    if (const auto* begin = std::get_if<PayloadBegin>(&*item)) {
      landing_[conn].assign(begin->length, std::byte{0});
      decoder.take_payload(landing_[conn]);
    }
    if (std::holds_alternative<PayloadEnd>(*item)) frame.payload = std::move(landing_[conn]);
    frames.push_back(std::move(frame));
  }
}

void Counterpart::closed(RawNet& net, ConnId conn, NetError) {
  ++ended;
  net.close(conn);
}

std::vector<HeardFrame> Counterpart::payloads() const {
  std::vector<HeardFrame> found;
  for (const HeardFrame& frame : frames) {
    if (std::holds_alternative<PayloadEnd>(frame.item)) found.push_back(frame);
  }
  return found;
}

size_t Counterpart::faults() const {
  return static_cast<size_t>(std::count_if(frames.begin(), frames.end(), [](const auto& frame) {
    return std::holds_alternative<FrameFault>(frame.item);
  }));
}

Endpoint host(uint8_t n) {
  Endpoint endpoint{*Address::parse("2001:db8::"), 8100};
  endpoint.address.bytes[15] = std::byte{n};
  return endpoint;
}

RawFacts facts_of(uint8_t n, std::vector<Endpoint> bootstrap) {
  RawFacts facts;
  facts.endpoint = host(n);
  facts.bootstrap = std::move(bootstrap);
  facts.piece_size = kSmallPieces;
  return facts;
}

PeerMessage our_hello() {
  HelloTrailer trailer;
  trailer.piece_size_log2 = kSmallPieces.log2();
  trailer.nonce = 77;
  const auto bytes = trailer.encode();
  return {{}, {bytes.begin(), bytes.end()}};
}

Scene::Scene(Behaviour behaviour, uint64_t seed, const std::function<void(FakeHost&)>& before)
    : peer(make_raw_peer(behaviour)),
      there(&world.add(other, facts_of(2))),
      here(&world.add(*peer, facts_of(1, {host(2)}), [&](FakeHost& own) {
        own.random() = Random(Seed{seed});
        if (before) before(own);
      })) {}

}  // namespace p2p::sim::test
