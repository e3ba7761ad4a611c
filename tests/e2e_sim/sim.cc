#include "tests/e2e_sim/sim.h"

#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace p2p::testing {

const char* const kMeets = R"(schema = 1
name = "three meet"
seed = 42
stop = "30s"
[[nodes]]
id = "boot"
server = true
[[nodes]]
id = "peer"
count = 2
start = { at = "1s", every = "1s" }
bootstrap = ["boot"]
[[expect]]
by = "20s"
that = "connected"
)";

const char* const kAsksTooMuch = R"(schema = 1
name = "asks too much"
stop = "1min"
piece_size = "64KiB"
[network]
latency = { dist = "exponential", min = "5ms", mean = "40ms" }
loss = 0.01
[[nodes]]
id = "boot"
server = true
[[nodes]]
id = "peer"
count = 10
bootstrap = ["boot"]
demo = { pieces = 75, have = 60, want = 20 }
[swarm]
families = ["reset", "partition"]
until = "30s"
[[expect]]
by = "50s"
that = "knows_at_least"
nodes = "peer[*]"
count = 50
)";

const char* const kApart = R"(schema = 1
name = "apart"
stop = "1min"
[[nodes]]
id = "boot"
server = true
[[nodes]]
id = "peer"
count = 6
bootstrap = ["boot"]
[[events]]
at = "5s"
do = "reset"
nodes = "peer[1]"
[[events]]
at = "8s"
do = "crash"
nodes = "peer[2]"
restart_after = "4s"
[[events]]
at = "10s"
do = "partition"
groups = [["boot", "peer[0..2]"], ["peer[3..5]"]]
[[expect]]
by = "5s"
that = "connected"
stays = true
)";

std::string promising(const std::string& scenario, const std::string& verdict,
                      const std::string& because) {
  return scenario + "[promise]\nverdict = \"" + verdict + "\"\nbecause = \"" + because + "\"\n";
}

void Place::write(const std::string& name, const std::string& text) const {
  write_file(dir_ / name, text);
}

bool Place::has(const std::string& name) const { return std::filesystem::exists(dir_ / name); }

Words Place::command(const Words& arguments) const {
  const char* named = std::getenv("P2PSIM");
  Words words = {named != nullptr && *named != '\0' ? named : P2PSIM_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

ProcessOptions Place::options() const {
  ProcessOptions options;
  options.directory = dir_.path().string();
  return options;
}

Finished Place::run(const Words& arguments) const {
  return testing::run(command(arguments), options(), seconds(200));
}

std::unique_ptr<Process> Place::start(const Words& arguments) const {
  return std::make_unique<Process>(command(arguments), options());
}

std::vector<Json> json_lines(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

}  // namespace p2p::testing
