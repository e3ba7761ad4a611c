#include "engine/exchange/uploads.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/wire/encoder.h"

namespace p2p {

namespace {

bool erase_sorted(std::vector<Digest>& sorted, const Digest& digest) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), digest);
  if (at == sorted.end() || *at != digest) return false;
  sorted.erase(at);
  return true;
}

bool insert_sorted(std::vector<Digest>& sorted, const Digest& digest) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), digest);
  if (at != sorted.end() && *at == digest) return false;
  sorted.insert(at, digest);
  return true;
}

size_t stored_length(const StoredBytes& bytes) {
  if (const auto* slice = std::get_if<Slice>(&bytes)) return slice->size();
  return std::get<FileSlice>(bytes).length;
}

}  // namespace

PeerUploads& Uploads::of(Connection& connection) {
  if (connection.exchange == nullptr) connection.exchange = std::make_unique<PeerExchange>();
  peers_.insert(connection.id);
  connection.last_exchange = context_.now;
  context_.connections.touch(connection.id);
  return connection.exchange->up;
}

// A want stands until its have has been taken by the peer, so what is owed counts as standing: the
// window bounds the memory of a peer that wants and never reads.
void Uploads::owe_answer(Connection& connection, PeerUploads& up, FrameType type,
                         const Digest& digest) {
  const Limits& limits = context_.config.limits;
  if (up.answers.size() >= limits.wants_per_peer_max + limits.asks_per_peer_max) {
    context_.connections.doom(connection, CloseReason::too_many_wants);
    return;
  }
  up.answers.emplace_back(type, digest);
  if (type == FrameType::have) up.owed_haves.insert(digest);
}

void Uploads::on_want(Connection& connection, std::span<const Digest> digests) {
  PeerUploads& up = of(connection);
  for (const Digest& digest : digests) {
    if (held_.contains(digest)) {
      erase_sorted(up.wants, digest);
      owe_answer(connection, up, FrameType::have, digest);
      continue;
    }
    if (insert_sorted(up.wants, digest) &&
        up.wants.size() > context_.config.limits.wants_per_peer_max) {
      context_.connections.doom(connection, CloseReason::too_many_wants);
      return;
    }
    owe_answer(connection, up, FrameType::lack, digest);
  }
}

void Uploads::on_ask(Connection& connection, const Digest& digest) {
  PeerUploads& up = of(connection);
  const Limits& limits = context_.config.limits;
  if (!connection.extended()) {
    // A legacy peer's asks are a set; what it repeats or asks beyond the limit is dropped.
    const bool repeated = up.open_asks.contains(digest);
    if (repeated || up.asks.size() >= limits.asks_per_peer_max || !held_.contains(digest)) return;
  } else {
    const size_t piece = context_.config.piece_size.bytes();
    const size_t most = std::min(limits.asks_per_peer_max,
                                 std::max<size_t>(limits.ask_bytes_per_peer_max / piece, 2));
    if (up.open_asks.size() >= most) {
      context_.connections.doom(connection, CloseReason::too_many_asks,
                                std::to_string(up.open_asks.size() + 1) + " open at once");
      return;
    }
  }
  up.open_asks.insert(digest);
  up.asks.push_back(digest);
  unpark(connection.id, up);
}

// Searches only for what is there: a cancel costs little, whatever it names.
void Uploads::on_cancel(Connection& connection, std::span<const Digest> digests) {
  PeerUploads& up = of(connection);
  for (const Digest& digest : digests) {
    erase_sorted(up.wants, digest);
    if (up.owed_haves.erase(digest) > 0) {
      std::erase_if(up.answers, [&](const auto& answer) {
        return answer.second == digest && answer.first == FrameType::have;
      });
    }
    if (up.open_asks.contains(digest)) cancel_ask(connection, up, digest);
  }
}

void Uploads::cancel_ask(Connection& connection, PeerUploads& up, const Digest& digest) {
  const auto waiting = std::find(up.asks.begin(), up.asks.end(), digest);
  if (waiting != up.asks.end()) {
    up.asks.erase(waiting);
    if (up.asks.empty()) {
      queue_.leave(up.place);
      unpark(connection.id, up);
    }
    refuse_ask(connection, up, digest);
  } else if (connection.outbox.withdraw(digest)) {
    end_transfer(up, digest, false);
    refuse_ask(connection, up, digest);
  } else if (!connection.outbox.has_piece(digest)) {
    up.cancelled_loads.insert(digest);  // it is being loaded
  }
}

void Uploads::refuse_ask(Connection& connection, PeerUploads& up, const Digest& digest) {
  up.open_asks.erase(up.open_asks.find(digest));
  if (connection.extended()) owe_answer(connection, up, FrameType::lack, digest);
}

void Uploads::announce(const Digest& digest) {
  for (const ConnId id : peers_) {
    Connection* const connection = context_.connections.find(id);
    PeerUploads& up = connection->exchange->up;
    if (!erase_sorted(up.wants, digest)) continue;
    owe_answer(*connection, up, FrameType::have, digest);
    context_.connections.touch(id);
  }
}

void Uploads::pump(Connection& connection) {
  if (!connection.open() || connection.exchange == nullptr) return;
  PeerUploads& up = connection.exchange->up;
  send_answers(connection, up);
  const bool waits = up.place.waits || up.parked_until != Time();
  if (!up.asks.empty() && !waits && has_room(connection, up)) queue_up(connection, up);
}

void Uploads::send_answers(Connection& connection, PeerUploads& up) {
  const size_t ahead = context_.config.limits.control_ahead_bytes;
  while (!up.answers.empty() && connection.outbox.control_pending() < ahead) {
    const FrameType type = up.answers.front().first;
    std::vector<Digest> run;
    while (!up.answers.empty() && up.answers.front().first == type && run.size() < kDigestListMax) {
      run.push_back(up.answers.front().second);
      if (type == FrameType::have) up.owed_haves.erase(run.back());
      up.answers.pop_front();
    }
    connection.outbox.add_digests(type, run);
  }
}

bool Uploads::on_loaded(OpId op, StoreStatus status, StoredBytes bytes) {
  const auto found = loads_.find(op);
  if (found == loads_.end()) return false;
  const Load load = found->second;
  loads_.erase(found);
  // A piece that can't be read is not held, whoever asked for it.
  if (status != StoreStatus::ok) held_.on_unreadable(load.digest, status);
  Connection* const connection = context_.connections.find(load.conn);
  if (connection == nullptr || !connection->open()) return true;
  PeerUploads& up = of(*connection);
  --up.loading;
  if (status != StoreStatus::ok || up.cancelled_loads.erase(load.digest) > 0) {
    end_transfer(up, load.digest, false);
    refuse_ask(*connection, up, load.digest);
    return true;
  }
  for (Transfer& transfer : up.transfers) {
    if (transfer.digest == load.digest) transfer.bytes = stored_length(bytes);
  }
  queue_piece(*connection, load.digest, std::move(bytes));
  return true;
}

void Uploads::queue_piece(Connection& connection, const Digest& digest, StoredBytes bytes) {
  const PieceSize piece_size = context_.config.piece_size;
  const size_t length = stored_length(bytes);
  if (length == piece_size.bytes() || !connection.extended()) {
    connection.outbox.add_piece(digest, encode_give_header(digest, piece_size), std::move(bytes),
                                piece_size.bytes() - length);
    return;
  }
  connection.outbox.add_piece(digest,
                              encode_trim_header(digest, static_cast<uint32_t>(length), piece_size),
                              std::move(bytes), 0);
}

void Uploads::on_pieces_sent(Connection& connection, std::span<const Digest> digests) {
  PeerUploads& up = of(connection);
  for (const Digest& digest : digests) {
    up.open_asks.erase(up.open_asks.find(digest));
    end_transfer(up, digest, true);
  }
}

void Uploads::on_gone(Connection& connection) {
  if (peers_.erase(connection.id) == 0) return;
  PeerUploads& up = connection.exchange->up;
  queue_.leave(up.place);
  queue_.end_trial(up.place);
  unpark(connection.id, up);
  for (const Transfer& transfer : up.transfers) {
    slots_.erase(transfer.number);
  }
  up.transfers.clear();
}

}  // namespace p2p
