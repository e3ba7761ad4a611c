#include "tests/bench/runs/runs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <variant>

#include "io_sim/run/run.h"
#include "io_sim/scenario/parse.h"

namespace p2p::bench {

namespace {

// What a run comes to, as its process says it.
struct Outcome {
  bool finished = false;
  std::array<char, 200> violated{};  // empty: nothing was
  std::array<std::optional<int64_t>, kFiguresMax> figures;
};

void print_headings(const Line& line) {
  std::printf("%s, seed 1\ns", line.name.c_str());
  for (const Column& column : line.curve) std::printf(",%s", column.heading.c_str());
  std::printf("\n");
}

void print_second(const Line& line, const sim::View& view) {
  if (view.now() - Time() < line.curve_from) return;
  std::printf("%lld", static_cast<long long>((view.now() - Time()).count_s()));
  for (const Column& column : line.curve) {
    std::printf(",%lld", static_cast<long long>(column.look(view)));
  }
  std::printf("\n");
}

Outcome simulate(const Line& line, uint64_t seed, bool curve) {
  const std::string toml = line.drawn ? line.toml + line.drawn(seed) : line.toml;
  const auto parsed = sim::parse_scenario(toml, line.name);
  if (const auto* errors = std::get_if<std::vector<sim::ScenarioError>>(&parsed)) {
    std::fprintf(stderr, "%s\n", errors->front().text().c_str());
    return {};
  }
  std::vector<Follower> followers(line.measures.begin(), line.measures.end());
  sim::RunOptions options;
  options.seed = seed;
  if (curve) print_headings(line);
  options.each_second = [&](const sim::View& view) {
    for (Follower& follower : followers) follower.second(view);
    if (curve) print_second(line, view);
  };
  const sim::Result result = sim::run(std::get<sim::Scenario>(parsed), options);
  Outcome outcome;
  outcome.finished = true;
  if (result.violated) {
    const std::string why =
        result.violated->invariant + ": " + result.violated->node + " " + result.violated->detail;
    std::copy_n(why.begin(), std::min(why.size(), outcome.violated.size() - 1),
                outcome.violated.begin());
    return outcome;
  }
  for (size_t i = 0; i < followers.size(); ++i) outcome.figures[i] = followers[i].figure();
  return outcome;
}

// Runs of one line, `jobs` at a time, each in a process of its own.
class Runs {
 public:
  Runs(const Line& line, const Options& options, bool curves)
      : line_(line), curves_(curves), outcomes_(options.seeds) {
    for (uint64_t seed = 1; seed <= options.seeds; ++seed) {
      if (children_.size() == options.jobs) collect_one();
      begin(seed);
    }
    while (!children_.empty()) collect_one();
  }
  const std::vector<Outcome>& outcomes() const { return outcomes_; }

 private:
  struct Child {
    uint64_t seed = 0;
    int answer = -1;
  };

  void begin(uint64_t seed) {
    int ends[2];
    if (pipe(ends) != 0) std::exit(1);
    std::fflush(stdout);
    const pid_t child = fork();
    if (child < 0) std::exit(1);
    if (child == 0) {
      const Outcome outcome = simulate(line_, seed, curves_ && seed == 1);
      std::fflush(stdout);
      const bool said = write(ends[1], &outcome, sizeof outcome) == sizeof outcome;
      _exit(said ? 0 : 1);
    }
    close(ends[1]);
    children_[child] = {seed, ends[0]};
  }

  // What one says fits into a pipe, so no process waits for being read.
  void collect_one() {
    const pid_t ended = wait(nullptr);
    const auto found = children_.find(ended);
    if (found == children_.end()) return;
    const Child child = found->second;
    children_.erase(found);
    Outcome outcome;
    if (read(child.answer, &outcome, sizeof outcome) != sizeof outcome) outcome = {};
    close(child.answer);
    if (!outcome.finished || outcome.violated[0] != '\0') {
      std::fprintf(stderr, "%s, seed %llu: %s\n", line_.name.c_str(),
                   static_cast<unsigned long long>(child.seed),
                   outcome.finished ? outcome.violated.data() : "the run died");
    }
    outcomes_[child.seed - 1] = outcome;
  }

  const Line& line_;
  bool curves_;
  std::map<pid_t, Child> children_;
  std::vector<Outcome> outcomes_;
};

// True if the aim was met with every seed.
bool print_row(const Line& line, size_t index, const std::vector<Outcome>& outcomes) {
  const Measure& measure = line.measures[index];
  std::vector<std::optional<int64_t>> figures;
  bool met = true;
  for (const Outcome& outcome : outcomes) {
    figures.push_back(outcome.figures[index]);
    met = met && is_met(measure, figures.back());
  }
  // What was not to be had is last, as the worst of all.
  std::sort(figures.begin(), figures.end(), [](const auto& a, const auto& b) {
    if (!a || !b) return a.has_value() && !b.has_value();
    return *a < *b;
  });
  const auto text = [&](size_t i) { return figure_text(measure, figures[i]); };
  const bool aims = measure.bound != Bound::stated;
  std::printf("| %s: %s | %s | %s | %s | %s | %s |\n", line.name.c_str(), measure.what.c_str(),
              aim_text(measure).c_str(), text(0).c_str(), text((figures.size() - 1) / 2).c_str(),
              text(figures.size() - 1).c_str(),
              !aims ? ""
              : met ? "met"
                    : "MISSED");
  return met;
}

bool run_line(const Line& line, const Options& options, bool curves) {
  std::fprintf(stderr, "%s: %s\n", line.name.c_str(), line.about.c_str());
  const Runs runs(line, options, curves);
  bool met = true;
  for (size_t i = 0; i < line.measures.size(); ++i) {
    met = print_row(line, i, runs.outcomes()) && met;
  }
  std::fflush(stdout);
  return met;
}

std::optional<uint64_t> positive(const char* text) {
  uint64_t number = 0;
  const char* const end = text + std::strlen(text);
  const auto [stopped, error] = std::from_chars(text, end, number);
  if (error != std::errc() || stopped != end || number == 0) return std::nullopt;
  return number;
}

}  // namespace

bool Options::has(std::string_view flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

std::optional<Options> read_options(int argc, char** argv,
                                    std::span<const std::string_view> flags) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--seeds" || word == "--jobs") {
      const auto number = i + 1 < argc ? positive(argv[++i]) : std::nullopt;
      if (!number) return std::nullopt;
      (word == "--seeds" ? options.seeds : options.jobs) = *number;
    } else if (std::find(flags.begin(), flags.end(), word) != flags.end()) {
      options.flags.push_back(word);
    } else if (word.starts_with("-")) {
      return std::nullopt;
    } else {
      options.names.push_back(word);
    }
  }
  return options;
}

int run_lines(std::vector<Line> lines, const Options& options, bool curves) {
  const auto named = [&](const Line& line) {
    return options.names.empty() ||
           std::find(options.names.begin(), options.names.end(), line.name) != options.names.end();
  };
  std::erase_if(lines, [&](const Line& line) { return !named(line); });
  if (lines.empty()) return 2;
  std::printf("| what, seeds 1 to %llu | aim | min | median | max | |\n|---|---|---|---|---|---|\n",
              static_cast<unsigned long long>(options.seeds));
  bool met = true;
  for (const Line& line : lines) met = run_line(line, options, curves) && met;
  return met ? 0 : 1;
}

}  // namespace p2p::bench
