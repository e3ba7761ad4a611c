// What get says of its course: sentences, a line of progress on a terminal and "saved PATH (WHAT)";
// or, with --json, an event a line on standard output. docs/operations.md lists the events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/progress.h"
#include "engine/base/digest.h"
#include "engine/base/time.h"

namespace p2p::app {

// What was saved.
struct SavedWhat {
  uint64_t bytes = 0;             // in the file, or in the files of the directory
  std::optional<uint64_t> files;  // of a directory, links among them
};

// Those lines of --json; an object each, with its newline left out.
std::string progress_event(const ProgressView& view);
std::string resumed_event(uint64_t here, uint64_t total, const std::string& part_path);
std::string saved_event(const Digest& id, const std::string& path, const SavedWhat& what);
std::string failed_event(const Failure& failure);

// What hears of a fetch while it is under way: a command, or the node that fetches in its stead.
class FetchReport {
 public:
  virtual ~FetchReport() = default;
  virtual void say(Importance importance, const std::string& sentence) = 0;
  virtual void progress(Time now, const ProgressView& view) = 0;
  virtual bool wants_progress() const = 0;
};

// Thread rule: one thread, that of `talk`, which outlives it.
class GetReport final : public FetchReport {
 public:
  GetReport(bool json, const Digest& id, Talk& talk) : json_(json), id_(id), talk_(talk) {}

  // An earlier run has left so much of the content.
  void resumed(uint64_t here, uint64_t total, const std::string& part_path);
  // Called as often as one likes: a terminal gets each, --json at most ten a second, and only what
  // is new or a second old. What its reader has no room for is left out.
  void progress(Time now, const ProgressView& view) override;
  bool wants_progress() const override { return json_ || talk_.terminal(); }
  void say(Importance importance, const std::string& sentence) override {
    talk_.say(importance, sentence);
  }
  ExitCode saved(const std::string& path, const SavedWhat& what);
  // Says the sentence too.
  ExitCode failed(const Failure& failure);
  Talk& talk() { return talk_; }

 private:
  const bool json_;
  const Digest id_;
  Talk& talk_;
  std::string last_event_;
  std::optional<Time> last_at_;
};

}  // namespace p2p::app
