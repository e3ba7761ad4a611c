#include "engine/exchange/contents.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace p2p {

namespace {

// When the store could not take a piece: a full disk is seldom emptied sooner.
constexpr Duration kStoreRetry = Duration::seconds(30);
// Pieces of one fetch that are known and not yet stored. A few nodes can name the same children
// again and again, up to 2^60 bytes in four pieces: 4 Mi pieces, 4 TiB at 1 MiB, take under 1 GiB
// here.
constexpr uint64_t kPendingMax = uint64_t{1} << 22;

// The pieces that have bytes of the ranges, in ranges that don't touch.
std::vector<ByteRange> whole_pieces(std::vector<ByteRange> ranges, uint64_t piece_bytes) {
  for (ByteRange& range : ranges) {
    P2P_CHECK(range.begin < range.end && range.end <= kContentMax);
    range.begin -= range.begin % piece_bytes;
    range.end += (piece_bytes - range.end % piece_bytes) % piece_bytes;
  }
  const auto before = [](const ByteRange& a, const ByteRange& b) { return a.begin < b.begin; };
  std::sort(ranges.begin(), ranges.end(), before);
  std::vector<ByteRange> merged;
  for (const ByteRange& range : ranges) {
    if (!merged.empty() && range.begin <= merged.back().end) {
      merged.back().end = std::max(merged.back().end, range.end);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

// Of a content of that length; no ranges: all of it.
uint64_t bytes_in(const std::vector<ByteRange>& ranges, uint64_t length) {
  if (ranges.empty()) return length;
  uint64_t bytes = 0;
  for (const ByteRange& range : ranges) {
    bytes += std::min(range.end, length) - std::min(range.begin, length);
  }
  return bytes;
}

}  // namespace

void Contents::start(const FetchPieces& command) {
  P2P_CHECK(!fetches_.contains(command.fetch));
  Fetch& fetch = fetches_[command.fetch];
  fetch.shape_known = true;
  fetch.single_pieces = true;
  fetch.pending = command.digests.size() + 1;  // one for this loop, so that it ends but once
  for (const Digest& digest : command.digests) {
    need(digest, Use{command.fetch, Use::Kind::single, {}, 0, 0});
  }
  use_done(command.fetch);
}

void Contents::start(const FetchContent& command) {
  P2P_CHECK(!fetches_.contains(command.fetch));
  Fetch& fetch = fetches_[command.fetch];
  fetch.root = command.root;
  fetch.placed = command.placed;
  fetch.ranges = whole_pieces(command.ranges, context_.config.piece_size.bytes());
  fetch.pending = 1;
  need(command.root, Use{command.fetch, Use::Kind::node, NodePlace{}, 0, 0});
}

void Contents::cancel(FetchId fetch) {
  const auto found = fetches_.find(fetch);
  if (found == fetches_.end()) return;
  if (!found->second.single_pieces) ended_.push_back({found->second.root, false});
  fetches_.erase(found);
  const auto is_of_it = [&](const Use& use) { return use.fetch == fetch; };
  for (auto it = uses_.begin(); it != uses_.end();) {
    std::erase_if(it->second, is_of_it);
    if (it->second.empty()) {
      downloads_.unwant(it->first);
      it = uses_.erase(it);
    } else {
      ++it;
    }
  }
  for (auto& [op, storing] : storing_) std::erase_if(storing.uses, is_of_it);
  std::erase_if(loading_, [&](const auto& entry) { return is_of_it(entry.second.use); });
}

Contents::Fetch* Contents::find(FetchId id) {
  const auto found = fetches_.find(id);
  return found == fetches_.end() ? nullptr : &found->second;
}

bool Contents::is_placed(const Use& use) {
  const Fetch* const fetch = find(use.fetch);
  return use.kind == Use::Kind::data && fetch != nullptr && fetch->placed;
}

// Whether some of what the child carries is wanted.
bool Contents::wants(const Fetch& fetch, const ChildPlace& child) {
  if (fetch.ranges.empty()) return true;
  const auto first =
      std::partition_point(fetch.ranges.begin(), fetch.ranges.end(),
                           [&](const ByteRange& range) { return range.end <= child.offset; });
  return first != fetch.ranges.end() && first->begin < child.offset + child.length;
}

std::vector<Extent> Contents::extents_of(const std::vector<Use>& uses) {
  std::vector<Extent> extents;
  extents.reserve(uses.size());
  for (const Use& use : uses) extents.push_back(Extent{use.fetch, use.offset, use.length});
  return extents;
}

void Contents::need(const Digest& digest, const Use& use) {
  if (held_.contains(digest)) {
    need_held(digest, use);
    return;
  }
  uses_[digest].push_back(use);
  downloads_.want(digest, use.kind == Use::Kind::node);
}

void Contents::need_held(const Digest& digest, const Use& use) {
  if (use.kind == Use::Kind::single) {
    context_.notify(PieceObtained{use.fetch, digest});
    use_done(use.fetch);
    return;
  }
  // A node is to be read; the padding of a last data piece is to be looked at.
  if (use.kind == Use::Kind::node || use.length < context_.config.piece_size.bytes()) {
    const OpId op = context_.new_op();
    loading_[op] = Loading{digest, use};
    context_.emit(LoadPiece{op, digest, true});
    return;
  }
  place(digest, use);
}

void Contents::place(const Digest& digest, const Use& use) {
  if (!is_placed(use)) {
    data_done(use);
    return;
  }
  const OpId op = context_.new_op();
  storing_[op] = Storing{digest, {}, false, true, {use}};
  context_.emit(PlacePiece{op, digest, extents_of({use})});
}

// The uses of an arrived piece, without those of fetches that it proves wrong.
std::vector<Contents::Use> Contents::take_uses(const Digest& digest, const Slice& bytes) {
  const auto wrong = [&](const Use& use) {
    return use.kind == Use::Kind::data && !data_padding_is_zero(bytes.bytes(), use.length);
  };
  for (;;) {
    const auto found = uses_.find(digest);
    if (found == uses_.end()) return {};
    const auto bad = std::find_if(found->second.begin(), found->second.end(), wrong);
    if (bad == found->second.end()) {
      auto uses = std::move(found->second);
      uses_.erase(found);
      return uses;
    }
    fail(bad->fetch, "its last piece goes on behind its end");
  }
}

void Contents::on_verified(const VerifiedPiece& piece) {
  auto uses = take_uses(piece.digest, piece.bytes);
  const bool at_extents =
      std::all_of(uses.begin(), uses.end(), [&](const Use& use) { return is_placed(use); });
  const OpId op = context_.new_op();
  auto extents = at_extents ? extents_of(uses) : std::vector<Extent>();
  storing_[op] =
      Storing{piece.digest, piece.bytes, true, at_extents && !uses.empty(), std::move(uses)};
  context_.emit(StorePiece{op, piece.digest, piece.bytes, std::move(extents)});
}

std::optional<Contents::NowHeld> Contents::on_stored(OpId op, StoreStatus status) {
  const auto found = storing_.find(op);
  if (found == storing_.end()) return std::nullopt;
  Storing stored = std::move(found->second);
  storing_.erase(found);
  if (status != StoreStatus::ok) {
    store_failed(stored, status);
    return std::nullopt;
  }
  if (!stored.arrived) {
    for (const Use& use : stored.uses) data_done(use);
    return std::nullopt;
  }
  held_.insert(stored.digest);
  downloads_.on_stored(stored.digest, true);
  arrived(stored);
  return NowHeld{stored.digest, stored.bytes.size()};
}

void Contents::arrived(const Storing& stored) {
  for (const Use& use : stored.uses) {
    if (use.kind == Use::Kind::node) {
      read_tree_node(use, stored.bytes.bytes());
    } else if (use.kind == Use::Kind::data && (stored.at_extents || !is_placed(use))) {
      data_done(use);
    } else {
      need_held(stored.digest, use);
    }
  }
  // Uses that came up while it was being stored.
  const auto found = uses_.find(stored.digest);
  if (found == uses_.end()) return;
  const auto later = std::move(found->second);
  uses_.erase(found);
  for (const Use& use : later) need_held(stored.digest, use);
}

void Contents::store_failed(Storing& stored, StoreStatus status) {
  if (!stored.arrived && status == StoreStatus::not_held) {
    // It was lost since it was stored: from peers, then.
    held_.erase(stored.digest);
    for (const Use& use : stored.uses) need(stored.digest, use);
    return;
  }
  context_.notify(StoreFailed{status});
  downloads_.pause(context_.now + kStoreRetry);
  if (!stored.arrived) {
    for (const Use& use : stored.uses) places_to_retry_.emplace_back(stored.digest, use);
    return;
  }
  auto& uses = uses_[stored.digest];
  uses.insert(uses.end(), stored.uses.begin(), stored.uses.end());
  downloads_.on_stored(stored.digest, false);
  if (uses.empty()) {  // its fetch was cancelled meanwhile
    uses_.erase(stored.digest);
    downloads_.unwant(stored.digest);
  }
}

void Contents::retry_places() {
  for (const auto& [digest, use] : std::exchange(places_to_retry_, {})) {
    if (find(use.fetch) != nullptr) need(digest, use);
  }
}

void Contents::on_added(const Digest& digest) {
  const auto found = uses_.find(digest);
  if (found == uses_.end()) return;
  const auto uses = std::move(found->second);
  uses_.erase(found);
  downloads_.unwant(digest);
  for (const Use& use : uses) need_held(digest, use);
}

bool Contents::on_loaded(OpId op, StoreStatus status, const StoredBytes& bytes) {
  const auto found = loading_.find(op);
  if (found == loading_.end()) return false;
  const Loading loaded = found->second;
  loading_.erase(found);
  if (status != StoreStatus::ok) {
    held_.on_unreadable(loaded.digest, status);
    need(loaded.digest, loaded.use);
    return true;
  }
  const auto memory = std::get<Slice>(bytes).bytes();
  if (loaded.use.kind == Use::Kind::node) {
    read_tree_node(loaded.use, memory);
  } else if (!data_padding_is_zero(memory, loaded.use.length)) {
    fail(loaded.use.fetch, "its last piece goes on behind its end");
  } else {
    place(loaded.digest, loaded.use);
  }
  return true;
}

void Contents::read_tree_node(const Use& use, std::span<const std::byte> bytes) {
  if (find(use.fetch) == nullptr) return;
  const auto read = read_node(bytes, context_.config.piece_size, use.node);
  if (const auto* error = std::get_if<TreeError>(&read)) {
    fail(use.fetch, error->text());
    return;
  }
  const Node& node = std::get<Node>(read);
  Fetch& fetch = *find(use.fetch);
  if (use.node.root) learn_shape(use.fetch, fetch, node);
  const auto wanted = static_cast<uint64_t>(
      std::count_if(node.children.begin(), node.children.end(),
                    [&](const ChildPlace& child) { return wants(fetch, child); }));
  if (fetch.pending + wanted > kPendingMax) {
    fail(use.fetch, "it has more pieces than can be kept track of");
    return;
  }
  fetch.pending += wanted;
  for (const ChildPlace& child : node.children) {
    if (!wants(fetch, child)) continue;
    if (child.is_node) {
      need(child.digest, Use{use.fetch, Use::Kind::node, child.node_place(), 0, 0});
    } else {
      need(child.digest,
           Use{use.fetch, Use::Kind::data, {}, child.offset, static_cast<uint32_t>(child.length)});
    }
  }
  use_done(use.fetch);
}

void Contents::learn_shape(FetchId id, Fetch& fetch, const Node& root) {
  fetch.shape_known = true;
  fetch.length = root.length;
  fetch.wanted = bytes_in(fetch.ranges, root.length);
  if (root.is_inline()) {
    const auto* const text = reinterpret_cast<const char*>(root.inline_bytes.data());
    fetch.inline_bytes.assign(text, root.inline_bytes.size());
    fetch.inline_bytes.resize(static_cast<size_t>(root.length));  // zeros that were trimmed off
    fetch.done = root.length;
    fetch.wanted = root.length;
  }
  context_.notify(ContentShape{id, root.length, root.kind == ContentKind::directory});
}

void Contents::data_done(const Use& use) {
  Fetch* const fetch = find(use.fetch);
  if (fetch == nullptr) return;
  fetch->done += use.length;
  context_.notify(FetchProgress{use.fetch, fetch->wanted, fetch->done, true});
  use_done(use.fetch);
}

void Contents::use_done(FetchId id) {
  Fetch* const fetch = find(id);
  if (fetch == nullptr || --fetch->pending > 0) return;
  if (!fetch->single_pieces) {
    ended_.push_back({fetch->root, fetch->ranges.empty()});
    context_.notify(ContentComplete{id, fetch->length, std::move(fetch->inline_bytes)});
  }
  fetches_.erase(id);
}

void Contents::fail(FetchId id, std::string why) {
  if (find(id) == nullptr) return;
  context_.notify(ContentInvalid{id, std::move(why)});
  cancel(id);
}

}  // namespace p2p
