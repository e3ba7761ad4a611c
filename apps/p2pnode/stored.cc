// p2pnode ls, rm, gc and verify: what the data folder holds.
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/progress.h"
#include "apps/p2pnode/stored_text.h"
#include "io_linux/clock.h"

namespace p2p::app {
namespace {

using io_linux::Catalogue;
using io_linux::ContentRecord;
using io_linux::PieceStore;

ExitCode print(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text.empty() || print_line(text) ? ExitCode::done : ExitCode::failure;
}

// What the catalogue lists; what can't be read is said.
struct Listed {
  std::vector<ContentRecord> records;
  bool all = true;
};
Listed list(const std::string& data_dir, Talk& talk) {
  auto listed = Catalogue(data_dir).list();
  for (const auto& error : listed.errors) talk.say(Importance::error, error.text);
  return {std::move(listed.records), listed.errors.empty()};
}

// The piece sizes that the data folder has pieces of.
std::vector<PieceSize> piece_sizes(const std::string& data_dir) {
  std::vector<PieceSize> sizes;
  std::error_code error;
  for (unsigned log2 = PieceSize::kMinLog2; log2 <= PieceSize::kMaxLog2; ++log2) {
    const std::string folder = data_dir + "/pieces/" + std::to_string(log2);
    if (std::filesystem::is_directory(folder, error)) sizes.push_back(*PieceSize::from_log2(log2));
  }
  return sizes;
}

struct OpenedPieces {
  std::unique_ptr<PieceStore> store;
  std::optional<Failure> failure;
};
OpenedPieces open_pieces(const std::string& data_dir, PieceSize piece_size, Talk& talk) {
  auto opened = PieceStore::open(data_dir, piece_size);
  if (!opened.store) return {nullptr, Failure{ExitCode::disk, opened.error.text}};
  say_report(opened.report, talk);
  return {std::move(opened.store), std::nullopt};
}

Failure not_listed(const Digest& id, const std::string& data_dir) {
  return {ExitCode::not_listed,
          "no content " + id.hex() + " is listed in " + data_dir + "; `p2pnode ls` shows all"};
}

ExitCode say_damaged(const io_linux::Collected& collected, Talk& talk) {
  for (const ContentRecord& record : collected.damaged) {
    talk.say(Importance::error, "nothing is dropped: parts of the tree of " + record.id.hex() +
                                    " (" + record.name +
                                    ") are lost; add or get it again, or take it off the list with "
                                    "`p2pnode rm`");
  }
  return collected.damaged.empty() ? ExitCode::done : ExitCode::corrupt;
}

// One run of verify over all that was asked for.
class Verifying {
 public:
  Verifying(Talk& talk, std::string data_dir) : talk_(talk), data_dir_(std::move(data_dir)) {}

  std::optional<Failure> content(const ContentRecord& record) {
    auto opened = open_pieces(data_dir_, record.piece_size, talk_);
    if (opened.failure) return opened.failure;
    found_.contents.push_back(
        {record, io_linux::verify_content(*opened.store, record, watch(record.name), cancel_)});
    return std::nullopt;
  }

  std::optional<Failure> others(PieceSize piece_size) {
    auto opened = open_pieces(data_dir_, piece_size, talk_);
    if (opened.failure) return opened.failure;
    const auto verified = io_linux::verify_pieces(*opened.store, watch("the store"), cancel_);
    found_.others.pieces += verified.pieces;
    found_.others.bad += verified.bad;
    if (!verified.why.empty()) found_.others.why = verified.why;
    return std::nullopt;
  }

  bool cancelled() const { return cancel_; }
  const VerifiedStore& found() const { return found_; }
  ExitCode code() const {
    if (cancelled()) return ExitCode::interrupted;
    bool good = found_.others.whole();
    for (const auto& [record, verified] : found_.contents) {
      good = good && io_linux::is_as_listed(record, verified);
    }
    return good ? ExitCode::done : ExitCode::corrupt;
  }

 private:
  io_linux::VerifyProgress watch(std::string name) {
    return [this, name = std::move(name)](uint64_t done, uint64_t total) {
      if (interruption_.requested()) cancel_ = true;
      const Time now = io_linux::clock_now();
      if (!talk_.terminal() || now < next_) return;
      next_ = now + Duration::milliseconds(100);
      talk_.set_status(name + ": " + std::to_string(done) + " of " + std::to_string(total) +
                       " pieces");
    };
  }

  Talk& talk_;
  const std::string data_dir_;
  Interruption interruption_;
  std::atomic<bool> cancel_{false};
  Time next_;
  VerifiedStore found_;
};

}  // namespace

ExitCode ls(const LsOptions& options, Talk& talk) {
  const std::string data_dir = data_dir_of(options.common);
  if (data_dir.empty()) return say_failure(talk, no_data_dir());
  const Listed listed = list(data_dir, talk);
  const ExitCode code =
      print(options.json ? listed_json(listed.records) : listed_text(listed.records));
  return listed.all ? code : ExitCode::failure;
}

ExitCode rm(const RmOptions& options, Talk& talk) {
  const auto locked = lock_store(options.common, io_linux::StoreUse::alone);
  if (locked.failure) return say_failure(talk, *locked.failure);
  if (const auto error = Catalogue(locked.data_dir).remove(options.id)) {
    if (error->error_number == ENOENT) {
      return say_failure(talk, not_listed(options.id, locked.data_dir));
    }
    return say_failure(talk, {ExitCode::disk, error->text});
  }
  return print(options.json ? removed_json(options.id) : "removed " + options.id.hex());
}

ExitCode gc(const GcOptions& options, Talk& talk) {
  const auto locked = lock_store(options.common, io_linux::StoreUse::alone);
  if (locked.failure) return say_failure(talk, *locked.failure);
  const Listed listed = list(locked.data_dir, talk);
  // Of what can't be read nobody knows what it needs.
  if (!listed.all) return ExitCode::corrupt;
  io_linux::Collected sum;
  for (const PieceSize piece_size : piece_sizes(locked.data_dir)) {
    auto opened = open_pieces(locked.data_dir, piece_size, talk);
    if (opened.failure) return say_failure(talk, *opened.failure);
    auto collected = io_linux::collect_garbage(*opened.store, listed.records, options.dry_run);
    sum.kept += collected.kept;
    sum.dropped += collected.dropped;
    sum.dropped_bytes += collected.dropped_bytes;
    sum.damaged.insert(sum.damaged.end(), collected.damaged.begin(), collected.damaged.end());
  }
  const ExitCode code = print(options.json ? collected_json(sum, options.dry_run)
                                           : collected_text(sum, options.dry_run));
  const ExitCode damaged = say_damaged(sum, talk);
  return damaged == ExitCode::done ? code : damaged;
}

ExitCode verify(const VerifyOptions& options, Talk& talk) {
  const auto locked = lock_store(options.common, io_linux::StoreUse::alone);
  if (locked.failure) return say_failure(talk, *locked.failure);
  const Listed listed = list(locked.data_dir, talk);
  Verifying verifying(talk, locked.data_dir);
  bool found = !options.id;
  for (const ContentRecord& record : listed.records) {
    if (options.id && record.id != *options.id) continue;
    found = true;
    const auto failure = verifying.content(record);
    if (failure) return say_failure(talk, *failure);
    if (verifying.cancelled()) break;
  }
  if (!found) return say_failure(talk, not_listed(*options.id, locked.data_dir));
  if (!options.id) {
    for (const PieceSize piece_size : piece_sizes(locked.data_dir)) {
      if (verifying.cancelled()) break;
      if (const auto failure = verifying.others(piece_size)) return say_failure(talk, *failure);
    }
  }
  talk.set_status("");
  const VerifiedStore& result = verifying.found();
  const ExitCode code = print(options.json ? verified_json(result) : verified_text(result));
  if (verifying.cancelled()) talk.say(Importance::error, "interrupted; not all was read");
  if (verifying.code() == ExitCode::corrupt) {
    talk.say(Importance::error, "pieces are bad or missing: add or get their contents again");
  }
  if (verifying.code() != ExitCode::done) return verifying.code();
  return listed.all ? code : ExitCode::failure;
}

}  // namespace p2p::app
