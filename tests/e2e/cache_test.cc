// What get -o - does: bytes come out in order before all is there, and what has come stays in the
// store as a cached content.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"

namespace cache_test {
namespace {

using namespace p2p::testing;
using nlohmann::json;

constexpr ExitStatus kDone{0, 0};

class Cached : public testing::Test {
 protected:
  json listed() {
    const Finished ls = place_.run("store", {"ls", "--json"});
    EXPECT_EQ(ls.status, kDone) << ls.err;
    return json::parse(ls.out).at("contents");
  }
  Finished stream(const std::string& id, const Node& from, Words more = {}) {
    Words words{"get", id, "-o", "-", "--timeout", "60s"};
    words.insert(words.end(), more.begin(), more.end());
    return place_.run("store", joining(std::move(words), from));
  }

  Place place_;
};

// A node that shares `one` and `two`, of 3 MiB each.
class TwoShared {
 public:
  explicit TwoShared(const Place& place) : node_(place, "sharing", files_made(place)) {
    one = id_of("one");
    two = id_of("two");
  }
  Node& node() { return node_; }

  std::string one;  // ids
  std::string two;

 private:
  static Words files_made(const Place& place) {
    make_file(place / "one", 3 * kMiB, 1);
    make_file(place / "two", 3 * kMiB, 2);
    return {"share", "-S", "--listen", "[::1]:0", place / "one", place / "two"};
  }
  std::string id_of(const std::string& name) {
    const auto added = node_.process().expect_out("^added ([0-9a-f]{64}) " + name + "$");
    EXPECT_TRUE(added) << node_.process().transcript();
    return added ? added->at(1) : "";
  }

  Node node_;
};

TEST_F(Cached, what_was_streamed_is_listed_kept_by_gc_served_later_and_removed) {
  make_file(place_ / "film", 3 * kMiB + 5, 1);
  std::string id;
  {
    SharingNode sharing(place_, "sharing", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
    id = sharing.id();
    const Finished got = stream(id, sharing);
    ASSERT_EQ(got.status, kDone) << got.err;
    EXPECT_EQ(got.out, read_file(place_ / "film"));
  }
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed()[0]["state"], "cached");
  EXPECT_EQ(listed()[0]["whole"], true);
  EXPECT_EQ(place_.run("store", {"gc"}).status, kDone);
  EXPECT_EQ(check_store(place_ / "store").files, 5U);
  EXPECT_EQ(place_.run("store", {"verify", id}).status, kDone);
  {
    Node later(place_, "store", server());
    const Finished got =
        place_.run("other", joining({"get", id, "-o", place_ / "got", "--timeout", "60s"}, later));
    EXPECT_EQ(got.status, kDone) << got.err;
    EXPECT_EQ(sha256_of_file(place_ / "got"), sha256_of_file(place_ / "film"));
  }
  EXPECT_EQ(place_.run("store", {"rm", id}).status, kDone);
  EXPECT_EQ(place_.run("store", {"gc"}).status, kDone);
  EXPECT_EQ(check_store(place_ / "store").files, 0U);
}

TEST_F(Cached, the_first_bytes_come_out_though_the_rest_never_comes_and_what_came_is_gone_on_from) {
  make_file(place_ / "film", 40 * kMiB, 1);
  // Of so much a second, all can't have come within the time of this test's first part.
  auto sharing = std::make_unique<SharingNode>(
      place_, "sharing",
      Words{"share", "-S", "--listen", "[::1]:0", "--max-upload", "2MB", place_ / "film"});
  const std::string id = sharing->id();
  auto getting = place_.start("store", joining({"get", id, "-o", "-"}, *sharing));
  const Deadline deadline(seconds(60));
  while (getting->output(Stream::out).size() < kMiB && !deadline.passed()) {
    std::this_thread::sleep_for(milliseconds(10));
  }
  ASSERT_GE(getting->output(Stream::out).size(), kMiB) << getting->output(Stream::err);
  sharing->process().kill();
  sharing->process().wait();
  sharing.reset();
  getting->terminate();
  EXPECT_EQ(getting->wait(), (ExitStatus{7, 0})) << getting->output(Stream::err);
  EXPECT_NE(getting->output(Stream::err).find("in the cache, and the same command goes on"),
            std::string::npos)
      << getting->output(Stream::err);
  const std::string film = read_file(place_ / "film");
  const std::string first = getting->output(Stream::out);
  EXPECT_LT(first.size(), film.size());
  EXPECT_EQ(first, film.substr(0, first.size()));
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed()[0]["state"], "cached");
  EXPECT_EQ(listed()[0]["whole"], false);

  SharingNode again(place_, "sharing", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
  const Finished rest = stream(id, again);
  EXPECT_EQ(rest.status, kDone) << rest.err;
  EXPECT_EQ(rest.out, film);
  EXPECT_EQ(listed()[0]["whole"], true);
}

TEST_F(Cached, a_cache_of_0_leaves_nothing) {
  make_file(place_ / "film", 3 * kMiB, 1);
  SharingNode sharing(place_, "sharing", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
  const Finished got = stream(sharing.id(), sharing, {"--cache-size", "0"});
  EXPECT_EQ(got.status, kDone) << got.err;
  EXPECT_EQ(got.out, read_file(place_ / "film"));
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(check_store(place_ / "store").files, 0U);
}

TEST_F(Cached, of_two_the_first_makes_room_and_what_is_pinned_stays) {
  make_file(place_ / "mine", 6 * kMiB, 3);
  ASSERT_EQ(place_.run("store", {"add", "--copy", place_ / "mine"}).status, kDone);
  TwoShared shared(place_);
  EXPECT_EQ(stream(shared.one, shared.node(), {"--cache-size", "5MiB"}).status, kDone);
  EXPECT_EQ(listed().size(), 2U);
  const Finished got = stream(shared.two, shared.node(), {"--cache-size", "5MiB"});
  EXPECT_EQ(got.status, kDone) << got.err;
  EXPECT_EQ(got.out, read_file(place_ / "two"));
  EXPECT_NE(got.err.find("1 content was evicted"), std::string::npos) << got.err;
  const json contents = listed();
  ASSERT_EQ(contents.size(), 2U);
  for (const json& content : contents) {
    EXPECT_EQ(content["state"], content["id"] == shared.two ? "cached" : "pinned");
    EXPECT_NE(content["id"], shared.one);
  }
  EXPECT_EQ(place_.run("store", {"verify"}).status, kDone);
  EXPECT_EQ(check_store(place_ / "store").files, 11U);  // 6 + 3 pieces, 2 roots
}

TEST_F(Cached, getting_it_into_a_file_or_adding_it_pins_it) {
  TwoShared shared(place_);
  EXPECT_EQ(stream(shared.one, shared.node()).status, kDone);
  EXPECT_EQ(stream(shared.two, shared.node()).status, kDone);
  const Finished got = place_.run(
      "store",
      joining({"get", shared.one, "-o", place_ / "got", "--timeout", "60s"}, shared.node()));
  EXPECT_EQ(got.status, kDone) << got.err;
  EXPECT_EQ(place_.run("store", {"add", place_ / "two"}).status, kDone);
  ASSERT_EQ(listed().size(), 2U);
  for (const json& content : listed()) EXPECT_EQ(content["state"], "pinned");
  EXPECT_EQ(place_.run("store", {"verify"}).status, kDone);
}

TEST_F(Cached, the_node_that_runs_on_the_folder_gives_it_and_keeps_its_own_bounds) {
  Node running(place_, "store", {"-S", "--listen", "[::1]:0", "--cache-size", "5MiB"});
  std::string two;
  {
    TwoShared shared(place_);
    EXPECT_EQ(stream(shared.one, shared.node()).status, kDone);
    EXPECT_EQ(stream(shared.two, shared.node()).status, kDone);
    two = shared.two;
  }
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed()[0]["id"], two);
  const Finished got =
      place_.run("other", joining({"get", two, "-o", place_ / "got", "--timeout", "60s"}, running));
  EXPECT_EQ(got.status, kDone) << got.err << running.process().transcript();
  EXPECT_EQ(sha256_of_file(place_ / "got"), sha256_of_file(place_ / "two"));
}

TEST_F(Cached, a_reader_that_leaves_early_is_said_once) {
  make_file(place_ / "film", 8 * kMiB, 1);
  SharingNode sharing(place_, "sharing", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
  auto reading = place_.start("store", joining({"get", sharing.id(), "-o", "-"}, sharing));
  reading->close_stdout();
  EXPECT_EQ(reading->wait(), (ExitStatus{1, 0}));
  EXPECT_EQ(reading->count_lines(Stream::err, "standard output takes no more"), 1U)
      << reading->output(Stream::err);
}

}  // namespace
}  // namespace cache_test
