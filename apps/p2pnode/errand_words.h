// What the node says to a command whose errand it runs (errand.h): a line of JSON for each, texts
// in hex, such as {"say":"6e6f20726f6f6d","importance":"error"}; the last is {"end":0} or a
// decline.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "apps/common/talk.h"
#include "apps/p2pnode/exit_code.h"

namespace p2p::app {

struct PrintWord {
  std::string text;  // lines of standard output; any bytes
};
struct SayWord {
  Importance importance = Importance::info;
  std::string sentence;
};
struct ProgressWord {
  std::string line;  // empty: there is none any more
};
struct EndWord {
  ExitCode code = ExitCode::done;
};
// The node does nothing of it.
struct DeclineWord {
  std::string why;  // a sentence
};
using ErrandWord = std::variant<PrintWord, SayWord, ProgressWord, EndWord, DeclineWord>;

std::string word_line(const ErrandWord& word);
// nullopt: no word of this version.
std::optional<ErrandWord> parse_word(std::string_view line);

}  // namespace p2p::app
