// What people see who ask why a content is not whole: whom the node asked, and what came of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "tests/support/mem_scenes.h"

namespace p2p::test::content_story_test {
namespace {

constexpr FetchId kFetch{1};
constexpr size_t kAll = 4096;

// A node that fetches a content of ten pieces, of which its only neighbour has the root.
struct Scene {
  explicit Scene(uint64_t seed, Limits limits = {}) : network(seed) {
    network.add(config_with(), host(1), {{tree.id(), tree.pieces.at(tree.id())}});
    Config config = config_with({at_host(1)});
    config.limits = limits;
    getter = &network.add(config, host(2));
    network.tell(*getter, FetchContent{kFetch, tree.id(), true});
    network.run_for(Duration::seconds(2));
  }
  StreamEnd& greet(uint8_t from) {
    StreamEnd& raw = network.raw_connect(getter->endpoint(), host(from));
    network.raw_send(raw, encoded(hello_message(from)));
    network.run_for(Duration::seconds(1));
    return raw;
  }
  static std::vector<Digest> asked_of(const StreamEnd& raw) {
    std::vector<Digest> asked;
    for (const Message& message : messages_in(raw.raw_received)) {
      if (const auto* const ask = std::get_if<AskMessage>(&message)) asked.push_back(ask->digest);
    }
    return asked;
  }
  void say(StreamEnd& raw, FrameType type, std::vector<Digest> digests) {
    network.raw_send(raw, encoded(DigestListMessage{type, std::move(digests)}));
    network.run_for(Duration::seconds(1));
  }
  void give_wrong_bytes(StreamEnd& raw, const Digest& digest) {
    network.raw_send(raw, encode_give_header(digest, kSmallPieces));
    network.raw_send(raw, std::vector<std::byte>(kSmallPieces.bytes(), std::byte{0x66}));
    network.run_for(Duration::seconds(1));
  }
  ContentStory story(size_t pieces = kAll) const {
    return getter->engine().why(tree.id(), pieces).value();
  }
  const PeerInStory& peer_of(const ContentStory& story, uint8_t from) const {
    const auto found =
        std::find_if(story.peers.begin(), story.peers.end(),
                     [&](const PeerInStory& peer) { return peer.peer.address == host(from); });
    EXPECT_NE(found, story.peers.end());
    return *found;
  }

  const std::vector<std::byte> content = counting_bytes(10 * 1024);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network;
  MemNode* getter;
};

uint64_t count_of(const PeerInStory& peer, PieceAnswer answer) {
  return peer.pieces[static_cast<size_t>(answer)];
}

TEST(ContentStory, what_nobody_has_is_said_of_every_piece) {
  Scene scene(1);
  const ContentStory story = scene.story();
  EXPECT_TRUE(story.shape_known);
  EXPECT_EQ(story.length, 10'240u);
  EXPECT_EQ(story.done, 0u);
  EXPECT_EQ(story.missing, 10u);
  EXPECT_EQ(story.nobody_has, 10u);
  ASSERT_EQ(story.pieces.size(), 10u);
  EXPECT_EQ(story.pieces[3].offset, 3 * 1024u);
  EXPECT_EQ(story.pieces[3].length, 1024u);
  ASSERT_EQ(story.pieces[3].talks.size(), 1u);
  EXPECT_EQ(story.pieces[3].talks[0].answer, PieceAnswer::lacks);
  EXPECT_EQ(count_of(scene.peer_of(story, 1), PieceAnswer::lacks), 10u);
  EXPECT_GT(scene.peer_of(story, 1).given_bytes, 0u);
}

TEST(ContentStory, the_root_is_missing_until_somebody_gives_it) {
  MemNetwork network(2);
  MemNode& getter = network.add(config_with(), host(1));
  const Digest root = sha256({});
  EXPECT_FALSE(getter.engine().why(root, kAll));
  network.tell(getter, FetchContent{kFetch, root, true});
  const auto story = getter.engine().why(root, kAll);
  ASSERT_TRUE(story);
  EXPECT_FALSE(story->shape_known);
  ASSERT_EQ(story->pieces.size(), 1u);
  EXPECT_TRUE(story->pieces[0].node);
  EXPECT_EQ(story->pieces[0].digest, root);
  EXPECT_TRUE(story->peers.empty());
}

TEST(ContentStory, who_says_have_and_never_gives_is_named_and_since_when) {
  Scene scene(3);
  StreamEnd& miser = scene.greet(8);
  scene.say(miser, FrameType::have, wanted_in(miser.raw_received));
  scene.network.run_for(Duration::seconds(5));
  const ContentStory story = scene.story();
  const PeerInStory& peer = scene.peer_of(story, 8);
  const uint64_t asked = count_of(peer, PieceAnswer::asked);
  EXPECT_GT(asked, 0u);
  EXPECT_EQ(asked + count_of(peer, PieceAnswer::has), 10u);
  ASSERT_TRUE(peer.asked_since);
  EXPECT_GE(story.as_of - *peer.asked_since, Duration::seconds(5));
  EXPECT_EQ(story.asked, asked);
  EXPECT_EQ(story.nobody_has, 0u);

  // After two minutes it is closed; that is remembered.
  scene.network.run_for(Duration::minutes(3));
  const ContentStory later = scene.story();
  EXPECT_FALSE(scene.peer_of(later, 8).connected);
  EXPECT_EQ(count_of(scene.peer_of(later, 8), PieceAnswer::silent), asked);
  EXPECT_EQ(later.nobody_has, 10u);
}

TEST(ContentStory, who_gave_wrong_bytes_is_named_though_it_is_gone) {
  Scene scene(4);
  StreamEnd& liar = scene.greet(9);
  const Digest one = wanted_in(liar.raw_received).at(4);
  scene.say(liar, FrameType::have, {one});
  ASSERT_EQ(Scene::asked_of(liar), std::vector<Digest>{one});
  scene.give_wrong_bytes(liar, one);
  const ContentStory story = scene.story();
  const PeerInStory& peer = scene.peer_of(story, 9);
  EXPECT_FALSE(peer.connected);
  EXPECT_EQ(count_of(peer, PieceAnswer::wrong_bytes), 1u);
  const auto piece =
      std::find_if(story.pieces.begin(), story.pieces.end(),
                   [&](const MissingPiece& missing) { return missing.digest == one; });
  ASSERT_NE(piece, story.pieces.end());
  ASSERT_GE(piece->talks.size(), 1u);
  EXPECT_EQ(piece->talks[0].answer, PieceAnswer::wrong_bytes);
  EXPECT_EQ(piece->talks[0].peer.address, host(9));
  EXPECT_LE(piece->talks[0].asked, piece->talks[0].ended);
}

TEST(ContentStory, who_takes_its_word_back_is_named) {
  Scene scene(5);
  StreamEnd& fickle = scene.greet(7);
  const Digest one = wanted_in(fickle.raw_received).at(0);
  scene.say(fickle, FrameType::have, {one});
  scene.say(fickle, FrameType::lack, {one});
  const ContentStory story = scene.story();
  EXPECT_EQ(count_of(scene.peer_of(story, 7), PieceAnswer::lacked), 1u);
}

TEST(ContentStory, only_so_many_pieces_are_told_in_full_and_so_many_asks_remembered) {
  Limits limits;
  limits.failed_asks_kept = 3;
  limits.story_pieces_max = 4;
  limits.story_talks_max = 2;
  Scene scene(6, limits);
  EXPECT_EQ(scene.story().pieces.size(), 4u);
  EXPECT_EQ(scene.story(2).pieces.size(), 2u);
  EXPECT_EQ(scene.story(2).pieces[1].offset, 1024u);
  EXPECT_EQ(scene.story(0).missing, 10u);
  StreamEnd& fickle = scene.greet(7);
  const Digest one = wanted_in(fickle.raw_received).at(0);
  for (int i = 0; i < 5; ++i) {
    scene.say(fickle, FrameType::have, {one});
    scene.say(fickle, FrameType::lack, {one});
    scene.network.run_for(Duration::seconds(40));  // until it is wanted again
  }
  const ContentStory story = scene.story();
  EXPECT_EQ(count_of(scene.peer_of(story, 7), PieceAnswer::lacked), 3u);
  for (const MissingPiece& piece : story.pieces) EXPECT_LE(piece.talks.size(), 2u);
}

TEST(ContentStory, a_content_that_is_whole_is_not_asked_about) {
  Scene scene(7);
  EXPECT_FALSE(scene.getter->engine().why(sha256({}), kAll));
  scene.network.tell(*scene.getter, CancelFetch{kFetch});
  EXPECT_FALSE(scene.getter->engine().why(scene.tree.id(), kAll));
}

}  // namespace
}  // namespace p2p::test::content_story_test
