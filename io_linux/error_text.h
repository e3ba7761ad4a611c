// What an errno means, in the C library's words: "Too many open files". Any thread.
//
// Not std::generic_category(): UndefinedBehaviorSanitizer checks its virtual call with a pipe, and
// takes the object for a broken one where descriptors have run out, which is when we ask.
#pragma once

#include <string>

namespace p2p::io_linux {

std::string error_text(int error_number);

}  // namespace p2p::io_linux
