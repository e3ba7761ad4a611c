// Names of connections and operations. An id is never used twice, so that a late completion of
// something long gone is recognised and ignored.
#pragma once

#include <compare>
#include <cstdint>

namespace p2p {

// A connection. The engine numbers those it dials, the world those it accepts; the lowest bit tells
// the two apart, so that neither side has to ask the other for a number.
class ConnId {
 public:
  constexpr ConnId() = default;
  static constexpr ConnId dialled(uint64_t serial) { return ConnId(serial << 1); }
  static constexpr ConnId accepted(uint64_t serial) { return ConnId(serial << 1 | 1); }

  constexpr bool is_accepted() const { return (value_ & 1) != 0; }
  constexpr uint64_t value() const { return value_; }

  friend constexpr auto operator<=>(ConnId, ConnId) = default;

 private:
  explicit constexpr ConnId(uint64_t value) : value_(value) {}
  uint64_t value_ = 0;
};

// An operation that the engine asked for: a hash, a store, a load, a look-up of a name.
struct OpId {
  uint64_t value = 0;
  friend constexpr auto operator<=>(OpId, OpId) = default;
};

// Something that the application wants to have: pieces, or a content. Chosen by the application.
struct FetchId {
  uint64_t value = 0;
  friend constexpr auto operator<=>(FetchId, FetchId) = default;
};

}  // namespace p2p
