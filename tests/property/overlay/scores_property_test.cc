// Scores, allowances and evictions: what holds whatever happens.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "engine/overlay/eviction.h"
#include "engine/overlay/network_group.h"
#include "engine/overlay/record_allowance.h"
#include "engine/overlay/scores.h"

namespace p2p::scores_property_test {
namespace {

struct Step {
  uint8_t who = 0;
  uint32_t points = 0;
  int64_t wait_s = 0;
};

rc::Gen<std::vector<Step>> many_steps() {
  return rc::gen::scale(5.0, rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
                                 rc::gen::set(&Step::who, rc::gen::inRange<uint8_t>(0, 12)),
                                 rc::gen::set(&Step::points, rc::gen::inRange<uint32_t>(0, 700)),
                                 rc::gen::set(&Step::wait_s, rc::gen::inRange<int64_t>(0, 400)))));
}

// Twelve addresses in three networks.
Address address_of(uint8_t who) { return Address::v4(30, who % 3, 0, who); }

// The plainest score: points that are halved at every fifth minute after the first of them.
struct ModelPoints {
  uint32_t value = 0;
  int64_t first_s = 0;
  int64_t halved = 0;
  void pass_to(int64_t now_s) {
    for (; value > 0 && first_s + (halved + 1) * 300 <= now_s; ++halved) value /= 2;
  }
  void add(uint32_t points, int64_t now_s) {
    pass_to(now_s);
    if (value == 0) {
      first_s = now_s;
      halved = 0;
    }
    value += points;
  }
};

struct ModelAddress {
  ModelPoints points;
  int64_t refused_for = 0;
  int64_t refused_until = 0;
  void charge(uint32_t more, int64_t now_s) {
    points.pass_to(now_s);
    if (points.value == 0 && now_s >= refused_until + refused_for) refused_for = 0;
    const bool refused = refused_for > 0 && now_s < refused_until;
    if (more == 0) return;
    points.add(refused ? std::min(more, 999 - std::min(999U, points.value)) : more, now_s);
    if (refused || points.value < 1000) return;
    refused_for = refused_for == 0 ? 300 : std::min<int64_t>(2 * refused_for, 4 * 3600);
    refused_until = now_s + refused_for;
    points = {};
  }
  bool refused(int64_t now_s) const { return refused_for > 0 && now_s < refused_until; }
};

RC_GTEST_PROP(ScoresProperty, agree_with_a_plain_model, ()) {
  Scores scores;
  std::vector<ModelAddress> model(12);
  int64_t now_s = 0;
  for (const Step& step : *many_steps()) {
    now_s += step.wait_s;
    const Time now = Time::from_ns(0) + Duration::seconds(now_s);
    scores.charge(address_of(step.who), step.points, now);
    model[step.who].charge(step.points, now_s);
    std::vector<size_t> in_network(3);
    for (uint8_t who = 0; who < 12; ++who) in_network[who % 3] += size_t{model[who].refused(now_s)};
    size_t refusals = 0;
    for (uint8_t who = 0; who < 12; ++who) {
      model[who].points.pass_to(now_s);
      RC_ASSERT(scores.points(address_of(who), now) == model[who].points.value);
      const bool expected = model[who].refused(now_s) || in_network[who % 3] >= 4;
      RC_ASSERT(scores.refuses(address_of(who), now) == expected);
      refusals += size_t{model[who].refused(now_s)};
    }
    for (const size_t refused : in_network) refusals += size_t{refused >= 4};
    RC_ASSERT(scores.refusals(now).size() == refusals);
  }
}

RC_GTEST_PROP(ScoresProperty, whoever_keeps_trying_gets_in_within_eleven_seconds,
              (std::vector<uint8_t> bad)) {
  Scores scores;
  const Time now = Time::from_ns(0);
  for (const uint8_t who : bad) {
    scores.charge(address_of(who % 12), 100 * uint32_t{who}, now);
  }
  for (uint8_t who = 0; who < 12; ++who) {
    int tries = 0;
    while (scores.judge(address_of(who), now + Duration::seconds(100 * who + tries)) !=
           Scores::Verdict::welcome) {
      ++tries;
      RC_ASSERT(tries <= 11);
    }
  }
}

RC_GTEST_PROP(RecordAllowanceProperty, grants_never_exceed_the_bucket_and_what_it_gained, ()) {
  const auto steps = *many_steps();
  RecordAllowance allowance(Time::from_ns(0));
  int64_t now_s = 0;
  uint64_t granted = 0;
  for (const Step& step : steps) {
    now_s += step.wait_s % 20;
    const size_t got = allowance.take(step.points, Time::from_ns(0) + Duration::seconds(now_s));
    RC_ASSERT(got <= step.points);
    granted += got;
    RC_ASSERT(granted <= 1024 + 10 * static_cast<uint64_t>(now_s));
  }
}

RC_GTEST_PROP(EvictionProperty, nobody_who_proved_himself_goes_and_diversity_never_shrinks, ()) {
  const auto steps = *many_steps();
  const auto newcomer = Address::v4(40, *rc::gen::inRange<uint8_t>(0, 5), 0, 0);
  std::vector<SlotHolder> holders;
  for (const Step& step : steps) {
    const uint64_t order = holders.size() + 1;
    holders.push_back({ConnId::accepted(order),
                       Address::v4(40, static_cast<uint8_t>(step.who % 5), 0, 0), order,
                       step.points > 600 ? step.points : 0, step.wait_s > 350});
  }
  const auto goes = whom_to_evict(holders, newcomer);
  auto shuffled = holders;
  std::reverse(shuffled.begin(), shuffled.end());
  RC_ASSERT(whom_to_evict(shuffled, newcomer) == goes);
  if (!goes) return;
  const auto in = [&](const Address& network) {
    return std::count_if(holders.begin(), holders.end(),
                         [&](const SlotHolder& holder) { return holder.network == network; });
  };
  const auto gone = std::find_if(holders.begin(), holders.end(),
                                 [&](const SlotHolder& holder) { return holder.conn == *goes; });
  RC_ASSERT(!gone->legacy);
  RC_ASSERT(in(gone->network) >= in(newcomer) + 2);
  const auto as_useful =
      std::count_if(holders.begin(), holders.end(), [&](const SlotHolder& holder) {
        return !holder.legacy && holder.conn != *goes && holder.given_bytes >= gone->given_bytes;
      });
  RC_ASSERT(gone->given_bytes == 0 || as_useful >= 8);
  const auto older = std::count_if(holders.begin(), holders.end(), [&](const SlotHolder& holder) {
    return !holder.legacy && holder.order < gone->order;
  });
  const auto younger = std::count_if(holders.begin(), holders.end(), [&](const SlotHolder& holder) {
    return !holder.legacy && holder.order > gone->order;
  });
  RC_ASSERT(older + static_cast<int64_t>(kUsefulKept) >= younger);
}

}  // namespace
}  // namespace p2p::scores_property_test
