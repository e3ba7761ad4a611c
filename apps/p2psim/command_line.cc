#include "apps/p2psim/command_line.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

#include "apps/common/mistake.h"
#include "engine/base/quantity.h"

#ifndef P2P_VERSION
#error "the build defines P2P_VERSION"
#endif

namespace p2p::sim::program {
namespace {

using app::refuse;

// What stands below the options in --help. Lines of at most 78 columns.
constexpr const char* kMainFooter =
    R"text(Exit: 0 all held, 1 an invariant was violated, 2 usage or a bad file,
3 an expectation was not met in time, 4 two runs of one seed differed.

Examples:
  p2psim run scenarios/*.toml                     each as its file says
  p2psim sweep swarm.toml --seeds 1..2000         look for a seed that fails
  p2psim shrink swarm.toml --seed 17 -o min.toml  make the failure small

"p2psim COMMAND --help" says more.)text";

constexpr const char* kRunFooter =
    R"text(Exit: 0 all held, 1 an invariant was violated, 2 usage or a bad file,
3 an expectation was not met in time. A file may promise how its run ends: one
that ends so counts as held, one that passes all the same as 3. Of several
files the gravest counts: 1, then 3.

Examples:
  p2psim run scenarios/*.toml
  p2psim run swarm.toml --seed 17 --events faults.toml -v
  p2psim run swarm.toml --seed 17 --trace run.trace --report run.html
  p2psim run scenarios/*.toml --json | jq .verdict)text";

constexpr const char* kSweepFooter =
    R"text(Every 16th seed, the first among them, runs twice: both must come to the same.
Failures are grouped by what failed, each with the line that repeats the
lowest seed. Output is in the order of the seeds whatever -j is.

Exit: 0 all held, 1 an invariant was violated, 2 usage or a bad file,
3 an expectation was not met in time, 4 two runs of one seed differed. Of
several the gravest counts: 1, then 4, then 3.

Examples:
  p2psim sweep swarm.toml --seeds 1..2000 -j 2
  p2psim sweep swarm.toml --seeds 1001..2000 --json > part2.jsonl
  p2psim sweep swarm.toml --seeds 1..400 --report grid.html)text";

constexpr const char* kShrinkFooter =
    R"text(Removes events, faults, contents, nodes, expectations and settings until
nothing can go without the failure going too. What SIGINT or SIGTERM
interrupts is written as far as it came.

Exit: 0 written, or it passes and there is nothing to shrink, 1 interrupted,
2 usage or a bad file, 4 two runs of that seed differed.

Examples:
  p2psim shrink swarm.toml --seed 17 -o min.toml && p2psim run min.toml)text";

constexpr const char* kCheckFooter = R"text(Prints "ok NAME" for each file that can be run.

Exit: 0 all of them can, 2 one can't.

Examples:
  p2psim check scenarios/*.toml)text";

constexpr const char* kDiffFooter =
    R"text(Prints the lines before the first difference, then both lines that differ.

Exit: 0 the traces are equal, 2 one can't be read, 4 they differ.

Examples:
  p2psim run swarm.toml --seed 17 --trace a.trace
  p2psim run swarm.toml --seed 17 --trace b.trace
  p2psim diff a.trace b.trace)text";

// What CLI11 fills in while it parses, all of it as it was typed.
struct Words {
  std::vector<std::string> files;
  std::string seed;
  std::string seeds;
  std::string until;
  std::string jobs;
  std::string limit;
  std::string trace;
  std::string report;
  std::string events;
  std::string output;
  std::string left;
  std::string right;
  bool json = false;
  bool verbose = false;
};

std::optional<uint64_t> parse_number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void add_files(CLI::App& app, Words& words) {
  app.add_option("FILE", words.files, "Scenario files")->required()->option_text(" ");
}
void add_file(CLI::App& app, Words& words) {
  app.add_option("FILE", words.files, "A scenario file")->required()->expected(1)->option_text(" ");
}
void add_seed(CLI::App& app, Words& words) {
  app.add_option("--seed", words.seed, "The seed, in place of the file's")->option_text("N");
}
void add_jobs(CLI::App& app, Words& words, const std::string& unless_given) {
  app.add_option("-j,--jobs", words.jobs, "How many runs at once (default: " + unless_given + ")")
      ->option_text("N");
}
void add_limit(CLI::App& app, Words& words) {
  app.add_option("--limit", words.limit,
                 "The real time that one run may take; one that takes longer counts as violated "
                 "(default: 10min)")
      ->option_text("DURATION");
}
void add_json(CLI::App& app, Words& words) {
  app.add_flag("--json", words.json, "Print one JSON object a line for each run, nothing else");
}

void describe_run(CLI::App& app, Words& words) {
  app.footer(kRunFooter);
  add_files(app, words);
  add_seed(app, words);
  app.add_option("--until", words.until, "Stop at this virtual time, in place of the file's")
      ->option_text("DURATION");
  add_json(app, words);
  app.add_option("--trace", words.trace, "Write all that happens, as text; of one file only")
      ->option_text("FILE");
  app.add_option("--report", words.report, "Write the run as a page to look at; of one file only")
      ->option_text("FILE.html");
  app.add_option("--events", words.events,
                 "Write the faults that the seed draws, as [[events]]; of one file only")
      ->option_text("FILE");
  add_limit(app, words);
  app.add_flag("-v,--verbose", words.verbose, "Say when each expectation was met");
}

void describe_sweep(CLI::App& app, Words& words) {
  app.footer(kSweepFooter);
  add_files(app, words);
  app.add_option("--seeds", words.seeds, "The first and the last seed")
      ->required()
      ->option_text("A..B");
  add_jobs(app, words, "one for each processor");
  add_json(app, words);
  app.add_option("--report", words.report, "Write the grid of seeds as a page; of one file only")
      ->option_text("FILE.html");
  add_limit(app, words);
}

void describe_shrink(CLI::App& app, Words& words) {
  app.footer(kShrinkFooter);
  add_file(app, words);
  add_seed(app, words);
  app.add_option("-o,--output", words.output, "The file to write")
      ->required()
      ->option_text("MIN.toml");
  add_jobs(app, words, "2");
  add_limit(app, words);
}

void describe_check(CLI::App& app, Words& words) {
  app.footer(kCheckFooter);
  add_files(app, words);
}

void describe_diff(CLI::App& app, Words& words) {
  app.footer(kDiffFooter);
  app.add_option("LEFT", words.left, "A trace")->required()->option_text(" ");
  app.add_option("RIGHT", words.right, "Another")->required()->option_text(" ");
}

std::optional<uint64_t> seed_of(const Words& words) {
  if (words.seed.empty()) return std::nullopt;
  const auto seed = parse_number(words.seed);
  if (!seed) refuse("--seed", "\"" + words.seed + "\" is no whole number below 2^64");
  return seed;
}

unsigned jobs_of(const Words& words, unsigned unless_given) {
  if (words.jobs.empty()) return unless_given;
  const auto jobs = parse_number(words.jobs);
  if (!jobs || *jobs < 1 || *jobs > kJobsMax) {
    refuse("-j", "\"" + words.jobs + "\" is no number from 1 to " + std::to_string(kJobsMax));
  }
  return static_cast<unsigned>(*jobs);
}

Duration duration_of(const std::string& option, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration || *duration <= Duration()) {
    refuse(option, "\"" + text + "\" is no time such as 500ms, 30s or 5min");
  }
  return *duration;
}

Duration limit_of(const Words& words) {
  return words.limit.empty() ? kLimitDefault : duration_of("--limit", words.limit);
}

// What an option writes would be written over by the next file's.
void only_for_one_file(const Words& words, const std::string& option, const std::string& value) {
  if (!value.empty() && words.files.size() > 1) {
    refuse(option,
           "it is of one scenario, and " + std::to_string(words.files.size()) + " are named");
  }
}

RunCommand run_command_of(const Words& words) {
  only_for_one_file(words, "--trace", words.trace);
  only_for_one_file(words, "--report", words.report);
  only_for_one_file(words, "--events", words.events);
  RunCommand command;
  command.files = words.files;
  command.seed = seed_of(words);
  if (!words.until.empty()) {
    command.until = TypedDuration{duration_of("--until", words.until), words.until};
  }
  command.json = words.json;
  command.trace = words.trace;
  command.report = words.report;
  command.events = words.events;
  command.limit = limit_of(words);
  command.verbose = words.verbose;
  return command;
}

SweepCommand sweep_command_of(const Words& words) {
  only_for_one_file(words, "--report", words.report);
  SweepCommand command;
  command.files = words.files;
  const auto seeds = parse_seed_range(words.seeds);
  if (!seeds) refuse("--seeds", "\"" + words.seeds + "\" is no range of seeds such as 1..2000");
  command.seeds = *seeds;
  command.jobs = jobs_of(words, 0);
  command.json = words.json;
  command.report = words.report;
  command.limit = limit_of(words);
  return command;
}

ShrinkCommand shrink_command_of(const Words& words) {
  ShrinkCommand command;
  command.file = words.files.front();
  command.seed = seed_of(words);
  command.output = words.output;
  command.jobs = jobs_of(words, command.jobs);
  command.limit = limit_of(words);
  return command;
}

}  // namespace

std::optional<SeedRange> parse_seed_range(std::string_view text) {
  constexpr uint64_t kSeedsMax = uint64_t{1} << 32;
  const size_t dots = text.find("..");
  const auto first = parse_number(text.substr(0, dots));
  const auto last = dots == std::string_view::npos ? first : parse_number(text.substr(dots + 2));
  if (!first || !last || *first > *last || *last - *first >= kSeedsMax) return std::nullopt;
  return SeedRange{*first, *last};
}

std::variant<Invocation, Answer> parse_command_line(std::vector<std::string> arguments) {
  Words words;
  CLI::App app("p2psim: runs networks of p2pnode's engine on a virtual clock.", "p2psim");
  app.get_formatter()->column_width(34);
  app.footer(kMainFooter);
  app.set_version_flag("--version", std::string("p2psim ") + P2P_VERSION,
                       "Print the version and exit");
  app.require_subcommand(0, 1);
  CLI::App* run = app.add_subcommand("run", "Run scenarios, once each");
  CLI::App* sweep = app.add_subcommand("sweep", "Run scenarios with every seed of a range");
  CLI::App* shrink = app.add_subcommand("shrink", "Make a failing scenario as small as it gets");
  CLI::App* check = app.add_subcommand("check", "Only read scenarios, and say what is wrong");
  CLI::App* diff = app.add_subcommand("diff", "Show where two traces begin to differ");
  describe_run(*run, words);
  describe_sweep(*sweep, words);
  describe_shrink(*shrink, words);
  describe_check(*check, words);
  describe_diff(*diff, words);

  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
    if (sweep->parsed()) return sweep_command_of(words);
    if (shrink->parsed()) return shrink_command_of(words);
    if (check->parsed()) return CheckCommand{words.files};
    if (diff->parsed()) return DiffCommand{words.left, words.right};
    if (run->parsed()) return run_command_of(words);
    refuse("COMMAND", "one is needed: run, sweep, shrink, check or diff");
  } catch (const CLI::CallForHelp&) {
    return Answer{ExitCode::held, app.help(), {}};
  } catch (const CLI::CallForVersion& version) {
    return Answer{ExitCode::held, std::string(version.what()) + "\n", {}};
  } catch (const CLI::Error& error) {
    return Answer{ExitCode::usage, {}, app::sentence_of(error, app)};
  }
}

}  // namespace p2p::sim::program
