// Two hosts on one machine: network namespaces joined by a cable (a veth pair), each with addresses
// of its own, private ones as in a home or an office. Needs root or CAP_SYS_ADMIN, and iproute2.
// Removed, with all that runs in them cut off, by the destructor; the names carry this process's
// id.
#pragma once

#include <string>
#include <vector>

namespace p2p::testing {

// ip ARGUMENTS...; throws std::runtime_error with what it said when it fails.
void ip(std::vector<std::string> arguments);
// Whether it was there or not.
void remove_namespace(const std::string& name) noexcept;

class NetNs {
 public:
  // Whether this process may make namespaces; tried once. The reason, for a test that is skipped.
  static bool available();
  static std::string why_not();

  // Throws std::runtime_error with what the failing command said.
  NetNs();
  ~NetNs();
  NetNs(const NetNs&) = delete;
  NetNs& operator=(const NetNs&) = delete;

  // Host 0 and host 1.
  const std::string& name(int host) const { return names_[host]; }
  static std::string ipv6(int host);  // without brackets
  static std::string ipv4(int host);

  // The command line that runs `argv` on that host, in the process that is started for it.
  std::vector<std::string> on(int host, const std::vector<std::string>& argv) const;

 private:
  void build();
  void remove() noexcept;

  std::string names_[2];
};

}  // namespace p2p::testing
