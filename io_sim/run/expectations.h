// The expectations of a scenario during a run: which are met, since when, and what was there
// instead.
#pragma once

#include <vector>

#include "io_sim/check/view.h"
#include "io_sim/run/result.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim {

class Expectations {
 public:
  // The scenario outlives it.
  explicit Expectations(const Scenario& scenario);

  // Looks at those that are open. Called each virtual second and at every `by`.
  void look(const View& view);
  // Some expectation can't be met any more: its time is over, or it held then and did not stay.
  bool failed() const { return failed_; }
  std::vector<ExpectationResult> results() const;

 private:
  struct Open {
    const Expectation* expectation = nullptr;
    std::optional<Duration> met_at;
    bool failed = false;
    std::string instead;
  };

  const Scenario& scenario_;
  std::vector<Open> all_;
  bool failed_ = false;
};

// "peer[0..9] knows_at_least 3": as people read it.
std::string condition_text(const Condition& condition, const Scenario& scenario);

}  // namespace p2p::sim
