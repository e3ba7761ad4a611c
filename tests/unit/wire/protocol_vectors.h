// The frames that docs/protocol.md, Vectors, gives as hex, for a piece size of 1 MiB.
#pragma once

#include <string_view>

namespace p2p::vectors {

inline constexpr std::string_view kZeroPieceDigest =
    "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58";
inline constexpr std::string_view kHelloFileId =
    "0c99d7d221cc705c40342092f932ad10e9360c2eab0f8663f0f3cfe7325879b3";

inline constexpr std::string_view kAsk =
    "210000000030e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58";
inline constexpr std::string_view kWant =
    "210000001030e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58";
// [::1]:8100 and 192.0.2.7:52197
inline constexpr std::string_view kPeerList =
    "250000000200000000000000000000000000000001a41f"
    "00000000000000000000ffffc0000207e5cb";
// Of a listening node [::1]:8100 with the extension, nonce 0x0123456789abcdef.
inline constexpr std::string_view kHello =
    "240000000200000000000000000000000000000001a41f"
    "5032505801030014efcdab89674523017c";
// The piece of the file of 6 bytes "hello\n".
inline constexpr std::string_view kTrim =
    "67000000160c99d7d221cc705c40342092f932ad10e9360c2eab0f8663f0f3cfe7325879b3"
    "5032504601001400060000000000000000000000000000000000000000000000"
    "0000000000000000000000000000000000000000000000000000000000000000"
    "68656c6c6f0a";
inline constexpr std::string_view kSeek =
    "22000000140c99d7d221cc705c40342092f932ad10e9360c2eab0f8663f0f3cfe7325879b301";

inline constexpr std::string_view kAll[] = {kAsk, kWant, kPeerList, kHello, kTrim, kSeek};

}  // namespace p2p::vectors
