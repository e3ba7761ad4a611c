#include "apps/p2psim/scenario_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <span>
#include <utility>
#include <variant>

#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "io_linux/error_text.h"
#include "io_sim/scenario/parse.h"

namespace p2p::sim::program {
namespace {

// Nothing that a person wrote is as large.
constexpr size_t kFileMax = size_t{64} << 20;

// What is wrong, or "".
std::string read_whole(const std::string& path, std::string& into) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return io_linux::error_text(errno);
  if (S_ISDIR(facts.st_mode)) return io_linux::error_text(EISDIR);
  if (static_cast<uint64_t>(facts.st_size) > kFileMax) return "it is larger than 64 MiB";
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (file) into.assign(std::istreambuf_iterator<char>(file), {});
  if (!file || file.bad()) return io_linux::error_text(errno == 0 ? EIO : errno);
  return {};
}

// The caret stands under a column: nothing may move it, or drive the terminal.
void show(const ScenarioError& error) {
  std::string text = error.text();
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f; }, ' ');
  if (text.empty() || text.back() != '\n') text += '\n';
  static_cast<void>(app::write_all(STDERR_FILENO, std::as_bytes(std::span(text))));
}

}  // namespace

std::optional<std::vector<ScenarioFile>> load_scenarios(const std::vector<std::string>& paths,
                                                        app::Talk& talk) {
  std::vector<ScenarioFile> files;
  for (const std::string& path : paths) {
    std::string toml;
    const std::string wrong = read_whole(path, toml);
    if (!wrong.empty()) {
      talk.say(app::Importance::error, "can't read " + app::shell_quoted(path) + ": " + wrong);
      continue;
    }
    auto parsed = parse_scenario(toml, path);
    if (const auto* errors = std::get_if<std::vector<ScenarioError>>(&parsed)) {
      for (const ScenarioError& error : *errors) show(error);
      continue;
    }
    files.push_back({path, std::get<Scenario>(std::move(parsed))});
  }
  if (files.size() != paths.size()) return std::nullopt;
  return files;
}

}  // namespace p2p::sim::program
