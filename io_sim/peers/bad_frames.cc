// Frames that begin well and are wrong: of wrong lengths, of unknown types, of bodies that
// contradict themselves, at the wrong time. One at a time, each drawn from the table.
#include <algorithm>
#include <array>

#include "engine/base/bytes.h"
#include "engine/wire/encoder.h"
#include "io_sim/peers/behaviours.h"
#include "io_sim/peers/chance.h"
#include "io_sim/peers/speaking_peer.h"

namespace p2p::sim {

namespace {

constexpr uint8_t kUnknownType = 99;
constexpr uint32_t kDigestFrame = 1 + Digest::kSize;
// What follows a header whose length is refused: more than is kept of any control frame.
constexpr size_t kBodyMax = size_t{64} << 10;

// A frame's header as said, then as much of a random body as is worth sending.
void append_raw(std::vector<std::byte>& out, Random& random, uint8_t type, uint32_t length) {
  const size_t start = out.size();
  const size_t body = std::min<size_t>(length == 0 ? 0 : length - 1, kBodyMax);
  out.resize(start + kFrameHeaderSize + body);
  const auto frame = std::span(out).subspan(start);
  store_u32le(frame, length);
  frame[kFrameLengthSize] = std::byte{type};
  fill_randomly(random, frame.subspan(kFrameHeaderSize));
}

constexpr uint8_t number(FrameType type) { return static_cast<uint8_t>(type); }

// It says 8 holders and 8 neighbours, and carries none.
void append_empty_found(std::vector<std::byte>& out, Random& random, PieceSize) {
  append_frame(out, FoundMessage{random_digest(random), {}, {}});
  out[out.size() - 2] = std::byte{8};
  out[out.size() - 1] = std::byte{8};
}

void append_give(std::vector<std::byte>& out, Random& random, PieceSize piece_size) {
  const auto header = encode_give_header(random_digest(random), piece_size);
  out.insert(out.end(), header.begin(), header.end());
  out.resize(out.size() + piece_size.bytes());
}

void append_ask(std::vector<std::byte>& out, Random& random, PieceSize) {
  append_frame(out, AskMessage{random_digest(random)});
}

void append_want(std::vector<std::byte>& out, Random& random, PieceSize) {
  append_digest_list(out, FrameType::want, random_digests(random, 1));
}

// A header that lies, or a frame that is made.
struct BadFrame {
  uint8_t type = 0;
  uint32_t length = 0;
  bool and_a_piece = false;  // the length is so much more
  void (*append)(std::vector<std::byte>& out, Random& random, PieceSize piece_size) = nullptr;
  bool before_hello = false;
};

constexpr std::array<BadFrame, 14> kBadFrames{{
    {number(FrameType::ask), kDigestFrame + 1},
    {number(FrameType::give), kDigestFrame - 1, true},
    {number(FrameType::trim), kDigestFrame, true},
    {number(FrameType::want), kDigestFrame + 7},
    {number(FrameType::have), 1},
    {number(FrameType::peer), 1 + kRecordSize*(kPeerRecordsMax + 1)},
    {kUnknownType, kUnknownFrameLengthMax + 1},
    {kUnknownType, 1000},  // no fault: skipped, so that the protocol can grow
    {number(FrameType::give), 0xffff'ffff},
    {number(FrameType::peer), 0},
    {.append = append_empty_found},
    {.append = append_give},                       // no fault: that nobody asked for is dropped
    {.append = append_ask, .before_hello = true},  // as an original's
    {.append = append_want, .before_hello = true},
}};

void append(std::vector<std::byte>& out, const BadFrame& frame, Random& random,
            PieceSize piece_size) {
  if (frame.append != nullptr) return frame.append(out, random, piece_size);
  const uint32_t more = frame.and_a_piece ? piece_size.bytes() : 0;
  append_raw(out, random, frame.type, frame.length + more);
}

class BadFrames final : public SpeakingPeer {
 public:
  BadFrames() : SpeakingPeer(habits()) {}

 private:
  static Habits habits() {
    Habits habits;
    habits.tick = Duration::seconds(15);
    habits.pause_min = Duration::seconds(3);
    habits.pause_max = Duration::seconds(12);
    habits.learned_max = 4;
    return habits;
  }

  void opened(RawNet& net, ConnId conn) override {
    const BadFrame& frame = draw(net.random());
    if (frame.before_hello) send(net, conn, frame);
    SpeakingPeer::opened(net, conn);
    if (!frame.before_hello) send(net, conn, frame);
  }

  // Whoever has borne the first one gets another.
  void tick(RawNet& net) override {
    for (const auto& [conn, remote] : open()) {
      if (net.unsent(conn) == 0) send(net, conn, draw(net.random()));
    }
  }

  static const BadFrame& draw(Random& random) {
    return kBadFrames[static_cast<size_t>(random.below(kBadFrames.size()))];
  }

  static void send(RawNet& net, ConnId conn, const BadFrame& frame) {
    std::vector<std::byte> bytes;
    append(bytes, frame, net.random(), net.facts().piece_size);
    net.send(conn, bytes);
  }
};

}  // namespace

std::unique_ptr<RawPeer> make_bad_frames() { return std::make_unique<BadFrames>(); }

}  // namespace p2p::sim
