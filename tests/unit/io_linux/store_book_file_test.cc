// The file of the address book: what is saved is found again, and what is no book is set aside.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "io_linux/store/book_file.h"
#include "io_linux/store/file_io.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

using test::Folder;
using test::read_all;
using test::write_all;

using Bytes = std::vector<std::byte>;

SavedBook book_of(int peers) {
  SavedBook book;
  for (int i = 0; i < peers; ++i) {
    book.peers.push_back({{Address::v4(192, 0, 2, static_cast<uint8_t>(i)), 8100}, Duration()});
  }
  return book;
}

class BookOnDisk : public ::testing::Test {
 protected:
  StoreStatus save(const SavedBook& book) const { return file_.save(encode_book(book).bytes()); }
  Bytes bytes_of(const SavedBook& book) const {
    const Slice slice = encode_book(book);
    return {slice.bytes().begin(), slice.bytes().end()};
  }
  // It is said what was wrong and where it is now; it is there; and the next start is a good one.
  void expect_set_aside(const Bytes& bytes) const {
    write_all(path_, bytes);
    const LoadedBook loaded = file_.load();
    EXPECT_TRUE(loaded.book.peers.empty());
    EXPECT_NE(loaded.warning.find(path_ + " can't be used: "), std::string::npos) << loaded.warning;
    EXPECT_NE(loaded.warning.find("set aside as " + corrupt_), std::string::npos) << loaded.warning;
    EXPECT_EQ(read_all(corrupt_), bytes);
    EXPECT_FALSE(std::filesystem::exists(path_));
    EXPECT_EQ(file_.load().warning, "");
  }

  Folder folder_;
  std::string path_ = folder_ / "peers.book";
  std::string corrupt_ = folder_ / "peers.book.corrupt";
  std::string fresh_ = folder_ / "peers.book.new";
  BookFile file_{folder_.path()};
};

TEST_F(BookOnDisk, without_a_file_is_empty_and_nothing_is_said) {
  const LoadedBook loaded = file_.load();
  EXPECT_TRUE(loaded.book.peers.empty());
  EXPECT_EQ(loaded.warning, "");
}

TEST_F(BookOnDisk, is_found_as_it_was_saved_last) {
  EXPECT_EQ(save(book_of(3)), StoreStatus::ok);
  EXPECT_EQ(file_.load().book, book_of(3));
  EXPECT_EQ(save(book_of(2)), StoreStatus::ok);
  const LoadedBook loaded = file_.load();
  EXPECT_EQ(loaded.book, book_of(2));
  EXPECT_EQ(loaded.warning, "");
  EXPECT_LT(loaded.age, Duration::minutes(1));
  EXPECT_FALSE(std::filesystem::exists(fresh_));
}

TEST_F(BookOnDisk, is_as_old_as_its_file_and_never_from_the_future) {
  ASSERT_EQ(save(book_of(1)), StoreStatus::ok);
  const auto set_time = [&](time_t seconds_from_now) {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec += seconds_from_now;
    const timespec times[2] = {now, now};
    ASSERT_EQ(::utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  };
  set_time(-3600);
  EXPECT_GE(file_.load().age, Duration::seconds(3600));
  EXPECT_LT(file_.load().age, Duration::seconds(3660));
  set_time(3600);
  EXPECT_EQ(file_.load().age, Duration());
}

TEST_F(BookOnDisk, cut_off_at_any_length_is_set_aside) {
  const Bytes whole = bytes_of(book_of(2));
  for (size_t length = 0; length < whole.size(); ++length) {
    SCOPED_TRACE(length);
    expect_set_aside(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
  }
}

TEST_F(BookOnDisk, with_any_byte_flipped_is_set_aside) {
  const Bytes whole = bytes_of(book_of(2));
  for (size_t at = 0; at < whole.size(); ++at) {
    SCOPED_TRACE(at);
    Bytes flipped = whole;
    flipped[at] ^= std::byte{0xff};
    expect_set_aside(flipped);
  }
}

TEST_F(BookOnDisk, larger_than_any_book_is_set_aside_unread) {
  expect_set_aside(Bytes(SavedBook::kMaxBytes + 1, std::byte{'P'}));
  expect_set_aside(Bytes(size_t{64} << 20, std::byte{'P'}));
}

TEST_F(BookOnDisk, that_is_a_folder_or_a_pipe_is_set_aside_and_not_waited_for) {
  std::filesystem::create_directory(path_);
  EXPECT_NE(file_.load().warning.find("it is no file; it is set aside"), std::string::npos);
  std::filesystem::remove(corrupt_);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_NE(file_.load().warning.find("it is no file; it is set aside"), std::string::npos);
  EXPECT_EQ(save(book_of(1)), StoreStatus::ok);
}

TEST_F(BookOnDisk, that_cannot_be_set_aside_is_said_and_passed_over) {
  write_all(path_, Bytes(3));
  std::filesystem::create_directory(corrupt_);
  EXPECT_NE(file_.load().warning.find("it can't be set aside"), std::string::npos);
  EXPECT_EQ(save(book_of(1)), StoreStatus::ok);
  EXPECT_EQ(file_.load().book, book_of(1));
}

TEST_F(BookOnDisk, stays_as_it_was_when_another_cannot_be_written) {
  ASSERT_EQ(save(book_of(3)), StoreStatus::ok);
  std::filesystem::create_directory(fresh_);
  EXPECT_EQ(save(book_of(1)), StoreStatus::io_error);
  EXPECT_EQ(file_.load().book, book_of(3));
}

TEST_F(BookOnDisk, in_a_folder_that_is_gone_is_not_saved) {
  const BookFile gone(folder_ / "gone");
  EXPECT_EQ(gone.save(encode_book(book_of(1)).bytes()), StoreStatus::io_error);
  EXPECT_EQ(gone.load().warning, "");
}

TEST_F(BookOnDisk, what_a_crash_left_of_a_save_is_in_nobodys_way) {
  ASSERT_EQ(save(book_of(3)), StoreStatus::ok);
  write_all(fresh_, Bytes(100'000));
  EXPECT_EQ(file_.load().book, book_of(3));
  EXPECT_EQ(save(book_of(1)), StoreStatus::ok);
  EXPECT_EQ(file_.load().book, book_of(1));
}

TEST_F(BookOnDisk, is_left_to_another_process_that_saves_at_the_same_moment) {
  ASSERT_EQ(save(book_of(3)), StoreStatus::ok);
  {
    const Opened other = open_locked(fresh_, O_WRONLY | O_CREAT, 0600);
    ASSERT_TRUE(other.fd);
    EXPECT_EQ(save(book_of(1)), StoreStatus::ok);
    EXPECT_EQ(file_.load().book, book_of(3));
  }
  EXPECT_EQ(save(book_of(1)), StoreStatus::ok);
  EXPECT_EQ(file_.load().book, book_of(1));
}

}  // namespace
}  // namespace p2p::io_linux
