// Every file in bad/ is refused with just the text that stands beside it: NAME.toml, NAME.txt.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "io_sim/scenario/parse.h"

namespace p2p::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 2> kInvariants{"no_busy_loop", "verified_pieces"};

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<fs::path> bad_files() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(P2P_BAD_FILES)) {
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class BadFile : public testing::TestWithParam<fs::path> {};

TEST_P(BadFile, is_refused_with_place_line_and_caret) {
  const fs::path& path = GetParam();
  const std::string toml = text_of(path);
  const ParsedScenario parsed = parse_scenario(toml, path.filename().string(), kInvariants);
  const auto* errors = std::get_if<std::vector<ScenarioError>>(&parsed);
  ASSERT_NE(errors, nullptr) << "nothing is wrong with it";
  std::string text;
  for (const ScenarioError& error : *errors) text += error.text();
  EXPECT_EQ(text, text_of(fs::path(path).replace_extension(".txt")));
}

INSTANTIATE_TEST_SUITE_P(All, BadFile, testing::ValuesIn(bad_files()),
                         [](const auto& file) { return file.param.stem().string(); });

TEST(BadFiles, are_many) { EXPECT_GE(bad_files().size(), 80U); }

}  // namespace
}  // namespace p2p::sim
