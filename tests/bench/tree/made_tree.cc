#include "tests/bench/tree/made_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace p2p::bench {

namespace {

namespace fs = std::filesystem;

constexpr size_t kBlockBytes = size_t{1} << 20;

class TreeMaker {
 public:
  TreeMaker(fs::path top, uint64_t seed) : top_(std::move(top)), random_(seed) {
    block_.resize(kBlockBytes);
    for (char& byte : block_) byte = static_cast<char>(random_());
  }

  MadeTree make(size_t files) {
    fs::create_directories(top_);
    folders_.push_back(top_);
    while (made_.files < files) fill_folder(std::min(files - made_.files, 25 + below(26)));
    return made_;
  }

 private:
  size_t below(size_t end) { return random_() % end; }

  // Below a folder that there is: the tree grows deep and wide.
  void fill_folder(size_t files) {
    const fs::path parent = folders_[below(folders_.size())];
    const fs::path folder = parent / ("folder-" + std::to_string(folders_.size()));
    fs::create_directory(folder);
    folders_.push_back(folder);
    for (size_t i = 0; i < files; ++i) {
      const std::string name = "file-" + std::to_string(made_.files);
      write(folder / name);
      if (below(50) == 0) link(folder / (name + ".link"), name);
    }
  }

  void write(const fs::path& path) {
    const size_t bytes = some_size();
    std::ofstream file(path, std::ios::binary);
    const std::string own = path.string();
    file << own.substr(0, bytes);
    const size_t left = bytes - std::min(bytes, own.size());
    for (size_t written = 0; written < left; written += kBlockBytes) {
      file.write(block_.data(),
                 static_cast<std::streamsize>(std::min(kBlockBytes, left - written)));
    }
    if (!file.flush()) throw std::runtime_error("cannot write " + own);
    if (below(20) == 0) fs::permissions(path, fs::perms::owner_exec, fs::perm_options::add);
    ++made_.files;
    made_.bytes += bytes;
  }

  // To the file beside it, or to a folder that there is.
  void link(const fs::path& path, const std::string& beside) {
    const bool to_folder = below(4) == 0;
    const fs::path to = folders_[below(folders_.size())].lexically_relative(path.parent_path());
    fs::create_symlink(to_folder ? to : fs::path(beside), path);
    ++made_.links;
  }

  // Most files have a few hundred bytes to a few KiB; one in a thousand some MiB.
  size_t some_size() {
    const size_t draw = below(1000);
    if (draw < 20) return 0;
    if (draw < 700) return below(2 << 10);
    if (draw < 980) return below(16 << 10);
    if (draw < 999) return below(256 << 10);
    return below(4 << 20);
  }

  const fs::path top_;
  std::mt19937_64 random_;
  std::vector<char> block_;
  std::vector<fs::path> folders_;
  MadeTree made_;
};

}  // namespace

MadeTree make_tree(const std::string& top, size_t files, uint64_t seed) {
  return TreeMaker(top, seed).make(files);
}

}  // namespace p2p::bench
