// What peers ask of us: wants answered by have or lack, asks by give, trim or lack
// (docs/protocol.md, Pieces). What is owed is kept as hashes and turned into bytes only when the
// peer takes them, so that reading never waits for writing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "engine/core/context.h"
#include "engine/exchange/link_meter.h"
#include "engine/exchange/peer_exchange.h"

namespace p2p {

// The pieces that the store vouches for.
class HeldPieces {
 public:
  bool contains(const Digest& digest) const { return held_.contains(digest); }
  void insert(const Digest& digest) {
    held_.insert(digest);
    unread_.erase(digest);
  }
  void erase(const Digest& digest) {
    held_.erase(digest);
    unread_.erase(digest);
  }
  // The store could not give it. That it has none is for good; any other trouble may pass.
  void on_unreadable(const Digest& digest, StoreStatus status) {
    if (held_.erase(digest) > 0 && status != StoreStatus::not_held) unread_.insert(digest);
  }
  bool any_unread() const { return !unread_.empty(); }
  std::set<Digest> take_unread() { return std::exchange(unread_, {}); }
  size_t size() const { return held_.size(); }

 private:
  std::unordered_set<Digest, DigestHash> held_;  // looked up, never gone through
  std::set<Digest> unread_;                      // not held until they are tried again
};

class Uploads {
 public:
  Uploads(Context& context, HeldPieces& held)
      : context_(context), held_(held), meter_(context.config.piece_size.bytes()) {}

  void on_want(Connection& connection, std::span<const Digest> digests);
  void on_ask(Connection& connection, const Digest& digest);
  void on_cancel(Connection& connection, std::span<const Digest> digests);
  // A completion of LoadPiece. False: the operation is not one of ours.
  bool on_loaded(OpId op, StoreStatus status, StoredBytes bytes);
  // These pieces have gone out whole.
  void on_pieces_sent(Connection& connection, std::span<const Digest> digests);

  // So many bytes of pieces have gone out.
  void on_payload_sent(size_t bytes) { meter_.moved(context_.now, bytes); }

  // The piece is held now: tell those who want it.
  void announce(const Digest& digest);
  // Queues answers as far as the peer takes them, and a place among those who wait for a piece.
  void pump(Connection& connection);
  // Starts on the pieces whose turn it is, and says whether there was one. For the end of every
  // event.
  bool serve();
  // When serve() has something to do though nothing happens.
  Time next_due() const;
  void on_gone(Connection& connection);

 private:
  // Whose asks were looked at for the one to serve next.
  struct Choice {
    ConnId conn;
    size_t ask = 0;  // of PeerUploads::asks
    uint32_t times = 0;
  };
  struct Load {
    ConnId conn;
    Digest digest;
  };
  // How often a piece was given: in all, and lately, without a pause since then.
  struct Given {
    uint32_t times = 0;
    uint32_t lately = 0;
    Time since;
    Time last;
  };

  PeerUploads& of(Connection& connection);
  void owe_answer(Connection& connection, PeerUploads& up, FrameType type, const Digest& digest);
  void send_answers(Connection& connection, PeerUploads& up);
  bool says_something(const Transfer& transfer) const;
  bool takes_one(const PeerUploads& up) const;
  bool has_room(const Connection& connection, const PeerUploads& up) const;
  void queue_up(Connection& connection, PeerUploads& up);
  size_t slots(size_t least, size_t bytes) const;
  size_t slots_most() const;
  size_t slots_least() const;
  size_t slots_usual() const;
  void follow_link();
  bool slot_is_free() const;
  PeerUploads& up_of(ConnId id) const;
  Time longest_wait_ends() const;
  bool one_waits_too_long() const;
  Duration patience() const;
  Duration patience_with(const PeerUploads& up) const;
  Time next_slot_lost() const;
  void take_slots_of_slow();
  std::optional<Choice> choose();
  std::optional<Choice> best_ask(ConnId conn, Time may_give) const;
  void park(ConnId id);
  void unpark(ConnId id, PeerUploads& up);
  bool end_parking();
  void start(const Choice& choice);
  Given given(const Digest& digest) const;
  Time may_give_from(const Given& given) const;
  void note_given(Given& given) const;
  void end_transfer(PeerUploads& up, const Digest& digest, bool sent);
  void note_taken(PeerUploads& up, const Transfer& transfer);
  void refuse_ask(Connection& connection, PeerUploads& up, const Digest& digest);
  void cancel_ask(Connection& connection, PeerUploads& up, const Digest& digest);
  void queue_piece(Connection& connection, const Digest& digest, StoredBytes bytes);

  Context& context_;
  HeldPieces& held_;
  std::map<OpId, Load> loads_;
  std::set<ConnId> peers_;          // connections with a PeerUploads in use
  UploadQueue queue_;               // of connections that could be given a piece
  std::map<uint64_t, Time> slots_;  // of transfers, by number: how long each keeps its own
  LinkMeter meter_;
  Time last_start_;             // of a transfer
  size_t slots_open_ = 0;       // so many may be taken however busy the link is
  Time slots_changed_;          // when slots_open_ was
  uint64_t last_transfer_ = 0;  // its number
  // Those who ask only for what may not be given yet, and until when.
  std::set<std::pair<Time, ConnId>> parked_;
  // Of pieces given since the table was last emptied. Looked up, never gone through.
  std::unordered_map<Digest, Given, DigestHash> given_;
};

}  // namespace p2p
