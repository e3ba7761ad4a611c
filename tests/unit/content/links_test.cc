// Which symbolic links of a directory lead out of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "engine/content/links.h"

namespace p2p {
namespace {

using Out = std::vector<size_t>;

// The links among files at these paths, in any order.
std::vector<ListingEntry> entries_of(const std::vector<TreeLink>& links,
                                     const std::vector<std::string_view>& files) {
  std::vector<ListingEntry> entries;
  for (const TreeLink& link : links) entries.push_back({EntryKind::link, 1, link.path});
  for (const auto file : files) entries.push_back({EntryKind::file, 0, file});
  std::sort(entries.begin(), entries.end(),
            [](const ListingEntry& a, const ListingEntry& b) { return a.path < b.path; });
  return entries;
}

Out out_of(const std::vector<TreeLink>& links, const std::vector<std::string_view>& files = {}) {
  const auto followed = follow_links(links, entries_of(links, files));
  EXPECT_TRUE(followed.all);
  return followed.out;
}

TEST(Links, that_stay_in_the_directory_are_fine) {
  EXPECT_EQ(out_of({{"a", "b"}}), Out{});
  EXPECT_EQ(out_of({{"d/e/l", "../../top"}}), Out{});
  EXPECT_EQ(out_of({{"d/l", ".."}}), Out{});
  EXPECT_EQ(out_of({{"l", "."}}), Out{});
  EXPECT_EQ(out_of({{"l", "nowhere/at/all"}}), Out{});
  EXPECT_EQ(out_of({{"l", "d/../e//./f/"}}, {"d/x"}), Out{});
}

TEST(Links, that_are_absolute_or_go_above_the_top_lead_out) {
  EXPECT_EQ(out_of({{"l", "/etc/passwd"}}), Out{0});
  EXPECT_EQ(out_of({{"l", ".."}}), Out{0});
  EXPECT_EQ(out_of({{"d/l", "../.."}}), Out{0});
  EXPECT_EQ(out_of({{"d/l", "e/../../../d/x"}}, {"d/e/x"}), Out{0});
}

TEST(Links, that_lead_out_through_other_links_are_found) {
  // "d/x/.." is the folder above the top, though its words say "d".
  EXPECT_EQ(out_of({{"d/x", ".."}, {"y", "d/x/.."}}), Out{1});
  EXPECT_EQ(out_of({{"d/x", ".."}, {"y", "d/x/d"}}), Out{});
  EXPECT_EQ(out_of({{"a", ".."}, {"b", "a"}, {"c", "b/d"}}), (Out{0, 1, 2}));
}

TEST(Links, that_go_up_from_what_is_no_folder_here_are_refused) {
  EXPECT_EQ(out_of({{"l", "gone/../x"}}), Out{0});
  EXPECT_EQ(out_of({{"l", "f/../x"}}, {"f"}), Out{0});
  EXPECT_EQ(out_of({{"l", "f/../x"}}, {"f-g/x"}), Out{0});
  EXPECT_EQ(out_of({{"l", "d/e/../x"}}, {"d/x"}), Out{0});
  EXPECT_EQ(out_of({{"l", "f/../x"}}, {"f-g", "f/x"}), Out{});
  // Where "q" is the name of the link "Q" too, this is the folder above the top.
  EXPECT_EQ(out_of({{"Q", "."}, {"evil", "q/../x"}}), Out{1});
  EXPECT_EQ(out_of({{"Q", "."}, {"a", "q"}, {"evil", "a/.."}}), Out{2});
}

TEST(Links, may_go_up_from_an_empty_folder) {
  const std::vector<TreeLink> links = {{"l", "void/../x"}};
  const std::vector<ListingEntry> entries = {{EntryKind::link, 9, "l"},
                                             {EntryKind::empty_directory, 0, "void"}};
  EXPECT_EQ(follow_links(links, entries).out, Out{});
}

TEST(Links, that_have_no_end_are_refused) {
  EXPECT_EQ(out_of({{"a", "b"}, {"b", "a"}}), (Out{0, 1}));
  EXPECT_EQ(out_of({{"a", "a/a"}}), Out{0});
}

// All lead to the top, a5 by more links than Linux follows.
TEST(Links, that_go_on_behind_more_links_than_are_followed_are_refused) {
  const std::vector<TreeLink> links = {{"a0", "."},      {"a1", "a0/a0"}, {"a2", "a1/a1"},
                                       {"a3", "a2/a2"},  {"a4", "a3/a3"}, {"a5", "a4/a4"},
                                       {"evil", "a5/.."}};
  EXPECT_EQ(out_of(links), (Out{5, 6}));
}

TEST(Links, that_cannot_be_links_are_refused) {
  using namespace std::string_view_literals;
  EXPECT_EQ(out_of({{"a", ""}}), Out{0});
  EXPECT_EQ(out_of({{"a", "b\0c"sv}}), Out{0});
  std::string parts;
  for (int i = 0; i < 1500; ++i) parts += "p/";
  EXPECT_EQ(out_of({{"a", parts}}), Out{0});
}

TEST(Links, of_many_that_double_each_other_end_soon) {
  std::vector<std::string> paths;
  std::vector<std::string> targets;
  for (char name = 'a'; name <= 'z'; ++name) {
    const std::string next(1, static_cast<char>(name + 1));
    paths.emplace_back(1, name);
    targets.push_back(next + "/./" + next);
  }
  std::vector<TreeLink> links;
  for (size_t i = 0; i < paths.size(); ++i) links.push_back({paths[i], targets[i]});
  // They end in "{" and lead to nothing; what is counted here is that it ends.
  EXPECT_LE(out_of(links).size(), links.size());
}

// Links through a thousand parts each, which are the same for all.
TEST(Links, of_a_great_many_are_followed_for_so_many_steps_in_all) {
  std::string long_way = "d";
  for (int i = 0; i < 500; ++i) long_way += "/.";
  std::vector<std::string> paths;
  for (char a = 'a'; a <= 'z'; ++a) {
    for (char b = 'a'; b <= 'z'; ++b) paths.push_back({a, b});
  }
  std::vector<TreeLink> links;
  for (const std::string& path : paths) links.push_back({path, long_way});
  const auto entries = entries_of(links, {"d"});
  EXPECT_TRUE(follow_links(links, entries).all);
  const auto followed = follow_links(links, entries, 100'000);
  EXPECT_FALSE(followed.all);
  EXPECT_EQ(followed.out, Out{});
}

TEST(Links, cost_more_steps_where_paths_are_long) {
  const std::string folder(6'400, 'f');
  const std::string path = folder + "/l";
  const std::vector<TreeLink> links = {{path, "./././."}};
  EXPECT_TRUE(follow_links(links, entries_of(links, {}), 500).all);
  EXPECT_FALSE(follow_links(links, entries_of(links, {}), 400).all);
}

TEST(Links, that_lead_out_before_the_steps_are_used_up_are_told) {
  const std::vector<TreeLink> links = {{"a", ".."}, {"b", "x/y/z/w"}};
  const auto followed = follow_links(links, entries_of(links, {}), 4);
  EXPECT_FALSE(followed.all);
  EXPECT_EQ(followed.out, Out{0});
}

}  // namespace
}  // namespace p2p
