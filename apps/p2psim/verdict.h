// What the end of a run counts for, and how it is said.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/p2psim/exit_code.h"
#include "apps/p2psim/simulate.h"
#include "io_sim/run/result.h"
#include "io_sim/scenario/scenario.h"

namespace p2p::sim::program {

// A run that ends as its file promises has held. Any other counts by its verdict, and one that
// passes although its file promises otherwise as unmet.
ExitCode exit_code_of(const Result& result, const Promise& promise);

// The first expectation that was not met; nullptr: all were.
const ExpectationResult* first_unmet(const Result& result);

// Two runs of one seed: the first, or with the verdict nondeterministic if they differ. That one of
// them took too long in real time says nothing.
Result agreed(const RunEnd& first, const RunEnd& second);

// What failed, as a name for failures of one kind: an invariant ("verified_pieces"), with its text
// if it is an assertion, or an expectation ("peer[*] connected").
std::string failure_name(const Result& result, const Promise& promise);
// One sentence without full stop: "violated verified_pieces at 12.500000000 s at peer[3]: ...".
std::string failure_sentence(const Result& result, const Promise& promise);

// "pass  NAME  (seed 42, 5 min virtual in 0.31 s, 40 nodes, 123,456 events, hash ...)".
std::string headline(const RunEnd& end, const Promise& promise);
// What stands below it: what failed, where and when, and the line that repeats it. `verbose`: also
// when each expectation was met.
std::vector<std::string> details(const Result& result, const Promise& promise, const RunPlan& plan,
                                 bool verbose);

// What to type for seeing where two runs of a plan differ.
std::string compare_line(const RunPlan& plan);

// As traces show it: "12.500000000 s".
std::string moment_text(Duration since_start);

}  // namespace p2p::sim::program
