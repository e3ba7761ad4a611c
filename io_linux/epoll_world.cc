#include "io_linux/epoll_world.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <map>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/check.h"
#include "io_linux/clock.h"
#include "io_linux/completion_queue.h"
#include "io_linux/fd.h"
#include "io_linux/listener.h"
#include "io_linux/piece_jobs.h"
#include "io_linux/resolver.h"
#include "io_linux/signals.h"
#include "io_linux/socket_table.h"
#include "io_linux/timers.h"
#include "io_linux/workers.h"

namespace p2p::io_linux {
namespace {

// The data of an epoll event: a ConnId's value, or, with the highest bit, a watch's number.
constexpr uint64_t kWatchBit = uint64_t{1} << 63;
constexpr int kKernelEventsMax = 256;
// Connections taken from one listening socket before others have their turn.
constexpr int kAcceptsMax = 64;
constexpr Duration kAcceptAgainAfter = Duration::seconds(1);

// For epoll_wait: milliseconds, rounded up, so that a wait never ends just short of its time and
// spins until it has come. -1: no end.
int milliseconds_until(Time then, Time now) {
  if (then.is_never()) return -1;
  if (then <= now) return 0;
  constexpr int64_t kNsPerMs = 1'000'000;
  constexpr int64_t kLongestMs = 60'000;
  const int64_t ns = (then - now).count_ns();
  return static_cast<int>(std::min(kLongestMs, ns / kNsPerMs + (ns % kNsPerMs == 0 ? 0 : 1)));
}

// What ends it is said without being asked for.
uint32_t epoll_events_of(EpollWorld::WatchFor what) {
  switch (what) {
    case EpollWorld::WatchFor::readable:
      return EPOLLIN;
    case EpollWorld::WatchFor::writable:
      return EPOLLOUT;
    case EpollWorld::WatchFor::its_end:
      return 0;
  }
  check_failed("a watch for nothing");
}

}  // namespace

class EpollWorld::Loop {
 public:
  Loop(EpollWorldOptions options, Store& store)
      : options_(std::move(options)),
        epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        buffers_(options_.buffers, options_.on_warning),
        completions_(std::make_shared<CompletionQueue>()),
        workers_(options_.worker_threads, completions_),
        resolver_(completions_),
        jobs_(workers_, store),
        sockets_(epoll_.get(), buffers_, kTurnBytes) {
    P2P_CHECK(epoll_);
    ignore_sigpipe();
    P2P_CHECK(add_watch(
        completions_->ready_fd(), [this] { take_completions(); }, EPOLLIN));
  }

  Listening listen(const Endpoint& endpoint);
  std::optional<Event> wait(EngineView& engine);
  void perform(Action&& action) {
    std::visit([this](auto&& one) { act(std::forward<decltype(one)>(one)); }, std::move(action));
  }

  bool add_watch(int fd, Callback callback, uint32_t epoll_events);
  void remove_watch(int fd);

  bool running = true;
  std::deque<Event> events;  // of the application and of the listening sockets
  Timers timers;
  size_t connections() const { return sockets_.size(); }
  std::optional<Duration> round_trip(ConnId conn) const { return sockets_.round_trip(conn); }

 private:
  struct Watch {
    int fd = -1;
    Callback callback;
  };
  struct ListeningSocket {
    Fd fd;
    bool starved = false;
  };

  // One for each action.
  void act(Connect&& action) { sockets_.dial(action.conn, action.to); }
  void act(Close&& action) { sockets_.close(action.conn); }
  void act(ShutdownWrite&& action) { sockets_.shutdown_write(action.conn); }
  void act(SetInterest&& action) { sockets_.set_interest(action.conn, action.read, action.write); }
  void act(Resolve&& action) { resolver_.resolve(action.op, action.name); }
  void act(HashPiece&& action) { jobs_.begin(std::move(action)); }
  void act(StorePiece&& action) { jobs_.begin(std::move(action)); }
  void act(PlacePiece&& action) { jobs_.begin(std::move(action)); }
  void act(LoadPiece&& action) { jobs_.begin(std::move(action)); }
  void act(SyncStore&& action) { jobs_.begin(std::move(action)); }
  void act(SaveBook&& action) {
    workers_.submit([action = std::move(action), book = options_.book]() -> Event {
      return BookSaved{action.op,
                       book == nullptr ? StoreStatus::ok : book->save(action.bytes.bytes())};
    });
  }
  void act(Notify&& action) {
    if (options_.on_notice) options_.on_notice(action.notice);
  }

  void poll_kernel(Time deadline, Time now);
  void take_completions();
  Event pop_completion();
  void accept_some(size_t listener);
  void starve(size_t listener, int error_number);
  void feed_starved(Time now);

  EpollWorldOptions options_;
  Fd epoll_;
  SocketBuffers buffers_;
  std::shared_ptr<CompletionQueue> completions_;
  Workers workers_;
  Resolver resolver_;
  PieceJobs jobs_;
  SocketTable sockets_;

  std::deque<Completion> completed_;
  size_t turns_ = 0;            // left before the kernel is asked again
  bool deadline_said_ = false;  // since the kernel was asked last

  std::map<uint64_t, Watch> watches_;
  uint64_t last_watch_ = 0;

  std::vector<ListeningSocket> listeners_;
  uint64_t last_accepted_ = 0;
  bool any_starved_ = false;
  Time accept_again_at_ = Time::never();
  uint64_t closed_when_starved_ = 0;
  StarvationNotice starvation_notice_;
};

// A pass is: what the application and the threads have for the engine, one turn for each ready
// connection, the deadline and the timers, and a look at the kernel, which may wait. None of them
// can keep the others from coming about.
std::optional<Event> EpollWorld::Loop::wait(EngineView& engine) {
  while (running) {
    if (!events.empty()) {
      Event event = std::move(events.front());
      events.pop_front();
      return event;
    }
    if (!completed_.empty()) return pop_completion();
    if (auto event = sockets_.take_turns(engine, turns_)) return event;

    const Time now = clock_now();
    timers.run_due(now);
    if (!running || !events.empty()) continue;
    const Time deadline = engine.next_deadline();
    if (deadline <= now && !deadline_said_) {
      deadline_said_ = true;
      return std::nullopt;
    }
    poll_kernel(deadline, now);
    deadline_said_ = false;
    turns_ = sockets_.waiting_turns();
  }
  return std::nullopt;
}

void EpollWorld::Loop::poll_kernel(Time deadline, Time now) {
  feed_starved(now);
  Time until = std::min(deadline, timers.next());
  if (any_starved_) until = std::min(until, accept_again_at_);
  const int timeout = sockets_.waiting_turns() > 0 ? 0 : milliseconds_until(until, now);

  std::array<epoll_event, kKernelEventsMax> news;
  const int count = ::epoll_wait(epoll_.get(), news.data(), kKernelEventsMax, timeout);
  P2P_CHECK(count >= 0 || errno == EINTR);
  for (int i = 0; i < count; ++i) {
    const epoll_event& one = news[static_cast<size_t>(i)];
    if ((one.data.u64 & kWatchBit) == 0) {
      sockets_.ready(one.data.u64, one.events);
      continue;
    }
    const auto found = watches_.find(one.data.u64 & ~kWatchBit);
    if (found == watches_.end()) continue;             // removed by a callback before it
    const Callback callback = found->second.callback;  // outlives a watch that removes itself
    callback();
  }
}

void EpollWorld::Loop::take_completions() {
  for (Completion& completion : completions_->take_all()) {
    completed_.push_back(std::move(completion));
  }
}

Event EpollWorld::Loop::pop_completion() {
  Completion completion = std::move(completed_.front());
  completed_.pop_front();
  jobs_.completed(completion.event);
  return std::move(completion.event);  // the job ends here, on this thread
}

EpollWorld::Listening EpollWorld::Loop::listen(const Endpoint& endpoint) {
  ListenResult result = listen_on(endpoint, buffers_);
  if (result.error_number != 0) return {{}, result.error_number, std::move(result.error)};
  const size_t index = listeners_.size();
  const int fd = result.fd.get();
  listeners_.push_back({std::move(result.fd), false});
  P2P_CHECK(add_watch(
      fd, [this, index] { accept_some(index); }, EPOLLIN));
  return {result.local, 0, {}};
}

void EpollWorld::Loop::accept_some(size_t listener) {
  using Status = AcceptResult::Status;
  for (int i = 0; i < kAcceptsMax; ++i) {
    AcceptResult result = accept_from(listeners_[listener].fd.get());
    if (result.status == Status::none_waiting) return;
    if (result.status == Status::starved) {
      starve(listener, result.error_number);
      return;
    }
    const ConnId conn = ConnId::accepted(++last_accepted_);
    sockets_.adopt(conn, std::move(result.fd));
    events.push_back(Accepted{conn, result.local, result.remote});
  }
}

// What waits to be accepted would keep the socket readable, and the loop awake.
void EpollWorld::Loop::starve(size_t listener, int error_number) {
  const Time now = clock_now();
  listeners_[listener].starved = true;
  remove_watch(listeners_[listener].fd.get());
  any_starved_ = true;
  accept_again_at_ = now + kAcceptAgainAfter;
  closed_when_starved_ = sockets_.descriptors_closed();
  events.push_back(AcceptStarved{});
  const auto warning = starvation_notice_.at(now, error_number);
  if (warning && options_.on_warning) options_.on_warning(*warning);
}

void EpollWorld::Loop::feed_starved(Time now) {
  if (!any_starved_) return;
  const bool closed_one = sockets_.descriptors_closed() != closed_when_starved_;
  if (!closed_one && now < accept_again_at_) return;
  any_starved_ = false;
  for (size_t i = 0; i < listeners_.size(); ++i) {
    if (!std::exchange(listeners_[i].starved, false)) continue;
    P2P_CHECK(add_watch(
        listeners_[i].fd.get(), [this, i] { accept_some(i); }, EPOLLIN));
  }
}

bool EpollWorld::Loop::add_watch(int fd, Callback callback, uint32_t epoll_events) {
  const bool known = std::any_of(watches_.begin(), watches_.end(),
                                 [fd](const auto& one) { return one.second.fd == fd; });
  P2P_CHECK(!known);
  const uint64_t number = ++last_watch_;
  epoll_event event{};
  event.events = epoll_events;
  event.data.u64 = number | kWatchBit;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return false;
  watches_.emplace(number, Watch{fd, std::move(callback)});
  return true;
}

void EpollWorld::Loop::remove_watch(int fd) {
  const auto found = std::find_if(watches_.begin(), watches_.end(),
                                  [fd](const auto& one) { return one.second.fd == fd; });
  if (found == watches_.end()) return;
  // Fails when the caller has closed the descriptor already, which takes it out of the set too.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  watches_.erase(found);
}

EpollWorld::EpollWorld(EpollWorldOptions options, Store& store)
    : loop_(std::make_unique<Loop>(std::move(options), store)) {}

EpollWorld::~EpollWorld() = default;

EpollWorld::Listening EpollWorld::listen(const Endpoint& endpoint) {
  return loop_->listen(endpoint);
}

Time EpollWorld::now() const { return clock_now(); }

bool EpollWorld::running() const { return loop_->running; }

void EpollWorld::post(Event event) { loop_->events.push_back(std::move(event)); }

void EpollWorld::stop() { loop_->running = false; }

bool EpollWorld::add_watch(int fd, Callback callback, WatchFor what) {
  return loop_->add_watch(fd, std::move(callback), epoll_events_of(what));
}

void EpollWorld::remove_watch(int fd) { loop_->remove_watch(fd); }

EpollWorld::TimerId EpollWorld::add_timer(Duration interval, Callback callback) {
  return {loop_->timers.add(clock_now(), interval, std::move(callback))};
}

void EpollWorld::remove_timer(TimerId timer) { loop_->timers.remove(timer.value); }

size_t EpollWorld::connections() const { return loop_->connections(); }

std::optional<Duration> EpollWorld::round_trip(ConnId conn) const {
  return loop_->round_trip(conn);
}

std::optional<Event> EpollWorld::wait_for(EngineView& engine) { return loop_->wait(engine); }

void EpollWorld::perform_action(Action&& action) { loop_->perform(std::move(action)); }

}  // namespace p2p::io_linux
