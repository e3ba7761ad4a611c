#include "io_sim/report/verdict_text.h"

#include <algorithm>

#include "io_sim/check/invariants.h"
#include "io_sim/report/chart.h"

namespace p2p::sim {

namespace {

std::string invariant_sentence(std::string_view name) {
  for (const InvariantName& row : invariant_names()) {
    if (row.name == name) return std::string(row.sentence);
  }
  return "";
}

bool one_is_unmet(const Result& result) {
  const auto unmet = [](const ExpectationResult& expectation) { return !expectation.met_at; };
  return std::count_if(result.expectations.begin(), result.expectations.end(), unmet) == 1;
}

std::vector<std::string> violated_sentences(const Result& result) {
  if (!result.violated) return {};
  const Violation& violated = *result.violated;
  const std::string where = violated.node.empty() ? "the network" : violated.node;
  std::vector<std::string> sentences{"At " + time_text(violated.at - Time()) + ", " + where +
                                     " broke the invariant \u201c" + violated.invariant +
                                     "\u201d: " + violated.detail + "."};
  const std::string rule = invariant_sentence(violated.invariant);
  if (!rule.empty()) sentences.push_back("What must hold: " + rule + ".");
  return sentences;
}

std::vector<std::string> unmet_sentences(const Result& result) {
  std::vector<std::string> sentences;
  for (const auto& expectation : result.expectations) {
    if (expectation.met_at) continue;
    sentences.push_back("\u201c" + expectation.that + "\u201d did not come to hold by " +
                        time_text(expectation.by) +
                        (expectation.instead.empty() ? "" : ": " + expectation.instead) + ".");
  }
  return sentences;
}

std::string passed_sentence(const Result& result) {
  const size_t expectations = result.expectations.size();
  if (expectations == 0) return "No invariant was broken.";
  const std::string met = expectations == 1 ? "What was expected came to hold"
                                            : "All that was expected came to hold (" +
                                                  grouped(expectations) + " expectations)";
  return met + ", and no invariant was broken.";
}

}  // namespace

VerdictText verdict_text(const Result& result) {
  switch (result.verdict) {
    case Verdict::pass:
      return {"pass", "Passed", {passed_sentence(result)}};
    case Verdict::violated:
      return {"violated", "An invariant was broken", violated_sentences(result)};
    case Verdict::unmet:
      return {"unmet",
              one_is_unmet(result) ? "An expectation was not met" : "Expectations were not met",
              unmet_sentences(result)};
    case Verdict::nondeterministic:
      return {
          "nondeterministic",
          "Two runs of this seed differed",
          {"The same scenario and seed gave two trace hashes. p2psim diff shows the first event "
           "in which two traces differ."}};
  }
  return {};
}

std::string what_failed(const Result& result) {
  switch (result.verdict) {
    case Verdict::pass:
      return "";
    case Verdict::violated:
      return "broken: " + (result.violated ? result.violated->invariant : "an invariant");
    case Verdict::unmet: {
      std::string unmet = "not met:";
      for (const auto& expectation : result.expectations) {
        if (!expectation.met_at) unmet += (unmet.back() == ':' ? " " : "; ") + expectation.that;
      }
      return unmet;
    }
    case Verdict::nondeterministic:
      return "two runs of one seed differed";
  }
  return "";
}

}  // namespace p2p::sim
