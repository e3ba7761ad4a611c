#include "engine/overlay/neighbours.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/core/misdeeds.h"
#include "engine/overlay/network_group.h"
#include "engine/overlay/port_rules.h"

namespace p2p {

namespace {

// Dialled connections of a node that wants pieces: enough to find those who hold them in a network
// of tens of nodes.
constexpr size_t kDialledWhileWanting = 32;

// How many a peer is told of that is only tried out, or asked in a look-up.
constexpr size_t kFewRecords = 5;

// How many of those whom it was told of before a neighbour is told of anew.
constexpr size_t kRecordsAgain = 1;

// When a neighbour is told anew of those whom it was told of before: it may have failed to reach
// them then, and does not believe in them until it has shunned them.
constexpr Duration kListAgain = ShunList::kFirst + Duration::minutes(2);

}  // namespace

Neighbours::Neighbours(Context& context)
    : context_(context),
      book_(context.config.limits.book_max, context.config.limits.handed_on_for,
            context.random.next()),
      bootstrap_(context.config.bootstrap),
      feeler_wait_(context.config.limits.first_feeler) {
  next_feeler_ = context.now + context.random.jittered(feeler_wait_);
}

size_t Neighbours::dial_target(bool more) const {
  return more ? kDialledWhileWanting : context_.config.limits.dialled_neighbours;
}

void Neighbours::unlink(const Endpoint& endpoint) {
  const auto found = linked_.find(endpoint);
  if (found != linked_.end() && --found->second == 0) linked_.erase(found);
}

Connection& Neighbours::dial(const Endpoint& endpoint, bool apart) {
  auto connection =
      std::make_unique<Connection>(context_.new_dial(), endpoint, context_.config.piece_size);
  connection->opened = context_.now;
  connection->apart = apart;
  connection->surplus = apart || counted() >= context_.config.limits.dialled_neighbours;
  if (!apart) {
    ++dialled_;
    ++half_open_;
  }
  link(endpoint);
  book_.dial_started(endpoint, context_.now);
  book_.note(endpoint, Contact::dialling(), context_.now);
  context_.emit(Connect{connection->id, endpoint});
  Connection& added = context_.connections.add(std::move(connection));
  context_.connections.touch(added.id);
  return added;
}

ConnId Neighbours::dial_apart(const Endpoint& endpoint, bool seeking) {
  P2P_CHECK(!is_linked(endpoint));
  Connection& connection = dial(endpoint, true);
  connection.seeking = seeking;
  return connection.id;
}

bool Neighbours::keep_for_bootstrap(Connection& connection) {
  if (!connection.apart) return false;
  const Endpoint& endpoint = connection.remote;
  const bool is_wanted = connection.spoken_for
                             ? bootstrap_.is_reached_at(endpoint) && needs_bootstrap()
                             : bootstrap_.awaits(endpoint);
  if (!is_wanted) return false;
  connection.apart = connection.seeking = connection.surplus = false;
  if (connection.in_book) book_.stays(endpoint, context_.now);
  ++dialled_;
  if (!connection.spoken_for) ++half_open_;
  if (connection.quiet) ++uncounted_;
  context_.connections.touch(connection.id);
  return true;
}

void Neighbours::bootstrap_due() {
  // Every answer that is known at once may make more due.
  for (;;) {
    const auto due = bootstrap_.due(context_.now);
    if (due.resolve.empty() && due.dial.empty()) return;
    for (const auto& item : due.resolve) {
      const OpId op = context_.new_op();
      resolving_[op] = item.index;
      context_.emit(Resolve{op, item.host});
    }
    bool answered = false;
    for (const Endpoint& endpoint : due.dial) {
      if (book_.is_own(endpoint)) {
        bootstrap_own(endpoint);
        answered = true;
      } else if (!is_linked(endpoint)) {
        dial(endpoint);
      } else if (is_identified(endpoint)) {
        say_reached(bootstrap_.reached(endpoint, context_.now));
        answered = true;
      }
    }
    if (!answered) return;
  }
}

bool Neighbours::is_identified(const Endpoint& endpoint) const {
  return std::any_of(context_.connections.begin(), context_.connections.end(),
                     [&](const auto& entry) { return entry.second->spoken_for == endpoint; });
}

bool Neighbours::needs_bootstrap() const {
  const size_t not_there = std::min(dialled_, half_open_ + uncounted_);
  return (dialled_ - not_there) * 2 < context_.config.limits.dialled_neighbours;
}

void Neighbours::dial_due(bool more) {
  if (next_due(more) > context_.now) return;
  bootstrap_due();
  if (!may_dial(more)) {
    dial_feeler_if_due();
    return;
  }
  const size_t count = std::min(dial_target(more) - counted(),
                                context_.config.limits.dials_at_once_max - half_open_);
  for (const Endpoint& endpoint : choose_to_dial(count)) {
    if (!passes_over(endpoint)) dial(endpoint);
  }
}

// One of each public network of which there is nobody, as long as the book has such; then others.
std::vector<Endpoint> Neighbours::choose_to_dial(size_t count) {
  std::set<Address> networks = dialled_networks();
  bool left_out = false;
  const auto is_new = [&](const Endpoint& endpoint) {
    return !endpoint.address.is_public() || !networks.contains(network_of(endpoint.address));
  };
  const auto skip = [&](const Endpoint& endpoint) {
    if (is_linked(endpoint)) return true;
    left_out = left_out || !is_new(endpoint);
    return !is_new(endpoint);
  };
  std::vector<Endpoint> chosen = book_.pick_to_dial(context_.now, context_.random, count, skip);
  std::erase_if(chosen, [&](const Endpoint& endpoint) {
    if (!is_new(endpoint)) return true;
    networks.insert(network_of(endpoint.address));
    return false;
  });
  if (!chosen.empty() || !left_out) return chosen;
  const auto linked = [this](const Endpoint& endpoint) { return is_linked(endpoint); };
  return book_.pick_to_dial(context_.now, context_.random, count, linked);
}

std::set<Address> Neighbours::dialled_networks() const {
  std::set<Address> networks;
  for (const auto& [id, connection] : context_.connections) {
    if (connection->accepted() || connection->surplus) continue;
    networks.insert(network_of(connection->remote.address));
  }
  return networks;
}

// Nobody is dialled on hearsay where peers broke the protocol: it is as if he had not answered.
bool Neighbours::passes_over(const Endpoint& endpoint) {
  if (book_.is_tried(endpoint)) return false;
  if (!context_.scores.refuses(endpoint.address, context_.now)) return false;
  book_.dial_failed(endpoint, context_.now, context_.random);
  return true;
}

bool Neighbours::may_dial(bool more) const {
  return counted() < dial_target(more) && half_open_ < context_.config.limits.dials_at_once_max;
}

Time Neighbours::next_due(bool more) const {
  Time due = bootstrap_.next_due();
  if (may_dial(more)) {
    const auto linked = [this](const Endpoint& endpoint) { return is_linked(endpoint); };
    due = std::min(due, book_.next_due(linked));
  } else if (book_.size() > 0) {
    due = std::min(due, next_feeler_);
  }
  return due;
}

void Neighbours::on_resolved(OpId op, const Resolved& answer) {
  const auto found = resolving_.find(op);
  if (found == resolving_.end()) return;
  const size_t index = found->second;
  resolving_.erase(found);
  if (!answer.endpoints.empty()) {
    bootstrap_.resolved(index, answer.endpoints, context_.now);
    return;
  }
  const auto report = bootstrap_.resolve_failed(index, answer.error, context_.now, context_.random);
  if (report) say_unreachable(*report);
}

// The records of `endpoints` as this peer may see them, without its own, none twice.
std::vector<Endpoint> Neighbours::records_for(const Connection& connection,
                                              const std::vector<Endpoint>& endpoints,
                                              size_t max) const {
  std::vector<Endpoint> records;
  for (const Endpoint& endpoint : endpoints) {
    if (records.size() >= max) break;
    if (endpoint == connection.spoken_for || endpoint == connection.claimed) continue;
    const auto record = record_for(endpoint, connection.link());
    if (!record || *record == connection.claimed) continue;
    if (std::find(records.begin(), records.end(), *record) == records.end()) {
      records.push_back(*record);
    }
  }
  return records;
}

std::optional<Endpoint> Neighbours::own_record_for(const Connection& connection) const {
  const Config& config = context_.config;
  if (config.listen_port == 0) return std::nullopt;
  const Link link = connection.link();
  const Address& at = config.listen_address;
  if (config.advertise || at == Address::any()) {
    return own_record(config.advertise, config.listen_port, link);
  }
  if (at.is_unspecified()) {
    if (!link.local.address.is_v4_mapped()) return std::nullopt;
    return own_record(std::nullopt, config.listen_port, link);
  }
  if (at.is_loopback() && !link.remote.address.is_loopback()) return std::nullopt;
  return own_record(Endpoint{at, config.listen_port}, config.listen_port, link);
}

PeerMessage Neighbours::hello(Connection& connection) {
  const Config& config = context_.config;
  HelloTrailer trailer;
  trailer.piece_size_log2 = config.piece_size.log2();
  trailer.nonce = config.nonce;
  PeerMessage message;
  if (const auto own = own_record_for(connection)) {
    trailer.capabilities |= HelloTrailer::kListening;
    message.records.push_back(*own);
  }
  const size_t most = config.limits.pex_records_max - message.records.size();
  const bool is_brief = connection.feeler || connection.seeking;
  const size_t room = is_brief ? std::min(most, kFewRecords) : most;
  const auto alive = book_.alive_sample(context_.now, context_.random, room);
  for (const Endpoint& record : records_for(connection, alive, room)) {
    message.records.push_back(record);
  }
  connection.news_seen = book_.latest_news();
  connection.listed_at = context_.now;
  const auto bytes = trailer.encode();
  message.trailing.assign(bytes.begin(), bytes.end());
  return message;
}

void Neighbours::send_news(Connection& connection) {
  const Limits& limits = context_.config.limits;
  PeerMessage list;
  if (connection.extended()) {
    const auto news = book_.news_since(connection.news_seen, context_.now, limits.pex_records_max);
    connection.news_seen = news.up_to;
    list.records = records_for(connection, news.endpoints, limits.pex_records_max);
    if (list.records.empty()) return;
  } else {
    const auto own = own_record_for(connection);
    if (own && acceptable_record(*own, connection.link())) list.records.push_back(*own);
    const size_t room = limits.pex_records_max - list.records.size();
    const auto alive = book_.alive_sample(context_.now, context_.random, room);
    for (const Endpoint& record : records_for(connection, alive, room)) {
      list.records.push_back(record);
    }
  }
  connection.outbox.add(list);
  context_.connections.touch(connection.id);
}

void Neighbours::keep_alive(Connection& connection) {
  PeerMessage list;
  if (context_.now >= connection.listed_at + kListAgain) {
    connection.listed_at = context_.now;
    const size_t room = std::min(context_.config.limits.pex_records_max, kRecordsAgain);
    list.records =
        records_for(connection, book_.alive_sample(context_.now, context_.random, room), room);
  }
  connection.outbox.add(list);
}

void Neighbours::on_peer_list(Connection& connection, const PeerMessage& list, bool first) {
  const Link link = connection.link();
  const size_t allowed = connection.records.take(list.records.size(), context_.now);
  if (allowed < list.records.size()) {
    note_misdeed(context_, connection, Misdeed::too_many_records);
  }
  std::span<const Endpoint> records = std::span(list.records).first(allowed);
  if (first && !records.empty()) {
    const Claim claim = judge_claim(records.front(), link);
    connection.claimed = claim.believed;
    for (const Endpoint& endpoint : claim.hearsay) hear(endpoint, link);
    records = records.subspan(1);
  }
  bool all_acceptable = true;
  for (const Endpoint& record : records) {
    if (acceptable_record(record, link)) {
      hear(record, link);
    } else {
      all_acceptable = false;
    }
  }
  if (!all_acceptable) note_misdeed(context_, connection, Misdeed::unacceptable_record);
}

void Neighbours::hear(const Endpoint& endpoint, const Link& link) {
  if (is_of_another_protocol(endpoint.port)) return;
  if (context_.scores.refuses(endpoint.address, context_.now)) return;
  book_.heard(endpoint, link.remote.address, context_.now);
}

void Neighbours::note_quiet(Connection& connection, bool quiet) {
  if (connection.accepted() || !connection.open() || connection.quiet == quiet) return;
  connection.quiet = quiet;
  if (connection.feeler || connection.apart) return;
  if (!quiet) {
    --uncounted_;
    return;
  }
  ++uncounted_;
  if (needs_bootstrap()) bootstrap_.rouse(context_.now);
}

void Neighbours::on_connect_failed(Connection& connection, NetError why) {
  if (why == NetError::out_of_descriptors) {
    book_.dial_abandoned(connection.remote, context_.now);
  } else {
    book_.dial_failed(connection.remote, context_.now, context_.random);
  }
  book_.note(connection.remote, Contact::failed(why), context_.now);
  bootstrap_failed(connection.remote, net_error_text(why));
}

void Neighbours::bootstrap_failed(const Endpoint& endpoint, std::string_view why) {
  for (const auto& report : bootstrap_.dial_failed(endpoint, why, context_.now, context_.random)) {
    say_unreachable(report);
  }
}

void Neighbours::bootstrap_own(const Endpoint& endpoint) {
  for (const auto& report : bootstrap_.own(endpoint, context_.now, context_.random)) {
    say_unreachable(report);
  }
}

void Neighbours::on_identified(Connection& connection) {
  if (connection.spoken_for) return;
  const Stay stay = connection.surplus ? Stay::in_passing : Stay::as_neighbour;
  if (!connection.accepted()) {
    if (!connection.apart) --half_open_;
    connection.spoken_for = connection.remote;
    connection.in_book = book_.spoke(connection.remote, Proof::dialled, context_.now, stay);
    if (connection.feeler) prolong_feeler(connection);
    say_reached(bootstrap_.reached(connection.remote, context_.now));
  } else if (connection.claimed) {
    connection.spoken_for = connection.claimed;
    link(*connection.claimed);
    connection.in_book = book_.spoke(*connection.claimed, Proof::claimed, context_.now, stay);
  }
  if (connection.in_book) {
    book_.note(*connection.spoken_for, Contact::connected(), context_.now);
  }
}

void Neighbours::on_own(Connection& connection) {
  if (connection.accepted()) return;
  book_.mark_own(connection.remote, context_.now);
  bootstrap_own(connection.remote);
  context_.notify(OwnEndpoint{connection.remote});
}

// A look-up waited for it no longer. Was that long enough for an answer?
void Neighbours::note_given_up(const Connection& connection) {
  if (context_.now - connection.opened < context_.config.limits.dial_timeout / 2) {
    book_.dial_abandoned(connection.remote, context_.now);
  } else {
    book_.dial_failed(connection.remote, context_.now, context_.random);
  }
}

void Neighbours::on_gone(Connection& connection) {
  const bool fault = connection.doom && is_fault(*connection.doom);
  const bool let_go = connection.doom == CloseReason::no_longer_needed;
  const bool called_off = connection.doom == CloseReason::shutting_down || let_go;
  if (!connection.accepted()) {
    if (!connection.apart) --dialled_;
    if (!connection.apart && (connection.quiet || connection.feeler)) --uncounted_;
    unlink(connection.remote);
    if (fault) book_.fault(connection.remote, context_.now);
    if (!connection.spoken_for) {
      if (!connection.apart) --half_open_;
      if (let_go) note_given_up(connection);
      if (!called_off && !book_.is_own(connection.remote) &&
          connection.phase != Phase::connecting) {
        book_.dial_failed(connection.remote, context_.now, context_.random);
        const auto why = connection.doom ? close_reason_text(*connection.doom)
                                         : std::string_view("it closed the connection");
        bootstrap_failed(connection.remote,
                         connection.doom_detail.empty()
                             ? std::string(why)
                             : std::string(why) + " (" + connection.doom_detail + ")");
        note_gone(connection, connection.remote);
      }
    }
  } else if (connection.spoken_for) {
    unlink(*connection.spoken_for);
  }
  if (!connection.spoken_for) return;
  const Endpoint endpoint = *std::exchange(connection.spoken_for, std::nullopt);
  if (connection.in_book) book_.connection_ended(endpoint, context_.now, context_.random);
  note_gone(connection, endpoint);
  if (bootstrap_.is_reached_at(endpoint) && !is_identified(endpoint)) {
    bootstrap_.lost(endpoint, needs_bootstrap(), context_.now, context_.random);
  }
  if (needs_bootstrap()) bootstrap_.rouse(context_.now);
}

void Neighbours::say_unreachable(const BootstrapList::Unreachable& report) {
  context_.notify(BootstrapUnreachable{report.host, report.why, report.retry_in});
}

void Neighbours::say_reached(const std::vector<BootstrapList::Reached>& reports) {
  for (const auto& report : reports) {
    context_.notify(BootstrapReached{report.host, report.endpoint});
  }
}

}  // namespace p2p
