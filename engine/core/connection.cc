#include "engine/core/connection.h"

#include <utility>

namespace p2p {

Connection& ConnectionTable::add(std::unique_ptr<Connection> connection) {
  const ConnId id = connection->id;
  return *(map_[id] = std::move(connection));
}

Connection* ConnectionTable::find(ConnId id) const {
  const auto found = map_.find(id);
  return found == map_.end() ? nullptr : found->second.get();
}

void ConnectionTable::erase(ConnId id) {
  map_.erase(id);
  touched_.erase(id);
}

std::optional<ConnId> ConnectionTable::take_touched() {
  if (touched_.empty()) return std::nullopt;
  const ConnId id = *touched_.begin();
  touched_.erase(touched_.begin());
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
