// What a command asks the running node to do in its stead: one line of JSON on the node's control
// socket, such as {"schema":1,"ask":"errand","command":"gc","json":false,"dry_run":true}. The
// answer is what the command is to say and to print, a line for each (errand_words.h), the exit
// status last.
//
// A node that was not made for errands, or not for this one, declines; the command then does
// without it what it can.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/piece_size.h"
#include "engine/base/time.h"

namespace p2p::app {

struct RemoveErrand {
  Digest id;
  bool json = false;
};
struct CollectErrand {
  bool json = false;
  bool dry_run = false;
};
struct VerifyErrand {
  bool json = false;
  std::optional<Digest> id;  // nullopt: all
};
// With it comes a descriptor of what is added, open for reading.
struct AddErrand {
  std::string path;  // absolute; any bytes
  std::optional<PieceSize> piece_size;
  bool copy = false;
  bool share = false;  // list it, and say how others get it
  bool json = false;
  bool quiet = false;  // print the id alone
};
// Another process has put pieces into the store, and has listed contents as cached: the node gives
// them too from now on, and keeps the cache within its bounds.
struct CacheErrand {
  std::optional<uint64_t> limit;  // bytes; nullopt: the node's own
};
// Fetches a content into what comes with it: PATH.part, open for reading and writing, which stays
// under its name. The answer is get_words.h.
struct GetErrand {
  Digest id;
  std::string path;    // absolute, where the content will stand; any bytes
  std::string called;  // the same as its user wrote it, for sentences
  PieceSize piece_size;
  std::optional<Duration> timeout;
  std::vector<HostPort> peers{};  // of its ticket; at most kTicketPeersMax
  bool directories = false;       // the command lays one out itself, when all of it is in PATH.part
  std::vector<std::string> paths{};  // of a directory only these, which are not listed or kept
};
// What was fetched so stands at its path now, a file or a directory. With it comes a descriptor of
// it, open for reading.
struct SavedErrand {
  Digest id;
  std::string path;  // as in GetErrand
};
using Errand = std::variant<RemoveErrand, CollectErrand, VerifyErrand, AddErrand, CacheErrand,
                            GetErrand, SavedErrand>;

std::string errand_line(const Errand& errand);

// Whether a question on the control socket is one, understood or not.
bool is_errand(std::string_view line);
// Or why it can't be understood: a sentence.
std::variant<Errand, std::string> parse_errand(std::string_view line);

}  // namespace p2p::app
