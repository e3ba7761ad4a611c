// Engines joined in memory on a virtual clock, for tests of the engine alone: byte streams that are
// cut anywhere, a latency, pieces in a map. Everything follows from the seed. What a network of
// thousands with faults does is the simulator's business; this is the least that drives engines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "engine/core/drive.h"
#include "engine/core/engine.h"

namespace p2p::test {

enum class Cuts { whole, anywhere };

struct NetworkOptions {
  Cuts cuts = Cuts::anywhere;
  Duration latency = Duration::milliseconds(5);
  size_t pipe_bytes = size_t{64} << 10;  // on its way in one direction before a writer is held back
};

class MemNetwork;

// One end of a byte stream.
struct StreamEnd {
  StreamEnd* peer = nullptr;
  size_t node = 0;
  ConnId conn;
  bool raw = false;  // a test speaks bytes here; no engine
  bool read_interest = false;
  bool write_interest = false;
  bool gone = false;    // closed here
  bool broken = false;  // Closed has been delivered
  bool eof_arrived = false;
  std::deque<std::byte> inbound;
  size_t in_flight = 0;   // sent by the peer, not yet read here
  bool raw_reads = true;  // else what is sent to it stays in the pipe
  std::vector<std::byte> raw_received;
};

class MemNode {
 public:
  MemNode(MemNetwork& network, size_t index, Config config, Seed seed, Address address);

  // What drive.h asks of a world, as far as deliver() needs it.
  Time now() const;
  void perform(Engine& engine, Action&& action);

  Engine& engine() { return *engine_; }
  const Engine& engine() const { return *engine_; }
  Endpoint endpoint() const { return {address_, config_.listen_port}; }

  std::map<Digest, std::vector<std::byte>> store;
  std::map<FetchId, std::map<uint64_t, std::vector<std::byte>>> targets;
  std::vector<Notice> notices;
  StoreStatus store_answer = StoreStatus::ok;
  StoreStatus load_answer = StoreStatus::ok;
  StoreStatus book_answer = StoreStatus::ok;
  std::vector<SavedBook> books;  // each that was to be saved

  template <class T>
  std::vector<T> said() const {
    std::vector<T> found;
    for (const Notice& notice : notices) {
      if (const auto* one = std::get_if<T>(&notice)) found.push_back(*one);
    }
    return found;
  }

 private:
  friend class MemNetwork;
  void on(const Connect& action);
  void on(const Close& action);
  void on(const ShutdownWrite& action);
  void on(const SetInterest& action);
  void on(const Resolve& action);
  void on(const HashPiece& action);
  void on(const StorePiece& action);
  void on(const PlacePiece& action);
  void on(const LoadPiece& action);
  void on(const SyncStore& action);
  void on(const SaveBook& action);
  void on(const Notify& action);
  void answer(Event event);
  void put(const Digest& digest, std::span<const std::byte> bytes,
           const std::vector<Extent>& extents);

  MemNetwork& network_;
  size_t index_;
  Config config_;
  Address address_;
  std::unique_ptr<Engine> engine_;
  std::map<ConnId, StreamEnd*> ends_;
  uint64_t accepted_ = 0;
};

class MemNetwork {
 public:
  explicit MemNetwork(uint64_t seed, NetworkOptions options = {});
  ~MemNetwork();

  // A node that has started and holds `pieces`. Its nonce and seed come from the network's.
  MemNode& add(Config config, const Address& address,
               std::map<Digest, std::vector<std::byte>> pieces = {}, SavedBook book = {});
  MemNode& node(size_t i) { return *nodes_[i]; }
  size_t size() const { return nodes_.size(); }

  void tell(MemNode& node, Event event);
  void run_for(Duration duration);
  // Until it holds, looked at after every event; false: not within `limit`.
  bool run_until(const std::function<bool()>& holds, Duration limit);
  Time now() const { return now_; }

  // A stream that the test itself speaks on. `raw_accept` answers dials to an endpoint.
  StreamEnd& raw_connect(const Endpoint& to, const Address& from);
  void raw_listen(const Endpoint& at, std::function<void(StreamEnd&)> on_accept);
  void raw_send(StreamEnd& end, std::span<const std::byte> bytes);
  void raw_close(StreamEnd& end);

 private:
  friend class MemNode;
  struct Due {
    Time at;
    uint64_t serial = 0;
    friend auto operator<=>(const Due&, const Due&) = default;
  };

  void at(Time when, std::function<void()> what);
  void after(Duration wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }
  bool step(Time limit);
  void dial(MemNode& from, ConnId conn, const Endpoint& to);
  std::pair<StreamEnd*, StreamEnd*> make_stream();
  void accept(MemNode& node, StreamEnd& end, const Endpoint& local, const Endpoint& remote);
  void transmit(StreamEnd& from, std::vector<std::byte> bytes);
  void close(StreamEnd& end);
  void send_eof(StreamEnd& from);
  void wake_reader(StreamEnd& end);
  void wake_writer(StreamEnd& end);
  void read_some(StreamEnd& end);
  void write_some(StreamEnd& end);
  size_t cut(size_t most);

  NetworkOptions options_;
  Random random_;
  Time now_ = Time::from_ns(1'000'000'000);
  uint64_t serial_ = 0;
  int deadlines_in_a_row_ = 0;
  uint16_t next_port_ = 40'000;
  std::map<Due, std::function<void()>> queue_;
  std::vector<std::unique_ptr<MemNode>> nodes_;
  std::vector<std::unique_ptr<StreamEnd>> ends_;
  std::map<Endpoint, std::function<void(StreamEnd&)>> raw_listeners_;
};

}  // namespace p2p::test
