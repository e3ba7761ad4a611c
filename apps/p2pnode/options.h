// What p2pnode was asked to do, as values (command_line.h reads them). What several commands take
// is listed once, in common_options(): for parsing, for --help, and for the test that holds the
// manual to it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/piece_size.h"
#include "engine/base/time.h"
#include "engine/content/demo.h"
#include "engine/content/ticket.h"
#include "io_linux/socket_buffers.h"

namespace p2p::app {

inline constexpr uint16_t kServerPort = 8100;

// Whoever wrote a ticket does not make a node dial the whole world.
inline constexpr size_t kTicketPeersMax = 16;

// The options of every command; only `run`, `share` and `get` have a use for those of the network.
struct CommonOptions {
  bool server = false;
  std::optional<Endpoint> listen;
  std::vector<HostPort> bootstrap;
  std::optional<Endpoint> advertise;  // port 0: the one listened on
  std::string data_dir;               // empty: default_data_dir
  std::optional<PieceSize> piece_size;
  std::optional<uint64_t> cache_size;  // bytes; 0: nothing is cached
  io_linux::SocketBufferPolicy buffers;
  size_t max_upload = 0;  // bytes of pieces a second; 0: no ceiling
  size_t max_download = 0;
  int verbosity = 0;  // -1: -q, 1: -v, 2: -vv

  // --listen, else [::] with the port that -S names, else one of the kernel's choice.
  Endpoint listen_endpoint() const;
  // --bootstrap, else [::1]:8100, or nobody with -S.
  std::vector<HostPort> bootstrap_hosts() const;
  // Whether an option says how the node itself is to be: a command that has one starts a node of
  // its own, and does not leave its work to the one that runs.
  bool names_network() const;
  // --cache-size, else io_linux::kCacheSize.
  uint64_t cache_limit() const;
};

struct RunOptions {
  CommonOptions common;
  std::optional<DemoShape> demo;
};
struct AddOptions {
  CommonOptions common;
  bool json = false;
  bool dry_run = false;
  bool copy = false;  // the data pieces too go into the store
  std::vector<std::string> files;
};
struct ShareOptions {
  CommonOptions common;
  bool json = false;
  bool copy = false;
  std::vector<std::string> files;
};
struct GetOptions {
  // With what the ticket says: its piece size, where the command line has none, and its peers.
  CommonOptions common;
  // Whether the command line says how the node is to be (CommonOptions::names_network); what a
  // ticket says of peers does not.
  bool names_network = false;
  Ticket ticket;
  std::string output;  // a path, "-", or empty: as the ticket says
  bool force = false;
  std::optional<Duration> timeout;
  bool json = false;
  // How long the content is served after it was saved, and until how many times its bytes were
  // sent. Neither: not at all.
  std::optional<Duration> serve_for;
  std::optional<double> serve_ratio;
  // As listings have them (engine/content/selection.h): only what is at or below these. Empty: all.
  std::vector<std::string> paths;
  bool serves() const { return serve_for || serve_ratio; }
};
struct PeersOptions {
  CommonOptions common;
  bool json = false;
  std::optional<Endpoint> why;  // only what the node knows of this one
};
struct StatusOptions {
  CommonOptions common;
  bool json = false;
};
struct WhyOptions {
  CommonOptions common;
  bool json = false;
  Digest id;
  size_t pieces = 0;  // of the missing ones, that are shown
};
struct LsOptions {
  CommonOptions common;
  bool json = false;
};
struct RmOptions {
  CommonOptions common;
  bool json = false;
  Digest id;
};
struct GcOptions {
  CommonOptions common;
  bool json = false;
  bool dry_run = false;
};
struct VerifyOptions {
  CommonOptions common;
  bool json = false;
  std::optional<Digest> id;  // nullopt: all that the store holds
};
using Invocation =
    std::variant<RunOptions, AddOptions, ShareOptions, GetOptions, PeersOptions, StatusOptions,
                 WhyOptions, LsOptions, RmOptions, GcOptions, VerifyOptions>;

// A row of the table. `names` is as CLI11 takes it: "-S,--server".
struct CommonOption {
  std::string_view names;
  std::string_view value;  // "ADDR:PORT"; empty: a flag
  std::string_view help;
  bool network = false;  // for `run`, `share` and `get` only
  bool repeatable = false;
  // Takes what stood behind the option ("" for a flag). Returns what is wrong with it, as a clause,
  // or "".
  std::string (*apply)(CommonOptions& options, const std::string& text) = nullptr;
  bool look = true;        // unless `network`: for the others than `add` too
  bool of_network = true;  // with `network`: --help shows it among those of the network
};
std::span<const CommonOption> common_options();

// "75,60,20": three numbers, HAVE and WANT at most POOL. A sentence otherwise.
std::variant<DemoShape, std::string> parse_demo_shape(std::string_view text);

// Where pieces are kept when nobody says it; `xdg_data_home` and `home` are environment variables,
// empty when not set. Empty when there is no such place.
std::string default_data_dir(bool root, std::string_view xdg_data_home, std::string_view home);

}  // namespace p2p::app
