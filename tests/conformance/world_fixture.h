// What the contract's tests share: a Net of one world, and two nodes that are connected.
//
// A Net has
//   Net::Node              with `ScriptedEngine engine`, `Endpoint endpoint` (it listens there) and
//                          `Time now()`
//   Node& add_node();      references stay good
//   size_t connections();  that the worlds of all nodes hold, whatever their state
//   Endpoint nowhere();    an endpoint of the net on which nobody listens
//   void step();           every node performs its actions and is handed at most one event
//   void settle();         steps until what is under way has come to where it goes
//   bool patient() const;  false when a test must give up; bounded by what the world calls time
//   StoredBytes stored(std::string);  bytes as the world's store hands them out, in a file if it
//   can
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/scripted_engine.h"

namespace p2p::conformance {

template <class Net>
class WorldContract : public testing::Test {
 protected:
  using Node = typename Net::Node;

  template <class Condition>
  testing::AssertionResult run_until(Condition condition) {
    while (!condition()) {
      if (!net_.patient()) return testing::AssertionFailure() << "it does not come about";
      net_.step();
    }
    return testing::AssertionSuccess();
  }

  // A connection between two nodes, both ends known.
  struct Pair {
    Node& dialler;
    ConnId near;
    Node& listener;
    ConnId far;
    ScriptedEngine::Link& near_link() const { return dialler.engine.link(near); }
    ScriptedEngine::Link& far_link() const { return listener.engine.link(far); }
  };
  Pair connect(Node& dialler, Node& listener) {
    const size_t before = listener.engine.accepted().size();
    const ConnId near = dialler.engine.dial(listener.endpoint);
    EXPECT_TRUE(run_until([&] {
      return dialler.engine.link(near).open && listener.engine.accepted().size() > before;
    }));
    return {dialler, near, listener, listener.engine.accepted().back()};
  }
  Pair connect() { return connect(net_.add_node(), net_.add_node()); }

  static std::string pattern(size_t size) {
    std::string text(size, '\0');
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i % 251);
    return text;
  }

  Net net_;
};

}  // namespace p2p::conformance
