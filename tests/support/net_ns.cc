#include "tests/support/net_ns.h"

#include <unistd.h>

#include <stdexcept>

#include "tests/support/process.h"

namespace p2p::testing {
namespace {

// Network administration is often in a folder that is not on an ordinary user's PATH.
ProcessOptions with_admin_path() {
  const char* path = std::getenv("PATH");
  ProcessOptions options;
  options.environment = {
      {"PATH", std::string(path != nullptr ? path : "/usr/bin:/bin") + ":/usr/sbin:/sbin"}};
  return options;
}

// Unlike a name of ip-netns, a name of an interface has 15 characters at the most.
std::string link_name(int host) {
  return "p2p" + std::to_string(getpid()) + (host == 0 ? "a" : "b");
}

// Empty when namespaces can be made, else why not.
std::string try_out() {
  try {
    NetNs tried;
    return "";
  } catch (const std::exception& error) {
    return error.what();
  }
}

const std::string& trial() {
  static const std::string result = try_out();
  return result;
}

}  // namespace

void ip(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "ip");
  std::string line;
  for (const std::string& argument : arguments) line += argument + " ";
  Finished finished = run(std::move(arguments), with_admin_path());
  if (finished.status != ExitStatus{0, 0}) {
    throw std::runtime_error(line + "failed (" + finished.status.text() + "): " + finished.err);
  }
}

void remove_namespace(const std::string& name) noexcept {
  try {
    run({"ip", "netns", "delete", name}, with_admin_path());
  } catch (const std::exception&) {
    // Nothing better can be done about a namespace that doesn't go away.
  }
}

bool NetNs::available() { return trial().empty(); }
std::string NetNs::why_not() { return "network namespaces can't be made here: " + trial(); }

std::string NetNs::ipv6(int host) { return host == 0 ? "fd77:7032:70::1" : "fd77:7032:70::2"; }
std::string NetNs::ipv4(int host) { return host == 0 ? "10.77.32.1" : "10.77.32.2"; }

NetNs::NetNs() {
  static int made = 0;
  ++made;
  for (int host = 0; host < 2; ++host) {
    names_[host] = "p2p-test-" + std::to_string(getpid()) + "-" + std::to_string(made) +
                   (host == 0 ? "a" : "b");
  }
  try {
    build();
  } catch (...) {
    remove();
    throw;
  }
}

void NetNs::build() {
  for (const std::string& name : names_) ip({"netns", "add", name});
  ip({"-n", names_[0], "link", "add", link_name(0), "type", "veth", "peer", "name", link_name(1),
      "netns", names_[1]});
  for (int host = 0; host < 2; ++host) {
    const std::string& name = names_[host];
    ip({"-n", name, "link", "set", "lo", "up"});
    // nodad: the address is usable at once, not after a second of looking for a duplicate.
    ip({"-n", name, "addr", "add", ipv6(host) + "/64", "dev", link_name(host), "nodad"});
    ip({"-n", name, "addr", "add", ipv4(host) + "/24", "dev", link_name(host)});
    ip({"-n", name, "link", "set", link_name(host), "up"});
  }
}

NetNs::~NetNs() { remove(); }

void NetNs::remove() noexcept {
  for (const std::string& name : names_) remove_namespace(name);
}

std::vector<std::string> NetNs::on(int host, const std::vector<std::string>& argv) const {
  std::vector<std::string> command = {"ip", "netns", "exec", names_[host]};
  command.insert(command.end(), argv.begin(), argv.end());
  return command;
}

}  // namespace p2p::testing
