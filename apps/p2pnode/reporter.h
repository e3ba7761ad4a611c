// What a command says and prints while it works on a data folder, wherever that happens: in the
// command itself, or on a thread of the running node.
//
// Thread rule: the thread that works; cancel() may be called on any.
#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "apps/common/interruption.h"
#include "apps/common/talk.h"
#include "apps/p2pnode/failure.h"
#include "engine/base/time.h"

namespace p2p::app {

class Reporter {
 public:
  virtual ~Reporter() = default;

  // Lines of standard output, without the last newline. False: nobody reads them.
  virtual bool print(const std::string& text) = 0;
  virtual void say(Importance importance, const std::string& sentence) = 0;
  ExitCode say_failure(const Failure& failure) {
    say(Importance::error, failure.sentence);
    return failure.code;
  }

  // How far the work is; as often as it likes. Also looks whether it is to end.
  void progress(const std::string& line);
  void end_progress() { show(""); }

  void cancel() { cancelled_ = true; }
  const std::atomic<bool>& cancelled() const { return cancelled_; }

 protected:
  // At most ten times a second; "": no progress any more.
  virtual void show(const std::string& line) = 0;
  virtual void look() {}

 private:
  std::atomic<bool> cancelled_{false};
  Time next_;
};

// Of a command that does its work itself: signals end it.
class LocalReporter final : public Reporter {
 public:
  LocalReporter(Talk& talk, Interruption& interruption)
      : talk_(talk), interruption_(interruption) {}

  bool print(const std::string& text) override;
  void say(Importance importance, const std::string& sentence) override;

 private:
  void show(const std::string& line) override;
  void look() override;

  Talk& talk_;
  Interruption& interruption_;
};

}  // namespace p2p::app
