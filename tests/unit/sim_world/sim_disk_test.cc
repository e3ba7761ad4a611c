// Disks: what is on them, what a crash leaves, what can go wrong with them.
#include "io_sim/world/sim_disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>

namespace p2p::sim::sim_disk_test {
namespace {

constexpr size_t kPieceBytes = 64;

std::string text_of(int n) { return "piece " + std::to_string(n); }
Slice bytes_of(int n) {
  const std::string text = text_of(n);
  return Slice::copy_of(std::as_bytes(std::span(text)));
}
Digest digest_of(int n) {
  const Slice bytes = bytes_of(n);
  return sha256_zero_filled(bytes.bytes(), kPieceBytes - bytes.size());
}

struct DiskTest : testing::Test {
  SimDisk make(const DiskModel& model = {}, uint64_t seed = 1) {
    return {model, Seed{seed}, pool, kPieceBytes};
  }
  static StoreStatus store(SimDisk& disk, int n) {
    return disk.store(digest_of(n), bytes_of(n)).status;
  }
  static void store(SimDisk& disk, int first, int last) {
    for (int n = first; n <= last; ++n) EXPECT_EQ(store(disk, n), StoreStatus::ok);
  }
  static int held(const SimDisk& disk, int first, int last) {
    int count = 0;
    for (int n = first; n <= last; ++n) count += disk.holds(digest_of(n)) ? 1 : 0;
    return count;
  }
  static StoreStatus load(SimDisk& disk, int n) {
    Slice bytes;
    return disk.load(digest_of(n), bytes);
  }
  static StoreStatus sync(SimDisk& disk) { return disk.end_sync(disk.begin_sync()); }

  PiecePool pool;
};

using SimDiskCrash = DiskTest;
using SimDiskFault = DiskTest;
using SimDiskStore = DiskTest;

TEST_F(SimDiskStore, WhatIsStoredIsLoaded) {
  SimDisk disk = make();
  store(disk, 1, 1);
  Slice bytes;
  EXPECT_EQ(disk.load(digest_of(1), bytes), StoreStatus::ok);
  const auto stored = bytes_of(1);
  EXPECT_TRUE(std::equal(bytes.bytes().begin(), bytes.bytes().end(), stored.bytes().begin(),
                         stored.bytes().end()));
  EXPECT_EQ(load(disk, 2), StoreStatus::not_held);
  EXPECT_EQ(disk.held(), std::vector{digest_of(1)});
}

TEST_F(SimDiskStore, BytesThatDoNotMatchAreSaidToBeSo) {
  SimDisk disk = make();
  EXPECT_FALSE(disk.store(digest_of(1), bytes_of(2)).bytes_match);
  EXPECT_TRUE(disk.store(digest_of(2), bytes_of(2)).bytes_match);
}

TEST_F(SimDiskStore, AtItsCapacityItIsFull) {
  DiskModel model;
  model.capacity = 3 * text_of(1).size();
  SimDisk disk = make(model);
  store(disk, 1, 3);
  EXPECT_EQ(store(disk, 4), StoreStatus::no_space);
  EXPECT_EQ(store(disk, 3), StoreStatus::ok);  // it is there already
  disk.crash(DiskAfter::wipe);
  store(disk, 4, 6);
}

TEST_F(SimDiskStore, LatenciesHaveTheirMeanAndAreNotAllTheSame) {
  DiskModel model;
  model.latency = Duration::milliseconds(4);
  SimDisk disk = make(model);
  Duration sum;
  const Duration first = disk.next_latency();
  bool differs = false;
  for (int i = 0; i < 10'000; ++i) {
    const Duration one = disk.next_latency();
    sum = sum + one;
    differs = differs || one != first;
  }
  EXPECT_TRUE(differs);
  EXPECT_GT(sum / 10'000, Duration::microseconds(3'850));
  EXPECT_LT(sum / 10'000, Duration::microseconds(4'150));
}

TEST_F(SimDiskCrash, WithoutASyncAllIsLost) {
  SimDisk disk = make();
  store(disk, 1, 5);
  EXPECT_FALSE(disk.all_durable());
  disk.crash(DiskAfter::lose_unsynced);
  EXPECT_EQ(disk.size(), 0U);
  EXPECT_TRUE(disk.all_durable());
}

TEST_F(SimDiskCrash, WhatWasSyncedStays) {
  SimDisk disk = make();
  store(disk, 1, 5);
  EXPECT_EQ(sync(disk), StoreStatus::ok);
  EXPECT_TRUE(disk.all_durable());
  store(disk, 6, 9);
  disk.crash(DiskAfter::lose_unsynced);
  EXPECT_EQ(held(disk, 1, 5), 5);
  EXPECT_EQ(held(disk, 6, 9), 0);
}

TEST_F(SimDiskCrash, ASyncCoversWhatWasStoredWhenItBegan) {
  SimDisk disk = make();
  store(disk, 1, 2);
  const uint64_t begun = disk.begin_sync();
  store(disk, 3, 4);
  disk.end_sync(begun);
  disk.crash(DiskAfter::lose_unsynced);
  EXPECT_EQ(held(disk, 1, 2), 2);
  EXPECT_EQ(held(disk, 3, 4), 0);
}

TEST_F(SimDiskCrash, ASyncThatHasNotEndedKeepsNothing) {
  SimDisk disk = make();
  store(disk, 1, 2);
  disk.begin_sync();
  disk.crash(DiskAfter::lose_unsynced);
  EXPECT_EQ(disk.size(), 0U);
}

TEST_F(SimDiskCrash, KeepKeepsAllAndWipeNothing) {
  SimDisk disk = make();
  store(disk, 1, 5);
  disk.crash(DiskAfter::keep);
  EXPECT_EQ(held(disk, 1, 5), 5);
  disk.crash(DiskAfter::lose_unsynced);  // what outlived a crash is durable
  EXPECT_EQ(held(disk, 1, 5), 5);
  disk.crash(DiskAfter::wipe);
  EXPECT_EQ(disk.size(), 0U);
  EXPECT_EQ(load(disk, 1), StoreStatus::not_held);
}

TEST_F(SimDiskCrash, TornKeepsTheDurableAndSomeOfTheRest) {
  SimDisk disk = make();
  store(disk, 1, 50);
  sync(disk);
  store(disk, 51, 350);
  disk.crash(DiskAfter::torn);
  EXPECT_EQ(held(disk, 1, 50), 50);
  EXPECT_GT(held(disk, 51, 350), 60);
  EXPECT_LT(held(disk, 51, 350), 140);
}

TEST_F(SimDiskCrash, WhatWasLostCanBeStoredAgain) {
  DiskModel model;
  model.capacity = 2 * text_of(1).size();
  SimDisk disk = make(model);
  store(disk, 1, 2);
  disk.crash(DiskAfter::lose_unsynced);
  store(disk, 3, 4);
}

TEST_F(SimDiskFault, ALyingDiskSaysThatItHasSynced) {
  DiskModel model;
  model.lies = true;
  SimDisk disk = make(model);
  store(disk, 1, 5);
  EXPECT_EQ(sync(disk), StoreStatus::ok);
  disk.crash(DiskAfter::lose_unsynced);
  EXPECT_EQ(disk.size(), 0U);
}

TEST_F(SimDiskFault, WhatWasThereFromTheBeginningIsDurableOnALyingDiskToo) {
  pool.add(digest_of(1), bytes_of(1));
  DiskModel model;
  model.lies = true;
  SimDisk disk = make(model);
  disk.put(digest_of(1));
  EXPECT_TRUE(disk.all_durable());
  disk.crash(DiskAfter::lose_unsynced);
  EXPECT_EQ(load(disk, 1), StoreStatus::ok);
}

TEST_F(SimDiskFault, AFullDiskTakesNothingMoreUntilItIsGood) {
  SimDisk disk = make();
  store(disk, 1, 1);
  disk.fail(DiskFault::full, 1);
  EXPECT_EQ(store(disk, 2), StoreStatus::no_space);
  EXPECT_EQ(load(disk, 1), StoreStatus::ok);
  EXPECT_EQ(sync(disk), StoreStatus::ok);
  disk.fail(DiskFault::good, 1);
  EXPECT_EQ(store(disk, 2), StoreStatus::ok);
}

TEST_F(SimDiskFault, AFailingDiskDoesNothing) {
  SimDisk disk = make();
  store(disk, 1, 1);
  disk.fail(DiskFault::failing, 1);
  EXPECT_EQ(store(disk, 2), StoreStatus::io_error);
  EXPECT_EQ(load(disk, 1), StoreStatus::io_error);
  EXPECT_EQ(sync(disk), StoreStatus::io_error);
  EXPECT_FALSE(disk.all_durable());
  disk.fail(DiskFault::good, 1);
  EXPECT_EQ(load(disk, 1), StoreStatus::ok);
}

TEST_F(SimDiskFault, ASlowDiskTakesASecondForEachOperation) {
  SimDisk disk = make();
  disk.fail(DiskFault::slow, 1);
  EXPECT_GE(disk.next_latency(), Duration::seconds(1));
  disk.fail(DiskFault::good, 1);
  EXPECT_LT(disk.next_latency(), Duration::milliseconds(100));
}

TEST_F(SimDiskFault, RotTurnsOneBitOfAboutOnePieceInSoMany) {
  SimDisk disk = make();
  store(disk, 1, 300);
  const auto rotten = disk.fail(DiskFault::rot, 3);
  EXPECT_GT(rotten.size(), 60U);
  EXPECT_LT(rotten.size(), 140U);
  for (int n = 1; n <= 300; ++n) {
    Slice bytes;
    ASSERT_EQ(disk.load(digest_of(n), bytes), StoreStatus::ok);
    const bool matches =
        sha256_zero_filled(bytes.bytes(), kPieceBytes - bytes.size()) == digest_of(n);
    const bool is_rotten = std::find(rotten.begin(), rotten.end(), digest_of(n)) != rotten.end();
    EXPECT_EQ(matches, !is_rotten);
  }
}

// The pool's copy is everybody's.
TEST_F(SimDiskFault, RotOnOneDiskIsNotOnAnother) {
  SimDisk one = make();
  SimDisk two = make();
  store(one, 1, 1);
  store(two, 1, 1);
  one.fail(DiskFault::rot, 1);
  Slice bytes;
  two.load(digest_of(1), bytes);
  EXPECT_EQ(sha256_zero_filled(bytes.bytes(), kPieceBytes - bytes.size()), digest_of(1));
}

// Any bytes stand for an address book here.
struct SimDiskBook : DiskTest {
  static StoreStatus save(SimDisk& disk, int n, Time now = Time()) {
    return disk.save_book(bytes_of(n), now);
  }
  // Its bytes, as text; "" where there is none.
  static std::string book(const SimDisk& disk) {
    if (!disk.book()) return {};
    const auto bytes = disk.book()->bytes.bytes();
    std::string text;
    for (const std::byte byte : bytes) text += static_cast<char>(byte);
    return text;
  }
  static DiskModel liar() {
    DiskModel model;
    model.lies = true;
    return model;
  }
};

TEST_F(SimDiskBook, IsWhatWasSavedLastAndWhen) {
  SimDisk disk = make();
  EXPECT_EQ(book(disk), "");
  EXPECT_EQ(save(disk, 1, Time::from_ns(5)), StoreStatus::ok);
  EXPECT_EQ(save(disk, 2, Time::from_ns(7)), StoreStatus::ok);
  EXPECT_EQ(book(disk), text_of(2));
  EXPECT_EQ(disk.book()->saved, Time::from_ns(7));
}

TEST_F(SimDiskBook, OutlivesEveryCrashButAWipe) {
  SimDisk disk = make();
  save(disk, 1);
  for (const DiskAfter after : {DiskAfter::keep, DiskAfter::lose_unsynced, DiskAfter::torn}) {
    disk.crash(after);
    EXPECT_EQ(book(disk), text_of(1));
  }
  disk.crash(DiskAfter::wipe);
  EXPECT_EQ(book(disk), "");
}

TEST_F(SimDiskBook, OfALyingDiskIsTheOneBeforeOrTorn) {
  SimDisk disk = make(liar());
  save(disk, 1);
  disk.crash(DiskAfter::keep);
  save(disk, 2);
  disk.crash(DiskAfter::lose_unsynced);
  EXPECT_EQ(book(disk), text_of(1));
  save(disk, 2);
  disk.crash(DiskAfter::torn);
  ASSERT_TRUE(disk.book());
  EXPECT_LT(book(disk).size(), text_of(2).size());
  EXPECT_EQ(book(disk), text_of(2).substr(0, book(disk).size()));
}

TEST_F(SimDiskBook, IsNotSavedOnAFullOrFailingDisk) {
  SimDisk disk = make();
  save(disk, 1);
  disk.fail(DiskFault::full, 1);
  EXPECT_EQ(save(disk, 2), StoreStatus::no_space);
  disk.fail(DiskFault::failing, 1);
  EXPECT_EQ(save(disk, 2), StoreStatus::io_error);
  EXPECT_EQ(book(disk), text_of(1));
  disk.fail(DiskFault::good, 1);
  EXPECT_EQ(save(disk, 2), StoreStatus::ok);
}

TEST_F(SimDiskBook, RotsLikeAPiece) {
  SimDisk disk = make();
  save(disk, 1);
  disk.fail(DiskFault::rot, 1);
  EXPECT_NE(book(disk), text_of(1));
  EXPECT_EQ(book(disk).size(), text_of(1).size());
}

TEST_F(SimDiskBook, ThatIsSetAsideIsGone) {
  SimDisk disk = make();
  save(disk, 1);
  disk.set_book_aside();
  EXPECT_EQ(book(disk), "");
  disk.crash(DiskAfter::lose_unsynced);
  EXPECT_EQ(book(disk), "");
}

}  // namespace
}  // namespace p2p::sim::sim_disk_test
