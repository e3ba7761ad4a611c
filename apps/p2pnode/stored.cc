// p2pnode ls, rm, gc and verify: what the data folder holds. Where a node runs on the folder it
// does the work; else the command does, which has the folder alone then.
#include <optional>
#include <string>

#include "apps/common/interruption.h"
#include "apps/common/output.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/errand.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/run_errand.h"
#include "apps/p2pnode/store_work.h"
#include "apps/p2pnode/stored_text.h"

namespace p2p::app {
namespace {

template <class OneErrand>
using Work = StoreWork (*)(const std::string&, const OneErrand&, Reporter&);

template <class OneErrand>
ExitCode through_node_or_alone(const CommonOptions& options, const OneErrand& errand,
                               Work<OneErrand> work, Talk& talk) {
  Interruption interruption;
  if (const auto code = run_errand(options, errand, -1, talk, interruption)) return *code;
  const auto locked = lock_store(options, io_linux::StoreUse::alone);
  if (locked.failure) return say_failure(talk, *locked.failure);
  LocalReporter reporter(talk, interruption);
  return work(locked.data_dir, errand, reporter).code;
}

}  // namespace

ExitCode ls(const LsOptions& options, Talk& talk) {
  const std::string data_dir = data_dir_of(options.common);
  if (data_dir.empty()) return say_failure(talk, no_data_dir());
  const auto listed = io_linux::Catalogue(data_dir).list();
  for (const auto& error : listed.errors) talk.say(Importance::error, error.text);
  std::string text = options.json ? listed_json(listed.records) : listed_text(listed.records);
  if (text.ends_with('\n')) text.pop_back();
  const bool printed = text.empty() || print_line(text);
  return printed && listed.errors.empty() ? ExitCode::done : ExitCode::failure;
}

ExitCode rm(const RmOptions& options, Talk& talk) {
  return through_node_or_alone(options.common, RemoveErrand{options.id, options.json},
                               remove_content, talk);
}

ExitCode gc(const GcOptions& options, Talk& talk) {
  return through_node_or_alone(options.common, CollectErrand{options.json, options.dry_run},
                               collect, talk);
}

ExitCode verify(const VerifyOptions& options, Talk& talk) {
  return through_node_or_alone(options.common, VerifyErrand{options.json, options.id}, verify,
                               talk);
}

}  // namespace p2p::app
