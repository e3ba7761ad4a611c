// What a node's store has: verified pieces only, none lost once durable, none asked for again.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "io_sim/check/rules/piece_key.h"
#include "io_sim/check/rules/rules.h"

namespace p2p::sim {

namespace {

class StoreRules final : public Rule {
 public:
  StoreRules(const Scene& scene, Court& court)
      : Rule(scene, court),
        judges_durable_(court.judges(Invariant::durable_pieces)),
        stores_(scene.node_count()) {}

  std::span<const Told> interests() const override {
    static constexpr std::array kAll{Told::store, Told::started, Told::ended,
                                     Told::event, Told::action,  Told::control_sent};
    return judges_durable_ ? std::span<const Told>(kAll) : std::span<const Told>(kAll).first(1);
  }

  void started(NodeIndex node, std::span<const Digest> held) override;
  void ended(NodeIndex node) override;
  void event(NodeIndex node, const p2p::Event& event) override;
  void action(NodeIndex node, const p2p::Action& action) override;
  void control_sent(EndId id, std::span<const std::byte> frame) override;
  void stored(NodeIndex node, const Digest& digest, bool bytes_match) override;
  void synced(NodeIndex node) override;
  void lost(NodeIndex node, const Digest& digest) override {
    gone(stores_[node], piece_key(digest));
  }
  void wiped(NodeIndex node) override;

 private:
  struct Store {
    bool used = false;  // has started once
    PieceKeys durable;  // what even a crash keeps
    PieceKeys recent;   // stored, and not known to be durable
    // What the engine was told that it holds, since when. Looked up, never gone through.
    std::unordered_map<PieceKey, Time> told;
    std::vector<std::pair<OpId, PieceKey>> storing;
    std::vector<std::pair<OpId, PieceKey>> loading;
  };

  static PieceKey take(std::vector<std::pair<OpId, PieceKey>>& operations, OpId op);
  static void gone(Store& store, PieceKey piece);

  bool judges_durable_;
  std::vector<Store> stores_;
};

void StoreRules::started(NodeIndex node, std::span<const Digest> held) {
  Store& store = stores_[node];
  std::vector<PieceKey> keys;
  for (const Digest& digest : held) keys.push_back(piece_key(digest));
  std::sort(keys.begin(), keys.end());
  for (const PieceKey key : store.durable) {
    if (std::binary_search(keys.begin(), keys.end(), key)) continue;
    court_.violated(Invariant::durable_pieces, node,
                    "piece " + piece_text(key) + " was durable, and is gone after a restart");
    return;
  }
  // What a node has at its first start was put there; later some may not be durable yet.
  store.recent.clear();
  for (const PieceKey key : keys) {
    store.told[key] = scene_.now();
    if (!store.used) {
      store.durable.insert(key);
    } else if (!store.durable.contains(key)) {
      store.recent.insert(key);
    }
  }
  store.used = true;
}

void StoreRules::ended(NodeIndex node) {
  Store& store = stores_[node];
  store.told.clear();
  store.storing.clear();
  store.loading.clear();
}

PieceKey StoreRules::take(std::vector<std::pair<OpId, PieceKey>>& operations, OpId op) {
  const auto found = std::find_if(operations.begin(), operations.end(),
                                  [op](const auto& entry) { return entry.first == op; });
  if (found == operations.end()) return 0;
  const PieceKey piece = found->second;
  *found = operations.back();
  operations.pop_back();
  return piece;
}

void StoreRules::gone(Store& store, PieceKey piece) {
  store.told.erase(piece);
  store.durable.erase(piece);
  store.recent.erase(piece);
}

void StoreRules::event(NodeIndex node, const p2p::Event& event) {
  Store& store = stores_[node];
  if (const auto* added = std::get_if<PieceAdded>(&event)) {
    store.told.emplace(piece_key(added->digest), scene_.now());
  } else if (const auto* removed = std::get_if<PieceRemoved>(&event)) {
    gone(store, piece_key(removed->digest));
  } else if (const auto* done = std::get_if<PieceStored>(&event)) {
    const PieceKey piece = take(store.storing, done->op);
    const PieceKey placed = take(store.loading, done->op);
    if (piece != 0 && done->status == StoreStatus::ok) store.told.emplace(piece, scene_.now());
    if (placed != 0 && done->status == StoreStatus::not_held) gone(store, placed);
  } else if (const auto* loaded = std::get_if<PieceLoaded>(&event)) {
    // What can't be read is not held, and is rightly asked for again.
    const PieceKey piece = take(store.loading, loaded->op);
    if (piece != 0 && loaded->status != StoreStatus::ok) gone(store, piece);
  }
}

void StoreRules::action(NodeIndex node, const p2p::Action& action) {
  Store& store = stores_[node];
  if (const auto* keep = std::get_if<StorePiece>(&action)) {
    store.storing.emplace_back(keep->op, piece_key(keep->digest));
  } else if (const auto* load = std::get_if<LoadPiece>(&action)) {
    store.loading.emplace_back(load->op, piece_key(load->digest));
  } else if (const auto* place = std::get_if<PlacePiece>(&action)) {
    store.loading.emplace_back(place->op, piece_key(place->digest));
  }
}

// An ask may have waited behind other bytes since before the piece came from somebody else.
void StoreRules::control_sent(EndId id, std::span<const std::byte> frame) {
  if (!is_type(frame, FrameType::ask) || !is_well_formed(frame)) return;
  const End& end = scene_.end(id);
  const Conn* const conn = scene_.conn_of(end);
  const Store& store = stores_[end.facts.node];
  const PieceKey piece = piece_key(frame.subspan(kFrameHeaderSize));
  const auto found = store.told.find(piece);
  if (found == store.told.end() || conn == nullptr) return;
  const Time queued = conn->write ? conn->write_since : scene_.now();
  if (found->second >= queued) return;
  court_.violated(Invariant::durable_pieces, end.facts.node,
                  "it asks " + scene_.name(end.facts.peer) + " for piece " + piece_text(piece) +
                      ", which its store has");
}

void StoreRules::stored(NodeIndex node, const Digest& digest, bool bytes_match) {
  if (!bytes_match) {
    court_.violated(Invariant::verified_pieces, node,
                    "it stored bytes that are not piece " + piece_text(piece_key(digest)));
  }
  if (!judges_durable_) return;
  Store& store = stores_[node];
  const PieceKey piece = piece_key(digest);
  if (!store.durable.contains(piece)) store.recent.insert(piece);
}

void StoreRules::synced(NodeIndex node) {
  Store& store = stores_[node];
  for (const PieceKey piece : store.recent) store.durable.insert(piece);
  store.recent.clear();
}

void StoreRules::wiped(NodeIndex node) {
  Store& store = stores_[node];
  store.durable.clear();
  store.recent.clear();
  store.told.clear();
}

}  // namespace

std::unique_ptr<Rule> make_store_rules(const Scene& scene, Court& court) {
  return std::make_unique<StoreRules>(scene, court);
}

}  // namespace p2p::sim
