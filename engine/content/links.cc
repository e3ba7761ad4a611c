#include "engine/content/links.h"

#include <algorithm>
#include <string>

namespace p2p {

namespace {

// What Linux follows (path_resolution(7)).
constexpr size_t kLinksOnTheWay = 40;
constexpr size_t kPartsOnTheWay = 1024;

class Walk {
 public:
  explicit Walk(std::span<const TreeLink> links) : links_(links) {}

  bool stays_inside(const TreeLink& link) {
    const size_t slash = link.path.rfind('/');
    at_ = slash == std::string_view::npos ? "" : link.path.substr(0, slash);
    return (push(link.target) && follow()) || endless_;
  }

 private:
  // The parts of the target are what comes next.
  bool push(std::string_view target) {
    const bool absolute = target.starts_with('/');
    if (target.empty() || absolute || target.find('\0') != std::string_view::npos) return false;
    if (links_followed_++ > kLinksOnTheWay) {
      endless_ = true;
      return false;
    }
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
      if (parts_followed_++ > kPartsOnTheWay) return false;
      const std::string_view part = ways_.back();
      ways_.pop_back();
      if (part == ".") continue;
      if (part == "..") {
        if (at_.empty()) return false;
        up();
        continue;
      }
      if (!at_.empty()) at_ += '/';
      at_ += part;
      if (const TreeLink* link = find(at_)) {
        up();
        if (!push(link->target)) return false;
      }
    }
    return true;
  }

  void up() {
    const size_t slash = at_.rfind('/');
    at_.resize(slash == std::string::npos ? 0 : slash);
  }

  const TreeLink* find(std::string_view path) const {
    const auto found = std::lower_bound(
        links_.begin(), links_.end(), path,
        [](const TreeLink& link, std::string_view wanted) { return link.path < wanted; });
    return found != links_.end() && found->path == path ? &*found : nullptr;
  }

  const std::span<const TreeLink> links_;
  std::string at_;                      // the folder that has been reached; "": the top
  std::vector<std::string_view> ways_;  // parts to go, the next one last
  size_t links_followed_ = 0;
  size_t parts_followed_ = 0;
  bool endless_ = false;  // such a link leads nowhere
};

}  // namespace

std::vector<size_t> links_that_lead_out(std::span<const TreeLink> links) {
  std::vector<size_t> out;
  for (size_t i = 0; i < links.size(); ++i) {
    if (!Walk(links).stays_inside(links[i])) out.push_back(i);
  }
  return out;
}

}  // namespace p2p
