// p2psim sweep: scenarios with every seed of a range, several runs at once.
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "apps/common/counts.h"
#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "apps/p2psim/commands.h"
#include "apps/p2psim/failure_groups.h"
#include "apps/p2psim/in_order.h"
#include "apps/p2psim/real_time.h"
#include "apps/p2psim/scenario_file.h"
#include "apps/p2psim/simulate.h"
#include "apps/p2psim/sweep_progress.h"
#include "apps/p2psim/verdict.h"
#include "engine/base/quantity.h"
#include "io_linux/error_text.h"
#include "io_sim/report/json.h"
#include "io_sim/report/report.h"

namespace p2p::sim::program {
namespace {

// One seed in so many runs twice. Two runs are keyed by one index: twice it, and one more.
constexpr uint64_t kTwiceEvery = 16;
constexpr Duration kSweepTick = Duration::milliseconds(200);

unsigned processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT(&set));
}

class Sweep {
 public:
  Sweep(const SweepCommand& command, const std::vector<ScenarioFile>& files, Talk& talk)
      : command_(command),
        files_(files),
        talk_(talk),
        seeds_(command.seeds.last - command.seeds.first + 1),
        total_(seeds_ * files.size()),
        groups_(files.size()),
        failed_of_(files.size()) {}

  ExitCode carry_out();

 private:
  // One run of a file with a seed; the runs are numbered file by file, seed by seed.
  RunPlan plan_of(uint64_t index) const {
    RunPlan plan;
    plan.file = &files_[index / seeds_];
    plan.seed = command_.seeds.first + index % seeds_;
    return plan;
  }
  bool runs_twice(uint64_t index) const { return index % seeds_ % kTwiceEvery == 0; }

  void start_more(Children& children);
  bool accept(const Ended& ended);
  bool deliver(uint64_t index, const Result& result);
  void show_progress();
  bool print_summary() const;
  bool write_report() const;

  const SweepCommand& command_;
  const std::vector<ScenarioFile>& files_;
  Talk& talk_;
  uint64_t seeds_;
  uint64_t total_;

  uint64_t next_ = 0;         // the index that is started next
  bool second_next_ = false;  // its second run is
  std::map<uint64_t, RunEnd> first_of_two_;
  InOrder<Result> in_order_;
  std::vector<FailureGroups> groups_;  // of each file
  std::vector<uint64_t> failed_of_;
  std::vector<SweepCell> cells_;  // for the report
  ExitCode code_ = ExitCode::held;
  Time started_ = real_now();
  Time shown_;  // progress, the last time
};

void Sweep::start_more(Children& children) {
  while (next_ < total_ && children.has_room()) {
    children.start(2 * next_ + (second_next_ ? 1 : 0), work_of(plan_of(next_)));
    second_next_ = runs_twice(next_) && !second_next_;
    if (!second_next_) ++next_;
  }
}

// False when its result can't be printed, or it was refused.
bool Sweep::accept(const Ended& ended) {
  if (ended.ending == Ending::refused) {
    talk_.say(Importance::error, ended.text);
    return false;
  }
  const uint64_t index = ended.key / 2;
  const RunPlan plan = plan_of(index);
  RunEnd end = end_of(ended, plan.file->scenario, plan.seed);
  if (!runs_twice(index)) {
    in_order_.put(index, std::move(end.result));
  } else if (const auto other = first_of_two_.find(index); other != first_of_two_.end()) {
    in_order_.put(index, agreed(other->second, end));
    first_of_two_.erase(other);
  } else {
    first_of_two_.emplace(index, std::move(end));
  }
  while (true) {
    const uint64_t ready = in_order_.taken();
    const auto result = in_order_.take();
    if (!result) return true;
    if (!deliver(ready, *result)) return false;
  }
}

bool Sweep::deliver(uint64_t index, const Result& result) {
  const RunPlan plan = plan_of(index);
  const Promise& promise = plan.file->scenario.promise;
  const ExitCode code = exit_code_of(result, promise);
  const std::string repeat = repeat_line(plan);
  code_ = graver(code_, code);
  // On a terminal it stands where the result is to be printed.
  if (command_.json || code != ExitCode::held) talk_.set_status("");
  if (!command_.report.empty()) {
    cells_.push_back({result, code == ExitCode::held, repeat});
  }
  if (command_.json && !app::print_line(result_json(result, code == ExitCode::held, repeat))) {
    return false;
  }
  if (code == ExitCode::held) return true;

  ++failed_of_[index / seeds_];
  FailureGroup failure{
      failure_name(result, promise), 1, plan.seed, failure_sentence(result, promise), {repeat}};
  if (result.verdict == Verdict::nondeterministic) failure.commands = {compare_line(plan)};
  groups_[index / seeds_].add(std::move(failure));
  if (command_.json) return true;
  return app::print_line("FAIL  " + app::printable(result.scenario) + "  seed " +
                         std::to_string(result.seed) + ": " +
                         app::printable(failure_sentence(result, promise)));
}

void Sweep::show_progress() {
  const Time now = real_now();
  if (now - shown_ < kSweepTick / 2) return;
  shown_ = now;
  uint64_t failed = 0;
  for (const uint64_t of_file : failed_of_) failed += of_file;
  talk_.set_status(
      progress_line({in_order_.taken(), total_, failed, now - started_}, talk_.columns()));
}

// For each file how many passed, and its groups.
bool Sweep::print_summary() const {
  for (size_t i = 0; i < files_.size() && i * seeds_ < in_order_.taken(); ++i) {
    const uint64_t done = std::min(seeds_, in_order_.taken() - i * seeds_);
    const uint64_t failed = failed_of_[i];
    std::string text =
        (failed == 0 ? "pass  " : "FAIL  ") + app::printable(files_[i].scenario.name) + "  (" +
        app::counted(done, "seed", "seeds") + " from " + std::to_string(command_.seeds.first) +
        ", " + app::grouped(failed) + " failed)";
    for (const FailureGroup& group : groups_[i].by_frequency()) text += "\n\n" + text_of(group);
    if (!app::print_line(text)) return false;
  }
  return true;
}

bool Sweep::write_report() const {
  if (command_.report.empty()) return true;
  errno = 0;
  std::ofstream file(command_.report, std::ios::binary | std::ios::trunc);
  if (file) write_sweep_report(file, files_.front().scenario.name, cells_);
  file.close();
  if (file) return true;
  talk_.say(Importance::error, "can't write " + app::shell_quoted(command_.report) + ": " +
                                   io_linux::error_text(errno == 0 ? EIO : errno));
  return false;
}

ExitCode Sweep::carry_out() {
  app::Interruption interruption;
  const unsigned jobs = command_.jobs == 0 ? processors() : command_.jobs;
  Children children(jobs, command_.limit, interruption.fd());
  bool interrupted = false;
  while (in_order_.taken() < total_ && !interrupted) {
    start_more(children);
    const auto ended = children.wait(kSweepTick);
    if (ended && !accept(*ended)) return ExitCode::usage;
    interrupted = interruption.requested();
    show_progress();
  }
  children.end_from(0);
  talk_.set_status("");
  if (!command_.json && !print_summary()) return ExitCode::usage;
  if (!write_report()) return ExitCode::usage;
  if (interrupted) {
    talk_.say(Importance::error, "interrupted after " + app::grouped(in_order_.taken()) + " of " +
                                     app::counted(total_, "run", "runs"));
    return ExitCode::violated;
  }
  talk_.say(Importance::info, app::counted(total_, "run", "runs") + " in " +
                                  duration_text(real_now() - started_) + ", " +
                                  std::to_string(jobs) + " at once");
  return code_;
}

}  // namespace

ExitCode sweep_command(const SweepCommand& command, Talk& talk) {
  const auto files = load_scenarios(command.files, talk);
  if (!files) return ExitCode::usage;
  return Sweep(command, *files, talk).carry_out();
}

}  // namespace p2p::sim::program
