// What a node knows of the pieces that a content lacks: whom it asked, when, and what they said.
// For people who ask why a content is not whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/time.h"

namespace p2p {

// What a peer has said of a piece, or what has come of asking it for that piece.
enum class PieceAnswer {
  // Of peers that are connected.
  unanswered,  // it was asked whether it has it
  lacks,
  has,
  asked,   // for the piece, and nothing has come yet
  coming,  // some of it has
  // Of asks that have ended without the piece.
  lacked,       // it had said that it has it, and took that back
  slow,         // too little came in too long a time
  silent,       // nothing came
  gone,         // the connection ended before
  wrong_bytes,  // what came is not the piece
};
inline constexpr size_t kPieceAnswers = static_cast<size_t>(PieceAnswer::wrong_bytes) + 1;
// For programs: the name above.
std::string_view piece_answer_name(PieceAnswer answer);

struct PieceTalk {
  Endpoint peer;
  PieceAnswer answer = PieceAnswer::unanswered;
  std::optional<Time> asked;  // for the piece
  std::optional<Time> ended;  // of asks that have
};

struct MissingPiece {
  Digest digest;
  bool node = false;     // of the tree; else data
  uint64_t offset = 0;   // in the content, of data; 0 of nodes
  uint32_t length = 0;   // bytes of the content, of data
  uint32_t holders = 0;  // peers that are connected and say that they have it
  bool arrived = false;  // it is being checked
  // At most Limits::story_talks_max; the latest asks that came to nothing first, then what is open.
  std::vector<PieceTalk> talks;
};

// One peer, and how many pieces of all that this node fetches stand how with it. `lacked` to
// `wrong_bytes`: of the asks that are remembered (Limits::failed_asks_kept).
struct PeerInStory {
  Endpoint peer;
  bool connected = false;
  uint64_t given_bytes = 0;  // of verified pieces, over the connections that are open
  std::array<uint64_t, kPieceAnswers> pieces{};
  std::optional<Time> asked_since;  // the oldest ask to which nothing has come
};

struct ContentStory {
  Digest root;
  Time as_of;  // the latest event's; times below are relative to no other clock
  bool shape_known = false;
  uint64_t length = 0;  // bytes, when the shape is known
  uint64_t done = 0;
  // Of the pieces that are known to be missing.
  size_t missing = 0;
  size_t asked = 0;                  // of somebody, and awaited
  size_t arrived = 0;                // being checked
  size_t nobody_has = 0;             // as far as the peers have said
  std::vector<MissingPiece> pieces;  // the first of them: nodes, then data by offset
  std::vector<PeerInStory> peers;    // by endpoint
  std::optional<Time> paused_until;  // the store can take nothing until then
};

}  // namespace p2p
