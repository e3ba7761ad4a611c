#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/fuzz/wire/frame_decoder_check.h"

// NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  p2p::check_frame_decoder(std::as_bytes(std::span(data, size)));
  return 0;
}
