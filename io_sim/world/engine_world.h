// The world of one engine in the simulation: it performs what the engine asks for on the simulated
// network and disk, and hands it what comes, through the loop that every world uses
// (engine/core/drive.h).
//
// A template, so that the tests of the contract of all worlds can put a script in the engine's
// place.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/check.h"
#include "engine/core/drive.h"
#include "io_sim/net/event_queue.h"
#include "io_sim/net/network.h"
#include "io_sim/world/node_clock.h"
#include "io_sim/world/sim_disk.h"
#include "io_sim/world/world_observer.h"

namespace p2p::sim {

template <class AnyEngine>
class EngineWorld final : public Station {
 public:
  // All outlive it; `observer` may be nullptr.
  struct Surroundings {
    EventQueue& queue;
    Network& network;
    SimDisk& disk;
    WorldObserver* observer = nullptr;
  };
  // `start` counts the starts of the node: what an earlier engine asked for is not this one's.
  EngineWorld(const Surroundings& around, uint32_t node, uint64_t start, const NodeClock& clock,
              AnyEngine& engine)
      : queue_(around.queue),
        network_(around.network),
        disk_(around.disk),
        observer_(around.observer),
        node_(node),
        clock_(clock),
        engine_(engine),
        last_token_(start << 32) {}

  // The node's own clock. As engine/core/drive.h asks.
  Time now() const { return clock_.local(queue_.now()); }
  void perform(AnyEngine&, Action&& action) {
    if (observer_ != nullptr) observer_->performing(node_, action);
    std::visit([this](auto& a) { this->on(a); }, action);
  }

  // Hands an event of the application over.
  void tell(Event event) {
    if (observer_ != nullptr) observer_->delivering(node_, event);
    deliver(engine_, *this, std::move(event));
    arm();
  }
  // Performs what the engine has to say without an event, and looks when it is due.
  void drain() {
    while (auto action = engine_.poll_action()) perform(engine_, std::move(*action));
    arm();
  }

  // The end of a connection; nullopt: there is none.
  std::optional<EndRef> end_of(ConnId conn) const {
    const auto found = links_.find(conn.value());
    if (found == links_.end()) return std::nullopt;
    return found->second.end;
  }

  // Tasks of this node: its deadline has come, or an operation is done.
  void on_wake();
  void on_complete(uint64_t token);

  uint64_t on_accepted(EndRef end, const Endpoint& local, const Endpoint& remote) override;
  void on_connected(EndRef end, uint64_t tag, const Endpoint& local) override;
  void on_connect_failed(uint64_t tag, NetError why) override;
  void on_ready(EndRef end, uint64_t tag) override;

 private:
  struct Link {
    EndRef end;
    ConnId conn;
    bool read = false;  // as the engine last said
    bool write = false;
    bool read_ended = false;  // the engine was told
    bool broken = false;      // the same, and nothing can be written either
    bool read_last = false;
  };
  // What an operation does when its time has come.
  struct Sync {
    OpId op;
    std::optional<uint64_t> begun;  // nullopt: waits for what was asked to be stored before it
  };
  using Pending = std::variant<Event, StorePiece, PlacePiece, LoadPiece, Sync, SaveBook>;

  void on(Connect& action);
  void on(Close& action);
  void on(ShutdownWrite& action);
  void on(SetInterest& action);
  void on(Resolve& action);
  void on(HashPiece& action);
  void on(StorePiece& action) { store_later(std::move(action)); }
  void on(PlacePiece& action) { store_later(std::move(action)); }
  void on(LoadPiece& action) { later(disk_.next_latency(), std::move(action)); }
  void on(SyncStore& action);
  void on(SaveBook& action) { later(disk_.next_latency(), std::move(action)); }
  void on(Notify&) {}

  Event carry_out(Event& event) { return std::move(event); }
  Event carry_out(StorePiece& store);
  Event carry_out(PlacePiece& place);
  Event carry_out(LoadPiece& load);
  Event carry_out(Sync& sync);
  Event carry_out(SaveBook& save) { return BookSaved{save.op, disk_.save_book(save.bytes, now())}; }

  void later(Duration wait, Pending pending) {
    pending_.emplace(++last_token_, std::move(pending));
    queue_.after(wait, {TaskKind::complete, node_, last_token_});
  }
  void store_later(Pending pending) {
    const Duration wait = disk_.next_latency();
    all_stored_at_ = std::max(all_stored_at_, queue_.now() + wait);
    later(wait, std::move(pending));
  }
  void begin_sync(Sync sync) {
    sync.begun = disk_.begin_sync();
    later(disk_.next_latency(), sync);
  }
  void arm();
  void watch(Link& link) {
    network_.watch(link.end, link.read && !link.read_ended && !link.broken,
                   link.write && !link.broken);
  }
  void read_some(Link& link);
  void write_some(Link& link);
  void tell_end(Link& link, NetError why);

  EventQueue& queue_;
  Network& network_;
  SimDisk& disk_;
  WorldObserver* observer_;
  uint32_t node_;
  NodeClock clock_;
  AnyEngine& engine_;
  std::unordered_map<uint64_t, Link> links_;  // by ConnId; looked up, never gone through
  std::map<uint64_t, Pending> pending_;
  uint64_t last_token_;
  uint64_t last_accepted_ = 0;
  Time all_stored_at_;  // what was asked to be stored so far
  Time armed_ = Time::never();
  Time rest_until_;  // no deadline before it
};

template <class AnyEngine>
void EngineWorld<AnyEngine>::arm() {
  const Time due = engine_.next_deadline();
  if (due.is_never()) return;
  const Time when = std::max({clock_.true_time(due), queue_.now(), rest_until_});
  if (when >= armed_) return;
  armed_ = when;
  queue_.at(when, {TaskKind::wake, node_, 0});
}

// A deadline that stays due comes again, but never twice at one time: no computer is that fast, and
// virtual time would stand still.
template <class AnyEngine>
void EngineWorld<AnyEngine>::on_wake() {
  if (queue_.now() != armed_) return;  // an earlier one has been armed since
  armed_ = Time::never();
  if (engine_.next_deadline() <= now()) {
    rest_until_ = queue_.now() + Duration::microseconds(1);
    tell(DeadlineReached{});
  } else {
    arm();
  }
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on_complete(uint64_t token) {
  const auto found = pending_.find(token);
  if (found == pending_.end()) return;
  Pending pending = std::move(found->second);
  pending_.erase(found);
  if (const auto* sync = std::get_if<Sync>(&pending); sync != nullptr && !sync->begun) {
    return begin_sync(*sync);
  }
  tell(std::visit([this](auto& operation) { return this->carry_out(operation); }, pending));
}

template <class AnyEngine>
uint64_t EngineWorld<AnyEngine>::on_accepted(EndRef end, const Endpoint& local,
                                             const Endpoint& remote) {
  const ConnId conn = ConnId::accepted(++last_accepted_);
  links_.emplace(conn.value(), Link{end, conn, false, false, false, false, false});
  if (observer_ != nullptr) observer_->opened(node_, conn, end);
  tell(Accepted{conn, local, remote});
  return conn.value();
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on_connected(EndRef end, uint64_t tag, const Endpoint& local) {
  const ConnId conn = links_.at(tag).conn;
  if (observer_ != nullptr) observer_->opened(node_, conn, end);
  tell(Connected{conn, local});
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on_connect_failed(uint64_t tag, NetError why) {
  const auto found = links_.find(tag);
  const ConnId conn = found->second.conn;
  links_.erase(found);
  tell(ConnectFailed{conn, why});
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on_ready(EndRef end, uint64_t tag) {
  Link& link = links_.at(tag);
  const auto failure = network_.failure(end);
  const bool broken = failure && *failure != NetError::end_of_stream;
  const bool readable = link.read && !link.read_ended && network_.readable(end) > 0;
  const bool writable = link.write && !broken && network_.room(end) > 0;
  if (readable && !(writable && link.read_last)) return read_some(link);
  if (writable) return write_some(link);
  if (broken || (failure && link.read && !link.read_ended)) tell_end(link, *failure);
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::tell_end(Link& link, NetError why) {
  link.read_ended = true;
  link.broken = why != NetError::end_of_stream;
  watch(link);
  tell(Closed{link.conn, why});
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::read_some(Link& link) {
  link.read_last = true;
  const ReceiveWindow window = engine_.receive_window(link.conn);
  P2P_CHECK(window.size() > 0);
  const size_t bytes = network_.cut(link.end, std::min(network_.readable(link.end), window.size()));
  size_t copied = 0;
  for (const auto& part : network_.peek(link.end, bytes)) {
    for (size_t i = 0; i < part.size();) {
      const bool first = copied < window.spans[0].size();
      const auto into = first ? window.spans[0].subspan(copied)
                              : window.spans[1].subspan(copied - window.spans[0].size());
      const size_t n = std::min(into.size(), part.size() - i);
      std::copy_n(part.begin() + static_cast<std::ptrdiff_t>(i), n, into.begin());
      i += n;
      copied += n;
    }
  }
  network_.drop(link.end, bytes);
  if (observer_ != nullptr) observer_->received(node_, link.end, bytes);
  tell(Received{link.conn, bytes});
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::write_some(Link& link) {
  link.read_last = false;
  const GatherList list = engine_.send_window(link.conn);
  P2P_CHECK(!list.empty());
  size_t there = 0;
  for (const Segment& segment : list.view()) {
    there += std::get<std::span<const std::byte>>(segment).size();
  }
  size_t left = network_.cut(link.end, std::min(network_.room(link.end), there));
  const size_t bytes = left;
  std::array<std::span<const std::byte>, kGatherMax> parts;
  size_t count = 0;
  for (const Segment& segment : list.view()) {
    if (left == 0) break;
    const auto& whole = std::get<std::span<const std::byte>>(segment);
    parts[count] = whole.first(std::min(whole.size(), left));
    left -= parts[count].size();
    ++count;
  }
  const auto taken = std::span<const std::span<const std::byte>>(parts).first(count);
  if (observer_ != nullptr) observer_->sending(node_, link.conn, link.end, taken, false);
  network_.write(link.end, taken);
  tell(Sent{link.conn, bytes});
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on(Connect& action) {
  const EndRef end = network_.dial(node_, action.to, action.conn.value());
  links_.emplace(action.conn.value(), Link{end, action.conn, false, false, false, false, false});
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on(Close& action) {
  const auto found = links_.find(action.conn.value());
  if (found == links_.end()) return;  // a dial that failed
  const EndRef end = found->second.end;
  links_.erase(found);
  if (observer_ != nullptr) observer_->closed(node_, action.conn, end);
  network_.close(end);
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on(ShutdownWrite& action) {
  const auto found = links_.find(action.conn.value());
  if (found != links_.end()) network_.shut(found->second.end);
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on(SetInterest& action) {
  const auto found = links_.find(action.conn.value());
  if (found == links_.end()) return;
  if constexpr (std::is_same_v<AnyEngine, Engine>) {
    P2P_CHECK(engine_.send_window(action.conn).empty() == !action.write);
  }
  Link& link = found->second;
  link.read = action.read;
  link.write = action.write;
  watch(link);
}

template <class AnyEngine>
void EngineWorld<AnyEngine>::on(Resolve& action) {
  const auto address = Address::parse(action.name.host);
  Resolved resolved{action.op, {}, "no such name"};
  if (address) resolved = {action.op, {{*address, action.name.port}}, {}};
  later(Duration::milliseconds(1), Event(std::move(resolved)));
}

// A worker hashes about a byte a nanosecond.
template <class AnyEngine>
void EngineWorld<AnyEngine>::on(HashPiece& action) {
  const uint64_t bytes = action.bytes.size() + action.zeros;
  later(Duration::nanoseconds(static_cast<int64_t>(bytes) + 10'000),
        Event(PieceHashed{action.op, sha256_zero_filled(action.bytes.bytes(), action.zeros)}));
}

// What is stored later does not hold it up.
template <class AnyEngine>
void EngineWorld<AnyEngine>::on(SyncStore& action) {
  if (all_stored_at_ < queue_.now()) return begin_sync({action.op, std::nullopt});
  later(all_stored_at_ - queue_.now(), Sync{action.op, std::nullopt});
}

template <class AnyEngine>
Event EngineWorld<AnyEngine>::carry_out(StorePiece& store) {
  const SimDisk::Written written = disk_.store(store.digest, store.bytes);
  if (observer_ != nullptr && written.status == StoreStatus::ok) {
    observer_->stored(node_, store.digest, written.bytes_match);
  }
  return PieceStored{store.op, written.status};
}

template <class AnyEngine>
Event EngineWorld<AnyEngine>::carry_out(PlacePiece& place) {
  Slice bytes;
  return PieceStored{place.op, disk_.load(place.digest, bytes)};
}

template <class AnyEngine>
Event EngineWorld<AnyEngine>::carry_out(LoadPiece& load) {
  Slice bytes;
  const StoreStatus status = disk_.load(load.digest, bytes);
  return PieceLoaded{load.op, status, std::move(bytes)};
}

template <class AnyEngine>
Event EngineWorld<AnyEngine>::carry_out(Sync& sync) {
  const StoreStatus status = disk_.end_sync(*sync.begun);
  if (observer_ != nullptr && disk_.all_durable()) observer_->synced(node_);
  return StoreSynced{sync.op, status};
}

}  // namespace p2p::sim
