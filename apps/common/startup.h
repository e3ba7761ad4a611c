// What a program does before all else.
#pragma once

#include <string>
#include <vector>

namespace p2p::app {

// Opens /dev/null in place of those of the first three descriptors that are closed: whoever starts
// us so must not find a socket or a file there.
void fill_standard_descriptors();

// Those after the program's name.
std::vector<std::string> arguments_of(int argc, char** argv);

}  // namespace p2p::app
