#include "engine/base/check.h"

#include <stdexcept>

namespace p2p {

namespace {

[[noreturn]] void raise(const char* what) { throw std::logic_error(what); }

}  // namespace

// An exception that leaves a noexcept function ends the program through std::terminate, with its
// text shown by the runtime. That is how a pure library says what went wrong.
void check_failed(const char* what) noexcept { raise(what); }

}  // namespace p2p
