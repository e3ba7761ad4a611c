#include "tests/support/mem_network.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace p2p::test {

namespace {

void append(std::vector<std::byte>& out, const Segment& segment, size_t most) {
  const auto& bytes = std::get<std::span<const std::byte>>(segment);
  const auto part = bytes.first(std::min(bytes.size(), most));
  out.insert(out.end(), part.begin(), part.end());
}

}  // namespace

MemNode::MemNode(MemNetwork& network, size_t index, Config config, Seed seed, Address address)
    : network_(network),
      index_(index),
      config_(config),
      address_(address),
      engine_(std::make_unique<Engine>(std::move(config), seed, network.now())) {}

Time MemNode::now() const { return network_.now_; }

void MemNode::perform(Engine&, Action&& action) {
  std::visit([this](const auto& a) { on(a); }, action);
}

void MemNode::answer(Event event) {
  // In no fixed order: completions overtake each other.
  const Duration wait = Duration::microseconds(static_cast<int64_t>(network_.random_.below(3000)));
  network_.after(wait, [this, event = std::move(event)] { network_.tell(*this, event); });
}

void MemNode::on(const Connect& action) { network_.dial(*this, action.conn, action.to); }

void MemNode::on(const Close& action) {
  const auto found = ends_.find(action.conn);
  if (found == ends_.end()) return;
  StreamEnd* const end = found->second;
  ends_.erase(found);
  if (end != nullptr) network_.close(*end);
}

void MemNode::on(const ShutdownWrite& action) { network_.send_eof(*ends_.at(action.conn)); }

void MemNode::on(const SetInterest& action) {
  StreamEnd& end = *ends_.at(action.conn);
  end.read_interest = action.read;
  end.write_interest = action.write;
  P2P_CHECK(engine_->send_window(action.conn).empty() == !action.write);
  network_.wake_reader(end);
  network_.wake_writer(end);
}

void MemNode::on(const Resolve& action) {
  const auto address = Address::parse(action.name.host);
  Resolved resolved{action.op, {}, "no such name"};
  if (address) resolved.endpoints.push_back({*address, action.name.port});
  answer(std::move(resolved));
}

void MemNode::on(const HashPiece& action) {
  answer(PieceHashed{action.op, sha256_zero_filled(action.bytes.bytes(), action.zeros)});
}

void MemNode::put(const Digest& digest, std::span<const std::byte> bytes,
                  const std::vector<Extent>& extents) {
  const std::vector<std::byte> copy(bytes.begin(), bytes.end());
  store[digest] = copy;
  for (const Extent& extent : extents) {
    auto part = copy;
    part.resize(extent.length);
    targets[extent.fetch][extent.offset] = std::move(part);
  }
}

void MemNode::on(const StorePiece& action) {
  const auto bytes = action.bytes.bytes();
  P2P_CHECK(sha256_zero_filled(bytes, config_.piece_size.bytes() - bytes.size()) == action.digest);
  if (store_answer == StoreStatus::ok) put(action.digest, bytes, action.extents);
  answer(PieceStored{action.op, store_answer});
}

void MemNode::on(const PlacePiece& action) {
  const auto found = store.find(action.digest);
  if (found == store.end()) {
    answer(PieceStored{action.op, StoreStatus::not_held});
    return;
  }
  if (store_answer == StoreStatus::ok) {
    put(action.digest, std::vector<std::byte>(found->second), action.extents);
  }
  answer(PieceStored{action.op, store_answer});
}

void MemNode::on(const LoadPiece& action) {
  const auto found = store.find(action.digest);
  if (load_answer != StoreStatus::ok) {
    answer(PieceLoaded{action.op, load_answer, {}});
  } else if (found == store.end()) {
    answer(PieceLoaded{action.op, StoreStatus::not_held, {}});
  } else {
    answer(PieceLoaded{action.op, StoreStatus::ok, Slice::copy_of(found->second)});
  }
}

void MemNode::on(const SyncStore& action) { answer(StoreSynced{action.op, store_answer}); }

void MemNode::on(const SaveBook& action) {
  books.push_back(std::get<SavedBook>(decode_book(action.bytes.bytes())));
  answer(BookSaved{action.op, book_answer});
}

void MemNode::on(const Notify& action) { notices.push_back(action.notice); }

MemNetwork::MemNetwork(uint64_t seed, NetworkOptions options)
    : options_(options), random_(Seed{seed}) {}
MemNetwork::~MemNetwork() = default;

MemNode& MemNetwork::add(Config config, const Address& address,
                         std::map<Digest, std::vector<std::byte>> pieces, SavedBook book) {
  config.nonce = random_.next();
  const Seed seed{random_.next()};
  nodes_.push_back(
      std::make_unique<MemNode>(*this, nodes_.size(), std::move(config), seed, address));
  MemNode& node = *nodes_.back();
  node.store = std::move(pieces);
  Started started;
  started.book = std::move(book);
  for (const auto& [digest, bytes] : node.store) started.held.push_back(digest);
  tell(node, std::move(started));
  return node;
}

void MemNetwork::tell(MemNode& node, Event event) {
  deliver(*node.engine_, node, std::move(event));
}

void MemNetwork::at(Time when, std::function<void()> what) {
  queue_.emplace(Due{when, ++serial_}, std::move(what));
}

// The next event or deadline not after `limit`; false: there is none.
bool MemNetwork::step(Time limit) {
  MemNode* due = nullptr;
  Time next = queue_.empty() ? Time::never() : queue_.begin()->first.at;
  for (const auto& node : nodes_) {
    const Time deadline = node->engine_->next_deadline();
    if (deadline < next) {
      next = deadline;
      due = node.get();
    }
  }
  if (next > limit) {
    now_ = std::max(now_, limit);
    return false;
  }
  deadlines_in_a_row_ = due != nullptr && next <= now_ ? deadlines_in_a_row_ + 1 : 0;
  P2P_CHECK(deadlines_in_a_row_ < 1000);  // an engine that spins
  now_ = std::max(now_, next);
  if (due != nullptr) {
    tell(*due, DeadlineReached{});
    return true;
  }
  const auto what = std::move(queue_.begin()->second);
  queue_.erase(queue_.begin());
  what();
  return true;
}

void MemNetwork::run_for(Duration duration) {
  const Time end = now_ + duration;
  while (step(end)) {
  }
}

bool MemNetwork::run_until(const std::function<bool()>& holds, Duration limit) {
  const Time end = now_ + limit;
  while (!holds()) {
    if (!step(end)) return holds();
  }
  return true;
}

std::pair<StreamEnd*, StreamEnd*> MemNetwork::make_stream() {
  ends_.push_back(std::make_unique<StreamEnd>());
  StreamEnd* const a = ends_.back().get();
  ends_.push_back(std::make_unique<StreamEnd>());
  StreamEnd* const b = ends_.back().get();
  a->peer = b;
  b->peer = a;
  return {a, b};
}

void MemNetwork::dial(MemNode& from, ConnId conn, const Endpoint& to) {
  from.ends_[conn] = nullptr;
  after(options_.latency, [this, &from, conn, to] {
    const auto still = from.ends_.find(conn);
    if (still == from.ends_.end()) return;  // called off
    const Address source = to.address.is_loopback() ? to.address : from.address_;
    const Endpoint local{source, ++next_port_};
    const auto raw = raw_listeners_.find(to);
    const auto target = std::find_if(nodes_.begin(), nodes_.end(), [&](const auto& node) {
      const bool there =
          to.address == node->address_ || (to.address.is_loopback() && node->address_ == source);
      return there && node->config_.listen_port == to.port;
    });
    if (raw == raw_listeners_.end() && target == nodes_.end()) {
      from.ends_.erase(still);
      tell(from, ConnectFailed{conn, NetError::refused});
      return;
    }
    const auto [mine, theirs] = make_stream();
    mine->node = from.index_;
    mine->conn = conn;
    still->second = mine;
    tell(from, Connected{conn, local});
    if (raw != raw_listeners_.end()) {
      theirs->raw = true;
      raw->second(*theirs);
    } else {
      accept(**target, *theirs, to, local);
    }
  });
}

void MemNetwork::accept(MemNode& node, StreamEnd& end, const Endpoint& local,
                        const Endpoint& remote) {
  end.node = node.index_;
  end.conn = ConnId::accepted(++node.accepted_);
  node.ends_[end.conn] = &end;
  tell(node, Accepted{end.conn, local, remote});
}

StreamEnd& MemNetwork::raw_connect(const Endpoint& to, const Address& from) {
  const auto [mine, theirs] = make_stream();
  mine->raw = true;
  for (const auto& node : nodes_) {
    if (node->endpoint() == to) {
      accept(*node, *theirs, to, Endpoint{from, ++next_port_});
      return *mine;
    }
  }
  check_failed("nobody listens there");
}

void MemNetwork::raw_listen(const Endpoint& at, std::function<void(StreamEnd&)> on_accept) {
  raw_listeners_[at] = std::move(on_accept);
}

void MemNetwork::raw_send(StreamEnd& end, std::span<const std::byte> bytes) {
  transmit(end, {bytes.begin(), bytes.end()});
}

void MemNetwork::raw_close(StreamEnd& end) { close(end); }

size_t MemNetwork::cut(size_t most) {
  if (options_.cuts == Cuts::whole || most <= 1) return most;
  // Often a few bytes, often all.
  if (random_.below(4) == 0) return most;
  const size_t bound = random_.below(2) == 0 ? std::min<size_t>(most, 64) : most;
  return 1 + static_cast<size_t>(random_.below(bound));
}

void MemNetwork::transmit(StreamEnd& from, std::vector<std::byte> bytes) {
  StreamEnd& to = *from.peer;
  to.in_flight += bytes.size();
  after(options_.latency, [this, &to, bytes = std::move(bytes)] {
    if (to.gone) return;
    if (to.raw && !to.raw_reads) return;
    if (to.raw) {
      to.raw_received.insert(to.raw_received.end(), bytes.begin(), bytes.end());
      to.in_flight -= bytes.size();
      wake_writer(*to.peer);
      return;
    }
    to.inbound.insert(to.inbound.end(), bytes.begin(), bytes.end());
    wake_reader(to);
  });
}

void MemNetwork::send_eof(StreamEnd& from) {
  StreamEnd& to = *from.peer;
  after(options_.latency, [this, &to] {
    to.eof_arrived = true;
    wake_reader(to);
  });
}

void MemNetwork::close(StreamEnd& end) {
  if (end.gone) return;
  end.gone = true;
  send_eof(end);
}

void MemNetwork::wake_reader(StreamEnd& end) {
  after(Duration(), [this, &end] { read_some(end); });
}

void MemNetwork::wake_writer(StreamEnd& end) {
  after(Duration(), [this, &end] { write_some(end); });
}

void MemNetwork::read_some(StreamEnd& end) {
  if (end.gone || end.raw || end.broken || !end.read_interest) return;
  MemNode& node = *nodes_[end.node];
  if (end.inbound.empty()) {
    if (!end.eof_arrived) return;
    end.broken = true;
    tell(node, Closed{end.conn, NetError::end_of_stream});
    return;
  }
  const ReceiveWindow window = node.engine_->receive_window(end.conn);
  P2P_CHECK(window.size() > 0);
  const size_t count = cut(std::min(end.inbound.size(), window.size()));
  for (size_t i = 0; i < count; ++i) {
    const size_t first = window.spans[0].size();
    (i < first ? window.spans[0][i] : window.spans[1][i - first]) = end.inbound[i];
  }
  end.inbound.erase(end.inbound.begin(), end.inbound.begin() + static_cast<std::ptrdiff_t>(count));
  end.in_flight -= count;
  tell(node, Received{end.conn, count});
  wake_writer(*end.peer);
  wake_reader(end);
}

void MemNetwork::write_some(StreamEnd& end) {
  if (end.gone || end.raw || end.broken || !end.write_interest || end.peer == nullptr) return;
  if (end.peer->gone) return;
  if (end.peer->in_flight >= options_.pipe_bytes) return;
  MemNode& node = *nodes_[end.node];
  const GatherList list = node.engine_->send_window(end.conn);
  P2P_CHECK(!list.empty());
  const size_t most = cut(options_.pipe_bytes - end.peer->in_flight);
  std::vector<std::byte> bytes;
  for (const Segment& segment : list.view()) {
    if (bytes.size() >= most) break;
    append(bytes, segment, most - bytes.size());
  }
  const size_t count = bytes.size();
  transmit(end, std::move(bytes));
  tell(node, Sent{end.conn, count});
  wake_writer(end);
}

}  // namespace p2p::test
