// Rules about the frames that honest nodes send.
#include <gtest/gtest.h>

#include <vector>

#include "engine/base/bytes.h"
#include "tests/unit/sim_check/fake_view.h"

namespace p2p::sim {
namespace {

using test::FakeRun;
using test::framed;
using test::list_of;
using test::piece;

TEST(FramesValid, frames_of_every_type_after_a_hello_are_valid) {
  FakeRun run(2, {"frames_valid"});
  const auto [a, b] = run.greet(0, 1);
  run.send(a, test::peers({run.endpoint(0)}));
  run.send(a, test::ask_for(piece(1)));
  run.send(a, list_of(FrameType::want, {piece(1), piece(2)}));
  run.send(a, framed(SeekMessage{piece(3), 1}));
  run.send(a, framed(FoundMessage{piece(3), {run.endpoint(1)}, {}}));
  run.give(a, piece(1));
  EXPECT_EQ(run.broken(), "");
}

TEST(FramesValid, the_first_frame_is_a_hello) {
  FakeRun run(2, {"frames_valid"});
  const auto [a, b] = run.connect(0, 1);
  run.send(a, test::peers({run.endpoint(0)}));
  EXPECT_EQ(run.broken(), "frames_valid");
  EXPECT_EQ(run.detail(), "peer[0]: on its connection with peer[1] its first frame is no hello");
}

TEST(FramesValid, a_give_is_no_hello) {
  FakeRun run(2, {"frames_valid"});
  const auto [a, b] = run.connect(0, 1);
  run.give(a, piece(1));
  EXPECT_EQ(run.broken(), "frames_valid");
}

TEST(FramesValid, a_type_that_is_none_is_a_violation) {
  FakeRun run(2, {"frames_valid"});
  const auto [a, b] = run.greet(0, 1);
  auto frame = test::ask_for(piece(1));
  frame[4] = std::byte{99};
  run.send(a, frame);
  EXPECT_EQ(run.broken(), "frames_valid");
}

// Zeros where a frame should begin read as an ask without length. Every invariant looks at it.
TEST(FramesValid, an_ask_without_a_digest_is_a_violation_and_nothing_else) {
  FakeRun run(2, {});
  const auto [a, b] = run.greet(0, 1);
  run.send(a, std::vector<std::byte>(kFrameHeaderSize));
  EXPECT_EQ(run.broken(), "frames_valid");
}

TEST(FramesValid, a_wrong_length_is_a_violation) {
  FakeRun run(2, {"frames_valid"});
  const auto [a, b] = run.greet(0, 1);
  auto frame = list_of(FrameType::want, {piece(1)});
  frame.pop_back();
  store_u32le(frame, static_cast<uint32_t>(frame.size() - kFrameLengthSize));
  run.send(a, frame);
  EXPECT_EQ(run.broken(), "frames_valid");
}

TEST(FramesValid, a_found_whose_counts_do_not_fit_is_a_violation) {
  FakeRun run(2, {"frames_valid"});
  const auto [a, b] = run.greet(0, 1);
  auto frame = framed(FoundMessage{piece(3), {run.endpoint(1)}, {}});
  frame[kFrameHeaderSize + Digest::kSize] = std::byte{2};
  run.send(a, frame);
  EXPECT_EQ(run.broken(), "frames_valid");
}

TEST(FramesValid, a_piece_of_another_size_is_a_violation) {
  FakeRun run(2, {"frames_valid"});
  run.view.nodes[0].config.piece_size = PieceSize::from_log2(16).value();
  const auto [a, b] = run.greet(0, 1);
  run.give(a, piece(1));
  EXPECT_EQ(run.broken(), "frames_valid");
}

TEST(LegacyTypes, the_extension_is_spoken_to_who_has_said_so) {
  FakeRun run(2, {"legacy_types"});
  const auto [a, b] = run.connect(0, 1);
  run.send(a, test::hello({run.endpoint(0)}));
  run.send(a, test::ask_for(piece(1)));
  run.give(a, piece(1));
  run.identify(a, false);
  run.send(a, list_of(FrameType::want, {piece(1)}));
  EXPECT_EQ(run.broken(), "");
}

TEST(LegacyTypes, nothing_above_type_2_comes_before_the_peers_hello) {
  FakeRun run(2, {"legacy_types"});
  const auto [a, b] = run.connect(0, 1);
  run.send(a, list_of(FrameType::want, {piece(1)}));
  EXPECT_EQ(run.broken(), "legacy_types");
}

TEST(LegacyTypes, nothing_above_type_2_goes_to_an_original_whatever_the_engine_believes) {
  FakeRun run(2, {"legacy_types"});
  run.view.nodes[1].behaviour = Behaviour::legacy;
  const auto [a, b] = run.connect(0, 1);
  run.identify(a, false);
  run.rules().payload_begun(a, encode_trim_header(piece(1), 5, PieceSize()));
  EXPECT_EQ(run.broken(), "legacy_types");
  EXPECT_EQ(run.detail(), "peer[0]: it sends type 22 to peer[1], which is an original program");
}

TEST(Bounds, a_peer_list_has_no_more_than_50_records) {
  FakeRun run(2, {"bounds"});
  const auto [a, b] = run.greet(0, 1);
  run.send(a, test::peers(std::vector<Endpoint>(50, run.endpoint(1))));
  EXPECT_EQ(run.broken(), "");
  run.send(a, test::peers(std::vector<Endpoint>(51, run.endpoint(1))));
  EXPECT_EQ(run.broken(), "bounds");
}

}  // namespace
}  // namespace p2p::sim
