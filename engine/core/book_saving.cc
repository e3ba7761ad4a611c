#include "engine/core/book_saving.h"

#include <utility>

namespace p2p {

namespace {

// How often a book is saved in which nothing changes. Its file says how long ago peers were alive;
// after a crash those who are neighbours now pass for silent since the last save, which is to be
// little of the week that they are remembered for.
constexpr Duration kRefreshEvery = Duration::minutes(24 * 60);

}  // namespace

BookSaving::BookSaving(Context& context, const AddressBook& book)
    : context_(context), book_(book), saved_at_(context.now) {}

Time BookSaving::next_due() const {
  if (saving_ || over_) return Time::never();
  if (book_.changes() != saved_changes_) {
    return saved_at_ + context_.config.limits.save_book_every;
  }
  if (any_saved_) return saved_at_ + kRefreshEvery;
  return Time::never();
}

void BookSaving::save_if_due() {
  if (next_due() > context_.now) return;
  const SavedBook book = book_.saved(context_.now);
  any_saved_ = !book.peers.empty();
  save(encode_book(book));
}

void BookSaving::save(Slice bytes) {
  saving_ = context_.new_op();
  saved_at_ = context_.now;
  saved_changes_ = book_.changes();
  context_.emit(SaveBook{*saving_, std::move(bytes)});
}

void BookSaving::save_for_good() {
  if (over_) return;
  over_ = true;
  const SavedBook book = book_.saved(context_.now);
  // Nobody in it and no news: a node that met nobody leaves the file as it is.
  if (book.peers.empty() && book_.changes() == saved_changes_) return;
  if (saving_) {
    last_ = encode_book(book);
  } else {
    save(encode_book(book));
  }
}

void BookSaving::on_saved(const BookSaved& event) {
  if (saving_ != event.op) return;
  saving_.reset();
  if (event.status == StoreStatus::ok) {
    failure_said_ = false;
  } else {
    saved_changes_ = UINT64_MAX;  // none: it is as good as changed
    if (!std::exchange(failure_said_, true)) context_.notify(BookNotSaved{event.status});
  }
  if (last_) save(*std::exchange(last_, std::nullopt));
}

}  // namespace p2p
