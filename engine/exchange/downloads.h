// The scheduler: which pieces are wanted, who has them, who is asked for which, and what happens
// when a peer is slow, wrong or gone (docs/protocol.md, Pieces).
//
// A wanted piece goes missing -> asked -> hashing -> storing and leaves when it is stored. A peer
// is asked whether it has what may soon be asked of it, nodes first, not about everything at once.
// Of what a peer has, what the fewest have is asked for first, of the holder from whom it can be
// expected soonest; what another keeps waiting for, though this one has it and is free, is taken
// back from there by a cancel, and so is now and then what waits when one more comes to have it.
// When everything was asked for (the endgame), and that has not helped for two seconds, a peer is
// asked for what others keep waiting for; whoever begins first gives it, the others' asks are
// cancelled. What has begun is asked for again only where it would come much sooner. Every ask
// reserves the bytes that its answer will land in, out of Limits::receive_budget_bytes, until the
// piece is stored or the ask has ended; those who give late may take half of it. While the link is
// busy no more comes at a time than it brings soon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/core/content_story.h"
#include "engine/core/context.h"
#include "engine/exchange/ask_record.h"
#include "engine/exchange/block_pool.h"
#include "engine/exchange/link_meter.h"
#include "engine/exchange/peer_exchange.h"
#include "engine/wire/decoder.h"

namespace p2p {

// A piece that has arrived and matches its name.
struct VerifiedPiece {
  Digest digest;
  Slice bytes;  // without the zeros that a trim left out
};

class Downloads {
 public:
  explicit Downloads(Context& context);

  // Makes a piece wanted; once more does nothing. Requires that it is not held. `is_node`: what it
  // names can't be wanted before it is here, so it is asked for before others.
  void want(const Digest& digest, bool is_node);
  // No longer: open asks are cancelled, an answer that comes all the same is dropped.
  void unwant(const Digest& digest);
  bool is_wanted(const Digest& digest) const { return index_of_.contains(digest); }
  size_t wanted_count() const { return index_of_.size(); }
  size_t budget_used() const { return budget_used_; }

  // What a peer sent.
  void on_have(Connection& connection, std::span<const Digest> digests);
  void on_lack(Connection& connection, std::span<const Digest> digests);
  // It asked us for this piece, so it doesn't have it. For legacy peers, who say no lack.
  void on_asked_by_legacy(Connection& connection, const Digest& digest);
  // A give or trim begins. True: connection.landing is where it goes.
  bool on_payload_begin(Connection& connection, const PayloadBegin& payload);
  // It has come whole; connection.landing is handed on to be hashed.
  void on_payload_end(Connection& connection, const PayloadEnd& payload);
  void on_bytes_landed(Connection& connection, size_t bytes);
  // So many bytes of pieces have come, of use or not.
  void on_received(size_t bytes) { meter_.moved(context_.now, bytes); }

  // A completion. Gives the piece when it was hashed and is what it should be.
  std::optional<VerifiedPiece> on_hashed(OpId op, const Digest& digest);
  // The store has it, or could not take it: then it is missing again.
  void on_stored(const Digest& digest, bool ok);

  // Sends wants and asks as far as windows and budget allow.
  void pump(Connection& connection);
  // All asks of the connection are void; their pieces are asked of others.
  void on_gone(Connection& connection);
  // When something of this connection is due, and acting on it.
  Time next_check(const Connection& connection) const;
  void check(Connection& connection);

  // Whether pieces came to be wanted since the last call: every peer is to be told.
  bool take_new_wants();
  // Asks for nothing more until then: the store can't take it.
  void pause(Time until);
  Time paused_until() const { return paused_until_; }
  // Says when a pause has just ended.
  bool resume_if_due();
  // When what is open is looked at again, for peers that could be asked for it too.
  Time next_look() const { return look_at_; }
  void look_if_due();

  // For people (download_story.cc). One more piece of the story's content is missing.
  void count(const Digest& digest, ContentStory& story) const;
  // Who said what of the story's pieces.
  void tell(ContentStory& story) const;

 private:
  enum class State { missing, hashing, storing, finished };
  struct Piece {
    Digest digest;
    State state = State::missing;
    bool is_node = false;
    uint32_t holders = 0;  // peers that have it, as far as they have said
    uint32_t asks = 0;     // open ones
    uint32_t begun = 0;    // of them and of soft ones, those whose answers are coming
    Time asked_at;         // the latest of them
    Time recalled_at;      // the latest cancel that asks for one back
    uint32_t soft_asks =
        0;  // those of legacy peers, who may never answer: others are asked as well
  };
  struct Hashing {
    PieceIndex index = 0;
    Digest expected;
    ConnId from;
    Slice bytes;
    Endpoint giver;
    Time asked;
  };

  // Less than this in Limits::ask_slow_after is no progress at all.
  static constexpr int64_t kAliveBytes = 8 << 10;

  PeerDownloads& of(Connection& connection);
  Piece* piece_at(PieceIndex index);
  std::optional<PieceIndex> index_of(const Digest& digest) const;
  size_t piece_bytes() const { return context_.config.piece_size.bytes(); }
  bool budget_allows() const;
  bool budget_allows(const PeerDownloads& down) const;
  bool enough_comes() const;
  size_t pieces_in(Duration time, size_t least) const;
  size_t asks_allowed(const PeerDownloads& down) const;

  void send_wants(Connection& connection, PeerDownloads& down);
  size_t known_enough() const;
  std::optional<PieceIndex> next_node_to_want(PeerDownloads& down) const;
  std::optional<PieceIndex> next_to_want(PeerDownloads& down);
  void turn_window(Connection& connection, PeerDownloads& down);
  void send_asks(Connection& connection, PeerDownloads& down);
  std::optional<PieceIndex> take_ready(PeerDownloads& down);
  Connection& soonest_holder(PieceIndex index, Connection& at_hand);
  Duration expected(const PeerDownloads& down) const;
  std::optional<PieceIndex> take_late(PeerDownloads& down);
  void recall_what_waits(Connection& connection, PeerDownloads& down);
  void share_out(const Connection& connection, const PeerDownloads& down,
                 std::span<const PieceIndex> now_had);
  bool recall(PieceIndex index, ConnId but);
  bool comes_late(PieceIndex index, const PeerDownloads& down) const;
  Duration yet_to_come(const Connection& giver) const;
  bool drips(const Connection& giver) const;
  void now_has(PeerDownloads& down, PieceIndex index, Standing& standing);
  void ask_ended(PeerDownloads& down, PieceIndex index);
  bool all_asked() const { return asked_.size() + arrived_ >= index_of_.size(); }
  bool waits_long(const Piece& piece, const PeerDownloads& down) const;
  void note_wait(PeerDownloads& down, Duration wait);
  void note_pace(PeerDownloads& down, Time asked_at, size_t bytes);
  void cancel_elsewhere(PieceIndex index, ConnId but);
  void look_again_later();
  void ask(Connection& connection, PeerDownloads& down, PieceIndex index);
  void ask_legacy(Connection& connection, PeerDownloads& down);
  std::optional<PieceIndex> choose_for_legacy(PeerDownloads& down);
  void end_legacy_ask(PeerDownloads& down);

  // An ask for a piece that is still wanted ends without the piece.
  void ask_failed(PeerDownloads& down, PieceIndex index);
  void abandon(Connection& connection, PeerDownloads& down, PieceIndex index);
  // If this piece is arriving, the rest of it is read and dropped.
  void drop_landing(Connection& connection, const Digest& digest);
  void touch_idle_legacy();
  void offer_to_holders(PieceIndex index);
  void missing_again(PieceIndex index);
  void give_up_asks_of_slow(Connection& connection, PeerDownloads& down, PieceAnswer answer);
  void stop_landing(Connection& connection);
  bool someone_else_has(PieceIndex index, ConnId but) const;
  void drop_from_peers(PieceIndex index, const Digest& digest);
  void erase(PieceIndex index);
  void reserve() { budget_used_ += piece_bytes(); }
  void unreserve();
  void set_active(Connection& connection, const PeerDownloads& down);
  // Before the ask is ended: nothing has come of it.
  void note_failed(const Connection& connection, PieceIndex index, PieceAnswer answer);
  std::vector<std::pair<PieceIndex, PieceTalk>> open_talks(const Connection& connection) const;

  Context& context_;
  BlockPool pool_;
  size_t budget_;
  size_t budget_used_ = 0;
  LinkMeter meter_;
  size_t landing_ = 0;      // pieces that are coming
  size_t legacy_asks_ = 0;  // open ones; they may hold half of the budget
  PieceIndex base_ = 0;     // the index of pieces_.front()
  std::deque<Piece> pieces_;
  std::unordered_map<Digest, PieceIndex, DigestHash> index_of_;  // looked up, never gone through
  std::set<PieceIndex> nodes_;                                   // those wanted that are nodes
  std::set<PieceIndex> asked_;                                   // missing, and asked for
  size_t arrived_ = 0;  // wanted pieces that are being hashed or stored
  Time look_at_ = Time::never();
  std::map<OpId, Hashing> hashing_;
  std::set<ConnId> peers_;   // connections with a PeerDownloads in use
  std::set<ConnId> active_;  // those with asks open or pieces ready
  bool new_wants_ = false;
  Time paused_until_;
  AskRecord failed_asks_;
};

}  // namespace p2p
