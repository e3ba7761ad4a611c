#include "tests/property/sim_network/network_trial.h"

#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string_view>
#include <utility>

#include "io_sim/run/run.h"
#include "io_sim/scenario/names.h"
#include "io_sim/scenario/write.h"
#include "io_sim/shrink/shrink.h"

namespace p2p::property {

namespace {

using namespace sim;

// Enough for what is drawn here, and a bound for what takes longer.
constexpr uint64_t kCandidatesMax = 3000;

// An assertion of the engine ends the program: then the scenario that ran is the last that is said.
class LastWords {
 public:
  explicit LastWords(const Scenario& scenario) {
    text() = "The program was ended by this scenario:\n" + write_scenario(scenario);
    before_ = std::signal(SIGABRT, &LastWords::say);
  }
  ~LastWords() { std::signal(SIGABRT, before_); }
  LastWords(const LastWords&) = delete;
  LastWords& operator=(const LastWords&) = delete;

 private:
  static std::string& text() {
    static std::string kept;
    return kept;
  }
  static void say(int /*signal*/) {
    [[maybe_unused]] const auto n = write(STDERR_FILENO, text().data(), text().size());
  }

  void (*before_)(int);
};

Result run_once(const Scenario& scenario) {
  const LastWords last_words(scenario);
  return run(scenario);
}

std::string demand_text(const Demand& demand, const ExpectationResult& result) {
  if (!demand.met) return "against the model, " + result.that;
  return "not met by " + std::to_string(result.by.count_ms() / 1000) + " s: " + result.that + " (" +
         result.instead + ")";
}

// The demands that a scenario makes by its expectations, as far as the model makes them too.
bool are_demanded(const Scenario& scenario) {
  const bool met = scenario.promise.verdict == Verdict::pass;
  const auto demands = demands_of(scenario);
  for (const Expectation& expectation : scenario.expectations) {
    if (!is_among(Demand{expectation, met}, demands)) return false;
  }
  return true;
}

// Whether a smaller scenario, which has the one expectation of the demand or none, fails as well.
bool fails_alike(const Scenario& candidate, const Failure& failure, const Rule& rule) {
  if (!are_demanded(candidate)) return false;
  if (failure.demand && candidate.expectations.empty()) return false;
  const Result result = run_once(candidate);
  if (!failure.invariant.empty()) {
    return result.violated && result.violated->invariant == failure.invariant;
  }
  if (failure.demand) {
    return result.verdict == (failure.demand->met ? Verdict::unmet : Verdict::pass);
  }
  return !result.violated && !rule(candidate, result).empty();
}

// The scenario without what the failure does not need to be seen.
Scenario start_of(const Scenario& scenario, const Failure& failure) {
  Scenario start = scenario;
  start.expectations.clear();
  if (failure.demand) {
    start.expectations.push_back(failure.demand->expectation);
    if (!failure.demand->met) {
      const Claim claim = failure.demand->expectation.condition.that;
      start.promise = {Verdict::unmet, std::string(name_of(claim_names(), claim))};
    }
  }
  if (!failure.invariant.empty()) start.invariants = {failure.invariant};
  return start;
}

}  // namespace

Scenario demanding(Scenario scenario, const std::vector<Demand>& demands) {
  for (const Demand& demand : demands) scenario.expectations.push_back(demand.expectation);
  return scenario;
}

std::optional<Failure> failure_of(const Scenario& scenario, const std::vector<Demand>& demands,
                                  const Rule& rule) {
  const Result result = run_once(demanding(scenario, demands));
  if (result.violated) {
    const Violation& violated = *result.violated;
    return Failure{
        "violated " + violated.invariant + " at " + violated.node + ": " + violated.detail,
        std::nullopt, violated.invariant};
  }
  const size_t before = scenario.expectations.size();
  for (size_t i = 0; i < demands.size(); ++i) {
    const ExpectationResult& found = result.expectations[before + i];
    if (found.met_at.has_value() == demands[i].met) continue;
    // A run ends with the first expectation that can't be met any more.
    if (demands[i].met && found.by > result.virtual_time) continue;
    return Failure{demand_text(demands[i], found), demands[i], {}};
  }
  const std::string against = rule ? rule(scenario, result) : std::string();
  if (!against.empty()) return Failure{against, std::nullopt, {}};
  return std::nullopt;
}

Scenario smallest(const Scenario& scenario, const Failure& failure, const Rule& rule) {
  const Scenario start = start_of(scenario, failure);
  if (!fails_alike(start, failure, rule)) return demanding(scenario, demands_of(scenario));
  ShrinkOptions options;
  options.go_on = [](const ShrinkProgress& progress) { return progress.tried < kCandidatesMax; };
  return shrink(start, one_by_one([&](const Scenario& candidate) {
                  return fails_alike(candidate, failure, rule);
                }),
                options)
      .scenario;
}

std::string told(const Scenario& scenario, const Rule& rule) {
  const auto failure = failure_of(scenario, demands_of(scenario), rule);
  if (!failure) return "";
  std::cerr << "Fails: " << failure->what << "\nand is being shrunk ...\n" << std::flush;
  const std::string text = "# Fails: " + failure->what +
                           "\n# Save as found.toml; repeat: p2psim run found.toml\n" +
                           write_scenario(smallest(scenario, *failure, rule));
  std::cerr << text << std::flush;
  return text;
}

}  // namespace p2p::property
