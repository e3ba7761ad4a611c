// One function for each behaviour, each in the file of its name.
#pragma once

#include <memory>

#include "io_sim/peers/raw_peer.h"

namespace p2p::sim {

std::unique_ptr<RawPeer> make_legacy();
std::unique_ptr<RawPeer> make_silent();
std::unique_ptr<RawPeer> make_garbage();
std::unique_ptr<RawPeer> make_slow_loris();
std::unique_ptr<RawPeer> make_wrong_bytes();
std::unique_ptr<RawPeer> make_never_gives();
std::unique_ptr<RawPeer> make_pex_poison();
std::unique_ptr<RawPeer> make_bad_frames();
std::unique_ptr<RawPeer> make_flood();
std::unique_ptr<RawPeer> make_address_flood();
std::unique_ptr<RawPeer> make_victim_liar();
std::unique_ptr<RawPeer> make_false_places();

}  // namespace p2p::sim
