// Commands that have the running node do their work: add, share, rm, gc and verify.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;
namespace fs = std::filesystem;
using nlohmann::json;

class Errands : public testing::Test {
 protected:
  // On the data folder of the node that runs.
  Finished ask(const Words& command) { return place_.run("store", command); }
  std::string added(const Words& command) {
    Finished done = ask(command);
    EXPECT_EQ(done.status, (ExitStatus{0, 0})) << done.err;
    return done.out.substr(0, 64);
  }
  Finished get(const std::string& id, const std::string& name, const std::string& timeout) {
    return place_.run("getting-" + name,
                      joining({"get", id, "-o", place_ / name, "--timeout", timeout}, node_));
  }
  void expect_got(const std::string& id, const std::string& name, const std::string& original) {
    Finished got = get(id, name, "60s");
    EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << node_.process().transcript();
    EXPECT_EQ(run({"diff", "-r", place_ / original, place_ / name}).out, "");
  }

  Place place_;
  Node node_{place_, "store", server()};
};

TEST_F(Errands, what_is_added_is_served_at_once_by_the_node_that_runs) {
  make_file(place_ / "film", 3 * kMiB + 1, 1);
  fs::create_directories(place_ / "tree/d");
  make_file(place_ / "tree/d/large", 2 * kMiB, 2);
  make_file(place_ / "copied", 2 * kMiB, 3);
  expect_got(added({"add", "-q", place_ / "film"}), "film.got", "film");
  expect_got(added({"add", "-q", place_ / "tree"}), "tree.got", "tree");
  std::string copied = added({"add", "-q", "--copy", place_ / "copied"});
  make_file(place_ / "moved", 2 * kMiB, 3);
  fs::remove(place_ / "copied");
  expect_got(copied, "copied.got", "moved");
  Finished none = ask({"add", place_ / "nowhere", place_ / "film"});
  EXPECT_EQ(none.status, (ExitStatus{2, 0}));
  EXPECT_NE(none.err.find("nowhere: No such file"), std::string::npos) << none.err;
  EXPECT_NE(none.out.find(" film"), std::string::npos) << none.out;
}

TEST_F(Errands, share_hands_over_to_the_node_that_runs_and_ends) {
  make_file(place_ / "film", 3 * kMiB, 1);
  Finished shared = ask({"share", place_ / "film"});
  EXPECT_EQ(shared.status, (ExitStatus{0, 0})) << shared.err;
  EXPECT_NE(shared.err.find("serves it from now on"), std::string::npos) << shared.err;
  EXPECT_NE(shared.out.find("p2pnode get "), std::string::npos) << shared.out;
  Finished as_json = ask({"share", "--json", place_ / "film"});
  json line = json::parse(as_json.out);
  EXPECT_EQ(line["schema"], 1);
  EXPECT_EQ(line["bytes"], 3 * kMiB);
  EXPECT_EQ(line["name"], "film");
  EXPECT_NE(line["ticket"].get<std::string>().find("peer="), std::string::npos);
  expect_got(line["id"], "got", "film");
}

TEST_F(Errands, what_is_removed_is_not_served_and_gc_drops_the_copies) {
  make_file(place_ / "film", 2 * kMiB, 1);
  make_file(place_ / "copied", 2 * kMiB, 2);
  std::string film = added({"add", "-q", place_ / "film"});
  std::string copied = added({"add", "-q", "--copy", place_ / "copied"});
  EXPECT_EQ(ask({"rm", film}).out, "removed " + film + "\n");
  EXPECT_EQ(ask({"rm", film}).status, (ExitStatus{4, 0}));
  EXPECT_EQ(ask({"rm", copied}).status, (ExitStatus{0, 0}));
  EXPECT_EQ(check_store(place_ / "store").files, 4U);
  EXPECT_EQ(ask({"gc", "-n"}).status, (ExitStatus{0, 0}));
  Finished gc = ask({"gc", "--json"});
  EXPECT_EQ(json::parse(gc.out)["dropped_pieces"], 4) << gc.out << gc.err;
  EXPECT_EQ(check_store(place_ / "store").files, 0U);
  EXPECT_EQ(get(film, "film.got", "1s").status, (ExitStatus{4, 0}));
  EXPECT_EQ(get(copied, "copied.got", "1s").status, (ExitStatus{4, 0}));
  // Once more from the start.
  expect_got(added({"add", "-q", "--copy", place_ / "copied"}), "copied.got", "copied");
}

TEST_F(Errands, what_others_add_meanwhile_is_not_garbage) {
  make_file(place_ / "film", 2 * kMiB, 1);
  Node other(place_, "store", joining({"run"}, node_));  // without the control socket
  Finished refused = ask({"gc"});
  EXPECT_EQ(refused.status, (ExitStatus{1, 0}));
  EXPECT_NE(refused.err.find("another command works on"), std::string::npos) << refused.err;
  other.process().terminate();
  ASSERT_EQ(other.process().wait(), (ExitStatus{0, 0}));
  EXPECT_EQ(ask({"gc"}).status, (ExitStatus{0, 0}));
}

TEST_F(Errands, who_outlives_the_node_that_was_asked_is_asked_from_then_on) {
  Node other(place_, "store", joining({"run"}, node_));
  node_.process().terminate();
  ASSERT_EQ(node_.process().wait(), (ExitStatus{0, 0}));
  const Deadline deadline(kSoon);
  Finished asked;
  while ((asked = ask({"status", "--json"})).status != ExitStatus{0, 0}) {
    ASSERT_EQ(asked.status, (ExitStatus{3, 0})) << asked.err;
    ASSERT_FALSE(deadline.passed());
  }
  EXPECT_EQ(json::parse(asked.out)["process"], other.process().pid());
}

TEST_F(Errands, a_copy_that_the_disk_has_spoilt_is_fetched_again_by_the_node) {
  make_file(place_ / "film", 3 * kMiB, 1);
  std::string id = added({"add", "-q", "--copy", place_ / "film"});
  SharingNode other(place_, "other", joining({"share", place_ / "film"}, node_));
  for (const auto& entry : fs::recursive_directory_iterator(place_ / "store/pieces")) {
    if (!entry.is_regular_file() || entry.file_size() < kMiB / 2) continue;
    std::FILE* file = std::fopen(entry.path().c_str(), "r+");
    ASSERT_NE(file, nullptr);
    std::fputs("spoilt", file);
    std::fclose(file);
    break;
  }
  Finished verified = ask({"verify", "--json", id});
  EXPECT_EQ(verified.status, (ExitStatus{8, 0})) << verified.err;
  EXPECT_EQ(json::parse(verified.out)["contents"][0]["bad"], 1);
  EXPECT_NE(verified.err.find("fetches the missing pieces"), std::string::npos) << verified.err;
  // Verifying again only looks.
  const Deadline deadline(kSoon);
  while (ask({"verify", id}).status != ExitStatus{0, 0}) ASSERT_FALSE(deadline.passed());
  EXPECT_EQ(check_store(place_ / "store").complaints, "");
}

TEST_F(Errands, another_users_file_is_handed_over) {
  if (!is_root()) GTEST_SKIP() << kNeedsRoot;
  const Place place;
  fs::copy_file(p2pnode_program(), place / "p2pnode");
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(chmod((place / "p2pnode").c_str(), 0755), 0);
  ASSERT_EQ(chown(place.dir().path().c_str(), kNobody, kNobody), 0);
  make_file(place / "film", 3 * kMiB, 1);
  fs::create_directories(place / "tree");
  make_file(place / "tree/file", kMiB, 2);
  ASSERT_EQ(chmod((place / "film").c_str(), 0600), 0);
  ASSERT_EQ(chmod((place / "tree/file").c_str(), 0600), 0);
  Place as_nobody_place;
  Words wrapper = {"setpriv",        "--reuid",        "65534",       "--regid", "65534",
                   "--clear-groups", "--no-new-privs", "--pdeathsig", "keep"};
  Words probe = wrapper;
  probe.insert(probe.end(), {place / "p2pnode", "--version"});
  if (run(probe).status != ExitStatus{0, 0}) GTEST_SKIP() << "nobody can't run a program here";
  Words command = wrapper;
  Words node_words = place.command("store", server());
  node_words.front() = place / "p2pnode";
  command.insert(command.end(), node_words.begin(), node_words.end());
  Process nobody(command, place.options());
  auto listening = nobody.expect_out("listening on (.*)");
  ASSERT_TRUE(listening) << nobody.transcript();
  Finished added_file = place.run("store", {"add", "-q", place / "film"});
  ASSERT_EQ(added_file.status, (ExitStatus{0, 0})) << added_file.err;
  Finished got = place_.run("getting", joining({"get", added_file.out.substr(0, 64), "-o",
                                                place_ / "got", "--timeout", "60s"},
                                               (*listening)[1]));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err << nobody.transcript();
  EXPECT_EQ(sha256_of_file(place_ / "got"), sha256_of_file(place / "film"));
  // Of a folder only the folder itself can be handed over.
  Finished tree = place.run("store", {"add", place / "tree"});
  EXPECT_EQ(tree.status, (ExitStatus{1, 0}));
  EXPECT_NE(tree.err.find("tree/file: Permission denied"), std::string::npos) << tree.err;
  nobody.terminate();
  EXPECT_EQ(nobody.wait(), (ExitStatus{0, 0})) << nobody.transcript();
}

}  // namespace
