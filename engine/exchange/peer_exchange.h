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
#include "engine/exchange/upload_queue.h"
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
  PieceIndex next_want = 0;               // the window of wants goes on from here to the end
  PieceIndex next_low_want = 0;           // then from here
  PieceIndex low_wants_end = 0;           // to here
  PieceIndex next_node_want = 0;          // and nodes before either, from here on
  size_t wants_open = 0;                  // those that are want_sent
  size_t open_asks = 0;                   // asked and abandoned ones
  std::map<PieceIndex, Time> asked_at;    // of those asked, as long as nothing has come
  size_t window = 0;                      // how many asked ones are good at present
  Duration answer_time;                   // the least from an ask to its first byte; zero: unknown
  Duration wait;                          // of the latest ask to its first byte; zero: unknown
  Duration pace;                          // what a piece takes when asks wait; an average
  Time last_came;                         // when the last whole piece had
  uint64_t bytes_landed = 0;
  uint64_t bytes_at_check = 0;
  Time check_at = Time::never();  // when progress is looked at next
  Time last_progress;
  Time rewant_at = Time::never();
  Time turn_window_at;  // the earliest time to give up a useless window
  bool slow = false;
  // Of what others were asked for and this peer has, when last looked at.
  bool nothing_late = false;
  bool nothing_waits = false;
  std::set<PieceIndex> recalled;  // of those asked: a cancel is on its way

  // A legacy peer is asked for one piece at a time.
  std::optional<Digest> legacy_ask;
  Time legacy_asked_at;
  Time legacy_deadline = Time::never();
  Duration legacy_patience;             // zero until it has answered once
  std::map<Digest, Time> legacy_lacks;  // until when it is not asked again
};

// A piece on its way out: being loaded, or queued to be sent.
struct Transfer {
  Digest digest;
  uint64_t number = 0;  // never used twice in a node
  Time since;
  size_t bytes = 0;  // when it has been loaded
};

// Its side.
struct PeerUploads {
  std::deque<Digest> asks;                           // not loaded yet
  std::multiset<Digest> open_asks;                   // waiting, being loaded, or queued to be sent
  std::vector<Transfer> transfers;                   // begun
  size_t loading = 0;                                // pieces of them
  UploadPlace place;                                 // among those who wait for one
  Time parked_until;                                 // not among them till then, unless it asks
  Duration takes;                                    // a whole piece, an average; zero: unknown
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
