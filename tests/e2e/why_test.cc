// p2pnode why: a get that does not come to an end says which peers are to blame.
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

#include "tests/e2e/node.h"
#include "tests/support/raw_peer.h"

namespace why_test {
namespace {

using namespace p2p::testing;
using nlohmann::json;

constexpr ExitStatus kDone{0, 0};
constexpr ExitStatus kNoNode{3, 0};
constexpr ExitStatus kNotFetching{4, 0};

constexpr uint8_t kAsk = 0;
constexpr uint8_t kGive = 1;
constexpr uint8_t kWant = 16;
constexpr uint8_t kHave = 17;

constexpr size_t kDigestBytes = 32;

// A node that has lost all pieces of a content but its root.
std::string keep_only_root(const Place& place, const std::string& name) {
  make_file(place / "film", 6 * kMiB, 1);
  const Finished added = place.run(name, {"add", "-q", "--copy", place / "film"});
  const std::string id = added.out.substr(0, 64);
  std::vector<std::filesystem::path> data;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(place / name + "/pieces")) {
    if (entry.is_regular_file() && entry.path().filename() != id) data.push_back(entry.path());
  }
  for (const auto& path : data) std::filesystem::remove(path);
  EXPECT_EQ(data.size(), 6U);
  return id;
}

// Says that it has whatever is wanted of it.
class Boaster {
 public:
  Boaster(const std::string& endpoint, uint64_t nonce) : peer_(endpoint) {
    HelloFields fields;
    fields.nonce = nonce;
    EXPECT_TRUE(peer_.send(hello(fields)));
  }
  // Until it is asked for a piece, which is returned.
  std::optional<Bytes> boast_until_asked() {
    for (;;) {
      const auto got = peer_.read_frame();
      if (!got) return std::nullopt;
      if (got->type == kAsk) return got->body;
      if (got->type == kWant && !peer_.send(frame(kHave, got->body))) return std::nullopt;
    }
  }
  void give_wrong_bytes(const Bytes& digest) {
    Bytes body = digest;
    body.resize(kDigestBytes + kMiB, 0x66);
    EXPECT_TRUE(peer_.send(frame(kGive, body)));
    EXPECT_TRUE(peer_.wait_closed());
  }

 private:
  RawPeer peer_;
};

const json* with_answer(const json& peers, const char* answer) {
  for (const json& peer : peers) {
    if (peer.at("pieces").contains(answer)) return &peer;
  }
  return nullptr;
}

TEST(Why, who_never_gives_and_who_gives_wrong_bytes_are_named) {
  Place place;
  const std::string id = keep_only_root(place, "poor");
  Node poor(place, "poor", server());
  auto getting = place.start("getting", joining({"get", id, "-v", "-o", place / "film.got"}, poor));
  const auto listening = getting->expect_err("listening on (.*)$");
  ASSERT_TRUE(listening) << getting->transcript();
  const std::string endpoint = (*listening)[1];

  Boaster liar(endpoint, 2);
  const auto asked = liar.boast_until_asked();
  ASSERT_TRUE(asked) << getting->transcript();
  liar.give_wrong_bytes(*asked);
  Boaster miser(endpoint, 3);
  ASSERT_TRUE(miser.boast_until_asked()) << getting->transcript();

  const Finished answered = place.run("getting", {"why", id, "--json"});
  ASSERT_EQ(answered.status, kDone) << answered.err;
  const json why = json::parse(answered.out);
  EXPECT_EQ(why.at("schema"), 1);
  EXPECT_EQ(why.at("fetching"), true);
  EXPECT_EQ(why.at("bytes_total"), 6 * kMiB);
  EXPECT_EQ(why.at("missing"), 6);
  EXPECT_EQ(why.at("pieces").size(), 6U);
  const json* const wrong = with_answer(why.at("peers"), "wrong_bytes");
  const json* const waited_for = with_answer(why.at("peers"), "asked");
  ASSERT_NE(wrong, nullptr) << why;
  ASSERT_NE(waited_for, nullptr) << why;
  EXPECT_EQ(wrong->at("connected"), false);
  EXPECT_EQ(waited_for->at("connected"), true);
  EXPECT_EQ(waited_for->at("given_bytes"), 0);
  EXPECT_NE(with_answer(why.at("peers"), "lacks"), nullptr) << "the poor node: " << why;

  const Finished shown = place.run("getting", {"why", id, "--pieces", "2"});
  EXPECT_EQ(shown.status, kDone);
  EXPECT_NE(shown.out.find("6 pieces are known to be missing"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find(" 1 wrong bytes"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("and 4 more"), std::string::npos) << shown.out;

  const Finished other = place.run("getting", {"why", std::string(64, '7')});
  EXPECT_EQ(other.status, kNotFetching);
  EXPECT_NE(other.out.find("not getting this content"), std::string::npos) << other.out;
}

TEST(Why, where_no_node_runs_it_says_so) {
  Place place;
  const Finished asked = place.run("nobody", {"why", std::string(64, '7')});
  EXPECT_EQ(asked.status, kNoNode);
  EXPECT_NE(asked.err.find("no node runs on"), std::string::npos) << asked.err;
}

}  // namespace
}  // namespace why_test
