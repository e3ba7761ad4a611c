#include "apps/p2pnode/stream_window.h"

#include <algorithm>

#include "engine/content/tree.h"

namespace p2p::app {

StreamWindow::StreamWindow(PieceSize piece_size, FetchId first)
    : piece_(piece_size.bytes()), range_(std::max(kRange, piece_)), next_fetch_(first) {
  static_assert(kRange % (uint64_t{1} << 20) == 0 && kAhead % kRange == 0);
}

std::optional<StreamWindow::Ask> StreamWindow::next() {
  const bool more = length_ ? asked_ < *length_ : asked_ == 0;
  if (!more || open_.size() >= open_max_ || asked_ >= read_ + kAhead) return std::nullopt;
  const ByteRange range{asked_, std::min(asked_ + range_, kContentMax)};
  asked_ = range.end;
  const FetchId fetch{next_fetch_.value++};
  open_[fetch] = Open{range};
  return Ask{fetch, range};
}

std::optional<StreamWindow::Ask> StreamWindow::again(uint64_t offset) {
  for (const auto& [fetch, open] : open_) {
    if (open.range.begin <= offset && offset < open.range.end) return std::nullopt;
  }
  const uint64_t begin = offset - offset % piece_;
  const FetchId fetch{next_fetch_.value++};
  open_[fetch] = Open{{begin, begin + piece_}, 0, false};
  return Ask{fetch, open_[fetch].range};
}

void StreamWindow::on(const FetchProgress& progress) {
  const auto found = open_.find(progress.fetch);
  if (found != open_.end()) found->second.done = progress.bytes_done;
}

void StreamWindow::on(const ContentComplete& complete) {
  const auto found = open_.find(complete.fetch);
  if (found == open_.end()) return;
  const ByteRange& range = found->second.range;
  const uint64_t end = std::min(range.end, complete.length);
  if (found->second.counted) done_ += end - std::min(range.begin, end);
  open_.erase(found);
  open_max_ = std::min<size_t>(2 * open_max_, kAhead / kRange);
}

uint64_t StreamWindow::done() const {
  uint64_t bytes = done_;
  for (const auto& [fetch, open] : open_) {
    if (open.counted) bytes += open.done;
  }
  return bytes;
}

}  // namespace p2p::app
