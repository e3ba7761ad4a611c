// The command line of the original program's double. On stdout, a line each, flushed:
//   listening PORT        first
//   have N,N,..           the numbers of the pieces that it starts with, or -
//   want N,N,..           those that it wants, or -
//   dialled REMOTE        a dial went well: that of a bootstrap node, or of a record
//   got N                 a wanted piece has come
//   done                  all wanted pieces are there
//   closed by REMOTE      a connection that it dialled was closed; its next burst will kill it
//   passed over REMOTE    a record that isn't loopback, which the original would have dialled
//   saw ...               a violation: what may not be sent to an original was sent
//   summary: ...          at SIGTERM or SIGINT
// The exit statuses are in legacy_double.h.
#include <getopt.h>
#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/legacy/legacy_double.h"

namespace {

using p2p::legacy::Options;
using p2p::legacy::SocketAddress;

constexpr char kUsage[] =
    "usage: p2p_legacy_double --listen PORT|0 [--bootstrap HOST:PORT]... [--piece-size BYTES]\n"
    "         [--have N,N,..] [--want N,N,..] [--pool POOL,HAVE,WANT] [--seed S] [--fast]\n"
    "         [--log FILE]\n"
    "--pool draws HAVE and WANT different numbers below POOL, as the original's demonstration.\n"
    "--fast makes every wait a tenth.\n";

[[noreturn]] void fail(const std::string& why) {
  std::cerr << why << '\n' << kUsage;
  std::exit(p2p::legacy::kExitUsage);
}

uint64_t parse_number(std::string_view text, uint64_t max) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > max) {
    fail("not a number from 0 to " + std::to_string(max) + ": '" + std::string(text) + "'");
  }
  return value;
}

std::vector<uint32_t> parse_numbers(std::string_view text) {
  std::vector<uint32_t> numbers;
  while (!text.empty()) {
    size_t comma = std::min(text.find(','), text.size());
    numbers.push_back(static_cast<uint32_t>(parse_number(text.substr(0, comma), UINT32_MAX)));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return numbers;
}

SocketAddress parse_bootstrap(const std::string& text) {
  size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) fail("not HOST:PORT: '" + text + "'");
  std::string host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (int error = getaddrinfo(host.c_str(), text.c_str() + colon + 1, &hints, &found); error != 0) {
    fail("no address for '" + text + "': " + gai_strerror(error));
  }
  SocketAddress address;
  const auto* bytes = reinterpret_cast<const char*>(found->ai_addr);
  std::copy_n(bytes, found->ai_addrlen, reinterpret_cast<char*>(&address.storage));
  address.length = found->ai_addrlen;
  address.text = text;
  freeaddrinfo(found);
  return address;
}

// A piece of the pool may be held and wanted at once, as in the original; the wish is void then.
void draw_pool(const std::vector<uint32_t>& pool, Options& options) {
  if (pool.size() != 3 || pool[1] > pool[0] || pool[2] > pool[0]) {
    fail("--pool takes POOL,HAVE,WANT, neither above POOL");
  }
  uint64_t state = options.seed;
  auto draw_below = [&state](uint32_t bound) {
    state = state * 6364136223846793005 + 1442695040888963407;  // Knuth, MMIX
    return static_cast<uint32_t>((state >> 33) % bound);
  };
  while (options.have.size() < pool[1]) options.have.insert(draw_below(pool[0]));
  while (options.want.size() < pool[2]) options.want.insert(draw_below(pool[0]));
}

Options parse_command_line(int argc, char** argv) {
  enum {
    listen_option = 1,
    bootstrap_option,
    piece_size_option,
    have_option,
    want_option,
    pool_option,
    seed_option,
    fast_option,
    log_option,
    help_option
  };
  const option known[] = {{"listen", required_argument, nullptr, listen_option},
                          {"bootstrap", required_argument, nullptr, bootstrap_option},
                          {"piece-size", required_argument, nullptr, piece_size_option},
                          {"have", required_argument, nullptr, have_option},
                          {"want", required_argument, nullptr, want_option},
                          {"pool", required_argument, nullptr, pool_option},
                          {"seed", required_argument, nullptr, seed_option},
                          {"fast", no_argument, nullptr, fast_option},
                          {"log", required_argument, nullptr, log_option},
                          {"help", no_argument, nullptr, help_option},
                          {nullptr, 0, nullptr, 0}};
  Options options;
  std::optional<std::vector<uint32_t>> pool;
  bool listen = false;
  for (int found; (found = getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    if (found == listen_option) {
      options.listen_port = static_cast<uint16_t>(parse_number(optarg, 65535));
      listen = true;
    } else if (found == bootstrap_option) {
      options.bootstrap.push_back(parse_bootstrap(optarg));
    } else if (found == piece_size_option) {
      options.piece_size = parse_number(optarg, 1 << 20);
      if (options.piece_size < 4) fail("a piece has 4 bytes at least");
    } else if (found == have_option || found == want_option) {
      auto& numbers = found == have_option ? options.have : options.want;
      for (uint32_t number : parse_numbers(optarg)) numbers.insert(number);
    } else if (found == pool_option) {
      pool = parse_numbers(optarg);
    } else if (found == seed_option) {
      options.seed = parse_number(optarg, UINT64_MAX);
    } else if (found == fast_option) {
      options.hurry = 10;
    } else if (found == log_option) {
      options.log = std::fopen(optarg, "we");
      if (options.log == nullptr) fail(std::string("cannot write ") + optarg);
    } else {
      fail("see above");
    }
  }
  if (!listen || optind != argc) fail(listen ? "unknown argument" : "--listen is missing");
  if (pool) draw_pool(*pool, options);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  // A parent that ignores SIGPIPE, as many test runners do, must not make the double immortal.
  std::signal(SIGPIPE, SIG_DFL);
  Options options = parse_command_line(argc, argv);
  std::FILE* log = options.log;
  int status = p2p::legacy::LegacyDouble(std::move(options)).run();
  if (log != nullptr) std::fclose(log);
  return status;
}
