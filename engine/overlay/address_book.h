// The endpoints that a node knows: whom it may dial next, and whom it may hand on to others.
//
// Hearsay is what somebody said; tried is what this node has spoken with. Only tried entries are
// handed on, and no amount of hearsay displaces one (docs/protocol.md, Bootstrap and peer
// exchange). A failed dial delays the next, from 1 s doubling to 5 min, a quarter more or less;
// hearsay whose third dial fails is dropped and not believed again for a while; if that goes on at
// one address, nothing that is said of the address is (shun_list.h).
//
// Bounds: at most `max_entries`, of which tried ones take at most three quarters, so that news
// always finds a place. At most an eighth is hearsay of one informant, and an eighth tried at one
// address, loopback apart, where an IPv6 /64 counts as one address. At most two are hearsay of one
// public address.
//
// Who has many addresses, in a few networks (network_group.h), gains little by them. A book that is
// full of hearsay gives up, for one more of a network of which it holds more than an eighth, the
// oldest of that network, and else the oldest of what the network said that said most; the set of
// tried ones gives up one of the network that has most there, the one that was alive longest ago.
// Who answered the last dial is tried out before it goes that way, and one with a live connection
// stays. Whom to dial and whom to hand on is drawn so that networks have equal chances.
//
// What was tried outlives the run (saved_book.h). Who was alive within a week is taken over as
// tried, due at once, and handed on to nobody until it was spoken with again; those who were alive
// last are dialled before all others.
//
// A value without I/O; the same calls give the same answers. Every operation on an endpoint that
// the book doesn't hold, or that is this node's own, is allowed and does nothing, where not said
// otherwise.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/random.h"
#include "engine/base/time.h"
#include "engine/core/endpoint_story.h"
#include "engine/overlay/dial_queue.h"
#include "engine/overlay/endpoint_index.h"
#include "engine/overlay/group_counts.h"
#include "engine/overlay/hearsay_queue.h"
#include "engine/overlay/saved_book.h"
#include "engine/overlay/shun_list.h"

namespace p2p {

// How an endpoint was spoken with.
enum class Proof {
  dialled,  // a dial to it succeeded
  claimed,  // its node connected to us, and claimed the address that we saw (Claim::believed)
};

// Why there is a connection with somebody.
enum class Stay {
  as_neighbour,
  in_passing,  // to try it out, to ask it, for pieces, or because there is no place for it
};

class AddressBook {
 public:
  using Skip = std::function<bool(const Endpoint&)>;

  static constexpr Duration kFirstRetry = Duration::seconds(1);
  static constexpr Duration kLongestRetry = Duration::minutes(5);
  static constexpr uint32_t kHearsayTries = 3;
  // Of a public address, so many endpoints at a time that were only heard of.
  static constexpr size_t kHearsayPerAddress = 2;
  // A shorter connection counts as a failure for the backoff: a peer that accepts and hangs up is
  // not dialled in a tight loop.
  static constexpr Duration kLastingConnection = Duration::seconds(60);
  // Who comes back sooner, and could always be reached, is no news: whoever was told has it in its
  // own book still.
  static constexpr Duration kNewsAgainAfter = Duration::minutes(60);
  static constexpr uint64_t kTriedOutOnceIn = 8;
  // A dial that was started and never ended counts as ended after this.
  static constexpr Duration kDialForgotten = Duration::seconds(60);
  // A machine has a few addresses. What is more comes from a peer that forwards our dials to us.
  static constexpr size_t kOwnMax = 1024;
  // How long after it was last known alive a peer is kept for the next run.
  static constexpr Duration kRememberedFor = Duration::minutes(7 * 24 * 60);
  // So many of a book that was taken over are dialled before anybody else: the neighbours of a node
  // and some more. If they are all gone without a word, the others wait for four rounds of eight
  // dials, which is 40 s.
  static constexpr size_t kDialledFirstMax = 32;

  // Requires 0 < max_entries < 2^32 - 1. `handed_on_for`: how long after it was last known alive.
  // `key`: drawn at random, not known to peers; changes nothing but where things are kept.
  AddressBook(size_t max_entries, Duration handed_on_for, uint64_t key);

  // Somebody at `source` said that there is a node at `endpoint`, and acceptable_record agreed.
  void heard(const Endpoint& endpoint, const Address& source, Time now);

  // A connection with the node at `endpoint` has opened; it is alive until as many
  // connection_ended() follow. Adds the endpoint. A claim alone is handed on while a connection
  // lives, not after; a dial proves more. False: the book has no room for it, or it is this node's
  // own; connection_ended() is then not to be called for this connection. In passing: those who ask
  // are told of it, it is no news.
  bool spoke(const Endpoint& endpoint, Proof proof, Time now, Stay stay = Stay::as_neighbour);
  // One that was spoken with in passing is to stay.
  void stays(const Endpoint& endpoint, Time now);
  void connection_ended(const Endpoint& endpoint, Time now, Random& random);

  void dial_started(const Endpoint& endpoint, Time now);
  // Neither success nor failure of the peer's: out of descriptors here, or called off. Due again
  // after 1 s.
  void dial_abandoned(const Endpoint& endpoint, Time now);
  // Of a dial that began before a connection that lives now was opened, it only sets the backoff.
  void dial_failed(const Endpoint& endpoint, Time now, Random& random);

  // A dial to it reached this very node: forgotten, and never added again in this run.
  void mark_own(const Endpoint& endpoint, Time now);
  bool is_own(const Endpoint& endpoint) const { return own_.contains(endpoint); }
  // The node there broke the protocol: for 10 minutes it is neither dialled nor remembered when
  // heard of, and it is handed on only once it is spoken with after that. For endpoints that this
  // node dialled: what a peer claimed may be another's, behind the same address. Works for an
  // endpoint that the book doesn't hold, too.
  void fault(const Endpoint& endpoint, Time now);

  // Up to `count` endpoints that are due, none with a live connection, none that `skip` is true
  // for: first, in the order of the book that was taken over, the first of it that have not been
  // dialled since; then others drawn at random, tried and hearsay with equal chances while there
  // are both. They stay due until dial_started(). No `skip`: none is skipped.
  std::vector<Endpoint> pick_to_dial(Time now, Random& random, size_t count, const Skip& skip);
  // The earliest time at which pick_to_dial would find one; where one is due, some time that has
  // passed; Time::never() if only a change can bring one.
  Time next_due(const Skip& skip) const;
  // One that is worth a dial though no neighbour is needed, or none: the one that would have to
  // make room for another if it were dead; else hearsay, if there is any that is due; but one time
  // in kTriedOutOnceIn one that could not be reached, or was not for an hour. Tried entries are
  // few, the same bootstrap nodes among them everywhere: nodes that have no need of them leave them
  // in peace.
  std::vector<Endpoint> pick_to_try_out(Time now, Random& random, const Skip& skip);
  // True always where the network of the endpoint has no more entries than the average one, by
  // chance where it has more, so many times as seldom: what is decided so, networks have an equal
  // share in.
  bool draw_for_network(const Endpoint& endpoint, Random& random) const;

  struct News {
    std::vector<Endpoint> endpoints;
    uint64_t up_to = 0;  // the `seq` to ask with next time
  };
  // The endpoints of those that came to stay after `seq`, in that order, as far as they may be
  // handed on; at most `max`, and the rest the next time. 0: from the beginning. Whoever comes back
  // after kNewsAgainAfter, or after a dial has failed, is news again.
  News news_since(uint64_t seq, Time now, size_t max) const;
  // The `seq` of the latest: news_since(latest_news()) tells only what is news from now on.
  uint64_t latest_news() const { return last_news_; }
  // Up to `max` of those that may be handed on, in random order.
  std::vector<Endpoint> alive_sample(Time now, Random& random, size_t max) const;
  // All that may be handed on, in ascending order.
  std::vector<Endpoint> known_alive(Time now) const;
  // Up to `count` of all, tried and hearsay, the nearest to `id` first (overlay/place.h), without
  // those that it is shunning or whose last dial failed (address_book_nearest.cc).
  std::vector<Endpoint> nearest(const Digest& id, size_t count, Time now) const;
  // Whether this endpoint may be handed on.
  bool handable(const Endpoint& endpoint, Time now) const;

  // What the next run is to know: the tried entries that were alive within kRememberedFor, without
  // those whose node broke the protocol just now. Most recently alive first; of those that are
  // connected, the dialled ones first.
  SavedBook saved(Time now) const;
  // Takes a book over that was saved `elapsed` ago, as far as there is room. Requires elapsed >= 0,
  // and that it is done once, before the first dial.
  void restore(const SavedBook& book, Duration elapsed, Time now);
  // Counts what has changed in saved(), the passing of time apart.
  uint64_t changes() const { return changes_; }

  // Whether nothing that is said of this endpoint is believed now (shun_list.h).
  bool is_left_alone(const Endpoint& endpoint, Time now) const;
  bool contains(const Endpoint& endpoint) const { return find(endpoint) != kNone; }
  bool is_tried(const Endpoint& endpoint) const;
  size_t size() const { return index_.size(); }

  // For people (address_book_story.cc). What note() says is told by story() and nothing else: it
  // has no say in what the book does.
  void note(const Endpoint& endpoint, Contact contact, Time now);
  // Set::none where the book doesn't hold it, which it may have shunned all the same.
  BookStory story(const Endpoint& endpoint, Time now) const;
  BookSizes sizes(Time now) const;

 private:
  // Where an entry is kept; of no meaning but to tell entries apart.
  using Position = uint32_t;
  static constexpr Position kNone = EndpointIndex::kNone;

  struct Entry {
    Endpoint endpoint;
    bool in_use : 1 = false;
    bool tried : 1 = false;

    // Of tried entries.
    bool dialled : 1 = false;        // a dial has succeeded, and none has failed since
    bool failed : 1 = false;         // a dial or the peer's conduct, since it was last spoken with
    bool dial_is_older : 1 = false;  // than when it was last spoken with: the last dial
    bool told : 1 = false;           // it was news when it came to stay, and needn't be again
    Contact contact;                 // the latest, for people
    uint32_t connections = 0;        // live ones
    uint32_t entered_s = 0;  // when it was added, for people; whole seconds since the origin
    Time opened;             // when `connections` last left zero
    Time last_alive;         // meaningful without live connections; now with them
    uint64_t listed = 0;     // its number among those that ever came alive; 0: it never did

    uint32_t network = 0;    // tag_of its network_of
    uint32_t retries = 0;    // failures in a row, which set the backoff
    uint32_t contact_s = 0;  // when `contact` came to be, as entered_s
    Time next_dial;
    Address informant;  // who said it first; :: for nobody
  };
  // A node of the simulator has a thousand, and the simulator ten thousand nodes.
  static_assert(sizeof(Entry) <= 96);
  struct Listed {
    uint64_t seq = 0;
    Position position = kNone;
  };

  bool may_hand_on(const Entry& entry, Time now) const;

  // Four bytes of a time are enough for people: 136 years.
  static uint32_t seconds_since_origin(Time time);
  Position find(const Endpoint& endpoint) const;
  Position add(const Endpoint& endpoint, bool tried, Time now);
  void remove(Position position);
  void remove_hearsay_at(const Address& address);
  uint32_t bucket_tag(const Endpoint& endpoint) const;
  bool draw_for_network(uint32_t network, Random& random) const;
  // How many entries are of a network, by Entry::network.
  size_t crowd_of(uint32_t network) const {
    return tried_by_network_.count(network) + hearsay_by_network_.count(network);
  }
  GroupCounts& networks(bool tried) { return tried ? tried_by_network_ : hearsay_by_network_; }
  void turn_into_tried(Position position, Time now);
  void remove_hearsay_beside(Position position);
  bool make_room_for_hearsay(const Endpoint& endpoint, const Address& source);
  bool make_room_for_tried(const Endpoint& endpoint);
  bool drop_stalest_tried(const std::function<bool(const Entry&)>& among);
  void choose_of_many_networks(std::vector<Position>& sample, size_t count) const;
  Position find_or_add_tried(const Endpoint& endpoint, Time now);

  void queue_for_dial(Position position, Time now);
  void set_next_dial(Position position, Time when, Time now);
  void back_off(Position position, Time now, Random& random);
  void list_as_alive(Position position);
  void unlist(const Entry& entry);
  std::vector<Endpoint> pick_remembered(Time now, size_t count, const Skip& skip) const;

  size_t max_entries_;
  size_t tried_max_;
  size_t share_max_;
  Duration handed_on_for_;

  std::vector<Entry> entries_;
  std::vector<Position> free_;
  uint64_t key_;
  EndpointIndex index_;
  size_t tried_ = 0;
  HearsayQueue hearsay_;
  DialQueue dials_;                 // those without live connections
  GroupCounts tried_by_address_;    // by tag_of their bucket_of
  GroupCounts hearsay_by_address_;  // by tag_of the address
  GroupCounts tried_by_network_;    // by Entry::network
  GroupCounts hearsay_by_network_;
  std::optional<Endpoint> to_test_;  // tried, and in the way of another if it is dead
  std::vector<Listed> listed_;       // those that ever came alive, in that order

  std::set<Endpoint> own_;
  ShunList shunned_;
  uint64_t last_listed_ = 0;
  uint64_t last_news_ = 0;
  std::vector<Endpoint> remembered_;  // to be dialled first, in this order
  uint64_t changes_ = 0;
};

}  // namespace p2p
