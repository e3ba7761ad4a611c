#include "apps/p2pnode/why_sentence.h"

#include <algorithm>
#include <optional>

#include "apps/common/counts.h"

namespace p2p::app {
namespace {

std::string cause_of(Contact contact) {
  switch (contact.kind()) {
    case Contact::Kind::failed:
    case Contact::Kind::ended:
      return std::string(net_error_text(contact.error()));
    case Contact::Kind::closed:
      return std::string(close_reason_text(contact.reason()));
    case Contact::Kind::none:
    case Contact::Kind::dialling:
    case Contact::Kind::connected:
      return {};
  }
  return {};
}

std::string with_cause(const std::string& text, const std::string& cause) {
  return cause.empty() ? text : text + ": " + cause;
}

std::string connected(const EndpointStory& story) {
  const auto& peers = story.connections;
  const bool identified =
      std::any_of(peers.begin(), peers.end(), [](const auto& peer) { return peer.identified; });
  if (!identified) return "connected, but it has not said yet who it is";
  if (peers.size() == 1)
    return peers[0].accepted ? "connected: it came" : "connected: it was dialled";
  return "connected, by " + counted(peers.size(), "connection", "connections");
}

std::string shunned(const EndpointStory& story, Time now) {
  const BookStory& book = story.book;
  const std::string left = "left alone for another " + span_text(*book.shunned_until - now);
  const std::string cause = cause_of(book.contact);
  if (book.at_fault) return left + (cause.empty() ? ": it broke the protocol" : ": " + cause);
  return with_cause(
      left + ", as its dials failed, the last one " + span_text(now - book.contact_at) + " ago",
      cause);
}

std::string bootstrapping(const BootstrapStory& host, Time now) {
  const std::string who = "the bootstrap host " + host.host.text() + " ";
  switch (host.state) {
    case BootstrapStory::State::resolving:
      return who + "is being looked up";
    case BootstrapStory::State::dialling:
      return who + "is being dialled";
    case BootstrapStory::State::own:
      return "it is this node itself";
    case BootstrapStory::State::reached:
      return who + "is reached at another address, or the connection just ended";
    case BootstrapStory::State::waiting:
      break;
  }
  const std::string again = "it is tried again in " + span_text(host.next_try - now);
  if (host.why.empty()) return who + "is not connected, and " + again;
  return who + "can't be reached: " + host.why + "; " + again;
}

std::string last_contact(const BookStory& book, Time now) {
  const std::string ago = span_text(now - book.contact_at) + " ago";
  switch (book.contact.kind()) {
    case Contact::Kind::none:
      return "it was not dialled yet";
    case Contact::Kind::dialling:
      return "the dial that began " + ago + " has not ended";
    case Contact::Kind::connected:
      return "its connection is closing";
    case Contact::Kind::failed:
      return "the last dial failed " + ago + ": " + cause_of(book.contact);
    case Contact::Kind::ended:
    case Contact::Kind::closed:
      return "the last connection ended " + ago + ": " + cause_of(book.contact);
  }
  return {};
}

std::string next_dial(const EndpointStory& story, Time now) {
  if (story.book.next_dial > now) {
    return "the next dial is due in " + span_text(story.book.next_dial - now);
  }
  if (story.room_to_dial) return "a dial is due, and chance decides among all that are";
  if (story.dialled < story.dial_target) return "a dial is due, and waits for others to end";
  return "a dial is due, but this node has " +
         counted(story.dialled, "connection that it dialled", "connections that it dialled") +
         ", and seeks no more than " + grouped(story.dial_target);
}

}  // namespace

std::string why_sentence(const EndpointStory& story, Time now) {
  if (story.book.own) return "it is this node itself";
  if (!story.connections.empty()) return connected(story);
  if (story.dials_under_way > 0) return "it is being dialled";
  if (story.book.shunned_until) return shunned(story, now);
  if (story.bootstrap && story.bootstrap->state != BootstrapStory::State::reached) {
    return bootstrapping(*story.bootstrap, now);
  }
  if (story.refused && story.book.set != BookStory::Set::tried && !story.bootstrap) {
    return "peers at its address, or in its network, broke the protocol too often: nobody is "
           "dialled "
           "there because others say so";
  }
  if (story.book.set != BookStory::Set::none) {
    return last_contact(story.book, now) + "; " + next_dial(story, now);
  }
  if (story.bootstrap) return bootstrapping(*story.bootstrap, now);
  return "nothing is known of it";
}

std::string span_text(Duration span) {
  const int64_t s = std::max<int64_t>(0, span.count_s());
  if (s < 60) return std::to_string(s) + " s";
  if (s < 3600) return std::to_string(s / 60) + " min";
  if (s < 48 * 3600) return std::to_string(s / 3600) + " h";
  return std::to_string(s / (24 * 3600)) + " d";
}

}  // namespace p2p::app
