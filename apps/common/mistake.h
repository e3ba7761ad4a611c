// What is wrong with a command line, as CLI11 found it, in one sentence.
#pragma once

#include <string>

namespace CLI {
class App;
class Error;
}  // namespace CLI

namespace p2p::app {

// Throws the error that `sentence_of` says as "OPTION: WHY".
[[noreturn]] void refuse(const std::string& option, const std::string& why);

// On one line, without a full stop, control characters made visible, ending in what to type for
// help: "(see PROGRAM COMMAND --help)".
std::string sentence_of(const CLI::Error& error, const CLI::App& app);

}  // namespace p2p::app
