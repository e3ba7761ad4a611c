// Where a benchmark of real processes keeps its files, and what it moves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace p2p::bench {

inline constexpr size_t kMiB = size_t{1} << 20;

// A new folder below another, removed with all that is in it. Throws std::runtime_error.
class Folder {
 public:
  explicit Folder(const std::string& parent);
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A file of so many MiB, no two of them alike, on the disk already: writing it out would disturb
// what is measured. Throws std::runtime_error.
void make_input(const std::string& path, size_t mib, uint64_t seed = 1);

// Whether two files have the same bytes; one that can't be read has not.
bool same_bytes(const std::string& a, const std::string& b);

}  // namespace p2p::bench
