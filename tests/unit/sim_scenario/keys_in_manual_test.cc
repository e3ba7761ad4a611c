// docs/scenarios.md names every key and word that a scenario file may have.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "io_sim/scenario/names.h"
#include "io_sim/scenario/node_options.h"
#include "io_sim/scenario/sections.h"

namespace p2p::sim {
namespace {

std::string manual() {
  std::ifstream file(std::string(P2P_DOCS) + "/scenarios.md");
  EXPECT_TRUE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The text from the heading that begins with `title` to the next heading of its kind.
std::string section_of(const std::string& text, const std::string& title) {
  const size_t begin = text.find("\n## " + title);
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find("\n## ", begin + 1) - begin);
}

std::string in_backticks(std::string_view word) { return "`" + std::string(word) + "`"; }

bool has(const std::string& text, std::string_view word) {
  return text.find(in_backticks(word)) != std::string::npos;
}

TEST(ScenarioManual, has_a_section_for_each_table_with_all_of_its_keys) {
  const std::string text = manual();
  for (const SectionKeys& keys : scenario_keys()) {
    const std::string title = keys.section.empty() ? "The file" : in_backticks(keys.section);
    const std::string section = section_of(text, title);
    EXPECT_FALSE(section.empty()) << title;
    for (const std::string_view key : keys.keys) EXPECT_TRUE(has(section, key)) << title << key;
  }
}

template <class Enum>
void expect_words(const std::string& text, std::span<const Named<Enum>> names) {
  for (const auto& row : names) EXPECT_TRUE(has(text, row.name)) << row.name;
}

TEST(ScenarioManual, names_every_word) {
  const std::string text = manual();
  expect_words(text, chunks_names());
  expect_words(text, behaviour_names());
  expect_words(text, claim_names());
  expect_words(text, deed_names());
  expect_words(text, disk_after_names());
  expect_words(text, disk_fault_names());
  expect_words(text, fault_family_names());
  expect_words(text, verdict_names());
}

TEST(ScenarioManual, names_every_option_of_a_node_with_its_kind) {
  const std::string section = section_of(manual(), in_backticks("node"));
  for (const NodeOption& option : node_options()) {
    const std::string row =
        "| " + in_backticks(option.name) + " | " + std::string(option.kind) + " |";
    EXPECT_NE(section.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace p2p::sim
