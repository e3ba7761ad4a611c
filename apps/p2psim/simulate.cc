#include "apps/p2psim/simulate.h"

#include <cerrno>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <ostream>
#include <utility>

#include "apps/common/quoting.h"
#include "engine/base/check.h"
#include "io_linux/error_text.h"
#include "io_sim/report/json.h"
#include "io_sim/report/report.h"
#include "io_sim/run/run.h"
#include "io_sim/scenario/swarm.h"
#include "io_sim/scenario/write.h"

namespace p2p::sim::program {
namespace {

// A file that the run writes.
class Sink {
 public:
  explicit Sink(std::string path) : path_(std::move(path)) {
    if (path_.empty()) return;
    errno = 0;
    file_.open(path_, std::ios::binary | std::ios::trunc);
    if (!file_) refuse();
  }
  // nullptr when nobody asked for it.
  std::ostream* stream() { return path_.empty() ? nullptr : &file_; }
  void finish() {
    if (path_.empty()) return;
    errno = 0;
    file_.close();
    if (!file_) refuse();
  }

 private:
  [[noreturn]] void refuse() const {
    throw Refusal{"can't write " + app::shell_quoted(path_) + ": " +
                  io_linux::error_text(errno == 0 ? EIO : errno)};
  }

  std::string path_;
  std::ofstream file_;
};

// The trace of a run that an assertion ends: what came before it is what its reader looks for.
std::ostream* trace_to_save = nullptr;
std::terminate_handler usual_terminate = nullptr;

[[noreturn]] void save_trace_and_terminate() {
  if (trace_to_save != nullptr) trace_to_save->flush();
  usual_terminate();
  std::abort();
}

void save_when_terminated(std::ostream* trace) {
  if (trace == nullptr) return;
  trace_to_save = trace;
  usual_terminate = std::set_terminate(save_trace_and_terminate);
}

// The index of the node that broke a rule.
std::optional<NodeIndex> culprit(const Result& result, const Recording& recording) {
  if (!result.violated) return std::nullopt;
  for (NodeIndex node = 0; node < recording.nodes.size(); ++node) {
    if (recording.nodes[node].name == result.violated->node) return node;
  }
  return std::nullopt;
}

// In a large network the last messages of all say little of the one node that matters. A run
// repeats itself: so a second one records that node's alone.
Recording focused(const Scenario& scenario, RunOptions options, NodeIndex node) {
  Recording recording;
  recording.focus = node;
  options.trace = nullptr;
  options.recording = &recording;
  run(scenario, options);
  return recording;
}

std::string simulate(const RunPlan& plan) {
  const Scenario& scenario = plan.file->scenario;
  Sink events(plan.events);
  Sink trace(plan.trace);
  Sink report(plan.report);
  if (auto* out = events.stream()) *out << write_events(scenario, draw_faults(scenario, plan.seed));
  events.finish();

  Recording recording;
  RunOptions options;
  options.seed = plan.seed;
  if (plan.until) options.until = plan.until->value;
  options.trace = trace.stream();
  if (report.stream() != nullptr) options.recording = &recording;
  save_when_terminated(trace.stream());
  const Result result = run(scenario, options);
  trace_to_save = nullptr;
  trace.finish();

  if (auto* out = report.stream()) {
    const auto node = culprit(result, recording);
    if (node) recording = focused(scenario, options, *node);
    write_report(*out, result, recording, repeat_line(plan));
  }
  report.finish();
  return result_json(result, as_promised(result, scenario.promise), repeat_line(plan));
}

Result result_of_death(const Scenario& scenario, uint64_t seed, const std::string& cause) {
  Result result;
  result.scenario = scenario.name;
  result.seed = seed;
  result.verdict = Verdict::violated;
  for (const NodeGroup& group : scenario.nodes) result.nodes += group.count;
  result.violated = Violation{std::string(kAssertionInvariant), Time(), "", cause};
  return result;
}

}  // namespace

std::string repeat_line(const RunPlan& plan) {
  std::string line =
      "p2psim run " + app::shell_quoted(plan.file->path) + " --seed " + std::to_string(plan.seed);
  if (plan.until) line += " --until " + app::shell_quoted(plan.until->text);
  return line;
}

Children::Work work_of(const RunPlan& plan) {
  return [plan] { return simulate(plan); };
}

RunEnd end_of(const Ended& ended, const Scenario& scenario, uint64_t seed) {
  P2P_CHECK(ended.ending != Ending::refused);
  RunEnd end;
  end.took = ended.took;
  end.too_long = ended.ending == Ending::too_long;
  if (ended.ending != Ending::returned) {
    end.result = result_of_death(scenario, seed, ended.text);
  } else if (auto result = parse_result_json(ended.text)) {
    end.result = *std::move(result);
  } else {
    end.result = result_of_death(scenario, seed, "what the run handed back is no result");
  }
  return end;
}

}  // namespace p2p::sim::program
