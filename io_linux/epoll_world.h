// The Linux world: sockets, threads and the clock, for one engine driven by engine/core/drive.h.
//
//   Signals signals;                                    // before any thread
//   EpollWorld world(options, store);
//   auto listening = world.listen(endpoint);            // its port goes into Config
//   Engine engine(config, seed, world.now());
//   world.post(Started{held});
//   drive(engine, world);                               // until a callback calls stop()
//
// Thread rule: all methods and all callbacks belong to one thread. Callbacks run inside wait() or
// perform(): they may call any method of the world but wait() and perform(), and never the engine's
// handle(); what they want of the engine they post().
//
// Fairness: ready connections take turns of at most kTurnBytes; events of the application, finished
// work, deadlines, timers and the kernel's news are looked at between the turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/endpoint.h"
#include "engine/base/time.h"
#include "engine/core/action.h"
#include "engine/core/event.h"
#include "engine/core/notice.h"
#include "io_linux/engine_view.h"
#include "io_linux/socket_buffers.h"
#include "io_linux/store/book_file.h"
#include "io_linux/store/store.h"

namespace p2p::io_linux {

struct EpollWorldOptions {
  SocketBufferPolicy buffers;
  unsigned worker_threads = 2;  // >= 1
  // Where SaveBook goes, on a worker thread; it outlives the world. Null: nowhere, and that is ok.
  const BookFile* book = nullptr;
  // The engine's notices.
  std::function<void(const Notice&)> on_notice;
  // Sentences for people about this machine (buffers refused, descriptors run out), without a full
  // stop, each at a limited rate.
  std::function<void(const std::string&)> on_warning;
};

class EpollWorld {
 public:
  static constexpr size_t kTurnBytes = size_t{1} << 20;

  // `store` outlives the world. Ignores SIGPIPE for the process.
  EpollWorld(EpollWorldOptions options, Store& store);
  // Closes all connections. Jobs that have not begun are dropped, the others waited for.
  ~EpollWorld();
  EpollWorld(const EpollWorld&) = delete;
  EpollWorld& operator=(const EpollWorld&) = delete;

  // Begins to listen; may be called more than once. Connections are handed over in wait().
  struct Listening {
    Endpoint local;        // with the port that the kernel chose, if it was 0
    int error_number = 0;  // not 0 (EADDRINUSE ...): not listening, and `error` is a sentence
    std::string error;
  };
  Listening listen(const Endpoint& endpoint);

  // What drive() calls.
  Time now() const;
  template <class AnyEngine>
  std::optional<Event> wait(AnyEngine& engine) {
    EngineViewOf<AnyEngine> view(engine);
    return wait_for(view);
  }
  template <class AnyEngine>
  void perform(AnyEngine&, Action&& action) {
    perform_action(std::move(action));
  }
  bool running() const;

  // An event for the engine from the application, delivered in order, before what comes from
  // outside.
  void post(Event event);
  // drive() returns after the event in progress. For good.
  void stop();

  // Calls back whenever `fd` is what it is watched for, or closed or failed (level-triggered, so
  // what is not read is said again). The caller keeps the descriptor open until remove_watch().
  // Requires that it is not watched already. False when the kernel can't watch it (a plain file: it
  // is always readable).
  using Callback = std::function<void()>;
  enum class WatchFor {
    readable,
    writable,
    its_end,  // closed or failed, nothing else: the reader of a pipe has gone
  };
  bool add_watch(int fd, Callback callback, WatchFor what = WatchFor::readable);
  void remove_watch(int fd);  // ignores what is not watched; may be called from the callback

  // Calls back every `interval`, the first time one interval from now. Lateness is not made up for.
  struct TimerId {
    uint64_t value = 0;
  };
  TimerId add_timer(Duration interval, Callback callback);
  void remove_timer(TimerId timer);  // ignores what is gone; may be called from the callback

  size_t connections() const;
  // The kernel's smoothed estimate for an open connection (TCP_INFO, tcpi_rtt), in whole
  // microseconds; nullopt: the connection is gone or not open yet.
  std::optional<Duration> round_trip(ConnId conn) const;

 private:
  std::optional<Event> wait_for(EngineView& engine);
  void perform_action(Action&& action);

  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace p2p::io_linux
