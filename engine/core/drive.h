// The loop that drives an engine, written once for every world.
//
// A World has
//   Time now();
//   std::optional<Event> wait(Engine&);   // the next event, no later than engine.next_deadline();
//                                         // nullopt: that time has come
//   void perform(Engine&, Action&&);
//   bool running() const;
#pragma once

#include <utility>

#include "engine/core/engine.h"

namespace p2p {

// Hands one event over and performs what it brought about.
template <class AnyEngine, class World>
void deliver(AnyEngine& engine, World& world, Event event) {
  engine.handle(world.now(), std::move(event));
  while (auto action = engine.poll_action()) world.perform(engine, std::move(*action));
}

template <class World>
void drive(Engine& engine, World& world) {
  while (world.running()) {
    auto event = world.wait(engine);
    deliver(engine, world, event ? std::move(*event) : Event(DeadlineReached{}));
  }
}

}  // namespace p2p
