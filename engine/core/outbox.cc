#include "engine/core/outbox.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/wire/encoder.h"

namespace p2p {

namespace {

// Appending to a control buffer of this size starts a new one, so that sending a long one does not
// hold its memory until the end.
constexpr size_t kControlBufferMax = size_t{16} << 10;

uint64_t body_length(const StoredBytes& bytes) {
  if (const auto* slice = std::get_if<Slice>(&bytes)) return slice->size();
  return std::get<FileSlice>(bytes).length;
}

bool add_segment(GatherList& list, const Segment& segment) {
  if (list.count == kGatherMax) return false;
  list.segments[list.count++] = segment;
  return true;
}

bool add_body(GatherList& list, const StoredBytes& bytes, uint64_t skip) {
  if (const auto* slice = std::get_if<Slice>(&bytes)) {
    return add_segment(list, slice->bytes().subspan(static_cast<size_t>(skip)));
  }
  const auto& file = std::get<FileSlice>(bytes);
  return add_segment(list, FileSegment{file.file.get(), file.offset + skip, file.length - skip});
}

bool add_zeros(GatherList& list, uint64_t zeros) {
  while (zeros > 0) {
    const auto block = zero_bytes(zeros);
    if (!add_segment(list, block)) return false;
    zeros -= block.size();
  }
  return true;
}

size_t cut_segment(Segment& segment, uint64_t most) {
  if (auto* bytes = std::get_if<std::span<const std::byte>>(&segment)) {
    *bytes = bytes->first(static_cast<size_t>(std::min<uint64_t>(bytes->size(), most)));
    return bytes->size();
  }
  auto& file = std::get<FileSegment>(segment);
  file.length = std::min(file.length, most);
  return static_cast<size_t>(file.length);
}

// Leaves the first `most` bytes.
void cut(GatherList& list, uint64_t most) {
  for (size_t i = 0; i < list.count; ++i) {
    if (most == 0) list.count = i;
    if (i < list.count) most -= cut_segment(list.segments[i], most);
  }
}

}  // namespace

uint64_t Outbox::Item::length() const {
  if (const auto* control = std::get_if<Control>(&what)) return control->bytes.size();
  const auto& piece = std::get<Piece>(what);
  return piece.header.size() + piece.body_length + piece.zeros;
}

// Behind the piece that has begun, if one has, and all that was said before; ahead of other pieces.
std::vector<std::byte>& Outbox::control_tail() {
  size_t at = items_.size();
  while (at > first_ && std::holds_alternative<Piece>(items_[at - 1].what) &&
         items_[at - 1].sent == 0) {
    --at;
  }
  auto* last = at == first_ ? nullptr : std::get_if<Control>(&items_[at - 1].what);
  if (last == nullptr || last->bytes.size() > kControlBufferMax) {
    const auto place = items_.begin() + static_cast<std::ptrdiff_t>(at);
    last = std::get_if<Control>(&items_.insert(place, Item{Control{}, 0})->what);
  }
  return last->bytes;
}

void Outbox::add(const Message& message) {
  auto& buffer = control_tail();
  const size_t before = buffer.size();
  append_frame(buffer, message);
  control_pending_ += buffer.size() - before;
}

void Outbox::add_digests(FrameType type, std::span<const Digest> digests) {
  while (!digests.empty()) {
    const auto part = digests.first(std::min(digests.size(), kDigestListMax));
    auto& buffer = control_tail();
    const size_t before = buffer.size();
    append_digest_list(buffer, type, part);
    control_pending_ += buffer.size() - before;
    digests = digests.subspan(part.size());
  }
}

void Outbox::add_piece(const Digest& digest, const std::array<std::byte, kGiveHeaderSize>& header,
                       StoredBytes bytes, uint64_t zeros) {
  const uint64_t length = body_length(bytes);
  items_.push_back(Item{Piece{digest, header, std::move(bytes), length, zeros}, 0});
  payload_pending_ += static_cast<size_t>(items_.back().length());
}

bool Outbox::has_piece(const Digest& digest) const {
  return std::any_of(items_.begin() + static_cast<std::ptrdiff_t>(first_), items_.end(),
                     [&](const Item& item) {
                       const auto* piece = std::get_if<Piece>(&item.what);
                       return piece != nullptr && piece->digest == digest;
                     });
}

bool Outbox::withdraw(const Digest& digest) {
  for (size_t i = first_; i < items_.size(); ++i) {
    const auto* piece = std::get_if<Piece>(&items_[i].what);
    if (piece == nullptr || piece->digest != digest || items_[i].sent > 0) continue;
    payload_pending_ -= static_cast<size_t>(items_[i].length());
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(i));
    drop_gone();
    return true;
  }
  return false;
}

bool Outbox::piece_is_next() const {
  return first_ < items_.size() && std::holds_alternative<Piece>(items_[first_].what);
}

GatherList Outbox::window(size_t payload_max) const {
  GatherList list = all_that_fits();
  if (payload_max >= payload_pending_) return list;
  size_t ahead = 0;
  for (size_t i = first_; !std::holds_alternative<Piece>(items_[i].what); ++i) {
    ahead += static_cast<size_t>(items_[i].length() - items_[i].sent);
  }
  cut(list, ahead + payload_max);
  return list;
}

GatherList Outbox::all_that_fits() const {
  GatherList list;
  for (size_t i = first_; i < items_.size(); ++i) {
    const Item& item = items_[i];
    uint64_t skip = item.sent;
    if (const auto* control = std::get_if<Control>(&item.what)) {
      if (!add_segment(list, std::span(control->bytes).subspan(static_cast<size_t>(skip)))) break;
      continue;
    }
    const auto& piece = std::get<Piece>(item.what);
    if (skip < piece.header.size()) {
      if (!add_segment(list, std::span(piece.header).subspan(static_cast<size_t>(skip)))) break;
    }
    skip -= std::min<uint64_t>(skip, piece.header.size());
    if (skip < piece.body_length && !add_body(list, piece.bytes, skip)) break;
    skip -= std::min(skip, piece.body_length);
    if (!add_zeros(list, piece.zeros - skip)) break;
  }
  return list;
}

std::vector<Digest> Outbox::sent(size_t n) {
  P2P_CHECK(n <= pending());
  std::vector<Digest> pieces_ended;
  while (n > 0) {
    Item& item = items_[first_];
    const uint64_t length = item.length();
    const auto part = static_cast<size_t>(std::min<uint64_t>(n, length - item.sent));
    const auto* const piece = std::get_if<Piece>(&item.what);
    (piece != nullptr ? payload_pending_ : control_pending_) -= part;
    item.sent += part;
    n -= part;
    if (item.sent < length) break;
    if (piece != nullptr) pieces_ended.push_back(piece->digest);
    item = Item{Control{}, 0};  // lets go of the bytes now
    ++first_;
  }
  drop_gone();
  return pieces_ended;
}

void Outbox::drop_gone() {
  if (first_ == items_.size()) {
    items_.clear();
    items_.shrink_to_fit();  // an idle connection holds no buffer
    first_ = 0;
  } else if (first_ >= 64) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

}  // namespace p2p
