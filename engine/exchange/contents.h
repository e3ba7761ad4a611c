// What the application wants to have: single pieces, or whole contents, which are read from the
// root down, level by level. Decides what Downloads is to want, and where each piece goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/content/tree.h"
#include "engine/core/context.h"
#include "engine/exchange/downloads.h"
#include "engine/exchange/uploads.h"

namespace p2p {

class Contents {
 public:
  Contents(Context& context, HeldPieces& held, Downloads& downloads)
      : context_(context), held_(held), downloads_(downloads) {}

  void start(const FetchPieces& command);
  void start(const FetchContent& command);
  void cancel(FetchId fetch);

  // A piece has arrived and been verified: stores it where its uses want it.
  void on_verified(const VerifiedPiece& piece);
  // A completion of StorePiece or PlacePiece. Says when a piece that came from a peer is held from
  // now on.
  struct NowHeld {
    Digest digest;
    size_t bytes = 0;
  };
  std::optional<NowHeld> on_stored(OpId op, StoreStatus status);
  // The contents whose fetches have ended since the last call, whole or not.
  struct Ended {
    Digest root;
    bool whole = false;
  };
  std::vector<Ended> take_ended() { return std::exchange(ended_, {}); }
  // The application has put a piece into the store.
  void on_added(const Digest& digest);
  // The store may take again what it could not copy to its place.
  void retry_places();
  // A completion of LoadPiece. False: the operation is not one of ours.
  bool on_loaded(OpId op, StoreStatus status, const StoredBytes& bytes);

  // For people (content_story.cc): what is missing of a content, the first so many pieces of it;
  // nullopt: it is not being fetched. What peers said of them is for Downloads to add.
  std::optional<ContentStory> story(const Digest& root, size_t pieces_max) const;

 private:
  // What a fetch wants a piece for.
  struct Use {
    FetchId fetch;
    enum class Kind { single, node, data } kind = Kind::single;
    NodePlace node;       // of a node
    uint64_t offset = 0;  // of data, in the content
    uint32_t length = 0;
  };
  struct Fetch {
    Digest root;  // of a content
    bool placed = false;
    bool single_pieces = false;  // not a content
    bool shape_known = false;
    uint64_t length = 0;
    uint64_t wanted = 0;            // bytes of the content
    uint64_t done = 0;              // of those
    uint64_t pending = 0;           // uses that are not satisfied yet
    std::vector<ByteRange> ranges;  // ascending, whole pieces; empty: all of it
    std::string inline_bytes;
  };
  struct Storing {
    Digest digest;
    Slice bytes;              // of an arrived piece
    bool arrived = false;     // from a peer; else it is held, and copied to an extent
    bool at_extents = false;  // the uses' extents are being written; else the piece store
    std::vector<Use> uses;    // what it is stored for
  };
  struct Loading {
    Digest digest;
    Use use;
  };

  Fetch* find(FetchId id);
  void need(const Digest& digest, const Use& use);
  void need_held(const Digest& digest, const Use& use);
  void place(const Digest& digest, const Use& use);
  std::vector<Use> take_uses(const Digest& digest, const Slice& bytes);
  void arrived(const Storing& stored);
  void store_failed(Storing& stored, StoreStatus status);
  void read_tree_node(const Use& use, std::span<const std::byte> bytes);
  void learn_shape(FetchId id, Fetch& fetch, const Node& root);
  void data_done(const Use& use);
  void use_done(FetchId id);
  void fail(FetchId id, std::string why);
  bool is_placed(const Use& use);
  static bool wants(const Fetch& fetch, const ChildPlace& child);
  static std::vector<Extent> extents_of(const std::vector<Use>& uses);

  Context& context_;
  HeldPieces& held_;
  Downloads& downloads_;
  std::map<FetchId, Fetch> fetches_;
  std::vector<Ended> ended_;
  std::map<Digest, std::vector<Use>> uses_;  // of pieces that are wanted from peers
  std::map<OpId, Storing> storing_;
  std::map<OpId, Loading> loading_;
  std::vector<std::pair<Digest, Use>> places_to_retry_;
};

}  // namespace p2p
