// Stands in for an engine where a world is tested: it does what a test tells it, keeps what comes,
// and looks like an Engine to the world (engine/core/drive.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/endpoint.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/core/action.h"
#include "engine/core/event.h"
#include "engine/core/windows.h"

namespace p2p::conformance {

class ScriptedEngine {
 public:
  // One connection, from either side.
  struct Link {
    Endpoint local;
    Endpoint remote;
    bool open = false;
    bool closed_by_us = false;
    std::optional<NetError> dial_failed;
    std::vector<NetError> ends;  // a Closed event each

    std::string in;         // what came
    uint64_t in_bytes = 0;  // how much; all of it, where `keep_in` is false
    bool keep_in = true;
    size_t events_in = 0;
    uint64_t out_bytes = 0;  // taken by the world

    // The sizes of the receive window's spans.
    size_t first_span = 1000;
    size_t second_span = 64 << 10;
    bool closes_when_received = false;
    bool endless = false;  // has always something to send

    bool reads = false;
    bool interest_read = false;
    bool interest_write = false;
    std::deque<StoredBytes> out;
    std::vector<std::byte> first;
    std::vector<std::byte> second;
  };

  // The script. Interests follow by themselves: read as long as `reads`, write while something is
  // to be sent.
  ConnId dial(const Endpoint& to);
  void send(ConnId conn, const std::string& text);
  void send(ConnId conn, StoredBytes bytes);
  void send_without_end(ConnId conn);
  void stop_sending(ConnId conn);
  void read(ConnId conn, bool on);
  void shutdown_write(ConnId conn);
  void close(ConnId conn);
  void act(Action action) { actions_.push_back(std::move(action)); }

  // Whether accepted connections are read from at once.
  bool reads_accepted = true;
  // Whether connections are closed within the event that tells of them.
  bool closes_accepted = false;
  bool closes_connected = false;
  Time deadline = Time::never();
  bool deadline_stays_due = false;  // otherwise it is met once

  // What was seen.
  Link& link(ConnId conn) { return links_[conn]; }
  const std::vector<ConnId>& accepted() const { return accepted_; }
  const std::vector<Time>& deadlines_met() const { return deadlines_met_; }
  // All events but Received, Sent and DeadlineReached, in order.
  const std::vector<Event>& events() const { return events_; }
  template <class Kind>
  std::vector<Kind> events_of() const {
    std::vector<Kind> found;
    for (const Event& event : events_) {
      if (const auto* one = std::get_if<Kind>(&event)) found.push_back(*one);
    }
    return found;
  }
  // Events of connections that the script has closed, which a world must not deliver.
  size_t events_after_close() const { return events_after_close_; }

  // The face that it shows a world.
  void handle(Time now, Event event);
  std::optional<Action> poll_action();
  Time next_deadline() const { return deadline; }
  ReceiveWindow receive_window(ConnId conn);
  GatherList send_window(ConnId conn) const;

 private:
  void on(Accepted event);
  void on(Connected event);
  void on(ConnectFailed event);
  void on(Received event);
  void on(Sent event);
  void on(Closed event);
  bool is_gone(ConnId conn);
  void update_interest(ConnId conn);

  std::map<ConnId, Link> links_;
  std::deque<Action> actions_;
  std::vector<Event> events_;
  std::vector<ConnId> accepted_;
  std::vector<Time> deadlines_met_;
  uint64_t last_dialled_ = 0;
  size_t events_after_close_ = 0;
};

}  // namespace p2p::conformance
