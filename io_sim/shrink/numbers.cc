#include "io_sim/shrink/numbers.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>

namespace p2p::sim {
namespace {

constexpr uint64_t kMs = 1'000'000;
constexpr uint64_t kSecond = 1000 * kMs;

// From coarse to fine.
constexpr std::array<uint64_t, 8> kDurationSteps = {
    600 * kSecond, 60 * kSecond, 10 * kSecond, kSecond, 100 * kMs, 10 * kMs, kMs, 1};
constexpr std::array<uint64_t, 4> kSizeSteps = {uint64_t{1} << 30, uint64_t{1} << 20,
                                                uint64_t{1} << 10, 1};
constexpr std::array<uint64_t, 1> kCountSteps = {1};

std::span<const uint64_t> steps_of(NumberKind kind) {
  switch (kind) {
    case NumberKind::duration:
      return kDurationSteps;
    case NumberKind::size:
      return kSizeSteps;
    case NumberKind::count:
      return kCountSteps;
  }
  return kCountSteps;
}

// The coarsest step of which the value has ten or more: two digits say enough.
uint64_t step_for(NumberKind kind, uint64_t value) {
  constexpr uint64_t kStepsMin = 10;
  for (const uint64_t step : steps_of(kind)) {
    if (value / step >= kStepsMin) return step;
  }
  return steps_of(kind).back();
}

Duration duration_of(uint64_t ns) { return Duration::nanoseconds(static_cast<int64_t>(ns)); }
uint64_t ns_of(Duration duration) { return static_cast<uint64_t>(duration.count_ns()); }

// Finds a member of a scenario again in another one.
template <class Value>
using Place = std::function<Value&(Scenario&)>;

class Numbers {
 public:
  void add(Duration value, const Place<Duration>& place, Duration least = {}) {
    if (value <= least) return;
    all_.push_back({NumberKind::duration, ns_of(value), ns_of(least),
                    [place](Scenario& s, uint64_t ns) { place(s) = duration_of(ns); }});
  }
  void add_optional(const std::optional<Duration>& value,
                    const Place<std::optional<Duration>>& place) {
    if (!value) return;
    add(*value, [place](Scenario& s) -> Duration& { return *place(s); });
  }
  void add_size(uint64_t value, const Place<uint64_t>& place, uint64_t least) {
    if (value <= least) return;
    all_.push_back({NumberKind::size, value, least,
                    [place](Scenario& s, uint64_t bytes) { place(s) = bytes; }});
  }
  void add_count(uint32_t value, const Place<uint32_t>& place, uint32_t least = 0) {
    if (value <= least) return;
    all_.push_back({NumberKind::count, value, least, [place](Scenario& s, uint64_t count) {
                      place(s) = static_cast<uint32_t>(count);
                    }});
  }
  std::vector<Number> take() { return std::move(all_); }

 private:
  std::vector<Number> all_;
};

Duration last_due(const Scenario& scenario) {
  Duration last = Duration::seconds(1);
  for (const Expectation& expectation : scenario.expectations) {
    last = std::max(last, expectation.by);
  }
  return last;
}

void add_of_groups(Numbers& numbers, const Scenario& scenario) {
  for (size_t g = 0; g < scenario.nodes.size(); ++g) {
    const NodeGroup& group = scenario.nodes[g];
    numbers.add(group.start_at, [g](Scenario& s) -> Duration& { return s.nodes[g].start_at; });
    numbers.add(group.start_every,
                [g](Scenario& s) -> Duration& { return s.nodes[g].start_every; });
    if (!group.demo) continue;
    numbers.add_count(group.demo->want,
                      [g](Scenario& s) -> uint32_t& { return s.nodes[g].demo->want; });
    numbers.add_count(group.demo->have,
                      [g](Scenario& s) -> uint32_t& { return s.nodes[g].demo->have; });
    numbers.add_count(
        group.demo->pool, [g](Scenario& s) -> uint32_t& { return s.nodes[g].demo->pool; },
        std::max({group.demo->have, group.demo->want, uint32_t{1}}));
  }
}

// How many nodes a range names.
void add_width(std::vector<Number>& numbers, const NodeRange& range,
               const Place<NodeRange>& place) {
  if (range.last <= range.first) return;
  numbers.push_back(
      {NumberKind::count, range.last - range.first, 0, [place](Scenario& s, uint64_t width) {
         place(s).last = place(s).first + static_cast<uint32_t>(width);
       }});
}

void add_of_events(Numbers& numbers, const Scenario& scenario) {
  for (size_t e = 0; e < scenario.events.size(); ++e) {
    const ScriptedEvent& event = scenario.events[e];
    using Lasting = std::optional<Duration>;
    numbers.add(event.every, [e](Scenario& s) -> Duration& { return s.events[e].every; });
    numbers.add(event.at, [e](Scenario& s) -> Duration& { return s.events[e].at; });
    numbers.add_optional(event.lasts, [e](Scenario& s) -> Lasting& { return s.events[e].lasts; });
    numbers.add_optional(event.restart_after,
                         [e](Scenario& s) -> Lasting& { return s.events[e].restart_after; });
  }
}

void add_widths(std::vector<Number>& numbers, const Scenario& scenario) {
  for (size_t e = 0; e < scenario.events.size(); ++e) {
    const ScriptedEvent& event = scenario.events[e];
    for (size_t i = 0; i < event.nodes.size(); ++i) {
      add_width(numbers, event.nodes[i],
                [e, i](Scenario& s) -> NodeRange& { return s.events[e].nodes[i]; });
    }
    for (size_t side = 0; side < event.groups.size(); ++side) {
      for (size_t i = 0; i < event.groups[side].size(); ++i) {
        add_width(numbers, event.groups[side][i],
                  [e, side, i](Scenario& s) -> NodeRange& { return s.events[e].groups[side][i]; });
      }
    }
  }
}

}  // namespace

std::vector<Number> numbers_of(const Scenario& scenario) {
  Numbers numbers;
  numbers.add(
      scenario.stop, [](Scenario& s) -> Duration& { return s.stop; }, last_due(scenario));
  for (size_t c = 0; c < scenario.contents.size(); ++c) {
    numbers.add_size(
        scenario.contents[c].size, [c](Scenario& s) -> uint64_t& { return s.contents[c].size; }, 1);
  }
  add_of_events(numbers, scenario);
  add_of_groups(numbers, scenario);
  std::vector<Number> all = numbers.take();
  add_widths(all, scenario);
  return all;
}

std::vector<uint64_t> lower_values(const Number& number) {
  std::vector<uint64_t> values;
  const auto add = [&](uint64_t value) {
    const bool is_lower = value >= number.least && value < number.value;
    if (is_lower && std::find(values.begin(), values.end(), value) == values.end()) {
      values.push_back(value);
    }
  };
  add(number.least);
  const uint64_t step = step_for(number.kind, number.value);
  for (uint64_t less = (number.value - number.least) / 2; less >= step; less /= 2) {
    add((number.value - less) / step * step);
  }
  if (number.value >= step) add((number.value - step) / step * step);
  for (const uint64_t rounding : steps_of(number.kind)) add(number.value / rounding * rounding);
  return values;
}

}  // namespace p2p::sim
