// Directories to contents and back: io_linux/store/tree_source.h and tree_export.h.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/content/listing.h"
#include "io_linux/store/content_source.h"
#include "io_linux/store/import.h"
#include "io_linux/store/tree_export.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

namespace fs = std::filesystem;
using test::Folder;
using test::kKibibyte;
using test::kMebibyte;
using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

void write(const std::string& path, std::string_view text, bool executable = false) {
  fs::create_directories(fs::path(path).parent_path());
  test::write_all(path, bytes_of(text));
  ::chmod(path.c_str(), executable ? 0755 : 0644);
}

// Everything below a folder: what it is, and what is in it.
std::map<std::string, std::string> all_below(const std::string& folder) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::string what = "directory";
    if (entry.is_symlink()) {
      what = "link " + fs::read_symlink(entry).string();
    } else if (entry.is_regular_file()) {
      const auto bytes = test::read_all(entry.path().string());
      const bool executable = (entry.status().permissions() & fs::perms::owner_exec) != fs::perms();
      what = (executable ? "program " : "file ") + std::to_string(bytes.size()) + " " +
             sha256(bytes).hex();
    }
    all[entry.path().lexically_relative(folder).string()] = what;
  }
  return all;
}

// A content as it would come from peers, in a file.
struct Content {
  Fd fd;
  uint64_t length = 0;
};
Content content_of(const Folder& folder, std::span<const std::byte> bytes) {
  test::write_all(folder / "content", bytes);
  return {open_file(folder / "content", O_RDONLY).fd, bytes.size()};
}
Bytes read_source(const std::string& path, PieceSize piece_size) {
  const auto opened = open_source(path, piece_size);
  EXPECT_NE(opened.source, nullptr) << opened.error.text;
  if (opened.source == nullptr) return {};
  // In steps that fit no border.
  Bytes bytes(static_cast<size_t>(opened.source->length()));
  for (size_t at = 0; at < bytes.size(); at += 777) {
    const auto part = std::span(bytes).subspan(at, std::min<size_t>(777, bytes.size() - at));
    EXPECT_FALSE(opened.source->read(part, at).error);
  }
  return bytes;
}

void make_any_tree(const std::string& top) {
  write(top + "/a", "alpha");
  write(top + "/a-b", std::string(3000, 'x'));
  write(top + "/a.d/empty", "");
  write(top + "/bin/run", "run", true);
  write(top + "/bin/long", std::string(1024, 'y') + std::string(5000, '\0') + "z", true);
  write(top +
            "/new\nline/gr\xc3\xbc\xc3\x9f"
            "e",
        "hello");
  write(top + "/" + std::string(255, 'n') + "/" + std::string(255, 'm'), "long name");
  fs::create_directories(top + "/void/deep/er");
  fs::create_symlink("a", top + "/l");
  fs::create_symlink("../a", top + "/bin/up");
  fs::create_symlink("nowhere", top + "/dangling");
  fs::create_directory_symlink("void", top + "/to-void");
}

TEST(Tree, of_the_vector_has_its_id) {
  const Folder folder;
  write(folder / "tree/a", "alpha");
  write(folder / "tree/bin/run", "run", true);
  fs::create_symlink("a", folder / "tree/l");
  fs::create_directory(folder / "tree/void");
  for (const std::string& path : {folder / "tree", folder / "tree/"}) {
    const auto imported = import_content(path, kMebibyte, nullptr);
    EXPECT_EQ(imported.id.hex(), "a6c0bcce3fdcf50298301118ca078849dbb4aa099eba338a7729feaea2e6577a")
        << imported.error.text;
    EXPECT_EQ(imported.kind, ContentKind::directory);
    EXPECT_EQ(imported.length, 90U);
  }
}

TEST(Tree, comes_out_as_it_went_in) {
  for (const PieceSize piece_size : {kKibibyte, kMebibyte}) {
    const Folder folder;
    make_any_tree(folder / "tree");
    const Bytes bytes = read_source(folder / "tree", piece_size);
    const auto content = content_of(folder, bytes);
    const auto exported = export_tree(content.fd.get(), content.length, piece_size, folder / "out");
    ASSERT_EQ(exported.status, TreeExported::Status::ok) << exported.error.text;
    EXPECT_EQ(exported.files, 11U);
    EXPECT_EQ(all_below(folder / "out"), all_below(folder / "tree"));
    EXPECT_FALSE(fs::exists(folder / "out.tree.part"));
    EXPECT_EQ(import_content(folder / "out", piece_size, nullptr).id,
              import_content(folder / "tree", piece_size, nullptr).id);
  }
}

TEST(Tree, that_is_empty_comes_out_empty) {
  const Folder folder;
  fs::create_directory(folder / "tree");
  const auto content = content_of(folder, read_source(folder / "tree", kKibibyte));
  const auto exported = export_tree(content.fd.get(), content.length, kKibibyte, folder / "out");
  EXPECT_EQ(exported.status, TreeExported::Status::ok) << exported.error.text;
  EXPECT_TRUE(fs::is_empty(folder / "out"));
}

// What import says of a tree with something in it that can't be shared.
std::string complaint(const std::string& tree) {
  const auto imported = import_content(tree, kMebibyte, nullptr);
  EXPECT_EQ(imported.status, Imported::Status::failed);
  return imported.error.text;
}

TEST(Tree, with_what_cannot_be_shared_is_refused_by_its_path) {
  const Folder folder;
  write(folder / "tree/d/a", "alpha");
  const std::string bad = folder / "tree/d/bad";
  ASSERT_EQ(::mkfifo(bad.c_str(), 0600), 0);
  EXPECT_EQ(complaint(folder / "tree"),
            bad + " is a pipe: only files, directories and links in them can be shared");
  fs::remove(bad);
  for (const char* target : {"/etc/passwd", "../../x", "../.."}) {
    fs::create_symlink(target, bad);
    EXPECT_NE(
        complaint(folder / "tree").find(bad + " is a link out of the directory, to " + target),
        std::string::npos);
    fs::remove(bad);
  }
  write(folder / "tree/d/\xff", "latin");
  EXPECT_NE(complaint(folder / "tree").find("not UTF-8"), std::string::npos);
}

TEST(Tree, with_a_file_that_changes_after_it_was_listed_is_said_to_have_changed) {
  const Folder folder;
  write(folder / "tree/a", "alpha");
  const auto opened = open_source(folder / "tree", kMebibyte);
  ASSERT_NE(opened.source, nullptr);
  write(folder / "tree/a", "gamma!");
  Bytes bytes(static_cast<size_t>(opened.source->length()));
  EXPECT_FALSE(opened.source->read(bytes, 0).error);
  const auto error = opened.source->check_unchanged();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->text, (folder / "tree/a") + " changed while it was read");
  fs::remove(folder / "tree/a");
  EXPECT_EQ(opened.source->read(bytes, 0).error->text,
            (folder / "tree/a") + " changed while it was read");
}

TEST(Tree, with_a_folder_that_becomes_a_link_is_not_followed) {
  const Folder folder;
  write(folder / "tree/d/a", "alpha");
  write(folder / "elsewhere/a", "alpha");
  const auto opened = open_source(folder / "tree", kMebibyte);
  ASSERT_NE(opened.source, nullptr);
  fs::remove_all(folder / "tree/d");
  fs::create_directory_symlink(folder / "elsewhere", folder / "tree/d");
  Bytes bytes(static_cast<size_t>(opened.source->length()));
  EXPECT_TRUE(opened.source->read(bytes, 0).error);
}

// A content with these entries, and then these bytes.
Bytes made_up(const std::vector<ListingEntry>& entries, std::string_view behind) {
  Bytes content = encode_listing(entries);
  const auto more = bytes_of(behind);
  content.insert(content.end(), more.begin(), more.end());
  return content;
}

class HostileTree : public testing::Test {
 protected:
  // Nothing may stand beside the content afterwards.
  TreeExported refused(const Bytes& bytes) {
    const auto content = content_of(folder_, bytes);
    auto exported = export_tree(content.fd.get(), content.length, kMebibyte, folder_ / "out");
    EXPECT_NE(exported.status, TreeExported::Status::ok);
    EXPECT_EQ(all_below(folder_.path()).size(), 1U) << exported.error.text;
    return exported;
  }

  Folder folder_;
};

TEST_F(HostileTree, that_leads_out_by_a_path_is_refused) {
  for (const char* path : {"../x", "/x", "a/../../x", "..", "a//x", "./x"}) {
    EXPECT_EQ(refused(made_up({{EntryKind::file, 1, path}}, "x")).status,
              TreeExported::Status::corrupt);
  }
}

TEST_F(HostileTree, that_leads_out_by_a_link_is_refused) {
  const auto link = [](const char* target) {
    return made_up({{EntryKind::link, std::string_view(target).size(), "l"}}, target);
  };
  for (const char* target : {"/etc", "..", "../x", "k/../..", "a/../../b"}) {
    const auto exported = refused(link(target));
    EXPECT_EQ(exported.status, TreeExported::Status::corrupt);
    EXPECT_NE(exported.error.text.find("the link l leads out"), std::string::npos);
  }
  // A link to a folder above, and another that goes through it.
  EXPECT_EQ(
      refused(made_up({{EntryKind::link, 2, "d/x"}, {EntryKind::link, 6, "y"}}, "..d/x/..")).status,
      TreeExported::Status::corrupt);
}

// On a filesystem that takes "q" and "Q" for equal, l would lead above the top.
TEST_F(HostileTree, with_a_link_up_from_a_folder_that_it_does_not_have_is_refused) {
  EXPECT_EQ(
      refused(made_up({{EntryKind::link, 1, "Q"}, {EntryKind::link, 6, "l"}}, ".q/../x")).status,
      TreeExported::Status::corrupt);
}

TEST_F(HostileTree, with_a_link_without_end_is_refused) {
  EXPECT_EQ(refused(made_up({{EntryKind::link, 1, "l"}}, "l")).status,
            TreeExported::Status::corrupt);
}

// Each link is a short one to follow; all of them are too many.
TEST_F(HostileTree, with_links_of_too_many_steps_is_beyond_us) {
  std::string target;
  while (target.size() < 2'000) target += "./";
  std::vector<std::string> names;
  for (int i = 100'000; i < 120'000; ++i) names.push_back(std::to_string(i));
  std::vector<ListingEntry> entries;
  std::string targets;
  for (const std::string& name : names) {
    entries.push_back({EntryKind::link, target.size(), name});
    targets += target;
  }
  const auto exported = refused(made_up(entries, targets));
  EXPECT_EQ(exported.status, TreeExported::Status::beyond);
  EXPECT_NE(exported.error.text.find("more links in it than"), std::string::npos);
}

// A listing of 9 MB that asks for more than 2^22 folders.
TEST_F(HostileTree, with_too_many_folders_on_the_way_to_its_files_is_beyond_us) {
  std::string below;
  for (int i = 0; i < 198; ++i) below += "/d";
  std::vector<std::string> paths;
  for (int i = 100'000; i < 121'200; ++i) paths.push_back(std::to_string(i) + below + "/f");
  std::vector<ListingEntry> entries;
  for (const std::string& path : paths) entries.push_back({EntryKind::file, 0, path});
  const auto exported = refused(made_up(entries, {}));
  EXPECT_EQ(exported.status, TreeExported::Status::beyond);
  EXPECT_NE(exported.error.text.find("more folders than"), std::string::npos);
}

TEST_F(HostileTree, with_a_file_below_a_link_is_refused) {
  EXPECT_EQ(refused(made_up({{EntryKind::link, 1, "l"}, {EntryKind::file, 1, "l/x"}}, "dx")).status,
            TreeExported::Status::corrupt);
}

TEST_F(HostileTree, with_a_wrong_length_is_refused) {
  EXPECT_EQ(refused(made_up({{EntryKind::file, 5, "a"}}, "alpha!")).status,
            TreeExported::Status::corrupt);
  EXPECT_EQ(refused(made_up({{EntryKind::file, 5, "a"}}, "alph")).status,
            TreeExported::Status::corrupt);
  EXPECT_EQ(refused(made_up({{EntryKind::file, uint64_t{1} << 62, "a"}}, "alpha")).status,
            TreeExported::Status::corrupt);
  EXPECT_EQ(refused({}).status, TreeExported::Status::corrupt);
}

TEST_F(HostileTree, with_bytes_between_its_files_is_refused) {
  Bytes content = made_up({{EntryKind::file, 1 << 20, "a"}}, {});
  content.resize(2 << 20);
  content[(1 << 20) - 1] = std::byte{1};
  EXPECT_EQ(refused(content).status, TreeExported::Status::corrupt);
}

TEST_F(HostileTree, with_a_name_that_no_file_can_have_fails_and_leaves_nothing) {
  const std::string name(256, 'n');
  const auto exported = refused(made_up({{EntryKind::file, 0, name}}, {}));
  EXPECT_EQ(exported.status, TreeExported::Status::failed);
  EXPECT_EQ(exported.error.error_number, ENAMETOOLONG);
}

TEST_F(HostileTree, never_writes_through_a_link_that_stands_where_it_is_built) {
  fs::create_directory(folder_ / "victim");
  write(folder_ / "victim/a", "dear");
  fs::create_directory_symlink(folder_ / "victim", folder_ / "out.tree.part");
  const auto content = content_of(folder_, made_up({{EntryKind::file, 1, "a"}}, "x"));
  const auto exported = export_tree(content.fd.get(), content.length, kMebibyte, folder_ / "out");
  EXPECT_EQ(exported.status, TreeExported::Status::ok) << exported.error.text;
  EXPECT_EQ(test::read_all(folder_ / "victim/a"), bytes_of("dear"));
}

TEST(TreeExport, replaces_nothing) {
  const Folder folder;
  write(folder / "out/mine", "dear");
  const auto content = content_of(folder, made_up({{EntryKind::file, 1, "a"}}, "x"));
  const auto exported = export_tree(content.fd.get(), content.length, kMebibyte, folder / "out");
  EXPECT_EQ(exported.status, TreeExported::Status::failed);
  EXPECT_EQ(exported.error.error_number, EEXIST);
  EXPECT_EQ(all_below(folder / "out").size(), 1U);
  EXPECT_FALSE(fs::exists(folder / "out.tree.part"));
}

TEST(TreeExport, replaces_what_a_run_that_was_cut_short_has_left) {
  const Folder folder;
  write(folder / "out.tree.part/half/a", "half");
  const auto content = content_of(folder, made_up({{EntryKind::file, 1, "a"}}, "x"));
  const auto exported = export_tree(content.fd.get(), content.length, kMebibyte, folder / "out");
  EXPECT_EQ(exported.status, TreeExported::Status::ok) << exported.error.text;
  EXPECT_EQ(all_below(folder / "out").size(), 1U);
}

TEST(TreeExport, is_whole_where_its_parent_is_moved_meanwhile) {
  const Folder folder;
  fs::create_directory(folder / "before");
  const auto content = content_of(folder, made_up({{EntryKind::file, 1, "a"}}, "x"));
  TreeExportOptions options;
  options.progress = [&](uint64_t, uint64_t) { fs::rename(folder / "before", folder / "behind"); };
  const auto exported =
      export_tree(content.fd.get(), content.length, kMebibyte, folder / "before/out", options);
  EXPECT_EQ(exported.status, TreeExported::Status::ok) << exported.error.text;
  EXPECT_EQ(test::read_all(folder / "behind/out/a"), bytes_of("x"));
  EXPECT_FALSE(fs::exists(folder / "behind/out.tree.part"));
}

TEST(TreeExport, knows_the_names_that_directories_are_built_under) {
  EXPECT_TRUE(is_tree_part("a/out.tree.part"));
  EXPECT_TRUE(is_tree_part(".tree.part"));
  EXPECT_FALSE(is_tree_part("out.tree"));
  EXPECT_FALSE(is_tree_part("out.tree.part/a"));
}

TEST(TreeExport, that_is_cancelled_leaves_nothing) {
  const Folder folder;
  make_any_tree(folder / "tree");
  const auto content = content_of(folder, read_source(folder / "tree", kKibibyte));
  std::atomic<bool> cancel{false};
  TreeExportOptions options;
  options.cancel = &cancel;
  options.progress = [&](uint64_t done, uint64_t total) { cancel = done * 2 > total; };
  const auto exported =
      export_tree(content.fd.get(), content.length, kKibibyte, folder / "out", options);
  EXPECT_EQ(exported.status, TreeExported::Status::cancelled);
  EXPECT_FALSE(fs::exists(folder / "out"));
  EXPECT_FALSE(fs::exists(folder / "out.tree.part"));
}

}  // namespace
}  // namespace p2p::io_linux
