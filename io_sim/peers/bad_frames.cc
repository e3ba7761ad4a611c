// Frames that begin well and are wrong: of wrong lengths, of unknown types, of bodies that
// contradict themselves, at the wrong time. One at a time, each drawn from the table.
#include <array>
#include <set>

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

uint8_t number(FrameType type) { return static_cast<uint8_t>(type); }

struct BadFrame {
  bool before_hello = false;
  void (*append)(std::vector<std::byte>& out, Random& random, PieceSize piece_size) = nullptr;
};

const std::array<BadFrame, 14> kBadFrames{{
    // An ask of one byte too many.
    {false, [](auto& out, auto& random,
               PieceSize) { append_raw(out, random, number(FrameType::ask), kDigestFrame + 1); }},
    // A give of one byte too few.
    {false,
     [](auto& out, auto& random, PieceSize piece_size) {
       append_raw(out, random, number(FrameType::give), kDigestFrame + piece_size.bytes() - 1);
     }},
    // A trim of a whole piece.
    {false,
     [](auto& out, auto& random, PieceSize piece_size) {
       append_raw(out, random, number(FrameType::trim), kDigestFrame + piece_size.bytes());
     }},
    // A list of wants that ends within a hash, and one of none.
    {false, [](auto& out, auto& random,
               PieceSize) { append_raw(out, random, number(FrameType::want), kDigestFrame + 7); }},
    {false, [](auto& out, auto& random,
               PieceSize) { append_raw(out, random, number(FrameType::have), 1); }},
    // A peer list of more than 1,024 records.
    {false,
     [](auto& out, auto& random, PieceSize) {
       append_raw(out, random, number(FrameType::peer), 1 + kRecordSize * (kPeerRecordsMax + 1));
     }},
    // A found whose counts do not fit its length: it says 8 and 8, and carries none.
    {false,
     [](auto& out, auto& random, PieceSize) {
       append_frame(out, FoundMessage{random_digest(random), {}, {}});
       out[out.size() - 2] = std::byte{8};
       out[out.size() - 1] = std::byte{8};
     }},
    // An unknown type too long to be skipped, and one that is skipped.
    {false, [](auto& out, auto& random,
               PieceSize) { append_raw(out, random, kUnknownType, kUnknownFrameLengthMax + 1); }},
    {false,
     [](auto& out, auto& random, PieceSize) { append_raw(out, random, kUnknownType, 1000); }},
    // A length of 4 GiB, and of nothing.
    {false, [](auto& out, auto& random,
               PieceSize) { append_raw(out, random, number(FrameType::give), 0xffff'ffff); }},
    {false, [](auto& out, auto& random,
               PieceSize) { append_raw(out, random, number(FrameType::peer), 0); }},
    // A give that nobody asked for. That is no fault: it is read and dropped.
    {false,
     [](auto& out, auto& random, PieceSize piece_size) {
       const auto header = encode_give_header(random_digest(random), piece_size);
       out.insert(out.end(), header.begin(), header.end());
       out.resize(out.size() + piece_size.bytes());
     }},
    // An ask before the hello, which an original may send, and a want, which nobody may.
    {true, [](auto& out, auto& random,
              PieceSize) { append_frame(out, AskMessage{random_digest(random)}); }},
    {true, [](auto& out, auto& random,
              PieceSize) { append_digest_list(out, FrameType::want, random_digests(random, 1)); }},
}};

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
    frame.append(bytes, net.random(), net.facts().piece_size);
    net.send(conn, bytes);
  }
};

}  // namespace

std::unique_ptr<RawPeer> make_bad_frames() { return std::make_unique<BadFrames>(); }

}  // namespace p2p::sim
