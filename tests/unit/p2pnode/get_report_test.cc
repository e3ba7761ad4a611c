#include "apps/p2pnode/get_report.h"

#include <gtest/gtest.h>

namespace p2p::app::get_report_test {
namespace {

TEST(GetEvents, are_objects_of_one_line) {
  EXPECT_EQ(progress_event({3, 10, 2, 1, 1, 4}),
            R"({"schema":1,"event":"progress","bytes_done":3,"bytes_total":10,)"
            R"("bytes_per_second":2,"seconds_left":4,"peers":1,"pieces_checked":1,)"
            R"("pieces_total":4})");
  EXPECT_EQ(resumed_event(3, 10, "film.part"),
            R"({"schema":1,"event":"resumed","bytes_here":3,"bytes_total":10,"part":"film.part"})");
  const Digest id = sha256({});
  EXPECT_EQ(saved_event(id, "film", {10, std::nullopt}),
            R"({"schema":1,"event":"saved","id":")" + id.hex() +
                R"(","path":"film","bytes":10,"files":null})");
  EXPECT_EQ(saved_event(id, "a\nb", {10, 2}), R"({"schema":1,"event":"saved","id":")" + id.hex() +
                                                  R"(","path":"a\nb","bytes":10,"files":2})");
  EXPECT_EQ(failed_event({ExitCode::not_found, "nobody has it"}),
            R"({"schema":1,"event":"failed","exit":4,"error":"nobody has it"})");
}

TEST(GetEvents, of_what_is_not_known_say_null) {
  EXPECT_EQ(progress_event({}),
            R"({"schema":1,"event":"progress","bytes_done":0,"bytes_total":null,)"
            R"("bytes_per_second":null,"seconds_left":null,"peers":0,"pieces_checked":0,)"
            R"("pieces_total":null})");
}

}  // namespace
}  // namespace p2p::app::get_report_test
