#include "tests/unit/wire/frame_stream.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/wire/encoder.h"

namespace p2p {

namespace {

std::unique_ptr<std::byte[]> exact_copy(std::span<const std::byte> bytes) {
  std::unique_ptr<std::byte[]> copy(new std::byte[bytes.size()]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return copy;
}

}  // namespace

FrameStream::FrameStream(PieceSize piece_size, Options options)
    : decoder_(piece_size), options_(options) {
  decoder_.set_peer_kind(options.from);
}

void FrameStream::through_next(std::span<const std::byte> fragment) {
  const auto copy = exact_copy(fragment);
  drain({copy.get(), fragment.size()});
}

void FrameStream::through_window(std::span<const std::byte> fragment) {
  const auto window = decoder_.payload_window();
  const size_t landed = std::min(window.size(), fragment.size());
  if (landed > 0) {
    std::copy_n(fragment.begin(), landed, window.begin());
    const bool was_last = landed == window.size();
    const auto end_of_payload = decoder_.payload_landed(landed);
    P2P_CHECK(end_of_payload.has_value() == was_last);
    if (end_of_payload) add(*end_of_payload);
  }
  through_next(fragment.subspan(landed));
}

void FrameStream::drain(std::span<const std::byte> in) {
  while (auto item = decoder_.next(in)) add(std::move(*item));
  P2P_CHECK(in.empty());
}

void FrameStream::add(DecodedItem item) {
  if (const auto* payload = std::get_if<PayloadBegin>(&item)) return begin(*payload);
  P2P_CHECK(!decoder_.mid_frame() && decoder_.heap_bytes() == 0);
  if (const auto* payload = std::get_if<PayloadEnd>(&item)) return end(*payload);
  if (const auto* message = std::get_if<Message>(&item)) {
    const auto* list = std::get_if<PeerMessage>(message);
    if (options_.extended_by_hello && list != nullptr && list->hello()) {
      decoder_.set_peer_kind(PeerKind::extended);
    }
  }
  frames_.push_back({std::move(item), {}});
}

void FrameStream::begin(const PayloadBegin& payload) {
  P2P_CHECK(!begun_ && decoder_.in_payload());
  begun_ = payload;
  if (options_.discard_payloads) return decoder_.discard_payload();
  payload_.reset(new std::byte[payload.length]);
  decoder_.take_payload({payload_.get(), payload.length});
}

void FrameStream::end(const PayloadEnd& payload) {
  P2P_CHECK(begun_ && !decoder_.in_payload() && decoder_.payload_window().empty());
  P2P_CHECK(payload.type == begun_->type && payload.digest == begun_->digest &&
            payload.length == begun_->length);
  begun_.reset();
  std::vector<std::byte> bytes;
  if (!payload.discarded) bytes.assign(payload_.get(), payload_.get() + payload.length);
  frames_.push_back({payload, std::move(bytes)});
}

std::vector<ReceivedFrame> frames_of(std::span<const std::byte> bytes, PieceSize piece_size,
                                     PeerKind from) {
  FrameStream stream(piece_size, {.from = from});
  stream.through_next(bytes);
  return stream.frames();
}

std::optional<std::vector<std::byte>> bytes_of(const ReceivedFrame& frame, PieceSize piece_size) {
  if (const auto* message = std::get_if<Message>(&frame.item)) return bytes_of(*message);
  const auto* payload = std::get_if<PayloadEnd>(&frame.item);
  if (payload == nullptr || payload->discarded) return std::nullopt;
  const auto header = payload->type == FrameType::give
                          ? encode_give_header(payload->digest, piece_size)
                          : encode_trim_header(payload->digest, payload->length, piece_size);
  std::vector<std::byte> bytes(header.begin(), header.end());
  bytes.insert(bytes.end(), frame.payload.begin(), frame.payload.end());
  return bytes;
}

std::vector<std::byte> bytes_of(const Message& message) {
  std::vector<std::byte> bytes;
  append_frame(bytes, message);
  return bytes;
}

}  // namespace p2p
