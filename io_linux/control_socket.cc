#include "io_linux/control_socket.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io_linux/store/file_io.h"

namespace p2p::io_linux {
namespace {

constexpr char kName[] = "/control.sock";
constexpr char kControlLockName[] = "/control.lock";
constexpr mode_t kOwnerOnly = 0600;
constexpr int kControlBacklog = 16;

void set_path(ControlAddress& to, const std::string& path) {
  to.address.sun_family = AF_UNIX;
  std::memcpy(to.address.sun_path, path.c_str(), path.size() + 1);
  to.length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
}

bool is_owners_only(const std::string& path) {
  struct stat there {};
  return ::lstat(path.c_str(), &there) == 0 && (there.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

}  // namespace

std::string control_path(const std::string& data_dir) { return data_dir + kName; }

ControlAddress control_address(const std::string& data_dir) {
  ControlAddress result;
  const std::string path = control_path(data_dir);
  if (path.size() < sizeof result.address.sun_path) {
    set_path(result, path);
    return result;
  }
  Opened folder = open_file(data_dir, O_PATH | O_DIRECTORY);
  result.error_number = folder.error_number;
  result.folder = std::move(folder.fd);
  if (result.folder) {
    set_path(result, "/proc/self/fd/" + std::to_string(result.folder.get()) + kName);
  }
  return result;
}

ControlSocket::OpenResult ControlSocket::open(const std::string& data_dir) {
  OpenResult result;
  const std::string lock_path = data_dir + kControlLockName;
  Opened lock = open_locked(lock_path, O_CREAT | O_RDWR, kOwnerOnly);
  if (lock.error_number == EWOULDBLOCK) {
    result.in_use = true;
    result.error = "another node has " + control_path(data_dir);
    return result;
  }
  if (!lock.fd) {
    result.error = file_error("lock", lock_path, lock.error_number).text;
    return result;
  }
  std::unique_ptr<ControlSocket> socket(new ControlSocket(data_dir, std::move(lock.fd)));
  const int error_number = socket->bind_and_listen();
  if (error_number != 0) {
    result.error = file_error("listen on", control_path(data_dir), error_number).text;
    return result;
  }
  result.socket = std::move(socket);
  return result;
}

// Linux gives a socket's file the mode of the socket itself, less the umask; so it is set before
// there is a file. Changing the umask would concern every thread, and chmod comes too late.
int ControlSocket::bind_and_listen() {
  const ControlAddress address = control_address(data_dir_);
  if (address.error_number != 0) return address.error_number;
  fd_ = Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd_ || ::fchmod(fd_.get(), kOwnerOnly) != 0) return errno;
  const std::string path = control_path(data_dir_);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return errno;
  if (::bind(fd_.get(), address.get(), address.length) != 0) return errno;
  if (!is_owners_only(path)) return EPERM;
  return ::listen(fd_.get(), kControlBacklog) == 0 ? 0 : errno;
}

// In this order: whoever gets the lock next finds no name, or one that is no longer anybody's.
ControlSocket::~ControlSocket() {
  if (!fd_) return;
  static_cast<void>(::unlink(control_path(data_dir_).c_str()));
  static_cast<void>(::unlink((data_dir_ + kControlLockName).c_str()));
}

}  // namespace p2p::io_linux
