// What people type, and what p2pnode answers before it does anything.
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;

Finished p2pnode(const Words& arguments) {
  Words argv = {p2pnode_program()};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return run(argv);
}

TEST(CommandLine, help_is_on_stdout_with_examples) {
  for (const Words& arguments : {Words{"--help"},
                                 {"get", "--help"},
                                 {"share", "--help"},
                                 {"add", "--help"},
                                 {"run", "--help"}}) {
    Finished help = p2pnode(arguments);
    EXPECT_EQ(help.status, (ExitStatus{0, 0})) << arguments.front();
    EXPECT_EQ(help.err, "");
    EXPECT_NE(help.out.find("p2pnode"), std::string::npos);
  }
  std::string help = p2pnode({"--help"}).out;
  for (const char* word : {"xample", "p2pnode get ", "p2pnode share ", "--bootstrap", "--server",
                           "--listen", "--piece-size", "--sockbuf", "--data-dir", "--demo"}) {
    EXPECT_NE(help.find(word), std::string::npos) << word << "\n" << help;
  }
}

TEST(CommandLine, version_is_one_line_on_stdout) {
  Finished version = p2pnode({"--version"});
  EXPECT_EQ(version.status, (ExitStatus{0, 0}));
  EXPECT_EQ(version.out.find("p2pnode "), 0U);
  EXPECT_EQ(std::count(version.out.begin(), version.out.end(), '\n'), 1);
}

// A name for the test, and the words.
struct Misuse {
  const char* name;
  Words arguments;
};
std::ostream& operator<<(std::ostream& out, const Misuse& misuse) { return out << misuse.name; }

class Misused : public testing::TestWithParam<Misuse> {};

TEST_P(Misused, exits_2_with_one_sentence) {
  Finished answer = p2pnode(GetParam().arguments);
  EXPECT_EQ(answer.status, (ExitStatus{2, 0})) << answer.out << answer.err;
  EXPECT_EQ(answer.out, "");
  EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << answer.err;
}

const std::string some_id(64, 'a');
INSTANTIATE_TEST_SUITE_P(
    CommandLine, Misused,
    testing::Values(Misuse{"unknown_option", {"--no-such-option"}},
                    Misuse{"unknown_command", {"frobnicate"}}, Misuse{"get_without_an_id", {"get"}},
                    Misuse{"get_of_what_is_no_id", {"get", "12345", "-o", "x"}},
                    Misuse{"get_of_a_bad_ticket", {"get", "p2p:1234?name=x", "-o", "x"}},
                    Misuse{"get_with_a_bad_timeout",
                           {"get", some_id, "-o", "x", "--timeout", "soon"}},
                    Misuse{"add_without_a_file", {"add"}},
                    Misuse{"share_without_a_file", {"share"}},
                    Misuse{"add_of_a_missing_file", {"add", "-n", "/no/such/file"}},
                    Misuse{"piece_size_of_3_KiB", {"run", "--piece-size", "3KiB"}},
                    Misuse{"piece_size_too_small", {"run", "--piece-size", "512"}},
                    Misuse{"piece_size_too_large", {"run", "--piece-size", "32MiB"}},
                    Misuse{"piece_size_that_is_none", {"run", "--piece-size", "much"}},
                    Misuse{"listen_without_a_port", {"run", "--listen", "[::1]"}},
                    Misuse{"listen_with_a_bad_port", {"run", "--listen", "[::1]:65536"}},
                    Misuse{"bootstrap_with_a_bad_port", {"run", "--bootstrap", "host:port"}},
                    Misuse{"bad_sockbuf", {"run", "--sockbuf", "plenty"}},
                    Misuse{"demo_that_wants_more_than_there_is", {"run", "--demo=10,20,5"}},
                    Misuse{"demo_of_two_numbers", {"run", "--demo=10,5"}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
