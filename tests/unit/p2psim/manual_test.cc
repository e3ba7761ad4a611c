// The manual names what there is.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include "apps/p2psim/command_line.h"

namespace p2p::sim::program {
namespace {

std::string manual() {
  std::ifstream file(std::string(P2P_DOCS) + "/p2psim.1");
  EXPECT_TRUE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  // In roff a dash is written "\-".
  std::string words = text.str();
  std::erase(words, '\\');
  return words;
}

TEST(Manual, describes_every_command_and_every_option_of_its_help) {
  const std::string text = manual();
  for (const std::string command : {"run", "sweep", "shrink", "check", "diff"}) {
    EXPECT_NE(text.find("p2psim " + command), std::string::npos) << command;
    const auto parsed = parse_command_line({command, "--help"});
    const std::string help = std::get<Answer>(parsed).out;
    const std::regex option("\n +(?:-[a-z],)?(--[a-z]+)");
    for (std::sregex_iterator it(help.begin(), help.end(), option), end; it != end; ++it) {
      const std::string name = (*it)[1];
      if (name == "--help") continue;
      EXPECT_NE(text.find(name), std::string::npos) << command << " " << name;
    }
  }
}

}  // namespace
}  // namespace p2p::sim::program
