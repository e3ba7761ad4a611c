// The node as a pure state machine: it consumes bytes and time and emits actions. It does no input
// or output, reads no clock, draws no entropy and starts no thread.
//
// The one law: hand over an event, then drain poll_action() until it is empty, then hand over the
// next (engine/core/drive.h does it). Thread rule: one thread at a time. Two engines share nothing.
#pragma once

#include <memory>
#include <optional>

#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/core/action.h"
#include "engine/core/config.h"
#include "engine/core/content_story.h"
#include "engine/core/endpoint_story.h"
#include "engine/core/event.h"
#include "engine/core/status.h"
#include "engine/core/windows.h"

namespace p2p {

class Engine {
 public:
  Engine(Config config, Seed seed, Time start);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Requires that `now` is not before that of the last call and that all actions were drained.
  // Events of connections and operations that the engine has let go are ignored.
  void handle(Time now, Event event);
  std::optional<Action> poll_action();
  // Absolute; Time::never() when nothing is due without an event.
  Time next_deadline() const;

  // Requires a connection whose last SetInterest said read. Never empty then.
  ReceiveWindow receive_window(ConnId conn);
  // Empty exactly when the last SetInterest said no write, or the connection is gone.
  GatherList send_window(ConnId conn) const;

  // A snapshot; looking changes nothing.
  Status status() const;
  Totals totals() const;
  // What is known of an endpoint; nullopt: nothing. Looking changes nothing here either.
  std::optional<EndpointStory> why(const Endpoint& endpoint) const;
  // What a content that is being fetched lacks, the first `pieces_max` pieces of it in full, or
  // Limits::story_pieces_max; nullopt: it is not being fetched.
  std::optional<ContentStory> why(const Digest& root, size_t pieces_max) const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace p2p
