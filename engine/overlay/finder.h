// The asking side of finding holders: which contents this node serves or is getting, when they are
// looked up, whom the look-ups ask and which of the holders they name are dialled
// (docs/protocol.md, Finding holders).
//
// A content that is served is looked up to be listed there: soon after the start, a few times while
// the network may be young, then every 20 minutes. One that is being fetched is looked up while no
// piece of anything comes, after 10 s doubling to 5 min. With every look-up of a content the node
// asks to be listed by all that it asks, if it listens. The own place is looked up once the node
// has neighbours, and then every four hours or so: thereby the nodes round every place know each
// other, and look-ups find the nearest.
//
// Whom a look-up asks is a neighbour, or is dialled apart from the neighbours and let go when the
// look-up is over. Who waits for others to be listed keeps those connections: a node that is
// getting something, and one that serves and that nobody has reached yet, which dials those who
// are getting it. Who is only claimed to be near the own place is dialled once, when the connection
// that said so has ended: what a seek is answered with is to be reachable.
//
// Bounds: kLookupsMax look-ups at once, each with Lookup's; kHoldersMax holders remembered for a
// content and kHolderDialsMax of them dialled for each look-up, kHoldersAtOnce at a time; kKeptMax
// connections kept. The application bounds the contents.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "engine/core/context.h"
#include "engine/overlay/lookup.h"
#include "engine/overlay/neighbours.h"
#include "engine/overlay/place_table.h"
#include "engine/overlay/seek_answers.h"

namespace p2p {

class Finder {
 public:
  static constexpr size_t kLookupsMax = 4;
  static constexpr size_t kHoldersMax = 64;
  static constexpr size_t kHolderDialsMax = 16;
  static_assert(Lookup::kAsksMax + kHolderDialsMax <= 60);  // connections for one look-up
  static constexpr size_t kHoldersAtOnce = 8;
  static constexpr size_t kKeptMax = 32;
  static constexpr size_t kProofsMax = 16;  // that wait for their dial; two are under way
  // Below so many that would tell of a new listing, whoever waits for one looks again.
  static constexpr size_t kKeptFew = 4;
  static constexpr Duration kListAgain = Duration::minutes(20);
  static constexpr Duration kFirstLook = Duration::seconds(1);
  static constexpr Duration kFirstRetry = Duration::seconds(10);
  static constexpr Duration kLongestRetry = Duration::minutes(5);
  static constexpr Duration kSettleAgain = Duration::minutes(4 * 60);

  // Both outlive it.
  Finder(Context& context, Neighbours& neighbours);

  // The whole content is held. Once more does nothing.
  void serve(const Digest& root);
  void stop_serving(const Digest& root);
  // A fetch of it has begun; and is over: whole, or not. Whole: it is served from now on.
  void get(const Digest& root);
  void got(const Digest& root, bool whole);
  // A piece of something that is wanted has come.
  void piece_came() { last_piece_ = context_.now; }

  // It said hello, or passes for a legacy peer. May be called again when the latter says hello.
  void on_identified(Connection& connection);
  void on_gone(Connection& connection);
  void on_seek(Connection& connection, const SeekMessage& seek);
  void on_found(Connection& connection, const FoundMessage& found);
  // Queues what is owed to a peer.
  void pump(Connection& connection) { answers_.pump(connection); }

  void act_if_due();
  Time next_due() const;

  const PlaceTable& table() const { return table_; }
  const Listings& listings() const { return answers_.listings(); }

 private:
  // A content, or this node's own place.
  struct Subject {
    Digest id;
    bool own_place = false;
    bool serving = false;
    size_t getting = 0;  // fetches
    Time since;          // when it was first wanted or served
    Time next_look = Time::never();
    Time listed_at;       // the last look-up's end
    uint32_t looks = 0;   // in a row that were of no use, which set the backoff
    uint32_t listed = 0;  // how often, so far
    std::unique_ptr<Lookup> lookup;
    std::vector<Endpoint> kept;     // who answered the last one, nearest first
    std::deque<Endpoint> holders;   // to be dialled
    std::set<Endpoint> dialled_to;  // since the last look-up began
    size_t holders_seen = 0;        // the same
  };
  // What was asked, or is to be when it is identified, over one connection.
  struct Ask {
    Digest id;
    Endpoint of;  // as the look-up knows it
    bool sent = false;
    bool answered = false;
  };

  // Subjects and when they are looked up (finder.cc).
  Subject& of(const Digest& root);
  void drop(const Digest& root);
  bool listens() const { return context_.config.listen_port != 0; }
  // Whether others can dial it, as far as it has seen.
  bool is_reachable() const { return listens() && was_reached_; }
  bool waits_for_listings(const Subject& subject) const;
  void learn_own_place(const Connection& connection);
  void look_soon(Subject& subject);
  void look_if_due(Subject& subject);
  bool is_coming(Subject& subject);
  void begin(Subject& subject);
  void looked(Subject& subject);
  Duration wait_after(Subject& subject, size_t answers);

  // Who is asked, and whom they name (finder_asks.cc).
  void ask_due(Subject& subject);
  void ask(Subject& subject, const Endpoint& endpoint);
  void send(Connection& connection, Ask& ask);
  void send_waiting(Connection& connection);
  void unanswered(const Ask& ask);
  Connection* connection_with(const Endpoint& endpoint) const;
  bool is_own(const Endpoint& endpoint) const;
  bool is_avoided(const Endpoint& endpoint) const;
  bool may_be_dialled(const Endpoint& endpoint, const Connection& said_by) const;
  void take_holders(Subject& subject, const Connection& connection,
                    const std::vector<Endpoint>& holders);
  void dial_holders(Subject& subject);
  bool is_needed(const Ask& ask) const;
  void let_go(Connection& connection);
  void let_go_of_unneeded();
  void prove_due();

  Context& context_;
  Neighbours& neighbours_;
  PlaceTable table_;
  SeekAnswers answers_;
  std::map<Digest, Subject> subjects_;
  std::map<ConnId, std::vector<Ask>> asks_;  // of connections that are not gone
  std::optional<Digest> own_place_;          // the id of that subject
  std::optional<Endpoint> own_;              // where this node is seen
  std::set<ConnId> neighbours_met_;          // connections with peers that may be asked
  std::deque<Endpoint> to_prove_;
  std::set<ConnId> proofs_;  // dialled for nothing else
  bool was_reached_ = false;
  size_t lookups_ = 0;
  std::optional<Time> last_piece_;
  bool changed_ = false;  // something is to be done now
  Time due_ = Time::never();
};

}  // namespace p2p
