// What get does besides getting: events for programs, serving afterwards, a part of a directory,
// several at once.
#include <gtest/gtest.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"

namespace get_test {
namespace {

using namespace p2p::testing;
namespace fs = std::filesystem;
using nlohmann::json;

constexpr ExitStatus kDone{0, 0};
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

}  // namespace
}  // namespace get_test
