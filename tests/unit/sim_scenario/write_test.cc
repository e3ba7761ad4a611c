// How a scenario looks when it is written.
#include "io_sim/scenario/write.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/sim_scenario/scenario_text.h"

namespace p2p::sim {
namespace {

// Some of each kind, in the longest form.
const char* const kLongForm = R"(
schema = 1
name = "a film that outlives its seeder"
seed = 42
stop = "300s"
piece_size = "1MiB"
[network]
latency = { dist = "fixed", min = "20ms" }
queue = "256KiB"
loss = 0.0
[[nodes]]
id = "boot"
server = true
[[nodes]]
id = "seed"
count = 2
start = { at = "1000ms" }
bootstrap = ["boot"]
shares = ["film"]
[[nodes]]
id = "peer"
count = 40
start = { at = "1s", every = "200ms" }
bootstrap = ["boot"]
wants = ["film"]
node = { book_max = 64 }
[[content]]
id = "film"
size = "65536KiB"
[[events]]
at = "120s"
do = "kill"
nodes = "seed[0..1]"
[[expect]]
by = "4min"
that = "holds"
nodes = "peer[*]"
content = "film"
)";

const char* const kShortForm = R"(schema = 1
name = "a film that outlives its seeder"
seed = 42

nodes = [
  { id = "boot", server = true },
  { id = "seed", count = 2, start = "1s", bootstrap = "boot", shares = "film" },
  { id = "peer", count = 40, start = { at = "1s", every = "200ms" }, bootstrap = "boot", wants = "film", node = { book_max = 64 } },
]
content = [{ id = "film", size = "64MiB" }]
events = [{ at = "2min", do = "kill", nodes = "seed[*]" }]
expect = [{ by = "4min", that = "holds", nodes = "peer[*]", content = "film" }]
)";

TEST(WriteScenario, leaves_out_what_is_default_and_stays_short) {
  EXPECT_EQ(write_scenario(read_well(kLongForm)), kShortForm);
}

TEST(WriteScenario, writes_what_reads_back_as_the_same) {
  EXPECT_EQ(read_well(kShortForm), read_well(kLongForm));
}

TEST(WriteScenario, tells_how_a_run_is_to_end) {
  const Scenario scenario = read_well(
      with_nodes("network.loss = 0.01\nalways.invariants = []\n"
                 "promise = { verdict = \"unmet\", because = \"connected\" }\n"
                 "swarm = { families = [\"loss\"], enable_each = 0.25, until = \"3min\" }\n"));
  EXPECT_EQ(write_scenario(scenario),
            "schema = 1\n"
            "network = { loss = 0.01 }\n"
            "\n"
            "nodes = [\n"
            "  { id = \"boot\", server = true },\n"
            "  { id = \"peer\", count = 40 },\n"
            "]\n"
            "swarm = { families = [\"loss\"], enable_each = 0.25, until = \"3min\" }\n"
            "always = { invariants = [] }\n"
            "promise = { verdict = \"unmet\", because = \"connected\" }\n");
}

TEST(WriteEvents, gives_a_line_to_each) {
  const Scenario scenario = read_well(with_nodes(
      "[[events]]\nat = \"1s\"\ndo = \"partition\"\nheal_after = \"60s\"\n"
      "groups = [[\"boot\", \"peer[0..9]\"], [\"peer[10..39]\"]]\n"
      "[[events]]\nat = \"2s\"\ndo = \"reset\"\nnodes = \"boot\"\npeers = \"peer[3]\"\n"));
  EXPECT_EQ(write_events(scenario, scenario.events),
            "events = [\n"
            "  { at = \"1s\", do = \"partition\", groups = [[\"boot\", \"peer[0..9]\"], "
            "[\"peer[10..39]\"]], heal_after = \"1min\" },\n"
            "  { at = \"2s\", do = \"reset\", nodes = \"boot\", peers = \"peer[3]\" },\n"
            "]\n");
}

TEST(WriteEvents, writes_nothing_for_none) { EXPECT_EQ(write_events(Scenario(), {}), ""); }

}  // namespace
}  // namespace p2p::sim
