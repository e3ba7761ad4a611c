// Files for tests: directories that vanish, contents made from a seed, digests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace p2p::testing {

// A new empty directory below the system's temporary one, removed with all that is in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// All of these throw std::runtime_error, with the path in it, when the disk says no.

// `size` bytes that differ from one piece to the next; the same for the same seed.
void make_file(const std::string& path, uint64_t size, uint64_t seed);
// Byte i is i mod 251: the contents of the vectors of docs/protocol.md.
void make_vector_file(const std::string& path, uint64_t size);
void write_file(const std::string& path, std::string_view bytes);
std::string read_file(const std::string& path);

// SHA-256 in hex, of a file's bytes followed by `zeros_after` zero bytes, or of bytes.
std::string sha256_of_file(const std::string& path, uint64_t zeros_after = 0);
std::string sha256_of(std::span<const uint8_t> bytes);

// Bytes of a file that were ever written: holes, and space that was only set aside, don't count,
// where the file system can tell. 0 if there is no such file.
uint64_t written_bytes(const std::string& path);

}  // namespace p2p::testing
