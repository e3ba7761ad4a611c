#include "io_sim/report/json.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace p2p::sim {
namespace {

Result passing() {
  Result result;
  result.scenario = "three clients";
  result.seed = 42;
  result.virtual_time = Duration::milliseconds(12'500);
  result.events = 1000;
  result.nodes = 4;
  result.trace_hash = "0123456789abcdef";
  result.expectations = {{"connected", Duration::seconds(5), Duration::milliseconds(1'250), ""}};
  result.payload_bytes = 7;
  result.control_bytes = 9;
  return result;
}

Result failing() {
  Result result = passing();
  result.verdict = Verdict::violated;
  result.expectations.push_back({"holds film", Duration::seconds(9), std::nullopt, "3 of 4 do"});
  result.violated =
      Violation{"verified_pieces", Time::from_ns(1'000'000'001), "peer[3]", "it holds \"x\""};
  return result;
}

TEST(ResultJson, is_one_line_with_its_keys_in_order) {
  EXPECT_EQ(result_json(passing(), true, "p2psim run x.toml --seed 42"),
            R"({"schema":1,"scenario":"three clients","seed":42,"verdict":"pass","virtual_s":12.5,)"
            R"("events":1000,"nodes":4,"trace_hash":"0123456789abcdef","expectations":[{"that":)"
            R"("connected","by_s":5.0,"met_at_s":1.25,"instead":""}],"violated":null,)"
            R"("payload_bytes":7,"control_bytes":9,"as_promised":true,)"
            R"("repeat":"p2psim run x.toml --seed 42"})");
}

TEST(ResultJson, says_what_was_violated_and_what_was_unmet) {
  const std::string line = result_json(failing(), false, "");
  EXPECT_NE(line.find(R"("verdict":"violated")"), std::string::npos) << line;
  EXPECT_NE(line.find(R"({"that":"holds film","by_s":9.0,"met_at_s":null,"instead":"3 of 4 do"})"),
            std::string::npos)
      << line;
  EXPECT_NE(line.find(R"("violated":{"invariant":"verified_pieces","at_s":1.000000001,)"
                      R"("node":"peer[3]","detail":"it holds \"x\""})"),
            std::string::npos)
      << line;
}

TEST(ResultJson, stays_one_line_and_valid_whatever_a_name_holds) {
  Result result = passing();
  result.scenario = "two\nlines, \xff and \x01";
  const std::string line = result_json(result, true, "");
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(parse_result_json(line)) << line;
}

TEST(ResultJson, that_nobody_wrote_is_refused) {
  const std::string good = result_json(failing(), true, "again");
  ASSERT_TRUE(parse_result_json(good));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string line = good;
    const size_t at = line.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return line.replace(at, from.size(), to);
  };
  const std::vector<std::string> bad{
      "",
      "{}",
      "null",
      good.substr(0, good.size() - 1),
      good + "x",
      changed(R"("schema":1)", R"("schema":2)"),
      changed(R"("seed":42)", R"("seed":-42)"),
      changed(R"("seed":42)", R"("seed":"42")"),
      changed(R"("seed":42,)", ""),
      changed(R"("verdict":"violated")", R"("verdict":"fine")"),
      changed(R"("virtual_s":12.5)", R"("virtual_s":1e300)"),
      changed(R"("virtual_s":12.5)", R"("virtual_s":null)"),
      changed(R"("met_at_s":null)", R"("met_at_s":"never")"),
      changed(R"("detail":"it holds \"x\"")", R"("detail":7)"),
      changed(R"("as_promised":true)", R"("as_promised":1)"),
      changed(R"("payload_bytes":7)", R"("payload_bytes":7,"more":1)"),
  };
  for (const std::string& line : bad) EXPECT_FALSE(parse_result_json(line)) << line;
}

// Up to 10^15 ns, eleven days.
rc::Gen<Duration> any_duration() {
  return rc::gen::map(rc::gen::inRange<int64_t>(0, 1'000'000'000'000'000),
                      [](int64_t ns) { return Duration::nanoseconds(ns); });
}

rc::Gen<std::string> any_text() {
  return rc::gen::container<std::string>(rc::gen::inRange<char>(0x01, 0x7f));
}

ExpectationResult any_expectation() {
  ExpectationResult made;
  made.that = *any_text();
  made.by = *any_duration();
  if (*rc::gen::arbitrary<bool>()) made.met_at = *any_duration();
  made.instead = *any_text();
  return made;
}

RC_GTEST_PROP(ResultJson, is_read_back_as_it_was, ()) {
  Result result;
  result.scenario = *any_text();
  result.seed = *rc::gen::arbitrary<uint64_t>();
  result.verdict = *rc::gen::element(Verdict::pass, Verdict::violated, Verdict::unmet,
                                     Verdict::nondeterministic);
  result.virtual_time = *any_duration();
  result.events = *rc::gen::arbitrary<uint64_t>();
  result.nodes = *rc::gen::arbitrary<uint64_t>();
  result.trace_hash = *any_text();
  const int expectations = *rc::gen::inRange(0, 4);
  for (int i = 0; i < expectations; ++i) result.expectations.push_back(any_expectation());
  if (*rc::gen::arbitrary<bool>()) {
    result.violated = Violation{*any_text(), Time() + *any_duration(), *any_text(), *any_text()};
  }
  result.payload_bytes = *rc::gen::arbitrary<uint64_t>();
  result.control_bytes = *rc::gen::arbitrary<uint64_t>();

  const std::string line = result_json(result, true, "again");
  const auto back = parse_result_json(line);
  RC_ASSERT(back.has_value());
  RC_ASSERT(back->virtual_time == result.virtual_time);
  RC_ASSERT(back->violated.has_value() == result.violated.has_value());
  if (result.violated) RC_ASSERT(back->violated->at == result.violated->at);
  // The rest is shown by its text.
  RC_ASSERT(result_json(*back, true, "again") == line);
  RC_ASSERT(back->scenario == result.scenario);
  RC_ASSERT(back->seed == result.seed);
  RC_ASSERT(back->verdict == result.verdict);
  RC_ASSERT(back->events == result.events);
  RC_ASSERT(back->expectations.size() == result.expectations.size());
}

}  // namespace
}  // namespace p2p::sim
