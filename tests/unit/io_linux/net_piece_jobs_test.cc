// The engine's actions on pieces, as jobs.
#include "io_linux/piece_jobs.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <latch>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace p2p::io_linux::net_piece_jobs_test {
namespace {

// Writes down what it is asked for. A put of the digest `held_up` waits for `go_on`.
class DiaryStore : public Store {
 public:
  StoreStatus put(const Digest& digest, std::span<const std::byte> bytes) override {
    if (digest == held_up) go_on.wait();
    write("put " + std::to_string(bytes.size()));
    return StoreStatus::ok;
  }
  StoreStatus put_at(const Digest&, std::span<const std::byte>,
                     const std::vector<Extent>& extents) override {
    write("put at " + std::to_string(extents.size()));
    return StoreStatus::no_space;
  }
  StoreStatus place(const Digest&, const std::vector<Extent>& extents) override {
    write("place at " + std::to_string(extents.size()));
    return StoreStatus::not_held;
  }
  Loaded load(const Digest&, bool in_memory) override {
    write(in_memory ? "load in memory" : "load");
    return {StoreStatus::ok, Slice::copy_of(std::as_bytes(std::span("abc", 3)))};
  }
  StoreStatus sync() override {
    write("sync");
    return StoreStatus::ok;
  }

  std::vector<std::string> diary() {
    const std::lock_guard lock(mutex_);
    return diary_;
  }

  Digest held_up = sha256({});
  std::latch go_on{1};

 private:
  void write(std::string line) {
    const std::lock_guard lock(mutex_);
    diary_.push_back(std::move(line));
  }
  std::mutex mutex_;
  std::vector<std::string> diary_;
};

class PieceJobsTest : public ::testing::Test {
 protected:
  // The next event that comes from the workers, seen by the jobs as the loop lets them.
  Event next() {
    while (taken_.empty()) {
      pollfd ready{queue_->ready_fd(), POLLIN, 0};
      if (::poll(&ready, 1, 30'000) != 1) throw std::runtime_error("nothing comes");
      taken_ = queue_->take_all();
    }
    Event event = std::move(taken_.front().event);
    taken_.pop_front();
    jobs_.completed(event);
    return event;
  }

  DiaryStore store_;
  std::shared_ptr<CompletionQueue> queue_ = std::make_shared<CompletionQueue>();
  Workers workers_{2, queue_};
  PieceJobs jobs_{workers_, store_};
  std::deque<Completion> taken_;
};

Slice slice_of(const std::string& text) { return Slice::copy_of(std::as_bytes(std::span(text))); }

TEST_F(PieceJobsTest, HashesTheBytesAndTheZerosBehindThem) {
  jobs_.begin(HashPiece{OpId{7}, {}, uint64_t{1} << 20});
  const auto hashed = std::get<PieceHashed>(next());
  EXPECT_EQ(hashed.op, OpId{7});
  EXPECT_EQ(hashed.digest.hex(),
            "30e14955ebf1352266dc2ff8067e68104607e750abb9d3b36582b8af909fcb58");
}

TEST_F(PieceJobsTest, PassesTheStoresAnswerOn) {
  const Digest digest = sha256(slice_of("abc").bytes());
  jobs_.begin(StorePiece{OpId{1}, digest, slice_of("abc"), {}});
  EXPECT_EQ(std::get<PieceStored>(next()).status, StoreStatus::ok);
  jobs_.begin(StorePiece{OpId{2}, digest, slice_of("abc"), {Extent{}, Extent{}}});
  EXPECT_EQ(std::get<PieceStored>(next()).status, StoreStatus::no_space);
  jobs_.begin(PlacePiece{OpId{3}, digest, {Extent{}}});
  EXPECT_EQ(std::get<PieceStored>(next()).status, StoreStatus::not_held);
  jobs_.begin(LoadPiece{OpId{4}, digest, true});
  const auto loaded = std::get<PieceLoaded>(next());
  EXPECT_EQ(loaded.op, OpId{4});
  EXPECT_EQ(std::get<Slice>(loaded.bytes).size(), 3U);
  EXPECT_EQ(store_.diary(),
            (std::vector<std::string>{"put 3", "put at 2", "place at 1", "load in memory"}));
}

TEST_F(PieceJobsTest, ASyncWaitsForTheWritesBeforeItAndNotForThoseBehindIt) {
  const Digest other = sha256(slice_of("abc").bytes());
  jobs_.begin(StorePiece{OpId{1}, store_.held_up, slice_of("slow"), {}});
  jobs_.begin(SyncStore{OpId{2}});
  jobs_.begin(StorePiece{OpId{3}, other, slice_of("quick"), {}});
  EXPECT_EQ(std::get<PieceStored>(next()).op, OpId{3});
  EXPECT_EQ(store_.diary(), std::vector<std::string>{"put 5"});
  store_.go_on.count_down();
  EXPECT_EQ(std::get<PieceStored>(next()).op, OpId{1});
  EXPECT_EQ(std::get<StoreSynced>(next()).op, OpId{2});
  EXPECT_EQ(store_.diary(), (std::vector<std::string>{"put 5", "put 4", "sync"}));
}

TEST_F(PieceJobsTest, ASyncWithNothingUnderWayBeginsAtOnce) {
  jobs_.begin(SyncStore{OpId{1}});
  EXPECT_EQ(std::get<StoreSynced>(next()).op, OpId{1});
}

}  // namespace
}  // namespace p2p::io_linux::net_piece_jobs_test
