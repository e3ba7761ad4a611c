// What is looked up, and when.
#include "engine/overlay/finder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/bytes.h"
#include "engine/overlay/backoff.h"
#include "engine/overlay/place.h"
#include "engine/overlay/record_rules.h"

namespace p2p {

namespace {

// A look-up begins with so many of those that this node has spoken with, and of its address book.
constexpr size_t kFromTable = Lookup::kNearest;
constexpr size_t kFromBook = 2 * Lookup::kNearest;

// Nodes that start together don't look at the same moment, and have met a few others by then.
constexpr Duration kServeAtFirst = Duration::seconds(2);
constexpr Duration kServeAtFirstMost = Duration::seconds(6);
constexpr Duration kSettleAtFirst = Duration::seconds(3);
constexpr Duration kSettleAtFirstMost = Duration::seconds(10);
// The second and third time: the network may have been young at the first.
constexpr Duration kSecondTime = Duration::seconds(60);
constexpr Duration kThirdTime = Duration::minutes(5);
// With fewer answers than this the own place is looked up again before the hour is over.
constexpr size_t kSettled = Lookup::kNearest / 2;
constexpr Duration kSettleRetry = Duration::seconds(30);

// Where a node is in its own table while nobody can say where it listens.
Digest place_of_nobody(uint64_t nonce) {
  std::array<std::byte, sizeof nonce> bytes{};
  store_u64le(bytes, nonce);
  return sha256(bytes);
}

}  // namespace

Finder::Finder(Context& context, Neighbours& neighbours)
    : context_(context),
      neighbours_(neighbours),
      table_(place_of_nobody(context.config.nonce)),
      answers_(context, table_) {}

Finder::Subject& Finder::of(const Digest& root) {
  const auto [found, fresh] = subjects_.try_emplace(root);
  if (fresh) {
    found->second.id = root;
    found->second.since = context_.now;
  }
  changed_ = true;
  return found->second;
}

void Finder::drop(const Digest& root) {
  const auto found = subjects_.find(root);
  if (found == subjects_.end()) return;
  if (found->second.lookup) --lookups_;
  subjects_.erase(found);
  changed_ = true;
}

void Finder::serve(const Digest& root) {
  Subject& subject = of(root);
  if (subject.serving) return;
  subject.serving = true;
  // Whoever was getting it is listed already.
  if (subject.getting == 0) look_soon(subject);
}

void Finder::stop_serving(const Digest& root) {
  const auto found = subjects_.find(root);
  if (found == subjects_.end() || !found->second.serving) return;
  found->second.serving = false;
  if (found->second.getting == 0) drop(root);
}

void Finder::get(const Digest& root) {
  Subject& subject = of(root);
  ++subject.getting;
  subject.looks = 0;
  look_soon(subject);
}

void Finder::got(const Digest& root, bool whole) {
  if (whole) serve(root);
  Subject& subject = of(root);
  if (subject.getting > 0) --subject.getting;
  if (subject.getting > 0) return;
  if (!subject.serving) return drop(root);
  const bool is_listed = subject.listed > 0;
  if (!subject.lookup && is_listed) subject.next_look = subject.listed_at + kListAgain;
}

bool Finder::waits_for_listings(const Subject& subject) const {
  return subject.getting > 0 || (subject.serving && !is_reachable());
}

// Where this node is seen, as soon as a connection shows it; other machines' view is better than
// that from this one.
void Finder::learn_own_place(const Connection& connection) {
  const auto own = neighbours_.own_record_for(connection);
  if (!own || !acceptable_record(*own, connection.link())) return;
  if (own_ && !(own_->address.is_loopback() && !own->address.is_loopback())) return;
  if (own_place_) drop(*own_place_);
  own_ = own;
  own_place_ = place_of(*own);
  table_.move_to(*own_place_);
  answers_.move();
  Subject& subject = of(*own_place_);
  subject.own_place = true;
  look_soon(subject);
}

void Finder::look_soon(Subject& subject) {
  Duration wait = kFirstLook;
  if (subject.own_place) {
    wait = context_.random.between(kSettleAtFirst, kSettleAtFirstMost);
  } else if (subject.getting == 0) {
    wait = context_.random.between(kServeAtFirst, kServeAtFirstMost);
  }
  subject.next_look = std::min(subject.next_look, context_.now + wait);
  changed_ = true;
}

// What comes needs no look-up, but for being listed once and again.
bool Finder::is_coming(Subject& subject) {
  if (subject.getting == 0 || !last_piece_ || context_.now >= *last_piece_ + kFirstRetry) {
    return false;
  }
  const Time list =
      subject.listed > 0 ? subject.listed_at + kListAgain : subject.since + kFirstRetry;
  if (context_.now >= list) return false;
  subject.looks = 0;
  subject.next_look = std::min(list, *last_piece_ + kFirstRetry);
  return true;
}

void Finder::look_if_due(Subject& subject) {
  if (subject.lookup || context_.now < subject.next_look) return;
  if (neighbours_met_.empty() || lookups_ >= kLookupsMax || is_coming(subject)) return;
  begin(subject);
}

void Finder::begin(Subject& subject) {
  ++lookups_;
  subject.lookup = std::make_unique<Lookup>(subject.id, context_.now);
  subject.holders.clear();
  subject.dialled_to.clear();
  subject.holders_seen = 0;
  // Who is near one's own place is known by now: a thousand nodes leave their bootstrap node in
  // peace.
  const bool is_settled = subject.own_place && subject.listed > 0;
  for (const Endpoint& endpoint : neighbours_.bootstrap_endpoints()) {
    if (!is_settled && !is_own(endpoint)) {
      subject.lookup->add(endpoint, Lookup::Origin::bootstrap);
    }
  }
  for (const Endpoint& endpoint : table_.nearest(subject.id, kFromTable, context_.now, nullptr)) {
    subject.lookup->add(endpoint, Lookup::Origin::spoken);
  }
  const AddressBook& book = neighbours_.book();
  for (const Endpoint& endpoint : book.nearest(subject.id, kFromBook, context_.now)) {
    if (is_own(endpoint)) continue;
    subject.lookup->add(endpoint,
                        book.is_tried(endpoint) ? Lookup::Origin::spoken : Lookup::Origin::hearsay);
  }
}

void Finder::looked(Subject& subject) {
  const size_t answers = subject.lookup->answers();
  subject.kept = subject.lookup->nearest_answered();
  if (!subject.own_place) {
    context_.notify(
        HoldersSought{subject.id, subject.lookup->asks(), answers, subject.holders_seen});
  }
  subject.lookup.reset();
  --lookups_;
  subject.listed_at = context_.now;
  ++subject.listed;
  subject.next_look = context_.now + wait_after(subject, answers);
}

Duration Finder::wait_after(Subject& subject, size_t answers) {
  Random& random = context_.random;
  if (subject.own_place) {
    if (answers < kSettled) return backoff(subject.looks++, kSettleRetry, kListAgain, random);
    return random.jittered(kSettleAgain);
  }
  if (subject.getting > 0 || answers == 0) {
    return backoff(subject.looks++, kFirstRetry, kLongestRetry, random);
  }
  if (subject.listed == 1) return random.jittered(kSecondTime);
  if (subject.listed == 2) return random.jittered(kThirdTime);
  return random.jittered(kListAgain);
}

void Finder::act_if_due() {
  if (!changed_ && context_.now < due_) return;
  changed_ = false;
  for (auto& [id, subject] : subjects_) {
    look_if_due(subject);
    if (subject.lookup) ask_due(subject);
    dial_holders(subject);
    if (subject.lookup && subject.lookup->over(context_.now)) looked(subject);
  }
  prove_due();
  let_go_of_unneeded();
  due_ = Time::never();
  for (const auto& [id, subject] : subjects_) {
    if (subject.lookup) {
      due_ = std::min(due_, subject.lookup->next_due(context_.now));
    } else if (!neighbours_met_.empty() && lookups_ < kLookupsMax) {
      due_ = std::min(due_, subject.next_look);
    }
  }
}

Time Finder::next_due() const { return changed_ ? context_.now : due_; }

}  // namespace p2p
