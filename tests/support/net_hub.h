// Hosts in networks of their own on one machine: network namespaces joined by a bridge, each with a
// public address of IPv4 in another /16, as hosts all over the Internet have. Needs root or
// CAP_SYS_ADMIN, and iproute2. Removed, with all that runs in them cut off, by the destructor; the
// names carry this process's id.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace p2p::testing {

class NetHub {
 public:
  // As for NetNs.
  static bool available();
  static std::string why_not();

  // Requires 1 <= hosts <= 100. Throws std::runtime_error with what the failing command said.
  explicit NetHub(size_t hosts);
  ~NetHub();
  NetHub(const NetHub&) = delete;
  NetHub& operator=(const NetHub&) = delete;

  static std::string address(size_t host);
  // The command line that runs `argv` on that host.
  std::vector<std::string> on(size_t host, const std::vector<std::string>& argv) const;
  // Runs it on that host, in a thread of its own: sockets that it makes are that host's. Throws
  // what it throws.
  void run_on(size_t host, const std::function<void()>& what) const;

 private:
  std::string name(size_t host) const;
  void build();
  void remove() noexcept;

  size_t hosts_;
  std::string prefix_;
};

}  // namespace p2p::testing
