// Which symbolic links of a directory lead out of it.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/content/links.h"

namespace p2p {
namespace {

using Out = std::vector<size_t>;

Out out_of(const std::vector<TreeLink>& links) { return links_that_lead_out(links); }

TEST(Links, that_stay_in_the_directory_are_fine) {
  EXPECT_EQ(out_of({{"a", "b"}}), Out{});
  EXPECT_EQ(out_of({{"d/e/l", "../../top"}}), Out{});
  EXPECT_EQ(out_of({{"d/l", ".."}}), Out{});
  EXPECT_EQ(out_of({{"l", "."}}), Out{});
  EXPECT_EQ(out_of({{"l", "nowhere/at/all"}}), Out{});
  EXPECT_EQ(out_of({{"l", "d/../e//./f/"}}), Out{});
}

TEST(Links, that_are_absolute_or_go_above_the_top_lead_out) {
  EXPECT_EQ(out_of({{"l", "/etc/passwd"}}), Out{0});
  EXPECT_EQ(out_of({{"l", ".."}}), Out{0});
  EXPECT_EQ(out_of({{"d/l", "../.."}}), Out{0});
  EXPECT_EQ(out_of({{"d/l", "e/../../../d/x"}}), Out{0});
}

TEST(Links, that_lead_out_through_other_links_are_found) {
  // "d/x/.." is the folder above the top, though its words say "d".
  EXPECT_EQ(out_of({{"d/x", ".."}, {"y", "d/x/.."}}), Out{1});
  EXPECT_EQ(out_of({{"d/x", ".."}, {"y", "d/x/d"}}), Out{});
  EXPECT_EQ(out_of({{"a", ".."}, {"b", "a"}, {"c", "b/d"}}), (Out{0, 1, 2}));
}

TEST(Links, that_lead_to_each_other_lead_nowhere) {
  EXPECT_EQ(out_of({{"a", "b"}, {"b", "a"}}), Out{});
  EXPECT_EQ(out_of({{"a", "a/a"}}), Out{});
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
    paths.emplace_back(1, name);
    targets.emplace_back(std::string(1, static_cast<char>(name + 1)) + "/../" +
                         std::string(1, static_cast<char>(name + 1)));
  }
  std::vector<TreeLink> links;
  for (size_t i = 0; i < paths.size(); ++i) links.push_back({paths[i], targets[i]});
  // They end in "{" and lead to nothing; what is counted here is that it ends.
  EXPECT_LE(out_of(links).size(), links.size());
}

}  // namespace
}  // namespace p2p
