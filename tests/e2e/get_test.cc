// What get does besides getting: events for programs, serving afterwards, a part of a directory,
// several at once.
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"

namespace get_test {
namespace {

using namespace p2p::testing;
namespace fs = std::filesystem;
using nlohmann::json;

constexpr ExitStatus kDone{0, 0};
constexpr ExitStatus kUsage{2, 0};
constexpr ExitStatus kNoPeer{3, 0};

std::vector<json> events_in(const std::string& out) {
  std::vector<json> events;
  for (size_t at = 0; at < out.size();) {
    const size_t end = out.find('\n', at);
    events.push_back(json::parse(out.substr(at, end - at)));
    EXPECT_EQ(events.back().at("schema"), 1);
    at = end + 1;
  }
  return events;
}

std::string difference(const std::string& a, const std::string& b) {
  const Finished diff = run({"diff", "-r", "--no-dereference", a, b}, {}, seconds(120));
  return diff.out + diff.err;
}

// A get that is serving; its endpoint is known.
struct ServingGet {
  ServingGet(const Place& place, const std::string& name, const Node& from, Words words) {
    words.insert(words.end(), {"-v", "--timeout", "60s"});
    process = place.start(name, joining(std::move(words), from));
    const auto listening = process->expect_err("listening on (.*)$");
    EXPECT_TRUE(listening) << process->transcript();
    if (listening) endpoint = (*listening)[1];
    EXPECT_TRUE(process->expect_out("^saved ")) << process->transcript();
  }
  std::unique_ptr<Process> process;
  std::string endpoint;
};

TEST(GetJson, ends_with_what_was_saved) {
  Place place;
  make_file(place / "film", 2 * kMiB + 5, 1);
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  // Half of it is there already.
  ASSERT_EQ(place.run("getting", {"add", place / "film"}).status, kDone);
  fs::copy_file(place / "film", place / "got.part");
  fs::resize_file(place / "got.part", kMiB);
  const Finished got = place.run(
      "getting",
      joining({"get", sharing.id(), "--json", "-o", place / "got", "--timeout", "60s"}, sharing));
  ASSERT_EQ(got.status, kDone) << got.err;
  EXPECT_NE(got.err.find("1,024 of 2,048 KiB already here"), std::string::npos) << got.err;
  const auto events = events_in(got.out);
  ASSERT_GE(events.size(), 2U);
  EXPECT_EQ(events.front().at("event"), "resumed");
  EXPECT_EQ(events.front().at("bytes_here"), kMiB);
  EXPECT_EQ(events.front().at("bytes_total"), 2 * kMiB + 5);
  EXPECT_EQ(events.back().at("event"), "saved");
  EXPECT_EQ(events.back().at("id"), sharing.id());
  EXPECT_EQ(events.back().at("path"), place / "got");
  EXPECT_EQ(events.back().at("bytes"), 2 * kMiB + 5);
  EXPECT_TRUE(events.back().at("files").is_null());
  EXPECT_EQ(sha256_of_file(place / "got"), sha256_of_file(place / "film"));
}

TEST(GetJson, says_how_it_goes_and_why_it_failed) {
  Place place;
  const Finished got =
      place.run("getting", {"get", std::string(64, 'a'), "--json", "-o", place / "got",
                            "--bootstrap", "[::1]:1", "--timeout", "1s"});
  EXPECT_EQ(got.status, kNoPeer) << got.err;
  const auto events = events_in(got.out);
  ASSERT_GE(events.size(), 2U);
  EXPECT_EQ(events.front().at("event"), "progress");
  EXPECT_EQ(events.front().at("bytes_done"), 0);
  EXPECT_TRUE(events.front().at("bytes_total").is_null());
  EXPECT_EQ(events.back().at("event"), "failed");
  EXPECT_EQ(events.back().at("exit"), 3);
  EXPECT_NE(got.err.find(events.back().at("error").get<std::string>()), std::string::npos);
}

TEST(GetServing, for_a_time_gives_the_content_to_others_and_ends_with_0_when_interrupted) {
  Place place;
  make_file(place / "film", 2 * kMiB + 5, 2);
  auto sharing = std::make_unique<SharingNode>(
      place, "sharing", Words{"share", "-S", "--listen", "[::1]:0", place / "film"});
  const std::string id = sharing->id();
  ServingGet first(place, "first", *sharing, {"get", id, "-o", place / "one", "--serve-for", "1h"});
  EXPECT_EQ(sha256_of_file(place / "one"), sha256_of_file(place / "film"));
  EXPECT_FALSE(fs::exists(place / "one.part"));
  sharing->process().terminate();
  EXPECT_EQ(sharing->process().wait(), kDone);

  const Finished second = place.run(
      "second", joining({"get", id, "-o", place / "two", "--timeout", "60s"}, first.endpoint));
  EXPECT_EQ(second.status, kDone) << second.err << first.process->transcript();
  EXPECT_EQ(sha256_of_file(place / "two"), sha256_of_file(place / "film"));
  EXPECT_TRUE(first.process->running());
  first.process->send_signal(SIGINT);
  EXPECT_EQ(first.process->wait(), kDone) << first.process->transcript();
}

TEST(GetServing, ends_when_the_ratio_is_reached_or_the_time_is_over) {
  Place place;
  make_file(place / "film", 2 * kMiB, 3);
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  ServingGet brief(place, "brief", sharing,
                   {"get", sharing.id(), "-o", place / "zero", "--serve-for", "300ms"});
  EXPECT_EQ(brief.process->wait(), kDone) << brief.process->transcript();

  ServingGet fair(place, "fair", sharing,
                  {"get", sharing.id(), "-o", place / "one", "--serve-ratio", "1"});
  EXPECT_TRUE(fair.process->running());
  // Whoever knows of nobody else gets all of it there.
  sharing.process().terminate();
  EXPECT_EQ(sharing.process().wait(), kDone);
  const Finished other = place.run(
      "other",
      joining({"get", sharing.id(), "-o", place / "two", "--timeout", "60s"}, fair.endpoint));
  EXPECT_EQ(other.status, kDone) << other.err;
  EXPECT_EQ(fair.process->wait(), kDone) << fair.process->transcript();
  EXPECT_NE(fair.process->output(Stream::err).find("were sent"), std::string::npos);
}

TEST(GetServing, a_directory_is_served_from_where_it_was_laid_out) {
  Place place;
  fs::create_directories(place / "tree/a");
  make_file(place / "tree/a/large", kMiB + 1, 4);
  write_file(place / "tree/small", "small");
  fs::create_symlink("small", place / "tree/link");
  auto sharing = std::make_unique<SharingNode>(
      place, "sharing", Words{"share", "-S", "--listen", "[::1]:0", place / "tree"});
  const std::string id = sharing->id();
  ServingGet first(place, "first", *sharing, {"get", id, "-o", place / "one", "--serve-for", "1h"});
  EXPECT_EQ(difference(place / "tree", place / "one"), "");
  EXPECT_FALSE(fs::exists(place / "one.part"));
  sharing.reset();
  const Finished second = place.run(
      "second", joining({"get", id, "-o", place / "two", "--timeout", "60s"}, first.endpoint));
  EXPECT_EQ(second.status, kDone) << second.err << first.process->transcript();
  EXPECT_EQ(difference(place / "tree", place / "two"), "");
  first.process->terminate();
  EXPECT_EQ(first.process->wait(), kDone) << first.process->transcript();
}

class GetPart : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(place_ / "tree/music");
    fs::create_directories(place_ / "tree/photos/2018");
    fs::create_directories(place_ / "tree/photos/2019/raw");
    make_file(place_ / "tree/music/large", 3 * kMiB, 5);
    make_file(place_ / "tree/photos/2018/a", kMiB + 7, 6);
    make_file(place_ / "tree/photos/2019/b", 2 * kMiB + 7, 7);
    write_file(place_ / "tree/photos/2019/c", "see");
    write_file(place_ / "tree/readme", "read me");
    fs::create_symlink("../b", place_ / "tree/photos/2019/raw/link");
    fs::create_symlink("music/large", place_ / "tree/song");
    sharing_ = std::make_unique<SharingNode>(
        place_, "sharing", Words{"share", "-S", "--listen", "[::1]:0", place_ / "tree"});
    // What was not asked for can't be had any more: a get of all would wait for ever.
    fs::remove(place_ / "tree/music/large");
  }
  Finished get(const Words& more) {
    Words words = {"get", sharing_->id(), "-o", place_ / "some", "--timeout", "60s"};
    words.insert(words.end(), more.begin(), more.end());
    return place_.run("getting", joining(words, *sharing_));
  }

  Place place_;
  std::unique_ptr<SharingNode> sharing_;
};

TEST_F(GetPart, only_what_is_at_or_below_the_paths_is_fetched) {
  const Finished got = get({"--path", "photos/2019/", "--path", "readme"});
  ASSERT_EQ(got.status, kDone) << got.err << sharing_->process().transcript();
  EXPECT_EQ(got.out, "saved " + place_ / "some" + " (4 files, 2097169 bytes)\n");
  EXPECT_EQ(difference(place_ / "tree/photos/2019", place_ / "some/photos/2019"), "");
  EXPECT_EQ(read_file(place_ / "some/readme"), "read me");
  EXPECT_FALSE(fs::exists(place_ / "some/photos/2018"));
  EXPECT_FALSE(fs::exists(place_ / "some/music"));
  EXPECT_FALSE(fs::exists(fs::symlink_status(place_ / "some/song")));
  EXPECT_FALSE(fs::exists(place_ / "some.part"));
  // A part is not the content.
  const Finished listed = place_.run("getting", {"ls", "--json"});
  EXPECT_TRUE(json::parse(listed.out).at("contents").empty()) << listed.out;
}

TEST_F(GetPart, a_path_that_is_not_there_is_said_with_those_that_are_like_it) {
  const Finished got = get({"--path", "photos/2109"});
  EXPECT_EQ(got.status, kUsage) << got.err;
  EXPECT_NE(got.err.find("there is no photos/2109 in this directory; there are photos/2019, "
                         "photos/2018"),
            std::string::npos)
      << got.err;
  EXPECT_FALSE(fs::exists(place_ / "some"));
  const Finished again = get({"--path", "photos/2018"});
  EXPECT_EQ(again.status, kDone) << again.err;
  EXPECT_EQ(sha256_of_file(place_ / "some/photos/2018/a"),
            sha256_of_file(place_ / "tree/photos/2018/a"));
  const Finished listed = place_.run("getting", {"ls", "--json"});
  EXPECT_TRUE(json::parse(listed.out).at("contents").empty()) << listed.out;
}

TEST(GetPartOfFile, is_refused) {
  Place place;
  make_file(place / "film", 2000, 8);
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  const Finished got = place.run("getting", joining({"get", sharing.id(), "-o", place / "got",
                                                     "--path", "a", "--timeout", "60s"},
                                                    sharing));
  EXPECT_EQ(got.status, kUsage) << got.err;
  EXPECT_NE(got.err.find("this id names a file"), std::string::npos) << got.err;
  EXPECT_FALSE(fs::exists(place / "got"));
  EXPECT_FALSE(fs::exists(place / "got.part"));
}

TEST(GetSeveral, at_once_in_one_folder_all_arrive_and_are_listed) {
  Place place;
  make_file(place / "film", 5 * kMiB, 9);
  make_file(place / "song", 3 * kMiB, 10);
  SharingNode film(place, "film.node", {"share", "-S", "--listen", "[::1]:0", place / "film"});
  SharingNode song(place, "song.node", joining({"share", place / "song"}, film));
  // The same content into two targets, and another, all in one data folder.
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {film.id(), "film"}, {film.id(), "film"}, {song.id(), "song"}};
  std::vector<std::unique_ptr<Process>> gets;
  for (size_t i = 0; i < wanted.size(); ++i) {
    gets.push_back(
        place.start("getting", joining({"get", wanted[i].first, "-o",
                                        place / ("got" + std::to_string(i)), "--timeout", "60s"},
                                       film)));
  }
  for (size_t i = 0; i < gets.size(); ++i) {
    EXPECT_EQ(gets[i]->wait(seconds(120)), kDone) << gets[i]->transcript();
    EXPECT_EQ(sha256_of_file(place / ("got" + std::to_string(i))),
              sha256_of_file(place / wanted[i].second));
  }
  const Finished listed = place.run("getting", {"ls", "--json"});
  const json contents = json::parse(listed.out).at("contents");
  ASSERT_EQ(contents.size(), 2U) << listed.out;
  for (const json& content : contents) EXPECT_EQ(content.at("whole"), true) << content;
  EXPECT_EQ(place.run("getting", {"verify"}).status, kDone);
}

}  // namespace
}  // namespace get_test
