// A p2pnode that shares, as the benchmarks run it, and the command lines of those who get from it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/processes/child.h"

namespace p2p::bench {

using Words = std::vector<std::string>;

std::string p2pnode_program();

// `p2pnode share WORDS...`, a bootstrap node on a port of [::1], until it goes out of scope.
class Sharing {
 public:
  // Its data folder is FOLDER/NAME, what it says is kept beside it. Throws std::runtime_error with
  // what it said when it does not come to share.
  Sharing(const std::string& folder, const std::string& name, const Words& words);
  ~Sharing();
  Sharing(const Sharing&) = delete;
  Sharing& operator=(const Sharing&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& id() const { return id_; }
  const std::string& port() const { return port_; }
  std::string endpoint() const { return "[::1]:" + port_; }
  std::string data_dir() const { return data_dir_; }

  // As kill_now.
  uint64_t kill_and_count();
  // A node on the same data folder and port in the place of one that was killed.
  void run_again();

 private:
  void start_and_wait(Words argv, const std::string& until);

  std::string data_dir_;
  pid_t pid_ = -1;
  std::string port_;
  std::string id_;
};

// p2pnode get of what is shared, into FOLDER/NAME.got, with FOLDER/NAME as its data folder.
Words get_words(const Sharing& sharing, const std::string& folder, const std::string& name);

}  // namespace p2p::bench
