// Networks that the properties found to fail once, shrunk, each with what it must come to.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <variant>
#include <vector>

#include "io_sim/run/run.h"
#include "io_sim/scenario/parse.h"

namespace p2p::sim {
namespace {

std::vector<std::filesystem::path> regressions() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(P2P_NETWORK_REGRESSIONS)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string what_failed(const Result& result) {
  if (result.violated) return result.violated->invariant + ": " + result.violated->detail;
  for (const ExpectationResult& expectation : result.expectations) {
    if (!expectation.met_at) return expectation.that + ": " + expectation.instead;
  }
  return "it passed";
}

class Regression : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Regression, ends_as_its_file_says) {
  std::ifstream file(GetParam());
  const std::string text(std::istreambuf_iterator<char>(file), {});
  const ParsedScenario parsed = parse_scenario(text, GetParam().filename().string());
  ASSERT_TRUE(std::holds_alternative<Scenario>(parsed));
  const Scenario& scenario = std::get<Scenario>(parsed);
  const Result result = run(scenario);
  EXPECT_TRUE(as_promised(result, scenario.promise)) << what_failed(result);
}

INSTANTIATE_TEST_SUITE_P(Networks, Regression, testing::ValuesIn(regressions()),
                         [](const auto& file) { return file.param.stem().string(); });

}  // namespace
}  // namespace p2p::sim
