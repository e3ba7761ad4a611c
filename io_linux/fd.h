// An owned file descriptor: closed when its owner goes.
#pragma once

#include <utility>

namespace p2p::io_linux {

class Fd {
 public:
  Fd() = default;
  // Takes over `fd`; -1 is "none".
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  // Gives the descriptor up without closing it.
  int release() { return std::exchange(fd_, -1); }
  // Closes what is held; errno is left alone.
  void reset(int fd = -1);

 private:
  int fd_ = -1;
};

// Raises the soft limit of open descriptors to the hard one. Returns the limit that holds then.
unsigned long raise_descriptor_limit();

}  // namespace p2p::io_linux
