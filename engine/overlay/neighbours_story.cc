// What the overlay tells people of one endpoint.
#include "engine/overlay/neighbours.h"

namespace p2p {

void Neighbours::note_gone(const Connection& connection, const Endpoint& endpoint) {
  if (is_linked(endpoint)) return;  // another connection with it goes on, or a dial does
  const auto contact = connection.doom
                           ? Contact::closed(*connection.doom)
                           : Contact::ended(connection.ended.value_or(NetError::end_of_stream));
  book_.note(endpoint, contact, context_.now);
}

EndpointStory Neighbours::story(const Endpoint& endpoint, bool more) const {
  EndpointStory story;
  story.endpoint = endpoint;
  story.as_of = context_.now;
  story.book = book_.story(endpoint, context_.now);
  story.bootstrap = bootstrap_.story(endpoint);
  story.dialled = dialled_;
  story.dial_target = dial_target(more);
  story.room_to_dial =
      dialled_ < story.dial_target && half_open_ < context_.config.limits.dials_at_once_max;
  return story;
}

}  // namespace p2p
