// Networks of ours and of the original program, whose double does as the original was measured to
// do, ten times as fast (legacy_timing_test.cc: at its true pace).
#include <gtest/gtest.h>

#include "tests/e2e/node.h"
#include "tests/support/raw_peer.h"

namespace {

using namespace p2p::testing;

constexpr char kAll[] = "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19";

Words demo(const std::string& shape, const Words& more) {
  Words words = {"run", "--piece-size", "128KiB", "--demo=" + shape};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// Ours holds all 20 pieces, or wants them all.
Words holding(const Words& more) { return demo("20,20,0", more); }
Words wanting(const Words& more) { return demo("20,0,20", more); }

// The line of counts, once all is there.
testing::AssertionResult has_all(Process& ours) {
  if (ours.expect_out("^demo: 20 of 20 pieces, 0 wanted", seconds(120)))
    return testing::AssertionSuccess();
  return testing::AssertionFailure() << ours.transcript();
}

TEST(Legacy, gets_pieces_from_ours_that_it_dialled) {
  Place place;
  Node ours(place, "ours", holding(server()));
  LegacyNode theirs({"--fast", "--want", kAll, "--bootstrap", ours.endpoint()});
  EXPECT_TRUE(theirs.process().expect_out("^done$", seconds(120)))
      << theirs.process().transcript() << ours.process().transcript();
  EXPECT_EQ(theirs.stop_and_complain(), "");
  EXPECT_TRUE(ours.process().running());
}

TEST(Legacy, gets_pieces_from_ours_that_dialled_it) {
  // It asks nobody that it did not dial itself: ours must tell it where it listens.
  Place place;
  LegacyNode theirs({"--fast", "--want", kAll});
  Node ours(place, "ours", joining(holding({}), theirs.endpoint()));
  EXPECT_TRUE(theirs.process().expect_out("^done$", seconds(120)))
      << theirs.process().transcript() << ours.process().transcript();
  EXPECT_EQ(theirs.stop_and_complain(), "");
  EXPECT_TRUE(ours.process().running());
}

TEST(Legacy, gives_pieces_to_ours_that_it_dialled) {
  Place place;
  Node ours(place, "ours", wanting(server()));
  LegacyNode theirs({"--fast", "--have", kAll, "--bootstrap", ours.endpoint()});
  EXPECT_TRUE(has_all(ours.process())) << theirs.process().transcript();
  EXPECT_EQ(theirs.stop_and_complain(), "");
}

TEST(Legacy, gives_pieces_to_ours_that_dialled_it) {
  Place place;
  LegacyNode theirs({"--fast", "--have", kAll});
  Node ours(place, "ours", joining(wanting({}), theirs.endpoint()));
  EXPECT_TRUE(has_all(ours.process())) << theirs.process().transcript();
  EXPECT_EQ(theirs.stop_and_complain(), "");
}

TEST(Legacy, pieces_pass_from_original_to_original_through_ours) {
  // The two of them know nobody but ours at first.
  Place place;
  Node ours(place, "ours", wanting(server()));
  LegacyNode giver({"--fast", "--have", kAll, "--bootstrap", ours.endpoint()});
  EXPECT_TRUE(has_all(ours.process())) << giver.process().transcript();
  LegacyNode taker({"--fast", "--want", kAll, "--bootstrap", ours.endpoint()});
  EXPECT_TRUE(taker.process().expect_out("^done$", seconds(120))) << taker.process().transcript();
  EXPECT_EQ(giver.stop_and_complain(), "");
}

TEST(Legacy, a_mixed_network_comes_to_rest) {
  // Three originals with different pieces, two of ours; each original wants what the others have.
  Place place;
  Node bootstrap(place, "bootstrap", demo("30,0,30", server()));
  Words at_bootstrap = {"--fast", "--bootstrap", bootstrap.endpoint()};
  auto with = [&at_bootstrap](const std::string& have, const std::string& want, const char* seed) {
    Words words = at_bootstrap;
    words.insert(words.end(), {"--have", have, "--want", want, "--seed", seed});
    return words;
  };
  LegacyNode first(with("0,1,2,3,4,5,6,7,8,9", "10,15,20,25", "1"));
  LegacyNode second(with("10,11,12,13,14,15,16,17,18,19", "0,5,20,25", "2"));
  LegacyNode third(with("20,21,22,23,24,25,26,27,28,29", "0,5,10,15", "3"));
  Node ours(place, "ours", joining(demo("30,0,30", {}), bootstrap));
  for (LegacyNode* theirs : {&first, &second, &third}) {
    EXPECT_TRUE(theirs->process().expect_out("^done$", seconds(120)))
        << theirs->process().transcript();
  }
  for (Node* node : {&bootstrap, &ours}) {
    EXPECT_TRUE(node->process().expect_out("^demo: 30 of 30 pieces, 0 wanted", seconds(120)))
        << node->process().transcript();
  }
  for (LegacyNode* theirs : {&first, &second, &third}) {
    // The first to be stopped is missed by the others, so only the violations are looked at.
    EXPECT_EQ(theirs->process().count_lines(Stream::out, "^saw type "), 0U)
        << theirs->process().transcript();
  }
}

TEST(Legacy, a_get_in_a_network_of_originals_pieces_finishes) {
  // Files are made of ordinary pieces, of any size: here of the originals'.
  Place place;
  make_file(place / "film", 3 << 20, 1);
  SharingNode sharing(
      place, "sharing",
      {"share", "-S", "--listen", "[::1]:0", "--piece-size", "128KiB", place / "film"});
  LegacyNode theirs({"--fast", "--want", "1,2,3", "--bootstrap", sharing.endpoint()});
  Finished got = place.run("getting", joining({"get", sharing.id(), "-o", place / "received",
                                               "--timeout", "100s", "--piece-size", "128KiB"},
                                              sharing));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << sharing.process().transcript();
  EXPECT_EQ(sha256_of_file(place / "received"), sha256_of_file(place / "film"));
  EXPECT_EQ(theirs.process().count_lines(Stream::out, "^saw type "), 0U)
      << theirs.process().transcript();
}

TEST(Legacy, the_death_of_an_original_does_not_hurt_ours) {
  Place place;
  Node ours(place, "ours", wanting(server()));
  {
    LegacyNode theirs({"--fast", "--have", kAll, "--bootstrap", ours.endpoint()});
    // At any moment from here on: before the first piece, or between two.
    EXPECT_TRUE(ours.process().expect_out("^demo: .*[1-9][0-9]* peer", seconds(120)))
        << ours.process().transcript();
    theirs.process().kill();
  }
  LegacyNode other({"--fast", "--have", kAll, "--bootstrap", ours.endpoint()});
  EXPECT_TRUE(has_all(ours.process()));
  EXPECT_EQ(other.stop_and_complain(), "");
}

}  // namespace
