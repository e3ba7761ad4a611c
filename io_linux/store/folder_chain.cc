#include "io_linux/store/folder_chain.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace p2p::io_linux {

namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

int open_in(int folder, const std::string& name, int flags, unsigned mode) {
  while (true) {
    const int fd =
        ::openat(folder, name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, static_cast<mode_t>(mode));
    if (fd >= 0) return fd;
    if (errno != EINTR) return -errno;
  }
}

FolderChain::Place FolderChain::place_of(std::string_view path) {
  size_t begin = 0;
  size_t level = 0;
  for (size_t slash = path.find('/'); slash != std::string_view::npos;
       slash = path.find('/', begin)) {
    const std::string name(path.substr(begin, slash - begin));
    if (level >= levels_.size() || levels_[level].name != name) {
      levels_.erase(levels_.begin() + static_cast<ptrdiff_t>(level), levels_.end());
      const int error_number = enter(name);
      if (error_number != 0) return {-1, {}, error_number};
    }
    ++level;
    begin = slash + 1;
  }
  levels_.erase(levels_.begin() + static_cast<ptrdiff_t>(level), levels_.end());
  return {last(), std::string(path.substr(begin)), 0};
}

int FolderChain::enter(const std::string& name) {
  if (levels_.size() >= kFolderDepthMax) return ELOOP;
  int fd = open_in(last(), name, O_RDONLY | O_DIRECTORY);
  if (fd == -ENOENT && missing_ == Missing::make) {
    if (::mkdirat(last(), name.c_str(), 0777) != 0 && errno != EEXIST) return errno;
    fd = open_in(last(), name, O_RDONLY | O_DIRECTORY);
  }
  if (fd < 0) return -fd;
  levels_.push_back({name, Fd(fd)});
  return 0;
}

int remove_in(int folder, const std::string& name) {
  if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return 0;
  // What unlink(2) says of a folder differs between filesystems.
  if (errno != EISDIR && errno != EPERM) return errno;
  const int fd = open_in(folder, name, O_RDONLY | O_DIRECTORY);
  if (fd < 0) return -fd;
  const std::unique_ptr<DIR, CloseFolder> inside(::fdopendir(fd));
  if (inside == nullptr) {
    const int error_number = errno;
    ::close(fd);
    return error_number;
  }
  while (const dirent* entry = ::readdir(inside.get())) {
    const std::string below = entry->d_name;
    if (below == "." || below == "..") continue;
    const int error_number = remove_in(fd, below);
    if (error_number != 0) return error_number;
  }
  return ::unlinkat(folder, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : errno;
}

}  // namespace p2p::io_linux
