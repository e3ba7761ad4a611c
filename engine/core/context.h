// What every part of one engine works with: the time of the event in hand, the random generator,
// the queue of actions, the connections. Parts take it by reference; the engine owns it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/core/action.h"
#include "engine/core/config.h"
#include "engine/core/connection.h"
#include "engine/overlay/scores.h"

namespace p2p {

struct Context {
  Context(Config configuration, Seed seed, Time start)
      : config(std::move(configuration)), random(seed), now(start) {}

  const Config config;
  Random random;
  Time now;
  std::deque<Action> actions;
  ConnectionTable connections;
  Scores scores;
  uint64_t last_op = 0;
  uint64_t last_dial = 0;

  OpId new_op() { return {++last_op}; }
  ConnId new_dial() { return ConnId::dialled(++last_dial); }
  void emit(Action action) { actions.push_back(std::move(action)); }
  void notify(Notice notice) { actions.push_back(Notify{std::move(notice)}); }
};

}  // namespace p2p
