#include "apps/common/quoting.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

TEST(ShellQuoted, leaves_plain_words_and_quotes_the_rest) {
  EXPECT_EQ(shell_quoted("film.mkv"), "film.mkv");
  EXPECT_EQ(shell_quoted("a/b-c_d@1+2=3:4,5%20"), "a/b-c_d@1+2=3:4,5%20");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("two words"), "'two words'");
  EXPECT_EQ(shell_quoted("p2p:00?name=a&size=1"), "'p2p:00?name=a&size=1'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted("[::1]:8100"), "'[::1]:8100'");
  EXPECT_EQ(shell_quoted("~"), "'~'");
}

TEST(Printable, shows_what_would_drive_a_terminal) {
  EXPECT_EQ(printable("na\nme\x1b[31m\x7f"), "na\\x0ame\\x1b[31m\\x7f");
  EXPECT_EQ(printable("für"), "für");
}

TEST(SafeFileName, stays_in_its_folder) {
  EXPECT_EQ(safe_file_name("film.mkv"), "film.mkv");
  EXPECT_EQ(safe_file_name("/etc/passwd"), "passwd");
  EXPECT_EQ(safe_file_name("../../.bashrc"), "bashrc");
  EXPECT_EQ(safe_file_name(".."), "");
  EXPECT_EQ(safe_file_name("folder/"), "");
  EXPECT_EQ(safe_file_name("-rf"), "rf");
  EXPECT_EQ(safe_file_name("a\nb"), "a_b");
  EXPECT_EQ(safe_file_name(std::string("a\0b", 3)), "a_b");
}

TEST(SafeFileName, is_cut_between_characters) {
  EXPECT_EQ(safe_file_name(std::string(300, 'x')).size(), 200U);
  // 199 bytes, then a character of two bytes that would be cut in the middle.
  EXPECT_EQ(safe_file_name(std::string(199, 'x') + "ü").size(), 199U);
}

}  // namespace
}  // namespace p2p::app
