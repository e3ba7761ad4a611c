// p2pnode add: files and directories into the catalogue, their ids to standard output.
#include <string>
#include <variant>

#include "apps/common/interruption.h"
#include "apps/p2pnode/adding.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/importing.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/offer.h"
#include "apps/p2pnode/reporter.h"
#include "io_linux/store/import.h"

namespace p2p::app {
namespace {

// `store`: without pieces, only the id is computed.
ExitCode add_one(const AddOptions& options, const std::string& file, const LocalStore& store,
                 Reporter& reporter) {
  const PieceSize piece_size = options.common.piece_size.value_or(PieceSize());
  auto result = import_and_list({file, piece_size, options.copy}, store, reporter);
  if (const auto* failure = std::get_if<Failure>(&result)) return reporter.say_failure(*failure);
  const auto& imported = std::get<io_linux::Imported>(result);
  const Offer offer{ticket_of(imported, file, piece_size), imported.kind, false, {}};
  if (reporter.print(offer_text(offer, options.json, options.common.verbosity < 0))) {
    return ExitCode::done;
  }
  return reporter.say_failure({ExitCode::failure, "standard output can't be written"});
}

}  // namespace

ExitCode add(const AddOptions& options, Talk& talk) {
  Interruption interruption;
  LocalStore store;
  if (!options.dry_run) {
    const Adding adding{options.common, options.files, options.copy, options.json, false};
    if (const auto code = add_through_node(adding, talk, interruption)) return *code;
    store = open_local_store(options.common, talk);
    if (store.failure) return say_failure(talk, *store.failure);
  }
  LocalReporter reporter(talk, interruption);
  ExitCode code = ExitCode::done;
  for (const std::string& file : options.files) {
    code = worse_of(code, add_one(options, file, store, reporter));
    if (interruption.requested()) return ExitCode::interrupted;
  }
  return code;
}

}  // namespace p2p::app
