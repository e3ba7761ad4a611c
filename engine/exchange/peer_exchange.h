// What one connection has to do with pieces: what we want of the peer, and what it wants of us.
// Made when the first of either comes up; an idle neighbour has none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/time.h"
#include "engine/wire/frame.h"

namespace p2p {

// A wanted piece, numbered in the order in which pieces came to be wanted. Never used twice.
using PieceIndex = uint64_t;

// Where a wanted piece stands with one peer.
enum class Standing {
  want_sent,  // asked whether it has it, no answer yet
  lacked,     // it hasn't; the want stands, a have may follow
  has,
  asked,
  refused,  // it said have, then lack to the ask: wanted again after a while
};

// Our side: docs/protocol.md, Pieces.
struct PeerDownloads {
  std::map<PieceIndex, Standing> pieces;  // at most Limits::wants_per_peer_max
  std::vector<PieceIndex> ready;          // has, not asked of anyone when it was put here
  std::set<Digest> abandoned;             // asks that are open but no longer needed here
  PieceIndex next_want = 0;               // the window of wants goes on from here
  size_t open_asks = 0;                   // asked and abandoned ones
  size_t window = 0;                      // how many open asks are good at present
  uint64_t bytes_landed = 0;
  uint64_t bytes_at_check = 0;
  Time check_at = Time::never();  // when progress is looked at next
  Time last_progress;
  Time rewant_at = Time::never();
  Time turn_window_at;  // the earliest time to give up a useless window
  bool slow = false;

  // A legacy peer is asked for one piece at a time.
  std::optional<Digest> legacy_ask;
  Time legacy_asked_at;
  Time legacy_deadline = Time::never();
  Duration legacy_patience;             // zero until it has answered once
  std::map<Digest, Time> legacy_lacks;  // until when it is not asked again
};

// Its side.
struct PeerUploads {
  std::deque<Digest> asks;                           // not loaded yet
  std::multiset<Digest> open_asks;                   // waiting, being loaded, or queued to be sent
  size_t loading = 0;                                // pieces
  std::vector<Digest> wants;                         // standing ones, sorted
  std::deque<std::pair<FrameType, Digest>> answers;  // have and lack that are owed
  std::set<Digest> owed_haves;                       // those of them that say have
  std::set<Digest> cancelled_loads;                  // being loaded when the cancel came
};

struct PeerExchange {
  PeerDownloads down;
  PeerUploads up;
};

}  // namespace p2p
