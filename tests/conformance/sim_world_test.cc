// The simulated world against the contract of all worlds, on networks of several kinds.
#include <string>

#include "tests/conformance/ending_contract.h"
#include "tests/conformance/sim_net.h"
#include "tests/conformance/world_contract.h"

namespace p2p::conformance {
namespace {

using sim::Chunks;
using sim::NetworkModel;

sim::Probability one_in(uint64_t n) { return {sim::Probability::kOne / n}; }

NetworkModel with_chunks(Chunks chunks) {
  NetworkModel model;
  model.chunks = chunks;
  return model;
}

// Uplinks slower than downlinks, every link of its own length, a segment in a hundred lost.
NetworkModel slow_and_lossy(Chunks chunks) {
  NetworkModel model = with_chunks(chunks);
  model.latency = {sim::LatencyLaw::Kind::exponential,
                   Duration::milliseconds(1),
                   {},
                   Duration::milliseconds(30)};
  model.jitter = Duration::milliseconds(3);
  model.bandwidth = {20'000'000, 100'000'000};
  model.loss = one_in(100);
  return model;
}

struct Whole : SimNet {
  Whole() : SimNet(with_chunks(Chunks::whole)) {}
};
struct Segments : SimNet {
  Segments() : SimNet(with_chunks(Chunks::segments)) {}
};
struct Adversarial : SimNet {
  Adversarial() : SimNet(with_chunks(Chunks::adversarial)) {}
};
struct SlowAndLossy : SimNet {
  SlowAndLossy() : SimNet(slow_and_lossy(Chunks::segments)) {}
};
struct SlowLossyAdversarialAndClocksDrift : SimNet {
  SlowLossyAdversarialAndClocksDrift() : SimNet(slow_and_lossy(Chunks::adversarial), true) {}
};

struct Names {
  template <class Net>
  static std::string GetName(int) {
    if (std::is_same_v<Net, Whole>) return "Whole";
    if (std::is_same_v<Net, Segments>) return "Segments";
    if (std::is_same_v<Net, Adversarial>) return "Adversarial";
    if (std::is_same_v<Net, SlowAndLossy>) return "SlowAndLossy";
    return "SlowLossyAdversarialAndClocksDrift";
  }
};

}  // namespace

using SimNets =
    testing::Types<Whole, Segments, Adversarial, SlowAndLossy, SlowLossyAdversarialAndClocksDrift>;
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, WorldContract, SimNets, Names);
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, EndingContract, SimNets, Names);

}  // namespace p2p::conformance
