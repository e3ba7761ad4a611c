// The world of a node that is no engine: a RawPeer on the simulated network.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "io_sim/net/event_queue.h"
#include "io_sim/net/network.h"
#include "io_sim/peers/raw_peer.h"
#include "io_sim/world/sim_disk.h"
#include "io_sim/world/world_observer.h"

namespace p2p::sim {

class RawWorld final : public Station, public RawNet {
 public:
  // `start` counts the starts of the node, as for an EngineWorld.
  RawWorld(EventQueue& queue, Network& network, SimDisk& disk, WorldObserver& observer,
           uint32_t node, uint64_t start, RawFacts facts, Seed seed, std::unique_ptr<RawPeer> peer);

  void start() { peer_->started(*this); }
  // The scenario gives it more to share or to want.
  void tell(const std::vector<Digest>& held, const std::vector<Digest>& wanted);
  void on_timer(uint64_t token);
  // Why its process ended by itself, if it did.
  const std::string& death() const { return death_; }

  uint64_t on_accepted(EndRef end, const Endpoint& local, const Endpoint& remote) override;
  void on_connected(EndRef end, uint64_t tag, const Endpoint& local) override;
  void on_connect_failed(uint64_t tag, NetError why) override;
  void on_ready(EndRef end, uint64_t tag) override;

  Time now() const override { return queue_.now(); }
  Random& random() override { return random_; }
  const RawFacts& facts() const override { return facts_; }
  ConnId dial(const Endpoint& to) override;
  void send(ConnId conn, std::span<const std::byte> bytes) override;
  void send(ConnId conn, Slice bytes) override;
  size_t unsent(ConnId conn) const override;
  void set_reading(ConnId conn, bool on) override;
  void close(ConnId conn) override;
  void set_timer(Duration after, uint64_t tag) override;
  std::optional<Slice> load(const Digest& digest) const override;
  void store(const Digest& digest, Slice bytes) override;
  void die(std::string_view why) override;

 private:
  struct Link {
    EndRef end;
    ConnId conn;
    bool open = false;
    bool reading = true;
    bool ended = false;
    std::deque<Slice> out;
    size_t unsent = 0;
  };
  void watch(const Link& link);
  void read_some(Link& link);
  void write_some(Link& link);
  Link* find(ConnId conn);

  EventQueue& queue_;
  Network& network_;
  SimDisk& disk_;
  WorldObserver& observer_;
  uint32_t node_;
  RawFacts facts_;
  Random random_;
  std::unique_ptr<RawPeer> peer_;
  std::map<ConnId, Link> links_;
  std::map<uint64_t, uint64_t> timers_;  // tags by token
  uint64_t last_token_;
  uint64_t last_dialled_ = 0;
  uint64_t last_accepted_ = 0;
  bool dead_ = false;
  std::string death_;
};

}  // namespace p2p::sim
