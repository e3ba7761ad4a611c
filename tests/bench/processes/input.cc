#include "tests/bench/processes/input.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace p2p::bench {

Folder::Folder(const std::string& parent) : path_(parent + "/p2pnode-bench-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) {
    throw std::runtime_error("cannot make a directory in " + parent);
  }
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void make_input(const std::string& path, size_t mib, uint64_t seed) {
  std::ofstream file(path, std::ios::binary);
  std::mt19937_64 random(seed);
  std::vector<uint64_t> piece(kMiB / sizeof(uint64_t));
  for (uint64_t& word : piece) word = random();
  for (size_t i = 0; i < mib; ++i) {
    piece[0] = i;
    file.write(reinterpret_cast<const char*>(piece.data()), kMiB);
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + path);
  file.close();
  const int written = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool kept = written >= 0 && ::fsync(written) == 0;
  ::close(written);
  if (!kept) throw std::runtime_error("cannot write " + path);
}

bool same_bytes(const std::string& a, const std::string& b) {
  std::ifstream left(a, std::ios::binary);
  std::ifstream right(b, std::ios::binary);
  if (!left || !right) return false;
  std::vector<char> of_left(kMiB);
  std::vector<char> of_right(kMiB);
  while (true) {
    left.read(of_left.data(), static_cast<std::streamsize>(kMiB));
    right.read(of_right.data(), static_cast<std::streamsize>(kMiB));
    if (left.gcount() != right.gcount()) return false;
    if (left.gcount() == 0) return left.eof() && right.eof();
    if (!std::equal(of_left.begin(), of_left.begin() + left.gcount(), of_right.begin())) {
      return false;
    }
  }
}

}  // namespace p2p::bench
