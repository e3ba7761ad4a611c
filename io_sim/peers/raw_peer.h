// What runs at a node that is not one of ours: it speaks bytes. The original program and hostile
// peers are made of this. A RawPeer is driven by calls and acts through its RawNet; all it does
// follows from its own Random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/piece_size.h"
#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/core/event.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

struct RawFacts {
  Endpoint endpoint;  // where it listens; others dial it there
  std::vector<Endpoint> bootstrap;
  std::vector<Endpoint> accomplices;  // other nodes of the same behaviour, where that matters
  PieceSize piece_size;
  bool inbound = true;
  // Whom a peer that lies in its lists names; ascending, never null in a run.
  std::shared_ptr<const std::vector<Endpoint>> named;
  std::vector<Digest> held;    // what its scenario gave it to share, demo pieces too
  std::vector<Digest> wanted;  // what its scenario told it to want
};

// The world as a RawPeer sees it. Ids are as the engine's: dialled even, accepted odd.
class RawNet {
 public:
  virtual ~RawNet() = default;
  virtual Time now() const = 0;
  virtual Random& random() = 0;
  virtual const RawFacts& facts() const = 0;

  // Answered by connected() or connect_failed(), never from within this call.
  virtual ConnId dial(const Endpoint& to) = 0;
  // Queues bytes; what the connection does not take yet waits. Nothing happens for a closed one.
  virtual void send(ConnId conn, std::span<const std::byte> bytes) = 0;
  virtual void send(ConnId conn, Slice bytes) = 0;
  virtual size_t unsent(ConnId conn) const = 0;
  // A connection is read from unless told otherwise.
  virtual void set_reading(ConnId conn, bool on) = 0;
  // As the kernel does it: a reset if unread bytes are there. No call for it comes after this.
  virtual void close(ConnId conn) = 0;
  // timer(tag) is called once, after that time.
  virtual void set_timer(Duration after, uint64_t tag) = 0;

  // The piece's bytes without trailing zeros, if it is in this peer's store.
  virtual std::optional<Slice> load(const Digest& digest) const = 0;
  // Requires that the bytes, filled up with zeros, have that digest.
  virtual void store(const Digest& digest, Slice bytes) = 0;
  // The process ends here and now, as by a signal: connections are closed, nothing is called again.
  virtual void die(std::string_view why) = 0;

 protected:
  RawNet() = default;
};

class RawPeer {
 public:
  virtual ~RawPeer() = default;
  virtual void started(RawNet& net) = 0;
  virtual void accepted(RawNet& net, ConnId conn, const Endpoint& remote) = 0;
  virtual void connected(RawNet& net, ConnId conn) = 0;
  virtual void connect_failed(RawNet& net, ConnId conn, NetError why) = 0;
  virtual void received(RawNet& net, ConnId conn, std::span<const std::byte> bytes) = 0;
  // All that was queued has been taken by the connection.
  virtual void drained(RawNet& net, ConnId conn) = 0;
  // The peer has closed or is gone; close() is still to be called for it.
  virtual void closed(RawNet& net, ConnId conn, NetError why) = 0;
  virtual void timer(RawNet& net, uint64_t tag) = 0;
  // The scenario tells it to want or share more: pieces are in facts() already.
  virtual void told(RawNet& net) = 0;

 protected:
  RawPeer() = default;
};

// Requires a behaviour other than honest.
std::unique_ptr<RawPeer> make_raw_peer(Behaviour behaviour);

}  // namespace p2p::sim
