// What the address book tells people: the story of an endpoint, and how many it holds.
#include <algorithm>

#include "engine/overlay/address_book.h"

namespace p2p {

namespace {

Time from_seconds(uint32_t seconds) { return Time::from_ns(0) + Duration::seconds(seconds); }

}  // namespace

uint32_t AddressBook::seconds_since_origin(Time time) {
  const int64_t seconds = time.since_origin_ns() / Duration::seconds(1).count_ns();
  return static_cast<uint32_t>(std::clamp<int64_t>(seconds, 0, UINT32_MAX));
}

void AddressBook::note(const Endpoint& endpoint, Contact contact, Time now) {
  const Position position = find(endpoint);
  if (position != kNone) {
    entries_[position].contact = contact;
    entries_[position].contact_s = seconds_since_origin(now);
  }
  shunned_.note(endpoint, contact);
}

BookStory AddressBook::story(const Endpoint& endpoint, Time now) const {
  BookStory story;
  story.own = is_own(endpoint);
  if (const ShunList::Shunned* const shunned = shunned_.find(endpoint, now)) {
    story.shunned_until = shunned->until;
    story.at_fault = shunned->fault;
    story.contact = shunned->contact;
    story.contact_at = shunned->since;
  }
  const Position position = find(endpoint);
  if (position == kNone) return story;
  const Entry& entry = entries_[position];
  story.set = entry.tried ? BookStory::Set::tried : BookStory::Set::hearsay;
  if (!entry.informant.is_unspecified()) story.informant = entry.informant;
  story.entered = from_seconds(entry.entered_s);
  story.reachable = entry.dialled;
  if (entry.tried) story.last_alive = entry.connections > 0 ? now : entry.last_alive;
  story.failures = entry.retries;
  story.next_dial = entry.next_dial;
  story.contact = entry.contact;
  story.contact_at = from_seconds(entry.contact_s);
  return story;
}

BookSizes AddressBook::sizes(Time now) const {
  BookSizes sizes;
  sizes.tried = tried_;
  sizes.hearsay = size() - tried_;
  sizes.shunned = shunned_.size(now);
  sizes.own = own_.size();
  return sizes;
}

}  // namespace p2p
