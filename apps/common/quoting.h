// Text that people, terminals and shells get to see: made of names that strangers chose.
#pragma once

#include <string>
#include <string_view>

namespace p2p::app {

// As it is where a POSIX shell takes it for one word, else in single quotes.
std::string shell_quoted(std::string_view text);

// With control characters written as \xNN, so that a name can't end a line or drive a terminal.
std::string printable(std::string_view text);

// A file name made from one that a stranger chose: what is behind the last slash, without leading
// dots and dashes, control characters replaced by "_", at most 200 bytes (which leaves room for
// ".part" within the 255 of Linux). May be empty.
std::string safe_file_name(std::string_view name);

}  // namespace p2p::app
