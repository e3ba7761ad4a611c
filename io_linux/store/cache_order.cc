#include "io_linux/store/cache_order.h"

#include <algorithm>
#include <tuple>

namespace p2p::io_linux {

std::vector<Digest> eviction_order(std::vector<CachedContent> contents) {
  std::sort(contents.begin(), contents.end(), [](const CachedContent& a, const CachedContent& b) {
    return std::tie(b.holders, a.used_s, a.id) < std::tie(a.holders, b.used_s, b.id);
  });
  std::vector<Digest> order;
  order.reserve(contents.size());
  for (const CachedContent& content : contents) order.push_back(content.id);
  return order;
}

}  // namespace p2p::io_linux
