#include "apps/p2pnode/stream_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "io_linux/store/export.h"
#include "io_linux/store/file_io.h"

namespace p2p::app {
namespace {

// What a pipe, a socket or a terminal that says that it can be written to takes without waiting
// (pipe(7), PIPE_BUF).
constexpr size_t kWithoutWaiting = 4096;
// Of what never waits for a reader.
constexpr size_t kAtOnce = size_t{1} << 20;

mode_t kind_of(int fd) {
  struct stat there {};
  return ::fstat(fd, &there) == 0 ? there.st_mode : 0;
}

// Standard output is shared with other processes, so its own description stays as it is: a pipe is
// opened anew. Nothing: it is no pipe, or another user's.
io_linux::Fd reopen_pipe(int fd) {
  if (!S_ISFIFO(kind_of(fd))) return {};
  return io_linux::open_file("/proc/self/fd/" + std::to_string(fd), O_WRONLY | O_NONBLOCK).fd;
}

}  // namespace

// The store as the thread sees it: what is not there yet is waited for.
class StreamWriter::Waiting final : public io_linux::Store {
 public:
  explicit Waiting(StreamWriter& writer) : writer_(writer) {}

  io_linux::Loaded load(const Digest& digest, bool in_memory) override {
    for (;;) {
      const uint64_t calls = writer_.calls_made_;
      auto loaded = writer_.store_.load(digest, in_memory);
      if (loaded.status != StoreStatus::not_held) return loaded;
      writer_.calls_.on_missing(digest, calls);
      std::unique_lock lock(writer_.mutex_);
      writer_.came_.wait(lock, [&] { return writer_.stopping_ || writer_.calls_made_ != calls; });
      if (writer_.stopping_) return loaded;
    }
  }
  // An export only reads.
  StoreStatus put(const Digest&, std::span<const std::byte>) override {
    return StoreStatus::io_error;
  }
  StoreStatus put_at(const Digest&, std::span<const std::byte>,
                     const std::vector<Extent>&) override {
    return StoreStatus::io_error;
  }
  StoreStatus place(const Digest&, const std::vector<Extent>&) override {
    return StoreStatus::io_error;
  }
  StoreStatus sync() override { return StoreStatus::io_error; }

 private:
  StreamWriter& writer_;
};

StreamWriter::StreamWriter(io_linux::Store& store, const Digest& id, PieceSize piece_size, int fd,
                           Calls calls)
    : store_(store),
      id_(id),
      piece_size_(piece_size),
      fd_(fd),
      calls_(std::move(calls)),
      reopened_(reopen_pipe(fd)),
      at_once_(reopened_ || S_ISREG(kind_of(fd)) ? kAtOnce : kWithoutWaiting),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this] { work(); });
}

StreamWriter::~StreamWriter() { static_cast<void>(stop()); }

void StreamWriter::pieces_came() {
  {
    const std::lock_guard lock(mutex_);
    ++calls_made_;
  }
  came_.notify_one();
}

StreamEnd StreamWriter::stop() {
  if (!thread_.joinable()) return end_;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  came_.notify_one();
  static_cast<void>(eventfd_write(stop_.get(), 1));
  thread_.join();
  return end_;
}

void StreamWriter::work() {
  if (auto why = calls_.begin()) {
    end_ = {StreamEnd::Status::store_failed, 0, std::move(*why)};
  } else {
    write_content();
  }
  if (end_.status != StreamEnd::Status::stopped) calls_.on_end();
}

void StreamWriter::write_content() {
  Waiting waiting(*this);
  const auto exported =
      io_linux::export_content(waiting, id_, piece_size_, [this](std::span<const std::byte> bytes) {
        if (!write(bytes)) return false;
        written_ += bytes.size();
        calls_.on_written(written_);
        return true;
      });
  using Status = io_linux::Exported::Status;
  switch (exported.status) {
    case Status::ok:
      end_.status = StreamEnd::Status::written;
      break;
    case Status::sink_ended:
    case Status::not_held:
      // Only when it is told to stop, unless the descriptor has said why.
      if (end_.error_number != 0) end_.status = StreamEnd::Status::reader_ended;
      break;
    case Status::store_failed:
      end_.status = StreamEnd::Status::store_failed;
      break;
    case Status::invalid:
      end_.status = StreamEnd::Status::invalid;
      break;
  }
  end_.error = exported.error;
}

bool StreamWriter::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    if (!wait_for_reader()) return false;
    const ssize_t written = ::write(out(), bytes.data(), std::min(bytes.size(), at_once_));
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      end_.error_number = errno;
      return false;
    }
  }
  return true;
}

// False: it is to stop.
bool StreamWriter::wait_for_reader() {
  std::array<pollfd, 2> wanted{pollfd{.fd = out(), .events = POLLOUT, .revents = 0},
                               pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
  while (::poll(wanted.data(), wanted.size(), -1) < 0) {
    if (errno != EINTR) break;  // the write says what is wrong
  }
  return wanted[1].revents == 0;
}

bool reader_is_gone(int fd) {
  pollfd wanted{.fd = fd, .events = 0, .revents = 0};
  return ::poll(&wanted, 1, 0) == 1 && (wanted.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace p2p::app
