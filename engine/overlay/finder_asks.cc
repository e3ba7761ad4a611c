// Whom look-ups ask, over which connections, and what comes of whom they name.
#include <algorithm>
#include <utility>

#include "engine/overlay/backoff.h"
#include "engine/overlay/finder.h"
#include "engine/overlay/port_rules.h"
#include "engine/overlay/record_rules.h"

namespace p2p {

namespace {

// A node that serves and can't be listed dials more than one that takes whatever comes first.
size_t holder_dials_max(bool getting) {
  return getting ? Finder::kHolderDialsMax : Finder::kHoldersMax;
}

constexpr size_t kProofsAtOnce = 2;

bool is_among(const std::vector<Endpoint>& endpoints, const Endpoint& endpoint) {
  return std::find(endpoints.begin(), endpoints.end(), endpoint) != endpoints.end();
}

}  // namespace

bool Finder::is_own(const Endpoint& endpoint) const {
  return endpoint == own_ || endpoint == context_.config.advertise ||
         neighbours_.book().is_own(endpoint);
}

// It broke the protocol a while ago, or was never there when it was said to be.
bool Finder::is_avoided(const Endpoint& endpoint) const {
  const AddressBook& book = neighbours_.book();
  if (!book.is_tried(endpoint)) {
    return book.is_left_alone(endpoint, context_.now) ||
           context_.scores.refuses(endpoint.address, context_.now);
  }
  const BookStory story = book.story(endpoint, context_.now);
  return story.at_fault && story.shunned_until > context_.now;
}

// What a peer says is hearsay, and goes into the book as such: a dial that fails counts there.
bool Finder::may_be_dialled(const Endpoint& endpoint, const Connection& said_by) const {
  return acceptable_record(endpoint, said_by.link()) && !is_of_another_protocol(endpoint.port) &&
         !is_own(endpoint) && !is_avoided(endpoint);
}

Connection* Finder::connection_with(const Endpoint& endpoint) const {
  if (!neighbours_.is_linked(endpoint)) return nullptr;
  for (const auto& [id, connection] : context_.connections) {
    const bool is_there = connection->spoken_for == endpoint ||
                          (!connection->accepted() && connection->remote == endpoint);
    const bool lives = connection->phase == Phase::connecting || connection->open();
    if (is_there && lives) return connection.get();
  }
  return nullptr;
}

void Finder::ask_due(Subject& subject) {
  while (const auto endpoint = subject.lookup->next(context_.now)) ask(subject, *endpoint);
}

void Finder::ask(Subject& subject, const Endpoint& endpoint) {
  Connection* connection = connection_with(endpoint);
  const bool is_original =
      connection != nullptr && connection->identified() && !connection->extended();
  if (is_own(endpoint) || is_avoided(endpoint) || is_original ||
      (connection == nullptr && neighbours_.is_linked(endpoint))) {
    subject.lookup->failed(endpoint);
    return;
  }
  const ConnId id = connection != nullptr ? connection->id : neighbours_.dial_apart(endpoint, true);
  auto& asks = asks_[id];
  std::erase_if(asks, [&](const Ask& ask) { return ask.id == subject.id; });
  asks.push_back({subject.id, endpoint, false, false});
  if (connection != nullptr && connection->extended()) send(*connection, asks.back());
}

void Finder::send(Connection& connection, Ask& ask) {
  const auto subject = subjects_.find(ask.id);
  if (subject == subjects_.end()) return;
  const bool list = listens() && !subject->second.own_place;
  ask.sent = true;
  connection.outbox.add(SeekMessage{ask.id, list ? SeekMessage::kListMe : uint8_t{0}});
  context_.connections.touch(connection.id);
}

void Finder::unanswered(const Ask& ask) {
  const auto subject = subjects_.find(ask.id);
  if (ask.answered || subject == subjects_.end() || !subject->second.lookup) return;
  subject->second.lookup->failed(ask.of);
}

void Finder::send_waiting(Connection& connection) {
  const auto asks = asks_.find(connection.id);
  if (asks == asks_.end()) return;
  for (Ask& ask : asks->second) {
    if (ask.sent) continue;
    if (connection.extended()) {
      send(connection, ask);
    } else {
      unanswered(ask);
    }
  }
}

void Finder::on_identified(Connection& connection) {
  changed_ = true;
  send_waiting(connection);
  if (connection.accepted()) was_reached_ = true;
  if (!connection.extended()) {
    if (connection.seeking) let_go(connection);
    return;
  }
  if (connection.spoken_for && !connection.in_places) {
    const Proof proof = connection.accepted() ? Proof::claimed : Proof::dialled;
    connection.in_places = table_.spoke(*connection.spoken_for, proof, context_.now);
  }
  if (proofs_.contains(connection.id) && !asks_.contains(connection.id)) {
    let_go(connection);
  }
  if (listens()) learn_own_place(connection);
  if (connection.seeking) return;
  const bool is_first = neighbours_met_.empty();
  neighbours_met_.insert(connection.id);
  if (!is_first) return;
  for (auto& [id, subject] : subjects_) {
    if (subject.next_look > context_.now) continue;
    subject.next_look = Time::never();
    look_soon(subject);
  }
}

void Finder::on_gone(Connection& connection) {
  const Endpoint endpoint =
      connection.accepted() && connection.claimed ? *connection.claimed : connection.remote;
  if (std::exchange(connection.in_places, false)) table_.parted(endpoint, context_.now);
  if (table_.is_worth_proving(endpoint, context_.now) && to_prove_.size() < kProofsMax) {
    to_prove_.push_back(endpoint);
    changed_ = true;
  }
  if (proofs_.erase(connection.id) > 0) changed_ = true;
  const bool unreached = !connection.accepted() && !connection.identified();
  const bool called_off = connection.doom && !is_fault(*connection.doom);
  if ((unreached && !called_off) || (connection.doom && is_fault(*connection.doom))) {
    table_.failed(endpoint);
  }
  neighbours_met_.erase(connection.id);
  answers_.on_gone(connection);
  const auto gone = asks_.find(connection.id);
  if (gone == asks_.end()) return;
  for (const Ask& ask : gone->second) {
    unanswered(ask);
    const auto found = subjects_.find(ask.id);
    if (found == subjects_.end()) continue;
    Subject& subject = found->second;
    if (std::erase(subject.kept, ask.of) == 0 || !waits_for_listings(subject)) continue;
    if (subject.kept.size() >= kKeptFew) continue;
    const Duration wait = backoff(subject.looks++, kFirstRetry, kLongestRetry, context_.random);
    subject.next_look = std::min(subject.next_look, context_.now + wait);
  }
  asks_.erase(gone);
  changed_ = true;
}

void Finder::on_seek(Connection& connection, const SeekMessage& seek) {
  answers_.on_seek(connection, seek);
}

// Only what was sought counts. Whoever is near a content may have it, and is a peer like others.
void Finder::on_found(Connection& connection, const FoundMessage& found) {
  const auto asks = asks_.find(connection.id);
  const auto known = subjects_.find(found.id);
  if (asks == asks_.end() || known == subjects_.end()) return;
  const auto ask = std::find_if(asks->second.begin(), asks->second.end(),
                                [&](const Ask& one) { return one.id == found.id && one.sent; });
  if (ask == asks->second.end()) return;
  Subject& subject = known->second;
  changed_ = true;
  connection.has_found = true;
  context_.connections.touch(connection.id);
  if (!std::exchange(ask->answered, true) && subject.lookup) {
    std::vector<Endpoint> named;
    for (const Endpoint& endpoint : found.nearest) {
      if (!may_be_dialled(endpoint, connection)) continue;
      neighbours_.hear(endpoint, connection.link());
      named.push_back(endpoint);
    }
    subject.lookup->answered(ask->of, named);
  }
  take_holders(subject, connection, found.holders);
}

void Finder::take_holders(Subject& subject, const Connection& connection,
                          const std::vector<Endpoint>& holders) {
  if (!waits_for_listings(subject)) return;
  for (const Endpoint& endpoint : holders) {
    if (!may_be_dialled(endpoint, connection)) continue;
    const auto& queue = subject.holders;
    if (std::find(queue.begin(), queue.end(), endpoint) != queue.end()) continue;
    if (subject.dialled_to.contains(endpoint)) continue;
    if (queue.size() + subject.dialled_to.size() >= kHoldersMax) return;
    neighbours_.hear(endpoint, connection.link());
    ++subject.holders_seen;
    subject.holders.push_back(endpoint);
  }
}

void Finder::dial_holders(Subject& subject) {
  if (!waits_for_listings(subject)) subject.holders.clear();
  if (subject.holders.empty()) return;
  auto under_way = static_cast<size_t>(
      std::count_if(subject.dialled_to.begin(), subject.dialled_to.end(),
                    [this](const Endpoint& endpoint) { return neighbours_.is_linked(endpoint); }));
  while (!subject.holders.empty() && under_way < kHoldersAtOnce &&
         subject.dialled_to.size() < holder_dials_max(subject.getting > 0)) {
    const Endpoint endpoint = subject.holders.front();
    subject.holders.pop_front();
    subject.dialled_to.insert(endpoint);
    ++under_way;
    if (Connection* const connection = connection_with(endpoint)) {
      connection->seeking = false;
      connection->last_exchange = context_.now;
      context_.connections.touch(connection->id);
    } else if (!neighbours_.is_linked(endpoint) && !is_avoided(endpoint)) {
      neighbours_.dial_apart(endpoint, false);
    }
  }
}

void Finder::prove_due() {
  while (!to_prove_.empty() && proofs_.size() < kProofsAtOnce) {
    const Endpoint endpoint = to_prove_.front();
    to_prove_.pop_front();
    if (neighbours_.is_linked(endpoint) || is_avoided(endpoint) || is_own(endpoint)) continue;
    if (table_.is_worth_proving(endpoint, context_.now)) {
      proofs_.insert(neighbours_.dial_apart(endpoint, true));
    }
  }
}

// For a look-up that goes on, or for what it may yet say of new listings.
bool Finder::is_needed(const Ask& ask) const {
  const auto found = subjects_.find(ask.id);
  if (found == subjects_.end()) return false;
  const Subject& subject = found->second;
  if (subject.lookup) return true;
  return waits_for_listings(subject) && is_among(subject.kept, ask.of);
}

// Where a bootstrap host is waited for, it is a neighbour from now on.
void Finder::let_go(Connection& connection) {
  if (!neighbours_.keep_for_bootstrap(connection)) {
    context_.connections.doom(connection, CloseReason::no_longer_needed);
  } else if (connection.extended()) {
    neighbours_met_.insert(connection.id);
  }
}

void Finder::let_go_of_unneeded() {
  size_t kept = 0;
  for (auto it = asks_.begin(); it != asks_.end();) {
    Connection* const connection = context_.connections.find(it->first);
    auto& asks = it->second;
    std::erase_if(asks, [this](const Ask& ask) { return !is_needed(ask); });
    const bool looking = std::any_of(asks.begin(), asks.end(), [this](const Ask& ask) {
      return subjects_.find(ask.id)->second.lookup != nullptr;
    });
    if (connection != nullptr && connection->seeking && !looking) {
      if (asks.empty() || kept >= kKeptMax) {
        let_go(*connection);
      } else {
        ++kept;
      }
    }
    it = asks.empty() ? asks_.erase(it) : std::next(it);
  }
}

}  // namespace p2p
