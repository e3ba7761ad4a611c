// The codec against the least that could do its work: memcpy for payloads, a plain loop for
// records.
//
// Each benchmark times its peer in turn with itself, pass by pass, so that both meet the same
// machine. `ratio` is the peer's time divided by the codec's: 1 is as fast as the peer, less is
// slower. Rates are those of the codec.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "engine/base/random.h"
#include "engine/wire/decoder.h"
#include "engine/wire/encoder.h"

namespace p2p {
namespace {

using Bytes = std::vector<std::byte>;
using Seconds = std::chrono::duration<double>;

template <class Work>
double seconds_of(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

// Runs both in turn; the codec's time is the benchmark's.
template <class Codec, class Peer>
void compare(benchmark::State& state, Codec&& codec, Peer&& peer) {
  double codec_seconds = 0;
  double peer_seconds = 0;
  bool codec_first = true;
  for ([[maybe_unused]] auto _ : state) {
    double seconds = 0;
    if (codec_first) seconds = seconds_of(codec);
    peer_seconds += seconds_of(peer);
    if (!codec_first) seconds = seconds_of(codec);
    codec_first = !codec_first;
    codec_seconds += seconds;
    state.SetIterationTime(seconds);
  }
  state.counters["ratio"] = peer_seconds / codec_seconds;
}

Bytes random_bytes(size_t length) {
  Random random(Seed{1});
  Bytes bytes(length);
  for (std::byte& b : bytes) b = static_cast<std::byte>(random.next());
  return bytes;
}

std::vector<Endpoint> random_endpoints(size_t count) {
  const Bytes bytes = random_bytes(count * kRecordSize);
  std::vector<Endpoint> endpoints(count);
  for (size_t i = 0; i < count; ++i) {
    std::memcpy(endpoints[i].address.bytes.data(), &bytes[i * kRecordSize], 16);
    endpoints[i].port = static_cast<uint16_t>(i);
  }
  return endpoints;
}

[[noreturn]] void broken() { std::abort(); }

// --- Payloads. The "kernel" is a memcpy of at most kReadSize bytes from a buffer into the window.

constexpr size_t kReadSize = size_t{64} << 10;
constexpr size_t kPieces = 16;  // of 1 MiB: more than the caches hold

struct Pieces {
  PieceSize size;
  Bytes payload = random_bytes(size.bytes());
  std::vector<Bytes> buffers = std::vector<Bytes>(kPieces, Bytes(size.bytes()));
  Digest digest = sha256(payload);
};

void copy_in_reads(std::span<const std::byte> from, std::span<std::byte> to) {
  while (!from.empty()) {
    const size_t n = std::min(kReadSize, from.size());
    std::memcpy(to.data(), from.data(), n);
    from = from.subspan(n);
    to = to.subspan(n);
  }
}

void begin_give(FrameDecoder& decoder, std::span<const std::byte> header, Bytes& where) {
  const auto item = decoder.next(header);
  if (!item || !std::holds_alternative<PayloadBegin>(*item)) broken();
  decoder.take_payload(where);
}

void give_into_window(FrameDecoder& decoder, const Pieces& pieces, Bytes& where) {
  begin_give(decoder, encode_give_header(pieces.digest, pieces.size), where);
  std::span<const std::byte> from = pieces.payload;
  while (!from.empty()) {
    const auto window = decoder.payload_window();
    const size_t n = std::min(kReadSize, window.size());
    std::memcpy(window.data(), from.data(), n);
    from = from.subspan(n);
    if (decoder.payload_landed(n).has_value() != from.empty()) broken();
  }
}

void give_through_next(FrameDecoder& decoder, const Pieces& pieces, Bytes& where) {
  begin_give(decoder, encode_give_header(pieces.digest, pieces.size), where);
  std::span<const std::byte> from = pieces.payload;
  while (!from.empty()) {
    auto in = from.first(std::min(kReadSize, from.size()));
    from = from.subspan(in.size());
    if (decoder.next(in).has_value() != from.empty()) broken();
  }
}

template <class Give>
void decode_gives(benchmark::State& state, Give give) {
  Pieces pieces;
  FrameDecoder decoder(pieces.size);
  const auto codec = [&] {
    for (Bytes& buffer : pieces.buffers) {
      give(decoder, pieces, buffer);
      benchmark::ClobberMemory();
    }
  };
  const auto peer = [&] {
    for (Bytes& buffer : pieces.buffers) {
      copy_in_reads(pieces.payload, buffer);
      benchmark::ClobberMemory();
    }
  };
  compare(state, codec, peer);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(kPieces * pieces.size.bytes()));
}

// The same bytes copied: by the kernel's stand-in alone.
void give_into_window_vs_memcpy(benchmark::State& state) { decode_gives(state, give_into_window); }
// The same bytes copied once, by next().
void give_through_next_vs_memcpy(benchmark::State& state) {
  decode_gives(state, give_through_next);
}

// The decoder's own work for a give of 1 MiB: nobody writes the payload. No peer.
void give_into_window_work_alone(benchmark::State& state) {
  Pieces pieces;
  FrameDecoder decoder(pieces.size);
  for ([[maybe_unused]] auto _ : state) {
    begin_give(decoder, encode_give_header(pieces.digest, pieces.size), pieces.buffers[0]);
    while (!decoder.payload_landed(kReadSize)) {
    }
  }
  state.SetItemsProcessed(state.iterations());
}

// --- Records. The peer reads or writes the same records in a plain loop, without frames.

constexpr size_t kLists = 64;

void plain_read(std::span<const std::byte> bytes, std::vector<Endpoint>& out) {
  for (; bytes.size() >= kRecordSize; bytes = bytes.subspan(kRecordSize)) {
    Endpoint& endpoint = out.emplace_back();
    std::memcpy(endpoint.address.bytes.data(), bytes.data(), 16);
    endpoint.port = static_cast<uint16_t>(std::to_integer<unsigned>(bytes[16]) |
                                          std::to_integer<unsigned>(bytes[17]) << 8);
  }
}

void plain_write(const std::vector<Endpoint>& records, Bytes& out) {
  out.resize(records.size() * kRecordSize);
  std::byte* at = out.data();
  for (const Endpoint& record : records) {
    std::memcpy(at, record.address.bytes.data(), 16);
    at[16] = static_cast<std::byte>(record.port & 0xff);
    at[17] = static_cast<std::byte>(record.port >> 8);
    at += kRecordSize;
  }
}

size_t count_records(FrameDecoder& decoder, std::span<const std::byte> in) {
  size_t records = 0;
  while (const auto item = decoder.next(in)) {
    records += std::get<PeerMessage>(std::get<Message>(*item)).records.size();
  }
  return records;
}

void decode_records_vs_plain_loop(benchmark::State& state) {
  const auto per_list = static_cast<size_t>(state.range(0));
  const auto cut = static_cast<size_t>(state.range(1));
  Bytes stream;
  const PeerMessage list{random_endpoints(per_list), {}};
  for (size_t i = 0; i < kLists; ++i) append_frame(stream, list);

  FrameDecoder decoder{PieceSize()};
  const auto codec = [&] {
    size_t records = 0;
    for (size_t at = 0; at < stream.size(); at += cut) {
      records += count_records(
          decoder, std::span(stream).subspan(at).first(std::min(cut, stream.size() - at)));
    }
    if (records != kLists * per_list) broken();
  };
  const size_t frame_size = stream.size() / kLists;
  const auto peer = [&] {
    for (size_t i = 0; i < kLists; ++i) {
      std::vector<Endpoint> records;
      records.reserve(per_list);
      plain_read(std::span(stream).subspan(i * frame_size + kFrameHeaderSize,
                                           frame_size - kFrameHeaderSize),
                 records);
      benchmark::DoNotOptimize(records.data());
    }
  };
  compare(state, codec, peer);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kLists * per_list));
}

void encode_records_vs_plain_loop(benchmark::State& state) {
  const auto per_list = static_cast<size_t>(state.range(0));
  const Message list = PeerMessage{random_endpoints(per_list), {}};
  const auto& records = std::get<PeerMessage>(list).records;
  Bytes out;
  const auto codec = [&] {
    for (size_t i = 0; i < kLists; ++i) {
      out.clear();
      append_frame(out, list);
      benchmark::DoNotOptimize(out.data());
    }
  };
  Bytes plain;
  const auto peer = [&] {
    for (size_t i = 0; i < kLists; ++i) {
      plain.clear();
      plain_write(records, plain);
      benchmark::DoNotOptimize(plain.data());
    }
  };
  compare(state, codec, peer);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kLists * per_list));
}

// --- Digests. The peer copies the same bytes with one memcpy a list, into fresh memory too.

void decode_digests_vs_memcpy(benchmark::State& state) {
  const auto per_list = static_cast<size_t>(state.range(0));
  std::vector<Digest> digests(per_list);
  for (size_t i = 0; i < per_list; ++i) digests[i].bytes[0] = static_cast<std::byte>(i);
  Bytes frame;
  append_digest_list(frame, FrameType::want, digests);
  FrameDecoder decoder{PieceSize()};
  decoder.set_peer_kind(PeerKind::extended);
  const auto codec = [&] {
    for (size_t i = 0; i < kLists; ++i) {
      std::span<const std::byte> in = frame;
      const auto item = decoder.next(in);
      if (!item) broken();
      benchmark::DoNotOptimize(&*item);
    }
  };
  const auto peer = [&] {
    for (size_t i = 0; i < kLists; ++i) {
      std::vector<Digest> copy(per_list);
      std::memcpy(copy.data(), frame.data() + kFrameHeaderSize, per_list * Digest::kSize);
      benchmark::DoNotOptimize(copy.data());
    }
  };
  compare(state, codec, peer);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kLists * per_list));
}

constexpr int64_t kUncut = int64_t{1} << 30;
constexpr int64_t kSegment = 1460;  // what one TCP segment carries

BENCHMARK(give_into_window_vs_memcpy)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(give_through_next_vs_memcpy)->UseManualTime()->Unit(benchmark::kMillisecond);
BENCHMARK(give_into_window_work_alone);
BENCHMARK(decode_records_vs_plain_loop)
    ->UseManualTime()
    ->ArgNames({"records", "cut"})
    ->Args({50, kUncut})
    ->Args({1024, kUncut})
    ->Args({50, kSegment})
    ->Args({1024, kSegment});
BENCHMARK(encode_records_vs_plain_loop)->UseManualTime()->ArgNames({"records"})->Arg(50)->Arg(1024);
BENCHMARK(decode_digests_vs_memcpy)
    ->UseManualTime()
    ->ArgNames({"digests"})
    ->Arg(1)
    ->Arg(64)
    ->Arg(1024);

}  // namespace
}  // namespace p2p
