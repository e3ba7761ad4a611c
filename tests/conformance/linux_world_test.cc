// The Linux world against the contract of all worlds.
#include "tests/conformance/linux_net.h"
#include "tests/conformance/world_contract.h"

namespace p2p::conformance {

INSTANTIATE_TYPED_TEST_SUITE_P(Linux, WorldContract, LinuxNet);

}  // namespace p2p::conformance
