// The families of rules, a file each. Which invariants a family judges is in the table of
// invariants.cc.
#pragma once

#include <memory>

#include "io_sim/check/rule.h"

namespace p2p::sim {

std::unique_ptr<Rule> make_store_rules(const Scene& scene, Court& court);
std::unique_ptr<Rule> make_exchange_rules(const Scene& scene, Court& court);
std::unique_ptr<Rule> make_frame_rules(const Scene& scene, Court& court);
std::unique_ptr<Rule> make_node_rules(const Scene& scene, Court& court);
std::unique_ptr<Rule> make_connection_rules(const Scene& scene, Court& court);
std::unique_ptr<Rule> make_address_rules(const Scene& scene, Court& court);

}  // namespace p2p::sim
