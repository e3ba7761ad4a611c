#include "engine/content/links.h"

#include <algorithm>
#include <string>

namespace p2p {

namespace {

// What Linux follows (path_resolution(7)).
constexpr size_t kLinksOnTheWay = 40;
constexpr size_t kPartsOnTheWay = 1024;

constexpr size_t kBytesOfAStep = 64;

template <typename WithPath>
auto first_not_before(std::span<const WithPath> all, std::string_view path) {
  return std::lower_bound(
      all.begin(), all.end(), path,
      [](const WithPath& one, std::string_view wanted) { return one.path < wanted; });
}

// The links and the folders of a directory, and the steps that are left to follow all of them.
class Tree {
 public:
  Tree(std::span<const TreeLink> links, std::span<const ListingEntry> entries, size_t steps)
      : links_(links), entries_(entries), steps_left_(steps) {}

  const TreeLink* find_link(std::string_view path) const {
    const auto found = first_not_before(links_, path);
    return found != links_.end() && found->path == path ? &*found : nullptr;
  }

  // An empty one, or one that something stands in.
  bool has_folder(const std::string& path) const {
    const auto same = first_not_before(entries_, path);
    if (same != entries_.end() && same->path == path) {
      return same->kind == EntryKind::empty_directory;
    }
    const std::string inside = path + '/';
    const auto below = first_not_before(entries_, inside);
    return below != entries_.end() && below->path.starts_with(inside);
  }

  // Whether there was a step left, and one for every so many bytes.
  bool spend(size_t bytes) {
    const size_t steps = 1 + bytes / kBytesOfAStep;
    used_up_ = used_up_ || steps > steps_left_;
    if (!used_up_) steps_left_ -= steps;
    return !used_up_;
  }
  bool used_up() const { return used_up_; }

 private:
  const std::span<const TreeLink> links_;
  const std::span<const ListingEntry> entries_;
  size_t steps_left_;
  bool used_up_ = false;
};

class Walk {
 public:
  explicit Walk(Tree& tree) : tree_(tree) {}

  // Without meaning when the steps were used up.
  bool stays_inside(const TreeLink& link) {
    const size_t slash = link.path.rfind('/');
    at_ = slash == std::string_view::npos ? "" : link.path.substr(0, slash);
    return push(link.target) && follow();
  }

 private:
  // The parts of the target are what comes next.
  bool push(std::string_view target) {
    const bool absolute = target.starts_with('/');
    if (target.empty() || absolute || target.find('\0') != std::string_view::npos) return false;
    if (links_followed_++ > kLinksOnTheWay || !tree_.spend(target.size())) return false;
    const size_t first = ways_.size();
    for (size_t begin = 0; begin < target.size();) {
      const size_t end = std::min(target.find('/', begin), target.size());
      if (end > begin) ways_.push_back(target.substr(begin, end - begin));
      if (ways_.size() > kPartsOnTheWay) return false;
      begin = end + 1;
    }
    std::reverse(ways_.begin() + static_cast<ptrdiff_t>(first), ways_.end());
    return true;
  }

  bool follow() {
    while (!ways_.empty()) {
      if (parts_followed_++ > kPartsOnTheWay || !tree_.spend(at_.size())) return false;
      const std::string_view part = ways_.back();
      ways_.pop_back();
      if (part == ".") continue;
      if (!(part == ".." ? leave() : enter(part))) return false;
    }
    return true;
  }

  bool enter(std::string_view name) {
    if (!at_.empty()) at_ += '/';
    at_ += name;
    const TreeLink* link = tree_.find_link(at_);
    if (link == nullptr) return true;
    up();
    return push(link->target);
  }

  bool leave() {
    if (at_.empty() || !tree_.has_folder(at_)) return false;
    up();
    return true;
  }

  void up() {
    const size_t slash = at_.rfind('/');
    at_.resize(slash == std::string::npos ? 0 : slash);
  }

  Tree& tree_;
  std::string at_;                      // what has been reached; "": the top
  std::vector<std::string_view> ways_;  // parts to go, the next one last
  size_t links_followed_ = 0;
  size_t parts_followed_ = 0;
};

}  // namespace

LinksFollowed follow_links(std::span<const TreeLink> links, std::span<const ListingEntry> entries,
                           size_t steps_max) {
  Tree tree(links, entries, steps_max);
  LinksFollowed followed;
  for (size_t i = 0; i < links.size(); ++i) {
    const bool inside = Walk(tree).stays_inside(links[i]);
    if (tree.used_up()) {
      followed.all = false;
      break;
    }
    if (!inside) followed.out.push_back(i);
  }
  return followed;
}

}  // namespace p2p
