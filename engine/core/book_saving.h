// When the address book is saved for the next run: some minutes after something in it changed, now
// and then while nothing does, and at the end.
//
// One save is under way at a time, so that an older one never ends after a newer one. One that
// fails is said once, and tried again when the next would have been due.
#pragma once

#include <optional>

#include "engine/core/context.h"
#include "engine/overlay/address_book.h"

namespace p2p {

class BookSaving {
 public:
  // Both outlive it.
  BookSaving(Context& context, const AddressBook& book);

  void save_if_due();
  // Time::never() while one is under way, and as long as there is nothing to save.
  Time next_due() const;
  void on_saved(const BookSaved& event);

  // The last save, of the book as it is now: while the connections live, so that those who are
  // neighbours now are known as such then. No other is due after it.
  void save_for_good();
  bool under_way() const { return saving_.has_value(); }

 private:
  void save(Slice bytes);

  Context& context_;
  const AddressBook& book_;
  std::optional<OpId> saving_;
  std::optional<Slice> last_;  // waits for the one that is under way
  bool over_ = false;
  Time saved_at_;
  uint64_t saved_changes_ = 0;  // AddressBook::changes() of what was saved last
  bool any_saved_ = false;      // this run, with anybody in it
  bool failure_said_ = false;
};

}  // namespace p2p
