// The part of Contents that tells people which pieces a content lacks.
#include <algorithm>
#include <array>

#include "engine/exchange/contents.h"

namespace p2p {

namespace {

constexpr std::array<std::string_view, kPieceAnswers> kAnswerNames = {
    "unanswered", "lacks", "has",    "asked", "coming",
    "lacked",     "slow",  "silent", "gone",  "wrong_bytes"};

// Nodes first: without them nobody knows what else is missing.
bool told_before(const MissingPiece& a, const MissingPiece& b) {
  if (a.node != b.node) return a.node;
  if (a.offset != b.offset) return a.offset < b.offset;
  return a.digest < b.digest;
}

void keep_first(std::vector<MissingPiece>& pieces, size_t count) {
  if (pieces.size() <= count) return;
  const auto end = pieces.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(pieces.begin(), end, pieces.end(), told_before);
  pieces.erase(end, pieces.end());
}

}  // namespace

std::string_view piece_answer_name(PieceAnswer answer) {
  return kAnswerNames[static_cast<size_t>(answer)];
}

std::optional<ContentStory> Contents::story(const Digest& root, size_t pieces_max) const {
  const auto is_of_root = [&](const auto& entry) {
    return !entry.second.single_pieces && entry.second.root == root;
  };
  const auto fetch = std::find_if(fetches_.begin(), fetches_.end(), is_of_root);
  if (fetch == fetches_.end()) return std::nullopt;
  ContentStory story;
  story.root = root;
  story.shape_known = fetch->second.shape_known;
  story.length = fetch->second.wanted;
  story.done = fetch->second.done;
  for (const auto& [digest, uses] : uses_) {
    const auto use = std::find_if(uses.begin(), uses.end(),
                                  [&](const Use& each) { return each.fetch == fetch->first; });
    if (use == uses.end()) continue;
    downloads_.count(digest, story);
    MissingPiece piece;
    piece.digest = digest;
    piece.node = use->kind == Use::Kind::node;
    piece.offset = use->offset;
    piece.length = use->length;
    story.pieces.push_back(std::move(piece));
    if (story.pieces.size() >= 2 * (pieces_max + 1)) keep_first(story.pieces, pieces_max);
  }
  keep_first(story.pieces, pieces_max);
  std::sort(story.pieces.begin(), story.pieces.end(), told_before);
  return story;
}

}  // namespace p2p
