#include "engine/wire/decoder.h"

#include <algorithm>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/base/check.h"

namespace p2p {

namespace {

// Takes up to `wanted` bytes from the front of `in`.
std::span<const std::byte> take(std::span<const std::byte>& in, size_t wanted) {
  const auto taken = in.first(std::min(wanted, in.size()));
  in = in.subspan(taken.size());
  return taken;
}

Digest to_digest(std::span<const std::byte> bytes) {
  P2P_CHECK(bytes.size() >= Digest::kSize);
  Digest digest;
  std::copy_n(bytes.begin(), Digest::kSize, digest.bytes.begin());
  return digest;
}

// All whole records of `bytes`; fewer than kRecordSize bytes are left behind them.
std::vector<Endpoint> to_records(std::span<const std::byte> bytes) {
  std::vector<Endpoint> records(bytes.size() / kRecordSize);
  for (Endpoint& record : records) {
    const auto raw = take(bytes, kRecordSize);
    const size_t address_size = record.address.bytes.size();
    std::copy_n(raw.begin(), address_size, record.address.bytes.begin());
    record.port = load_u16le(raw.subspan(address_size));
  }
  return records;
}

PeerMessage to_peer_list(std::span<const std::byte> body) {
  const auto trailing = body.last(body.size() % kRecordSize);
  return {to_records(body), {trailing.begin(), trailing.end()}};
}

DigestListMessage to_digest_list(FrameType type, std::span<const std::byte> body) {
  DigestListMessage message{type, std::vector<Digest>(body.size() / Digest::kSize)};
  static_assert(sizeof(Digest) == Digest::kSize);  // so that the body is a row of them
  std::copy(body.begin(), body.end(), std::as_writable_bytes(std::span(message.digests)).begin());
  return message;
}

SeekMessage to_seek(std::span<const std::byte> body) {
  return {to_digest(body), std::to_integer<uint8_t>(body[Digest::kSize])};
}

std::optional<FoundMessage> to_found(std::span<const std::byte> body) {
  const auto id = to_digest(take(body, Digest::kSize));
  const auto counts = take(body, 2);
  const auto holders = std::to_integer<size_t>(counts[0]);
  const auto nearest = std::to_integer<size_t>(counts[1]);
  if (holders > kFoundHoldersMax || nearest > kFoundNearestMax ||
      body.size() != (holders + nearest) * kRecordSize) {
    return std::nullopt;
  }
  return FoundMessage{id, to_records(body.first(holders * kRecordSize)),
                      to_records(body.subspan(holders * kRecordSize))};
}

// Requires a length that judge_frame has found right for the type. nullopt: the body contradicts
// itself.
std::optional<Message> to_message(FrameType type, std::span<const std::byte> body) {
  switch (type) {
    case FrameType::ask:
      return AskMessage{to_digest(body)};
    case FrameType::peer:
      return to_peer_list(body);
    case FrameType::want:
    case FrameType::have:
    case FrameType::lack:
    case FrameType::cancel:
      return to_digest_list(type, body);
    case FrameType::seek:
      return to_seek(body);
    case FrameType::found:
      return to_found(body);
    case FrameType::give:
    case FrameType::trim:
      break;
  }
  check_failed("a frame with a payload, or of no known type, taken for a message");
}

bool has_payload(uint8_t type) {
  return type == static_cast<uint8_t>(FrameType::give) ||
         type == static_cast<uint8_t>(FrameType::trim);
}

}  // namespace

FrameDecoder::FrameDecoder(PieceSize piece_size) : piece_size_(piece_size) {}

void FrameDecoder::set_peer_kind(PeerKind kind) { peer_kind_ = kind; }

std::optional<DecodedItem> FrameDecoder::next(std::span<const std::byte>& in) {
  P2P_CHECK(state_ != State::undecided);
  if (state_ == State::head) {
    if (!fill_head(in, kFrameLengthSize)) return std::nullopt;
    if (frame_length() == 0) return fail(FrameFaultKind::bad_length);
    if (!fill_head(in, kFrameHeaderSize)) return std::nullopt;
    if (auto fault = begin_body()) return *fault;
  }
  switch (state_) {
    case State::digest:
      if (!fill_head(in, kGiveHeaderSize)) return std::nullopt;
      state_ = State::undecided;
      return PayloadBegin{static_cast<FrameType>(frame_type()), payload_digest(), payload_length()};
    case State::storing:
      return store_payload(in);
    case State::dropping:
      if (!drop(in)) return std::nullopt;
      return end_payload();
    case State::control:
      return read_control(in);
    case State::skipping: {
      if (!drop(in)) return std::nullopt;
      const SkippedFrame skipped{frame_type(), frame_length()};
      end_frame();
      return skipped;
    }
    case State::head:
    case State::undecided:
    case State::dead:
      break;
  }
  in = {};
  return std::nullopt;
}

void FrameDecoder::take_payload(std::span<std::byte> where) {
  P2P_CHECK(state_ == State::undecided);
  P2P_CHECK(where.size() == payload_length());
  window_ = where;
  state_ = State::storing;
}

void FrameDecoder::discard_payload() {
  P2P_CHECK(state_ == State::undecided);
  remaining_ = payload_length();
  state_ = State::dropping;
}

void FrameDecoder::abandon_payload() {
  P2P_CHECK(in_payload());
  if (state_ == State::undecided) return discard_payload();
  if (state_ == State::dropping) return;
  remaining_ = static_cast<uint32_t>(window_.size());
  window_ = {};
  state_ = State::dropping;
}

std::span<std::byte> FrameDecoder::payload_window() const { return window_; }

std::optional<PayloadEnd> FrameDecoder::payload_landed(size_t n) {
  P2P_CHECK(n > 0 && n <= window_.size());
  window_ = window_.subspan(n);
  if (!window_.empty()) return std::nullopt;
  return end_payload();
}

bool FrameDecoder::mid_frame() const { return state_ != State::dead && head_size_ > 0; }

bool FrameDecoder::in_payload() const {
  return state_ == State::undecided || state_ == State::storing || state_ == State::dropping;
}

bool FrameDecoder::fill_head(std::span<const std::byte>& in, size_t wanted) {
  if (head_size_ < wanted) {
    const auto part = take(in, wanted - head_size_);
    std::copy(part.begin(), part.end(), head_.begin() + head_size_);
    head_size_ = static_cast<uint8_t>(head_size_ + part.size());
  }
  return head_size_ >= wanted;
}

uint32_t FrameDecoder::frame_length() const { return load_u32le(head_); }

uint8_t FrameDecoder::frame_type() const {
  return std::to_integer<uint8_t>(head_[kFrameLengthSize]);
}

uint32_t FrameDecoder::payload_length() const {
  return frame_length() - static_cast<uint32_t>(kGiveHeaderSize - kFrameLengthSize);
}

Digest FrameDecoder::payload_digest() const {
  return to_digest(std::span(head_).subspan(kFrameHeaderSize));
}

std::optional<FrameFault> FrameDecoder::begin_body() {
  switch (judge_frame(frame_type(), frame_length(), peer_kind_, piece_size_)) {
    case FrameVerdict::known:
      state_ = has_payload(frame_type()) ? State::digest : State::control;
      break;
    case FrameVerdict::skip:
      state_ = State::skipping;
      break;
    case FrameVerdict::unknown_type:
      return fail(FrameFaultKind::unknown_type);
    case FrameVerdict::bad_length:
      return fail(FrameFaultKind::bad_length);
  }
  remaining_ = frame_length() - 1;
  return std::nullopt;
}

FrameFault FrameDecoder::fail(FrameFaultKind kind) {
  const bool type_known = head_size_ > kFrameLengthSize;
  const FrameFault fault{kind, type_known ? frame_type() : uint8_t{0}, frame_length()};
  end_frame();
  state_ = State::dead;
  return fault;
}

void FrameDecoder::end_frame() {
  body_ = std::vector<std::byte>();
  window_ = {};
  remaining_ = 0;
  head_size_ = 0;
  state_ = State::head;
}

std::optional<DecodedItem> FrameDecoder::read_control(std::span<const std::byte>& in) {
  const auto part = take(in, remaining_);
  remaining_ -= static_cast<uint32_t>(part.size());
  // A frame that is here whole is read where it lies.
  if (remaining_ == 0 && body_.empty()) return end_control(part);
  body_.insert(body_.end(), part.begin(), part.end());
  if (remaining_ > 0) return std::nullopt;
  return end_control(body_);
}

DecodedItem FrameDecoder::end_control(std::span<const std::byte> body) {
  auto message = to_message(static_cast<FrameType>(frame_type()), body);
  if (!message) return fail(FrameFaultKind::bad_body);
  end_frame();
  return std::move(*message);
}

std::optional<DecodedItem> FrameDecoder::store_payload(std::span<const std::byte>& in) {
  const auto part = take(in, window_.size());
  std::copy(part.begin(), part.end(), window_.begin());
  window_ = window_.subspan(part.size());
  if (!window_.empty()) return std::nullopt;
  return end_payload();
}

bool FrameDecoder::drop(std::span<const std::byte>& in) {
  remaining_ -= static_cast<uint32_t>(take(in, remaining_).size());
  return remaining_ == 0;
}

PayloadEnd FrameDecoder::end_payload() {
  const PayloadEnd end{static_cast<FrameType>(frame_type()), payload_digest(), payload_length(),
                       state_ == State::dropping};
  end_frame();
  return end;
}

}  // namespace p2p
