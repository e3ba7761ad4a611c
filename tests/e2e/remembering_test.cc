// A node that starts again finds its network by what it remembers of it, whatever became of the
// file in which it remembers.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <string>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;

void end(Node& node) {
  node.process().terminate();
  EXPECT_EQ(node.process().wait(), (ExitStatus{0, 0})) << node.process().transcript();
}

std::string regex_of(const std::string& endpoint) {
  std::string pattern;
  for (const char c : endpoint) {
    if (c == '[' || c == ']' || c == '.') pattern += '\\';
    pattern += c;
  }
  return pattern + "$";
}

testing::AssertionResult dials(Node& node, const std::string& endpoint) {
  if (node.process().expect_err("connected to the peer " + regex_of(endpoint))) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << node.process().transcript();
}

// A network of three, of which one is gone: the bootstrap node; and b, which remembers the others.
struct Network {
  explicit Network(const Place& place) : film(place / "film") {
    make_file(film, 200'000, 1);
    Node boot(place, "boot", server());
    bootstrap = boot.endpoint();
    a.emplace(place, "a", joining({"share", film, "-v"}, boot));
    c.emplace(place, "c", joining({"run", "-v"}, boot));
    EXPECT_TRUE(dials(*a, bootstrap));
    EXPECT_TRUE(dials(*c, bootstrap));
    Node b(place, "b", joining({"run", "-v"}, boot));
    // In any order, and from either side.
    for (int peers = 0; peers < 3; ++peers) {
      EXPECT_TRUE(b.process().expect_err("(connected to|accepted) the peer "))
          << b.process().transcript();
    }
    end(b);
    end(boot);
  }

  std::string film;
  std::string bootstrap;  // nobody is there any more
  std::optional<SharingNode> a;
  std::optional<Node> c;
};

TEST(Remembering, a_node_that_restarts_finds_the_others_without_the_bootstrap_node) {
  Place place;
  Network network(place);
  ASSERT_TRUE(std::filesystem::exists(place / "b/peers.book"));
  for (const bool killed : {true, false}) {
    // What a killed node knew is as it was saved last.
    Node b(place, "b", joining({"run", "-v"}, network.bootstrap));
    EXPECT_TRUE(b.process().expect_err("remembers [23] peers")) << b.process().transcript();
    EXPECT_TRUE(b.process().expect_err("connected to the peer (" + regex_of(network.a->endpoint()) +
                                       "|" + regex_of(network.c->endpoint()) + ")"))
        << b.process().transcript();
    if (!killed) {
      end(b);
      break;
    }
    b.process().kill();
    EXPECT_EQ(b.process().wait(), (ExitStatus{-1, 9}));
  }
}

TEST(Remembering, a_get_finds_who_shares_without_the_bootstrap_node) {
  Place place;
  Network network(place);
  Finished got =
      place.run("b", joining({"get", network.a->id(), "-o", place / "received", "--timeout", "60s"},
                             network.bootstrap));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_EQ(sha256_of_file(place / "received"), sha256_of_file(network.film));
}

// A node with a spoilt book: starts, says once what it set aside, and joins through its bootstrap.
void expect_starts_with(const Place& place, const std::string& book, Node& bootstrap) {
  const std::string path = place / "node/peers.book";
  write_file(path, book);
  Node node(place, "node", joining({"run", "-v"}, bootstrap));
  EXPECT_TRUE(
      node.process().expect_err("peers\\.book can't be used: .*; it is set aside as .*" +
                                std::string("peers\\.book\\.corrupt, and the node goes on")))
      << node.process().transcript();
  EXPECT_TRUE(dials(node, bootstrap.endpoint()));
  EXPECT_EQ(node.process().count_lines(Stream::err, "peers\\.book"), 1U);
  EXPECT_EQ(read_file(path + ".corrupt"), book);
  end(node);
  EXPECT_EQ(read_file(path).size(), 66U);  // a good one again, with the bootstrap node in it
}

class SpoiltBook : public testing::Test {
 protected:
  SpoiltBook() {
    Node node(place_, "node", joining({"run", "-v"}, bootstrap_));
    EXPECT_TRUE(dials(node, bootstrap_.endpoint()));
    end(node);
    book_ = read_file(place_ / "node/peers.book");
    EXPECT_EQ(book_.size(), 66U);  // one peer
  }

  Place place_;
  Node bootstrap_{place_, "bootstrap", server()};
  std::string book_;
};

TEST_F(SpoiltBook, cut_off_at_any_length_does_not_keep_a_node_from_its_network) {
  for (size_t length = 0; length < book_.size() && !HasFailure(); ++length) {
    SCOPED_TRACE(length);
    expect_starts_with(place_, book_.substr(0, length), bootstrap_);
  }
}

TEST_F(SpoiltBook, with_any_byte_flipped_does_not_keep_a_node_from_its_network) {
  for (size_t at = 0; at < book_.size() && !HasFailure(); ++at) {
    SCOPED_TRACE(at);
    std::string flipped = book_;
    flipped[at] = static_cast<char>(~flipped[at]);
    expect_starts_with(place_, flipped, bootstrap_);
  }
}

TEST_F(SpoiltBook, that_cannot_be_saved_is_said_and_stops_nothing) {
  std::filesystem::create_directory(place_ / "node/peers.book.new");
  Node node(place_, "node", joining({"run", "-v"}, bootstrap_));
  EXPECT_TRUE(dials(node, bootstrap_.endpoint()));
  end(node);
  EXPECT_EQ(node.process().count_lines(Stream::err, "could not save the address book: "), 1U)
      << node.process().transcript();
  EXPECT_EQ(read_file(place_ / "node/peers.book"), book_);
}

TEST(Remembering, a_demonstration_keeps_nothing) {
  Place place;
  Node bootstrap(place, "bootstrap", server());
  Node node(place, "node", joining({"run", "--demo=20,20,0", "-v"}, bootstrap));
  EXPECT_TRUE(dials(node, bootstrap.endpoint()));
  end(node);
  EXPECT_FALSE(std::filesystem::exists(place / "node/peers.book"));
}

}  // namespace
