// How the latest dial to an endpoint, or the latest connection with the node there, stands or went.
// One byte, as the address book keeps one for each of its entries.
#pragma once

#include <cstdint>

#include "engine/base/check.h"
#include "engine/core/event.h"
#include "engine/core/notice.h"

namespace p2p {

class Contact {
 public:
  enum class Kind : uint8_t {
    none,       // neither has been
    dialling,   // no answer yet
    connected,  // it said hello, or passes for one of the original program's
    failed,     // the dial; error() says how
    ended,      // the peer or the network ended the connection; error() says how
    closed,     // this node did; reason() says why
  };

  constexpr Contact() = default;
  static constexpr Contact dialling() { return Contact(Kind::dialling, 0); }
  static constexpr Contact connected() { return Contact(Kind::connected, 0); }
  static constexpr Contact failed(NetError error) {
    return Contact(Kind::failed, static_cast<unsigned>(error));
  }
  static constexpr Contact ended(NetError error) {
    return Contact(Kind::ended, static_cast<unsigned>(error));
  }
  static constexpr Contact closed(CloseReason reason) {
    return Contact(Kind::closed, static_cast<unsigned>(reason));
  }

  constexpr Kind kind() const { return static_cast<Kind>(byte_ >> kDetailBits); }
  // Requires failed or ended.
  NetError error() const {
    P2P_CHECK(kind() == Kind::failed || kind() == Kind::ended);
    return static_cast<NetError>(byte_ & kDetailMask);
  }
  // Requires closed.
  CloseReason reason() const {
    P2P_CHECK(kind() == Kind::closed);
    return static_cast<CloseReason>(byte_ & kDetailMask);
  }

  friend constexpr bool operator==(Contact, Contact) = default;

 private:
  static constexpr unsigned kDetailBits = 5;
  static constexpr unsigned kDetailMask = (1U << kDetailBits) - 1;
  static_assert(kCloseReasons <= kDetailMask && kNetErrors <= kDetailMask);

  constexpr Contact(Kind kind, unsigned detail)
      : byte_(static_cast<uint8_t>((static_cast<unsigned>(kind) << kDetailBits) | detail)) {}

  uint8_t byte_ = 0;
};
static_assert(sizeof(Contact) == 1);

}  // namespace p2p
