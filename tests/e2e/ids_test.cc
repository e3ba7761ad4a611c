// The ids of docs/protocol.md, Vectors, from the program that people run.
#include <gtest/gtest.h>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;

struct IdVector {
  const char* piece_size;
  uint64_t size;
  const char* id;
};

// Byte i of each file is i mod 251.
constexpr IdVector kVectors[] = {
    {"1MiB", 0, "dea0c6daf055a1eb04a59b6ec8522d1245dfc87264614f9a27a7aa418020df7a"},
    {"1MiB", 3145733, "624df1ba987d1c1a0354bef6572d3da88a829783f57027ea100e4ec2618b7ada"},
    {"1KiB", 960, "d1df4b97751ff1ca7dcde812fcc969c5c6aaa60370ef03a04901859ddcc74eab"},
    {"1KiB", 961, "77dda77002d2bd9eb08c32e3e3a4a77e6a397101d2daa0963b3b232b9ad8efdd"},
    {"1KiB", 30720, "5f6f2e7930cb450b11394319ccf528ab993ff48c47f7ed22b60336f40502a93e"},
    {"1KiB", 30721, "a28c83008e837c2a427a01a6d013eba4065f670db6cb2709d106525315d466f9"},
};

TEST(Ids, of_the_vector_files_are_those_of_the_specification) {
  Place place;
  for (const IdVector& vector : kVectors) {
    make_vector_file(place / "v", vector.size);
    for (bool only_computed : {true, false}) {
      Words add = {"add", "-q", "--piece-size", vector.piece_size, place / "v"};
      if (only_computed) add.insert(add.begin() + 1, "-n");
      Finished added = place.run("store", add);
      EXPECT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
      EXPECT_EQ(added.out, std::string(vector.id) + "\n") << vector.size << " bytes";
    }
  }
  EXPECT_EQ(check_store(place / "store").complaints, "");
}

TEST(Ids, of_hello_is_that_of_the_specification_without_any_option) {
  Place place;
  write_file(place / "hello.txt", "hello\n");
  Finished added = place.run("store", {"add", place / "hello.txt"});
  EXPECT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
  EXPECT_EQ(added.out,
            "added 0c99d7d221cc705c40342092f932ad10e9360c2eab0f8663f0f3cfe7325879b3 hello.txt\n");
}

TEST(Ids, of_several_files_come_in_their_order) {
  Place place;
  write_file(place / "a", "hello\n");
  write_file(place / "b", "");
  Finished added = place.run("store", {"add", "-q", place / "b", place / "a"});
  EXPECT_EQ(added.out,
            "dea0c6daf055a1eb04a59b6ec8522d1245dfc87264614f9a27a7aa418020df7a\n"
            "0c99d7d221cc705c40342092f932ad10e9360c2eab0f8663f0f3cfe7325879b3\n");
}

TEST(Ids, are_computed_with_n_without_keeping_anything) {
  Place place;
  make_file(place / "film", 3 << 20, 1);
  Finished added = place.run("store", {"add", "-n", place / "film"});
  EXPECT_EQ(added.status, (ExitStatus{0, 0})) << added.err;
  EXPECT_EQ(check_store(place / "store").files, 0U);
}

}  // namespace
