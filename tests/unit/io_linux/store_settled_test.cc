// Which versions of files their times vouch for: io_linux/store/settled.h.
#include "io_linux/store/settled.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "io_linux/store/file_io.h"
#include "tests/unit/io_linux/store_pieces.h"

namespace p2p::io_linux {
namespace {

using test::Folder;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr size_t kLength = 4096;

class SettledTest : public testing::Test {
 protected:
  void SetUp() override {
    test::write_all(path_, std::vector<std::byte>(kLength, std::byte{7}));
    if (version().changed_ns % kSecondNs == 0) GTEST_SKIP() << "no fractions of a second here";
    if (!settled()) GTEST_SKIP() << "nobody vouches for the files of this file system, or to us";
  }

  FileVersion version() const { return *version_of(open_file(path_, O_RDONLY).fd.get()); }
  bool settled(int64_t after_ns = kSecondNs) const {
    const auto file = open_file(path_, O_RDONLY);
    const auto now = *version_of(file.fd.get());
    return is_settled(file.fd.get(), now, now.changed_ns + after_ns);
  }

  Folder folder_;
  const std::string path_ = folder_ / "file";
};

TEST_F(SettledTest, a_file_that_was_written_just_now_is_not) {
  EXPECT_FALSE(settled(0));
  EXPECT_FALSE(settled(10'000'000));
  EXPECT_FALSE(settled(-kSecondNs)) << "the clock was set back";
}

TEST_F(SettledTest, another_version_than_the_one_that_stands_there_is_not) {
  auto other = version();
  other.modified_ns -= 1;
  EXPECT_FALSE(
      is_settled(open_file(path_, O_RDONLY).fd.get(), other, other.changed_ns + kSecondNs));
}

TEST_F(SettledTest, a_change_time_without_fractions_is_not) {
  auto whole = version();
  whole.changed_ns -= whole.changed_ns % kSecondNs;
  EXPECT_FALSE(
      is_settled(open_file(path_, O_RDONLY).fd.get(), whole, whole.changed_ns + kSecondNs));
}

TEST_F(SettledTest, a_file_that_somebody_may_write_to_is_not_until_it_is_closed) {
  auto writer = open_file(path_, O_RDWR);
  ASSERT_TRUE(writer.fd);
  EXPECT_FALSE(settled());
  writer.fd.reset();
  EXPECT_TRUE(settled());
  const auto reader = open_file(path_, O_RDONLY);
  EXPECT_TRUE(settled()) << "who reads it does no harm";
}

// Writes through it change no times once it has been written to.
TEST_F(SettledTest, a_file_that_is_mapped_for_writing_is_not_until_the_mapping_ends) {
  auto writer = open_file(path_, O_RDWR);
  void* const mapping =
      ::mmap(nullptr, kLength, PROT_READ | PROT_WRITE, MAP_SHARED, writer.fd.get(), 0);
  ASSERT_NE(mapping, MAP_FAILED);
  writer.fd.reset();
  EXPECT_FALSE(settled());
  ::munmap(mapping, kLength);
  EXPECT_TRUE(settled());
}

// What the rest rests on: the kernel notes every write of somebody who opens a settled file.
TEST_F(SettledTest, a_file_tells_of_the_first_write_through_a_new_mapping) {
  const auto before = version();
  auto writer = open_file(path_, O_RDWR);
  auto* const mapping = static_cast<char*>(
      ::mmap(nullptr, kLength, PROT_READ | PROT_WRITE, MAP_SHARED, writer.fd.get(), 0));
  ASSERT_NE(mapping, MAP_FAILED);
  // Its clock may stand still for a tick.
  while (version() == before && real_time_ns() < before.changed_ns + 5 * kSecondNs) {
    mapping[0] = static_cast<char>(mapping[0] ^ 1);
    ::munmap(mapping, kLength);
    ASSERT_EQ(mapping, ::mmap(mapping, kLength, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                              writer.fd.get(), 0));
  }
  EXPECT_NE(version(), before);
  ::munmap(mapping, kLength);
}

// There a write through a mapping never changes the times.
TEST(Settled, a_file_in_memory_is_not) {
  std::string path = "/dev/shm/p2p-settled-XXXXXX";
  Fd writer(::mkstemp(path.data()));
  if (!writer) GTEST_SKIP() << "no /dev/shm here";
  writer.reset();
  const auto file = open_file(path, O_RDONLY);
  ::unlink(path.c_str());
  ASSERT_TRUE(file.fd);
  const auto now = *version_of(file.fd.get());
  EXPECT_FALSE(is_settled(file.fd.get(), now, now.changed_ns + kSecondNs));
}

}  // namespace
}  // namespace p2p::io_linux
