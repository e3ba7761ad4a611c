#include "engine/core/connection.h"

#include <utility>

namespace p2p {

Connection& ConnectionTable::add(std::unique_ptr<Connection> connection) {
  const ConnId id = connection->id;
  by_id_[id.value()] = connection.get();
  return *(map_[id] = std::move(connection));
}

Connection* ConnectionTable::find(ConnId id) const {
  const auto found = by_id_.find(id.value());
  return found == by_id_.end() ? nullptr : found->second;
}

void ConnectionTable::erase(ConnId id) {
  by_id_.erase(id.value());
  map_.erase(id);
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
