#include "io_linux/store/tree_export.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>
#include <vector>

#include "io_linux/store/folder_chain.h"
#include "io_linux/store/tree_content.h"

namespace p2p::io_linux {

namespace {

constexpr std::string_view kTreePart = ".tree.part";
constexpr size_t kStep = size_t{1} << 20;  // bytes that are copied at a time

std::string name_in(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

// Copies between descriptors, in the kernel where it can; a filesystem that shares blocks between
// files copies nothing then.
class Copier {
 public:
  explicit Copier(int from) : from_(from) {}

  // Of a short file: its neighbours in the content are read with it. 0 or an errno.
  int copy_short(int to, uint64_t offset, size_t length) {
    if (offset < window_at_ || offset + length > window_at_ + window_.size()) {
      window_.resize(std::max(kStep, length));
      const auto got = pread_fully(from_, window_, offset);
      if (got.error_number != 0) return got.error_number;
      window_.resize(got.bytes);
      window_at_ = offset;
      if (got.bytes < length) return EIO;
    }
    const auto start = static_cast<size_t>(offset - window_at_);
    return write_fully(to, std::span(window_).subspan(start, length));
  }

  int copy_long(int to, uint64_t offset, uint64_t length, const std::atomic<bool>* cancel) {
    while (length > 0) {
      if (cancel != nullptr && *cancel) return ECANCELED;
      const auto step = static_cast<size_t>(std::min<uint64_t>(length, kStep * 16));
      size_t done = in_kernel_ ? copy_in_kernel(to, offset, step) : 0;
      if (done == 0) {
        done = std::min(step, kStep);
        const int error_number = copy_short(to, offset, done);
        if (error_number != 0) return error_number;
      }
      offset += done;
      length -= done;
    }
    return 0;
  }

 private:
  // 0: it can't be done so, or not now; reading and writing will say why.
  size_t copy_in_kernel(int to, uint64_t offset, size_t length) {
    auto from_at = static_cast<off_t>(offset);
    const ssize_t done = ::copy_file_range(from_, &from_at, to, nullptr, length, 0);
    if (done > 0) return static_cast<size_t>(done);
    in_kernel_ = false;
    return 0;
  }

  const int from_;
  bool in_kernel_ = true;
  std::vector<std::byte> window_;
  uint64_t window_at_ = 0;
};

class TreeExport {
 public:
  TreeExport(const std::string& path, const TreeExportOptions& options)
      : path_(path), part_(name_in(path).append(kTreePart)), options_(options) {}

  TreeExported run(int content, uint64_t length, PieceSize piece_size) {
    auto read = TreeContent::read(content, length, piece_size, options_.chosen);
    if (auto* fault = std::get_if<TreeContent::Fault>(&read)) {
      const bool disk = !fault->corrupt && fault->error.error_number != 0;
      result_.status = fault->corrupt ? Status::corrupt : disk ? Status::failed : Status::beyond;
      result_.error = std::move(fault->error);
      return std::move(result_);
    }
    const auto& tree = std::get<TreeContent>(read);
    if (open_folders() && write_files(tree, content) && make_links(tree) && finish()) {
      result_.bytes = tree.file_bytes();
    } else if (made_) {
      static_cast<void>(remove_in(parent_.get(), part_));
    }
    return std::move(result_);
  }

 private:
  using Status = TreeExported::Status;

  bool open_folders() {
    const std::string parent = folder_of(path_);
    auto folder = open_file(parent, O_RDONLY | O_DIRECTORY);
    if (!folder.fd) return fail("open", parent, folder.error_number);
    parent_ = std::move(folder.fd);
    // A run that was cut short has left it.
    const int error_number = remove_in(parent_.get(), part_);
    if (error_number != 0) return fail("remove", called(), error_number);
    if (::mkdirat(parent_.get(), part_.c_str(), 0777) != 0) return fail("make", called(), errno);
    made_ = true;
    const int fd = open_in(parent_.get(), part_, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return fail("open", called(), -fd);
    top_ = Fd(fd);
    return true;
  }

  bool write_files(const TreeContent& tree, int content) {
    FolderChain chain(top_.get(), FolderChain::Missing::make);
    Copier copier(content);
    const uint64_t total = tree.file_bytes();
    uint64_t done = 0;
    for (size_t i = 0; i < tree.entries().size(); ++i) {
      const ListingEntry& entry = tree.entries()[i];
      if (entry.kind == EntryKind::link || !tree.chosen(i)) continue;
      if (cancelled()) return false;
      const auto place = chain.place_of(entry.path);
      if (place.error_number != 0) return fail("make", called(entry.path), place.error_number);
      const int error_number =
          entry.kind == EntryKind::empty_directory
              ? (::mkdirat(place.folder, place.name.c_str(), 0777) == 0 ? 0 : errno)
              : write_file(place, entry, copier, tree.offset_of(i));
      if (error_number == ECANCELED && cancelled()) return false;
      if (error_number != 0) return fail("write", called(entry.path), error_number);
      done += entry.length;
      if (options_.progress) options_.progress(done, total);
    }
    return true;
  }

  int write_file(const FolderChain::Place& place, const ListingEntry& entry, Copier& copier,
                 uint64_t offset) {
    const unsigned mode = entry.kind == EntryKind::executable ? 0777U : 0666U;
    const int fd = open_in(place.folder, place.name, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (fd < 0) return -fd;
    Fd file(fd);
    ++result_.files;
    int error_number = 0;
    if (entry.length > 0 && entry.length < kStep) {
      error_number = copier.copy_short(fd, offset, static_cast<size_t>(entry.length));
    } else {
      error_number = copier.copy_long(fd, offset, entry.length, options_.cancel);
    }
    const int close_error = close_file(std::move(file));
    return error_number != 0 ? error_number : close_error;
  }

  bool make_links(const TreeContent& tree) {
    FolderChain chain(top_.get(), FolderChain::Missing::make);
    for (size_t i = 0; i < tree.entries().size(); ++i) {
      const ListingEntry& entry = tree.entries()[i];
      if (entry.kind != EntryKind::link || !tree.chosen(i)) continue;
      if (cancelled()) return false;
      const auto place = chain.place_of(entry.path);
      if (place.error_number != 0) return fail("make", called(entry.path), place.error_number);
      if (::symlinkat(tree.link_target(i).c_str(), place.folder, place.name.c_str()) != 0) {
        return fail("make the link", called(entry.path), errno);
      }
      ++result_.files;
    }
    return true;
  }

  // One sync of the filesystem costs less than one of each file.
  bool finish() {
    if (::syncfs(top_.get()) != 0) return fail("sync", called(), errno);
    const std::string name = name_in(path_);
    int error_number = 0;
    if (::renameat2(parent_.get(), part_.c_str(), parent_.get(), name.c_str(), RENAME_NOREPLACE) !=
        0) {
      error_number = errno;
    }
    if (error_number == EINVAL || error_number == ENOSYS) {
      // A filesystem that knows no such call. A folder replaces nothing but an empty folder.
      error_number =
          ::renameat(parent_.get(), part_.c_str(), parent_.get(), name.c_str()) == 0 ? 0 : errno;
    }
    if (error_number != 0) return fail("make", path_, error_number);
    const int sync_error = sync_name();
    if (sync_error != 0) return take_back(name, sync_error);
    made_ = false;
    return true;
  }

  // Through the descriptor: the parent may have another path by now.
  int sync_name() {
    while (::fsync(parent_.get()) != 0) {
      // Some filesystems have nothing to sync in a folder, and say so.
      if (errno == EINVAL || errno == EROFS) return 0;
      if (errno != EINTR) return errno;
    }
    return 0;
  }

  // A name that may not last is given up: what fails leaves nothing.
  bool take_back(const std::string& name, int error_number) {
    made_ = ::renameat(parent_.get(), name.c_str(), parent_.get(), part_.c_str()) == 0;
    return fail("sync", folder_of(path_), error_number);
  }

  bool cancelled() {
    if (options_.cancel == nullptr || !*options_.cancel) return false;
    result_.status = Status::cancelled;
    return true;
  }

  bool fail(std::string_view doing, const std::string& what, int error_number) {
    result_.status = Status::failed;
    result_.error = file_error(doing, what, error_number);
    return false;
  }

  std::string called(std::string_view below = {}) const {
    std::string text = path_;
    text.append(kTreePart);
    if (!below.empty()) text.append("/").append(below);
    return text;
  }

  const std::string path_;
  const std::string part_;
  const TreeExportOptions& options_;
  Fd parent_;
  Fd top_;
  bool made_ = false;  // and has not got its name yet
  TreeExported result_;
};

}  // namespace

bool is_tree_part(std::string_view path) { return path.ends_with(kTreePart); }

TreeExported export_tree(int content, uint64_t length, PieceSize piece_size,
                         const std::string& path, const TreeExportOptions& options) {
  return TreeExport(path, options).run(content, length, piece_size);
}

}  // namespace p2p::io_linux
