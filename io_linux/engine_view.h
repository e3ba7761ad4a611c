// What a world needs to see of an engine while it waits. Engine fits it through EngineViewOf; tests
// of the world stand in with a script.
#pragma once

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/core/windows.h"

namespace p2p::io_linux {

class EngineView {
 public:
  virtual ~EngineView() = default;
  virtual Time next_deadline() const = 0;
  virtual ReceiveWindow receive_window(ConnId conn) = 0;
  virtual GatherList send_window(ConnId conn) const = 0;
};

template <class AnyEngine>
class EngineViewOf final : public EngineView {
 public:
  explicit EngineViewOf(AnyEngine& engine) : engine_(engine) {}
  Time next_deadline() const override { return engine_.next_deadline(); }
  ReceiveWindow receive_window(ConnId conn) override { return engine_.receive_window(conn); }
  GatherList send_window(ConnId conn) const override { return engine_.send_window(conn); }

 private:
  AnyEngine& engine_;
};

}  // namespace p2p::io_linux
