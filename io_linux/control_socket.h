// The Unix socket in a node's data directory on which programs of the same user ask it things:
// DIR/control.sock. Several nodes may use one data directory; the first of them has the socket.
//
// Who has it holds the flock of DIR/control.lock as long as it lives. So a socket that was left
// behind by a node that was killed is known for what it is, and replaced; and nobody takes that of
// a node that lives.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <memory>
#include <string>
#include <utility>

#include "io_linux/fd.h"

namespace p2p::io_linux {

// The address of DIR/control.sock. A path that is too long for it (107 bytes) goes by way of
// /proc/self/fd: the address is good as long as `folder` is open.
struct ControlAddress {
  sockaddr_un address{};
  socklen_t length = 0;
  Fd folder;
  int error_number = 0;  // not 0: there is no such folder, or it may not be opened

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};
ControlAddress control_address(const std::string& data_dir);
// DIR/control.sock, as people read it.
std::string control_path(const std::string& data_dir);

// A socket that listens, under its name until it is destroyed. It is nobody's but its owner's (mode
// 0600) from the moment it has the name.
class ControlSocket {
 public:
  struct OpenResult {
    std::unique_ptr<ControlSocket> socket;
    bool in_use = false;  // another node that lives has it
    std::string error;    // a sentence, when there is no socket
  };
  // Requires that the data directory exists.
  static OpenResult open(const std::string& data_dir);
  // Removes the name.
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  int fd() const { return fd_.get(); }

 private:
  ControlSocket(std::string data_dir, Fd lock)
      : data_dir_(std::move(data_dir)), lock_(std::move(lock)) {}
  // 0, or an errno.
  int bind_and_listen();

  std::string data_dir_;
  Fd lock_;
  Fd fd_;
};

}  // namespace p2p::io_linux
