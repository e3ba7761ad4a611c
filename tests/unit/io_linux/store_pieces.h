// Pieces, folders and children for the tests of io_linux/store.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "io_linux/store/file_io.h"
#include "io_linux/store/store.h"
#include "io_linux/stored_file.h"

namespace p2p::io_linux::test {

inline constexpr PieceSize kKibibyte = *PieceSize::from_bytes(1024);
inline constexpr PieceSize kMebibyte = *PieceSize::from_bytes(1048576);

// A folder that is removed with all that is in it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "p2p-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct Piece {
  Digest digest;
  std::vector<std::byte> bytes;  // without trailing zeros
};

// `length` bytes that depend on the number, the last of them not zero.
inline Piece piece_of(uint64_t number, size_t length, PieceSize piece_size = kKibibyte) {
  Piece piece;
  piece.bytes.resize(length);
  for (size_t i = 0; i < length; ++i) {
    piece.bytes[i] = static_cast<std::byte>((number * 2654435761U + i * 40503U) >> 7 & 0xff);
  }
  if (length > 0) piece.bytes.back() = std::byte{1};
  piece.digest = sha256_zero_filled(piece.bytes, piece_size.bytes() - length);
  return piece;
}

inline std::vector<std::byte> read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

inline void write_all(const std::string& path, std::span<const std::byte> bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

// What a load gave, read from its file where it is one, and without trailing zeros.
inline std::vector<std::byte> bytes_of(const Loaded& loaded) {
  std::vector<std::byte> bytes;
  if (const auto* slice = std::get_if<Slice>(&loaded.bytes)) {
    bytes.assign(slice->bytes().begin(), slice->bytes().end());
  } else {
    const auto& file = std::get<FileSlice>(loaded.bytes);
    bytes.resize(file.length);
    const auto read =
        pread_fully(static_cast<const OpenFile&>(*file.file).fd(), bytes, file.offset);
    bytes.resize(read.bytes);
  }
  bytes.resize(length_without_trailing_zeros(bytes));
  return bytes;
}

inline bool serves(Store& store, const Piece& piece) {
  const auto sent = store.load(piece.digest, false);
  const auto read = store.load(piece.digest, true);
  return sent.status == StoreStatus::ok && read.status == StoreStatus::ok &&
         std::holds_alternative<Slice>(read.bytes) && bytes_of(sent) == piece.bytes &&
         bytes_of(read) == piece.bytes;
}

// Names of the regular files below a folder, relative to it.
inline std::set<std::string> files_below(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) names.insert(entry.path().lexically_relative(folder).string());
  }
  return names;
}

// The law of pieces/: whole, and of the digest that its name says. Empty if so, else the offender.
inline std::string breaks_the_law(const std::string& data_dir) {
  for (const auto& name : files_below(data_dir + "/pieces")) {
    const auto log2 = static_cast<unsigned>(std::stoul(name));
    const auto bytes = read_all(data_dir + "/pieces/" + name);
    const uint64_t piece_bytes = PieceSize::from_log2(log2)->bytes();
    const auto digest = Digest::from_hex(std::filesystem::path(name).filename().string());
    if (bytes.size() > piece_bytes || !digest ||
        sha256_zero_filled(bytes, piece_bytes - bytes.size()) != *digest) {
      return name;
    }
  }
  return {};
}

// A copy of this process that runs `body` and ends with what that returns. It must not return to
// the test.
inline pid_t start_child(const std::function<int()>& body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  return child;
}

inline int exit_status(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace p2p::io_linux::test
