#include "apps/p2pnode/command_line.h"

#include <gtest/gtest.h>

namespace p2p::app {
namespace {

const std::string some_id(64, 'a');

template <class Options>
Options parsed(std::vector<std::string> arguments) {
  auto result = parse_command_line(std::move(arguments));
  if (auto* answer = std::get_if<Answer>(&result)) {
    ADD_FAILURE() << answer->mistake << answer->out;
    return {};
  }
  auto* options = std::get_if<Options>(&std::get<Invocation>(result));
  if (options == nullptr) {
    ADD_FAILURE() << "another command";
    return {};
  }
  return *options;
}

Answer answer_to(std::vector<std::string> arguments) {
  auto result = parse_command_line(std::move(arguments));
  auto* answer = std::get_if<Answer>(&result);
  if (answer == nullptr) {
    ADD_FAILURE() << "it was taken for a command";
    return {};
  }
  return *answer;
}

TEST(CommandLine, nothing_means_run_with_the_defaults) {
  const auto options = parsed<RunOptions>({});
  EXPECT_EQ(options.common.listen_endpoint().text(), "[::]:0");
  ASSERT_EQ(options.common.bootstrap_hosts().size(), 1U);
  EXPECT_EQ(options.common.bootstrap_hosts()[0].text(), "[::1]:8100");
  EXPECT_FALSE(options.common.piece_size.has_value());
  EXPECT_FALSE(options.demo.has_value());
}

TEST(CommandLine, a_server_listens_on_port_8100_and_bootstraps_from_nobody) {
  for (const char* name : {"-S", "--server"}) {
    const auto options = parsed<RunOptions>({name});
    EXPECT_EQ(options.common.listen_endpoint().text(), "[::]:8100");
    EXPECT_TRUE(options.common.bootstrap_hosts().empty());
  }
}

TEST(CommandLine, listen_wins_over_the_port_of_a_server_and_brings_no_bootstrap_back) {
  const auto options = parsed<RunOptions>({"run", "-S", "--listen", "[::1]:9000"});
  EXPECT_EQ(options.common.listen_endpoint().text(), "[::1]:9000");
  EXPECT_TRUE(options.common.bootstrap_hosts().empty());
}

TEST(CommandLine, options_stand_before_or_behind_the_command) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"--listen", "127.0.0.1:1234", "share", "film"},
                                             {"share", "--listen", "127.0.0.1:1234", "film"},
                                             {"share", "film", "--listen=127.0.0.1:1234"}}) {
    const auto options = parsed<ShareOptions>(words);
    EXPECT_EQ(options.common.listen_endpoint().text(), "127.0.0.1:1234");
    EXPECT_EQ(options.files, std::vector<std::string>{"film"});
  }
}

TEST(CommandLine, bootstrap_repeats_and_takes_one_host_each_time) {
  const auto options =
      parsed<ShareOptions>({"share", "--bootstrap", "example.org", "a", "--bootstrap",
                            "[2001:db8::1]:9000", "b", "--bootstrap", "192.0.2.7"});
  const auto hosts = options.common.bootstrap_hosts();
  ASSERT_EQ(hosts.size(), 3U);
  EXPECT_EQ(hosts[0].text(), "example.org:8100");
  EXPECT_EQ(hosts[1].text(), "[2001:db8::1]:9000");
  EXPECT_EQ(hosts[2].text(), "192.0.2.7:8100");
  EXPECT_EQ(options.files, (std::vector<std::string>{"a", "b"}));
}

TEST(CommandLine, the_demonstration_has_numbers_of_its_own_and_takes_others) {
  const auto usual = parsed<RunOptions>({"--demo"}).demo;
  ASSERT_TRUE(usual.has_value());
  EXPECT_EQ(usual->pool, 75U);
  EXPECT_EQ(usual->have, 60U);
  EXPECT_EQ(usual->want, 20U);
  const auto other = parsed<RunOptions>({"run", "--demo=10,4,6"}).demo;
  ASSERT_TRUE(other.has_value());
  EXPECT_EQ(other->pool, 10U);
}

TEST(CommandLine, verbosity_counts_v_and_q_silences) {
  EXPECT_EQ(parsed<RunOptions>({}).common.verbosity, 0);
  EXPECT_EQ(parsed<RunOptions>({"-v"}).common.verbosity, 1);
  EXPECT_EQ(parsed<RunOptions>({"-vv"}).common.verbosity, 2);
  EXPECT_EQ(parsed<RunOptions>({"-v", "-v", "-v"}).common.verbosity, 2);
  EXPECT_EQ(parsed<RunOptions>({"-q"}).common.verbosity, -1);
  EXPECT_EQ(parsed<RunOptions>({"-q", "-v"}).common.verbosity, -1);
}

TEST(CommandLine, get_takes_an_id_or_a_ticket) {
  EXPECT_EQ(parsed<GetOptions>({"get", some_id}).ticket.id.hex(), some_id);
  const auto options =
      parsed<GetOptions>({"get", "p2p:" + some_id + "?name=film&piece=128KiB&peer=192.0.2.7:8100",
                          "-o", "-", "--timeout", "3s", "-f"});
  EXPECT_EQ(options.ticket.name, "film");
  EXPECT_EQ(options.common.piece_size->bytes(), 128U << 10);
  ASSERT_EQ(options.common.bootstrap_hosts().size(), 1U) << "a ticket's peers, not the usual host";
  EXPECT_EQ(options.common.bootstrap_hosts()[0].text(), "192.0.2.7:8100");
  EXPECT_FALSE(options.names_network) << "the ticket does";
  EXPECT_EQ(options.output, "-");
  EXPECT_EQ(options.timeout, Duration::seconds(3));
  EXPECT_TRUE(options.force);
}

TEST(CommandLine, get_with_an_option_of_the_network_says_so_whatever_the_ticket_names) {
  const std::string ticket = "p2p:" + some_id + "?peer=192.0.2.7:8100";
  EXPECT_TRUE(parsed<GetOptions>({"get", ticket, "--bootstrap", "192.0.2.7:8100"}).names_network);
  EXPECT_TRUE(parsed<GetOptions>({"get", some_id, "--listen", "[::1]:0"}).names_network);
}

TEST(CommandLine, a_ticket_and_an_option_must_agree_on_the_piece_size) {
  const std::string ticket = "p2p:" + some_id + "?piece=128KiB";
  const auto options = parsed<GetOptions>({"get", ticket, "--piece-size", "128KiB"});
  EXPECT_EQ(options.common.piece_size->bytes(), 128U << 10);
  const auto answer = answer_to({"get", ticket, "--piece-size", "1MiB"});
  EXPECT_EQ(answer.code, ExitCode::usage);
  EXPECT_NE(answer.mistake.find("128 KiB"), std::string::npos) << answer.mistake;
  EXPECT_NE(answer.mistake.find("--piece-size"), std::string::npos) << answer.mistake;
}

TEST(CommandLine, sockbuf_forces_leaves_alone_or_takes_a_size) {
  EXPECT_EQ(parsed<RunOptions>({}).common.buffers.bytes, io_linux::SocketBufferPolicy::kForceBytes);
  EXPECT_FALSE(parsed<RunOptions>({"--sockbuf", "auto"}).common.buffers.bytes.has_value());
  EXPECT_EQ(parsed<RunOptions>({"--sockbuf", "512KiB"}).common.buffers.bytes, 512U << 10);
}

TEST(CommandLine, ceilings_are_bytes_a_second) {
  EXPECT_EQ(parsed<RunOptions>({}).common.max_upload, 0U);
  EXPECT_EQ(parsed<RunOptions>({"--max-upload", "10MB"}).common.max_upload, 10'000'000U);
  EXPECT_EQ(parsed<RunOptions>({"--max-download", "512KiB/s"}).common.max_download, 512U << 10);
}

TEST(CommandLine, add_has_no_options_of_the_network) {
  EXPECT_TRUE(parsed<AddOptions>({"add", "-n", "film"}).dry_run);
  EXPECT_EQ(answer_to({"add", "film", "--bootstrap", "host"}).code, ExitCode::usage);
}

TEST(CommandLine, get_serves_on_for_a_time_and_up_to_a_ratio) {
  const auto options =
      parsed<GetOptions>({"get", some_id, "--serve-for", "1h", "--serve-ratio", "1.5", "--json"});
  EXPECT_EQ(options.serve_for, Duration::minutes(60));
  EXPECT_EQ(options.serve_ratio, 1.5);
  EXPECT_TRUE(options.json);
  EXPECT_FALSE(parsed<GetOptions>({"get", some_id}).serves());
}

TEST(CommandLine, get_takes_paths_as_the_listing_has_them) {
  const auto options =
      parsed<GetOptions>({"get", "--path", "./photos/2019/", "--path", "readme", some_id});
  EXPECT_EQ(options.paths, (std::vector<std::string>{"photos/2019", "readme"}));
}

TEST(CommandLine, what_standard_output_can_not_take_is_refused) {
  for (const auto& more : std::vector<std::vector<std::string>>{
           {"--json"}, {"--serve-for", "1h"}, {"--serve-ratio", "1"}, {"--path", "a"}}) {
    std::vector<std::string> words = {"get", some_id, "-o", "-"};
    words.insert(words.end(), more.begin(), more.end());
    const Answer answer = answer_to(words);
    EXPECT_EQ(answer.code, ExitCode::usage);
    EXPECT_NE(answer.mistake.find(more[0]), std::string::npos) << answer.mistake;
  }
}

TEST(CommandLine, why_takes_an_id_and_how_many_pieces) {
  EXPECT_EQ(parsed<WhyOptions>({"why", some_id}).pieces, 20U);
  EXPECT_EQ(parsed<WhyOptions>({"why", some_id, "--json"}).pieces, 4096U);
  EXPECT_EQ(parsed<WhyOptions>({"why", some_id, "--pieces", "7"}).pieces, 7U);
  EXPECT_EQ(parsed<WhyOptions>({"why", some_id}).id, *Digest::from_hex(some_id));
}

TEST(CommandLine, help_names_every_common_option) {
  for (const char* command : {"run", "share", "get"}) {
    const auto answer = answer_to({command, "--help"});
    EXPECT_EQ(answer.code, ExitCode::done);
    for (const CommonOption& option : common_options()) {
      EXPECT_NE(answer.out.find(option.names), std::string::npos) << command << option.names;
    }
  }
}

class Mistaken : public testing::TestWithParam<std::vector<std::string>> {};

TEST_P(Mistaken, gets_a_sentence_that_points_to_the_help) {
  const auto answer = answer_to(GetParam());
  EXPECT_EQ(answer.code, ExitCode::usage);
  EXPECT_EQ(answer.out, "");
  EXPECT_NE(answer.mistake.find("--help)"), std::string::npos) << answer.mistake;
  EXPECT_EQ(answer.mistake.find('\n'), std::string::npos) << answer.mistake;
}

INSTANTIATE_TEST_SUITE_P(
    CommandLine, Mistaken,
    testing::Values(
        std::vector<std::string>{"--no-such-option"}, std::vector<std::string>{"dance"},
        std::vector<std::string>{"get"}, std::vector<std::string>{"get", "12"},
        std::vector<std::string>{"get", some_id, some_id},
        std::vector<std::string>{"get", some_id, "--timeout", "0s"},
        std::vector<std::string>{"get", some_id, "--timeout", "3"},
        std::vector<std::string>{"get", some_id, "--serve-for", "0s"},
        std::vector<std::string>{"get", some_id, "--serve-ratio", "0"},
        std::vector<std::string>{"get", some_id, "--serve-ratio", "nan"},
        std::vector<std::string>{"get", some_id, "--serve-ratio", "1x"},
        std::vector<std::string>{"get", some_id, "--path", "../a"},
        std::vector<std::string>{"get", some_id, "--path", "/a"}, std::vector<std::string>{"why"},
        std::vector<std::string>{"why", "nonsense"},
        std::vector<std::string>{"why", some_id, "--pieces", "4097"},
        std::vector<std::string>{"why", some_id, "--pieces", "-1"},
        std::vector<std::string>{"share"}, std::vector<std::string>{"add"},
        std::vector<std::string>{"--listen", "[::1]"},
        std::vector<std::string>{"--listen", "[::1]:1", "--listen", "[::1]:2"},
        std::vector<std::string>{"--bootstrap", "host:port"},
        std::vector<std::string>{"--bootstrap", "host:0"},
        std::vector<std::string>{"--advertise", "[::]:8100"},
        std::vector<std::string>{"--advertise", "example.org"},
        std::vector<std::string>{"--piece-size", "3KiB"},
        std::vector<std::string>{"--piece-size", "512"},
        std::vector<std::string>{"--piece-size", "1Mib"},
        std::vector<std::string>{"--max-upload", "0"},
        std::vector<std::string>{"--max-upload", "999"},
        std::vector<std::string>{"--max-download", "10Mbit"},
        std::vector<std::string>{"--max-download", "/s"},
        std::vector<std::string>{"--sockbuf", "0"}, std::vector<std::string>{"--sockbuf", "2GiB"},
        std::vector<std::string>{"--demo=10,5"}, std::vector<std::string>{"--demo=10,5,5,5"},
        std::vector<std::string>{"--demo=10,20,5"}, std::vector<std::string>{"--demo=-1,0,0"},
        std::vector<std::string>{"--listen", "bad\nline"}));

TEST(CommandLine, peers_and_status_take_a_folder_and_json) {
  const auto peers = parsed<PeersOptions>({"peers", "--json", "--data-dir", "/srv/p2p"});
  EXPECT_TRUE(peers.json);
  EXPECT_FALSE(peers.why.has_value());
  EXPECT_EQ(peers.common.data_dir, "/srv/p2p");
  const auto status = parsed<StatusOptions>({"status"});
  EXPECT_FALSE(status.json);
}

TEST(CommandLine, why_takes_an_address_with_or_without_a_port) {
  EXPECT_EQ(parsed<PeersOptions>({"peers", "--why", "192.0.2.7"}).why->text(), "192.0.2.7:8100");
  EXPECT_EQ(parsed<PeersOptions>({"peers", "--why", "[::1]:9"}).why->text(), "[::1]:9");
  const Answer wrong = answer_to({"peers", "--why", "example.org"});
  EXPECT_EQ(wrong.code, ExitCode::usage);
  EXPECT_NE(wrong.mistake.find("is no address"), std::string::npos) << wrong.mistake;
}

TEST(CommandLine, peers_and_status_have_no_use_for_the_network) {
  EXPECT_EQ(answer_to({"status", "--why", "[::1]:9"}).code, ExitCode::usage);
  for (const char* command : {"peers", "status"}) {
    const std::string help = answer_to({command, "--help"}).out;
    EXPECT_NE(help.find("--data-dir"), std::string::npos);
    EXPECT_NE(help.find("Examples:"), std::string::npos);
    EXPECT_EQ(help.find("--listen"), std::string::npos);
    EXPECT_EQ(help.find("--piece-size"), std::string::npos);
  }
}

TEST(CommandLine, the_commands_on_the_store_take_an_id_where_they_need_one) {
  EXPECT_TRUE(parsed<LsOptions>({"ls", "--json"}).json);
  EXPECT_EQ(parsed<RmOptions>({"rm", some_id}).id.hex(), some_id);
  EXPECT_TRUE(parsed<GcOptions>({"gc", "-n"}).dry_run);
  EXPECT_FALSE(parsed<VerifyOptions>({"verify"}).id);
  EXPECT_EQ(parsed<VerifyOptions>({"verify", "p2p:" + some_id}).id->hex(), some_id);
  EXPECT_EQ(answer_to({"rm"}).code, ExitCode::usage);
  EXPECT_EQ(answer_to({"rm", "film.mkv"}).code, ExitCode::usage);
  EXPECT_EQ(answer_to({"gc", some_id}).code, ExitCode::usage);
  EXPECT_TRUE(parsed<ShareOptions>({"share", "--copy", "film"}).copy);
  EXPECT_FALSE(parsed<AddOptions>({"add", "film"}).copy);
}

}  // namespace
}  // namespace p2p::app
