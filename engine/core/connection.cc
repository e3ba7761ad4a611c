#include "engine/core/connection.h"

#include <algorithm>
#include <utility>

namespace p2p {

ConnectionTable::Entries::const_iterator ConnectionTable::lower_bound(ConnId id) const {
  return std::lower_bound(entries_.begin(), entries_.end(), id,
                          [](const auto& entry, ConnId sought) { return entry.first < sought; });
}

Connection& ConnectionTable::add(std::unique_ptr<Connection> connection) {
  const ConnId id = connection->id;
  return *entries_.emplace(lower_bound(id), id, std::move(connection))->second;
}

Connection* ConnectionTable::find(ConnId id) const {
  const auto found = lower_bound(id);
  return found == entries_.end() || found->first != id ? nullptr : found->second.get();
}

void ConnectionTable::erase(ConnId id) {
  const auto found = lower_bound(id);
  if (found != entries_.end() && found->first == id) entries_.erase(found);
}

void ConnectionTable::touch(ConnId id) {
  Connection* const connection = find(id);
  if (connection == nullptr || connection->touched) return;
  connection->touched = true;
  touched_.push_back(id);
}

std::optional<ConnId> ConnectionTable::take_touched() {
  if (touched_first_ == touched_.size()) {
    touched_.clear();
    touched_first_ = 0;
    return std::nullopt;
  }
  const ConnId id = touched_[touched_first_++];
  if (Connection* const connection = find(id)) connection->touched = false;
  return id;
}

void ConnectionTable::doom(Connection& connection, CloseReason reason, std::string detail) {
  if (connection.doom || connection.phase == Phase::flushing ||
      connection.phase == Phase::lingering) {
    return;
  }
  connection.doom = reason;
  connection.doom_detail = std::move(detail);
  touch(connection.id);
}

}  // namespace p2p
