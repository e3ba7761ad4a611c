#include "apps/p2pnode/look_request.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

const Endpoint kFar = Endpoint::parse("192.0.2.7:8100").value();

std::string refused(std::string_view line) {
  const auto parsed = parse_request(line);
  const auto* wrong = std::get_if<std::string>(&parsed);
  return wrong == nullptr ? "" : *wrong;
}

TEST(LookRequest, is_one_line_of_json) {
  EXPECT_EQ(request_line(AskPeers{}), R"({"schema":1,"ask":"peers"})");
  EXPECT_EQ(request_line(AskStatus{}), R"({"schema":1,"ask":"status"})");
  EXPECT_EQ(request_line(AskWhy{kFar}), R"({"schema":1,"ask":"why","endpoint":"192.0.2.7:8100"})");
  EXPECT_EQ(request_line(AskContent{sha256({}), 20}),
            R"({"schema":1,"ask":"content","id":")" + sha256({}).hex() + R"(","pieces":20})");
}

TEST(LookRequest, is_read_as_it_was_written) {
  const auto peers = parse_request(request_line(AskPeers{}));
  EXPECT_TRUE(std::holds_alternative<AskPeers>(std::get<LookRequest>(peers)));
  const auto status = parse_request(request_line(AskStatus{}));
  EXPECT_TRUE(std::holds_alternative<AskStatus>(std::get<LookRequest>(status)));
  const auto why = parse_request(request_line(AskWhy{kFar}));
  EXPECT_EQ(std::get<AskWhy>(std::get<LookRequest>(why)).endpoint, kFar);
  const auto content = parse_request(request_line(AskContent{sha256({}), 20}));
  EXPECT_EQ(std::get<AskContent>(std::get<LookRequest>(content)).id, sha256({}));
  EXPECT_EQ(std::get<AskContent>(std::get<LookRequest>(content)).pieces, 20U);
}

TEST(LookRequest, what_makes_no_sense_is_refused_in_a_sentence) {
  EXPECT_EQ(refused(""), "the question is no JSON object");
  EXPECT_EQ(refused("{"), "the question is no JSON object");
  EXPECT_EQ(refused("[1]"), "the question is no JSON object");
  EXPECT_EQ(refused("\xff\xfe"), "the question is no JSON object");
  EXPECT_EQ(refused(R"({"ask":"peers"})"), "this node understands schema 1 only");
  EXPECT_EQ(refused(R"({"schema":2,"ask":"peers"})"), "this node understands schema 1 only");
  EXPECT_EQ(refused(R"({"schema":1})"), "this node knows no such question");
  EXPECT_EQ(refused(R"({"schema":1,"ask":7})"), "this node knows no such question");
  EXPECT_EQ(refused(R"({"schema":1,"ask":"why"})"), "the question names no endpoint");
  EXPECT_EQ(refused(R"({"schema":1,"ask":"why","endpoint":"example.org"})"),
            "the question names no endpoint");
  EXPECT_EQ(refused(R"({"schema":1,"ask":"content","id":"7f","pieces":1})"),
            "the question names no id");
  EXPECT_EQ(refused(R"({"schema":1,"ask":"content","pieces":-1,"id":")" + sha256({}).hex() + "\"}"),
            "the question does not say of how many pieces");
}

}  // namespace
}  // namespace p2p::app
