// Whole reads and writes, folders, locks, and sentences about what the disk said.
//
// Functions that return an int return 0 or the errno of what failed; none of them leaves a partial
// result unnoticed. Descriptors are closed on exec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/core/store_types.h"
#include "io_linux/fd.h"

namespace p2p::io_linux {

// Something that a file did not let us do. `text` is a sentence without capital and full stop:
// "cannot write /data/pieces: No space left on device".
struct FileError {
  int error_number = 0;  // 0: no call failed, the sentence says it all
  std::string text;
};
// "cannot DOING PATH: what errno means".
FileError file_error(std::string_view doing, const std::string& path, int error_number);
// no_space for ENOSPC and EDQUOT, not_held for ENOENT, io_error for the rest; ok for 0.
StoreStatus status_of(int error_number);

struct Opened {
  Fd fd;
  int error_number = 0;  // when there is no fd
};
// open(2) with O_CLOEXEC, again when a signal interrupts it.
Opened open_file(const std::string& path, int flags, unsigned mode = 0);

int write_fully(int fd, std::span<const std::byte> bytes);
// Writes `bytes` and then zeros up to `length` bytes; requires bytes.size() <= length.
int pwrite_fully(int fd, std::span<const std::byte> bytes, uint64_t length, uint64_t offset);

struct ReadBytes {
  size_t bytes = 0;      // fewer than asked for: the file ends there
  int error_number = 0;  // or EIO and the like
};
ReadBytes pread_fully(int fd, std::span<std::byte> out, uint64_t offset);

int sync_data(int fd);  // fdatasync
// Closes and says what closing had to say: a quota, or a server far away.
int close_file(Fd fd);
int sync_folder(const std::string& path);
// Makes the folder and those above it that are missing, mode 0700, and syncs the folder that each
// new one stands in.
int make_folders(const std::string& path);
// The folder that `path` stands in: "." for a bare name.
std::string folder_of(const std::string& path);
int rename_file(const std::string& from, const std::string& to);

// Opens the file (flags as of open(2); symbolic links are not followed) and takes its exclusive
// flock without waiting. The lock is held, on the very file that `path` names, as long as the
// descriptor is open. EWOULDBLOCK: another has it.
Opened open_locked(const std::string& path, int flags, unsigned mode);

}  // namespace p2p::io_linux
