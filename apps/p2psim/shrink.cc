// p2psim shrink: the smallest scenario that still fails in the same way.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/common/counts.h"
#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "apps/p2psim/commands.h"
#include "apps/p2psim/failure.h"
#include "apps/p2psim/scenario_file.h"
#include "apps/p2psim/simulate.h"
#include "apps/p2psim/verdict.h"
#include "io_linux/error_text.h"
#include "io_sim/run/run.h"
#include "io_sim/scenario/swarm.h"
#include "io_sim/scenario/write.h"
#include "io_sim/shrink/shrink.h"

namespace p2p::sim::program {
namespace {

constexpr Duration kShrinkTick = Duration::milliseconds(500);

// What a candidate's child hands back.
constexpr std::string_view kAlike = "alike";
constexpr std::string_view kOtherwise = "otherwise";

uint64_t nodes_in(const Scenario& scenario) {
  uint64_t nodes = 0;
  for (const NodeGroup& group : scenario.nodes) nodes += group.count;
  return nodes;
}

// "3 nodes, 1 event (120 smaller ones tried)".
std::string size_of(const Scenario& scenario, uint64_t tried) {
  return app::counted(nodes_in(scenario), "node", "nodes") + ", " +
         app::counted(scenario.events.size(), "event", "events") + " (" +
         app::counted(tried, "smaller one", "smaller ones") + " tried)";
}

std::string lines_text(const std::string& text) {
  const auto lines = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  return app::counted(lines, "line", "lines");
}

class Shrinker {
 public:
  Shrinker(const ShrinkCommand& command, const ScenarioFile& file, Talk& talk)
      : command_(command),
        file_(file),
        talk_(talk),
        seed_(command.seed.value_or(file.scenario.seed)) {}

  ExitCode carry_out();

 private:
  RunPlan plan_of(const ScenarioFile& file) const {
    RunPlan plan;
    plan.file = &file;
    plan.seed = seed_;
    return plan;
  }
  std::optional<std::vector<RunEnd>> run_all(const std::vector<const Scenario*>& scenarios);
  std::optional<Scenario> start_from(const Failure& failure);
  std::string judge(const Scenario& candidate) const;
  bool fails_alike(const Ended& ended) const;
  std::optional<size_t> first_failing(std::span<const Scenario> candidates);
  Shrunk shrink_from(const Scenario& start);
  bool write(const Shrunk& shrunk, const std::string& sentence) const;
  ExitCode say_interrupted(const std::string& what) const {
    talk_.say(Importance::error, "interrupted; " + what);
    return ExitCode::violated;
  }

  const ShrinkCommand& command_;
  const ScenarioFile& file_;
  Talk& talk_;
  uint64_t seed_;
  app::Interruption interruption_;
  Failure failure_;  // what is looked for
  bool passes_without_faults_ = false;
  Duration candidate_limit_;
};

// Each in a child of its own, as many at once as there are. nullopt: interrupted.
std::optional<std::vector<RunEnd>> Shrinker::run_all(
    const std::vector<const Scenario*>& scenarios) {
  std::vector<ScenarioFile> files;
  for (const Scenario* scenario : scenarios) files.push_back({file_.path, *scenario});
  Children children(static_cast<unsigned>(files.size()), command_.limit, interruption_.fd());
  for (size_t i = 0; i < files.size(); ++i) children.start(i, work_of(plan_of(files[i])));
  std::vector<RunEnd> ends(files.size());
  while (!children.idle()) {
    if (const auto ended = children.wait(kShrinkTick)) {
      ends[ended->key] = end_of(*ended, files[ended->key].scenario, seed_);
    }
    if (interruption_.requested()) return std::nullopt;
  }
  return ends;
}

// In a child.
std::string Shrinker::judge(const Scenario& candidate) const {
  bool alike = failure_of(run(candidate), candidate) == failure_;
  if (alike && passes_without_faults_) {
    alike = run(without_faults(candidate)).verdict == Verdict::pass;
  }
  return std::string(alike ? kAlike : kOtherwise);
}

bool Shrinker::fails_alike(const Ended& ended) const {
  switch (ended.ending) {
    case Ending::returned:
      return ended.text == kAlike;
    case Ending::died:
    case Ending::too_long:
      return failure_.because == kAssertionInvariant && failure_.text == ended.text;
    case Ending::refused:
      return false;
  }
  return false;
}

std::optional<size_t> Shrinker::first_failing(std::span<const Scenario> candidates) {
  Children children(static_cast<unsigned>(candidates.size()), candidate_limit_, interruption_.fd());
  for (size_t i = 0; i < candidates.size(); ++i) {
    children.start(i, [this, &candidate = candidates[i]] { return judge(candidate); });
  }
  std::optional<size_t> first;
  while (!children.idle()) {
    const auto ended = children.wait(kShrinkTick);
    if (interruption_.requested()) return std::nullopt;
    if (!ended || !fails_alike(*ended)) continue;
    // Those behind it need not be known any more; those before it must be.
    first = ended->key;
    children.end_from(*first);
  }
  return first;
}

// The scenario with its seed's faults as plain events, if it fails so too. nullopt: interrupted.
std::optional<Scenario> Shrinker::start_from(const Failure& failure) {
  Scenario start = written_out(file_.scenario, seed_);
  start.promise = Promise();
  const Scenario calm = without_faults(start);
  const auto ends = run_all({&start, &calm});
  if (!ends) return std::nullopt;
  if (failure_of(ends->front().result, start) != failure) {
    talk_.say(Importance::warning,
              "with its faults written out it does not fail so: [swarm] stays as it is");
    start = file_.scenario;
    start.seed = seed_;
    start.promise = Promise();
  }
  failure_ = failure;
  // An expectation that is met without the faults is unmet because of them: a smaller scenario must
  // show that too, or taking away what the network lives on would be the shortest way to it.
  passes_without_faults_ =
      failure.verdict == Verdict::unmet && ends->back().result.verdict == Verdict::pass;
  // A candidate may take longer than what it is made from, but not out of all proportion.
  candidate_limit_ = std::min(command_.limit, ends->front().took * 10 + Duration::seconds(10));
  return start;
}

Shrunk Shrinker::shrink_from(const Scenario& start) {
  ShrinkOptions options;
  options.at_once = command_.jobs;
  options.go_on = [this](const ShrinkProgress& progress) {
    talk_.set_status(size_of(*progress.smallest, progress.tried));
    return !interruption_.requested();
  };
  Shrunk shrunk = shrink(
      start, [this](std::span<const Scenario> candidates) { return first_failing(candidates); },
      options);
  talk_.set_status("");
  return shrunk;
}

bool Shrinker::write(const Shrunk& shrunk, const std::string& sentence) const {
  const std::string path = app::shell_quoted(command_.output);
  const std::string repeat =
      app::printable("p2psim run " + path + " --seed " + std::to_string(seed_));
  const std::string text = "# Shows: " + app::printable(sentence) + "\n# Repeat: " + repeat + "\n" +
                           write_scenario(shrunk.scenario);
  errno = 0;
  std::ofstream file(command_.output, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) {
    talk_.say(Importance::error,
              "can't write " + path + ": " + io_linux::error_text(errno == 0 ? EIO : errno));
    return false;
  }
  return app::print_line("wrote " + path + ": " + lines_text(text) + ", " +
                         size_of(shrunk.scenario, shrunk.tried) + "\n" + app::printable(sentence) +
                         "\nrepeat: " + repeat);
}

ExitCode Shrinker::carry_out() {
  const auto twice = run_all({&file_.scenario, &file_.scenario});
  if (!twice) return say_interrupted("nothing is known yet");
  const Result result = agreed(twice->front(), twice->back());
  if (result.verdict == Verdict::nondeterministic) {
    talk_.say(Importance::error, "two runs of seed " + std::to_string(seed_) +
                                     " differed; see where: " + compare_line(plan_of(file_)));
    return ExitCode::nondeterministic;
  }
  const auto failure = failure_of(result, file_.scenario);
  if (!failure) {
    const bool printed = app::print_line("nothing to shrink: " + app::shell_quoted(file_.path) +
                                         " passes with seed " + std::to_string(seed_));
    return printed ? ExitCode::held : ExitCode::usage;
  }
  const auto start = start_from(*failure);
  if (!start) return say_interrupted("it failed, and nothing smaller is known yet");
  const Shrunk shrunk = shrink_from(*start);
  const auto last = shrunk.finished ? run_all({&shrunk.scenario}) : std::nullopt;
  const Result& shown = last ? last->front().result : result;
  if (!write(shrunk, failure_sentence(shown, Promise()))) return ExitCode::usage;
  return shrunk.finished ? ExitCode::held
                         : say_interrupted("what is written may get smaller still");
}

}  // namespace

ExitCode shrink_command(const ShrinkCommand& command, Talk& talk) {
  const auto files = load_scenarios({command.file}, talk);
  if (!files) return ExitCode::usage;
  return Shrinker(command, files->front(), talk).carry_out();
}

}  // namespace p2p::sim::program
