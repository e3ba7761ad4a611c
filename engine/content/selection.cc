#include "engine/content/selection.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace p2p {

namespace {

// Names are compared as far as this; longer ones that differ behind it are alike.
constexpr size_t kNameComparedMax = 64;

bool is_below(std::string_view path, std::string_view folder) {
  if (folder.empty()) return true;
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

// How many letters are to be changed, added or left out (Levenshtein).
size_t unlikeness(std::string_view a, std::string_view b) {
  a = a.substr(0, kNameComparedMax);
  b = b.substr(0, kNameComparedMax);
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// The first part of `path` below the folder, with the folder: a path that is there.
std::string_view child_of(std::string_view folder, std::string_view path) {
  const size_t begin = folder.empty() ? 0 : folder.size() + 1;
  return path.substr(0, path.find('/', begin));
}

std::set<std::string_view> children_of(std::span<const ListingEntry> entries,
                                       std::string_view folder) {
  std::set<std::string_view> children;
  for (const ListingEntry& entry : entries) {
    if (is_below(entry.path, folder)) children.insert(child_of(folder, entry.path));
  }
  return children;
}

}  // namespace

std::optional<std::string> listing_path(std::string_view text) {
  if (text.starts_with('/')) return std::nullopt;
  std::string path;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('/'));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (part.empty() || part == ".") continue;
    if (!path.empty()) path += '/';
    path += part;
  }
  if (fault_of_path(path)) return std::nullopt;
  return path;
}

bool is_chosen(std::string_view path, std::span<const std::string> chosen) {
  return chosen.empty() || std::any_of(chosen.begin(), chosen.end(), [&](const std::string& each) {
           return path == each || is_below(path, each);
         });
}

std::vector<std::string> paths_near(std::span<const ListingEntry> entries, std::string_view missing,
                                    size_t count) {
  std::string_view folder = missing;
  std::set<std::string_view> children;
  while (children.empty() && !folder.empty()) {
    const size_t slash = folder.rfind('/');
    folder = slash == std::string_view::npos ? std::string_view() : folder.substr(0, slash);
    children = children_of(entries, folder);
  }
  const std::string_view wanted = child_of(folder, missing);
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string_view child : children) {
    near.emplace_back(unlikeness(wanted, child), std::string(child));
  }
  std::sort(near.begin(), near.end());
  if (near.size() > count) near.resize(count);
  std::vector<std::string> paths;
  for (auto& [likeness, path] : near) paths.push_back(std::move(path));
  return paths;
}

}  // namespace p2p
