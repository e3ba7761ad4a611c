#include "tests/support/file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace p2p::testing {
namespace {

constexpr size_t kChunkBytes = 1 << 20;

[[noreturn]] void fail(const std::string& what, const std::string& path) {
  throw std::runtime_error(what + " " + path + ": " + std::strerror(errno));
}

class Sha256 {
 public:
  Sha256() { EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr); }
  void add(const void* bytes, size_t length) { EVP_DigestUpdate(context_.get(), bytes, length); }
  std::string hex() {
    unsigned char digest[32];
    EVP_DigestFinal_ex(context_.get(), digest, nullptr);
    std::string text;
    for (unsigned char byte : digest) {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_{EVP_MD_CTX_new(),
                                                                   &EVP_MD_CTX_free};
};

// Calls `fill` with the offset of each chunk, and writes what it put there.
void write_chunks(const std::string& path, uint64_t size,
                  const std::function<void(uint64_t, std::span<uint8_t>)>& fill) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  std::vector<uint8_t> chunk(kChunkBytes);
  for (uint64_t offset = 0; offset < size; offset += kChunkBytes) {
    std::span<uint8_t> part(chunk.data(), std::min<uint64_t>(kChunkBytes, size - offset));
    fill(offset, part);
    out.write(reinterpret_cast<const char*>(part.data()),
              static_cast<std::streamsize>(part.size()));
  }
  out.close();
  if (!out) fail("cannot write", path);
}

}  // namespace

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "p2p-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) fail("cannot make", name);
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void make_file(const std::string& path, uint64_t size, uint64_t seed) {
  uint64_t state = seed;
  write_chunks(path, size, [&state](uint64_t, std::span<uint8_t> part) {
    for (size_t i = 0; i < part.size(); i += 8) {
      uint64_t z = state += 0x9e3779b97f4a7c15;  // SplitMix64
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      z ^= z >> 31;
      std::memcpy(part.data() + i, &z, std::min<size_t>(8, part.size() - i));
    }
  });
}

void make_vector_file(const std::string& path, uint64_t size) {
  write_chunks(path, size, [](uint64_t offset, std::span<uint8_t> part) {
    for (size_t i = 0; i < part.size(); ++i) part[i] = static_cast<uint8_t>((offset + i) % 251);
  });
}

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) fail("cannot write", path);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("cannot read", path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string sha256_of_file(const std::string& path, uint64_t zeros_after) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("cannot read", path);
  Sha256 sha;
  std::vector<char> chunk(kChunkBytes);
  do {
    in.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    sha.add(chunk.data(), static_cast<size_t>(in.gcount()));
  } while (in);
  if (in.bad()) fail("cannot read", path);
  std::fill(chunk.begin(), chunk.end(), '\0');
  for (uint64_t left = zeros_after; left > 0;) {
    uint64_t now = std::min<uint64_t>(left, chunk.size());
    sha.add(chunk.data(), now);
    left -= now;
  }
  return sha.hex();
}

std::string sha256_of(std::span<const uint8_t> bytes) {
  Sha256 sha;
  sha.add(bytes.data(), bytes.size());
  return sha.hex();
}

uint64_t written_bytes(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  uint64_t written = 0;
  off_t end = 0;
  for (off_t begin; (begin = lseek(fd, end, SEEK_DATA)) >= 0;) {
    end = lseek(fd, begin, SEEK_HOLE);
    if (end < 0) break;
    written += static_cast<uint64_t>(end - begin);
  }
  close(fd);
  return written;
}

}  // namespace p2p::testing
