#include "tests/support/net_hub.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <exception>
#include <stdexcept>
#include <thread>

#include "tests/support/net_ns.h"

namespace p2p::testing {
namespace {

std::string try_to_join() {
  try {
    NetHub tried(1);
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

const std::string& joining_trial() {
  static const std::string result = try_to_join();
  return result;
}

}  // namespace

bool NetHub::available() { return joining_trial().empty(); }
std::string NetHub::why_not() {
  return "network namespaces can't be joined here: " + joining_trial();
}

std::string NetHub::address(size_t host) { return "20." + std::to_string(host + 1) + ".0.1"; }

std::string NetHub::name(size_t host) const { return prefix_ + std::to_string(host); }

NetHub::NetHub(size_t hosts) : hosts_(hosts) {
  static int made = 0;
  prefix_ = "p2p-hub-" + std::to_string(getpid()) + "-" + std::to_string(++made) + "-";
  try {
    build();
  } catch (...) {
    remove();
    throw;
  }
}

void NetHub::build() {
  const std::string hub = prefix_ + "hub";
  ip({"netns", "add", hub});
  ip({"-n", hub, "link", "add", "bridge", "type", "bridge"});
  ip({"-n", hub, "link", "set", "bridge", "up"});
  for (size_t host = 0; host < hosts_; ++host) {
    const std::string port = "port" + std::to_string(host);
    ip({"netns", "add", name(host)});
    ip({"-n", hub, "link", "add", port, "type", "veth", "peer", "name", "net", "netns",
        name(host)});
    ip({"-n", hub, "link", "set", port, "master", "bridge"});
    ip({"-n", hub, "link", "set", port, "up"});
    ip({"-n", name(host), "link", "set", "lo", "up"});
    ip({"-n", name(host), "addr", "add", address(host) + "/32", "dev", "net"});
    ip({"-n", name(host), "link", "set", "net", "up"});
    ip({"-n", name(host), "route", "add", "20.0.0.0/8", "dev", "net", "src", address(host)});
  }
}

NetHub::~NetHub() { remove(); }

void NetHub::remove() noexcept {
  for (size_t host = 0; host < hosts_; ++host) remove_namespace(name(host));
  remove_namespace(prefix_ + "hub");
}

void NetHub::run_on(size_t host, const std::function<void()>& what) const {
  const std::string path = "/run/netns/" + name(host);
  std::exception_ptr failed;
  std::thread([&] {
    try {
      const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
      const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
      if (fd >= 0) close(fd);
      if (!entered) throw std::runtime_error("cannot enter " + path);
      what();
    } catch (...) {
      failed = std::current_exception();
    }
  }).join();
  if (failed) std::rethrow_exception(failed);
}

std::vector<std::string> NetHub::on(size_t host, const std::vector<std::string>& argv) const {
  std::vector<std::string> command = {"ip", "netns", "exec", name(host)};
  command.insert(command.end(), argv.begin(), argv.end());
  return command;
}

}  // namespace p2p::testing
