// What add, share and get list: apps/p2pnode/recording.h, get_record.h; where get saves it:
// target_path.h.
#include "apps/p2pnode/recording.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "apps/p2pnode/get_record.h"
#include "apps/p2pnode/target_path.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::app {
namespace {

namespace fs = std::filesystem;
using io_linux::ContentRecord;
using io_linux::test::Folder;
using io_linux::test::kKibibyte;

class RecordingTest : public testing::Test {
 protected:
  void SetUp() override {
    pieces_ = io_linux::PieceStore::open(folder_ / "data", kKibibyte).store;
    ASSERT_NE(pieces_, nullptr);
    io_linux::test::write_all(folder_ / "film",
                              io_linux::test::piece_of(1, 40'000, PieceSize()).bytes);
  }
  ContentRecord added(bool in_place) {
    io_linux::ImportOptions options;
    options.in_place = in_place;
    const auto imported =
        io_linux::import_content(folder_ / "film", kKibibyte, pieces_.get(), options);
    const auto record = record_of(imported, folder_ / "film", kKibibyte);
    EXPECT_FALSE(remember_added(catalogue_, *pieces_, record));
    return record;
  }
  std::string listed_source(const Digest& id) { return catalogue_.find(id)->source; }

  Folder folder_;
  std::unique_ptr<io_linux::PieceStore> pieces_;
  const io_linux::Catalogue catalogue_{folder_ / "data"};
  const std::atomic<bool> never_{false};
};

TEST_F(RecordingTest, a_copy_stays_one_when_it_is_added_in_place_too) {
  added(false);
  EXPECT_EQ(listed_source(added(true).id), "");
}

TEST_F(RecordingTest, a_copy_with_a_hole_is_served_from_where_it_was_added_again) {
  const auto id = added(false).id;
  const auto parts = io_linux::content_pieces(*pieces_, id, kKibibyte);
  pieces_->drop(parts.data.front().digest);
  added(true);
  EXPECT_EQ(listed_source(id), absolute_path(folder_ / "film"));
}

TEST_F(RecordingTest, a_get_that_is_given_up_leaves_the_list_as_it_was) {
  auto before = added(true);
  before.source = folder_ / "gone";
  ASSERT_FALSE(catalogue_.save(before));
  GetRecord record(catalogue_, *pieces_, before.id, folder_ / "to");
  ASSERT_FALSE(record.begin());
  EXPECT_FALSE(catalogue_.find(before.id)->whole);
  record.give_up();
  EXPECT_EQ(catalogue_.find(before.id), before);
}

TEST_F(RecordingTest, what_is_got_again_mends_the_list_only_if_it_was_spoilt) {
  const auto id = added(true).id;
  fs::copy_file(folder_ / "film", folder_ / "to");
  GetRecord record(catalogue_, *pieces_, id, folder_ / "to");
  ASSERT_FALSE(record.begin());
  ASSERT_FALSE(record.done({40'000, ContentKind::file, false}, {}, never_));
  EXPECT_EQ(listed_source(id), absolute_path(folder_ / "film"));
  io_linux::test::write_all(folder_ / "film", std::vector<std::byte>(40'000));
  ASSERT_FALSE(record.done({40'000, ContentKind::file, false}, {}, never_));
  EXPECT_EQ(listed_source(id), absolute_path(folder_ / "to"));
}

TEST_F(RecordingTest, what_stands_there_but_was_only_begun_is_listed_as_whole) {
  const auto id = added(true).id;
  ASSERT_FALSE(catalogue_.remove(id));
  GetRecord record(catalogue_, *pieces_, id, folder_ / "film");
  ASSERT_FALSE(record.begin());
  io_linux::test::write_all(folder_ / "film.part", {});
  ASSERT_FALSE(remember_existing(catalogue_, *pieces_, id, folder_ / "film"));
  EXPECT_TRUE(catalogue_.find(id)->whole);
  EXPECT_FALSE(fs::exists(folder_ / "film.part"));
}

TEST_F(RecordingTest, a_folder_gets_a_content_unless_it_is_the_content) {
  auto record = added(true);
  GetOptions options;
  options.ticket.id = record.id;
  options.ticket.name = "tree";
  fs::create_directories(folder_ / "into");
  fs::create_directories(folder_ / "tree");
  options.output = folder_ / "into";
  EXPECT_EQ(target_path_of(options, catalogue_), folder_ / "into/tree");
  record.source = absolute_path(folder_ / "into");
  ASSERT_FALSE(catalogue_.save(record));
  EXPECT_EQ(target_path_of(options, catalogue_), folder_ / "into");
  options.output = folder_ / "tree";
  EXPECT_EQ(target_path_of(options, catalogue_), folder_ / "tree");
  options.output += "/";
  EXPECT_EQ(target_path_of(options, catalogue_), folder_ / "tree/tree");
}

}  // namespace
}  // namespace p2p::app
