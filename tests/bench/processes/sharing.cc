#include "tests/bench/processes/sharing.h"

#include <csignal>
#include <stdexcept>
#include <utility>

namespace p2p::bench {

namespace {

std::string word_after(const std::string& text, const std::string& before) {
  const size_t at = text.find(before);
  if (at == std::string::npos) throw std::runtime_error("no \"" + before + "\" in: " + text);
  const size_t start = at + before.size();
  return text.substr(start, text.find_first_of(" \n", start) - start);
}

}  // namespace

std::string p2pnode_program() { return P2PNODE_PROGRAM; }

Sharing::Sharing(const std::string& folder, const std::string& name, const Words& words)
    : data_dir_(folder + "/" + name) {
  Words argv = {p2pnode_program(), "share", "-S", "--listen", "[::1]:0", "--data-dir", data_dir_};
  argv.insert(argv.end(), words.begin(), words.end());
  start_and_wait(std::move(argv), "p2pnode get ");
  const std::string said = read_all(data_dir_ + ".out");
  port_ = word_after(said, "listening on [::1]:");
  id_ = word_after(said, "added ");
}

Sharing::~Sharing() {
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  wait_for(pid_);
}

void Sharing::start_and_wait(Words argv, const std::string& until) {
  pid_ = start(argv, data_dir_ + ".out", data_dir_ + ".err");
  if (wait_for_text(data_dir_ + ".out", until, pid_)) return;
  kill(pid_, SIGKILL);
  wait_for(std::exchange(pid_, -1));
  throw std::runtime_error("the sharing node did not start: " + read_all(data_dir_ + ".err"));
}

uint64_t Sharing::kill_and_count() { return kill_now(std::exchange(pid_, -1)); }

void Sharing::run_again() {
  start_and_wait({p2pnode_program(), "run", "-S", "--listen", endpoint(), "--data-dir", data_dir_},
                 "listening on ");
}

Words get_words(const Sharing& sharing, const std::string& folder, const std::string& name) {
  return {p2pnode_program(),
          "get",
          sharing.id(),
          "-o",
          folder + "/" + name + ".got",
          "--data-dir",
          folder + "/" + name,
          "--listen",
          "[::1]:0",
          "--bootstrap",
          sharing.endpoint()};
}

}  // namespace p2p::bench
