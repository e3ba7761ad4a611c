#include "io_sim/shrink/shrink.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/check.h"
#include "io_sim/scenario/parse.h"
#include "io_sim/scenario/write.h"
#include "io_sim/shrink/edits.h"
#include "io_sim/shrink/numbers.h"

namespace p2p::sim {
namespace {

bool reads_back(const Scenario& scenario, const std::string& text) {
  const auto parsed = parse_scenario(text, "");
  const auto* read = std::get_if<Scenario>(&parsed);
  return read != nullptr && *read == scenario;
}

class Shrinking {
 public:
  Shrinking(const Scenario& start, const FirstFailing& first_failing, const ShrinkOptions& options)
      : first_failing_(first_failing), options_(options) {
    P2P_CHECK(options.at_once > 0);
    shrunk_.scenario = start;
    current_text_ = write_scenario(start);
  }

  Shrunk carry_out() &&;

 private:
  // The candidates of one search, made when they are asked for, from the first to the last.
  using Candidate = std::function<Scenario(size_t)>;
  // The smallest scenario becomes the first of the candidates from `first` on, and before `count`,
  // that still fails: its index. nullopt: none does, or there is no time.
  std::optional<size_t> adopt_first(size_t first, size_t count, const Candidate& candidate);
  bool adopt_one(const std::vector<Scenario>& batch, const std::vector<std::string>& texts,
                 size_t& index);

  bool work_through(const Pass& pass);
  bool take_away(const Pass& pass, size_t at_once);
  bool lower_numbers();
  bool lower_number(size_t index);
  bool stopped() const { return !shrunk_.finished; }

  const FirstFailing& first_failing_;
  const ShrinkOptions& options_;
  Shrunk shrunk_;
  std::string current_text_;
  std::set<std::string> passed_;  // candidates that did not fail, as they are written
};

std::optional<size_t> Shrinking::adopt_first(size_t first, size_t count,
                                             const Candidate& candidate) {
  while (first < count && !stopped()) {
    std::vector<Scenario> batch;
    std::vector<std::string> texts;
    std::vector<size_t> indices;
    for (; first < count && batch.size() < options_.at_once; ++first) {
      Scenario made = candidate(first);
      std::string text = write_scenario(made);
      if (text == current_text_ || passed_.contains(text) || !reads_back(made, text)) continue;
      batch.push_back(std::move(made));
      texts.push_back(std::move(text));
      indices.push_back(first);
    }
    size_t adopted = 0;
    if (!batch.empty() && adopt_one(batch, texts, adopted)) return indices[adopted];
  }
  return std::nullopt;
}

bool Shrinking::adopt_one(const std::vector<Scenario>& batch, const std::vector<std::string>& texts,
                          size_t& index) {
  shrunk_.tried += batch.size();
  const auto failing = first_failing_(batch);
  P2P_CHECK(!failing || *failing < batch.size());
  const size_t did_pass = failing.value_or(batch.size());
  if (failing) {
    index = *failing;
    shrunk_.scenario = batch[index];
    current_text_ = texts[index];
  }
  for (size_t i = 0; i < did_pass; ++i) passed_.insert(texts[i]);
  if (options_.go_on && !options_.go_on({shrunk_.tried, &shrunk_.scenario})) {
    shrunk_.finished = false;
  }
  return failing.has_value();
}

// All of it at once, then halves, quarters, and so on down to one thing at a time.
bool Shrinking::work_through(const Pass& pass) {
  bool smaller = false;
  size_t at_once = pass.edits(shrunk_.scenario).size();
  while (at_once > 0 && !stopped()) {
    smaller = take_away(pass, at_once) || smaller;
    at_once = at_once == 1 ? 0 : (at_once + 1) / 2;
  }
  return smaller;
}

bool Shrinking::take_away(const Pass& pass, size_t at_once) {
  bool smaller = false;
  size_t from = 0;  // what stands before it stays
  while (!stopped()) {
    const Edits edits = pass.edits(shrunk_.scenario);
    if (from >= edits.size()) break;
    const size_t parts = (edits.size() - from + at_once - 1) / at_once;
    const auto without_part = [&](size_t part) {
      const size_t first = from + part * at_once;
      const size_t last = std::min(first + at_once, edits.size());
      Scenario candidate = shrunk_.scenario;
      for (size_t i = last; i > first; --i) edits[i - 1](candidate);
      return candidate;
    };
    const auto adopted = adopt_first(0, parts, without_part);
    if (!adopted) break;
    smaller = true;
    from += *adopted * at_once;
  }
  return smaller;
}

bool Shrinking::lower_numbers() {
  bool smaller = false;
  for (size_t i = 0; i < numbers_of(shrunk_.scenario).size() && !stopped(); ++i) {
    smaller = lower_number(i) || smaller;
  }
  return smaller;
}

bool Shrinking::lower_number(size_t index) {
  bool smaller = false;
  while (true) {
    const std::vector<Number> numbers = numbers_of(shrunk_.scenario);
    // One that has come down to its least is listed no more.
    if (index >= numbers.size()) return smaller;
    const Number& number = numbers[index];
    const std::vector<uint64_t> values = lower_values(number);
    const auto with_value = [&](size_t i) {
      Scenario candidate = shrunk_.scenario;
      number.set(candidate, values[i]);
      return candidate;
    };
    if (!adopt_first(0, values.size(), with_value)) return smaller;
    smaller = true;
  }
}

Shrunk Shrinking::carry_out() && {
  bool smaller = true;
  while (smaller && !stopped()) {
    smaller = false;
    for (const Pass& pass : passes()) smaller = work_through(pass) || smaller;
    smaller = lower_numbers() || smaller;
  }
  return std::move(shrunk_);
}

}  // namespace

FirstFailing one_by_one(std::function<bool(const Scenario&)> still_fails) {
  return [still_fails = std::move(still_fails)](
             std::span<const Scenario> candidates) -> std::optional<size_t> {
    const auto failing = std::find_if(candidates.begin(), candidates.end(), still_fails);
    if (failing == candidates.end()) return std::nullopt;
    return static_cast<size_t>(failing - candidates.begin());
  };
}

Shrunk shrink(const Scenario& start, const FirstFailing& first_failing,
              const ShrinkOptions& options) {
  return Shrinking(start, first_failing, options).carry_out();
}

Scenario without_faults(const Scenario& scenario) {
  Scenario calm = scenario;
  calm.swarm.reset();
  std::erase_if(calm.events, [](const ScriptedEvent& event) {
    return event.deed != Deed::start && event.deed != Deed::want && event.deed != Deed::share;
  });
  return calm;
}

}  // namespace p2p::sim
