// Puts what is finished in any order back into its own: 0, 1, 2, ...
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace p2p::sim::program {

template <class Value>
class InOrder {
 public:
  // Each index once.
  void put(uint64_t index, Value value) { waiting_.emplace(index, std::move(value)); }
  // The next in order, once it is there.
  std::optional<Value> take() {
    const auto first = waiting_.find(next_);
    if (first == waiting_.end()) return std::nullopt;
    std::optional<Value> value = std::move(first->second);
    waiting_.erase(first);
    ++next_;
    return value;
  }
  // How many have been taken.
  uint64_t taken() const { return next_; }

 private:
  uint64_t next_ = 0;
  std::map<uint64_t, Value> waiting_;
};

}  // namespace p2p::sim::program
