// What the end-to-end tests stand on does what its headers say.
#include <gtest/gtest.h>
#include <signal.h>

#include <string>

#include "tests/support/file.h"
#include "tests/support/net_ns.h"
#include "tests/support/process.h"
#include "tests/support/raw_peer.h"

namespace {

using namespace p2p::testing;

TEST(Process, gives_lines_in_order_and_the_exit_status) {
  Process process({"sh", "-c", "echo one; echo two 22; echo three >&2; exit 5"});
  auto line = process.expect_out("two ([0-9]+)");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->at(1), "22");
  EXPECT_FALSE(process.expect_out("one"));  // it came before
  EXPECT_TRUE(process.expect_err("^three$"));
  EXPECT_EQ(process.wait(), (ExitStatus{5, 0}));
  EXPECT_EQ(process.lines(Stream::out), (std::vector<std::string>{"one", "two 22"}));
  EXPECT_EQ(process.transcript(),
            "$ sh -c echo one; echo two 22; echo three >&2; exit 5\n--- stdout\none\ntwo 22\n\n"
            "--- stderr\nthree\n\n--- exit 5\n");
}

TEST(Process, never_blocks_a_child_that_writes_much) {
  Process process({"sh", "-c", "head -c 5000000 /dev/zero"});
  EXPECT_EQ(process.wait(), (ExitStatus{0, 0}));
  EXPECT_EQ(process.output(Stream::out).size(), 5000000U);
}

TEST(Process, dies_with_the_object_and_takes_its_children_along) {
  pid_t child = 0;
  pid_t grandchild = 0;
  {
    Process process({"sh", "-c", "sleep 1000 & echo $!; wait"});
    auto line = process.expect_out("^([0-9]+)$");
    ASSERT_TRUE(line);
    child = process.pid();
    grandchild = static_cast<pid_t>(std::stol(line->at(1)));
    EXPECT_EQ(kill(grandchild, 0), 0);
  }
  EXPECT_EQ(kill(child, 0), -1);
  // Killed, and then reaped by whoever inherited it: its process group is empty soon.
  Deadline deadline(kSoon);
  while (kill(grandchild, 0) == 0 && !deadline.passed()) {
    std::string stat = "/proc/" + std::to_string(grandchild) + "/stat";
    if (run({"grep", "-q", ") Z ", stat}).status.code == 0) break;
  }
  EXPECT_FALSE(deadline.passed());
}

TEST(Process, tells_a_signal_from_an_exit) {
  Process process({"sleep", "1000"});
  EXPECT_TRUE(process.running());
  EXPECT_FALSE(process.wait(milliseconds(1)));
  process.terminate();
  EXPECT_EQ(process.wait(), (ExitStatus{-1, SIGTERM}));
}

TEST(Process, can_take_away_the_standard_output) {
  // With the reader gone, cat dies of SIGPIPE at its next write.
  Process process({"sh", "-c", "echo ready; exec cat /dev/zero"});
  ASSERT_TRUE(process.expect_out("^ready$"));
  process.close_stdout();
  EXPECT_EQ(process.wait(), (ExitStatus{-1, SIGPIPE}));
}

TEST(Process, sets_the_environment_the_folder_and_the_limit_of_open_files) {
  TempDir dir;
  ProcessOptions options;
  options.directory = dir.path().string();
  options.environment = {{"P2P_TEST_WORD", "a word"}};
  options.open_files_max = 77;
  Finished finished = run({"sh", "-c", "pwd; echo $P2P_TEST_WORD; ulimit -n"}, options);
  EXPECT_EQ(finished.out, dir.path().string() + "\na word\n77\n");
}

TEST(File, digests_are_those_that_are_known) {
  TempDir dir;
  write_file(dir / "a", "abc");
  EXPECT_EQ(sha256_of_file(dir / "a"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  write_file(dir / "b", "");
  EXPECT_EQ(sha256_of_file(dir / "b", 1 << 20),  // docs/protocol.md, Vectors
            "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58");
}

TEST(File, contents_depend_on_the_seed_alone) {
  TempDir dir;
  make_file(dir / "a", 3000001, 5);
  make_file(dir / "b", 3000001, 5);
  make_file(dir / "c", 3000001, 6);
  EXPECT_EQ(std::filesystem::file_size(dir / "a"), 3000001U);
  EXPECT_EQ(sha256_of_file(dir / "a"), sha256_of_file(dir / "b"));
  EXPECT_NE(sha256_of_file(dir / "a"), sha256_of_file(dir / "c"));
  make_vector_file(dir / "v", 252);
  EXPECT_EQ(read_file(dir / "v").substr(249), std::string("\xf9\xfa\0", 3));
}

TEST(File, written_bytes_leave_out_what_was_only_set_aside) {
  TempDir dir;
  EXPECT_EQ(written_bytes(dir / "none"), 0U);
  make_file(dir / "a", 1 << 20, 1);
  EXPECT_EQ(written_bytes(dir / "a"), 1U << 20);
  Finished longer = run({"fallocate", "-l", "8MiB", dir / "a"});
  if (longer.status != ExitStatus{0, 0}) GTEST_SKIP() << "no fallocate here: " << longer.err;
  EXPECT_EQ(written_bytes(dir / "a"), 1U << 20);
}

TEST(RawPeer, builds_the_hello_of_the_specification) {
  HelloFields fields;
  fields.records = from_hex("00000000000000000000000000000001a41f");
  fields.capabilities = 3;
  fields.nonce = 0x0123456789abcdef;
  EXPECT_EQ(hello(fields), from_hex("24000000 02 00000000000000000000000000000001a41f"
                                    "5032505801030014efcdab89674523017c"));
}

TEST(NetNs, joins_two_hosts_with_addresses_of_their_own) {
  if (!NetNs::available()) GTEST_SKIP() << NetNs::why_not();
  std::string name;
  {
    NetNs hosts;
    name = hosts.name(0);
    for (int host = 0; host < 2; ++host) {
      Finished finished = run(hosts.on(host, {"ip", "addr", "show", "up"}));
      EXPECT_NE(finished.out.find(NetNs::ipv6(host)), std::string::npos) << finished.out;
      EXPECT_NE(finished.out.find(NetNs::ipv4(host)), std::string::npos) << finished.out;
      EXPECT_EQ(finished.out.find(NetNs::ipv4(1 - host)), std::string::npos) << finished.out;
    }
  }
  EXPECT_EQ(run({"ip", "netns", "list"}).out.find(name), std::string::npos);
}

}  // namespace
