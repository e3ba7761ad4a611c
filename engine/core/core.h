// Inside the engine: the parts and the life of a connection. Only engine/core includes this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/book_saving.h"
#include "engine/core/context.h"
#include "engine/core/engine.h"
#include "engine/core/fault_log.h"
#include "engine/core/timer_queue.h"
#include "engine/exchange/contents.h"
#include "engine/exchange/downloads.h"
#include "engine/exchange/uploads.h"
#include "engine/overlay/finder.h"
#include "engine/overlay/neighbours.h"

namespace p2p {

class Engine::Core {
 public:
  Core(Config config, Seed seed, Time start);

  void handle(Time now, Event event);
  std::optional<Action> poll_action();
  Time next_deadline() const;
  ReceiveWindow receive_window(ConnId conn);
  GatherList send_window(ConnId conn) const;
  Status status() const;
  Totals totals() const;
  std::optional<EndpointStory> why(const Endpoint& endpoint) const;
  std::optional<ContentStory> why(const Digest& root, size_t pieces_max) const;

 private:
  // Snapshots (core_look.cc).
  PeerStatus status_of(const Connection& connection) const;

  // Events (core.cc).
  void on(const Started& event);
  void on(const DeadlineReached& event);
  void on(const Accepted& event);
  void on(const Connected& event);
  void on(const ConnectFailed& event);
  void on(const Received& event);
  void on(const Sent& event);
  void on(const Closed& event);
  void on(const AcceptStarved& event);
  void on(const Resolved& event);
  void on(const PieceHashed& event);
  void on(const PieceStored& event);
  void on(const PieceLoaded& event);
  void on(const StoreSynced& event);
  void on(const BookSaved& event);
  void on(const FetchPieces& event);
  void on(const FetchContent& event);
  void on(const ServeContent& event);
  void on(const StopServing& event);
  void on(const CancelFetch& event);
  void on(const PieceAdded& event);
  void on(const PieceRemoved& event);
  void on(const ShutDown& event);

  // What peers send (core_receive.cc).
  void take_payload_bytes(Connection& connection, size_t bytes);
  void on_item(Connection& connection, const DecodedItem& item);
  void on_message(Connection& connection, const AskMessage& ask);
  void on_message(Connection& connection, const PeerMessage& list);
  void on_message(Connection& connection, const DigestListMessage& list);
  void on_message(Connection& connection, const SeekMessage& seek);
  void on_message(Connection& connection, const FoundMessage& found);
  void on_first_frame(Connection& connection, const PeerMessage* list);
  void greet(Connection& connection, const HelloTrailer& hello);
  void settle_kind(Connection& connection, PeerKind kind);
  void close_duplicate_of(Connection& connection);

  // Who may stay (core_admission.cc).
  bool turns_away(const Accepted& event);
  void take_slot(Connection& connection);
  Connection* evicted_by(const Connection& newcomer) const;
  void make_room(Connection& last);
  void make_guest(Connection& connection);
  void turn_out_a_stranger(const char* why);
  void charge(const Connection& connection);

  // The life of a connection (core_connections.cc).
  void open(Connection& connection, const Endpoint& local);
  void settle();
  void settle_touched();
  void grant_leaves();
  void tell_of_news();
  bool has_news_for(const Connection& connection) const;
  void settle(Connection& connection);
  void set_interest(Connection& connection);
  void say_interests();
  bool may_send(Connection& connection);
  bool may_receive(Connection& connection);
  void close(Connection& connection);
  void let_go(Connection& connection);
  void remove(Connection& connection);
  void advance_closing(Connection& connection);
  Time deadline_of(const Connection& connection) const;
  void schedule(Connection& connection);
  void check_deadlines(Connection& connection);
  void check_liveness(Connection& connection);
  void check_speaking(Connection& connection);
  Time keepalive_due(const Connection& connection) const;
  void keep_others_alive();

  void sync_if_due();
  void read_again_if_due();
  void finish_if_stopped();

  Context context_;
  HeldPieces held_;
  Downloads downloads_;
  Uploads uploads_;
  RateLimit sending_;
  RateLimit receiving_;
  Contents contents_;
  Neighbours neighbours_;
  Finder finder_;
  BookSaving book_saving_;
  FaultLog fault_log_;
  ConnectionCounts counts_;  // but for the dials started, which the context counts

  Block scratch_;  // what has not been read into costs no memory
  TimerQueue timers_;
  std::vector<ConnId> interests_;   // of connections whose interest may differ from what was said
  bool kept_alive_ = false;         // at this deadline, some connection
  uint64_t news_told_of_ = 0;       // the book's latest news when connections were last scheduled
  std::set<ConnId> strangers_;      // accepted, open, not identified or guests; the oldest first
  size_t accepted_known_ = 0;       // accepted, open, identified, no guests
  size_t accepted_neighbours_ = 0;  // of those, the ones that are not surplus
  uint64_t last_order_ = 0;
  size_t unsynced_bytes_ = 0;
  uint64_t payload_sent_ = 0;
  Time sync_at_ = Time::never();
  std::optional<OpId> syncing_;
  Time read_again_at_ = Time::never();
  bool stopping_ = false;
  bool stopped_ = false;
};

}  // namespace p2p
