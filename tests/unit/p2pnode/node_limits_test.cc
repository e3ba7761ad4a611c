#include <gtest/gtest.h>

#include "apps/p2pnode/node.h"

namespace p2p::app {
namespace {

TEST(NodeLimits, are_the_engines_where_there_are_descriptors_enough) {
  const Limits limits = limits_for(false, 2048);
  EXPECT_EQ(limits.unidentified_max, Limits().unidentified_max);
  EXPECT_EQ(limits.exchange_max, Limits().exchange_max);
  EXPECT_EQ(limits.accepted_neighbours_max, Limits().accepted_neighbours_max);
}

TEST(NodeLimits, keep_thousands_for_a_bootstrap_node) {
  EXPECT_GE(limits_for(true, 8192).accepted_neighbours_max, 2000U);
}

TEST(NodeLimits, leave_descriptors_for_files_however_few_there_are) {
  for (const uint64_t descriptors : {64U, 96U, 256U, 1024U, 4096U, 8192U}) {
    for (const bool server : {false, true}) {
      const Limits limits = limits_for(server, descriptors);
      EXPECT_LT(connections_max(limits), descriptors) << descriptors;
      EXPECT_GE(limits.dialled_neighbours, 1U) << descriptors;
      EXPECT_GE(limits.exchange_max, 1U) << descriptors;
    }
  }
}

}  // namespace
}  // namespace p2p::app
