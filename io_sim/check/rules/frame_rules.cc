// What honest nodes send: valid frames, the hello first, nothing new to the original program.
#include <array>
#include <string>

#include "engine/base/bytes.h"
#include "engine/wire/decoder.h"
#include "io_sim/check/rules/piece_key.h"
#include "io_sim/check/rules/rules.h"

namespace p2p::sim {

namespace {

// Type and length alone, which say all of most types.
bool header_is_valid(std::span<const std::byte> frame, PieceSize piece_size) {
  return judge_frame(type_of(frame), load_u32le(frame), PeerKind::extended, piece_size) ==
         FrameVerdict::known;
}

bool is_hello(std::span<const std::byte> frame) {
  if (!is_type(frame, FrameType::peer)) return false;
  const size_t trailing = (frame.size() - kFrameHeaderSize) % kRecordSize;
  return HelloTrailer::parse(frame.last(trailing)).has_value();
}

class FrameRules final : public Rule {
 public:
  using Rule::Rule;

  std::span<const Told> interests() const override {
    static constexpr std::array kAll{Told::control_sent, Told::payload_begun};
    return kAll;
  }

  void control_sent(EndId id, std::span<const std::byte> frame) override {
    const End& end = scene_.end(id);
    if (court_.judges(Invariant::frames_valid)) {
      judge_valid(end, frame);
      if (end.sent == frame.size() && !is_hello(frame)) {
        complain(Invariant::frames_valid, end, "its first frame is no hello");
      }
    }
    judge_type(end, type_of(frame));
    if (is_type(frame, FrameType::peer)) judge_records(end, frame);
  }

  void payload_begun(EndId id, std::span<const std::byte> header) override {
    const End& end = scene_.end(id);
    if (!header_is_valid(header, piece_size(end))) {
      complain(Invariant::frames_valid, end, frame_text(header) + " is not valid");
    } else if (end.sent == kGiveHeaderSize + load_u32le(header) - (1 + Digest::kSize)) {
      complain(Invariant::frames_valid, end, "its first frame is no hello");
    }
    judge_type(end, type_of(header));
  }

 private:
  PieceSize piece_size(const End& end) const {
    return scene_.view().facts(end.facts.node).config.piece_size;
  }
  static std::string frame_text(std::span<const std::byte> frame) {
    return "a frame of type " + std::to_string(type_of(frame)) + " and length " +
           std::to_string(load_u32le(frame));
  }
  void complain(Invariant invariant, const End& end, const std::string& what) {
    court_.violated(invariant, end.facts.node, "on " + scene_.with_peer(end) + " " + what);
  }

  void judge_valid(const End& end, std::span<const std::byte> frame) {
    bool valid = frame.size() == kFrameLengthSize + load_u32le(frame) &&
                 header_is_valid(frame, piece_size(end));
    if (valid && is_type(frame, FrameType::found)) {
      FrameDecoder decoder(piece_size(end));
      decoder.set_peer_kind(PeerKind::extended);
      auto in = frame;
      const auto item = decoder.next(in);
      valid = item && std::holds_alternative<Message>(*item);
    }
    if (!valid) complain(Invariant::frames_valid, end, frame_text(frame) + " is not valid");
  }

  void judge_type(const End& end, uint8_t type) {
    if (type <= kLegacyTypeMax) return;
    const std::string sent =
        "it sends type " + std::to_string(type) + " to " + scene_.name(end.facts.peer) + ", which ";
    if (scene_.view().facts(end.facts.peer).behaviour == Behaviour::legacy) {
      court_.violated(Invariant::legacy_types, end.facts.node, sent + "is an original program");
    } else if (!end.extended()) {
      court_.violated(Invariant::legacy_types, end.facts.node,
                      sent + "has not said that it speaks the extension");
    }
  }

  void judge_records(const End& end, std::span<const std::byte> frame) {
    const size_t records = (frame.size() - kFrameHeaderSize) / kRecordSize;
    const size_t most = scene_.limits(end.facts.node).pex_records_max;
    if (records <= most) return;
    complain(Invariant::bounds, end,
             "it sends a list of " + std::to_string(records) + " records, " + std::to_string(most) +
                 " at most are allowed");
  }
};

}  // namespace

std::unique_ptr<Rule> make_frame_rules(const Scene& scene, Court& court) {
  return std::make_unique<FrameRules>(scene, court);
}

}  // namespace p2p::sim
