// Whether bytes are UTF-8 (RFC 3629).
#pragma once

#include <string_view>

namespace p2p {

// No overlong forms, no surrogates, nothing above U+10FFFF. U+0000 is as good as any other.
bool is_utf8(std::string_view text);

}  // namespace p2p
