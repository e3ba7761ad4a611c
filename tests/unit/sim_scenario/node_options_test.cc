// The settings of a node's configuration that a scenario may give.
#include "io_sim/scenario/node_options.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

namespace p2p::sim {
namespace {

std::string apply(Config& config, std::string_view name, std::string_view value) {
  const NodeOption* option = find_node_option(name);
  return option != nullptr ? option->apply(config, value) : "no such option";
}

// How many of the numbers in Limits differ; each takes eight bytes.
size_t differences(const Limits& a, const Limits& b) {
  size_t count = 0;
  for (size_t at = 0; at < sizeof(Limits); at += sizeof(uint64_t)) {
    const auto* left = reinterpret_cast<const std::byte*>(&a) + at;
    const auto* right = reinterpret_cast<const std::byte*>(&b) + at;
    if (std::memcmp(left, right, sizeof(uint64_t)) != 0) ++count;
  }
  return count;
}

std::string_view odd_value(const NodeOption& option) {
  if (option.kind == "count") return "7";
  return option.kind == "size" ? "7MiB" : "7777ms";
}

TEST(NodeOptions, change_one_limit_each_and_together_all) {
  Config all;
  std::set<std::string_view> names;
  for (const NodeOption& option : node_options()) {
    Config one;
    EXPECT_EQ(option.apply(one, odd_value(option)), "") << option.name;
    EXPECT_EQ(differences(one.limits, Limits()), 1U) << option.name;
    EXPECT_EQ(option.apply(all, odd_value(option)), "");
    names.insert(option.name);
  }
  EXPECT_EQ(differences(all.limits, Limits()), sizeof(Limits) / sizeof(uint64_t));
  EXPECT_EQ(names.size(), node_options().size());
}

TEST(NodeOptions, put_the_value_where_its_name_says) {
  Config config;
  EXPECT_EQ(apply(config, "pex_interval", "3s"), "");
  EXPECT_EQ(apply(config, "book_max", "40"), "");
  EXPECT_EQ(apply(config, "receive_budget_bytes", "4MiB"), "");
  EXPECT_EQ(config.limits.pex_interval, Duration::seconds(3));
  EXPECT_EQ(config.limits.book_max, 40U);
  EXPECT_EQ(config.limits.receive_budget_bytes, size_t{4} << 20);
}

TEST(NodeOptions, refuse_what_would_keep_the_engine_busy_or_stop_it) {
  Config config;
  EXPECT_EQ(apply(config, "keepalive_every", "0s"), "is not from 100ms to 24h");
  EXPECT_EQ(apply(config, "book_max", "0"), "is not from 4 to 1000000");
  EXPECT_EQ(apply(config, "pex_records_max", "51"), "is not from 1 to 50");
  EXPECT_EQ(apply(config, "control_ahead_bytes", "1B"), "is less than 1KiB");
  EXPECT_EQ(differences(config.limits, Limits()), 0U);
}

TEST(NodeOptions, ask_for_a_budget_of_two_pieces_of_the_network) {
  Config config;
  EXPECT_EQ(apply(config, "receive_budget_bytes", "1MiB"), "is less than 2MiB, which is 2 pieces");
  config.piece_size = *PieceSize::from_bytes(65'536);
  EXPECT_EQ(apply(config, "receive_budget_bytes", "1MiB"), "");
}

TEST(NodeOptions, refuse_values_of_another_kind) {
  Config config;
  EXPECT_NE(apply(config, "pex_interval", "40"), "");
  EXPECT_NE(apply(config, "book_max", "40s"), "");
  EXPECT_NE(apply(config, "book_max", "-1"), "");
  EXPECT_NE(apply(config, "send_ahead_bytes", "40s"), "");
}

TEST(NodeOptions, say_nothing_of_the_nonce) { EXPECT_EQ(find_node_option("nonce"), nullptr); }

}  // namespace
}  // namespace p2p::sim
