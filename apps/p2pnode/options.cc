#include "apps/p2pnode/options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <memory>
#include <utility>

#include "engine/base/quantity.h"
#include "io_linux/store/content_cache.h"

namespace p2p::app {
namespace {

// Slower than this, peers give up waiting.
constexpr uint64_t kLeastRate = 1000;

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string apply_server(CommonOptions& options, const std::string&) {
  options.server = true;
  return {};
}

std::string apply_listen(CommonOptions& options, const std::string& text) {
  options.listen = Endpoint::parse(text);
  if (options.listen) return {};
  return quoted(text) + " is no address with a port, such as [::]:8100 or 127.0.0.1:0";
}

std::string apply_bootstrap(CommonOptions& options, const std::string& text) {
  const auto host = HostPort::parse(text, kServerPort);
  if (!host || host->port == 0) {
    return quoted(text) + " is no host, such as example.org, 192.0.2.7:8100 or [2001:db8::1]:8100";
  }
  options.bootstrap.push_back(*host);
  return {};
}

std::string apply_advertise(CommonOptions& options, const std::string& text) {
  options.advertise = Endpoint::parse(text, uint16_t{0});
  if (options.advertise && !options.advertise->address.is_unspecified() &&
      !options.advertise->address.is_multicast()) {
    return {};
  }
  return quoted(text) +
         " is no address that others can dial, such as 192.0.2.7 or [2001:db8::1]:8100";
}

std::string apply_data_dir(CommonOptions& options, const std::string& text) {
  options.data_dir = text;
  return text.empty() ? "the name of a folder is missing" : "";
}

std::string apply_piece_size(CommonOptions& options, const std::string& text) {
  const auto bytes = parse_size(text);
  if (bytes) options.piece_size = PieceSize::from_bytes(*bytes);
  if (options.piece_size) return {};
  return quoted(text) + " is no power of two from 1KiB to 16MiB";
}

std::string apply_cache_size(CommonOptions& options, const std::string& text) {
  options.cache_size = parse_size(text);
  if (options.cache_size) return {};
  return quoted(text) + " is no size such as 500MB, 2GiB or 0";
}

std::string apply_sockbuf(CommonOptions& options, const std::string& text) {
  using io_linux::SocketBufferPolicy;
  if (text == "force") {
    options.buffers.bytes = SocketBufferPolicy::kForceBytes;
    return {};
  }
  if (text == "auto") {
    options.buffers.bytes.reset();
    return {};
  }
  const auto bytes = parse_size(text);
  if (!bytes || *bytes == 0 || *bytes > SocketBufferPolicy::kMaxBytes) {
    return quoted(text) + " is neither force nor auto nor a size from 1 byte to " +
           compact_size_text(SocketBufferPolicy::kMaxBytes);
  }
  options.buffers.bytes = static_cast<uint32_t>(*bytes);
  return {};
}

// "10MB" or "10MB/s"; empty: taken.
std::string apply_rate(size_t& rate, const std::string& text) {
  std::string_view size = text;
  if (size.ends_with("/s")) size.remove_suffix(2);
  const auto bytes = parse_size(size);
  if (bytes && *bytes >= kLeastRate && *bytes <= std::numeric_limits<size_t>::max()) {
    rate = static_cast<size_t>(*bytes);
    return {};
  }
  return quoted(text) + " is no rate of 1kB a second or more, such as 500kB or 10MB";
}

std::string apply_max_upload(CommonOptions& options, const std::string& text) {
  return apply_rate(options.max_upload, text);
}

std::string apply_max_download(CommonOptions& options, const std::string& text) {
  return apply_rate(options.max_download, text);
}

std::string apply_verbose(CommonOptions& options, const std::string&) {
  if (options.verbosity >= 0) options.verbosity = std::min(options.verbosity + 1, 2);
  return {};
}

std::string apply_quiet(CommonOptions& options, const std::string&) {
  options.verbosity = -1;
  return {};
}

constexpr std::array kCommonOptions = {
    CommonOption{"-S,--server", "",
                 "Listen on port 8100 as a bootstrap node, and bootstrap from nobody by default",
                 true, false, apply_server},
    CommonOption{"--listen", "ADDR:PORT",
                 "Where to listen; port 0 lets the system choose (default: [::]:0)", true, false,
                 apply_listen},
    CommonOption{"--bootstrap", "HOST[:PORT]",
                 "A node to learn of others from; repeatable (default: [::1]:8100; port 8100)",
                 true, true, apply_bootstrap},
    CommonOption{"--advertise", "ADDR[:PORT]",
                 "What others are told to dial (default: each connection's own address)", true,
                 false, apply_advertise},
    CommonOption{
        "--data-dir", "DIR",
        "Where pieces are kept, and the node is asked (default: /var/lib/p2pnode for root, else "
        "$XDG_DATA_HOME/p2pnode or ~/.local/share/p2pnode)",
        false, false, apply_data_dir},
    CommonOption{"--piece-size", "SIZE",
                 "A power of two from 1KiB to 16MiB, one for a whole network (default: 1MiB)",
                 false, false, apply_piece_size, false},
    CommonOption{"--cache-size", "SIZE",
                 "How much is kept of what `get -o -` has fetched, such as 10GiB; 0: nothing "
                 "(default: 1GiB)",
                 true, false, apply_cache_size, true, false},
    CommonOption{"--sockbuf", "force|auto|SIZE",
                 "Socket buffers: 8MiB by force, left to the kernel, or a size (default: force)",
                 true, false, apply_sockbuf},
    CommonOption{"--max-upload", "RATE",
                 "At most so many bytes of pieces a second to all peers together, such as 10MB "
                 "(default: no limit)",
                 true, false, apply_max_upload},
    CommonOption{"--max-download", "RATE", "The same of what comes in (default: no limit)", true,
                 false, apply_max_download},
    CommonOption{"-v,--verbose", "", "Say more; twice: everything", false, false, apply_verbose},
    CommonOption{"-q,--quiet", "", "Say errors only", false, false, apply_quiet},
};

std::optional<uint32_t> parse_number(std::string_view text) {
  uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

}  // namespace

Endpoint CommonOptions::listen_endpoint() const {
  if (listen) return *listen;
  return {Address::any(), server ? kServerPort : uint16_t{0}};
}

std::vector<HostPort> CommonOptions::bootstrap_hosts() const {
  if (!bootstrap.empty() || server) return bootstrap;
  return {HostPort{Address::loopback().text(), kServerPort}};
}

bool CommonOptions::names_network() const {
  return server || listen || !bootstrap.empty() || advertise || max_upload > 0 ||
         max_download > 0 || cache_size || buffers.bytes != io_linux::SocketBufferPolicy().bytes;
}

uint64_t CommonOptions::cache_limit() const { return cache_size.value_or(io_linux::kCacheSize); }

std::span<const CommonOption> common_options() { return kCommonOptions; }

std::variant<DemoShape, std::string> parse_demo_shape(std::string_view text) {
  const std::string wrong = quoted(std::string(text)) +
                            " is not POOL,HAVE,WANT: three numbers such as 75,60,20, POOL at most "
                            "1,000,000";
  // Bounds what a slip of the finger allocates.
  constexpr uint32_t kPoolMax = 1'000'000;
  std::array<uint32_t, 3> numbers{};
  for (size_t i = 0; i < numbers.size(); ++i) {
    const size_t comma = i + 1 < numbers.size() ? text.find(',') : text.size();
    if (comma == std::string_view::npos) return wrong;
    const auto number = parse_number(text.substr(0, comma));
    if (!number || *number > kPoolMax) return wrong;
    numbers[i] = *number;
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  const DemoShape shape{numbers[0], numbers[1], numbers[2]};
  if (shape.have > shape.pool || shape.want > shape.pool) {
    return "a pool of " + std::to_string(shape.pool) + " has no " +
           std::to_string(std::max(shape.have, shape.want)) + " pieces";
  }
  return shape;
}

std::string default_data_dir(bool root, std::string_view xdg_data_home, std::string_view home) {
  if (root) return "/var/lib/p2pnode";
  // Relative paths in it are to be ignored (XDG Base Directory Specification).
  if (xdg_data_home.starts_with('/')) return std::string(xdg_data_home) + "/p2pnode";
  if (home.empty()) return {};
  return std::string(home) + "/.local/share/p2pnode";
}

}  // namespace p2p::app
