// What the node says, besides errand_words.h, to a get that it fetches for (GetErrand): numbers,
// which the command turns into what it says and prints. The last is WholeWord, FailedWord or a
// decline: the command does it itself then, with what is in PATH.part. After the WholeWord of a
// directory the node keeps what it has for as long as the command stays connected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/progress.h"

namespace p2p::app {

struct ResumedWord {
  uint64_t here = 0;   // bytes that an earlier run has left
  uint64_t total = 0;  // of the content
};
struct FetchedWord {
  ProgressView view;
};
// All is checked, in its place, and on the disk.
struct WholeWord {
  uint64_t length = 0;     // bytes
  bool directory = false;  // that has to be laid out
};
struct FailedWord {
  Failure failure;
};
using GetWord = std::variant<ResumedWord, FetchedWord, WholeWord, FailedWord>;

std::string get_word_line(const GetWord& word);
// nullopt: no such word of this version.
std::optional<GetWord> parse_get_word(std::string_view line);

}  // namespace p2p::app
