// Contents and pieces moving between engines.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/support/mem_scenes.h"

namespace p2p::test {
namespace {

constexpr FetchId kFetch{1};

TEST(Transfer, a_content_goes_from_its_holder_through_a_bootstrap_node_s_introduction) {
  const auto content = counting_bytes(100'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(1);
  network.add(config_with(), host(1));
  network.add(config_with({at_host(1)}), host(2), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(3));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(1)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
  EXPECT_EQ(getter.said<ContentShape>()[0].length, content.size());
  EXPECT_EQ(getter.engine().status().pieces_wanted, 0u);
  EXPECT_EQ(getter.engine().status().receive_budget_used, 0u);
}

TEST(Transfer, an_inline_content_comes_with_its_root) {
  const auto content = counting_bytes(10);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(2);
  network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(1)));
  const std::string bytes = getter.said<ContentComplete>()[0].inline_bytes;
  ASSERT_EQ(bytes.size(), content.size());
  EXPECT_TRUE(std::equal(content.begin(), content.end(), std::as_bytes(std::span(bytes)).begin()));
}

TEST(Transfer, a_piece_that_was_removed_is_not_given_until_it_is_added_again) {
  const auto content = counting_bytes(10);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(2);
  MemNode& holder = network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  network.run_for(Duration::seconds(5));
  network.tell(holder, PieceRemoved{tree.id()});
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  network.run_for(Duration::minutes(1));
  EXPECT_TRUE(getter.said<ContentComplete>().empty());
  network.tell(holder, PieceAdded{tree.id()});
  EXPECT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(1)));
}

TEST(Transfer, equal_pieces_are_fetched_once_and_land_at_every_place) {
  std::vector<std::byte> content(40 * 1024, std::byte{7});
  content.resize(60 * 1024);  // zeros: all-zero pieces travel as empty trims
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(3);
  MemNode& holder = network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(1)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
  EXPECT_LT(holder.engine().status().peers[0].bytes_out, 12'000u);
}

TEST(Transfer, of_ranges_only_the_pieces_with_bytes_of_them_are_fetched) {
  const auto content = counting_bytes(100'000);  // more than one level of nodes
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(8);
  network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  // The first byte, two that stand in two pieces, and the last ones and what would be behind them.
  network.tell(
      getter,
      FetchContent{
          kFetch, tree.id(), true, {{99'999, 200'000}, {0, 1}, {50 * 1024 - 1, 50 * 1024 + 1}}});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(1)));
  std::vector<uint64_t> offsets;
  for (const auto& [offset, bytes] : getter.targets[kFetch]) {
    offsets.push_back(offset);
    const auto at = content.begin() + static_cast<std::ptrdiff_t>(offset);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), at));
  }
  EXPECT_EQ(offsets, (std::vector<uint64_t>{0, 49 * 1024, 50 * 1024, 97 * 1024}));
  const FetchProgress last = getter.said<FetchProgress>().back();
  EXPECT_EQ(last.bytes_total, 3 * 1024 + (100'000u - 97 * 1024));
  EXPECT_EQ(last.bytes_done, last.bytes_total);
  EXPECT_EQ(getter.said<ContentComplete>()[0].length, content.size());
  EXPECT_EQ(getter.engine().status().pieces_wanted, 0u);

  // The rest comes with a fetch of all.
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return getter.said<ContentComplete>().size() == 2; },
                                Duration::minutes(1)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
}

TEST(Transfer, asks_are_spread_over_those_who_have_the_content) {
  const auto content = counting_bytes(400'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(4);
  network.add(config_with(), host(1), tree.pieces);
  network.add(config_with({at_host(1)}), host(2), tree.pieces);
  network.add(config_with({at_host(1)}), host(3), tree.pieces);
  network.run_for(Duration::seconds(20));
  MemNode& getter = network.add(config_with({at_host(1)}), host(4));
  network.run_for(Duration::seconds(20));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(1)));
  const auto peers = getter.engine().status().peers;
  ASSERT_EQ(peers.size(), 3u);
  for (const PeerStatus& peer : peers) EXPECT_GT(peer.bytes_in, content.size() / 20);
}

TEST(Transfer, when_a_holder_vanishes_in_the_middle_the_rest_comes_from_another) {
  const auto content = counting_bytes(2'000'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(5);
  MemNode& first = network.add(config_with(), host(1), tree.pieces);
  network.add(config_with({at_host(1)}), host(2), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(3));
  network.run_for(Duration::seconds(20));  // they have met
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return getter.said<FetchProgress>().size() > 500; },
                                Duration::minutes(1)));
  network.tell(first, ShutDown{});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(2)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
}

TEST(Transfer, what_a_peer_comes_to_hold_it_announces_to_those_who_want_it) {
  const auto content = counting_bytes(50'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(6);
  MemNode& later = network.add(config_with(), host(1));
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  network.tell(getter, FetchContent{kFetch, tree.id(), false});
  network.run_for(Duration::minutes(2));
  EXPECT_TRUE(getter.said<ContentComplete>().empty());
  for (const auto& [digest, bytes] : tree.pieces) {
    later.store[digest] = bytes;
    network.tell(later, PieceAdded{digest});
  }
  EXPECT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::seconds(5)));
}

TEST(Transfer, a_window_full_of_what_a_peer_lacks_moves_on_and_comes_round_again) {
  const auto content = counting_bytes(30'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  Config narrow = config_with({at_host(1)});
  narrow.limits.wants_per_peer_max = 8;
  MemNetwork network(13);
  MemNode& later = network.add(config_with(), host(1), {{tree.id(), tree.pieces.at(tree.id())}});
  MemNode& getter = network.add(narrow, host(2));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  network.run_for(Duration::minutes(1));
  for (auto it = tree.pieces.rbegin(); it != tree.pieces.rend(); ++it) {
    later.store[it->first] = it->second;
    network.tell(later, PieceAdded{it->first});
    network.run_for(Duration::seconds(1));
  }
  EXPECT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(1)));
}

// Says that it has whatever is wanted, gives nothing, and agrees to every cancel. Returns how many
// it was sent.
size_t promise(MemNetwork& network, StreamEnd& peer, size_t& read) {
  size_t cancels = 0;
  const auto said = messages_in(peer.raw_received);
  for (; read < said.size(); ++read) {
    const auto* const list = std::get_if<DigestListMessage>(&said[read]);
    if (list == nullptr) continue;
    if (list->type == FrameType::want) {
      network.raw_send(peer, encoded(DigestListMessage{FrameType::have, list->digests}));
    } else if (list->type == FrameType::cancel) {
      network.raw_send(peer, encoded(DigestListMessage{FrameType::lack, list->digests}));
      cancels += list->digests.size();
    }
  }
  return cancels;
}

TEST(Transfer, of_what_a_peer_has_only_so_much_is_wanted_at_a_time_and_nodes_first) {
  const PieceSize piece_size = *PieceSize::from_log2(16);
  const auto content = counting_bytes(300 * piece_size.bytes());
  const ContentTree film = make_content_tree(piece_size, content);
  const ContentTree song =
      make_content_tree(piece_size, std::span(content).last(3 * piece_size.bytes() + 1));
  Config config = config_with();
  config.piece_size = piece_size;
  MemNetwork network(31);
  MemNode& getter = network.add(config, host(1), {{film.id(), film.pieces.at(film.id())}});
  StreamEnd& first = network.raw_connect(getter.endpoint(), host(8));
  StreamEnd& second = network.raw_connect(getter.endpoint(), host(9));
  network.raw_send(first, encoded(hello_message(98, piece_size)));
  network.raw_send(second, encoded(hello_message(99, piece_size)));
  network.tell(getter, FetchContent{kFetch, film.id(), true});
  network.run_for(Duration::seconds(1));
  size_t read = 0;
  promise(network, first, read);
  network.run_for(Duration::seconds(1));
  // It has all and gives none: all that is known of it waits.
  EXPECT_EQ(wanted_in(first.raw_received).size(), 64U);
  EXPECT_EQ(wanted_in(second.raw_received).size(), 64U);
  EXPECT_NE(wanted_in(first.raw_received), wanted_in(second.raw_received));
  network.tell(getter, FetchContent{FetchId{2}, song.id(), true});
  network.run_for(Duration::seconds(1));
  ASSERT_EQ(wanted_in(first.raw_received).size(), 65U);
  EXPECT_EQ(wanted_in(first.raw_received).back(), song.id());
}

TEST(Transfer, all_that_a_peer_lacks_is_wanted_of_it_in_the_end) {
  const PieceSize piece_size = *PieceSize::from_log2(16);
  const ContentTree film = make_content_tree(piece_size, counting_bytes(300 * piece_size.bytes()));
  Config config = config_with();
  config.piece_size = piece_size;
  MemNetwork network(32);
  MemNode& getter = network.add(config, host(1), {{film.id(), film.pieces.at(film.id())}});
  StreamEnd& peer = network.raw_connect(getter.endpoint(), host(8));
  network.raw_send(peer, encoded(hello_message(98, piece_size)));
  network.tell(getter, FetchContent{kFetch, film.id(), true});
  for (size_t answered = 0; answered < film.pieces.size() - 1;) {
    network.run_for(Duration::milliseconds(100));
    const auto wanted = wanted_in(peer.raw_received);
    ASSERT_GT(wanted.size(), answered);
    ASSERT_LE(wanted.size(), answered + 64);
    for (; answered < wanted.size(); ++answered) {
      network.raw_send(peer, encoded(DigestListMessage{FrameType::lack, {wanted[answered]}}));
    }
  }
  const auto wanted = wanted_in(peer.raw_received);
  EXPECT_EQ(std::set<Digest>(wanted.begin(), wanted.end()).size(), film.pieces.size() - 1);
}

TEST(Transfer, a_wrong_piece_closes_its_sender_and_is_asked_of_another) {
  const auto content = counting_bytes(200'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  auto corrupt = tree.pieces;
  for (auto& [digest, bytes] : corrupt) {
    if (digest != tree.id()) bytes[0] ^= std::byte{1};
  }
  MemNetwork network(7);
  MemNode& liar = network.add(config_with(), host(1), corrupt);
  network.add(config_with({at_host(1)}), host(2), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(3));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(3)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
  bool blamed = false;
  for (const PeerClosed& closed : getter.said<PeerClosed>()) {
    EXPECT_NE(closed.remote.address, host(2));
    blamed |=
        closed.reason == CloseReason::bad_piece && closed.remote.address == liar.endpoint().address;
  }
  EXPECT_TRUE(blamed);
}

TEST(Transfer, a_silent_holder_is_given_up_for_another_within_ten_seconds) {
  const auto content = counting_bytes(100'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(8);
  // Says that it has everything, and gives nothing.
  network.raw_listen({host(9), kPort}, [&](StreamEnd& end) {
    network.raw_send(end, encoded(hello_message(99)));
    std::vector<Digest> all;
    for (const auto& [digest, bytes] : tree.pieces) all.push_back(digest);
    network.raw_send(end, encoded(DigestListMessage{FrameType::have, all}));
  });
  MemNode& getter = network.add(config_with({at_host(9), at_host(2)}), host(3));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  network.run_for(Duration::seconds(5));
  network.add(config_with(), host(2), tree.pieces);
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::seconds(60)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
}

TEST(Transfer, what_is_held_already_is_placed_without_asking_anyone) {
  const auto content = counting_bytes(100'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(9);
  MemNode& getter = network.add(config_with(), host(1), tree.pieces);
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::seconds(1)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
}

TEST(Transfer, a_root_that_breaks_the_rules_is_said_to_be_no_content) {
  ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(100'000));
  auto root = tree.pieces.at(tree.id());
  root[20] = std::byte{1};
  const Digest digest = sha256_zero_filled(root, 1024 - root.size());
  MemNetwork network(10);
  network.add(config_with(), host(1), {{digest, root}});
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  network.tell(getter, FetchContent{kFetch, digest, true});
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentInvalid>().empty(); },
                                Duration::seconds(30)));
  EXPECT_EQ(getter.engine().status().pieces_wanted, 0u);
}

TEST(Transfer, a_full_disk_is_said_and_nothing_more_is_asked_for_a_while) {
  const ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(100'000));
  MemNetwork network(11);
  network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  getter.store_answer = StoreStatus::no_space;
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  network.run_for(Duration::seconds(20));
  ASSERT_EQ(getter.said<StoreFailed>().size(), 1u);
  EXPECT_EQ(getter.said<StoreFailed>()[0].status, StoreStatus::no_space);
  getter.store_answer = StoreStatus::ok;
  EXPECT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(2)));
}

TEST(Transfer, every_ask_has_one_answer_cancelled_or_not) {
  const ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(100'000));
  MemNetwork network(16);
  MemNode& holder = network.add(config_with(), host(1), tree.pieces);
  StreamEnd& raw = network.raw_connect(holder.endpoint(), host(9));
  network.raw_send(raw, encoded(hello_message(99)));
  size_t asked = 0;
  for (const auto& [digest, bytes] : tree.pieces) {
    network.raw_send(raw, encoded(AskMessage{digest}));
    if (++asked % 2 == 0) {
      network.raw_send(raw, encoded(DigestListMessage{FrameType::cancel, {digest}}));
    }
    if (asked % 10 == 0) network.run_for(Duration::milliseconds(10));
  }
  network.run_for(Duration::seconds(5));
  size_t given = 0;
  for (const uint8_t type : frame_types(raw.raw_received)) {
    given += type == 1 || type == 22 ? 1u : 0u;
  }
  size_t lacked = 0;
  for (const Message& message : messages_in(raw.raw_received)) {
    const auto* list = std::get_if<DigestListMessage>(&message);
    if (list != nullptr && list->type == FrameType::lack) lacked += list->digests.size();
  }
  EXPECT_EQ(given + lacked, asked);
  EXPECT_GE(given, asked / 2);
  EXPECT_GT(lacked, 0u);
  EXPECT_TRUE(holder.said<PeerClosed>().empty());
}

std::vector<Digest> given_in(std::span<const std::byte> stream) {
  std::vector<Digest> given;
  while (stream.size() >= kGiveHeaderSize) {
    const auto type = static_cast<FrameType>(stream[4]);
    if (type == FrameType::give || type == FrameType::trim) {
      std::copy_n(stream.begin() + kFrameHeaderSize, Digest::kSize,
                  given.emplace_back().bytes.begin());
    }
    const size_t length = kFrameLengthSize + load_u32le(stream);
    stream = stream.subspan(std::min(length, stream.size()));
  }
  return given;
}

TEST(Transfer, nothing_is_given_twice_while_something_that_is_asked_for_was_not_given) {
  const ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(20'000));
  ASSERT_GE(tree.pieces.size(), 16u);
  MemNetwork network(21, {Cuts::whole, Duration::milliseconds(5), 512});
  Config config = config_with();
  config.limits.send_ahead_bytes = kSmallPieces.bytes();
  MemNode& holder = network.add(config, host(1), tree.pieces);
  StreamEnd* const peers[] = {&network.raw_connect(holder.endpoint(), host(8)),
                              &network.raw_connect(holder.endpoint(), host(9))};
  uint64_t nonce = 98;
  for (StreamEnd* peer : peers) network.raw_send(*peer, encoded(hello_message(nonce++)));
  network.run_for(Duration::seconds(1));
  for (StreamEnd* peer : peers) {
    std::vector<std::byte> asks;
    for (const auto& [digest, bytes] : tree.pieces) {
      const auto ask = encoded(AskMessage{digest});
      asks.insert(asks.end(), ask.begin(), ask.end());
    }
    network.raw_send(*peer, asks);
  }
  size_t total = 0;
  while (total < 2 * tree.pieces.size()) {
    ASSERT_LT(network.now() - Time(), Duration::minutes(1));
    network.run_for(Duration::milliseconds(1));
    total = 0;
    std::set<Digest> distinct;
    for (StreamEnd* peer : peers) {
      const auto given = given_in(peer->raw_received);
      total += given.size();
      distinct.insert(given.begin(), given.end());
    }
    ASSERT_GE(distinct.size(), std::min(total, tree.pieces.size()));
  }
}

// A crowd that asks for one little piece at the same time.
struct AskingCrowd {
  explicit AskingCrowd(const ContentTree& content, size_t peers)
      : tree(content), holder(network.add(config_with(), host(1), content.pieces)) {
    for (size_t i = 0; i < peers; ++i) {
      ends.push_back(&network.raw_connect(holder.endpoint(), host(static_cast<uint8_t>(100 + i))));
      network.raw_send(*ends.back(), encoded(hello_message(1000 + i)));
    }
    network.run_for(Duration::seconds(1));
    for (StreamEnd* end : ends) network.raw_send(*end, encoded(AskMessage{tree.id()}));
  }
  size_t given() const {
    return static_cast<size_t>(std::count_if(ends.begin(), ends.end(), [](const StreamEnd* end) {
      return !given_in(end->raw_received).empty();
    }));
  }

  ContentTree tree;
  MemNetwork network{33};
  MemNode& holder;
  std::vector<StreamEnd*> ends;
};

TEST(Transfer, a_piece_that_a_crowd_asks_for_goes_to_few_at_once_and_to_all_soon) {
  AskingCrowd crowd(make_content_tree(kSmallPieces, counting_bytes(20'000)), 100);
  crowd.network.run_for(Duration::milliseconds(80));
  EXPECT_EQ(crowd.given(), 16U);
  crowd.network.run_for(Duration::milliseconds(100));
  EXPECT_EQ(crowd.given(), 32U);
  crowd.network.run_for(Duration::milliseconds(300));
  EXPECT_EQ(crowd.given(), 100U);
}

TEST(Transfer, who_asks_for_another_piece_does_not_wait_for_the_crowd) {
  AskingCrowd crowd(make_content_tree(kSmallPieces, counting_bytes(20'000)), 100);
  crowd.network.run_for(Duration::milliseconds(50));
  const auto first = std::find_if(crowd.ends.begin(), crowd.ends.end(), [](const StreamEnd* end) {
    return !given_in(end->raw_received).empty();
  });
  ASSERT_NE(first, crowd.ends.end());
  for (const auto& [digest, bytes] : crowd.tree.pieces) {
    if (digest != crowd.tree.id()) crowd.network.raw_send(**first, encoded(AskMessage{digest}));
  }
  crowd.network.run_for(Duration::milliseconds(40));
  EXPECT_EQ(given_in((*first)->raw_received).size(), crowd.tree.pieces.size());
  EXPECT_LT(crowd.given(), 100U);
}

// How many pieces of a content are on their way from its holder, when as many peers ask for one
// each, over connections that bring one in 20 ms, in every 5 ms of so long.
std::vector<size_t> on_their_way(size_t pieces, Duration until) {
  const PieceSize piece_size = *PieceSize::from_log2(18);
  const ContentTree tree =
      make_content_tree(piece_size, counting_bytes(pieces * piece_size.bytes()));
  Config config = config_with();
  config.piece_size = piece_size;
  MemNetwork network(34, {Cuts::whole, Duration::milliseconds(5), 64 << 10});
  MemNode& holder = network.add(config, host(1), tree.pieces);
  std::vector<StreamEnd*> ends;
  for (size_t i = 0; i < pieces; ++i) {
    const auto number = static_cast<uint8_t>(100 + i);
    ends.push_back(&network.raw_connect(holder.endpoint(), host(number)));
    network.raw_send(*ends.back(), encoded(hello_message(number, piece_size)));
  }
  network.run_for(Duration::seconds(1));
  for (StreamEnd* end : ends) end->raw_received.clear();
  auto end = ends.begin();
  for (const auto& [digest, bytes] : tree.pieces) {
    if (digest != tree.id()) network.raw_send(**end++, encoded(AskMessage{digest}));
  }
  std::vector<size_t> counts;
  for (Duration passed; passed < until; passed = passed + Duration::milliseconds(5)) {
    network.run_for(Duration::milliseconds(5));
    counts.push_back(
        static_cast<size_t>(std::count_if(ends.begin(), ends.end(), [&](const StreamEnd* one) {
          const size_t came = one->raw_received.size();
          return came > 0 && came < piece_size.bytes();
        })));
  }
  return counts;
}

TEST(Transfer, of_small_pieces_two_are_on_their_way_at_first_and_more_when_the_link_takes_them) {
  const auto counts = on_their_way(150, Duration::seconds(1));
  // Two, and the end of another.
  EXPECT_LE(*std::max_element(counts.begin(), counts.begin() + 40), 3U);
  EXPECT_GE(*std::max_element(counts.begin(), counts.end()), 4U);
}

TEST(Transfer, what_a_peer_keeps_waiting_for_is_taken_back_and_asked_of_one_that_is_free) {
  const auto content = counting_bytes(400'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(22);
  MemNode& getter = network.add(config_with(), host(1));
  StreamEnd& idler = network.raw_connect(getter.endpoint(), host(8));
  network.raw_send(idler, encoded(hello_message(98)));
  MemNode& holder = network.add(config_with({at_host(1)}), host(2), tree.pieces);
  network.run_for(Duration::seconds(5));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  size_t read = 0;
  size_t cancels = 0;
  const auto whole = [&] {
    cancels += promise(network, idler, read);
    return !getter.said<ContentComplete>().empty();
  };
  // A silent peer is left alone after ten.
  ASSERT_TRUE(network.run_until(whole, Duration::seconds(8)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
  EXPECT_GT(cancels, 64u);
  EXPECT_LT(holder.engine().status().peers[0].bytes_out, content.size() * 12 / 10)
      << "nothing comes twice";
}

// A getter that knows a content and wants all of its pieces, and peers that a test speaks for.
struct Asking {
  Asking(uint64_t seed, PieceSize size, size_t pieces)
      : piece_size(size),
        tree(make_content_tree(size, counting_bytes(pieces * size.bytes()))),
        network(seed),
        getter(network.add(config(), host(1), {{tree.id(), tree.pieces.at(tree.id())}})) {
    for (const auto& [digest, bytes] : tree.pieces) {
      if (digest != tree.id()) wanted.push_back(digest);
    }
    network.tell(getter, FetchContent{kFetch, tree.id(), true});
  }
  Config config() const {
    Config config = config_with();
    config.piece_size = piece_size;
    return config;
  }
  StreamEnd& peer(uint8_t number) {
    StreamEnd& end = network.raw_connect(getter.endpoint(), host(number));
    network.raw_send(end, encoded(hello_message(number, piece_size)));
    network.run_for(Duration::milliseconds(100));
    return end;
  }
  void say(StreamEnd& peer, FrameType type, std::vector<Digest> digests) {
    network.raw_send(peer, encoded(DigestListMessage{type, std::move(digests)}));
  }
  void give(StreamEnd& peer, const Digest& digest, size_t bytes) {
    const auto header = encode_give_header(digest, piece_size);
    network.raw_send(peer, {header.begin(), header.end()});
    network.raw_send(peer, std::span(tree.pieces.at(digest)).first(bytes));
  }
  std::vector<Digest> asked(const StreamEnd& peer) const {
    std::vector<Digest> asked;
    for (const Message& message : messages_in(peer.raw_received, piece_size)) {
      if (const auto* ask = std::get_if<AskMessage>(&message)) asked.push_back(ask->digest);
    }
    return asked;
  }
  std::vector<Digest> cancelled(const StreamEnd& peer) const {
    std::vector<Digest> cancelled;
    for (const Message& message : messages_in(peer.raw_received, piece_size)) {
      const auto* const list = std::get_if<DigestListMessage>(&message);
      if (list == nullptr || list->type != FrameType::cancel) continue;
      cancelled.insert(cancelled.end(), list->digests.begin(), list->digests.end());
    }
    return cancelled;
  }

  PieceSize piece_size;
  ContentTree tree;
  MemNetwork network;
  MemNode& getter;
  std::vector<Digest> wanted;
};

// Long before it has waited so long that it would be asked for elsewhere anyway (100 ms).
TEST(Transfer, of_what_waits_a_part_is_taken_back_for_one_more_that_has_it) {
  Asking scene(35, kSmallPieces, 12);
  StreamEnd& first = scene.peer(8);
  StreamEnd& second = scene.peer(9);
  scene.say(first, FrameType::have, scene.wanted);
  scene.network.run_for(Duration::milliseconds(15));
  ASSERT_EQ(scene.asked(first).size(), 12U);
  scene.say(second, FrameType::have, scene.wanted);
  scene.network.run_for(Duration::milliseconds(15));
  const auto cancelled = scene.cancelled(first);
  ASSERT_GE(cancelled.size(), 2U);
  EXPECT_LE(cancelled.size(), 10U);
  EXPECT_TRUE(scene.asked(second).empty()) << "asked for twice";
  scene.say(first, FrameType::lack, cancelled);
  scene.network.run_for(Duration::milliseconds(15));
  EXPECT_FALSE(scene.asked(second).empty());
}

TEST(Transfer, one_that_keeps_what_was_asked_of_it_is_not_expected_to_give_soonest) {
  Asking scene(36, *PieceSize::from_log2(14), 3);
  StreamEnd& silent = scene.peer(7);
  StreamEnd& late = scene.peer(8);
  StreamEnd& leaves = scene.peer(9);
  scene.say(silent, FrameType::have, {scene.wanted[0]});
  scene.say(late, FrameType::have, {scene.wanted[1]});
  scene.say(leaves, FrameType::have, {scene.wanted[2]});
  scene.network.run_for(Duration::milliseconds(300));
  ASSERT_EQ(scene.asked(silent).size() + scene.asked(late).size() + scene.asked(leaves).size(), 3U);
  scene.give(late, scene.wanted[1], scene.piece_size.bytes());
  scene.give(leaves, scene.wanted[2], 100);
  scene.network.run_for(Duration::seconds(1));
  scene.say(silent, FrameType::have, {scene.wanted[2]});
  scene.say(late, FrameType::have, {scene.wanted[2]});
  scene.network.run_for(Duration::milliseconds(20));
  scene.network.raw_close(leaves);
  scene.network.run_for(Duration::milliseconds(20));
  EXPECT_EQ(scene.asked(silent), std::vector<Digest>{scene.wanted[0]});
  EXPECT_EQ(scene.asked(late), (std::vector<Digest>{scene.wanted[1], scene.wanted[2]}));
}

// Found by where_nothing_goes_wrong_nothing_is_fetched_twice: a content came three times over slow
// links.
TEST(Transfer, what_comes_slowly_is_not_asked_of_others_of_whom_nothing_is_known) {
  Asking scene(37, *PieceSize::from_log2(16), 1);
  StreamEnd& slow = scene.peer(8);
  StreamEnd& unknown = scene.peer(9);
  const Digest piece = scene.wanted.at(0);
  scene.say(slow, FrameType::have, {piece});
  scene.network.run_for(Duration::milliseconds(20));
  scene.say(unknown, FrameType::have, {piece});
  const auto bytes = std::span(scene.tree.pieces.at(piece));
  scene.give(slow, piece, 0);
  for (size_t at = 0; at < bytes.size(); at += 1024) {
    scene.network.run_for(Duration::milliseconds(100));
    scene.network.raw_send(slow, bytes.subspan(at, 1024));
  }
  ASSERT_TRUE(scene.network.run_until([&] { return !scene.getter.said<ContentComplete>().empty(); },
                                      Duration::seconds(1)));
  EXPECT_TRUE(scene.asked(unknown).empty());
}

// Or it would keep one piece after the other, each until it is late.
TEST(Transfer, one_that_has_given_nothing_is_asked_for_no_more_than_at_first) {
  Asking scene(38, *PieceSize::from_log2(16), 12);
  StreamEnd& silent = scene.peer(7);
  StreamEnd& gives = scene.peer(8);
  scene.say(silent, FrameType::have, scene.wanted);
  scene.network.run_for(Duration::milliseconds(20));
  EXPECT_EQ(scene.asked(silent).size(), 2U);
  scene.say(gives, FrameType::have, scene.wanted);
  size_t given = 0;
  const auto whole = [&] {
    for (const auto asked = scene.asked(gives); given < asked.size(); ++given) {
      scene.give(gives, asked[given], scene.piece_size.bytes());
    }
    return !scene.getter.said<ContentComplete>().empty();
  };
  ASSERT_TRUE(scene.network.run_until(whole, Duration::seconds(4)));
  // Both were called back; it has another content, too.
  const Digest other = make_content_tree(scene.piece_size, counting_bytes(7)).id();
  scene.network.tell(scene.getter, FetchContent{FetchId{2}, other, true});
  scene.network.run_for(Duration::milliseconds(20));
  scene.say(silent, FrameType::have, {other});
  scene.network.run_for(Duration::milliseconds(20));
  EXPECT_EQ(scene.asked(silent).size(), 2U);
}

// Says that it has whatever is wanted, ignores cancels, and lets the first piece that it is asked
// for begin, if it gives at all.
void feign(MemNetwork& network, StreamEnd& peer, size_t& read, bool& gives) {
  const auto said = messages_in(peer.raw_received, *PieceSize::from_log2(14));
  for (; read < said.size(); ++read) {
    const auto* const list = std::get_if<DigestListMessage>(&said[read]);
    const auto* const ask = std::get_if<AskMessage>(&said[read]);
    if (list != nullptr && list->type == FrameType::want) {
      network.raw_send(peer, encoded(DigestListMessage{FrameType::have, list->digests}));
    } else if (ask != nullptr && gives) {
      const auto header = encode_give_header(ask->digest, *PieceSize::from_log2(14));
      network.raw_send(peer, {header.begin(), header.end()});
      gives = false;
    }
  }
}

// Also the first one, the root, which came only after Limits::ask_slow_after when it had begun to
// come from the one that drips, as nothing was known of the others.
TEST(Transfer, every_piece_comes_soon_though_one_is_silent_and_one_drips) {
  const PieceSize piece_size = *PieceSize::from_log2(14);
  const auto content = counting_bytes(30 * piece_size.bytes());
  const ContentTree tree = make_content_tree(piece_size, content);
  Config config = config_with();
  config.piece_size = piece_size;
  config.limits.ask_slow_after = Duration::minutes(1);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    MemNetwork network(seed);
    MemNode& getter = network.add(config, host(1));
    StreamEnd& silent = network.raw_connect(getter.endpoint(), host(8));
    StreamEnd& drips = network.raw_connect(getter.endpoint(), host(9));
    network.raw_send(silent, encoded(hello_message(98, piece_size)));
    network.raw_send(drips, encoded(hello_message(99, piece_size)));
    Config of_holder = config;
    of_holder.bootstrap = {at_host(1)};
    of_holder.limits.upload_rate = 100'000;  // bytes a second
    network.add(of_holder, host(2), tree.pieces);
    network.run_for(Duration::seconds(5));
    network.tell(getter, FetchContent{kFetch, tree.id(), true});
    size_t read_of_silent = 0;
    size_t read_of_drips = 0;
    bool never = false;
    bool once = true;
    const auto whole = [&] {
      feign(network, silent, read_of_silent, never);
      feign(network, drips, read_of_drips, once);
      return !getter.said<ContentComplete>().empty();
    };
    EXPECT_TRUE(network.run_until(whole, Duration::seconds(20))) << "seed " << seed;
  }
}

TEST(Transfer, a_second_content_begins_while_most_of_the_first_is_still_to_come) {
  const PieceSize piece_size = *PieceSize::from_log2(14);
  const ContentTree film = make_content_tree(piece_size, counting_bytes(60 * piece_size.bytes()));
  auto backwards = counting_bytes(10 * piece_size.bytes());
  std::reverse(backwards.begin(), backwards.end());
  const ContentTree song = make_content_tree(piece_size, backwards);
  auto pieces = film.pieces;
  pieces.insert(song.pieces.begin(), song.pieces.end());
  Config slow = config_with();
  slow.piece_size = piece_size;
  slow.limits.upload_rate = 20'000;  // bytes a second
  Config of_getter = config_with({at_host(1)});
  of_getter.piece_size = piece_size;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    MemNetwork network(seed);
    network.add(slow, host(1), pieces);
    MemNode& getter = network.add(of_getter, host(2));
    network.tell(getter, FetchContent{kFetch, film.id(), true});
    ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentShape>().empty(); },
                                  Duration::minutes(1)));
    network.run_for(Duration::seconds(2));
    network.tell(getter, FetchContent{FetchId{2}, song.id(), true});
    network.run_for(Duration::seconds(10));
    EXPECT_EQ(getter.said<ContentShape>().size(), 2U) << "seed " << seed;
    EXPECT_GT(getter.engine().status().pieces_wanted, 40U);
  }
}

TEST(Transfer, what_could_not_be_copied_to_its_place_is_copied_later) {
  const auto content = counting_bytes(10'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(14);
  MemNode& getter = network.add(config_with(), host(1), tree.pieces);
  getter.store_answer = StoreStatus::no_space;
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  network.run_for(Duration::seconds(20));
  EXPECT_FALSE(getter.said<StoreFailed>().empty());
  getter.store_answer = StoreStatus::ok;
  ASSERT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(1)));
  EXPECT_EQ(joined(getter.targets[kFetch]), content);
}

TEST(Transfer, what_the_disk_could_not_give_for_a_while_is_given_later) {
  const ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(100'000));
  MemNetwork network(17);
  MemNode& holder = network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  holder.load_answer = StoreStatus::io_error;
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  network.run_for(Duration::minutes(5));
  EXPECT_TRUE(getter.said<ContentComplete>().empty());
  EXPECT_TRUE(getter.said<PeerClosed>().empty());
  holder.load_answer = StoreStatus::ok;
  EXPECT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::minutes(2)));
}

TEST(Transfer, what_the_store_says_it_has_not_is_not_offered_again) {
  const ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(100'000));
  MemNetwork network(18);
  MemNode& holder = network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  holder.load_answer = StoreStatus::not_held;
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  network.run_for(Duration::seconds(5));
  holder.load_answer = StoreStatus::ok;
  network.run_for(Duration::minutes(5));
  EXPECT_TRUE(getter.said<ContentComplete>().empty());
}

TEST(Transfer, what_the_application_adds_itself_is_no_longer_waited_for) {
  const auto content = counting_bytes(10'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(15);
  MemNode& getter = network.add(config_with(), host(1));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  for (const auto& [digest, bytes] : tree.pieces) {
    getter.store[digest] = bytes;
    network.tell(getter, PieceAdded{digest});
  }
  EXPECT_TRUE(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                                Duration::seconds(1)));
}

TEST(Transfer, a_fetch_that_is_cancelled_leaves_nothing_behind) {
  const ContentTree tree = make_content_tree(kSmallPieces, counting_bytes(2'000'000));
  MemNetwork network(12);
  network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  ASSERT_TRUE(network.run_until([&] { return getter.said<FetchProgress>().size() > 100; },
                                Duration::minutes(1)));
  network.tell(getter, CancelFetch{kFetch});
  network.run_for(Duration::seconds(5));
  EXPECT_EQ(getter.engine().status().pieces_wanted, 0u);
  EXPECT_EQ(getter.engine().status().receive_budget_used, 0u);
  EXPECT_TRUE(getter.said<PeerClosed>().empty());
}

}  // namespace
}  // namespace p2p::test
