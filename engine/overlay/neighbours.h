// Whom this node is connected with: bootstrapping, dialling, and peer exchange
// (docs/protocol.md, Bootstrap and peer exchange).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "engine/core/context.h"
#include "engine/overlay/address_book.h"
#include "engine/overlay/bootstrap_list.h"
#include "engine/overlay/record_rules.h"

namespace p2p {

class Neighbours {
 public:
  explicit Neighbours(Context& context);

  // Before anything else: the book of the last run, saved `elapsed` ago.
  void restore(const SavedBook& book, Duration elapsed) {
    book_.restore(book, elapsed, context_.now);
  }

  // Resolves and dials what is due. `more`: pieces are wanted, so more peers are than neighbours.
  void dial_due(bool more);
  Time next_due(bool more) const;
  void on_resolved(OpId op, const Resolved& answer);

  // Dials it whatever the neighbours' slots, for a look-up (`seeking`) or for pieces. Requires that
  // there is no connection with it.
  ConnId dial_apart(const Endpoint& endpoint, bool seeking);
  // A connection that was dialled apart is to be let go of. True: it stays, as a neighbour, since a
  // bootstrap host is waited for there, or needed.
  bool keep_for_bootstrap(Connection& connection);
  // Whether there is a connection with it, a half-open one too.
  bool is_linked(const Endpoint& endpoint) const { return linked_.contains(endpoint); }
  // An address of each bootstrap host that has one, none twice.
  std::vector<Endpoint> bootstrap_endpoints() const { return bootstrap_.endpoints(); }
  // This node's own record over this connection; nullopt: it can't be reached from there.
  std::optional<Endpoint> own_record_for(const Connection& connection) const;
  // Somebody at the other end of `link` said that there is a node.
  void hear(const Endpoint& endpoint, const Link& link);

  // What is said first on every connection.
  PeerMessage hello(Connection& connection);
  // A peer list has come. `first`: it was the hello, and the peer says that it listens.
  void on_peer_list(Connection& connection, const PeerMessage& list, bool first);
  // The regular list: what is new to this peer, or, for a legacy one, whoever is alive.
  void send_news(Connection& connection);
  // Says that this node is there, and now and then who else is.
  void keep_alive(Connection& connection);

  // Whether a peer has been silent for longer than it may be: while one that was dialled is,
  // another is dialled beside it.
  void note_quiet(Connection& connection, bool quiet);

  // A surplus connection has had its time. True: it was dialled to try out somebody, and stays as a
  // neighbour in place of an earlier one.
  bool keep_feeler(Connection& feeler);

  void on_connect_failed(Connection& connection, NetError why);
  // It said hello, or passes for a legacy peer.
  void on_identified(Connection& connection);
  // It turned out to be this node.
  void on_own(Connection& connection);
  // The connection is closing. `why` when this node closed it.
  void on_gone(Connection& connection);

  const AddressBook& book() const { return book_; }
  // What is known of an endpoint, its connections apart (neighbours_story.cc). `more` as above.
  EndpointStory story(const Endpoint& endpoint, bool more) const;

 private:
  void note_given_up(const Connection& connection);
  // For people: how it went (neighbours_story.cc).
  void note_gone(const Connection& connection, const Endpoint& endpoint);
  Connection& dial(const Endpoint& endpoint, bool apart = false);
  std::vector<Endpoint> choose_to_dial(size_t count);
  // Those of which somebody is dialled, or being dialled.
  std::set<Address> dialled_networks() const;
  bool passes_over(const Endpoint& endpoint);
  void dial_feeler_if_due();
  void prolong_feeler(Connection& feeler);
  void bootstrap_due();
  size_t dial_target(bool more) const;
  // Dialled connections that are neighbours, or may become some.
  size_t counted() const { return dialled_ - uncounted_; }
  bool may_dial(bool more) const;
  // Whether a connection with the node there is identified.
  bool is_identified(const Endpoint& endpoint) const;
  // Whether so few of the dialled neighbours are left that the bootstrap hosts are needed.
  bool needs_bootstrap() const;
  void link(const Endpoint& endpoint) { ++linked_[endpoint]; }
  void unlink(const Endpoint& endpoint);
  std::vector<Endpoint> records_for(const Connection& connection,
                                    const std::vector<Endpoint>& endpoints, size_t max) const;
  void say_unreachable(const BootstrapList::Unreachable& report);
  void say_reached(const std::vector<BootstrapList::Reached>& reports);
  void bootstrap_own(const Endpoint& endpoint);
  void bootstrap_failed(const Endpoint& endpoint, std::string_view why);

  Context& context_;
  AddressBook book_;
  BootstrapList bootstrap_;
  std::map<OpId, size_t> resolving_;   // index in the bootstrap list
  std::map<Endpoint, size_t> linked_;  // connections, also half-open ones, by the peer's endpoint
  size_t dialled_ = 0;  // dialled connections, half-open ones too, those apart not among them
  size_t half_open_ = 0;
  size_t uncounted_ = 0;  // of the dialled ones: quiet, or feelers
  Time next_feeler_;
  Duration feeler_wait_;
};

}  // namespace p2p
