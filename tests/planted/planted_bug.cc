#include "tests/planted/planted_bug.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>
#include <sstream>
#include <stdexcept>

#include "tests/support/file.h"

namespace p2p::testing {
namespace {

constexpr milliseconds kOneRun = seconds(60);
constexpr milliseconds kOneBlock = seconds(200);
// A sweep in blocks: what comes after the first failure is not needed.
constexpr uint64_t kBlock = 10;

std::string root_path(const std::string& relative) { return std::string(P2P_ROOT "/") + relative; }

std::map<std::string, std::string> header_of(const std::string& patch) {
  std::map<std::string, std::string> header;
  std::istringstream in(read_file(patch));
  for (std::string line; std::getline(in, line) && !line.empty();) {
    const size_t colon = line.find(": ");
    if (colon == std::string::npos)
      throw std::runtime_error(patch + ": no \"Key: value\": " + line);
    header[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return header;
}

PlantedBug read_bug(const std::filesystem::path& patch) {
  auto header = header_of(patch.string());
  PlantedBug bug;
  bug.name = patch.stem().string();
  bug.bug = header.at("Bug");
  const bool is_invariant = header.contains("Invariant");
  bug.verdict = is_invariant ? "violated" : "unmet";
  bug.because = header.at(is_invariant ? "Invariant" : "Expectation");
  bug.scenario = root_path(header.at("Scenario"));
  const std::string& seeds = header.at("Seeds");
  bug.first_seed = std::stoull(seeds);
  bug.last_seed = std::stoull(seeds.substr(seeds.find("..") + 2));
  return bug;
}

std::vector<Json> json_lines(const Finished& finished) {
  std::vector<Json> lines;
  std::istringstream in(finished.out);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  if (lines.empty()) throw std::runtime_error(finished.status.text() + ": " + finished.err);
  return lines;
}

}  // namespace

std::string PlantedBug::program() const {
  return std::filesystem::path(shipped_program()).replace_filename("p2psim_planted_" + name);
}

std::string PlantedBug::kept_file() const {
  return root_path("tests/planted/found/" + name + ".toml");
}

bool PlantedBug::is_shown_by(const Json& run) const {
  if (run.at("verdict") != verdict) return false;
  if (verdict == "violated") return run.at("violated").at("invariant") == because;
  const Json& expectations = run.at("expectations");
  const auto unmet = std::find_if(expectations.begin(), expectations.end(),
                                  [](const Json& one) { return one.at("met_at_s").is_null(); });
  return unmet != expectations.end() && unmet->at("that").get<std::string>().rfind(because, 0) == 0;
}

std::ostream& operator<<(std::ostream& out, const PlantedBug& bug) {
  return out << bug.name << " (" << bug.bug << ")";
}

std::vector<PlantedBug> planted_bugs() {
  std::vector<PlantedBug> bugs;
  for (const auto& entry : std::filesystem::directory_iterator(root_path("tests/planted/bugs"))) {
    if (entry.path().extension() == ".patch") bugs.push_back(read_bug(entry.path()));
  }
  std::sort(bugs.begin(), bugs.end(),
            [](const PlantedBug& a, const PlantedBug& b) { return a.name < b.name; });
  return bugs;
}

std::string shipped_program() { return P2PSIM_PROGRAM; }

Json run_of(const std::string& program, const std::string& file) {
  return json_lines(run({program, "run", file, "--json"}, {}, kOneRun)).front();
}

std::optional<Json> first_failure(const PlantedBug& bug) {
  for (uint64_t seed = bug.first_seed; seed <= bug.last_seed; seed += kBlock) {
    const std::string block =
        std::to_string(seed) + ".." + std::to_string(std::min(seed + kBlock - 1, bug.last_seed));
    const Finished sweep =
        run({bug.program(), "sweep", bug.scenario, "--seeds", block, "-j", "2", "--json"}, {},
            kOneBlock);
    for (const Json& line : json_lines(sweep)) {
      if (!line.at("as_promised").get<bool>()) return line;
    }
  }
  return std::nullopt;
}

}  // namespace p2p::testing
