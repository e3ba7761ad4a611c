#include "io_linux/store/tree_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "io_linux/store/folder_chain.h"

namespace p2p::io_linux {

namespace {

struct CloseWalked {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

class TreeWalk {
 public:
  TreeWalk(const std::string& name, const std::atomic<bool>* cancel)
      : name_(name), cancel_(cancel) {}

  Walked run(int folder) {
    // A descriptor of our own: closedir(3) closes it.
    const int own = ::fcntl(folder, F_DUPFD_CLOEXEC, 0);
    if (own < 0) fail(file_error("open", name_, errno));
    if (own >= 0) list(Fd(own), "", 0);
    std::sort(walked_.entries.begin(), walked_.entries.end(),
              [](const WalkedEntry& a, const WalkedEntry& b) { return a.path < b.path; });
    return std::move(walked_);
  }

 private:
  // `prefix` is "" or ends with "/".
  bool list(Fd fd, const std::string& prefix, size_t depth) {
    const std::unique_ptr<DIR, CloseWalked> folder(::fdopendir(fd.get()));
    if (folder == nullptr) return fail(file_error("list", called(prefix), errno));
    const int number = fd.release();
    size_t found = 0;
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(folder.get());
      if (entry == nullptr && errno != 0) return fail(file_error("list", called(prefix), errno));
      if (entry == nullptr) break;
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      ++found;
      if (!take(number, name, prefix + name, depth)) return false;
    }
    if (found > 0 || prefix.empty()) return true;
    return keep({prefix.substr(0, prefix.size() - 1), EntryKind::empty_directory, {}, {}});
  }

  bool take(int folder, const std::string& name, const std::string& path, size_t depth) {
    if (cancel_ != nullptr && *cancel_) {
      walked_.cancelled = true;
      return false;
    }
    if (const auto fault = fault_of_path(path)) {
      return fail({0, called(path) + (*fault == ListingFault::not_utf8
                                          ? " has a name that is not UTF-8; rename it to share it"
                                          : " has too long a path to be shared")});
    }
    struct stat there {};
    if (::fstatat(folder, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) {
      return fail(file_error("look at", called(path), errno));
    }
    if (S_ISREG(there.st_mode)) {
      const bool executable = (there.st_mode & S_IXUSR) != 0;
      return keep(
          {path, executable ? EntryKind::executable : EntryKind::file, version_of(there), {}});
    }
    if (S_ISLNK(there.st_mode)) return take_link(folder, name, path);
    if (!S_ISDIR(there.st_mode)) return fail({0, called(path) + why_no_content(there.st_mode)});
    if (depth + 1 >= kFolderDepthMax) {
      return fail({0, called(path) + " is in more than " + std::to_string(kFolderDepthMax) +
                          " folders, too many to be shared"});
    }
    const int below = open_in(folder, name, O_RDONLY | O_DIRECTORY);
    if (below < 0) return fail(file_error("open", called(path), -below));
    return list(Fd(below), path + "/", depth + 1);
  }

  bool take_link(int folder, const std::string& name, const std::string& path) {
    std::array<char, kLinkTargetMax + 1> target{};
    const ssize_t length = ::readlinkat(folder, name.c_str(), target.data(), target.size());
    if (length < 0) return fail(file_error("read", called(path), errno));
    if (length == 0 || static_cast<uint64_t>(length) > kLinkTargetMax) {
      return fail({0, called(path) + " is a link that can't be shared"});
    }
    return keep(
        {path, EntryKind::link, {}, std::string(target.data(), static_cast<size_t>(length))});
  }

  bool keep(WalkedEntry entry) {
    bytes_ += kEntryHeaderSize + entry.path.size();
    if (walked_.entries.size() >= kListingEntriesMax || bytes_ > kListingBytesMax) {
      return fail({0, name_ + " has more in it than can be shared as one"});
    }
    walked_.entries.push_back(std::move(entry));
    return true;
  }

  std::string called(const std::string& path) const {
    return path.empty() ? name_ : (name_ == "/" ? name_ : name_ + "/") + path;
  }

  bool fail(FileError error) {
    walked_.error = std::move(error);
    return false;
  }

  const std::string name_;
  const std::atomic<bool>* const cancel_;
  Walked walked_;
  uint64_t bytes_ = kListingHeaderSize;
};

}  // namespace

uint64_t WalkedEntry::length() const {
  switch (kind) {
    case EntryKind::file:
    case EntryKind::executable:
      return version.length;
    case EntryKind::empty_directory:
      return 0;
    case EntryKind::link:
      return link_target.size();
  }
  return 0;
}

Walked walk_tree(int folder, const std::string& name, const std::atomic<bool>* cancel) {
  std::string without_slashes = name;
  while (without_slashes.size() > 1 && without_slashes.back() == '/') without_slashes.pop_back();
  return TreeWalk(without_slashes, cancel).run(folder);
}

FileVersion version_of(const struct stat& there) {
  return {there.st_dev, there.st_ino, static_cast<uint64_t>(there.st_size),
          nanoseconds(there.st_mtim), nanoseconds(there.st_ctim)};
}

std::string why_no_content(mode_t mode) {
  std::string what = "of an unknown kind";
  if (S_ISCHR(mode) || S_ISBLK(mode)) what = "a device";
  if (S_ISFIFO(mode)) what = "a pipe";
  if (S_ISSOCK(mode)) what = "a socket";
  return " is " + what + ": only files, directories and links in them can be shared";
}

}  // namespace p2p::io_linux
