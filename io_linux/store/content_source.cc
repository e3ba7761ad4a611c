#include "io_linux/store/content_source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "io_linux/store/tree_source.h"
#include "io_linux/store/tree_walk.h"

namespace p2p::io_linux {

namespace {

class FileSource final : public ContentSource {
 public:
  FileSource(std::string path, Fd file, const FileVersion& version)
      : path_(std::move(path)), file_(std::move(file)), version_(version) {}

  ContentKind kind() const override { return ContentKind::file; }
  uint64_t length() const override { return version_.length; }

  std::optional<FileError> read(std::span<std::byte> out, uint64_t offset) const override {
    const auto got = pread_fully(file_.get(), out, offset);
    if (got.error_number != 0) return file_error("read", path_, got.error_number);
    if (got.bytes != out.size()) return changed();
    return std::nullopt;
  }

  std::optional<FileError> check_unchanged() const override {
    const auto now = version_of(file_.get());
    if (!now) return file_error("look at", path_, errno);
    if (*now != version_) return changed();
    return std::nullopt;
  }

 private:
  FileError changed() const { return {0, path_ + " changed while it was read"}; }

  const std::string path_;
  const Fd file_;
  const FileVersion version_;
};

OpenedSource failed(FileError error) { return {nullptr, std::move(error), false}; }

}  // namespace

std::optional<FileVersion> version_of(int fd) {
  struct stat there {};
  if (::fstat(fd, &there) != 0) return std::nullopt;
  return version_of(there);
}

OpenedSource open_source(const std::string& path, PieceSize piece_size,
                         const std::atomic<bool>* cancel) {
  // A pipe must not make open(2) wait for its other end.
  auto file = open_file(path, O_RDONLY | O_NONBLOCK);
  // A socket can't be opened at all.
  if (file.error_number == ENXIO) return failed({0, path + why_no_content(S_IFSOCK)});
  if (!file.fd) return failed(file_error("open", path, file.error_number));
  struct stat there {};
  if (::fstat(file.fd.get(), &there) != 0) return failed(file_error("look at", path, errno));
  if (S_ISDIR(there.st_mode)) return open_tree(path, std::move(file.fd), piece_size, cancel);
  if (!S_ISREG(there.st_mode)) return failed({0, path + why_no_content(there.st_mode)});
  const FileVersion version = version_of(there);
  if (version.length > kContentMax) return failed({EFBIG, path + " is too long to be shared"});
  ::posix_fadvise(file.fd.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  return {std::make_unique<FileSource>(path, std::move(file.fd), version), {}, false};
}

}  // namespace p2p::io_linux
