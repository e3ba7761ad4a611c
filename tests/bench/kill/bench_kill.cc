// bench_kill [MIB [KILLS [SEED [DIRECTORY]]]]: what kill -9 costs. A file of MIB (1,024) goes from
// one p2pnode to another over loopback; the getting side is killed at a random moment and started
// again, KILLS (50) times, each with a transfer of its own; then the serving side is.
//
// Whatever stands under the file's name must be the file, at any time; in the end it is there, and
// both stores hold right pieces only. Fetched again is what the serving side sent beyond the file's
// length: what was on its way into a process that is dead is among it. The exit code is 1 when
// anything was wrong, or more than 5 % were fetched again.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/bench/processes/child.h"
#include "tests/bench/processes/input.h"
#include "tests/bench/processes/sharing.h"

namespace p2p::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kAgainMaxPercent = 5;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Killed {
  double at_s = 0;     // after the start of the get
  double after_s = 0;  // from the kill to the end
  double again_percent = 0;
  std::string wrong;  // empty: nothing
};

// One serving node with a copy of the file, which it sends with sendfile: that is counted.
class Transfers {
 public:
  Transfers(const std::string& folder, size_t mib)
      : folder_(folder), input_(folder + "/input"), bytes_(mib * kMiB) {
    make_input(input_, mib);
    sharing_ = std::make_unique<Sharing>(folder_, "serving", Words{"--copy", input_});
  }

  // How long a transfer takes that nobody disturbs.
  double undisturbed_s() {
    const auto begin = Clock::now();
    const std::string wrong = outcome(begin_get());
    if (!wrong.empty()) throw std::runtime_error("a transfer without a kill failed: " + wrong);
    const double took_s = seconds_since(begin);
    remove_got();
    return took_s;
  }

  // nullopt: it was done before.
  std::optional<Killed> kill_getting(double at_s) {
    const uint64_t before = written_by(sharing_->pid());
    const pid_t getting = begin_get();
    if (ends_within(getting, milliseconds_of(at_s))) return done_before(getting);
    kill_now(getting);
    Killed killed{at_s, 0, 0, what_is_wrong_there()};
    const auto begin = Clock::now();
    killed.wrong += outcome(begin_get());
    killed.after_s = seconds_since(begin);
    killed.again_percent = again_percent(written_by(sharing_->pid()) - before);
    remove_got();
    return killed;
  }

  std::optional<Killed> kill_serving(double at_s) {
    const uint64_t before = written_by(sharing_->pid());
    const pid_t getting = begin_get();
    if (ends_within(getting, milliseconds_of(at_s))) return done_before(getting);
    const uint64_t sent = sharing_->kill_and_count() - before;
    const auto begin = Clock::now();
    sharing_->run_again();
    Killed killed{at_s, 0, 0, what_is_wrong_there()};
    killed.wrong += outcome(getting);
    killed.after_s = seconds_since(begin);
    killed.again_percent = again_percent(sent + written_by(sharing_->pid()));
    remove_got();
    return killed;
  }

  // What verify says of the store of the serving side, after all that was done to it.
  std::string what_is_wrong_with_the_serving_side() {
    sharing_->kill_and_count();
    return verified("serving");
  }

 private:
  static std::chrono::milliseconds milliseconds_of(double s) {
    return std::chrono::milliseconds(static_cast<int64_t>(s * 1000));
  }

  std::string got() const { return folder_ + "/getting.got"; }

  pid_t begin_get() const {
    return start(get_words(*sharing_, folder_, "getting"), folder_ + "/getting.out",
                 folder_ + "/getting.err");
  }

  std::optional<Killed> done_before(pid_t getting) {
    const std::string wrong = outcome(getting);
    if (!wrong.empty()) throw std::runtime_error("before a kill: " + wrong);
    remove_got();
    return std::nullopt;
  }

  // The name may be taken a moment before the end.
  std::string what_is_wrong_there() const {
    const bool wrong = std::filesystem::exists(got()) && !same_bytes(got(), input_);
    return wrong ? "wrong bytes after the kill; " : "";
  }

  std::string outcome(pid_t getting) const {
    const int exit_code = wait_for(getting).exit_code;
    if (exit_code != 0) {
      return "exit " + std::to_string(exit_code) + ": " + read_all(folder_ + "/getting.err");
    }
    if (!same_bytes(got(), input_)) return "wrong bytes at the end; ";
    if (std::filesystem::exists(got() + ".part")) return "a .part file is left; ";
    return verified("getting");
  }

  std::string verified(const std::string& name) const {
    const pid_t verify = start({p2pnode_program(), "verify", "--data-dir", folder_ + "/" + name},
                               folder_ + "/verify.out", folder_ + "/verify.err");
    if (wait_for(verify).exit_code == 0) return {};
    return "verify of " + name + ": " + read_all(folder_ + "/verify.err");
  }

  double again_percent(uint64_t sent) const {
    const double again = static_cast<double>(sent) - static_cast<double>(bytes_);
    return again * 100 / static_cast<double>(bytes_);
  }

  void remove_got() const {
    std::filesystem::remove(got());
    std::filesystem::remove_all(folder_ + "/getting");
  }

  const std::string folder_;
  const std::string input_;
  const uint64_t bytes_;
  std::unique_ptr<Sharing> sharing_;
};

using Kill = std::optional<Killed> (Transfers::*)(double at_s);

// Kills at moments drawn from the whole of a transfer, prints a line for each, and says whether all
// was well.
bool kill_often(Transfers& transfers, const char* side, Kill kill, size_t kills, double whole_s,
                std::mt19937_64& random) {
  std::printf("\nthe %s side   killed after   done after   fetched again\n", side);
  std::vector<double> again;
  size_t wrong = 0;
  while (again.size() < kills) {
    // A transfer that was done before its moment is no kill: another moment is drawn.
    const auto killed = (transfers.*kill)(static_cast<double>(random() % 1000) / 1000 * whole_s);
    if (!killed) continue;
    again.push_back(killed->again_percent);
    wrong += killed->wrong.empty() ? 0U : 1U;
    std::printf("%16zu %12.2f s %10.2f s %13.2f %%   %s\n", again.size(), killed->at_s,
                killed->after_s, killed->again_percent,
                killed->wrong.empty() ? "right" : killed->wrong.c_str());
    std::fflush(stdout);
  }
  std::sort(again.begin(), again.end());
  const bool met = again.back() <= kAgainMaxPercent;
  std::printf(
      "%zu kills, %zu wrong; fetched again: median %.2f %%, worst %.2f %% (at most %.0f: %s)\n",
      kills, wrong, again[again.size() / 2], again.back(), kAgainMaxPercent,
      met ? "met" : "MISSED");
  return wrong == 0 && met;
}

bool run(size_t mib, size_t kills, uint64_t seed, const std::string& parent) {
  const Folder folder(parent);
  Transfers transfers(folder.path(), mib);
  const double whole_s = transfers.undisturbed_s();
  std::printf("%zu MiB, seed %llu, %.2f s undisturbed\n", mib,
              static_cast<unsigned long long>(seed), whole_s);
  std::mt19937_64 random(seed);
  bool well = kill_often(transfers, "getting", &Transfers::kill_getting, kills, whole_s, random);
  well &= kill_often(transfers, "serving", &Transfers::kill_serving, kills, whole_s, random);
  const std::string wrong = transfers.what_is_wrong_with_the_serving_side();
  std::printf("\nthe serving side's store: %s\n", wrong.empty() ? "right" : wrong.c_str());
  return well && wrong.empty();
}

}  // namespace
}  // namespace p2p::bench

int main(int argc, char** argv) {
  const size_t mib = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1024;
  const size_t kills = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 50;
  const uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
  const std::string parent = argc > 4 ? argv[4] : "/dev/shm";
  if (mib == 0 || kills == 0) {
    std::fprintf(stderr, "usage: bench_kill [MIB [KILLS [SEED [DIRECTORY]]]]\n");
    return 2;
  }
  try {
    return p2p::bench::run(mib, kills, seed, parent) ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_kill: %s\n", error.what());
    return 1;
  }
}
