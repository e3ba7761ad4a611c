#include "apps/p2psim/verdict.h"

#include <algorithm>
#include <string_view>

#include "apps/common/counts.h"
#include "apps/common/quoting.h"
#include "engine/base/quantity.h"
#include "io_sim/scenario/names.h"

namespace p2p::sim::program {
namespace {

std::string digits(int64_t number, size_t width) {
  std::string text = std::to_string(number);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return text;
}

// "0.31 s", "12 s".
std::string real_time_text(Duration took) {
  constexpr Duration kFine = Duration::seconds(10);
  if (took >= kFine) return duration_text(Duration::seconds(took.count_s()));
  return std::to_string(took.count_s()) + "." + digits(took.count_ms() % 1000 / 10, 2) + " s";
}

std::string promise_text(const Promise& promise) {
  std::string text(name_of(verdict_names(), promise.verdict));
  if (!promise.because.empty()) text += " " + promise.because;
  return text;
}

std::string explanation_of(std::string_view invariant) {
  for (const InvariantName& row : invariant_names()) {
    if (row.name == invariant) return std::string(row.sentence);
  }
  return {};
}

std::string violation_sentence(const Violation& violation) {
  std::string sentence = "violated " + violation.invariant;
  // Nobody knows the virtual time at which a process died.
  if (violation.invariant != kAssertionInvariant) {
    sentence += " at " + moment_text(violation.at - Time());
  }
  if (!violation.node.empty()) sentence += " at " + violation.node;
  return sentence + ": " + violation.detail;
}

std::string unmet_sentence(const ExpectationResult& expectation) {
  std::string sentence = "unmet by " + duration_text(expectation.by) + ": " + expectation.that;
  if (!expectation.instead.empty()) sentence += "; " + expectation.instead;
  return sentence;
}

std::string expectation_line(const ExpectationResult& expectation) {
  if (!expectation.met_at) return unmet_sentence(expectation);
  return "met at " + duration_text(*expectation.met_at) + " of " + duration_text(expectation.by) +
         ": " + expectation.that;
}

bool same_end(const Result& a, const Result& b) {
  if (a.verdict != b.verdict || a.trace_hash != b.trace_hash) return false;
  return a.violated.has_value() == b.violated.has_value() &&
         (!a.violated || a.violated->detail == b.violated->detail);
}

}  // namespace

ExitCode exit_code_of(const Result& result, const Promise& promise) {
  if (as_promised(result, promise)) return ExitCode::held;
  switch (result.verdict) {
    case Verdict::pass:
    case Verdict::unmet:
      return ExitCode::unmet;
    case Verdict::violated:
      return ExitCode::violated;
    case Verdict::nondeterministic:
      return ExitCode::nondeterministic;
  }
  return ExitCode::violated;
}

const ExpectationResult* first_unmet(const Result& result) {
  const auto unmet = std::find_if(result.expectations.begin(), result.expectations.end(),
                                  [](const auto& expectation) { return !expectation.met_at; });
  return unmet == result.expectations.end() ? nullptr : &*unmet;
}

Result agreed(const RunEnd& first, const RunEnd& second) {
  if (first.too_long) return second.result;
  Result result = first.result;
  if (!second.too_long && !same_end(first.result, second.result)) {
    result.verdict = Verdict::nondeterministic;
  }
  return result;
}

std::string failure_name(const Result& result, const Promise& promise) {
  switch (result.verdict) {
    case Verdict::pass:
      return "promised " + promise_text(promise);
    case Verdict::violated: {
      if (!result.violated) return "violated";
      const bool is_assertion = result.violated->invariant == kAssertionInvariant;
      return result.violated->invariant + (is_assertion ? ": " + result.violated->detail : "");
    }
    case Verdict::unmet: {
      const auto* unmet = first_unmet(result);
      return unmet == nullptr ? "unmet" : unmet->that;
    }
    case Verdict::nondeterministic:
      return "two runs of one seed differed";
  }
  return {};
}

std::string failure_sentence(const Result& result, const Promise& promise) {
  switch (result.verdict) {
    case Verdict::pass:
      return "it passes, and its file promises that it does not: " + promise_text(promise);
    case Verdict::violated:
      return result.violated ? violation_sentence(*result.violated) : "violated";
    case Verdict::unmet: {
      const auto* unmet = first_unmet(result);
      return unmet == nullptr ? "unmet" : unmet_sentence(*unmet);
    }
    case Verdict::nondeterministic:
      return "two runs of this seed differed";
  }
  return {};
}

std::string headline(const RunEnd& end, const Promise& promise) {
  const Result& result = end.result;
  const bool held = exit_code_of(result, promise) == ExitCode::held;
  std::string line = (held ? "pass  " : "FAIL  ") + app::printable(result.scenario) + "  (seed " +
                     std::to_string(result.seed);
  if (!result.trace_hash.empty()) {
    line += ", " + duration_text(result.virtual_time) + " virtual in " + real_time_text(end.took) +
            ", " + app::counted(result.nodes, "node", "nodes") + ", " +
            app::counted(result.events, "event", "events") + ", hash " + result.trace_hash;
  } else {
    line += ", ended after " + real_time_text(end.took) + ", " +
            app::counted(result.nodes, "node", "nodes");
  }
  return line + ")";
}

std::vector<std::string> details(const Result& result, const Promise& promise, const RunPlan& plan,
                                 bool verbose) {
  std::vector<std::string> lines;
  const bool held = exit_code_of(result, promise) == ExitCode::held;
  if (held && result.verdict != Verdict::pass) {
    lines.push_back("as promised, " + failure_sentence(result, promise));
  } else if (!held && result.verdict != Verdict::unmet) {
    lines.push_back(failure_sentence(result, promise));
  }
  if (!held && result.verdict == Verdict::violated && result.violated) {
    const std::string explanation = explanation_of(result.violated->invariant);
    if (!explanation.empty()) lines.push_back("the rule: " + explanation);
  }
  for (const ExpectationResult& expectation : result.expectations) {
    const bool failed = !held && result.verdict == Verdict::unmet && !expectation.met_at;
    if (failed || verbose) lines.push_back(expectation_line(expectation));
  }
  if (!held && promise.verdict != Verdict::pass && result.verdict != Verdict::pass) {
    lines.push_back("its file promises " + promise_text(promise));
  }
  if (!held && result.verdict == Verdict::nondeterministic) lines.push_back(compare_line(plan));
  if (!held) lines.push_back("repeat: " + repeat_line(plan));
  for (std::string& line : lines) line = "      " + app::printable(line);
  return lines;
}

std::string compare_line(const RunPlan& plan) {
  const std::string run = repeat_line(plan) + " --trace ";
  return run + "a.trace; " + run + "b.trace; p2psim diff a.trace b.trace";
}

std::string moment_text(Duration since_start) {
  constexpr int64_t kNsPerSecond = 1'000'000'000;
  return std::to_string(since_start.count_s()) + "." +
         digits(since_start.count_ns() % kNsPerSecond, 9) + " s";
}

}  // namespace p2p::sim::program
