// How connections end: in order, by a reset, by silence, with their process or their host.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "io_sim/net/network.h"

namespace p2p::sim {

void Network::shut(EndRef ref) {
  End& end = at(ref);
  if (end.state != State::open) return;  // a dial, as a kernel refuses it
  end.fin_wanted = true;
  send_unsent(ref.index);
}

// As a kernel does it: what was taken still goes out, unless there is input that nobody read.
void Network::close(EndRef ref) {
  End& end = at(ref);
  const bool was_open = end.state == State::open;
  end.state = State::closed;
  end.watch_read = end.watch_write = false;
  if (was_open && !end.error) {
    if (end.arrived > 0) {
      end.in.drop(std::exchange(end.arrived, 0));
      send_reset(ref.index);
    } else {
      end.fin_wanted = true;
      send_unsent(ref.index);
    }
  }
  free_if_done(ref.index);
}

void Network::close_all(uint32_t node) {
  for (uint32_t index = 0; index < ends_.size(); ++index) {
    const End& end = ends_[index];
    if (end.node != node) continue;
    if (end.state == State::open || end.state == State::connecting) close(ref_of(index));
  }
}

// Nothing leaves the host any more; what has left it arrives.
void Network::crash(uint32_t node) {
  nodes_[node].crashed = true;
  for (uint32_t index = 0; index < ends_.size(); ++index) {
    End& end = ends_[index];
    if (end.node != node || end.state == State::free || end.state == State::vanished) continue;
    end.state = State::vanished;
    end.watch_read = end.watch_write = false;
    end.in.drop(std::exchange(end.arrived, 0));
    stop_sending(end);
    free_if_done(index);
  }
}

void Network::stop_sending(End& end) {
  end.unsent = end.held = 0;
  end.fin_wanted = end.fin_held = false;
}

// Whoever still sends to a connection from before learns that nobody knows it: when TCP tries
// again.
void Network::recover(uint32_t node) {
  nodes_[node].crashed = false;
  for (uint32_t index = 0; index < ends_.size(); ++index) {
    End& end = ends_[index];
    if (end.node != node || end.state != State::vanished) continue;
    const End& from = peer(index);
    if (from.state != State::open || from.lost == 0) continue;
    end.reset_held = true;
    end.stalled_since = from.stalled_since;
    schedule_release(index, false);
  }
}

// From an end that is closed or has vanished to its peer.
void Network::send_reset(uint32_t from_index) {
  End& from = ends_[from_index];
  if (from.reset_sent) return;
  if (blocked(from.node, peer(from_index).node)) {
    from.reset_held = true;
    return;
  }
  from.reset_sent = true;
  from.last_arrival = std::max(queue_.now() + from.latency, from.last_arrival);
  queue_.at(from.last_arrival, task_for(TaskKind::reset, peer_index(from_index), 0));
}

void Network::on_fin(uint32_t index) {
  End& end = ends_[index];
  end.eof = true;
  wake(index);
}

// What has come can still be read. What is on its way, here or to the peer, is lost.
void Network::break_end(uint32_t index, NetError why) {
  End& end = ends_[index];
  if (end.error || end.state != State::open) return;
  end.error = why;
  end.in.drop_behind(end.arrived);
  stop_sending(end);
  wake(index);
}

bool Network::is_ready(uint32_t index) const {
  const End& end = ends_[index];
  if (end.state != State::open) return false;
  if (end.error) return end.watch_read || end.watch_write;
  if (end.watch_read && (end.arrived > 0 || (end.eof && end.in.size() == 0))) return true;
  return end.watch_write && room(ref_of(index)) > 0;
}

void Network::wake(uint32_t index) {
  End& end = ends_[index];
  if (end.queued || !is_ready(index)) return;
  end.queued = true;
  queue_.soon(task_for(TaskKind::ready, index, 0));
}

void Network::on_ready(uint32_t index) {
  End& end = ends_[index];
  end.queued = false;
  if (!is_ready(index)) return;
  const EndRef ref = ref_of(index);
  nodes_[end.node].station->on_ready(ref, end.tag);
  if (exists(ref)) wake(index);
}

}  // namespace p2p::sim
