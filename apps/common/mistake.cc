#include "apps/common/mistake.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "apps/common/quoting.h"

namespace p2p::app {

void refuse(const std::string& option, const std::string& why) {
  throw CLI::ValidationError(option, why);
}

std::string sentence_of(const CLI::Error& error, const CLI::App& app) {
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && (text.back() == ' ' || text.back() == '.')) text.pop_back();
  std::string command = app.get_name();
  for (const CLI::App* part : app.get_subcommands()) command += " " + part->get_name();
  return printable(text) + " (see " + command + " --help)";
}

}  // namespace p2p::app
