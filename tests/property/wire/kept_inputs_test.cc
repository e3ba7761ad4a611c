// The inputs that the fuzz target of the frame decoder keeps.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/wire/frame_decoder_check.h"

namespace p2p {
namespace {

TEST(FrameDecoderKeptInputs, hold_what_the_fuzz_target_checks) {
  size_t inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(P2P_FRAME_DECODER_CORPUS)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(bytes.empty());
    check_frame_decoder(std::as_bytes(std::span(bytes)));
    ++inputs;
  }
  EXPECT_GE(inputs, 6u);
}

}  // namespace
}  // namespace p2p
