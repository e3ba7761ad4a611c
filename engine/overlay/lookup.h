// One look-up of an id: whom to ask next, and when it is over (docs/protocol.md, Finding holders).
//
// The nearest that are known are asked, kParallel at a time, each answer names nearer ones, and so
// on until the kNearest nearest of those that do answer have. Whoever is slow holds nobody up: the
// next is asked after kSlowAfter. The bootstrap nodes are asked in any case, whatever their place,
// at once, so that hostile nodes with places near the id can't hide a content from those who have a
// bootstrap node in common.
//
// Nobody that is asked is trusted. At most kAsksMax are asked in all, kHearsayMax of whom nobody
// says that he spoke with them, and kOfAddressMax at one address, loopback apart and bootstrap
// nodes too; an answer counts for no more than 8 nodes, and once kLiesMax of those that one node
// named have not answered, the others that it named are left.
//
// A value without I/O; the same calls give the same answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/endpoint.h"
#include "engine/base/time.h"

namespace p2p {

class Lookup {
 public:
  static constexpr size_t kParallel = 3;
  static constexpr size_t kNearest = 8;
  static constexpr size_t kAsksMax = 40;
  static constexpr size_t kHearsayMax = 12;
  static constexpr size_t kOfAddressMax = 2;
  static constexpr uint32_t kLiesMax = 5;
  static constexpr size_t kCandidatesMax = 512;  // those farthest from the id go first
  // A dial and an answer take three round trips, of 300 ms where they are long.
  static constexpr Duration kSlowAfter = Duration::milliseconds(1500);
  static constexpr Duration kGivenUpAfter = Duration::seconds(5);
  static constexpr Duration kOverAfter = Duration::seconds(30);

  enum class Origin {
    bootstrap,  // a person named it
    spoken,     // this node has spoken with it
    hearsay,
  };

  Lookup(const Digest& id, Time start) : id_(id), start_(start) {}

  const Digest& id() const { return id_; }
  // Somebody who may be asked. Not for this node's own endpoints.
  void add(const Endpoint& endpoint, Origin origin);

  // Whom to ask now; nullopt: nobody, at present. It is asked from now on.
  std::optional<Endpoint> next(Time now);
  // Somebody who was asked has answered, late perhaps, and named these.
  void answered(const Endpoint& from, std::span<const Endpoint> named);
  // It can't be asked, or will not answer.
  void failed(const Endpoint& endpoint);

  // When next() or over() may say something else without a call; Time::never() once it is over.
  Time next_due(Time now) const;
  bool over(Time now) const;

  // Those that have answered, the nearest first, at most kNearest.
  std::vector<Endpoint> nearest_answered() const;
  bool has_asked(const Endpoint& endpoint) const;
  size_t asks() const { return asks_; }
  size_t answers() const { return answers_; }

 private:
  enum class State : uint8_t { known, asked, answered, failed };
  struct Candidate {
    Endpoint endpoint;
    State state = State::known;
    bool bootstrap = false;
    bool hearsay = false;
    std::optional<Digest> named_by;  // distance of whoever named it first
    uint32_t lies = 0;               // of those that it named, so many have not answered
    Time asked_at;
  };
  using Candidates = std::map<Digest, Candidate>;  // by distance to the id

  Candidate* find(const Endpoint& endpoint);
  const Candidate* find(const Endpoint& endpoint) const;
  void insert(Candidate candidate);
  void give_up(Time now);
  void fail(Candidate& candidate);
  bool is_waited_for(const Candidate& candidate, Time now) const;
  bool is_slow(const Candidate& candidate, Time now) const;
  bool may_be_asked(const Candidate& candidate) const;
  // Whom next() would ask; end(): nobody.
  Candidates::const_iterator choose(Time now) const;

  Digest id_;
  Time start_;
  Candidates candidates_;
  std::map<Address, size_t> asked_at_address_;
  size_t asks_ = 0;
  size_t hearsay_asks_ = 0;
  size_t answers_ = 0;
};

}  // namespace p2p
