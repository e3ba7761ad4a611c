#include "apps/p2pnode/node.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "apps/common/counts.h"
#include "apps/common/output.h"
#include "apps/p2pnode/errand.h"
#include "apps/p2pnode/errand_words.h"
#include "apps/p2pnode/look_json.h"
#include "apps/p2pnode/look_request.h"
#include "apps/p2pnode/notice_text.h"
#include "engine/base/random.h"
#include "engine/core/drive.h"
#include "io_linux/entropy.h"

namespace p2p::app {
namespace {

// Room for thousands of neighbours of a bootstrap node; more than that takes more than one.
constexpr uint64_t kDescriptorsWanted = 8192;
constexpr size_t kServerNeighbours = 4096;
constexpr uint64_t kUnlimited = UINT64_MAX;
// Of who waits for another node of the data folder to end.
constexpr Duration kTakeOverEvery = Duration::seconds(2);
// Stored files that are being sent, the loop's own descriptors, the resolver's.
constexpr uint64_t kDescriptorsReserved = 256;

// As many descriptors as we may have, up to what we can use.
uint64_t raise_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < kDescriptorsWanted && limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(kDescriptorsWanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

io_linux::EpollWorldOptions world_options(const CommonOptions& options, Talk& talk,
                                          const io_linux::BookFile* book,
                                          std::function<void(const Notice&)> on_notice) {
  io_linux::EpollWorldOptions result;
  result.buffers = options.buffers;
  result.book = book;
  result.on_notice = std::move(on_notice);
  result.on_warning = [&talk](const std::string& sentence) {
    talk.say(Importance::warning, sentence);
  };
  return result;
}

Failure listen_failure(const Endpoint& endpoint, const io_linux::EpollWorld::Listening& result) {
  const std::string where = endpoint.text();
  switch (result.error_number) {
    case EADDRINUSE:
      return {ExitCode::address_in_use,
              "cannot listen on " + where +
                  ": another program does; end it, or choose another port with --listen ADDR:PORT "
                  "(port 0: any that is free)"};
    case EADDRNOTAVAIL:
      return {ExitCode::usage, "cannot listen on " + where +
                                   ": this machine has no such address; choose one of its own, or "
                                   "[::] for all, with --listen ADDR:PORT"};
    case EACCES:
      return {ExitCode::usage, "cannot listen on " + where +
                                   ": ports below 1024 are root's; choose another with --listen "
                                   "ADDR:PORT"};
    default:
      return {ExitCode::failure, result.error};
  }
}

}  // namespace

uint64_t connections_max(const Limits& limits) {
  return limits.dialled_neighbours + limits.dials_at_once_max + limits.accepted_neighbours_max +
         limits.exchange_max + limits.unidentified_max;
}

Limits limits_for(bool server, uint64_t descriptors) {
  Limits limits;
  if (server) limits.accepted_neighbours_max = kServerNeighbours;
  const uint64_t usable = descriptors - std::min(kDescriptorsReserved, descriptors / 2);
  if (connections_max(limits) <= usable) return limits;
  // Each kind gets a part in sixteenths, so that none shuts out another.
  const auto at_most = [usable](size_t limit, uint64_t sixteenths) {
    return std::max<size_t>(1, std::min<size_t>(limit, usable * sixteenths / 16));
  };
  limits.dialled_neighbours = at_most(limits.dialled_neighbours, 1);
  limits.dials_at_once_max = at_most(limits.dials_at_once_max, 1);
  limits.exchange_max = at_most(limits.exchange_max, 4);
  limits.unidentified_max = at_most(limits.unidentified_max, 4);
  limits.accepted_neighbours_max = at_most(limits.accepted_neighbours_max, 6);
  return limits;
}

Node::Node(const CommonOptions& options, Talk& talk, Interruption& interruption,
           io_linux::Store& store, const io_linux::BookFile* book)
    : talk_(talk),
      interruption_(interruption),
      book_(book),
      world_(world_options(options, talk, book, [this](const Notice& notice) { handle(notice); }),
             store),
      to_listen_(options.listen_endpoint()) {
  if (options.piece_size) config_.piece_size = *options.piece_size;
  config_.advertise = options.advertise;
  config_.bootstrap = options.bootstrap_hosts();
  config_.nonce = io_linux::random_u64();
  const uint64_t descriptors = raise_descriptors();
  config_.limits = limits_for(options.server, descriptors);
  config_.limits.upload_rate = options.max_upload;
  config_.limits.download_rate = options.max_download;
  if (connections_max(config_.limits) < connections_max(limits_for(options.server, kUnlimited))) {
    talk.say(
        Importance::info,
        "this process may have " + grouped(descriptors) + " open files only, so it keeps at most " +
            grouped(connections_max(config_.limits)) + " connections; raise the hard limit to " +
            std::to_string(kDescriptorsWanted) + " to have them all (ulimit -Hn, LimitNOFILE)");
  }
}

Node::~Node() {
  if (control_timer_) world_.remove_timer(*control_timer_);
  interruption_.release();
}

std::optional<Failure> Node::listen(bool announce) {
  const auto result = world_.listen(to_listen_);
  if (result.error_number != 0) return listen_failure(to_listen_, result);
  listening_ = result.local;
  config_.listen_port = listening_.port;
  config_.listen_address = listening_.address;
  if (announce) static_cast<void>(print_line("listening on " + listening_.text()));
  return std::nullopt;
}

void Node::start(std::vector<Digest> held) {
  engine_ = std::make_unique<Engine>(config_, Seed{io_linux::random_u64()}, world_.now());
  started_ = world_.now();
  world_.post(with_book(Started{std::move(held)}));
  if (control_socket_) return serve_control();
  if (waits_for_control_of_.empty()) return;
  control_timer_ = world_.add_timer(kTakeOverEvery, [this] { take_over_control(); });
}

void Node::serve_control() {
  control_.emplace(
      world_, std::move(control_socket_),
      [this](auto question) { return answer(std::move(question)); }, io_linux::ControlLimits(),
      [this](auto client) {
        if (errand_gone_) errand_gone_(client);
      });
}

void Node::take_over_control() {
  auto opened = io_linux::ControlSocket::open(waits_for_control_of_);
  if (opened.in_use) return;
  world_.remove_timer(*control_timer_);
  control_timer_.reset();
  control_socket_ = std::move(opened.socket);
  if (control_socket_) serve_control();
}

Started Node::with_book(Started started) {
  if (book_ == nullptr) return started;
  io_linux::LoadedBook loaded = book_->load();
  if (!loaded.warning.empty()) talk_.say(Importance::warning, loaded.warning);
  const size_t peers = loaded.book.peers.size();
  if (peers > 0) {
    talk_.say(Importance::detail,
              "remembers " + counted(peers, "peer", "peers") + " of an earlier run");
  }
  started.book = std::move(loaded.book);
  started.book_age = loaded.age;
  return started;
}

void Node::let_look(const std::string& data_dir) {
  auto opened = io_linux::ControlSocket::open(data_dir);
  control_socket_ = std::move(opened.socket);
  if (control_socket_) return;
  if (opened.in_use) waits_for_control_of_ = data_dir;
  talk_.say(opened.in_use ? Importance::detail : Importance::warning,
            "`p2pnode peers` and `p2pnode status` can't look into this node: " + opened.error);
}

std::optional<std::string> Node::answer(io_linux::ControlQuestion question) const {
  if (!is_errand(question.line)) return look(question.line);
  if (take_errand_) return take_errand_(std::move(question));
  return word_line(DeclineWord{"it gets one content, and ends then"});
}

std::string Node::look(std::string_view question) const {
  const Time now = world_.now();
  const RoundTrip round_trip = [this](ConnId conn) { return world_.round_trip(conn); };
  const auto parsed = parse_request(question);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return error_json(*wrong);
  const auto& request = std::get<LookRequest>(parsed);
  if (const auto* why = std::get_if<AskWhy>(&request)) {
    const auto story = engine_->why(why->endpoint);
    return story ? why_json(*story, now, round_trip) : unknown_json(why->endpoint);
  }
  if (const auto* content = std::get_if<AskContent>(&request)) {
    const auto story = engine_->why(content->id, content->pieces);
    return story ? content_json(*story, now) : unknown_content_json(content->id);
  }
  const NodeView view{P2P_VERSION,    ::getpid(), listening_,        config_.piece_size,
                      now - started_, now,        engine_->status(), round_trip};
  return std::holds_alternative<AskPeers>(request) ? peers_json(view) : status_json(view);
}

void Node::run() {
  world_.add_watch(interruption_.fd(), [this] {
    if (!interruption_.requested()) return;
    if (!stopping_) talk_.say(Importance::info, "stopping; a second signal ends it at once");
    shut_down();
  });
  drive(*engine_, world_);
  talk_.set_status("");
  world_.remove_watch(interruption_.fd());
}

void Node::shut_down() {
  if (stopping_) return;
  stopping_ = true;
  world_.post(ShutDown{});
}

uint64_t Node::bytes_received() const {
  uint64_t sum = 0;
  for (const PeerStatus& peer : engine_->status().peers) sum += peer.bytes_in;
  return sum;
}

bool Node::is_connected_with(const std::vector<HostPort>& peers) const {
  const auto status = engine_->status();
  const auto is_one = [&](const Endpoint& endpoint) {
    return std::any_of(peers.begin(), peers.end(), [&](const HostPort& peer) {
      const auto address = Address::parse(peer.host);
      return address && Endpoint{*address, peer.port} == endpoint;
    });
  };
  return std::any_of(status.peers.begin(), status.peers.end(), [&](const PeerStatus& peer) {
    return peer.identified && (is_one(peer.remote) || (peer.listens && is_one(*peer.listens)));
  });
}

bool Node::can_look() const {
  const auto status = engine_->status();
  return std::any_of(status.peers.begin(), status.peers.end(),
                     [](const PeerStatus& peer) { return peer.identified && !peer.legacy; });
}

bool Node::asks_for(const Digest& root) const {
  const auto story = engine_->why(root, 0);
  return story && (story->asked > 0 || story->arrived > 0);
}

void Node::handle(const Notice& notice) {
  const NoticeText text = notice_text(notice);
  talk_.say(text.importance, text.sentence);
  count(notice);
  if (notice_) notice_(notice);
  if (std::holds_alternative<Stopped>(notice)) world_.stop();
}

// Peers decide how often this happens; a log that nobody rotates must survive them.
void Node::say_news(std::string_view sentence) {
  if (!stopping_ && news_.take(world_.now())) talk_.say(Importance::info, sentence);
}

void Node::count(const Notice& notice) {
  if (std::holds_alternative<PeerIdentified>(notice)) {
    ++peers_;
    if (peers_ == 1) say_news("a peer is connected");
  } else if (std::holds_alternative<PeerGone>(notice) && peers_ > 0) {
    --peers_;
    if (peers_ == 0) say_news("no peer is connected any more");
  }
}

}  // namespace p2p::app
