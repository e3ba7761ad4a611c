// The owner of ends of a simulated network, and a scene of some of them: it sends as much as it is
// told to, reads, and keeps what it saw and when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/base/time.h"
#include "io_sim/net/event_queue.h"
#include "io_sim/net/network.h"

namespace p2p::sim::test {

class Party final : public Station {
 public:
  struct Conn {
    EndRef end;
    bool open = false;
    Endpoint local;
    Endpoint remote;
    Time opened_at;

    bool reads = true;
    uint64_t to_send = 0;
    uint64_t sent = 0;
    uint64_t received = 0;
    Time received_at;      // the last of them
    bool in_order = true;  // each byte was the one that its place in the stream has
    std::optional<NetError> over;
    Time over_at;
  };

  Party(EventQueue& queue, Network& network, const Attachment& attachment);

  Conn& dial(const Endpoint& to);
  void send(Conn& conn, uint64_t bytes);
  void read(Conn& conn, bool on);
  void close(Conn& conn);
  // References stay good.
  std::map<uint64_t, Conn>& conns() { return conns_; }
  // In the order in which they came.
  Conn& accepted(size_t n) { return conns_.at(accepted_.at(n)); }
  size_t accepted_count() const { return accepted_.size(); }
  uint32_t node() const { return node_; }
  const Endpoint& endpoint() const { return endpoint_; }

  uint64_t on_accepted(EndRef end, const Endpoint& local, const Endpoint& remote) override;
  void on_connected(EndRef end, uint64_t tag, const Endpoint& local) override;
  void on_connect_failed(uint64_t tag, NetError why) override;
  void on_ready(EndRef end, uint64_t tag) override;

 private:
  void watch(const Conn& conn);
  void read_some(Conn& conn);
  void write_some(Conn& conn);

  EventQueue& queue_;
  Network& network_;
  Endpoint endpoint_;
  uint32_t node_;
  std::map<uint64_t, Conn> conns_;
  std::vector<uint64_t> accepted_;
  uint64_t last_tag_ = 0;
};

struct Scene {
  explicit Scene(const NetworkModel& model = {}, uint64_t seed = 1);
  // On a host of its own, unless the attachment says otherwise.
  Party& add();
  Party& add(const Attachment& attachment);
  Attachment next_attachment() const;

  void run_for(Duration duration);
  // One task; false when there is none within an hour.
  bool step();
  Duration now() const { return queue.now() - Time(); }

  EventQueue queue;
  Network network;
  std::vector<std::unique_ptr<Party>> parties;
};

// A connection, open at both ends.
struct Line {
  Line(Scene& scene, Party& from, Party& to);
  Party& dialler;
  Party& listener;
  Party::Conn& near;
  Party::Conn& far;

 private:
  static Party::Conn& open(Scene& scene, Party& from, Party& to);
};

}  // namespace p2p::sim::test
