#include "apps/p2psim/command_line.h"

#include <gtest/gtest.h>

#include <utility>

namespace p2p::sim::program {
namespace {

using Words = std::vector<std::string>;

template <class Command>
Command parsed(Words arguments) {
  auto result = parse_command_line(std::move(arguments));
  if (auto* answer = std::get_if<Answer>(&result)) {
    ADD_FAILURE() << answer->mistake << answer->out;
    return {};
  }
  auto* command = std::get_if<Command>(&std::get<Invocation>(result));
  if (command == nullptr) {
    ADD_FAILURE() << "another command";
    return {};
  }
  return *command;
}

Answer answer_to(Words arguments) {
  auto result = parse_command_line(std::move(arguments));
  auto* answer = std::get_if<Answer>(&result);
  if (answer == nullptr) {
    ADD_FAILURE() << "it was taken for a command";
    return {};
  }
  return *answer;
}

// The sentence says what is wrong, and where help is.
void expect_mistake(const Words& arguments, const std::string& part) {
  const Answer answer = answer_to(arguments);
  EXPECT_EQ(answer.code, ExitCode::usage);
  EXPECT_EQ(answer.out, "");
  EXPECT_NE(answer.mistake.find(part), std::string::npos) << answer.mistake;
  EXPECT_NE(answer.mistake.find("--help)"), std::string::npos) << answer.mistake;
  EXPECT_EQ(answer.mistake.find('\n'), std::string::npos) << answer.mistake;
}

TEST(CommandLine, run_takes_files_and_leaves_the_rest_to_them) {
  const auto command = parsed<RunCommand>({"run", "a.toml", "b.toml"});
  EXPECT_EQ(command.files, (Words{"a.toml", "b.toml"}));
  EXPECT_FALSE(command.seed.has_value());
  EXPECT_FALSE(command.until.has_value());
  EXPECT_FALSE(command.json);
  EXPECT_EQ(command.limit, Duration::minutes(10));
}

TEST(CommandLine, run_takes_all_of_its_options) {
  const auto command = parsed<RunCommand>({"run", "a.toml", "--seed", "18446744073709551615",
                                           "--until", "90s", "--json", "--trace", "t", "--report",
                                           "r.html", "--events", "e", "--limit", "3s", "-v"});
  EXPECT_EQ(command.seed, 18446744073709551615U);
  ASSERT_TRUE(command.until.has_value());
  EXPECT_EQ(command.until->value, Duration::seconds(90));
  EXPECT_EQ(command.until->text, "90s");
  EXPECT_TRUE(command.json);
  EXPECT_EQ(command.trace, "t");
  EXPECT_EQ(command.report, "r.html");
  EXPECT_EQ(command.events, "e");
  EXPECT_EQ(command.limit, Duration::seconds(3));
  EXPECT_TRUE(command.verbose);
}

TEST(CommandLine, sweep_takes_a_range_whose_ends_both_belong_to_it) {
  const auto command = parsed<SweepCommand>({"sweep", "a.toml", "--seeds", "1..2000", "-j", "2"});
  EXPECT_EQ(command.seeds, (SeedRange{1, 2000}));
  EXPECT_EQ(command.jobs, 2U);
  EXPECT_EQ(parsed<SweepCommand>({"sweep", "a.toml", "--seeds=7"}).seeds, (SeedRange{7, 7}));
  EXPECT_EQ(parsed<SweepCommand>({"sweep", "a.toml", "--seeds=7"}).jobs, 0U);
}

TEST(CommandLine, a_range_that_is_none_is_refused) {
  for (const char* range : {"", "..", "1..", "..5", "5..1", "a..b", "1...5", "1..5..9", "-1..5",
                            "0..4294967296", "1..18446744073709551616"}) {
    EXPECT_FALSE(parse_seed_range(range).has_value()) << range;
  }
  EXPECT_TRUE(parse_seed_range("0..4294967295").has_value());
  expect_mistake({"sweep", "a.toml", "--seeds", "5..1"}, "no range of seeds");
}

TEST(CommandLine, shrink_needs_a_file_to_write) {
  const auto command =
      parsed<ShrinkCommand>({"shrink", "a.toml", "--seed", "17", "-o", "min.toml"});
  EXPECT_EQ(command.file, "a.toml");
  EXPECT_EQ(command.seed, 17U);
  EXPECT_EQ(command.output, "min.toml");
  EXPECT_EQ(command.jobs, 2U);
  expect_mistake({"shrink", "a.toml", "--seed", "17"}, "--output");
}

TEST(CommandLine, check_takes_files_and_diff_two_traces) {
  EXPECT_EQ(parsed<CheckCommand>({"check", "a", "b"}).files, (Words{"a", "b"}));
  const auto diff = parsed<DiffCommand>({"diff", "a", "b"});
  EXPECT_EQ(diff.left, "a");
  EXPECT_EQ(diff.right, "b");
  expect_mistake({"diff", "a"}, "RIGHT");
}

TEST(CommandLine, what_is_written_for_one_file_is_refused_for_two) {
  for (const char* option : {"--trace", "--report", "--events"}) {
    expect_mistake({"run", "a.toml", "b.toml", option, "x"}, option);
  }
  expect_mistake({"sweep", "a.toml", "b.toml", "--seeds", "1..2", "--report", "x"}, "--report");
}

TEST(CommandLine, values_that_are_none_are_named) {
  expect_mistake({"run", "a.toml", "--seed", "-1"}, "-1");
  expect_mistake({"run", "a.toml", "--seed", "1x"}, "\"1x\"");
  expect_mistake({"run", "a.toml", "--until", "soon"}, "\"soon\"");
  expect_mistake({"run", "a.toml", "--until", "0s"}, "\"0s\"");
  expect_mistake({"run", "a.toml", "--limit", "5"}, "\"5\"");
  expect_mistake({"sweep", "a.toml", "--seeds", "1..2", "-j", "0"}, "\"0\"");
  expect_mistake({"sweep", "a.toml", "--seeds", "1..2", "-j", "1025"}, "\"1025\"");
}

TEST(CommandLine, a_command_is_needed_and_must_be_known) {
  expect_mistake({},
                 "COMMAND: one is needed: run, sweep, shrink, check or diff (see p2psim --help)");
  expect_mistake({"walk"}, "walk");
  expect_mistake({"run"}, "FILE");
  expect_mistake({"run", "a.toml", "--fast"}, "--fast");
  expect_mistake({"run", "a.toml", "--fast"}, "(see p2psim run --help)");
  expect_mistake({"sweep", "a.toml"}, "--seeds");
}

TEST(CommandLine, help_has_examples_and_exit_codes) {
  for (const Words& words : std::vector<Words>{{"--help"},
                                               {"run", "--help"},
                                               {"sweep", "--help"},
                                               {"shrink", "--help"},
                                               {"check", "--help"},
                                               {"diff", "--help"}}) {
    const Answer answer = answer_to(words);
    EXPECT_EQ(answer.code, ExitCode::held);
    EXPECT_NE(answer.out.find("Examples:"), std::string::npos) << answer.out;
    EXPECT_NE(answer.out.find("Exit: 0"), std::string::npos) << answer.out;
  }
  EXPECT_EQ(answer_to({"--version"}).out.rfind("p2psim ", 0), 0U);
}

TEST(CommandLine, help_fits_eighty_columns) {
  for (const Words& words : std::vector<Words>{{"--help"},
                                               {"run", "--help"},
                                               {"sweep", "--help"},
                                               {"shrink", "--help"},
                                               {"check", "--help"},
                                               {"diff", "--help"}}) {
    const std::string text = answer_to(words).out;
    const size_t footer = text.find("Exit: ");
    size_t from = footer == std::string::npos ? text.find("Examples:") : footer;
    while (from < text.size()) {
      const size_t end = std::min(text.find('\n', from), text.size());
      EXPECT_LE(end - from, 80U) << text.substr(from, end - from);
      from = end + 1;
    }
  }
}

}  // namespace
}  // namespace p2p::sim::program
