// Who watches the nodes of a run. Watching changes nothing.
#pragma once

#include <cstdint>
#include <span>

#include "engine/core/action.h"
#include "engine/core/event.h"
#include "io_sim/net/network.h"

namespace p2p::sim {

class WorldObserver {
 public:
  virtual ~WorldObserver() = default;
  // An engine is about to be handed an event; an action was taken from it, and is about to be
  // performed.
  virtual void delivering(uint32_t node, const p2p::Event& event) = 0;
  virtual void performing(uint32_t node, const p2p::Action& action) = 0;
  // A connection is there, or gone, at this end. Of nodes of both kinds.
  virtual void opened(uint32_t node, ConnId conn, EndRef end) = 0;
  virtual void closed(uint32_t node, ConnId conn, EndRef end) = 0;
  // Bytes are about to be written, `raw` by a node that is no engine.
  virtual void sending(uint32_t node, ConnId conn, EndRef end,
                       std::span<const std::span<const std::byte>> parts, bool raw) = 0;
  virtual void received(uint32_t node, EndRef end, size_t bytes) = 0;
  virtual void stored(uint32_t node, const Digest& digest, bool bytes_match) = 0;
  virtual void synced(uint32_t node) = 0;

 protected:
  WorldObserver() = default;
};

}  // namespace p2p::sim
