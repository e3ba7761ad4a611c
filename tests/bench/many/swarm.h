// One serving p2pnode and those who get its file, real processes on loopback, each with a ceiling
// on what it sends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/processes/sharing.h"

namespace p2p::bench {

struct SwarmShape {
  size_t mib = 128;
  size_t leechers = 5;
  size_t upload_mb = 10;  // a second, of each node
};

// The least time in which all of them can have it, in seconds: the seeder sends every piece once,
// the last one reaches all of N + 1 nodes in ceil(log2(N + 1)) steps.
double lower_bound_s(const SwarmShape& shape);

class Swarm {
 public:
  // Starts the serving node, with a file of its own below FOLDER. Throws std::runtime_error.
  Swarm(std::string folder, const SwarmShape& shape);
  // Kills who still runs.
  ~Swarm();
  Swarm(const Swarm&) = delete;
  Swarm& operator=(const Swarm&) = delete;

  // From here on time counts.
  void start_leechers();
  // Where all of them listen, the serving node first. Waits until they do.
  std::vector<std::string> endpoints() const;

  // The time after which the last was done, in seconds. Throws std::runtime_error when one failed,
  // or got wrong bytes.
  double wait_for_all();
  // What the serving node sent, in files.
  double copies_sent() const;
  const Sharing& sharing() const { return *sharing_; }
  // What a node is, by its place in endpoints(): its data folder, and what it said.
  std::string data_dir(size_t node) const;
  std::string said(size_t node) const;

 private:
  std::string leecher(size_t i) const { return "leecher" + std::to_string(i); }

  const std::string folder_;
  const SwarmShape shape_;
  std::unique_ptr<Sharing> sharing_;
  uint64_t written_before_ = 0;
  std::chrono::steady_clock::time_point begin_;
  std::vector<pid_t> running_;
};

}  // namespace p2p::bench
