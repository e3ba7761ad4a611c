#include "apps/p2pnode/errand.h"

#include <gtest/gtest.h>

#include "apps/p2pnode/errand_words.h"

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

TEST(ErrandWord, what_is_no_word_is_none) {
  for (const char* line : {"", "{", "[]", "{}", R"({"end":-1})", R"({"end":256})",
                           R"({"print":"0"})", R"({"print":7})", R"({"later":"00"})"}) {
    EXPECT_FALSE(parse_word(line)) << line;
  }
}

}  // namespace
}  // namespace p2p::app
