// What a data folder holds: ls, rm, gc and verify; files that are served where they stand.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;
namespace fs = std::filesystem;
using nlohmann::json;

std::string id_in(const Finished& added) {
  EXPECT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
  return added.out.substr(0, 64);
}

class Stored : public testing::Test {
 protected:
  json listed(const std::string& store = "store") {
    Finished ls = place_.run(store, {"ls", "--json"});
    EXPECT_EQ(ls.status, (ExitStatus{0, 0})) << ls.err;
    json answer = json::parse(ls.out);
    EXPECT_EQ(answer["schema"], 1);
    return answer["contents"];
  }
  ExitStatus status_of(const Words& command, const std::string& store = "store") {
    return place_.run(store, command).status;
  }
  void change_a_byte(const std::string& path, uint64_t at) {
    std::FILE* file = std::fopen(path.c_str(), "r+");
    ASSERT_NE(file, nullptr);
    std::fseek(file, static_cast<long>(at), SEEK_SET);
    int before = std::fgetc(file);
    std::fseek(file, static_cast<long>(at), SEEK_SET);
    std::fputc(before ^ 1, file);
    std::fclose(file);
  }

  Place place_;
};

TEST_F(Stored, contents_are_listed_until_they_are_removed_and_gc_drops_their_pieces) {
  make_file(place_ / "a film", 3 * kMiB, 1);
  make_file(place_ / "another", 2 * kMiB, 2);
  EXPECT_TRUE(listed().empty());
  std::string copied = id_in(place_.run("store", {"add", "-q", "--copy", place_ / "a film"}));
  std::string in_place = id_in(place_.run("store", {"add", "-q", place_ / "another"}));
  json contents = listed();
  ASSERT_EQ(contents.size(), 2U);
  for (const json& content : contents) {
    bool is_copy = content["id"] == copied;
    EXPECT_EQ(content["name"], is_copy ? "a film" : "another");
    EXPECT_EQ(content["bytes"], is_copy ? 3 * kMiB : 2 * kMiB);
    EXPECT_EQ(content["source"].is_null(), is_copy);
  }
  // Three data pieces and two roots.
  EXPECT_EQ(check_store(place_ / "store").files, 5U);
  EXPECT_EQ(status_of({"gc"}), (ExitStatus{0, 0}));
  EXPECT_EQ(check_store(place_ / "store").files, 5U);

  EXPECT_EQ(status_of({"rm", copied}), (ExitStatus{0, 0}));
  EXPECT_EQ(status_of({"rm", copied}), (ExitStatus{4, 0}));
  EXPECT_EQ(status_of({"verify", copied}), (ExitStatus{4, 0}));
  EXPECT_EQ(status_of({"gc", "-n"}), (ExitStatus{0, 0}));
  EXPECT_EQ(check_store(place_ / "store").files, 5U);
  Finished gc = place_.run("store", {"gc", "--json"});
  EXPECT_EQ(json::parse(gc.out)["dropped_pieces"], 4);
  EXPECT_EQ(check_store(place_ / "store").files, 1U);
  EXPECT_EQ(listed().size(), 1U);
  EXPECT_TRUE(fs::exists(place_ / "another"));
  EXPECT_EQ(status_of({"verify", in_place}), (ExitStatus{0, 0}));
}

TEST_F(Stored, bit_rot_is_found_said_and_dropped) {
  make_file(place_ / "film", 3 * kMiB, 1);
  std::string id = id_in(place_.run("store", {"add", "-q", "--copy", place_ / "film"}));
  EXPECT_EQ(status_of({"verify"}), (ExitStatus{0, 0}));
  for (const auto& entry : fs::recursive_directory_iterator(place_ / "store/pieces")) {
    if (entry.is_regular_file() && entry.file_size() > kMiB / 2) {
      change_a_byte(entry.path().string(), 4711);
      break;
    }
  }
  Finished verified = place_.run("store", {"verify", "--json", id});
  EXPECT_EQ(verified.status, (ExitStatus{8, 0}));
  EXPECT_EQ(json::parse(verified.out)["contents"][0]["bad"], 1);
  EXPECT_NE(verified.err.find("bad or missing"), std::string::npos) << verified.err;
  EXPECT_EQ(check_store(place_ / "store").complaints, "");
  EXPECT_EQ(check_store(place_ / "store").files, 3U);
  // Adding it again mends it.
  id_in(place_.run("store", {"add", "-q", "--copy", place_ / "film"}));
  EXPECT_EQ(status_of({"verify"}), (ExitStatus{0, 0}));
}

TEST_F(Stored, while_a_get_runs_it_is_only_listed) {
  make_file(place_ / "film", 2 * kMiB, 1);
  std::string id = id_in(place_.run("store", {"add", "-q", place_ / "film"}));
  Node other(place_, "other", server());
  auto getting = place_.start(
      "store", joining({"get", std::string(64, '0'), "-o", place_ / "never", "-v"}, other));
  ASSERT_TRUE(getting->expect_err("connected")) << getting->transcript();
  EXPECT_EQ(listed().size(), 2U);
  for (const Words& command : {Words{"rm", id}, Words{"gc"}, Words{"verify"}}) {
    Finished refused = place_.run("store", command);
    EXPECT_EQ(refused.status, (ExitStatus{1, 0})) << command[0];
    EXPECT_NE(refused.err.find("a node runs on"), std::string::npos) << refused.err;
  }
  getting->terminate();
  getting->wait();
  EXPECT_EQ(status_of({"verify"}), (ExitStatus{0, 0}));
}

TEST_F(Stored, what_was_added_in_place_is_served_by_a_node_that_runs_later) {
  make_file(place_ / "film", 5 * kMiB + 1, 1);
  fs::create_directories(place_ / "tree/d");
  make_file(place_ / "tree/d/large", 2 * kMiB, 2);
  make_file(place_ / "tree/small", 100, 3);
  Finished added = place_.run("store", {"add", "-q", place_ / "film", place_ / "tree"});
  ASSERT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
  Node node(place_, "store", server());
  for (const auto& [name, id] :
       {std::pair<std::string, std::string>{"film", added.out.substr(0, 64)},
        {"tree", added.out.substr(65, 64)}}) {
    std::string to = place_ / (name + ".got");
    Finished got = place_.run("getting", joining({"get", id, "-o", to, "--timeout", "60s"}, node));
    EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << node.process().transcript();
    EXPECT_EQ(run({"diff", "-r", place_ / name, to}).out, "");
  }
  EXPECT_EQ(check_store(place_ / "store").files, 2U);  // the roots
}

TEST_F(Stored, what_was_got_is_served_from_where_it_was_saved) {
  make_file(place_ / "film", 3 * kMiB, 1);
  std::string id;
  {
    SharingNode sharing(place_, "first", {"share", "-S", "--listen", "[::1]:0", place_ / "film"});
    id = sharing.id();
    Finished got = place_.run(
        "second", joining({"get", id, "-o", place_ / "got", "--timeout", "60s"}, sharing));
    ASSERT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  }
  EXPECT_EQ(listed("second").at(0)["source"], place_ / "got");
  EXPECT_EQ(status_of({"verify"}, "second"), (ExitStatus{0, 0}));
  Node second(place_, "second", server());
  Finished got =
      place_.run("third", joining({"get", id, "-o", place_ / "again", "--timeout", "60s"}, second));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_EQ(sha256_of_file(place_ / "again"), sha256_of_file(place_ / "film"));
}

TEST_F(Stored, a_file_that_changes_under_share_is_said_and_no_wrong_byte_is_sent) {
  make_file(place_ / "film", 6 * kMiB, 1);
  make_file(place_ / "other", 2 * kMiB, 2);
  Node sharing(place_, "store",
               {"share", "-S", "--listen", "[::1]:0", place_ / "film", place_ / "other"});
  auto film = sharing.process().expect_out("^added ([0-9a-f]{64}) film$");
  auto other = sharing.process().expect_out("^added ([0-9a-f]{64}) other$");
  ASSERT_TRUE(film && other) << sharing.process().transcript();
  change_a_byte(place_ / "film", 3 * kMiB + 17);

  std::string to = place_ / "received";
  Finished got =
      place_.run("getting", joining({"get", film->at(1), "-o", to, "--timeout", "3s"}, sharing));
  EXPECT_EQ(got.status, (ExitStatus{4, 0})) << got.err;
  EXPECT_FALSE(fs::exists(to));
  EXPECT_TRUE(sharing.process().expect_err("film has changed since it was added"))
      << sharing.process().transcript();
  EXPECT_EQ(sharing.process().count_lines(Stream::err, "has changed since"), 1U);
  // Nobody is blamed: the bytes were never sent.
  EXPECT_EQ(got.err.find("wrong bytes"), std::string::npos) << got.err;
  Finished fine =
      place_.run("getting", joining({"get", other->at(1), "-o", to, "--timeout", "60s"}, sharing));
  EXPECT_EQ(fine.status, (ExitStatus{0, 0})) << fine.err;
}

}  // namespace
