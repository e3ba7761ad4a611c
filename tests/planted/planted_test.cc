// Each planted mistake is found by a sweep, by the invariant that is there for it, and shrunk to a
// file that shows it and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/planted/planted_bug.h"
#include "tests/support/file.h"

namespace p2p::testing {
namespace {

constexpr uint64_t kSeedsMax = 200;
constexpr std::ptrdiff_t kLinesMax = 25;
constexpr milliseconds kShrinking = seconds(200);

std::ptrdiff_t lines_in(const std::string& file) {
  const std::string text = read_file(file);
  return std::count(text.begin(), text.end(), '\n');
}

// With P2P_KEEP_FOUND set, what is found is kept in place of what was.
void keep(const PlantedBug& bug, const std::string& found) {
  if (std::getenv("P2P_KEEP_FOUND") == nullptr) return;
  std::string text = read_file(found);
  const size_t repeat = text.find("# Repeat: ");
  text.replace(repeat, text.find('\n', repeat) - repeat,
               "# Mistake: " + bug.bug + "\n# Repeat: p2psim_planted_" + bug.name +
                   " run tests/planted/found/" + bug.name + ".toml");
  write_file(bug.kept_file(), text);
}

class Planted : public ::testing::TestWithParam<PlantedBug> {
 protected:
  // The same file, with the mistake and without.
  static void expect_shown_by(const std::string& file) {
    EXPECT_LE(lines_in(file), kLinesMax) << read_file(file);
    const Json with = run_of(GetParam().program(), file);
    EXPECT_TRUE(GetParam().is_shown_by(with)) << with.dump(2);
    const Json without = run_of(shipped_program(), file);
    EXPECT_EQ(without.at("verdict"), "pass") << without.dump(2);
  }
};

TEST_P(Planted, is_found_by_its_invariant_within_200_seeds_and_shrunk_to_25_lines) {
  const PlantedBug& bug = GetParam();
  ASSERT_LT(bug.last_seed - bug.first_seed, kSeedsMax);
  const auto failure = first_failure(bug);
  ASSERT_TRUE(failure) << "no seed fails";
  ASSERT_TRUE(bug.is_shown_by(*failure)) << failure->dump(2);

  const TempDir dir;
  const std::string seed = std::to_string(failure->at("seed").get<uint64_t>());
  const Finished shrunk = run(
      {bug.program(), "shrink", bug.scenario, "--seed", seed, "-j", "2", "-o", dir / "small.toml"},
      {}, kShrinking);
  ASSERT_EQ(shrunk.status, ExitStatus{0}) << shrunk.out << shrunk.err;
  expect_shown_by(dir / "small.toml");
  keep(bug, dir / "small.toml");
}

TEST_P(Planted, is_shown_by_the_file_that_is_kept) { expect_shown_by(GetParam().kept_file()); }

INSTANTIATE_TEST_SUITE_P(Bugs, Planted, ::testing::ValuesIn(planted_bugs()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace p2p::testing
