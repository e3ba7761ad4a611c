#include "engine/core/core.h"

#include <algorithm>

#include "engine/base/check.h"

namespace p2p {

namespace {

// What one read takes from a connection when no piece is arriving on it.
constexpr size_t kScratchSize = size_t{64} << 10;

// When a piece that the store could not give is tried again.
constexpr Duration kReadAgain = Duration::seconds(30);

}  // namespace

Engine::Core::Core(Config config, Seed seed, Time start)
    : context_(std::move(config), seed, start),
      downloads_(context_),
      uploads_(context_, held_),
      sending_(context_.config.limits.upload_rate, start),
      receiving_(context_.config.limits.download_rate, start),
      contents_(context_, held_, downloads_),
      neighbours_(context_),
      finder_(context_, neighbours_),
      book_saving_(context_, neighbours_.book()),
      scratch_(kScratchSize) {}

void Engine::Core::handle(Time now, Event event) {
  P2P_CHECK(now >= context_.now);
  P2P_CHECK(context_.actions.empty());
  context_.now = now;
  std::visit([this](const auto& e) { on(e); }, event);
  settle();
}

std::optional<Action> Engine::Core::poll_action() {
  if (context_.actions.empty()) return std::nullopt;
  Action action = std::move(context_.actions.front());
  context_.actions.pop_front();
  return action;
}

Time Engine::Core::next_deadline() const {
  Time next = std::min({timers_.next(), sending_.next_due(), receiving_.next_due()});
  if (stopping_) return next;
  next = std::min(next, neighbours_.next_due(downloads_.wanted_count() > 0));
  if (!syncing_) next = std::min(next, sync_at_);
  next = std::min({next, uploads_.next_due(), downloads_.next_look()});
  next = std::min(next, read_again_at_);
  next = std::min(next, book_saving_.next_due());
  next = std::min(next, finder_.next_due());
  if (downloads_.paused_until() > context_.now) next = std::min(next, downloads_.paused_until());
  return next;
}

void Engine::Core::on(const Started& event) {
  P2P_CHECK(event.book_age >= Duration());
  for (const Digest& digest : event.held) held_.insert(digest);
  neighbours_.restore(event.book, event.book_age);
}

void Engine::Core::on(const DeadlineReached&) {
  kept_alive_ = false;
  while (timers_.next() <= context_.now) {
    const auto [when, id] = timers_.take();
    Connection* const connection = context_.connections.find(id);
    if (connection == nullptr || connection->timer != when) continue;
    connection->timer = Time::never();
    check_deadlines(*connection);
    context_.connections.touch(id);
  }
  if (kept_alive_) keep_others_alive();
}

void Engine::Core::on(const Accepted& event) {
  P2P_CHECK(event.conn.is_accepted() && context_.connections.find(event.conn) == nullptr);
  if (stopping_) {
    context_.emit(Close{event.conn});
    return;
  }
  ++counts_.accepted;
  if (turns_away(event)) return;
  Connection& connection = context_.connections.add(
      std::make_unique<Connection>(event.conn, event.remote, context_.config.piece_size));
  open(connection, event.local);
  strangers_.insert(event.conn);
  if (strangers_.size() > context_.config.limits.unidentified_max) {
    turn_out_a_stranger("too many such connections");
  }
}

void Engine::Core::on(const Connected& event) {
  Connection* const connection = context_.connections.find(event.conn);
  if (connection == nullptr) return;
  P2P_CHECK(connection->phase == Phase::connecting);
  ++counts_.dials_succeeded;
  open(*connection, event.local);
}

void Engine::Core::on(const ConnectFailed& event) {
  Connection* const connection = context_.connections.find(event.conn);
  if (connection == nullptr) return;
  P2P_CHECK(connection->phase == Phase::connecting);
  ++counts_.dials_failed[static_cast<size_t>(event.why)];
  neighbours_.on_connect_failed(*connection, event.why);
  let_go(*connection);
  remove(*connection);
}

void Engine::Core::on(const Sent& event) {
  Connection* const connection = context_.connections.find(event.conn);
  if (connection == nullptr) return;
  const size_t payload_before = connection->outbox.payload_pending();
  if (payload_before > 0) connection->last_exchange = context_.now;
  const auto pieces = connection->outbox.sent(event.bytes);
  const size_t payload = payload_before - connection->outbox.payload_pending();
  payload_sent_ += payload;
  if (payload > 0) uploads_.on_payload_sent(payload);
  if (sending_.is_set()) sending_.moved(connection->to_send, payload);
  connection->bytes_out += event.bytes;
  connection->last_sent = context_.now;
  connection->write_blocked = context_.now;
  if (!pieces.empty() && connection->exchange != nullptr) {
    uploads_.on_pieces_sent(*connection, pieces);
  }
  context_.connections.touch(event.conn);
}

void Engine::Core::on(const Closed& event) {
  Connection* const connection = context_.connections.find(event.conn);
  if (connection == nullptr) return;
  if (connection->phase == Phase::open) {
    ++counts_.ended[static_cast<size_t>(event.why)];
    connection->ended = event.why;
    let_go(*connection);
  }
  context_.emit(Close{event.conn});
  remove(*connection);
}

// Strangers are the first to make room for a connection that waits.
void Engine::Core::on(const AcceptStarved&) {
  if (!strangers_.empty()) turn_out_a_stranger("out of descriptors");
}

void Engine::Core::on(const Resolved& event) { neighbours_.on_resolved(event.op, event); }

void Engine::Core::on(const PieceHashed& event) {
  const auto piece = downloads_.on_hashed(event.op, event.digest);
  if (piece) contents_.on_verified(*piece);
}

void Engine::Core::on(const PieceStored& event) {
  const auto stored = contents_.on_stored(event.op, event.status);
  if (!stored) return;
  uploads_.announce(stored->digest);
  finder_.piece_came();
  if (unsynced_bytes_ == 0) sync_at_ = context_.now + context_.config.limits.sync_every;
  unsynced_bytes_ += stored->bytes + 1;
  if (unsynced_bytes_ >= context_.config.limits.sync_every_bytes) sync_at_ = context_.now;
}

void Engine::Core::on(const PieceLoaded& event) {
  if (!uploads_.on_loaded(event.op, event.status, event.bytes)) {
    contents_.on_loaded(event.op, event.status, event.bytes);
  }
  if (held_.any_unread() && read_again_at_ == Time::never()) {
    read_again_at_ = context_.now + kReadAgain;
  }
}

void Engine::Core::on(const StoreSynced& event) {
  if (syncing_ != event.op) return;
  syncing_.reset();
  if (event.status != StoreStatus::ok) context_.notify(StoreFailed{event.status});
}

void Engine::Core::on(const BookSaved& event) { book_saving_.on_saved(event); }

void Engine::Core::on(const FetchPieces& event) { contents_.start(event); }

void Engine::Core::on(const FetchContent& event) {
  finder_.get(event.root);
  contents_.start(event);
}

void Engine::Core::on(const ServeContent& event) { finder_.serve(event.root); }

void Engine::Core::on(const StopServing& event) { finder_.stop_serving(event.root); }

void Engine::Core::on(const CancelFetch& event) { contents_.cancel(event.fetch); }

void Engine::Core::on(const PieceAdded& event) {
  held_.insert(event.digest);
  contents_.on_added(event.digest);
  uploads_.announce(event.digest);
}

void Engine::Core::on(const PieceRemoved& event) { held_.erase(event.digest); }

void Engine::Core::on(const ShutDown&) {
  if (stopping_) return;
  stopping_ = true;
  book_saving_.save_for_good();
  for (const auto& [id, connection] : context_.connections) {
    context_.connections.doom(*connection, CloseReason::shutting_down);
  }
}

ReceiveWindow Engine::Core::receive_window(ConnId conn) {
  Connection* const connection = context_.connections.find(conn);
  P2P_CHECK(connection != nullptr && connection->read_interest);
  ReceiveWindow window;
  const std::span<std::byte> scratch = scratch_.writable();
  if (!connection->open()) {
    window.spans[0] = scratch;
    return window;
  }
  if (receiving_.is_set() && connection->decoder.in_payload()) {
    // No further than there is leave for.
    const auto payload = connection->decoder.payload_window();
    const auto into = payload.empty() ? scratch : payload;
    window.spans[0] = into.first(std::min(into.size(), connection->to_receive.bytes));
    return window;
  }
  window.spans[0] = connection->decoder.payload_window();
  // Behind a piece, and where one is expected, little: what lands in scratch is copied once.
  const bool expecting =
      connection->exchange != nullptr && connection->exchange->down.open_asks > 0;
  constexpr size_t kShort = 4096;
  if (window.spans[0].empty()) {
    window.spans[0] = expecting ? scratch.first(kShort) : scratch;
  } else {
    window.spans[1] = scratch.first(kShort);
  }
  return window;
}

GatherList Engine::Core::send_window(ConnId conn) const {
  const Connection* const connection = context_.connections.find(conn);
  if (connection == nullptr || connection->phase == Phase::connecting) return {};
  if (!sending_.is_set()) return connection->outbox.window();
  return connection->outbox.window(connection->to_send.bytes);
}

Engine::Engine(Config config, Seed seed, Time start)
    : core_(std::make_unique<Core>(std::move(config), seed, start)) {}
Engine::~Engine() = default;

void Engine::handle(Time now, Event event) { core_->handle(now, std::move(event)); }
std::optional<Action> Engine::poll_action() { return core_->poll_action(); }
Time Engine::next_deadline() const { return core_->next_deadline(); }
ReceiveWindow Engine::receive_window(ConnId conn) { return core_->receive_window(conn); }
GatherList Engine::send_window(ConnId conn) const { return core_->send_window(conn); }
Status Engine::status() const { return core_->status(); }
Totals Engine::totals() const { return core_->totals(); }
std::optional<EndpointStory> Engine::why(const Endpoint& endpoint) const {
  return core_->why(endpoint);
}

std::optional<ContentStory> Engine::why(const Digest& root, size_t pieces_max) const {
  return core_->why(root, pieces_max);
}

}  // namespace p2p
