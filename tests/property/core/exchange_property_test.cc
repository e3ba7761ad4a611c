// What always holds of the exchange, whatever the seed, the content, the holders and the cuts.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/support/mem_scenes.h"

namespace p2p::test {
namespace {

constexpr FetchId kFetch{1};

std::vector<std::byte> random_content(uint64_t seed, size_t size) {
  Random random(Seed{seed});
  std::vector<std::byte> content(size);
  for (std::byte& byte : content) byte = static_cast<std::byte>(random.below(256));
  return content;
}

RC_GTEST_PROP(ExchangeProperty, what_reachable_nodes_hold_between_them_arrives, ()) {
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const auto size = *rc::gen::inRange<size_t>(0, 60'000);
  const auto holders = *rc::gen::inRange<uint8_t>(1, 5);
  const bool placed = *rc::gen::arbitrary<bool>();
  const auto cuts = *rc::gen::element(Cuts::whole, Cuts::anywhere);
  const auto content = random_content(seed, size);
  const ContentTree tree = make_content_tree(kSmallPieces, content);

  // Each piece is held by one node at least, at random.
  std::vector<std::map<Digest, std::vector<std::byte>>> shares(holders);
  Random random(Seed{seed});
  for (const auto& [digest, bytes] : tree.pieces) {
    shares[static_cast<size_t>(random.below(holders))][digest] = bytes;
    shares[static_cast<size_t>(random.below(holders))][digest] = bytes;
  }
  MemNetwork network(seed, {cuts, Duration::milliseconds(5), size_t{1} << 14});
  network.add(config_with(), host(1));
  for (uint8_t i = 0; i < holders; ++i) {
    network.add(config_with({at_host(1)}), host(static_cast<uint8_t>(2 + i)), shares[i]);
  }
  MemNode& getter = network.add(config_with({at_host(1)}), host(100));
  network.tell(getter, FetchContent{kFetch, tree.id(), placed});
  RC_ASSERT(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                              Duration::minutes(2)));
  for (const auto& [digest, bytes] : tree.pieces) {
    RC_ASSERT(sha256_zero_filled(getter.store.at(digest),
                                 kSmallPieces.bytes() - getter.store.at(digest).size()) == digest);
  }
  if (placed && size > inline_max(kSmallPieces)) {
    RC_ASSERT(joined(getter.targets[kFetch]) == content);
  }
  RC_ASSERT(getter.engine().status().receive_budget_used == 0u);
  for (size_t i = 0; i < network.size(); ++i) {
    for (const PeerClosed& closed : network.node(i).said<PeerClosed>()) {
      RC_ASSERT(closed.reason == CloseReason::duplicate_connection);
    }
  }
}

RC_GTEST_PROP(ExchangeProperty, strangers_bytes_never_stop_a_transfer, ()) {
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const auto garbage = *rc::gen::container<std::vector<std::vector<uint8_t>>>(
      rc::gen::arbitrary<std::vector<uint8_t>>());
  const bool greeted = *rc::gen::arbitrary<bool>();
  const auto content = random_content(seed, 20'000);
  const ContentTree tree = make_content_tree(kSmallPieces, content);
  MemNetwork network(seed);
  MemNode& holder = network.add(config_with(), host(1), tree.pieces);
  MemNode& getter = network.add(config_with({at_host(1)}), host(2));
  network.tell(getter, FetchContent{kFetch, tree.id(), true});
  for (const auto& bytes : garbage) {
    StreamEnd& raw = network.raw_connect(holder.endpoint(), host(9));
    if (greeted) network.raw_send(raw, encoded(hello_message(99)));
    network.raw_send(raw, std::as_bytes(std::span(bytes)));
  }
  RC_ASSERT(network.run_until([&] { return !getter.said<ContentComplete>().empty(); },
                              Duration::minutes(1)));
  RC_ASSERT(joined(getter.targets[kFetch]) == content);
}

RC_GTEST_PROP(OverlayProperty, whoever_reaches_a_live_node_ends_up_in_one_component, ()) {
  const auto seed = *rc::gen::arbitrary<uint64_t>();
  const auto count = *rc::gen::inRange<uint8_t>(2, 12);
  MemNetwork network(seed);
  Random random(Seed{seed});
  network.add(config_with(), host(1));
  for (uint8_t i = 2; i <= count; ++i) {
    const auto known = static_cast<uint8_t>(1 + random.below(i - 1u));
    network.add(config_with({at_host(known)}), host(i));
    network.run_for(Duration::milliseconds(static_cast<int64_t>(random.below(5000))));
  }
  network.run_for(Duration::minutes(2));
  for (uint8_t i = 0; i < count; ++i) {
    RC_ASSERT(network.node(i).engine().status().known_alive.size() == count - 1u);
  }
}

}  // namespace
}  // namespace p2p::test
