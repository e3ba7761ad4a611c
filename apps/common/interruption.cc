#include "apps/common/interruption.h"

#include <cstdlib>

namespace p2p::app {

bool Interruption::requested() {
  while (const auto signal = signals_.take()) {
    if (requested_) std::_Exit(128 + *signal);
    requested_ = true;
  }
  return requested_;
}

}  // namespace p2p::app
