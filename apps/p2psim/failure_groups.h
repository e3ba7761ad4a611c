// The failures of a sweep, grouped by what failed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace p2p::sim::program {

struct FailureGroup {
  std::string name;  // what they have in common
  uint64_t count = 0;
  uint64_t lowest_seed = 0;
  // Of the lowest seed: what happened, and what to type.
  std::string sentence;
  std::vector<std::string> commands;
};

class FailureGroups {
 public:
  // One failure, as a group of its own.
  void add(FailureGroup failure);
  // The most frequent first; of equally frequent ones the lower seed, then the name.
  std::vector<FailureGroup> by_frequency() const;

 private:
  std::vector<FailureGroup> groups_;
};

// "12 seeds: verified_pieces", the lowest seed with its sentence, and the commands.
std::string text_of(const FailureGroup& group);

}  // namespace p2p::sim::program
