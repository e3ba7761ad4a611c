#include "engine/overlay/hearsay_queue.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/overlay/network_group.h"

namespace p2p {

size_t HearsayQueue::size_of(const Address& source) const {
  const auto found = source_of_.find(source);
  return found == source_of_.end() ? 0 : sources_[found->second].list.size;
}

uint32_t HearsayQueue::oldest_of(const Address& source) const {
  return sources_[source_of_.at(source)].list.front;
}

uint32_t HearsayQueue::oldest_of_the_loudest() const {
  const Source* loudest = nullptr;
  std::pair<size_t, size_t> most;
  for (const Source& source : sources_) {
    if (source.list.size == 0) continue;
    const std::pair<size_t, size_t> said(by_network_.count(source.network), source.list.size);
    if (loudest != nullptr && said <= most) continue;
    loudest = &source;
    most = said;
  }
  P2P_CHECK(loudest != nullptr);
  return loudest->list.front;
}

void HearsayQueue::add(uint32_t position, const Address& source, const Address& network) {
  if (position >= nodes_.size()) nodes_.resize(position + 1);
  Node& node = nodes_[position];
  node.source = find_or_add_source(source, network);
  by_network_.add(sources_[node.source].network);
  append(all_, &Node::among_all, position);
  append(sources_[node.source].list, &Node::among_source, position);
}

void HearsayQueue::remove(uint32_t position) {
  const uint32_t index = nodes_[position].source;
  Source& source = sources_[index];
  unlink(all_, &Node::among_all, position);
  unlink(source.list, &Node::among_source, position);
  by_network_.remove(source.network);
  if (source.list.size > 0) return;
  source_of_.erase(source.address);
  free_sources_.push_back(index);
}

uint32_t HearsayQueue::find_or_add_source(const Address& address, const Address& network) {
  const auto found = source_of_.find(address);
  if (found != source_of_.end()) return found->second;
  if (free_sources_.empty()) {
    free_sources_.push_back(static_cast<uint32_t>(sources_.size()));
    sources_.emplace_back();
  }
  const uint32_t index = free_sources_.back();
  free_sources_.pop_back();
  sources_[index] = Source{address, tag_of(network, key_), List{}};
  source_of_.emplace(address, index);
  return index;
}

void HearsayQueue::append(List& list, Links Node::*links, uint32_t position) {
  nodes_[position].*links = Links{list.back, kNone};
  if (list.back == kNone) {
    list.front = position;
  } else {
    (nodes_[list.back].*links).after = position;
  }
  list.back = position;
  ++list.size;
}

void HearsayQueue::unlink(List& list, Links Node::*links, uint32_t position) {
  const Links gone = nodes_[position].*links;
  if (gone.before == kNone) {
    list.front = gone.after;
  } else {
    (nodes_[gone.before].*links).after = gone.after;
  }
  if (gone.after == kNone) {
    list.back = gone.before;
  } else {
    (nodes_[gone.after].*links).before = gone.before;
  }
  --list.size;
}

}  // namespace p2p
