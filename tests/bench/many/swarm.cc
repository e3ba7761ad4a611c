#include "tests/bench/many/swarm.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <regex>
#include <stdexcept>
#include <utility>

#include "tests/bench/processes/child.h"
#include "tests/bench/processes/input.h"

namespace p2p::bench {

namespace {

// Of a file of less than 32 GiB in pieces of 1 MiB.
constexpr size_t kNodePieces = 1;

Words with_ceiling(Words words, const SwarmShape& shape) {
  words.insert(words.end(), {"--max-upload", std::to_string(shape.upload_mb) + "MB"});
  return words;
}

}  // namespace

double lower_bound_s(const SwarmShape& shape) {
  const double steps = std::ceil(std::log2(static_cast<double>(shape.leechers + 1)));
  const double pieces = static_cast<double>(shape.mib + kNodePieces) + steps - 1;
  return pieces * static_cast<double>(kMiB) / (static_cast<double>(shape.upload_mb) * 1e6);
}

Swarm::Swarm(std::string folder, const SwarmShape& shape)
    : folder_(std::move(folder)), shape_(shape) {
  make_input(folder_ + "/input", shape_.mib);
  // A copy: what sendfile sends is counted.
  sharing_ = std::make_unique<Sharing>(folder_, "serving",
                                       with_ceiling({"--copy", folder_ + "/input"}, shape_));
}

Swarm::~Swarm() {
  for (const pid_t pid : running_) {
    kill(pid, SIGKILL);
    wait_for(pid);
  }
}

void Swarm::start_leechers() {
  written_before_ = written_by(sharing_->pid());
  begin_ = std::chrono::steady_clock::now();
  for (size_t i = 0; i < shape_.leechers; ++i) {
    Words words = with_ceiling(get_words(*sharing_, folder_, leecher(i)), shape_);
    words.emplace_back("-v");
    const std::string said = folder_ + "/" + leecher(i);
    running_.push_back(start(words, said + ".out", said + ".err"));
  }
}

std::vector<std::string> Swarm::endpoints() const {
  std::vector<std::string> all = {sharing_->endpoint()};
  static const std::regex listening(R"(listening on (\[[0-9a-f:]+\]:[0-9]+))");
  for (size_t i = 0; i < running_.size(); ++i) {
    std::smatch match;
    std::string text;
    const std::string err = folder_ + "/" + leecher(i) + ".err";
    if (!wait_for_text(err, "listening on ", running_[i]) ||
        (text = read_all(err), !std::regex_search(text, match, listening))) {
      throw std::runtime_error("a leecher does not listen: " + text);
    }
    all.push_back(match[1]);
  }
  return all;
}

double Swarm::wait_for_all() {
  for (size_t i = 0; i < running_.size(); ++i) {
    const int exit_code = wait_for(running_[i]).exit_code;
    running_[i] = -1;
    if (exit_code == 0) continue;
    std::erase(running_, -1);
    throw std::runtime_error("a leecher failed: " + said(i + 1));
  }
  const double last_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  for (size_t i = 0; i < running_.size(); ++i) {
    if (!same_bytes(folder_ + "/" + leecher(i) + ".got", folder_ + "/input")) {
      throw std::runtime_error("a leecher got wrong bytes");
    }
  }
  running_.clear();
  return last_s;
}

double Swarm::copies_sent() const {
  return static_cast<double>(written_by(sharing_->pid()) - written_before_) /
         static_cast<double>(shape_.mib * kMiB);
}

std::string Swarm::data_dir(size_t node) const {
  return node == 0 ? sharing_->data_dir() : folder_ + "/" + leecher(node - 1);
}

std::string Swarm::said(size_t node) const { return read_all(data_dir(node) + ".err"); }

}  // namespace p2p::bench
