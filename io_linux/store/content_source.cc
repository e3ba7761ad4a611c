#include "io_linux/store/content_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "io_linux/store/settled.h"
#include "io_linux/store/tree_source.h"
#include "io_linux/store/tree_walk.h"

namespace p2p::io_linux {

namespace {

// A pipe must not make open(2) wait for its other end.
constexpr int kOpenFlags = O_RDONLY | O_NONBLOCK;

// Opens the file for each read: thousands may be served at a time.
class FileSource final : public ContentSource {
 public:
  FileSource(std::string path, const FileVersion& version)
      : path_(std::move(path)), version_(version) {}

  ContentKind kind() const override { return ContentKind::file; }
  uint64_t length() const override { return version_.length; }

  SourceRead read(std::span<std::byte> out, uint64_t offset) const override {
    const auto file = open_file(path_, kOpenFlags);
    if (!file.fd) return {open_failed(file.error_number)};
    ::posix_fadvise(file.fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
    if (!settled_ && is_settled(file.fd.get(), version_, real_time_ns())) settled_ = true;
    const bool settled = settled_;
    const auto got = pread_fully(file.fd.get(), out, offset);
    const bool as_opened = version_of(file.fd.get()) == version_;
    if (!as_opened) changed_ = true;
    // Something that is no file has taken its name.
    if (got.error_number == ESPIPE || got.error_number == EISDIR) return {changed()};
    if (got.error_number != 0) return {file_error("read", path_, got.error_number)};
    if (got.bytes != out.size()) return {changed()};
    return {std::nullopt, as_opened, as_opened && settled};
  }

  std::optional<FileError> check_unchanged() const override {
    if (changed_) return changed();
    struct stat there {};
    if (::stat(path_.c_str(), &there) != 0) return file_error("look at", path_, errno);
    return version_of(there) == version_ ? std::nullopt : std::optional(changed());
  }

 private:
  FileError open_failed(int error_number) const {
    const bool gone = error_number == ENOENT || error_number == ENOTDIR || error_number == ENXIO;
    return gone ? changed() : file_error("open", path_, error_number);
  }
  FileError changed() const { return {0, path_ + " changed while it was read"}; }

  const std::string path_;
  const FileVersion version_;
  mutable std::atomic<bool> changed_{false};  // what was read was of another version
  mutable std::atomic<bool> settled_{false};  // version_ is
};

// Of a file that this process may not open by its path.
class HandedSource final : public ContentSource {
 public:
  HandedSource(std::string path, Fd file, const FileVersion& version)
      : path_(std::move(path)), file_(std::move(file)), version_(version) {}

  ContentKind kind() const override { return ContentKind::file; }
  uint64_t length() const override { return version_.length; }

  // Never settled: the kernel tells only the owner of a file who else has it open.
  SourceRead read(std::span<std::byte> out, uint64_t offset) const override {
    const auto got = pread_fully(file_.get(), out, offset);
    const bool as_opened = version_of(file_.get()) == version_;
    if (!as_opened) changed_ = true;
    if (got.error_number != 0) return {file_error("read", path_, got.error_number)};
    if (got.bytes != out.size()) return {changed()};
    return {std::nullopt, as_opened, false};
  }

  std::optional<FileError> check_unchanged() const override {
    const bool same = !changed_ && version_of(file_.get()) == version_;
    return same ? std::nullopt : std::optional(changed());
  }

 private:
  FileError changed() const { return {0, path_ + " changed while it was read"}; }

  const std::string path_;
  const Fd file_;
  const FileVersion version_;
  mutable std::atomic<bool> changed_{false};
};

Opened open_or_duplicate(const std::string& path, int descriptor) {
  if (descriptor < 0) return open_file(path, kOpenFlags);
  Fd copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  const int error_number = copy ? 0 : errno;
  return {std::move(copy), error_number};
}

OpenedSource failed(FileError error) { return {nullptr, std::move(error), false}; }

}  // namespace

std::optional<FileVersion> version_of(int fd) {
  struct stat there {};
  if (::fstat(fd, &there) != 0) return std::nullopt;
  return version_of(there);
}

OpenedSource open_source(const std::string& path, PieceSize piece_size,
                         const std::atomic<bool>* cancel, int descriptor) {
  auto file = open_or_duplicate(path, descriptor);
  // A socket can't be opened at all.
  if (file.error_number == ENXIO) return failed({0, path + why_no_content(S_IFSOCK)});
  if (!file.fd) return failed(file_error("open", path, file.error_number));
  struct stat there {};
  if (::fstat(file.fd.get(), &there) != 0) return failed(file_error("look at", path, errno));
  if (S_ISDIR(there.st_mode)) return open_tree(path, std::move(file.fd), piece_size, cancel);
  if (!S_ISREG(there.st_mode)) return failed({0, path + why_no_content(there.st_mode)});
  const FileVersion version = version_of(there);
  if (version.length > kContentMax) return failed({EFBIG, path + " is too long to be shared"});
  if (descriptor >= 0 && ::access(path.c_str(), R_OK) != 0) {
    return {std::make_unique<HandedSource>(path, std::move(file.fd), version), {}, false};
  }
  return {std::make_unique<FileSource>(path, version), {}, false};
}

}  // namespace p2p::io_linux
