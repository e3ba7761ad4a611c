// The life of a connection: opened, identified, watched by deadlines, closed in order.
#include <algorithm>

#include "engine/core/core.h"

namespace p2p {

namespace {

// An original may block two minutes in a dial of its own: it is given longer to read.
constexpr Duration kLegacyWriteStall = Duration::seconds(300);

}  // namespace

void Engine::Core::open(Connection& connection, const Endpoint& local) {
  connection.local = local;
  connection.phase = Phase::open;
  connection.order = ++last_order_;
  connection.opened = connection.last_received = context_.now;
  connection.last_sent = connection.write_blocked = context_.now;
  connection.last_exchange = context_.now;
  connection.records = RecordAllowance(context_.now);
  connection.outbox.add(neighbours_.hello(connection));
  context_.connections.touch(connection.id);
}

// At the end of every event: what was touched is brought in order, and what became due is done.
void Engine::Core::settle() {
  if (downloads_.resume_if_due()) contents_.retry_places();
  downloads_.look_if_due();
  if (downloads_.take_new_wants()) {
    for (const auto& [id, connection] : context_.connections) context_.connections.touch(id);
  }
  tell_of_news();
  settle_touched();
  sync_if_due();
  if (stopping_) {
    finish_if_stopped();
  } else {
    read_again_if_due();
    book_saving_.save_if_due();
    for (const auto& [root, whole] : contents_.take_ended()) finder_.got(root, whole);
    neighbours_.dial_due(downloads_.wanted_count() > 0);
    finder_.act_if_due();
    settle_touched();
  }
  say_interests();
  timers_.tidy(context_.connections.size(), [this](const TimerQueue::Entry& entry) {
    const Connection* const connection = context_.connections.find(entry.conn);
    return connection != nullptr && connection->timer == entry.when;
  });
}

void Engine::Core::settle_touched() {
  do {
    while (const auto id = context_.connections.take_touched()) {
      if (Connection* const connection = context_.connections.find(*id)) settle(*connection);
    }
    grant_leaves();
  } while (uploads_.serve() || context_.connections.any_touched());
}

void Engine::Core::grant_leaves() {
  for (const auto& [limit, leave] : {std::pair{&sending_, &Connection::to_send},
                                     std::pair{&receiving_, &Connection::to_receive}}) {
    while (const auto id = limit->next(context_.now)) {
      Connection* const connection = context_.connections.find(*id);
      if (connection == nullptr) continue;
      limit->grant(connection->*leave);
      context_.connections.touch(*id);
    }
  }
}

// Whether the next regular peer list would have something in it. An original is always told.
bool Engine::Core::has_news_for(const Connection& connection) const {
  return !connection.extended() || connection.news_seen < neighbours_.book().latest_news();
}

// A node at rest does not wake to find that there is nothing to tell: connections whose turn has
// passed get another when there is, within one interval.
void Engine::Core::tell_of_news() {
  const uint64_t latest = neighbours_.book().latest_news();
  if (news_told_of_ == latest) return;
  news_told_of_ = latest;
  for (const auto& [id, connection] : context_.connections) {
    if (!connection->open() || !connection->extended()) continue;
    if (connection->next_pex <= context_.now) {
      connection->next_pex =
          context_.now + context_.random.between(Duration(), context_.config.limits.pex_interval);
    }
    context_.connections.touch(id);
  }
}

void Engine::Core::settle(Connection& connection) {
  if (connection.doom) {
    close(connection);
    return;
  }
  if (connection.phase == Phase::open) {
    if (!connection.seeking || connection.has_found) downloads_.pump(connection);
    uploads_.pump(connection);
    finder_.pump(connection);
    if (connection.doom) {
      close(connection);
      return;
    }
  } else if (connection.phase != Phase::connecting) {
    advance_closing(connection);
    if (connection.phase == Phase::closed) {
      remove(connection);
      return;
    }
  }
  set_interest(connection);
  schedule(connection);
}

void Engine::Core::set_interest(Connection& connection) {
  const bool is_there = connection.phase != Phase::connecting;
  const bool read = is_there && may_receive(connection);
  const bool write = is_there && may_send(connection);
  if (write && !connection.write_interest) connection.write_blocked = context_.now;
  connection.read_interest = read;
  connection.write_interest = write;
  if (read != connection.said_read || write != connection.said_write) {
    interests_.push_back(connection.id);
  }
}

// Once for each connection, when nothing changes any more: what the world finds then is what it was
// told.
void Engine::Core::say_interests() {
  for (const ConnId id : interests_) {
    Connection* const connection = context_.connections.find(id);
    if (connection == nullptr) continue;
    const bool read = connection->read_interest;
    const bool write = connection->write_interest;
    if (read == connection->said_read && write == connection->said_write) continue;
    connection->said_read = read;
    connection->said_write = write;
    context_.emit(SetInterest{id, read, write});
  }
  interests_.clear();
}

bool Engine::Core::may_send(Connection& connection) {
  if (!sending_.is_set()) return !connection.outbox.empty();
  if (connection.outbox.payload_pending() == 0) sending_.give_back(connection.to_send);
  if (connection.outbox.empty()) return false;
  return !connection.outbox.piece_is_next() || sending_.may_move(connection.id, connection.to_send);
}

// What a closing connection reads is dropped, and waits for nothing.
bool Engine::Core::may_receive(Connection& connection) {
  if (!receiving_.is_set()) return true;
  if (connection.open() && connection.decoder.in_payload()) {
    return receiving_.may_move(connection.id, connection.to_receive);
  }
  receiving_.give_back(connection.to_receive);
  return true;
}

// Closes a connection that is doomed: at once, or when what is queued has gone out.
void Engine::Core::close(Connection& connection) {
  const CloseReason reason = *connection.doom;
  if (connection.phase == Phase::open) ++counts_.closed[static_cast<size_t>(reason)];
  const bool is_routine = reason == CloseReason::shutting_down ||
                          reason == CloseReason::own_connection ||
                          reason == CloseReason::no_longer_needed;
  if (!is_routine) {
    auto line = fault_log_.admit(context_.now, connection.remote, reason, connection.doom_detail);
    if (line) context_.notify(std::move(*line));
  }
  const bool in_order = connection.phase == Phase::open && closes_in_order(reason);
  let_go(connection);
  connection.doom.reset();
  if (!in_order) {
    context_.emit(Close{connection.id});
    remove(connection);
    return;
  }
  connection.phase = Phase::flushing;
  connection.closing_ends = context_.now + context_.config.limits.flush;
  settle(connection);
}

// Every part of the engine lets go of the connection. Once in its life.
void Engine::Core::let_go(Connection& connection) {
  downloads_.on_gone(connection);
  uploads_.on_gone(connection);
  finder_.on_gone(connection);
  neighbours_.on_gone(connection);
  if (connection.accepted()) {
    if (strangers_.erase(connection.id) == 0) {
      --accepted_known_;
      if (!connection.surplus) --accepted_neighbours_;
    }
  }
  charge(connection);
  if (connection.identified()) {
    context_.notify(PeerGone{connection.id, connection.remote});
  }
  connection.exchange.reset();
}

void Engine::Core::remove(Connection& connection) {
  sending_.give_back(connection.to_send);
  receiving_.give_back(connection.to_receive);
  context_.connections.erase(connection.id);
}

void Engine::Core::advance_closing(Connection& connection) {
  if (connection.phase == Phase::flushing && connection.outbox.empty()) {
    context_.emit(ShutdownWrite{connection.id});
    connection.phase = Phase::lingering;
    connection.closing_ends = context_.now + context_.config.limits.linger;
  }
  if (context_.now >= connection.closing_ends) {
    context_.emit(Close{connection.id});
    connection.phase = Phase::closed;
  }
}

Time Engine::Core::deadline_of(const Connection& connection) const {
  const Limits& limits = context_.config.limits;
  switch (connection.phase) {
    case Phase::connecting:
      return connection.opened + limits.dial_timeout;
    case Phase::flushing:
    case Phase::lingering:
    case Phase::closed:
      return connection.closing_ends;
    case Phase::open:
      break;
  }
  Time due = downloads_.next_check(connection);
  if (has_news_for(connection)) due = std::min(due, connection.next_pex);
  if (connection.kind == PeerKind::unidentified) {
    if (connection.accepted()) {
      due = std::min(due, connection.opened + limits.unidentified_accepted);
    } else if (!connection.presumed_legacy) {
      due = std::min(due, connection.opened + limits.presumed_legacy_after);
    }
  }
  if (connection.extended()) {
    due = std::min(due, connection.last_received + limits.silent_after);
    if (!connection.accepted() && !connection.quiet) {
      due = std::min(due, connection.last_received + limits.quiet_after);
    }
    due = std::min(due, keepalive_due(connection));
    if (connection.surplus && !connection.seeking) {
      due = std::min(due, connection.last_exchange + limits.exchange_idle);
    }
    due = std::min(due, connection.guest_until);
  }
  if (connection.decoder.mid_frame() && !connection.decoder.in_payload()) {
    due = std::min(due, connection.frame_began + limits.frame_progress);
  }
  if (connection.write_interest) {
    const Duration stall = connection.extended() ? limits.write_stall : kLegacyWriteStall;
    due = std::min(due, connection.write_blocked + stall);
  }
  return due;
}

// An entry that is too early only looks again; so the queue changes seldom, not with every byte.
void Engine::Core::schedule(Connection& connection) {
  const Time due = deadline_of(connection);
  if (due >= connection.timer) return;
  connection.timer = due;
  timers_.add(due, connection.id);
}

void Engine::Core::check_deadlines(Connection& connection) {
  if (connection.phase == Phase::connecting) {
    if (context_.now < connection.opened + context_.config.limits.dial_timeout) return;
    ++counts_.dials_failed[static_cast<size_t>(NetError::timed_out)];
    neighbours_.on_connect_failed(connection, NetError::timed_out);
    let_go(connection);
    context_.emit(Close{connection.id});
    remove(connection);
    return;
  }
  if (!connection.open()) return;  // settle() advances a closing one
  check_liveness(connection);
  if (!connection.open()) return;
  check_speaking(connection);
  downloads_.check(connection);
}

// Whether the connection is to go on.
void Engine::Core::check_liveness(Connection& connection) {
  const Limits& limits = context_.config.limits;
  const Time now = context_.now;
  const auto doom = [&](CloseReason reason) { context_.connections.doom(connection, reason); };
  if (connection.decoder.mid_frame() && !connection.decoder.in_payload() &&
      now >= connection.frame_began + limits.frame_progress) {
    return doom(CloseReason::frame_too_slow);
  }
  if (connection.kind == PeerKind::unidentified) {
    if (connection.accepted() && now >= connection.opened + limits.unidentified_accepted) {
      return doom(CloseReason::not_identified);
    }
    if (!connection.accepted() && !connection.presumed_legacy &&
        now >= connection.opened + limits.presumed_legacy_after) {
      connection.presumed_legacy = true;
      connection.next_pex = now + context_.random.jittered(limits.pex_interval);
      neighbours_.on_identified(connection);
      finder_.on_identified(connection);
      context_.notify(PeerIdentified{connection.id, connection.remote, false, true});
    }
  }
  const Duration stall = connection.extended() ? limits.write_stall : kLegacyWriteStall;
  if (connection.write_interest && now >= connection.write_blocked + stall) {
    return doom(CloseReason::not_reading);
  }
  if (!connection.extended()) return;  // an original is never closed for being idle
  if (now >= connection.last_received + limits.silent_after) return doom(CloseReason::silent);
  neighbours_.note_quiet(connection, now >= connection.last_received + limits.quiet_after);
  if (now >= connection.guest_until) return doom(CloseReason::slots_full);
  if (connection.surplus && !connection.seeking &&
      now >= connection.last_exchange + limits.exchange_idle &&
      !neighbours_.keep_feeler(connection)) {
    return doom(CloseReason::slots_full);
  }
}

// What is to be said at regular times.
void Engine::Core::check_speaking(Connection& connection) {
  const Limits& limits = context_.config.limits;
  if (context_.now >= connection.next_pex && has_news_for(connection)) {
    connection.next_pex = context_.now + context_.random.jittered(limits.pex_interval);
    // A peer that has not taken the last list gets no other.
    if (connection.outbox.control_pending() == 0) neighbours_.send_news(connection);
  }
  if (keepalive_due(connection) <= context_.now) {
    neighbours_.keep_alive(connection);
    kept_alive_ = true;
  }
}

// Time::never(): no keepalive is needed.
Time Engine::Core::keepalive_due(const Connection& connection) const {
  if (!connection.extended() || !connection.outbox.empty()) return Time::never();
  return connection.last_sent + context_.config.limits.keepalive_every;
}

// A node at rest wakes once in a while for all its connections, not now and then for each of them:
// what would be due within a fifth of the interval is sent along.
void Engine::Core::keep_others_alive() {
  const Time soon = context_.now + context_.config.limits.keepalive_every / 5;
  for (const auto& [id, connection] : context_.connections) {
    if (!connection->open() || keepalive_due(*connection) > soon) continue;
    neighbours_.keep_alive(*connection);
    context_.connections.touch(id);
  }
}

void Engine::Core::sync_if_due() {
  if (context_.now < sync_at_ || syncing_) return;
  syncing_ = context_.new_op();
  unsynced_bytes_ = 0;
  sync_at_ = Time::never();
  context_.emit(SyncStore{*syncing_});
}

// The disk's trouble may have passed. If not, whoever asks is told so, and we are here again.
void Engine::Core::read_again_if_due() {
  if (context_.now < read_again_at_) return;
  read_again_at_ = Time::never();
  for (const Digest& digest : held_.take_unread()) on(PieceAdded{digest});
}

void Engine::Core::finish_if_stopped() {
  if (stopped_ || context_.connections.size() > 0 || syncing_ || book_saving_.under_way()) return;
  if (unsynced_bytes_ > 0) {
    sync_at_ = context_.now;
    sync_if_due();
    return;
  }
  stopped_ = true;
  context_.notify(Stopped{});
}

}  // namespace p2p
