// Assertions that stay on in every build: for what a caller does wrong, never for what a peer does.
#pragma once

namespace p2p {

// Ends the program. `what` reaches the terminate handler, which prints it: the engine itself writes
// nothing.
[[noreturn]] void check_failed(const char* what) noexcept;

}  // namespace p2p

#define P2P_STRINGIFY_INNER(x) #x
#define P2P_STRINGIFY(x) P2P_STRINGIFY_INNER(x)
#define P2P_CHECK(condition)    \
  (static_cast<bool>(condition) \
       ? static_cast<void>(0)   \
       : ::p2p::check_failed(__FILE__ ":" P2P_STRINGIFY(__LINE__) ": " #condition))
