#include "io_linux/store/piece_layout.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>

#include "io_linux/store/file_io.h"

namespace p2p::io_linux {

namespace {

namespace fs = std::filesystem;

// Beyond this many folders, syncing the whole filesystem once is faster than each by itself.
constexpr size_t kSyncEachMax = 32;

bool is_shelf_name(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  return name.size() == 2 && name.find_first_not_of(kDigits) == std::string_view::npos;
}

void scan_shelf(const fs::path& shelf, uint64_t piece_bytes, PieceLayout::Scan& scan) {
  std::error_code error;
  fs::directory_iterator entry(shelf, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    const auto digest = digest_of_name(name);
    std::error_code not_a_file;
    if (digest && name.compare(0, 2, shelf.filename().string()) == 0 &&
        !entry->is_symlink(not_a_file) && entry->is_regular_file(not_a_file) &&
        entry->file_size(not_a_file) <= piece_bytes) {
      scan.pieces.push_back(*digest);
    } else {
      ++scan.ignored;
    }
  }
  if (error) scan.error_number = error.value();
}

}  // namespace

std::optional<Digest> digest_of_name(std::string_view name) {
  const auto digest = Digest::from_hex(name);
  if (!digest || digest->hex() != name) return std::nullopt;
  return digest;
}

PieceLayout::PieceLayout(const std::string& data_dir, PieceSize piece_size)
    : folder_(data_dir + "/pieces/" + std::to_string(piece_size.log2())), piece_size_(piece_size) {}

std::string PieceLayout::shelf(const Digest& digest) const {
  return folder_ + "/" + digest.hex().substr(0, 2);
}

std::string PieceLayout::piece_path(const Digest& digest) const {
  return shelf(digest) + "/" + digest.hex();
}

int PieceLayout::make() const { return make_folders(folder_); }

int PieceLayout::move_in(const std::string& from, const Digest& digest) const {
  const std::string to = piece_path(digest);
  const int error_number = rename_file(from, to);
  if (error_number != ENOENT) return error_number;
  if (::mkdir(shelf(digest).c_str(), 0700) != 0 && errno != EEXIST) return errno;
  return rename_file(from, to);
}

int PieceLayout::sync_names(const std::vector<Digest>& moved, int any_fd) const {
  std::array<bool, 256> touched{};
  for (const auto& digest : moved) touched[std::to_integer<size_t>(digest.bytes[0])] = true;
  const auto folders = static_cast<size_t>(std::count(touched.begin(), touched.end(), true));
  if (folders > kSyncEachMax) return ::syncfs(any_fd) == 0 ? 0 : errno;
  for (size_t first = 0; first < touched.size(); ++first) {
    if (!touched[first]) continue;
    Digest digest;
    digest.bytes[0] = static_cast<std::byte>(first);
    const int error_number = sync_folder(shelf(digest));
    if (error_number != 0) return error_number;
  }
  return sync_folder(folder_);  // some of the shelves may be new
}

PieceLayout::Scan PieceLayout::scan() const {
  Scan scan;
  std::error_code error;
  fs::directory_iterator entry(folder_, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code not_a_folder;
    if (is_shelf_name(entry->path().filename().string()) && entry->is_directory(not_a_folder)) {
      scan_shelf(entry->path(), piece_size_.bytes(), scan);
    } else {
      ++scan.ignored;
    }
  }
  if (error) scan.error_number = error.value();
  std::sort(scan.pieces.begin(), scan.pieces.end());
  return scan;
}

}  // namespace p2p::io_linux
