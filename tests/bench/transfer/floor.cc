#include "tests/bench/transfer/floor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace p2p::bench {

namespace {

constexpr size_t kPiece = size_t{1} << 20;
constexpr size_t kPiecesInMemory = 32;  // what p2pnode's receive budget holds

using Hash = std::array<unsigned char, 32>;
using Bytes = std::unique_ptr<unsigned char[]>;

struct Piece {
  size_t index = 0;
  Bytes bytes;
};

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("the floor cannot ") + what);
}

Hash hash_of(const unsigned char* bytes) {
  Hash hash{};
  unsigned length = 0;
  EVP_Digest(bytes, kPiece, hash.data(), &length, EVP_sha256(), nullptr);
  return hash;
}

std::vector<Hash> hashes_of(const std::string& file) {
  const int in = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  require(in >= 0, "open the file");
  std::vector<Hash> hashes;
  const auto piece = std::make_unique<unsigned char[]>(kPiece);
  while (read(in, piece.get(), kPiece) == static_cast<ssize_t>(kPiece)) {
    hashes.push_back(hash_of(piece.get()));
  }
  close(in);
  return hashes;
}

[[noreturn]] void send_file(const std::string& file, const sockaddr_in& to) {
  const int out = socket(AF_INET, SOCK_STREAM, 0);
  const int in = open(file.c_str(), O_RDONLY);
  if (connect(out, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) _exit(1);
  off_t offset = 0;
  while (sendfile(out, in, &offset, kPiece) > 0) {
  }
  shutdown(out, SHUT_WR);
  char end = 0;
  while (read(out, &end, 1) > 0) {
  }
  _exit(0);
}

class Receiver {
 public:
  Receiver(const std::vector<Hash>& hashes, int out, unsigned threads)
      : hashes_(hashes), out_(out) {
    for (size_t i = 0; i < kPiecesInMemory; ++i) {
      spare_.push_back(std::make_unique<unsigned char[]>(kPiece));
    }
    for (unsigned i = 0; i < threads; ++i) workers_.emplace_back([this] { work(); });
  }

  bool receive(int from) {
    for (size_t i = 0; i < hashes_.size(); ++i) {
      Bytes bytes = take_spare();
      for (size_t got = 0; got < kPiece;) {
        const ssize_t n = read(from, bytes.get() + got, kPiece - got);
        require(n > 0, "receive");
        got += static_cast<size_t>(n);
      }
      const std::lock_guard lock(mutex_);
      pieces_.push_back({i, std::move(bytes)});
      work_.notify_one();
    }
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    work_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    return good_ == hashes_.size();
  }

 private:
  Bytes take_spare() {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return !spare_.empty(); });
    Bytes bytes = std::move(spare_.back());
    spare_.pop_back();
    return bytes;
  }

  void work() {
    for (;;) {
      Piece piece;
      {
        std::unique_lock lock(mutex_);
        work_.wait(lock, [this] { return ended_ || !pieces_.empty(); });
        if (pieces_.empty()) return;
        piece = std::move(pieces_.front());
        pieces_.pop_front();
      }
      const bool good =
          hash_of(piece.bytes.get()) == hashes_[piece.index] &&
          pwrite(out_, piece.bytes.get(), kPiece, static_cast<off_t>(piece.index * kPiece)) ==
              static_cast<ssize_t>(kPiece);
      const std::lock_guard lock(mutex_);
      good_ += good ? 1 : 0;
      spare_.push_back(std::move(piece.bytes));
      room_.notify_one();
    }
  }

  const std::vector<Hash>& hashes_;
  int out_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable room_;
  std::deque<Piece> pieces_;
  std::vector<Bytes> spare_;
  size_t good_ = 0;
  bool ended_ = false;
  std::vector<std::thread> workers_;
};

// In a process of its own, so that its costs are its own.
[[noreturn]] void receive_file(int listener, const std::vector<Hash>& hashes,
                               const std::string& copy, unsigned threads) {
  const int from = accept(listener, nullptr, nullptr);
  const int out = open(copy.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
  const bool good = Receiver(hashes, out, threads).receive(from);
  close(from);
  _exit(good ? 0 : 1);
}

}  // namespace

FloorResult run_floor(const std::string& file, const std::string& copy, unsigned hash_threads) {
  const auto hashes = hashes_of(file);
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int buffer = 4 << 20;
  setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  require(bind(listener, name, length) == 0 && listen(listener, 1) == 0, "listen");
  getsockname(listener, name, &length);

  const auto begin = std::chrono::steady_clock::now();
  const pid_t receiver = fork();
  if (receiver == 0) receive_file(listener, hashes, copy, hash_threads);
  const pid_t sender = fork();
  if (sender == 0) send_file(file, address);
  FloorResult result;
  result.receiver = wait_for(receiver);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  result.sender = wait_for(sender);
  close(listener);
  require(result.receiver.exit_code == 0, "verify what it received");
  return result;
}

}  // namespace p2p::bench
