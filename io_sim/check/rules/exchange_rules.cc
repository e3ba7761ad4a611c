// What two honest nodes say of pieces to each other (docs/protocol.md, Pieces).
//
// Both ends of a connection are seen at once. A want or an ask begins when the asker's last byte of
// it was taken from its engine, and is answered when that is so of the answerer's first byte; so
// what either of them believes at that moment lies between, and a rule that is broken here is
// broken for both.
#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "io_sim/check/rules/piece_key.h"
#include "io_sim/check/rules/rules.h"
#include "io_sim/check/slack.h"

namespace p2p::sim {

namespace {

struct OpenAsk {
  PieceKey piece = 0;
  uint64_t ends_at = 0;    // in the asker's stream of bytes
  bool forgotten = false;  // the answerer had read it and did nothing, when last looked at
};

// What one end has asked of the other.
struct Talk {
  PieceKeys standing;    // wants that stand
  PieceKeys unanswered;  // those without have or lack
  PieceKeys cancelled;   // an answer to the want may still be on its way
  // Wanted anew after a cancel: whether an answer is to the old want or to what came after it, even
  // the asker can't tell. Not judged any more on this connection.
  PieceKeys unclear;
  std::vector<OpenAsk> asks;
  uint64_t payload_ends = 0;  // in the answerer's stream: of the last give that has begun
  Time progress;              // when bytes of a give last came, or the first of the open asks went
  // The asker took the peer for an original when it asked: its hello came late.
  bool not_judged = false;
};

class ExchangeRules final : public Rule {
 public:
  using Rule::Rule;

  std::span<const Told> interests() const override {
    static constexpr std::array kAll{Told::opened,        Told::closed,   Told::control_sent,
                                     Told::payload_begun, Told::received, Told::second};
    return kAll;
  }

  void opened(EndId id) override {
    if (id >= talks_.size()) talks_.resize(scene_.ends());
    forget(id);
  }
  void closed(EndId id) override { forget(id); }
  void control_sent(EndId id, std::span<const std::byte> frame) override;
  void payload_begun(EndId id, std::span<const std::byte> header) override;
  void received(EndId id, size_t bytes) override;
  void second(bool all) override;

 private:
  void forget(EndId id) {
    talks_[id].reset();
    asking_.erase(id);
  }
  bool between_honest(EndId id) const {
    const EndFacts& facts = scene_.end(id).facts;
    return scene_.honest(facts.node) && scene_.honest(facts.peer);
  }
  Talk& talk_of(EndId id) {
    if (talks_[id] == nullptr) talks_[id] = std::make_unique<Talk>();
    return *talks_[id];
  }
  // What the other end, if it is open, has asked of this one.
  Talk* talk_to(EndId id) const {
    const EndId asker = other_end(id);
    if (asker >= talks_.size() || !scene_.end(asker).open) return nullptr;
    return talks_[asker].get();
  }
  const std::string& peer_name(EndId id) const { return scene_.name(scene_.end(id).facts.peer); }
  void complain(Invariant invariant, EndId id, std::string what) {
    court_.violated(invariant, scene_.end(id).facts.node, std::move(what));
  }

  void wanted(EndId id, Talk& talk, PieceKey piece);
  void asked(EndId id, PieceKey piece);
  void cancelled(Talk& talk, PieceKey piece);
  void lacked(EndId id, Talk& talk, PieceKey piece);
  static bool end_ask(Talk& talk, PieceKey piece);
  static bool is_open(const Talk& talk, PieceKey piece);
  void judge_progress(EndId id, const Talk& talk);
  void judge_forgotten(EndId id, Talk& talk);

  std::vector<std::unique_ptr<Talk>> talks_;  // by the asker's end
  std::set<EndId> asking_;                    // those with asks open
};

bool ExchangeRules::is_open(const Talk& talk, PieceKey piece) {
  return std::any_of(talk.asks.begin(), talk.asks.end(),
                     [piece](const OpenAsk& ask) { return ask.piece == piece; });
}

bool ExchangeRules::end_ask(Talk& talk, PieceKey piece) {
  const auto found = std::find_if(talk.asks.begin(), talk.asks.end(),
                                  [piece](const OpenAsk& ask) { return ask.piece == piece; });
  if (found == talk.asks.end()) return false;
  talk.asks.erase(found);
  return true;
}

void ExchangeRules::control_sent(EndId id, std::span<const std::byte> frame) {
  const uint8_t type = type_of(frame);
  const bool of_pieces = type == static_cast<uint8_t>(FrameType::ask) ||
                         (type >= static_cast<uint8_t>(FrameType::want) &&
                          type <= static_cast<uint8_t>(FrameType::cancel));
  if (!of_pieces || !between_honest(id) || !is_well_formed(frame)) return;
  switch (static_cast<FrameType>(type)) {
    case FrameType::ask:
      return asked(id, piece_key(frame.subspan(kFrameHeaderSize)));
    case FrameType::want: {
      Talk& talk = talk_of(id);
      for_each_piece(frame, [&](PieceKey piece) { wanted(id, talk, piece); });
      const size_t most = scene_.limits(scene_.end(id).facts.node).wants_per_peer_max;
      if (talk.standing.size() > most) {
        complain(Invariant::bounds, id,
                 std::to_string(talk.standing.size()) + " of its wants stand with " +
                     peer_name(id) + ", " + std::to_string(most) + " at most are allowed");
      }
      return;
    }
    case FrameType::cancel: {
      Talk& talk = talk_of(id);
      return for_each_piece(frame, [&](PieceKey piece) { cancelled(talk, piece); });
    }
    case FrameType::have:
      if (Talk* const talk = talk_to(id)) {
        for_each_piece(frame, [&](PieceKey piece) {
          talk->standing.erase(piece);
          talk->unanswered.erase(piece);
        });
      }
      return;
    case FrameType::lack:
      if (Talk* const talk = talk_to(id)) {
        for_each_piece(frame, [&](PieceKey piece) { lacked(id, *talk, piece); });
      }
      return;
    case FrameType::give:
    case FrameType::peer:
    case FrameType::seek:
    case FrameType::found:
    case FrameType::trim:
      return;
  }
}

void ExchangeRules::wanted(EndId id, Talk& talk, PieceKey piece) {
  if (talk.cancelled.contains(piece)) {
    talk.unclear.insert(piece);
    end_ask(talk, piece);
  } else if (is_open(talk, piece)) {
    complain(Invariant::want_or_ask, id,
             "it wants piece " + piece_text(piece) + " of " + peer_name(id) +
                 " while its ask for it is open");
  }
  talk.standing.insert(piece);
  talk.unanswered.insert(piece);
}

void ExchangeRules::asked(EndId id, PieceKey piece) {
  Talk& talk = talk_of(id);
  const End& end = scene_.end(id);
  talk.not_judged = talk.not_judged || end.was_legacy || !end.extended();
  if (talk.not_judged || talk.unclear.contains(piece)) return;
  if (talk.unanswered.contains(piece)) {
    complain(Invariant::want_or_ask, id,
             "it asks " + peer_name(id) + " for piece " + piece_text(piece) +
                 " before its want was answered");
  }
  if (talk.asks.empty()) talk.progress = scene_.now();
  talk.asks.push_back(OpenAsk{piece, end.sent});
  asking_.insert(id);

  const Config& config = scene_.view().facts(end.facts.node).config;
  const size_t piece_bytes = config.piece_size.bytes();
  const size_t by_bytes = std::max<size_t>(config.limits.ask_bytes_per_peer_max / piece_bytes, 2);
  const size_t most = std::min(config.limits.asks_per_peer_max, by_bytes);
  if (talk.asks.size() > most) {
    complain(Invariant::bounds, id,
             std::to_string(talk.asks.size()) + " of its asks are open with " + peer_name(id) +
                 ", " + std::to_string(most) + " at most are allowed");
  }
}

void ExchangeRules::cancelled(Talk& talk, PieceKey piece) {
  talk.standing.erase(piece);
  talk.unanswered.erase(piece);
  talk.cancelled.insert(piece);
}

void ExchangeRules::lacked(EndId id, Talk& talk, PieceKey piece) {
  if (talk.not_judged || talk.unclear.contains(piece)) {
    talk.unanswered.erase(piece);
    return;
  }
  if (end_ask(talk, piece) || talk.unanswered.erase(piece)) return;
  if (talk.cancelled.contains(piece)) return;
  complain(Invariant::asks_answered, id,
           "it says lack of piece " + piece_text(piece) + " to " + peer_name(id) +
               ", which has no ask or want of it without an answer");
}

void ExchangeRules::payload_begun(EndId id, std::span<const std::byte> header) {
  if (!between_honest(id)) return;
  const EndId asker = other_end(id);
  if (asker >= talks_.size() || !scene_.end(asker).open) return;
  const PieceKey piece = piece_key(header.subspan(kFrameHeaderSize));
  Talk* const talk = talks_[asker].get();
  const bool asked_for = talk != nullptr && end_ask(*talk, piece);
  if (talk != nullptr) {
    talk->payload_ends = scene_.end(id).sent;
    if (talk->not_judged || talk->unclear.contains(piece)) return;
  }
  if (asked_for) return;
  complain(Invariant::asks_answered, id,
           "it gives piece " + piece_text(piece) + " to " + peer_name(id) +
               ", which has no ask for it without an answer");
}

// Which of the bytes are a give's is known to the byte: where they end in the giver's stream.
void ExchangeRules::received(EndId id, size_t bytes) {
  Talk* const talk = talks_[id].get();
  if (talk == nullptr) return;
  if (scene_.end(id).received - bytes < talk->payload_ends) talk->progress = scene_.now();
}

void ExchangeRules::second(bool /*all*/) {
  for (auto it = asking_.begin(); it != asking_.end();) {
    Talk& talk = *talks_[*it];
    if (talk.asks.empty()) {
      it = asking_.erase(it);
      continue;
    }
    judge_progress(*it, talk);
    judge_forgotten(*it, talk);
    ++it;
  }
}

// The asker ends such a connection by its own clock, whatever became of the peer.
void ExchangeRules::judge_progress(EndId id, const Talk& talk) {
  const Limits& limits = scene_.limits(scene_.end(id).facts.node);
  const Duration most =
      with_slack(limits.ask_dead_after + limits.ask_slow_after * 2 + closing_time(limits));
  const Duration waited = scene_.now() - talk.progress;
  if (waited <= most) return;
  complain(Invariant::asks_answered, id,
           "its ask for piece " + piece_text(talk.asks.front().piece) + " of " + peer_name(id) +
               " has been open for " + std::to_string(waited.count_s()) +
               " s without a byte, and so has the connection");
}

// Who has read an ask has something to send or to load, for it or for those whose turn is before
// it, unless it has forgotten it.
void ExchangeRules::judge_forgotten(EndId id, Talk& talk) {
  const End& answerer = scene_.end(other_end(id));
  const Conn* const conn = answerer.open ? scene_.conn_of(answerer) : nullptr;
  const NodeRun& node = scene_.node(answerer.facts.node);
  const bool idle = conn != nullptr && !conn->leaving && !conn->told && node.loads == 0 &&
                    std::none_of(node.conns.begin(), node.conns.end(),
                                 [](const Conn& other) { return other.write; });
  for (OpenAsk& ask : talk.asks) {
    const bool forgotten = idle && answerer.received >= ask.ends_at;
    if (forgotten && ask.forgotten) {
      court_.violated(Invariant::asks_answered, answerer.facts.node,
                      "it has read an ask of " + scene_.name(scene_.end(id).facts.node) +
                          " for piece " + piece_text(ask.piece) +
                          ", and neither answers nor loads it");
    }
    ask.forgotten = forgotten;
  }
}

}  // namespace

std::unique_ptr<Rule> make_exchange_rules(const Scene& scene, Court& court) {
  return std::make_unique<ExchangeRules>(scene, court);
}

}  // namespace p2p::sim
