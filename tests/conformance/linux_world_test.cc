// The Linux world against the contract of all worlds.
#include "tests/conformance/ending_contract.h"
#include "tests/conformance/linux_net.h"
#include "tests/conformance/world_contract.h"

namespace p2p::conformance {

INSTANTIATE_TYPED_TEST_SUITE_P(Linux, WorldContract, LinuxNet);
INSTANTIATE_TYPED_TEST_SUITE_P(Linux, EndingContract, LinuxNet);

}  // namespace p2p::conformance
