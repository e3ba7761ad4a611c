#include "apps/p2pnode/errand.h"

#include <gtest/gtest.h>

#include "apps/p2pnode/errand_words.h"
#include "apps/p2pnode/get_words.h"

namespace p2p::app {
namespace {

const Digest kContent = Digest::from_hex(std::string(64, 'c')).value();

Errand sent(const Errand& errand) {
  const std::string line = errand_line(errand);
  EXPECT_TRUE(is_errand(line));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto parsed = parse_errand(line);
  const auto* wrong = std::get_if<std::string>(&parsed);
  EXPECT_EQ(wrong, nullptr) << *wrong;
  return wrong == nullptr ? std::get<Errand>(parsed) : Errand();
}

std::string declined(std::string_view line) {
  const auto parsed = parse_errand(line);
  const auto* wrong = std::get_if<std::string>(&parsed);
  return wrong == nullptr ? "" : *wrong;
}

TEST(Errand, is_read_as_it_was_written) {
  EXPECT_EQ(std::get<RemoveErrand>(sent(RemoveErrand{kContent, true})).id, kContent);
  EXPECT_TRUE(std::get<RemoveErrand>(sent(RemoveErrand{kContent, true})).json);
  EXPECT_TRUE(std::get<CollectErrand>(sent(CollectErrand{false, true})).dry_run);
  EXPECT_FALSE(std::get<CollectErrand>(sent(CollectErrand{true, false})).dry_run);
  EXPECT_EQ(std::get<VerifyErrand>(sent(VerifyErrand{false, std::nullopt})).id, std::nullopt);
  EXPECT_EQ(std::get<VerifyErrand>(sent(VerifyErrand{false, kContent})).id, kContent);
}

TEST(Errand, a_path_may_be_any_bytes) {
  AddErrand errand;
  errand.path = "/tmp/\xff \n\"name";
  errand.piece_size = PieceSize::from_log2(17);
  errand.copy = true;
  errand.quiet = true;
  const auto read = std::get<AddErrand>(sent(errand));
  EXPECT_EQ(read.path, errand.path);
  EXPECT_EQ(read.piece_size, errand.piece_size);
  EXPECT_TRUE(read.copy);
  EXPECT_TRUE(read.quiet);
  EXPECT_FALSE(read.share);
  EXPECT_FALSE(read.json);
}

TEST(Errand, what_makes_no_sense_is_declined_in_a_sentence) {
  EXPECT_FALSE(is_errand(R"({"schema":1,"ask":"peers"})"));
  EXPECT_FALSE(is_errand("{"));
  EXPECT_EQ(declined(R"({"ask":"errand","command":"gc"})"), "this node understands schema 1 only");
  EXPECT_EQ(declined(R"({"schema":1,"ask":"errand","command":"dance"})"),
            "this node knows no such errand");
  EXPECT_EQ(declined(R"({"schema":1,"ask":"errand","command":"rm"})"),
            "the errand names no content");
  EXPECT_EQ(declined(R"({"schema":1,"ask":"errand","command":"verify","id":"xyz"})"),
            "the errand names no content");
  EXPECT_EQ(declined(R"({"schema":1,"ask":"errand","command":"add","path_hex":"66"})"),
            "the errand names no path");
  EXPECT_EQ(
      declined(R"({"schema":1,"ask":"errand","command":"add","path_hex":"2f66","piece_bytes":3})"),
      "the errand names no piece size");
}

TEST(Errand, a_get_is_read_as_it_was_written) {
  GetErrand errand{kContent, "/tmp/\xff \n\"name", "../\xfe", PieceSize::from_log2(17).value(),
                   Duration::nanoseconds(1'500'000'001)};
  const auto read = std::get<GetErrand>(sent(errand));
  EXPECT_EQ(read.id, kContent);
  EXPECT_EQ(read.path, errand.path);
  EXPECT_EQ(read.called, errand.called);
  EXPECT_EQ(read.piece_size, errand.piece_size);
  EXPECT_EQ(read.timeout, errand.timeout);
  EXPECT_FALSE(read.directories);
  errand.called = errand.path;
  errand.timeout.reset();
  EXPECT_TRUE(read.paths.empty());
  errand.directories = true;
  errand.paths = {"a/b", "\xff"};
  EXPECT_TRUE(std::get<GetErrand>(sent(errand)).directories);
  EXPECT_EQ(std::get<GetErrand>(sent(errand)).paths, errand.paths);
  EXPECT_EQ(std::get<GetErrand>(sent(errand)).called, errand.path);
  EXPECT_EQ(std::get<GetErrand>(sent(errand)).timeout, std::nullopt);
  const auto saved = std::get<SavedErrand>(sent(SavedErrand{kContent, "/tmp/\xff"}));
  EXPECT_EQ(saved.id, kContent);
  EXPECT_EQ(saved.path, "/tmp/\xff");
}

TEST(Errand, a_get_that_makes_no_sense_is_declined_in_a_sentence) {
  const std::string id = R"("id":")" + kContent.hex() + R"(")";
  const auto answer = [](const std::string& command, const std::string& rest) {
    return declined(R"({"schema":1,"ask":"errand","command":")" + command + R"(",)" + rest + "}");
  };
  EXPECT_EQ(answer("get", R"("path_hex":"2f66","piece_bytes":1048576)"),
            "the errand names no content");
  EXPECT_EQ(answer("get", id + R"(,"piece_bytes":1048576)"), "the errand names no path");
  EXPECT_EQ(answer("get", id + R"(,"path_hex":"66","piece_bytes":1048576)"),
            "the errand names no path");
  EXPECT_EQ(answer("get", id + R"(,"path_hex":"2f0066","piece_bytes":1048576)"),
            "the errand names no path");
  EXPECT_EQ(answer("get", id + R"(,"path_hex":"2f66","called_hex":"","piece_bytes":1048576)"),
            "the errand names no path");
  std::string long_path = "2f";
  for (int i = 0; i < 4096; ++i) long_path += "66";
  EXPECT_EQ(answer("get", id + R"(,"path_hex":")" + long_path + R"(","piece_bytes":1048576)"),
            "the errand names no path");
  EXPECT_EQ(answer("get", id + R"(,"path_hex":"2f66")"), "the errand names no piece size");
  EXPECT_EQ(answer("get", id + R"(,"path_hex":"2f66","piece_bytes":3)"),
            "the errand names no piece size");
  for (const char* time : {"-1", "1.5", "\"1s\"", "9223372036854775807"}) {
    EXPECT_EQ(
        answer("get", id + R"(,"path_hex":"2f66","piece_bytes":1048576,"timeout_ns":)" + time),
        "the errand names no time")
        << time;
  }
  EXPECT_EQ(answer("saved", R"("path_hex":"2f66")"), "the errand names no content");
  EXPECT_EQ(answer("saved", id), "the errand names no path");
}

TEST(Errand, a_get_names_the_peers_of_its_ticket) {
  GetErrand errand{kContent, "/f", "f", PieceSize(), std::nullopt, {}};
  EXPECT_TRUE(std::get<GetErrand>(sent(errand)).peers.empty());
  errand.peers = {{"2001:db8::1", 9000}, {"example.org", 8100}, {"\xff", 1}};
  EXPECT_EQ(std::get<GetErrand>(sent(errand)).peers, errand.peers);
  const std::string start = R"({"schema":1,"ask":"errand","command":"get","id":")" +
                            kContent.hex() + R"(","path_hex":"2f66","piece_bytes":1048576,)";
  // No list; no text; not hex; no host; without a port.
  for (const char* peers : {R"("613a31")", "[1]", R"(["xy"])", R"([""])", R"(["61"])"}) {
    EXPECT_EQ(declined(start + R"("peers_hex":)" + peers + "}"), "the errand names no peers")
        << peers;
  }
  errand.peers.assign(16, {"example.org", 8100});
  EXPECT_EQ(std::get<GetErrand>(sent(errand)).peers.size(), 16U);
  errand.peers.assign(17, {"example.org", 8100});
  EXPECT_EQ(declined(errand_line(errand)), "the errand names no peers");
}

template <class Word>
Word heard(const Word& word) {
  const auto parsed = parse_word(word_line(word));
  EXPECT_TRUE(parsed && std::holds_alternative<Word>(*parsed)) << word_line(word);
  return std::get<Word>(parsed.value_or(Word()));
}

TEST(ErrandWord, is_heard_as_it_was_said) {
  EXPECT_EQ(heard(PrintWord{"added \xff\xfe\nand more"}).text, "added \xff\xfe\nand more");
  EXPECT_EQ(heard(ProgressWord{""}).line, "");
  EXPECT_EQ(heard(EndWord{ExitCode::disk}).code, ExitCode::disk);
  EXPECT_EQ(heard(DeclineWord{"no"}).why, "no");
  for (const Importance importance : {Importance::error, Importance::warning, Importance::info,
                                      Importance::detail, Importance::trace}) {
    const auto said = heard(SayWord{importance, "a disk is full"});
    EXPECT_EQ(said.importance, importance);
    EXPECT_EQ(said.sentence, "a disk is full");
  }
}

template <class Word>
Word heard_of_get(const Word& word) {
  const auto parsed = parse_get_word(get_word_line(word));
  EXPECT_TRUE(parsed && std::holds_alternative<Word>(*parsed)) << get_word_line(word);
  // Those of other errands are others.
  EXPECT_FALSE(parse_word(get_word_line(word))) << get_word_line(word);
  return std::get<Word>(parsed.value_or(Word()));
}

TEST(GetWord, is_heard_as_it_was_said) {
  EXPECT_EQ(heard_of_get(ResumedWord{3, 7}).here, 3U);
  EXPECT_EQ(heard_of_get(ResumedWord{3, 7}).total, 7U);
  EXPECT_EQ(heard_of_get(WholeWord{uint64_t{1} << 60}).length, uint64_t{1} << 60);
  EXPECT_FALSE(heard_of_get(WholeWord{7}).directory);
  EXPECT_TRUE(heard_of_get(WholeWord{7, true}).directory);
  const auto failed = heard_of_get(FailedWord{{ExitCode::not_found, "no \xff"}});
  EXPECT_EQ(failed.failure.code, ExitCode::not_found);
  EXPECT_EQ(failed.failure.sentence, "no \xff");
  const auto view = heard_of_get(FetchedWord{{1, 2, 3, 4, 5, 6}}).view;
  EXPECT_EQ(view.done, 1U);
  EXPECT_EQ(view.total, 2U);
  EXPECT_EQ(view.bytes_per_second, 3U);
  EXPECT_EQ(view.peers, 4U);
  EXPECT_EQ(view.pieces_checked, 5U);
  EXPECT_EQ(view.pieces, 6U);
  EXPECT_EQ(heard_of_get(FetchedWord{}).view.bytes_per_second, std::nullopt);
}

TEST(GetWord, what_is_no_word_is_none) {
  for (const char* line :
       {"", "{", "[]", "{}", R"({"end":0})", R"({"whole":-1})", R"({"whole":"7"})",
        R"({"failed":4})", R"({"failed":4,"why":"0"})", R"({"failed":0,"why":""})",
        R"({"failed":256,"why":""})", R"({"fetched":1.5})"}) {
    EXPECT_FALSE(parse_get_word(line)) << line;
  }
}

TEST(ErrandWord, what_is_no_word_is_none) {
  for (const char* line : {"", "{", "[]", "{}", R"({"end":-1})", R"({"end":256})",
                           R"({"print":"0"})", R"({"print":7})", R"({"later":"00"})"}) {
    EXPECT_FALSE(parse_word(line)) << line;
  }
}

}  // namespace
}  // namespace p2p::app
