#include "tests/legacy/legacy_double.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <utility>

namespace p2p::legacy {
namespace {

// The original asks for this much, by force, for each socket; a double without the right to force
// takes what the kernel allows.
constexpr int kSocketBufferBytes = 100 << 20;
// The original looks at a frame with a buffer of this size. A longer one would never be whole.
constexpr size_t kFrameBytesMax = 2 << 20;
constexpr size_t kRecordsMax = 50;  // what it may be sent in one list

void enlarge_buffers(int fd) {
  for (auto [force, plain] : {std::pair{SO_SNDBUFFORCE, SO_SNDBUF}, {SO_RCVBUFFORCE, SO_RCVBUF}}) {
    if (setsockopt(fd, SOL_SOCKET, force, &kSocketBufferBytes, sizeof kSocketBufferBytes) != 0) {
      setsockopt(fd, SOL_SOCKET, plain, &kSocketBufferBytes, sizeof kSocketBufferBytes);
    }
  }
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

// docs/protocol.md, Hello: what the original ignores.
bool ends_in_hello(std::span<const uint8_t> body) {
  constexpr size_t kTrailerBytes = 17;
  constexpr char kMagic[] = {'P', '2', 'P', 'X'};
  if (body.size() % kRecordBytes != kTrailerBytes) return false;
  std::span<const uint8_t> trailer = body.last(kTrailerBytes);
  return std::equal(std::begin(kMagic), std::end(kMagic), trailer.begin());
}

std::string join(const std::set<uint32_t>& numbers) {
  std::string text;
  for (uint32_t number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text.empty() ? "-" : text;
}

}  // namespace

LegacyDouble::LegacyDouble(Options options)
    : options_(std::move(options)), random_state_(options_.seed) {
  for (uint32_t number : options_.have) {
    have_.emplace(sha256(demo_piece(number, options_.piece_size)), number);
  }
  for (uint32_t number : options_.want) {
    Hash hash = sha256(demo_piece(number, options_.piece_size));
    if (!have_.contains(hash)) want_.emplace(hash, number);
  }
}

LegacyDouble::~LegacyDouble() {
  for (const Connection& connection : connections_) close(connection.fd);
  if (listener_ >= 0) close(listener_);
  if (signals_ >= 0) close(signals_);
}

int LegacyDouble::run() {
  if (!watch_signals() || !listen_on_loopback()) {
    std::fprintf(stderr, "cannot listen on [::1]:%u: %s\n", options_.listen_port,
                 std::strerror(errno));
    return kExitNoBootstrap;
  }
  say("listening " + std::to_string(port_));
  say("have " + join(options_.have));
  say("want " + join(options_.want));
  say_if_done();
  for (const SocketAddress& bootstrap : options_.bootstrap) {
    if (!dial(reinterpret_cast<const sockaddr*>(&bootstrap.storage), bootstrap.length,
              bootstrap.text)) {
      std::fprintf(stderr, "no bootstrap node at %s: %s\n", bootstrap.text.c_str(),
                   std::strerror(errno));
      return kExitNoBootstrap;
    }
  }
  while (true) {
    std::vector<pollfd> watched{{signals_, POLLIN, 0}, {listener_, POLLIN, 0}};
    std::vector<Connection*> readers;
    for (Connection& connection : connections_) {
      if (connection.closed_by_peer) continue;
      watched.push_back({connection.fd, POLLIN, 0});
      readers.push_back(&connection);
    }
    int timeout_ms = -1;
    if (auto next = earliest_burst(); next != Clock::time_point::max()) {
      auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
      timeout_ms = static_cast<int>(std::max<int64_t>(left.count(), 0));
    }
    if (poll(watched.data(), watched.size(), timeout_ms) < 0 && errno != EINTR) return 1;
    if (watched[0].revents != 0) break;
    for (size_t i = 0; i < readers.size(); ++i) {
      if (watched[i + 2].revents != 0) read_from(*readers[i]);
    }
    std::erase_if(connections_, [](const Connection& connection) {
      bool gone = connection.closed_by_peer && !connection.dialled;
      if (gone) close(connection.fd);
      return gone;
    });
    if (watched[1].revents != 0) accept_all();
    for (Connection& connection : connections_) {
      if (connection.dialled && connection.next_burst <= Clock::now()) send_burst(connection);
    }
  }
  summarise();
  return kExitStopped;
}

bool LegacyDouble::watch_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  if (sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return false;
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return signals_ >= 0;
}

bool LegacyDouble::listen_on_loopback() {
  listener_ = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0) return false;
  enlarge_buffers(listener_);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(options_.listen_port);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0) return false;
  if (listen(listener_, 50) != 0) return false;
  if (getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) return false;
  port_ = ntohs(address.sin6_port);
  ports_.insert(port_);
  return true;
}

void LegacyDouble::accept_all() {
  while (true) {
    int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    Connection connection;
    connection.fd = fd;
    connection.remote = "accepted " + std::to_string(fd);
    log("accepted " + connection.remote);
    connections_.push_back(std::move(connection));
  }
}

// Blocks, as the original does, whatever else waits.
bool LegacyDouble::dial(const sockaddr* address, socklen_t length, const std::string& text) {
  int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  enlarge_buffers(fd);
  if (connect(fd, address, length) != 0) {
    int why = errno;
    log("dial of " + text + " failed: " + std::strerror(why));
    close(fd);
    errno = why;
    return false;
  }
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  Connection connection;
  connection.fd = fd;
  connection.dialled = true;
  connection.remote = text;
  connection.next_burst = Clock::now() + draw_wait(8000, 11000);
  say("dialled " + text);
  connections_.push_back(std::move(connection));
  return true;
}

void LegacyDouble::read_from(Connection& connection) {
  uint8_t bytes[65536];
  while (true) {
    ssize_t got = recv(connection.fd, bytes, sizeof bytes, 0);
    if (got > 0) {
      connection.unread.insert(connection.unread.end(), bytes, bytes + got);
      continue;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
    connection.closed_by_peer = true;
    break;
  }
  handle_frames(connection);
  if (connection.closed_by_peer && connection.dialled) say("closed by " + connection.remote);
}

void LegacyDouble::handle_frames(Connection& connection) {
  size_t asks_at_once = 0;
  size_t done = 0;
  Bytes unread = std::exchange(connection.unread, {});
  std::span<const uint8_t> bytes = unread;
  while (bytes.size() - done >= 5) {
    size_t length = load_u32(bytes.subspan(done));
    uint8_t type = bytes[done + 4];
    bool wrong = length == 0 || length + 4 > kFrameBytesMax || (type == kAsk && length != 33) ||
                 (type == kGive && length != 33 + options_.piece_size);
    if (wrong) {
      abort_with(kExitWrongLength, "a frame of type " + std::to_string(type) + " and length " +
                                       std::to_string(length) + " from " + connection.remote);
    }
    if (bytes.size() - done < length + 4) break;
    if (type == kAsk) ++asks_at_once;
    handle_frame(connection, type, bytes.subspan(done + 5, length - 1));
    done += length + 4;
  }
  connection.unread.insert(connection.unread.begin(),
                           bytes.begin() + static_cast<std::ptrdiff_t>(done), bytes.end());
  // Other originals ask in bursts; ours must not.
  if (asks_at_once > 1 && connection.said_hello) {
    ++violations_;
    say("saw asks at once " + std::to_string(asks_at_once));
  }
}

void LegacyDouble::handle_frame(Connection& connection, uint8_t type,
                                std::span<const uint8_t> body) {
  log("frame of type " + std::to_string(type) + " and length " + std::to_string(1 + body.size()) +
      " from " + connection.remote);
  if (type > kPeerList) {
    ++violations_;
    say("saw type " + std::to_string(type) + " length " + std::to_string(1 + body.size()));
  }
  if (type == kAsk) {
    on_ask(connection, body);
  } else if (type == kGive) {
    on_give(body);
  } else {
    connection.said_hello |= ends_in_hello(body);
    on_peer_list(body);
  }
}

void LegacyDouble::on_ask(Connection& connection, std::span<const uint8_t> body) {
  Hash hash;
  std::copy(body.begin(), body.end(), hash.begin());
  auto held = have_.find(hash);
  if (held == have_.end()) {
    ++not_held_;
    return;
  }
  ++given_;
  write_frame(connection, give_frame(hash, demo_piece(held->second, options_.piece_size)));
}

void LegacyDouble::on_give(std::span<const uint8_t> body) {
  Hash hash = sha256(body.subspan(32));
  if (!std::equal(hash.begin(), hash.end(), body.begin())) {
    ++violations_;
    say("saw a give whose bytes have another hash");
  }
  auto wanted = want_.find(hash);
  if (wanted == want_.end()) {
    ++surplus_;
    return;
  }
  ++got_;
  say("got " + std::to_string(wanted->second));
  have_.insert(*wanted);
  want_.erase(wanted);
  say_if_done();
}

void LegacyDouble::on_peer_list(std::span<const uint8_t> body) {
  ++lists_;
  std::vector<Record> records = parse_records(body);
  if (records.size() > kRecordsMax) {
    ++violations_;
    say("saw records " + std::to_string(records.size()));
  }
  for (const Record& record : records) {
    if (ports_.contains(record.port)) continue;  // it knows others by their port alone
    if (!record.is_loopback()) {
      say("passed over " + record.text());
      continue;
    }
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    std::memcpy(&address.sin6_addr, record.address.data(), record.address.size());
    address.sin6_port = htons(record.port);
    if (dial(reinterpret_cast<sockaddr*>(&address), sizeof address, record.text())) {
      ports_.insert(record.port);
    }
  }
}

void LegacyDouble::send_burst(Connection& connection) {
  log("a burst of " + std::to_string(want_.size()) + " asks and a list to " + connection.remote);
  for (const auto& [hash, number] : want_) write_frame(connection, ask_frame(hash));
  write_frame(connection, peer_list_frame(std::vector<uint16_t>(ports_.begin(), ports_.end())));
  connection.next_burst = Clock::now() + draw_wait(1000, 11000);
}

void LegacyDouble::write_frame(Connection& connection, const Bytes& frame) {
  // The kernel raises SIGPIPE at the second write to a connection whose other end is gone; the
  // first may still be taken.
  ssize_t sent = write(connection.fd, frame.data(), frame.size());
  if (sent == static_cast<ssize_t>(frame.size())) return;
  if (sent < 0 && errno != EAGAIN) {
    std::fprintf(stderr, "a write to %s failed: %s\n", connection.remote.c_str(),
                 std::strerror(errno));
    std::raise(SIGPIPE);
  }
  abort_with(kExitShortWrite, "a short write to " + connection.remote + ": " +
                                  std::to_string(std::max<ssize_t>(sent, 0)) + " of " +
                                  std::to_string(frame.size()) + " bytes");
}

void LegacyDouble::say_if_done() {
  if (done_said_ || !want_.empty() || options_.want.empty()) return;
  done_said_ = true;
  say("done");
}

void LegacyDouble::summarise() const {
  say("summary: got " + std::to_string(got_) + ", wanted still " + std::to_string(want_.size()) +
      ", gave " + std::to_string(given_) + ", asked in vain " + std::to_string(not_held_) +
      ", lists " + std::to_string(lists_) + ", surplus gives " + std::to_string(surplus_) +
      ", violations " + std::to_string(violations_));
}

void LegacyDouble::abort_with(int status, const std::string& why) {
  std::fprintf(stderr, "aborted: %s\n", why.c_str());
  if (options_.log != nullptr) std::fflush(options_.log);
  std::_Exit(status);
}

void LegacyDouble::log(const std::string& line) {
  if (options_.log == nullptr) return;
  auto at = std::chrono::duration<double>(Clock::now() - start_).count();
  std::fprintf(options_.log, "%.3f %s\n", at, line.c_str());
  std::fflush(options_.log);
}

LegacyDouble::Clock::duration LegacyDouble::draw_wait(int min_ms, int max_ms) {
  auto wait_ms = min_ms + static_cast<int>(draw() % static_cast<uint64_t>(max_ms - min_ms + 1));
  return std::chrono::microseconds(int64_t{1000} * wait_ms / options_.hurry);
}

LegacyDouble::Clock::time_point LegacyDouble::earliest_burst() const {
  auto earliest = Clock::time_point::max();
  for (const Connection& connection : connections_) {
    if (connection.dialled) earliest = std::min(earliest, connection.next_burst);
  }
  return earliest;
}

// SplitMix64 (Steele, Lea and Flood, 2014).
uint64_t LegacyDouble::draw() {
  uint64_t z = random_state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace p2p::legacy
