#include "io_linux/store/incoming.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>

#include "engine/base/bytes.h"
#include "engine/base/hex.h"
#include "io_linux/entropy.h"
#include "io_linux/store/piece_layout.h"

namespace p2p::io_linux {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLockName = "lock";
constexpr std::string_view kTemporary = ".part";

std::string incoming_path(const std::string& data_dir) { return data_dir + "/incoming"; }
std::string lock_path(const std::string& folder) { return folder + "/" + std::string(kLockName); }

std::string random_name(PieceSize piece_size) {
  std::array<std::byte, 8> random{};
  fill_random(random);
  return std::to_string(piece_size.log2()) + "-" + std::to_string(::getpid()) + "-" +
         to_hex(random);
}

// The piece size of the run that a folder belongs to.
std::optional<PieceSize> piece_size_of_name(std::string_view name) {
  unsigned log2 = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), log2);
  if (error != std::errc() || end == name.data() + name.size() || *end != '-') return std::nullopt;
  return PieceSize::from_log2(log2);
}

enum class Verdict { good, bad, unreadable };

Verdict check_file(const std::string& path, const Digest& digest, PieceSize piece_size) {
  const auto file = open_file(path, O_RDONLY | O_NOFOLLOW);
  struct stat there {};
  if (!file.fd || ::fstat(file.fd.get(), &there) != 0) return Verdict::unreadable;
  if (!S_ISREG(there.st_mode) || there.st_size > int64_t{piece_size.bytes()}) return Verdict::bad;
  // What counts is what the disk holds, not what memory remembers of a write that failed.
  ::posix_fadvise(file.fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  Block block(static_cast<size_t>(there.st_size));
  const auto read = pread_fully(file.fd.get(), block.writable(), 0);
  if (read.error_number != 0) return Verdict::unreadable;
  const auto bytes = block.bytes().first(read.bytes);
  const bool good = sha256_zero_filled(bytes, piece_size.bytes() - bytes.size()) == digest;
  return good ? Verdict::good : Verdict::bad;
}

// One folder of a run that has ended, its lock in our hands.
class FolderRecovery {
 public:
  FolderRecovery(const std::string& data_dir, std::string path, PieceSize piece_size, Fd lock,
                 IncomingRecovery& outcome)
      : layout_(data_dir, piece_size),
        path_(std::move(path)),
        lock_(std::move(lock)),
        outcome_(outcome) {}

  void run() {
    if (::syncfs(lock_.get()) != 0) return fail("sync", path_, errno);
    const int error_number = layout_.make();
    if (error_number != 0) return fail("create", layout_.folder(), error_number);
    for (const auto& name : file_names()) recover_file(name);
    const int unsynced = layout_.sync_names(moved_, lock_.get());
    if (unsynced != 0) return fail("sync", layout_.folder(), unsynced);
    outcome_.kept += moved_.size();
    if (left_ > 0) return;
    // The lock is the last to go: until then nobody else looks in here.
    ::unlink(lock_path(path_).c_str());
    if (::rmdir(path_.c_str()) != 0) fail("remove", path_, errno);
  }

 private:
  std::vector<std::string> file_names() {
    std::vector<std::string> names;
    std::error_code error;
    fs::directory_iterator entry(path_, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) {
      ++left_;
      fail("list", path_, error.value());
    }
    return names;
  }

  void recover_file(const std::string& name) {
    if (name == kLockName) return;
    const std::string path = path_ + "/" + name;
    const auto digest = digest_of_name(name);
    const auto verdict = digest ? check_file(path, *digest, layout_.piece_size()) : Verdict::bad;
    int error_number = 0;
    switch (verdict) {
      case Verdict::good:
        error_number = layout_.move_in(path, *digest);
        if (error_number == 0) moved_.push_back(*digest);
        break;
      case Verdict::bad:
        error_number = ::unlink(path.c_str()) == 0 ? 0 : errno;
        if (error_number == 0) ++outcome_.removed;
        break;
      case Verdict::unreadable:
        error_number = EIO;
        break;
    }
    if (error_number == 0) return;
    ++left_;
    fail("recover", path, error_number);
  }

  void fail(std::string_view doing, const std::string& path, int error_number) {
    outcome_.errors.push_back(file_error(doing, path, error_number));
  }

  PieceLayout layout_;
  std::string path_;
  Fd lock_;
  IncomingRecovery& outcome_;
  std::vector<Digest> moved_;
  uint64_t left_ = 0;
};

}  // namespace

IncomingFolder::Created IncomingFolder::create(const std::string& data_dir, PieceSize piece_size) {
  const std::string parent = incoming_path(data_dir);
  const int error_number = make_folders(parent);
  if (error_number != 0) return {nullptr, file_error("create", parent, error_number)};
  // A folder that has no lock yet looks like one of a dead run. If another process gets in between,
  // the folder is its to remove, and we take another.
  constexpr int kAttempts = 16;
  FileError error;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string path = parent + "/" + random_name(piece_size);
    if (::mkdir(path.c_str(), 0700) != 0) return {nullptr, file_error("create", path, errno)};
    auto lock = open_locked(lock_path(path), O_RDWR | O_CREAT, 0600);
    if (lock.fd) {
      return {
          std::unique_ptr<IncomingFolder>(new IncomingFolder(std::move(path), std::move(lock.fd))),
          {}};
    }
    error = file_error("lock", lock_path(path), lock.error_number);
    if (lock.error_number != EWOULDBLOCK && lock.error_number != ENOENT) break;
  }
  return {nullptr, std::move(error)};
}

IncomingFolder::~IncomingFolder() {
  std::error_code error;
  fs::directory_iterator entry(path_, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().filename() != kLockName) return;
  }
  if (error) return;
  ::unlink(lock_path(path_).c_str());
  ::rmdir(path_.c_str());
}

std::string IncomingFolder::piece_path(const Digest& digest) const {
  return path_ + "/" + digest.hex();
}

int IncomingFolder::write(const Digest& digest, std::span<const std::byte> bytes) const {
  const std::string path = piece_path(digest);
  const std::string temporary = path + std::string(kTemporary);
  auto file = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
  if (!file.fd) return file.error_number;
  int error_number = write_fully(file.fd.get(), bytes);
  const int close_error = close_file(std::move(file.fd));
  if (error_number == 0) error_number = close_error;
  if (error_number == 0) error_number = rename_file(temporary, path);
  if (error_number != 0) ::unlink(temporary.c_str());
  return error_number;
}

IncomingRecovery recover_incoming(const std::string& data_dir) {
  IncomingRecovery outcome;
  std::error_code error;
  fs::directory_iterator entry(incoming_path(data_dir), error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const auto piece_size = piece_size_of_name(entry->path().filename().string());
    std::error_code not_a_folder;
    if (!piece_size || !entry->is_directory(not_a_folder)) continue;
    const std::string path = entry->path().string();
    auto lock = open_locked(lock_path(path), O_RDWR | O_CREAT, 0600);
    // Held by a run that lives, or just removed by another that recovers.
    if (!lock.fd && (lock.error_number == EWOULDBLOCK || lock.error_number == ENOENT)) continue;
    if (!lock.fd) {
      outcome.errors.push_back(file_error("lock", lock_path(path), lock.error_number));
      continue;
    }
    FolderRecovery(data_dir, path, *piece_size, std::move(lock.fd), outcome).run();
  }
  if (error && error.value() != ENOENT) {
    outcome.errors.push_back(file_error("list", incoming_path(data_dir), error.value()));
  }
  return outcome;
}

}  // namespace p2p::io_linux
