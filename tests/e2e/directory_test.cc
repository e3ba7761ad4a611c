// A directory travels from one p2pnode to another, and what must not be in one is refused.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/e2e/node.h"

namespace {

using namespace p2p::testing;
namespace fs = std::filesystem;

void make_tree(const std::string& top) {
  fs::create_directories(top + "/a/b/c");
  make_file(top + "/large", 3 * kMiB + 5, 1);
  make_file(top + "/a/larger", 5 * kMiB, 2);
  make_file(top + "/a/b/c/small", 700, 3);
  write_file(top + "/a/empty", "");
  write_file(top + "/a/b/run", "#!/bin/sh\necho run\n");
  ::chmod((top + "/a/b/run").c_str(), 0755);
  write_file(top + "/new\nline", "one");
  write_file(top + "/" + std::string(255, 'n'), "long");
  fs::create_directories(top + "/void/deep");
  fs::create_symlink("large", top + "/link");
  fs::create_symlink("../../large", top + "/a/b/up");
  fs::create_directory_symlink("a/b", top + "/folder-link");
  fs::create_symlink("nowhere", top + "/dangling");
}

// What diff says of two trees, and whether each file may be run as before.
std::string difference(const std::string& a, const std::string& b) {
  Finished diff = run({"diff", "-r", "--no-dereference", a, b}, {}, seconds(120));
  std::string said = diff.out + diff.err;
  for (const auto& entry : fs::recursive_directory_iterator(a)) {
    if (entry.is_symlink() || !entry.is_regular_file()) continue;
    fs::path other = b / entry.path().lexically_relative(a);
    auto executable = [](const fs::path& path) {
      return (fs::status(path).permissions() & fs::perms::owner_exec) != fs::perms();
    };
    if (executable(entry.path()) != executable(other))
      said += other.string() + " differs in mode\n";
  }
  return said;
}

TEST(Directory, travels_with_its_links_empty_folders_and_odd_names) {
  Place place;
  make_tree(place / "tree");
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "tree"});
  std::string to = place / "received";
  Finished got =
      place.run("getting", joining({"get", sharing.id(), "-o", to, "--timeout", "60s"}, sharing));

  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_EQ(got.out, "saved " + to + " (11 files, 8389339 bytes)\n");
  EXPECT_EQ(difference(place / "tree", to), "");
  EXPECT_FALSE(fs::exists(to + ".part"));
  EXPECT_FALSE(fs::exists(to + ".tree.part"));
  // The same tree has the same id, wherever it stands.
  for (const std::string& tree : {place / "tree", to}) {
    Finished added = place.run("store", {"add", "-q", "-n", tree});
    EXPECT_EQ(added.out, sharing.id() + "\n") << added.err;
  }
}

TEST(Directory, that_is_there_already_is_not_fetched_again_and_another_not_replaced) {
  Place place;
  make_tree(place / "tree");
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "tree"});
  fs::create_directory(place / "into");
  Words get = joining({"get", sharing.id(), "-o", place / "into", "--timeout", "60s"}, sharing);
  std::string to = place / ("into/" + sharing.id().substr(0, 16));
  EXPECT_EQ(place.run("getting", get).status, (ExitStatus{0, 0}));
  EXPECT_EQ(difference(place / "tree", to), "");

  Finished again = place.run("getting", get);
  EXPECT_EQ(again.status, (ExitStatus{0, 0})) << again.err;
  EXPECT_NE(again.err.find("holds this content already"), std::string::npos) << again.err;
  write_file(to + "/mine", "dear");
  EXPECT_EQ(place.run("getting", get).status, (ExitStatus{2, 0}));
  EXPECT_EQ(read_file(to + "/mine"), "dear");
}

TEST(Directory, is_not_written_to_standard_output) {
  Place place;
  make_tree(place / "tree");
  SharingNode sharing(place, "sharing", {"share", "-S", "--listen", "[::1]:0", place / "tree"});
  Finished got =
      place.run("getting", joining({"get", sharing.id(), "-o", "-", "--timeout", "60s"}, sharing));
  EXPECT_EQ(got.status, (ExitStatus{2, 0})) << got.err;
  EXPECT_EQ(got.out, "");
}

TEST(Directory, of_hundreds_of_files_travels_in_pieces_of_1_KiB) {
  Place place;
  for (unsigned i = 0; i < 200; ++i) {
    std::string folder = place / ("tree/" + std::to_string(i % 5) + "/" + std::to_string(i % 7));
    fs::create_directories(folder);
    make_file(folder + "/" + std::to_string(i), i * 5 % 2500, i);
  }
  Words share = {"share", "-S", "--listen", "[::1]:0", "--piece-size", "1KiB", place / "tree"};
  SharingNode sharing(place, "sharing", share);
  std::string to = place / "received";
  Finished got =
      place.run("getting",
                joining({"get", sharing.id(), "-o", to, "--timeout", "60s", "--piece-size", "1KiB"},
                        sharing));
  EXPECT_EQ(got.status, (ExitStatus{0, 0})) << got.err;
  EXPECT_EQ(difference(place / "tree", to), "");
}

TEST(Directory, with_what_cannot_be_shared_is_refused_with_the_path) {
  Place place;
  fs::create_directories(place / "tree/d");
  write_file(place / "tree/a", "alpha");
  ASSERT_EQ(::mkfifo((place / "tree/d/pipe").c_str(), 0600), 0);
  Finished piped = place.run("store", {"add", place / "tree"});
  EXPECT_EQ(piped.status, (ExitStatus{1, 0}));
  EXPECT_NE(piped.err.find("tree/d/pipe is a pipe"), std::string::npos) << piped.err;

  fs::remove(place / "tree/d/pipe");
  fs::create_symlink("../../elsewhere", place / "tree/d/out");
  Finished linked = place.run("store", {"add", place / "tree"});
  EXPECT_EQ(linked.status, (ExitStatus{1, 0}));
  EXPECT_NE(linked.err.find("tree/d/out is a link out of the directory"), std::string::npos)
      << linked.err;

  fs::remove(place / "tree/d/out");
  write_file(place / "tree/d/\xff", "latin");
  Finished named = place.run("store", {"add", place / "tree"});
  EXPECT_EQ(named.status, (ExitStatus{1, 0}));
  EXPECT_NE(named.err.find("not UTF-8"), std::string::npos) << named.err;
  EXPECT_EQ(check_store(place / "store").files, 0U);
}

struct Entry {
  uint8_t kind;
  uint64_t length;
  std::string path;
};

// An inline directory that nobody's `add` makes, in the store of a node.
std::string plant(const Place& place, const std::string& store, const std::vector<Entry>& entries,
                  const std::string& behind) {
  std::string listing;
  for (const Entry& entry : entries) {
    listing += little_endian(entry.kind, 1) + little_endian(entry.length, 8) +
               little_endian(entry.path.size(), 2);
    listing += entry.path;
  }
  std::string content = std::string("P2PD\1\0\0\0", 8) + little_endian(entries.size(), 8) +
                        little_endian(24 + listing.size(), 8) + listing + behind;
  std::string piece = std::string("P2PF\1\0\x14\1", 8) + little_endian(content.size(), 8);
  piece.resize(64);
  piece += content;
  return plant_piece(place / store, piece);
}

TEST(Directory, that_lies_is_refused_and_harms_nothing) {
  Place place;
  struct Lie {
    std::vector<Entry> entries;
    std::string behind;
  };
  std::vector<Lie> lies = {
      {{{0, 5, "../victim"}}, "wrong"},
      {{{0, 5, place / "victim"}}, "wrong"},
      {{{3, 1, "l"}, {0, 5, "l/victim"}}, "..wrong"},
      {{{3, 3, "l"}}, "../"},
      {{{3, 4, "l"}}, "/etc"},
      {{{0, 5, "a"}}, "wrong length"},
      {{{0, 5, "b"}, {0, 5, "a"}}, "wrongorder"},
      {{{0, uint64_t{1} << 61, "a"}}, "wrong"},
  };
  std::vector<std::string> ids;
  for (const Lie& lie : lies) ids.push_back(plant(place, "liar", lie.entries, lie.behind));
  write_file(place / "victim", "dear");
  Node liar(place, "liar", server());
  Node honest(place, "honest", joining({"run"}, liar));
  fs::create_directory(place / "here");
  for (const std::string& id : ids) {
    const Words words = {"get", id, "-o", place / "here/out", "--timeout", "60s"};
    for (const Finished& got :
         {place.run("getting", joining(words, liar)), place.run("honest", words)}) {
      EXPECT_EQ(got.status, (ExitStatus{8, 0})) << got.err;
      EXPECT_NE(got.err, "");
      EXPECT_TRUE(fs::is_empty(place / "here")) << got.err;
    }
  }
  // The node lets go of it when the command has.
  const Deadline deadline(kSoon);
  while (place.run("honest", {"ls", "-q"}).out != "") ASSERT_FALSE(deadline.passed());
  EXPECT_EQ(read_file(place / "victim"), "dear");
}

}  // namespace
