#include "apps/p2pnode/store_work.h"

#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "apps/common/quoting.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/stored_text.h"
#include "io_linux/store/store_care.h"

namespace p2p::app {
namespace {

using io_linux::Catalogue;
using io_linux::ContentRecord;
using io_linux::PieceStore;

ExitCode print(std::string text, Reporter& reporter) {
  if (text.ends_with('\n')) text.pop_back();
  return text.empty() || reporter.print(text) ? ExitCode::done : ExitCode::failure;
}

// What the catalogue lists; what can't be read is said.
struct Listed {
  std::vector<ContentRecord> records;
  bool all = true;
};
Listed list(const std::string& data_dir, Reporter& reporter) {
  auto listed = Catalogue(data_dir).list();
  for (const auto& error : listed.errors) reporter.say(Importance::error, error.text);
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
OpenedPieces open_pieces(const std::string& data_dir, PieceSize piece_size, Reporter& reporter) {
  auto opened = PieceStore::open(data_dir, piece_size);
  if (!opened.store) return {nullptr, Failure{ExitCode::disk, opened.error.text}};
  say_report(opened.report, reporter);
  return {std::move(opened.store), std::nullopt};
}

Failure not_listed(const Digest& id, const std::string& data_dir) {
  return {ExitCode::not_listed,
          "no content " + id.hex() + " is listed in " + data_dir + "; `p2pnode ls` shows all"};
}

ExitCode say_damaged(const io_linux::Collected& collected, Reporter& reporter) {
  for (const ContentRecord& record : collected.damaged) {
    reporter.say(Importance::error,
                 "nothing is dropped: parts of the tree of " + record.id.hex() + " (" +
                     record.name +
                     ") are lost; add or get it again, or take it off the list with "
                     "`p2pnode rm`");
  }
  return collected.damaged.empty() ? ExitCode::done : ExitCode::corrupt;
}

// One run of verify over all that was asked for.
class Verifying {
 public:
  Verifying(Reporter& reporter, std::string data_dir)
      : reporter_(reporter), data_dir_(std::move(data_dir)) {}

  std::optional<Failure> content(const ContentRecord& record) {
    auto opened = open_pieces(data_dir_, record.piece_size, reporter_);
    if (opened.failure) return opened.failure;
    auto verified =
        io_linux::verify_content(*opened.store, record, watch(record.name), reporter_.cancelled());
    note_gone(verified);
    found_.contents.push_back({record, std::move(verified)});
    return std::nullopt;
  }

  std::optional<Failure> others(PieceSize piece_size) {
    auto opened = open_pieces(data_dir_, piece_size, reporter_);
    if (opened.failure) return opened.failure;
    const auto verified =
        io_linux::verify_pieces(*opened.store, watch("the store"), reporter_.cancelled());
    note_gone(verified);
    found_.others.pieces += verified.pieces;
    found_.others.bad += verified.bad;
    if (!verified.why.empty()) found_.others.why = verified.why;
    return std::nullopt;
  }

  bool cancelled() const { return reporter_.cancelled(); }
  const VerifiedStore& found() const { return found_; }
  StoreWork work() const {
    StoreWork work;
    work.gone = gone_;
    for (const auto& [record, verified] : found_.contents) {
      if (!io_linux::is_as_listed(record, verified)) work.spoilt.push_back(record);
    }
    const bool good = found_.others.whole() && work.spoilt.empty();
    if (!good) work.code = ExitCode::corrupt;
    if (cancelled()) work.code = ExitCode::interrupted;
    return work;
  }

 private:
  io_linux::VerifyProgress watch(std::string name) {
    return [this, name = printable(name)](uint64_t done, uint64_t total) {
      reporter_.progress(name + ": " + std::to_string(done) + " of " + std::to_string(total) +
                         " pieces");
    };
  }
  void note_gone(const io_linux::Verified& verified) {
    gone_.insert(gone_.end(), verified.gone.begin(), verified.gone.end());
  }

  Reporter& reporter_;
  const std::string data_dir_;
  VerifiedStore found_;
  std::vector<Digest> gone_;
};

StoreWork failed(const Failure& failure, Reporter& reporter) {
  return {reporter.say_failure(failure), {}, {}};
}

// What the records and the store hold, as far as it was asked for.
std::optional<Failure> verify_all(const Listed& listed, const std::string& data_dir,
                                  const VerifyErrand& errand, Verifying& verifying) {
  bool found = !errand.id;
  for (const ContentRecord& record : listed.records) {
    if (errand.id && record.id != *errand.id) continue;
    found = true;
    if (auto failure = verifying.content(record)) return failure;
    if (verifying.cancelled()) return std::nullopt;
  }
  if (!found) return not_listed(*errand.id, data_dir);
  if (errand.id) return std::nullopt;
  for (const PieceSize piece_size : piece_sizes(data_dir)) {
    if (auto failure = verifying.others(piece_size)) return failure;
    if (verifying.cancelled()) break;
  }
  return std::nullopt;
}

}  // namespace

StoreWork remove_content(const std::string& data_dir, const RemoveErrand& errand,
                         Reporter& reporter) {
  if (const auto error = Catalogue(data_dir).remove(errand.id)) {
    if (error->error_number == ENOENT) return failed(not_listed(errand.id, data_dir), reporter);
    return failed({ExitCode::disk, error->text}, reporter);
  }
  const auto text = errand.json ? removed_json(errand.id) : "removed " + errand.id.hex();
  return {print(text, reporter), {}, {}};
}

StoreWork collect(const std::string& data_dir, const CollectErrand& errand, Reporter& reporter) {
  const Listed listed = list(data_dir, reporter);
  // Of what can't be read nobody knows what it needs.
  if (!listed.all) return {ExitCode::corrupt, {}, {}};
  io_linux::Collected sum;
  for (const PieceSize piece_size : piece_sizes(data_dir)) {
    auto opened = open_pieces(data_dir, piece_size, reporter);
    if (opened.failure) return failed(*opened.failure, reporter);
    auto collected = io_linux::collect_garbage(*opened.store, listed.records, errand.dry_run);
    sum.kept += collected.kept;
    sum.dropped += collected.dropped;
    sum.dropped_bytes += collected.dropped_bytes;
    sum.gone.insert(sum.gone.end(), collected.gone.begin(), collected.gone.end());
    sum.damaged.insert(sum.damaged.end(), collected.damaged.begin(), collected.damaged.end());
  }
  const ExitCode code =
      print(errand.json ? collected_json(sum, errand.dry_run) : collected_text(sum, errand.dry_run),
            reporter);
  const ExitCode damaged = say_damaged(sum, reporter);
  return {damaged == ExitCode::done ? code : damaged, std::move(sum.gone), {}};
}

StoreWork verify(const std::string& data_dir, const VerifyErrand& errand, Reporter& reporter) {
  const Listed listed = list(data_dir, reporter);
  Verifying verifying(reporter, data_dir);
  const auto failure = verify_all(listed, data_dir, errand, verifying);
  reporter.end_progress();
  StoreWork work = verifying.work();
  if (failure) {
    work.code = reporter.say_failure(*failure);
    return work;
  }
  const VerifiedStore& result = verifying.found();
  const ExitCode code =
      print(errand.json ? verified_json(result) : verified_text(result), reporter);
  if (verifying.cancelled()) reporter.say(Importance::error, "interrupted; not all was read");
  if (work.code == ExitCode::corrupt) {
    reporter.say(Importance::error, "pieces are bad or missing: add or get their contents again");
  }
  if (work.code == ExitCode::done) work.code = listed.all ? code : ExitCode::failure;
  return work;
}

}  // namespace p2p::app
