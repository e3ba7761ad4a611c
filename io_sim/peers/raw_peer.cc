#include "io_sim/peers/raw_peer.h"

#include <array>

#include "engine/base/check.h"
#include "io_sim/peers/behaviours.h"

namespace p2p::sim {

namespace {

struct Maker {
  Behaviour behaviour;
  std::unique_ptr<RawPeer> (*make)();
};

constexpr std::array<Maker, 12> kMakers{{
    {Behaviour::legacy, make_legacy},
    {Behaviour::silent, make_silent},
    {Behaviour::garbage, make_garbage},
    {Behaviour::slow_loris, make_slow_loris},
    {Behaviour::wrong_bytes, make_wrong_bytes},
    {Behaviour::never_gives, make_never_gives},
    {Behaviour::pex_poison, make_pex_poison},
    {Behaviour::bad_frames, make_bad_frames},
    {Behaviour::flood, make_flood},
    {Behaviour::address_flood, make_address_flood},
    {Behaviour::victim_liar, make_victim_liar},
    {Behaviour::false_places, make_false_places},
}};

}  // namespace

std::unique_ptr<RawPeer> make_raw_peer(Behaviour behaviour) {
  for (const Maker& maker : kMakers) {
    if (maker.behaviour == behaviour) return maker.make();
  }
  check_failed("a behaviour that is not one of raw bytes");
}

}  // namespace p2p::sim
