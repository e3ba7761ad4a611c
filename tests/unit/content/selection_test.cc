#include "engine/content/selection.h"

#include <gtest/gtest.h>

namespace p2p {
namespace {

using Paths = std::vector<std::string>;

std::vector<ListingEntry> entries_at(const Paths& paths) {
  std::vector<ListingEntry> entries;
  for (const std::string& path : paths) entries.push_back({EntryKind::file, 1, path});
  return entries;
}

TEST(ListingPath, is_what_a_person_means) {
  EXPECT_EQ(listing_path("photos/2019"), "photos/2019");
  EXPECT_EQ(listing_path("./photos//2019/"), "photos/2019");
  EXPECT_EQ(listing_path("a/./b"), "a/b");
  EXPECT_EQ(listing_path("..."), "...");
}

TEST(ListingPath, that_no_listing_can_have_is_none) {
  for (const char* text : {"", ".", "/", "/photos", "..", "a/../b", "a/..", "\xff"}) {
    EXPECT_FALSE(listing_path(text)) << text;
  }
}

TEST(Chosen, is_what_stands_at_a_path_or_below_it) {
  const Paths chosen = {"photos/2019", "readme"};
  EXPECT_TRUE(is_chosen("photos/2019", chosen));
  EXPECT_TRUE(is_chosen("photos/2019/a/b", chosen));
  EXPECT_TRUE(is_chosen("readme", chosen));
  EXPECT_FALSE(is_chosen("photos/2019b", chosen));
  EXPECT_FALSE(is_chosen("photos", chosen));
  EXPECT_FALSE(is_chosen("readme.txt", chosen));
  EXPECT_TRUE(is_chosen("anything", {}));
}

TEST(PathsNear, are_the_likest_names_in_the_deepest_folder_that_is_there) {
  const Paths paths = {"music/one", "photos/2018/a", "photos/2019/a", "photos/2019/b",
                       "photos/old"};
  const auto entries = entries_at(paths);
  EXPECT_EQ(paths_near(entries, "photos/2109", 2), (Paths{"photos/2019", "photos/2018"}));
  EXPECT_EQ(paths_near(entries, "photos/2019/c/d", 5), (Paths{"photos/2019/a", "photos/2019/b"}));
  EXPECT_EQ(paths_near(entries, "photo", 1), (Paths{"photos"}));
  EXPECT_EQ(paths_near(entries, "Music/one", 1), (Paths{"music"}));
  EXPECT_EQ(paths_near({}, "a", 5), Paths{});
}

}  // namespace
}  // namespace p2p
