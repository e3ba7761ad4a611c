// Two hosts, as two network namespaces with addresses of their own.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/e2e/node.h"
#include "tests/support/net_ns.h"

namespace {

using namespace p2p::testing;

class Hosts : public testing::Test {
 protected:
  void SetUp() override {
    if (!NetNs::available()) GTEST_SKIP() << NetNs::why_not();
    hosts_ = std::make_unique<NetNs>();
    make_file(place_ / "film", 5 * kMiB + 7, 1);
  }

  void expect_film_arrives(int host, const std::string& bootstrap, const std::string& id,
                           Words more = {}) {
    Words get = {"get",       id,     "-o",          place_ / "received",
                 "--timeout", "100s", "--bootstrap", bootstrap};
    get.insert(get.end(), more.begin(), more.end());
    auto getting = place_.start("getting", get, hosts_->on(host, {}));
    EXPECT_EQ(getting->wait(seconds(120)), (ExitStatus{0, 0})) << getting->transcript();
    ASSERT_TRUE(std::filesystem::exists(place_ / "received"));
    EXPECT_EQ(sha256_of_file(place_ / "received"), sha256_of_file(place_ / "film"));
  }

  Place place_;
  std::unique_ptr<NetNs> hosts_;
};

// -S and share on the first host with the default bootstrap address [::1]:8100; the record of a
// loopback address that share gives to -S is of no use to the second host.
TEST_F(Hosts, over_IPv6_told_only_the_first_hosts_address) {
  Node bootstrap(place_, "bootstrap", {"-S"}, hosts_->on(0, {}));
  EXPECT_EQ(bootstrap.port(), "8100");
  SharingNode sharing(place_, "sharing", {"share", place_ / "film"}, hosts_->on(0, {}));
  expect_film_arrives(1, NetNs::ipv6(0), sharing.id());
}

TEST_F(Hosts, over_IPv4_told_only_the_first_hosts_address) {
  Node bootstrap(place_, "bootstrap", {"-S"}, hosts_->on(0, {}));
  SharingNode sharing(place_, "sharing", {"share", place_ / "film"}, hosts_->on(0, {}));
  expect_film_arrives(1, NetNs::ipv4(0), sharing.id());
}

TEST_F(Hosts, over_IPv4_where_there_is_no_IPv6) {
  for (int host = 0; host < 2; ++host) {
    for (const char* which : {"all", "default", "lo"}) {
      std::string file = std::string("/proc/sys/net/ipv6/conf/") + which + "/disable_ipv6";
      run(hosts_->on(host, {"sh", "-c", "echo 1 > " + file}));
    }
  }
  Node bootstrap(place_, "bootstrap", {"-S"}, hosts_->on(0, {}));
  SharingNode sharing(place_, "sharing", {"share", place_ / "film", "--bootstrap", "127.0.0.1"},
                      hosts_->on(0, {}));
  expect_film_arrives(1, NetNs::ipv4(0), sharing.id());
}

TEST_F(Hosts, the_holder_may_be_on_the_other_host_than_the_bootstrap_node) {
  Node bootstrap(place_, "bootstrap", {"-S"}, hosts_->on(0, {}));
  SharingNode sharing(place_, "sharing", {"share", place_ / "film", "--bootstrap", NetNs::ipv6(0)},
                      hosts_->on(1, {}));
  expect_film_arrives(0, "[::1]:8100", sharing.id());
}

TEST_F(Hosts, the_line_that_share_prints_names_an_address_that_the_other_host_reaches) {
  Node bootstrap(place_, "bootstrap", {"-S"}, hosts_->on(0, {}));
  SharingNode sharing(place_, "sharing", {"share", place_ / "film"}, hosts_->on(0, {}));
  const std::string& line = sharing.get_line();
  std::filesystem::create_directory(place_ / "elsewhere");
  ProcessOptions options = place_.options();
  options.directory = place_ / "elsewhere";
  std::string folder = std::filesystem::path(p2pnode_program()).parent_path().string();
  options.environment.emplace_back("PATH", folder + ":" + std::getenv("PATH"));
  Finished got =
      run(hosts_->on(1, {"sh", "-c", "exec " + line + " --timeout 100s"}), options, seconds(120));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << line << "\n" << got.err;
  ASSERT_TRUE(std::filesystem::exists(place_ / "elsewhere/film"));
  EXPECT_EQ(sha256_of_file(place_ / "elsewhere/film"), sha256_of_file(place_ / "film"));
}

TEST_F(Hosts, a_node_that_listens_on_one_address_of_its_host_is_found) {
  Node bootstrap(place_, "bootstrap", {"-S", "--listen", NetNs::ipv4(0) + ":8100"},
                 hosts_->on(0, {}));
  SharingNode sharing(
      place_, "sharing",
      {"share", place_ / "film", "--listen", NetNs::ipv4(0) + ":0", "--bootstrap", NetNs::ipv4(0)},
      hosts_->on(0, {}));
  expect_film_arrives(1, NetNs::ipv4(0), sharing.id());
}

}  // namespace
