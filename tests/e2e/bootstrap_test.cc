// How nodes find each other, and what they say when they can't.
#include <gtest/gtest.h>

#include "tests/e2e/node.h"
#include "tests/support/raw_peer.h"

namespace {

using namespace p2p::testing;

TEST(Bootstrap, an_unreachable_host_is_said_in_a_sentence_and_joined_when_it_comes_up) {
  Place place;
  make_file(place / "film", 100000, 1);
  std::string later = "[::1]:" + std::to_string(unused_port());
  SharingNode sharing(place, "sharing", joining({"share", place / "film"}, later));
  std::string port = later.substr(later.rfind(':') + 1);
  auto said = sharing.process().expect_err(":" + port + "\\b");
  ASSERT_TRUE(said) << sharing.process().transcript();

  Node bootstrap(place, "bootstrap", {"-S", "--listen", later});
  // Gets the file through the bootstrap node alone, so the sharing node has joined it.
  Finished got = place.run(
      "getting",
      joining({"get", sharing.id(), "-o", place / "received", "--timeout", "110s"}, bootstrap));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << sharing.process().transcript();
  EXPECT_EQ(sha256_of_file(place / "received"), sha256_of_file(place / "film"));
  // One cause, one line, however often it was tried; and perhaps one that it is reached now.
  EXPECT_LE(sharing.process().count_lines(Stream::err, ":" + port + "\\b"), 2U)
      << sharing.process().transcript();
}

TEST(Bootstrap, a_name_that_does_not_resolve_is_said_and_does_not_end_the_node) {
  Place place;
  Node node(place, "node", joining({"run"}, "no-such-host.invalid:8100"));
  EXPECT_TRUE(node.process().expect_err("no-such-host\\.invalid")) << node.process().transcript();
  EXPECT_TRUE(node.process().running());
  node.process().terminate();
  EXPECT_EQ(node.process().wait(), (ExitStatus{0, 0}));
}

TEST(Bootstrap, a_name_is_resolved) {
  Place place;
  make_file(place / "film", 1000, 2);
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::]:0", place / "film"});
  Finished got = place.run("getting", {"get", sharing.id(), "-o", place / "received", "--timeout",
                                       "60s", "--bootstrap", "localhost:" + sharing.port()});
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
}

TEST(Bootstrap, any_of_several_hosts_is_enough) {
  Place place;
  make_file(place / "film", 1000, 3);
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  std::string nobody = "[::1]:" + std::to_string(unused_port());
  Words get = joining(
      {"get", sharing.id(), "-o", place / "received", "--timeout", "60s", "--bootstrap", nobody},
      sharing);
  Finished got = place.run("getting", get);
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
}

TEST(Bootstrap, a_node_that_was_told_its_own_address_goes_on) {
  Place place;
  make_file(place / "film", 1000, 4);
  std::string own = "[::1]:" + std::to_string(unused_port());
  SharingNode sharing(place, "sharing",
                      {"share", "--listen", own, "--bootstrap", own, place / "film"});
  Finished got = place.run(
      "getting",
      joining({"get", sharing.id(), "-o", place / "received", "--timeout", "60s"}, sharing));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << sharing.process().transcript();
}

TEST(Bootstrap, a_chain_of_nodes_becomes_a_network) {
  // Each was told of the one before it alone; the last gets what the first shares.
  Place place;
  make_file(place / "film", 300000, 5);
  SharingNode first(place, "first", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  Node second(place, "second", joining({"run"}, first));
  Node third(place, "third", joining({"run"}, second));
  Finished got = place.run(
      "getting", joining({"get", first.id(), "-o", place / "received", "--timeout", "90s"}, third));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
}

TEST(Bootstrap, whoever_connects_is_greeted_at_once_with_the_peers_that_are_known) {
  Place place;
  Node bootstrap(place, "bootstrap", server());
  RawPeer first(bootstrap.endpoint());
  auto alone = first.read_frame();
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->type, 2);
  EXPECT_EQ(alone->body.size() % 18, 17U);   // whole records and the trailer
  EXPECT_LE(alone->body.size(), 18U + 17U);  // nobody is there but the node itself
}

}  // namespace
