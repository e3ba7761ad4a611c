// get by way of the node that runs on the data folder: it fetches into what the command has opened.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"

namespace get_errand_test {
namespace {

using namespace p2p::testing;
namespace fs = std::filesystem;
using nlohmann::json;

constexpr ExitStatus kDone{0, 0};
constexpr ExitStatus kNotFound{4, 0};
constexpr ExitStatus kInterrupted{7, 0};
// So slow that a get of some MiB is under way until somebody ends it.
const Words kSlow = {"--max-upload", "1MB"};

Words slow(Words words) {
  words.insert(words.end(), kSlow.begin(), kSlow.end());
  return words;
}

// The events but for the progress, which differs from run to run.
std::vector<json> events_of(const std::string& out) {
  std::vector<json> events;
  for (size_t at = 0; at < out.size();) {
    const size_t end = out.find('\n', at);
    const json event = json::parse(out.substr(at, end - at));
    if (event.at("event") != "progress") events.push_back(event);
    at = end + 1;
  }
  return events;
}

class GetErrand : public testing::Test {
 protected:
  // A node that has the content.
  void share(const std::string& name, const Words& more = {}) {
    Words words = {"share", "-S", "--listen", "[::1]:0"};
    words.push_back(place_ / name);
    words.insert(words.end(), more.begin(), more.end());
    sharing_ = std::make_unique<SharingNode>(place_, "sharing", words);
  }
  // The one that gets it for commands.
  void run_node() { node_ = std::make_unique<Node>(place_, "store", joining({"run"}, *sharing_)); }
  Words get(const std::string& id, const std::string& to, const Words& more = {}) {
    Words words = {"get", id, "-v", "-o", place_ / to};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Finished got(const Words& words) { return place_.run("store", words); }
  // One without the node, told where to find others.
  Finished got_alone(const Words& words) { return place_.run("alone", joining(words, *sharing_)); }
  // A get of its own says where it listens.
  static bool was_alone(const Finished& finished) {
    return finished.err.find("listening on") != std::string::npos;
  }
  bool same(const std::string& a, const std::string& b) {
    return sha256_of_file(place_ / a) == sha256_of_file(place_ / b);
  }
  // Until some of the file was fetched, and checked.
  // A get of `film` by the node, which some of it has come to, from whoever gives it slowly.
  std::unique_ptr<Process> start_slow_get(uint64_t film_bytes) {
    make_file(place_ / "film", film_bytes, 1);
    share("film", kSlow);
    run_node();
    auto getting = place_.start("store", get(sharing_->id(), "got", {"--json"}));
    expect_under_way(*getting);
    return getting;
  }
  void expect_under_way(Process& getting) {
    EXPECT_TRUE(getting.expect_out("\"bytes_done\":[1-9]")) << getting.transcript();
  }

  Place place_;
  std::unique_ptr<SharingNode> sharing_;
  std::unique_ptr<Node> node_;
};

TEST_F(GetErrand, saves_and_says_what_a_get_of_its_own_does) {
  make_file(place_ / "film", 3 * kMiB + 1, 1);
  make_file(place_ / "half", 3 * kMiB + 1, 1);
  fs::resize_file(place_ / "half", kMiB);
  share("film");
  run_node();
  for (const std::string format : {"", "--json"}) {
    const Words more = format.empty() ? Words() : Words{format};
    const std::string to = "got" + format;
    Finished by_node = got(get(sharing_->id(), to, more));
    ASSERT_EQ(by_node.status, kDone) << by_node.err << node_->process().transcript();
    EXPECT_FALSE(was_alone(by_node)) << by_node.err;
    EXPECT_TRUE(same(to, "film"));
    EXPECT_FALSE(fs::exists(place_ / to + ".part"));
    fs::rename(place_ / to, place_ / to + ".by_node");
    Finished alone = got_alone(get(sharing_->id(), to, more));
    ASSERT_EQ(alone.status, kDone) << alone.err;
    EXPECT_TRUE(was_alone(alone)) << alone.err;
    EXPECT_EQ(fs::status(place_ / to).permissions(),
              fs::status(place_ / to + ".by_node").permissions());
    if (format.empty()) {
      EXPECT_EQ(by_node.out, alone.out);
    } else {
      EXPECT_EQ(events_of(by_node.out), events_of(alone.out));
    }
  }
}

TEST_F(GetErrand, a_content_that_its_root_carries_and_an_empty_one_are_saved) {
  make_file(place_ / "small", 1000, 1);
  make_file(place_ / "empty", 0, 1);
  share("small");
  run_node();
  Finished small = got(get(sharing_->id(), "got", {"--timeout", "60s"}));
  ASSERT_EQ(small.status, kDone) << small.err;
  EXPECT_FALSE(was_alone(small)) << small.err;
  EXPECT_TRUE(same("got", "small"));
  Finished added = place_.run("store", {"add", "-q", "--copy", place_ / "empty"});
  ASSERT_EQ(added.status, kDone) << added.err;
  Finished empty = got(get(added.out.substr(0, 64), "nothing"));
  ASSERT_EQ(empty.status, kDone) << empty.err;
  EXPECT_FALSE(was_alone(empty)) << empty.err;
  EXPECT_EQ(fs::file_size(place_ / "nothing"), 0U);
}

TEST_F(GetErrand, the_node_lists_it_and_serves_it_from_its_place) {
  make_file(place_ / "film", 3 * kMiB, 1);
  share("film");
  const std::string id = sharing_->id();
  run_node();
  ASSERT_EQ(got(get(id, "got")).status, kDone);
  json listed = json::parse(place_.run("store", {"ls", "--json"}).out);
  EXPECT_EQ(listed["contents"][0]["source"], place_ / "got") << listed;
  sharing_->process().terminate();
  ASSERT_EQ(sharing_->process().wait(), kDone);
  Finished third = place_.run(
      "third", joining({"get", id, "-o", place_ / "third.got", "--timeout", "60s"}, *node_));
  EXPECT_EQ(third.status, kDone) << third.err << node_->process().transcript();
  EXPECT_TRUE(same("third.got", "got"));
  // Nothing of it was stored twice: the root alone is in the store.
  EXPECT_EQ(check_store(place_ / "store").files, 1U);
}

TEST_F(GetErrand, what_nobody_has_ends_with_the_timeout_as_alone) {
  make_file(place_ / "film", kMiB, 1);
  share("film");
  run_node();
  ASSERT_EQ(got(get(sharing_->id(), "got")).status, kDone);  // they have met
  const Words words = get(std::string(64, 'a'), "none", {"--json", "--timeout", "1s"});
  Finished by_node = got(words);
  EXPECT_EQ(by_node.status, kNotFound) << by_node.err;
  EXPECT_FALSE(was_alone(by_node)) << by_node.err;
  const auto events = events_of(by_node.out);
  ASSERT_EQ(events.size(), 1U) << by_node.out;
  EXPECT_EQ(events[0]["event"], "failed");
  EXPECT_EQ(events[0]["exit"], 4);
  // It may have met the one peer more than once.
  const std::string why = events[0]["error"];
  EXPECT_TRUE(
      why.ends_with("this content, and nothing has come for 1 s; check the id, and see that "
                    "whoever shares it is connected"))
      << why;
  EXPECT_FALSE(fs::exists(place_ / "none.part"));
  // Nothing of it stays listed.
  EXPECT_EQ(json::parse(place_.run("store", {"ls", "--json"}).out)["contents"].size(), 1U);
}

TEST_F(GetErrand, what_exists_with_other_bytes_is_replaced_by_force_only) {
  make_file(place_ / "film", 2 * kMiB, 1);
  make_file(place_ / "got", kMiB, 2);
  share("film");
  run_node();
  Finished refused = got(get(sharing_->id(), "got"));
  EXPECT_EQ(refused.status, (ExitStatus{2, 0})) << refused.err;
  Finished forced = got(get(sharing_->id(), "got", {"--force"}));
  ASSERT_EQ(forced.status, kDone) << forced.err;
  EXPECT_FALSE(was_alone(forced)) << forced.err;
  EXPECT_TRUE(same("got", "film"));
}

TEST_F(GetErrand, interrupted_it_goes_on_from_there) {
  auto getting = start_slow_get(8 * kMiB);
  getting->send_signal(SIGINT);
  ASSERT_EQ(getting->wait(), kInterrupted) << getting->transcript();
  EXPECT_TRUE(getting->expect_err("interrupted; .* are in .*got.part, and the same command"))
      << getting->transcript();
  EXPECT_FALSE(fs::exists(place_ / "got"));
  EXPECT_TRUE(fs::exists(place_ / "got.part"));
  Finished done = got(get(sharing_->id(), "got", {"--json"}));
  ASSERT_EQ(done.status, kDone) << done.err << node_->process().transcript();
  EXPECT_FALSE(was_alone(done)) << done.err;
  const auto events = events_of(done.out);
  ASSERT_EQ(events.size(), 2U) << done.out;
  EXPECT_EQ(events[0]["event"], "resumed");
  EXPECT_EQ(events[0]["bytes_total"], 8 * kMiB);
  EXPECT_TRUE(same("got", "film"));
}

TEST_F(GetErrand, who_is_killed_leaves_a_node_that_goes_on) {
  auto getting = start_slow_get(24 * kMiB);
  getting->kill();
  ASSERT_TRUE(getting->wait());
  // The node lets go of the file, so that a get without it may have it.
  const Deadline deadline(kSoon);
  Finished alone;
  const Words words = joining(get(sharing_->id(), "got", {"--timeout", "1ms"}), "[::1]:9");
  while ((alone = place_.run("alone", words)).err.find("being written") != std::string::npos) {
    ASSERT_FALSE(deadline.passed());
  }
  EXPECT_EQ(alone.status, (ExitStatus{3, 0})) << alone.err;
  Finished added = place_.run("store", {"add", "-q", place_ / "film"});
  EXPECT_EQ(added.status, kDone) << added.err << node_->process().transcript();
}

TEST_F(GetErrand, a_node_that_ends_is_said_and_what_has_come_is_kept) {
  auto getting = start_slow_get(24 * kMiB);
  node_->process().terminate();
  ASSERT_EQ(node_->process().wait(), kDone);
  ASSERT_EQ(getting->wait(), kInterrupted) << getting->transcript();
  EXPECT_TRUE(
      getting->expect_err("the node on .* ended before this was done; .*goes on from there"))
      << getting->transcript();
  EXPECT_TRUE(fs::exists(place_ / "got.part"));
}

TEST_F(GetErrand, several_go_on_at_once_and_hold_up_no_other_errand) {
  make_file(place_ / "film", 48 * kMiB, 1);
  make_file(place_ / "other", 48 * kMiB, 2);
  make_file(place_ / "added", 2 * kMiB, 3);
  share("film", slow({place_ / "other"}));
  run_node();
  Finished other_id = place_.run("unused", {"add", "-q", "-n", place_ / "other"});
  ASSERT_EQ(other_id.status, kDone) << other_id.err;
  auto film = place_.start("store", get(sharing_->id(), "film.got", {"--json"}));
  auto other = place_.start("store", get(other_id.out.substr(0, 64), "other.got", {"--json"}));
  expect_under_way(*film);
  expect_under_way(*other);
  EXPECT_EQ(place_.run("store", {"add", "-q", place_ / "added"}).status, kDone);
  EXPECT_EQ(place_.run("store", {"status"}).status, kDone);
  // What nobody has ends in time, though the node receives much for the others.
  Finished none = got(get(std::string(64, 'a'), "none", {"--timeout", "1s"}));
  EXPECT_EQ(none.status, kNotFound) << none.err;
  EXPECT_TRUE(film->running() && other->running()) << film->transcript() << other->transcript();
}

TEST_F(GetErrand, several_files_come_whole_at_once) {
  make_file(place_ / "film", 5 * kMiB + 7, 1);
  make_file(place_ / "other", 4 * kMiB + 9, 2);
  share("film", {place_ / "other"});
  run_node();
  Finished other_id = place_.run("unused", {"add", "-q", "-n", place_ / "other"});
  auto film = place_.start("store", get(sharing_->id(), "film.got"));
  auto again = place_.start("store", get(sharing_->id(), "film.again"));
  auto other = place_.start("store", get(other_id.out.substr(0, 64), "other.got"));
  for (Process* process : {film.get(), again.get(), other.get()}) {
    EXPECT_EQ(process->wait(seconds(60)), kDone) << process->transcript();
    EXPECT_EQ(process->count_lines(Stream::err, "listening on"), 0U) << process->transcript();
  }
  EXPECT_TRUE(same("film.got", "film"));
  EXPECT_TRUE(same("film.again", "film"));
  EXPECT_TRUE(same("other.got", "other"));
}

void make_tree(const Place& place, uint64_t large_bytes) {
  fs::create_directories(place / "tree/d/void");
  make_file(place / "tree/d/large", large_bytes, 2);
  make_file(place / "tree/small", 20, 3);
  write_file(place / "tree/empty", "");
  fs::create_symlink("d/large", place / "tree/link");
}

std::string difference(const Place& place, const std::string& other) {
  Finished diff = run({"diff", "-r", "--no-dereference", place / "tree", place / other});
  return diff.out + diff.err;
}

TEST_F(GetErrand, a_directory_is_laid_out_by_the_command_and_served_by_the_node) {
  make_tree(place_, 2 * kMiB);
  share("tree");
  const std::string id = sharing_->id();
  run_node();
  Finished by_node = got(get(id, "got", {"--timeout", "60s"}));
  ASSERT_EQ(by_node.status, kDone) << by_node.err << node_->process().transcript();
  EXPECT_FALSE(was_alone(by_node)) << by_node.err;
  EXPECT_EQ(by_node.out, "saved " + (place_ / "got") + " (4 files, 2097172 bytes)\n");
  EXPECT_EQ(difference(place_, "got"), "");
  EXPECT_FALSE(fs::exists(place_ / "got.part"));
  json listed = json::parse(place_.run("store", {"ls", "--json"}).out)["contents"];
  ASSERT_EQ(listed.size(), 1U) << listed;
  EXPECT_EQ(listed[0]["kind"], "directory") << listed;
  EXPECT_EQ(listed[0]["source"], place_ / "got") << listed;
  EXPECT_EQ(listed[0]["whole"], true) << listed;
  sharing_->process().terminate();
  ASSERT_EQ(sharing_->process().wait(), kDone);
  Finished third = place_.run(
      "third", joining({"get", id, "-o", place_ / "third.got", "--timeout", "60s"}, *node_));
  ASSERT_EQ(third.status, kDone) << third.err << node_->process().transcript();
  EXPECT_EQ(difference(place_, "third.got"), "");
  // Nothing of it was stored twice: the root alone is in the store.
  EXPECT_EQ(check_store(place_ / "store").files, 1U);
}

TEST_F(GetErrand, a_little_directory_that_its_root_carries_is_laid_out_too) {
  make_tree(place_, 1000);
  share("tree");
  run_node();
  Finished little = got(get(sharing_->id(), "got", {"--timeout", "60s"}));
  ASSERT_EQ(little.status, kDone) << little.err << node_->process().transcript();
  EXPECT_FALSE(was_alone(little)) << little.err;
  EXPECT_EQ(difference(place_, "got"), "");
}

TEST_F(GetErrand, a_directory_that_was_interrupted_goes_on_from_there) {
  make_tree(place_, 8 * kMiB);
  share("tree", kSlow);
  run_node();
  auto getting = place_.start("store", get(sharing_->id(), "got", {"--json"}));
  expect_under_way(*getting);
  getting->send_signal(SIGINT);
  ASSERT_EQ(getting->wait(), kInterrupted) << getting->transcript();
  EXPECT_FALSE(fs::exists(place_ / "got"));
  Finished done = got(get(sharing_->id(), "got", {"--json"}));
  ASSERT_EQ(done.status, kDone) << done.err << node_->process().transcript();
  EXPECT_FALSE(was_alone(done)) << done.err;
  EXPECT_EQ(events_of(done.out).at(0)["event"], "resumed") << done.out;
  EXPECT_EQ(difference(place_, "got"), "");
}

TEST_F(GetErrand, a_part_of_a_directory_is_fetched_and_not_listed) {
  make_tree(place_, 8 * kMiB);
  make_file(place_ / "tree/other", 8 * kMiB, 4);
  share("tree");
  run_node();
  const Words words = get(sharing_->id(), "got", {"--path", "d", "--timeout", "60s"});
  Finished part = got(words);
  ASSERT_EQ(part.status, kDone) << part.err << node_->process().transcript();
  EXPECT_FALSE(was_alone(part)) << part.err;
  EXPECT_TRUE(same("got/d/large", "tree/d/large"));
  EXPECT_FALSE(fs::exists(place_ / "got/other"));
  EXPECT_FALSE(fs::exists(place_ / "got.part"));
  // The node lets go of it when the command has.
  const Deadline deadline(kSoon);
  while (place_.run("store", {"ls", "-q"}).out != "") ASSERT_FALSE(deadline.passed());
  const json peers = json::parse(place_.run("store", {"peers", "--json"}).out)["peers"];
  ASSERT_EQ(peers.size(), 1U) << peers;
  EXPECT_LT(peers[0]["bytes_in"], 10 * kMiB) << "more came than the part";
  Finished none = got(get(sharing_->id(), "none", {"--path", "nothing/there", "--timeout", "60s"}));
  Finished alone =
      got_alone(get(sharing_->id(), "none", {"--path", "nothing/there", "--timeout", "60s"}));
  EXPECT_FALSE(was_alone(none)) << none.err;
  EXPECT_EQ(none.status, alone.status) << none.err << alone.err;
}

TEST_F(GetErrand, a_directory_whose_place_is_taken_meanwhile_is_kept_and_laid_out_later) {
  make_tree(place_, 4 * kMiB);
  share("tree", kSlow);
  run_node();
  auto getting = place_.start("store", get(sharing_->id(), "got", {"--json"}));
  expect_under_way(*getting);
  fs::create_directory(place_ / "got");
  write_file(place_ / "got/other", "of its user");
  const auto status = getting->wait(seconds(60));
  ASSERT_TRUE(status) << getting->transcript();
  EXPECT_EQ(*status, (ExitStatus{2, 0})) << getting->transcript();
  EXPECT_EQ(read_file(place_ / "got/other"), "of its user");
  fs::rename(place_ / "got", place_ / "aside");
  Finished done = got(get(sharing_->id(), "got", {"--json"}));
  ASSERT_EQ(done.status, kDone) << done.err << node_->process().transcript();
  EXPECT_FALSE(was_alone(done)) << done.err;
  EXPECT_EQ(events_of(done.out).at(0)["bytes_here"], events_of(done.out).at(0)["bytes_total"]);
  EXPECT_EQ(difference(place_, "got"), "");
}

TEST_F(GetErrand, options_of_a_node_are_for_one_of_its_own) {
  make_file(place_ / "film", 2 * kMiB, 1);
  share("film");
  run_node();
  Finished told = place_.run("store", joining(get(sharing_->id(), "got"), *sharing_));
  EXPECT_EQ(told.status, kDone) << told.err;
  EXPECT_TRUE(was_alone(told)) << told.err;
}

TEST_F(GetErrand, the_node_of_another_user_needs_no_right_in_the_folder) {
  if (!is_root()) GTEST_SKIP() << kNeedsRoot;
  make_file(place_ / "film", 3 * kMiB, 1);
  make_tree(place_, 2 * kMiB);
  share("film", {place_ / "tree"});
  const Place place;  // nobody's
  fs::copy_file(p2pnode_program(), place / "p2pnode");
  ASSERT_EQ(chmod((place / "p2pnode").c_str(), 0755), 0);
  ASSERT_EQ(chown(place.dir().path().c_str(), 65534, 65534), 0);
  const Words wrapper = {"setpriv",        "--reuid",        "65534",       "--regid", "65534",
                         "--clear-groups", "--no-new-privs", "--pdeathsig", "keep"};
  Words probe = wrapper;
  probe.insert(probe.end(), {place / "p2pnode", "--version"});
  if (run(probe).status != kDone) GTEST_SKIP() << "nobody can't run a program here";
  Words command = wrapper;
  Words node_words = place.command("store", joining({"run"}, *sharing_));
  node_words.front() = place / "p2pnode";
  command.insert(command.end(), node_words.begin(), node_words.end());
  Process nobody(command, place.options());
  const auto listening = nobody.expect_out("listening on (.*)");
  ASSERT_TRUE(listening) << nobody.transcript();
  fs::create_directories(place_ / "closed");
  ASSERT_EQ(chmod((place_ / "closed").c_str(), 0700), 0);
  Finished closed = place.run("store", get(sharing_->id(), "closed/got"));
  ASSERT_EQ(closed.status, kDone) << closed.err << nobody.transcript();
  EXPECT_FALSE(was_alone(closed)) << closed.err;
  EXPECT_TRUE(same("closed/got", "film"));
  // Of a directory, the node must be able to read the files.
  const std::string tree_id =
      place_.run("unused", {"add", "-q", "-n", place_ / "tree"}).out.substr(0, 64);
  Finished tree = place.run("store", get(tree_id, "closed/tree"));
  ASSERT_EQ(tree.status, kDone) << tree.err << nobody.transcript();
  EXPECT_FALSE(was_alone(tree)) << tree.err;
  EXPECT_EQ(difference(place_, "closed/tree"), "");
  EXPECT_EQ(tree.err.find("cannot serve it"), std::string::npos) << tree.err;
  const Wrapper secretly = {"sh", "-c", "umask 077; exec \"$@\"", "sh"};
  auto secret = place.start("store", get(tree_id, "closed/secret"), secretly);
  ASSERT_EQ(secret->wait(seconds(60)), kDone) << secret->transcript();
  EXPECT_TRUE(secret->expect_err("the node lists this, but cannot serve it: .*closed/secret.*"))
      << secret->transcript();
  EXPECT_EQ(difference(place_, "closed/secret"), "");
  const std::string id = sharing_->id();
  sharing_->process().terminate();
  ASSERT_EQ(sharing_->process().wait(), kDone);
  Finished third = place_.run(
      "third",
      joining({"get", id, "-o", place_ / "third.got", "--timeout", "60s"}, (*listening)[1]));
  EXPECT_EQ(third.status, kDone) << third.err << nobody.transcript();
  EXPECT_TRUE(same("third.got", "film"));
  nobody.terminate();
  EXPECT_EQ(nobody.wait(), kDone) << nobody.transcript();
}

}  // namespace
}  // namespace get_errand_test
