#include "io_linux/store/book_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "io_linux/error_text.h"
#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

namespace {

// Of a file that claims to be older than that it is of no interest how old it is.
constexpr int64_t kOldestSeconds = int64_t{3650} * 24 * 60 * 60;

// The clock of the machine may have been set back: then it was saved just now.
Duration age_of(const struct stat& file) {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const int64_t then = std::clamp<int64_t>(file.st_mtim.tv_sec, 0, now.tv_sec);
  return Duration::seconds(std::min<int64_t>(now.tv_sec - then, kOldestSeconds));
}

}  // namespace

BookFile::BookFile(const std::string& data_dir)
    : folder_(data_dir), path_(data_dir + "/peers.book") {}

LoadedBook BookFile::load() const {
  // Whatever stands there: a pipe would be waited for.
  const Opened file = open_file(path_, O_RDONLY | O_NONBLOCK);
  if (file.error_number == ENOENT) return {};
  if (!file.fd) return unusable("it can't be opened: " + error_text(file.error_number));
  struct stat there {};
  if (::fstat(file.fd.get(), &there) != 0) return unusable(error_text(errno));
  if (!S_ISREG(there.st_mode)) return unusable("it is no file");

  std::vector<std::byte> bytes(SavedBook::kMaxBytes + 1);
  const ReadBytes read = pread_fully(file.fd.get(), bytes, 0);
  if (read.error_number != 0) return unusable(error_text(read.error_number));
  if (read.bytes == bytes.size()) return unusable("it is longer than an address book can be");
  bytes.resize(read.bytes);
  auto decoded = decode_book(bytes);
  if (const auto* why = std::get_if<std::string>(&decoded)) return unusable(*why);
  return {std::get<SavedBook>(std::move(decoded)), age_of(there), {}};
}

LoadedBook BookFile::unusable(const std::string& why) const {
  const std::string aside = path_ + ".corrupt";
  const int error_number = rename_file(path_, aside);
  const std::string outcome =
      error_number == 0 ? "it is set aside as " + aside
                        : "it can't be set aside as " + aside + ": " + error_text(error_number);
  LoadedBook loaded;
  loaded.warning = "the address book " + path_ + " can't be used: " + why + "; " + outcome +
                   ", and the node goes on with an empty one";
  return loaded;
}

StoreStatus BookFile::save(std::span<const std::byte> bytes) const {
  const int error_number = replace(bytes);
  if (error_number == EWOULDBLOCK) return StoreStatus::ok;
  // That the folder is gone is no news about a piece.
  return error_number == ENOENT ? StoreStatus::io_error : status_of(error_number);
}

// The lock keeps two processes from writing to one file; it is let go with the descriptor.
int BookFile::replace(std::span<const std::byte> bytes) const {
  const std::string fresh = path_ + ".new";
  const Opened file = open_locked(fresh, O_WRONLY | O_CREAT, 0600);
  if (!file.fd) return file.error_number;
  if (::ftruncate(file.fd.get(), 0) != 0) return errno;
  int error_number = write_fully(file.fd.get(), bytes);
  if (error_number == 0) error_number = sync_data(file.fd.get());
  if (error_number == 0) error_number = rename_file(fresh, path_);
  if (error_number == 0) return sync_folder(folder_);
  ::unlink(fresh.c_str());
  return error_number;
}

}  // namespace p2p::io_linux
