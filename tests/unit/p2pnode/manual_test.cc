// The manual and the README name what there is.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "apps/p2pnode/options.h"

namespace p2p::app {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string without(std::string text, char dropped) {
  std::erase(text, dropped);
  return text;
}

TEST(Manual, describes_every_common_option) {
  // In roff a dash is written "\-".
  const std::string manual = without(text_of(std::string(P2P_DOCS) + "/p2pnode.1"), '\\');
  for (const CommonOption& option : common_options()) {
    const std::string name(option.names.substr(option.names.find("--")));
    EXPECT_NE(manual.find(name), std::string::npos) << name;
  }
}

TEST(Readme, names_every_command) {
  const std::string readme = text_of(P2P_README);
  for (const char* command : {"p2pnode run", "p2pnode add", "p2pnode share", "p2pnode get",
                              "p2pnode peers", "p2pnode status", "p2pnode why", "p2pnode ls",
                              "p2pnode rm", "p2pnode gc", "p2pnode verify"}) {
    EXPECT_NE(readme.find(command), std::string::npos) << command;
  }
}

}  // namespace
}  // namespace p2p::app
