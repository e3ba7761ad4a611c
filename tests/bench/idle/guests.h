// Thousands of peers of one node, each with a connection from an address of its own (127.0.0.0/8):
// a hello with a nonce of its own and the claim that it listens, then a keepalive now and then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace p2p::bench {

class Guests {
 public:
  // Requires count <= 60,000. Throws std::runtime_error.
  Guests(uint16_t port, size_t count);
  ~Guests();
  Guests(const Guests&) = delete;
  Guests& operator=(const Guests&) = delete;

  // Reads and drops what comes, and says that all are there every 25 s.
  void stay_for(double seconds);

  size_t greeted() const { return greeted_; }  // that were sent something
  size_t lost() const { return lost_; }        // whose connection has ended

 private:
  struct Guest {
    int fd = -1;
    bool greeted = false;
  };
  void connect_one(size_t index, uint16_t port);
  void read_some(int timeout_ms);
  void read_all_of(Guest& guest);
  void keep_alive();

  int epoll_ = -1;
  std::vector<Guest> guests_;
  size_t greeted_ = 0;
  size_t lost_ = 0;
  double keep_alive_at_ = 0;
};

}  // namespace p2p::bench
