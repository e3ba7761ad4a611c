// One connection as the engine knows it, and the table of all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/core/notice.h"
#include "engine/core/outbox.h"
#include "engine/exchange/peer_exchange.h"
#include "engine/exchange/rate_limit.h"
#include "engine/overlay/points.h"
#include "engine/overlay/record_allowance.h"
#include "engine/overlay/record_rules.h"
#include "engine/wire/decoder.h"

namespace p2p {

enum class Phase {
  connecting,  // dialled, no answer yet
  open,
  flushing,   // closing: what is queued still goes out, what comes in is dropped
  lingering,  // all is sent and the writing side shut; reading until the peer closes
  closed,     // the world was told; about to be removed
};

struct Connection {
  Connection(ConnId conn_id, const Endpoint& to, PieceSize piece_size)
      : id(conn_id), remote(to), decoder(piece_size) {}

  ConnId id;
  Endpoint local;
  Endpoint remote;
  Phase phase = Phase::connecting;
  PeerKind kind = PeerKind::unidentified;
  bool presumed_legacy = false;  // dialled and silent: treated as legacy until it says hello
  bool read_interest = false;    // what the world is to wait for
  bool write_interest = false;
  bool said_read = false;  // what it was told last
  bool said_write = false;
  bool surplus = false;     // beyond the neighbours: kept only while pieces move
  bool feeler = false;      // dialled to see whether somebody is there, not for want of neighbours
  bool to_be_kept = false;  // a feeler that becomes a neighbour if it lasts
  bool apart = false;       // dialled for a look-up or for pieces: in no neighbour's slot
  bool seeking = false;     // and for a look-up: the finder closes it
  bool has_found = false;   // it answered a seek: pieces may be wanted of it, if it is seeking
  bool quiet = false;       // dialled, and nothing has come for longer than a peer may be silent
  uint64_t order = 0;       // later connections have larger ones

  HelloTrailer hello;                  // when extended
  std::optional<Endpoint> claimed;     // where it says that it listens
  uint16_t claimed_port = 0;           // the port of that, believed or not; 0: it doesn't listen
  bool in_places = false;              // the finder's table of places counts this connection
  bool in_book = false;                // the book counts this connection for spoken_for
  std::optional<Endpoint> spoken_for;  // the endpoint whose life in the book this connection is

  FrameDecoder decoder;
  Outbox outbox;
  std::shared_ptr<Block> landing;  // the piece that is arriving, if it is wanted
  Digest landing_digest;
  Time landing_since;
  uint32_t landing_length = 0;  // of the payload, without the zeros that a trim left out
  std::unique_ptr<PeerExchange> exchange;
  Leave to_send;  // bytes of pieces, where there is a ceiling on them
  Leave to_receive;

  Time opened;
  Time last_received;
  Time last_sent;
  Time frame_began;    // meaningful while decoder.mid_frame()
  Time write_blocked;  // since when the world has taken nothing of the outbox
  Time next_pex = Time::never();
  Time closing_ends = Time::never();  // flushing and lingering
  Time last_exchange;
  Time guest_until = Time::never();  // accepted when all slots were taken: it goes then
  uint64_t news_seen = 0;            // what of the book's news this peer was told
  Time listed_at;  // when it was last told of those who are alive, new to it or not
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t given_bytes = 0;  // of verified pieces
  Points misdeeds;           // misdeeds.h
  RecordAllowance records;
  Time timer = Time::never();  // the entry in the engine's timer queue that counts
  bool touched = false;        // it is to be settled

  // Set by whoever finds a reason to close; acted on when the event's work is done.
  std::optional<CloseReason> doom;
  std::string doom_detail;
  std::optional<NetError> ended;  // the world said so

  bool accepted() const { return id.is_accepted(); }
  bool open() const { return phase == Phase::open && !doom; }
  bool guest() const { return !guest_until.is_never(); }
  bool extended() const { return kind == PeerKind::extended; }
  bool legacy() const { return kind == PeerKind::legacy || presumed_legacy; }
  // Its kind is settled, or presumed: pieces may be asked of it.
  bool identified() const { return kind != PeerKind::unidentified || presumed_legacy; }
  Link link() const { return {local, remote}; }
};

// Ordered by id, so that going through it is the same in every run. One array: it is gone through
// and searched far more often than a connection comes or goes. Neither add() nor erase() may be
// called while it is gone through.
class ConnectionTable {
 public:
  using Entries = std::vector<std::pair<ConnId, std::unique_ptr<Connection>>>;

  Connection& add(std::unique_ptr<Connection> connection);
  // nullptr for one that is gone or never was.
  Connection* find(ConnId id) const;
  void erase(ConnId id);
  Entries::const_iterator begin() const { return entries_.begin(); }
  Entries::const_iterator end() const { return entries_.end(); }
  size_t size() const { return entries_.size(); }

  // Whoever queues bytes, changes an exchange or dooms a connection touches it; the engine settles
  // the touched ones at the end of the event.
  void touch(ConnId id);
  std::optional<ConnId> take_touched();
  bool any_touched() const { return touched_first_ < touched_.size(); }
  void doom(Connection& connection, CloseReason reason, std::string detail = {});

 private:
  Entries::const_iterator lower_bound(ConnId id) const;

  Entries entries_;
  std::vector<ConnId> touched_;  // in the order in which they were
  size_t touched_first_ = 0;     // those before it were taken
};

}  // namespace p2p
