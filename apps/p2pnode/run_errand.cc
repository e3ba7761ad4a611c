#include "apps/p2pnode/run_errand.h"

#include <string>
#include <string_view>
#include <variant>

#include "apps/common/output.h"
#include "apps/p2pnode/asking.h"
#include "apps/p2pnode/errand_words.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/local_store.h"
#include "io_linux/control_client.h"

namespace p2p::app {
namespace {

// Says and prints, and remembers how it ended.
class Listener {
 public:
  explicit Listener(Talk& talk) : talk_(talk) {}

  void hear(std::string_view line) {
    // What a later version says besides is not for this one.
    const auto word = parse_word(line);
    if (!word) return;
    understood_ = true;
    std::visit(*this, *word);
  }
  void operator()(const PrintWord& word) { printed_ = print_line(word.text) && printed_; }
  void operator()(const SayWord& word) { talk_.say(word.importance, word.sentence); }
  void operator()(const ProgressWord& word) {
    if (talk_.terminal()) talk_.set_status(word.line.substr(0, talk_.columns() - 1));
  }
  void operator()(const EndWord& word) {
    code_ = word.code == ExitCode::done && !printed_ ? ExitCode::failure : word.code;
  }
  void operator()(const DeclineWord& word) { declined_ = word.why; }

  bool understood() const { return understood_; }
  std::optional<ExitCode> code() const { return code_; }
  const std::optional<std::string>& declined() const { return declined_; }

 private:
  Talk& talk_;
  bool understood_ = false;
  bool printed_ = true;
  std::optional<ExitCode> code_;
  std::optional<std::string> declined_;
};

}  // namespace

std::optional<ExitCode> run_errand(const CommonOptions& options, const Errand& errand,
                                   int descriptor, Talk& talk, Interruption& interruption) {
  const std::string data_dir = data_dir_of(options);
  if (data_dir.empty()) return say_failure(talk, no_data_dir());
  Listener listener(talk);
  io_linux::ControlErrand call;
  call.line = errand_line(errand);
  call.descriptor = descriptor;
  call.timeout = kNodePatience;
  call.on_line = [&](std::string_view line) {
    listener.hear(line);
    return true;
  };
  call.stop = interruption.fd();
  const auto reply = io_linux::send_errand(data_dir, call);
  talk.set_status("");
  // A signal that nobody has looked at kills the program at its end.
  if (reply.stopped) static_cast<void>(interruption.requested());
  if (reply.stopped) return say_failure(talk, {ExitCode::interrupted, "interrupted"});
  if (listener.declined()) {
    talk.say(Importance::detail, "done without the running node: " + *listener.declined());
    return std::nullopt;
  }
  if (listener.code()) return listener.code();
  if (reply.status == io_linux::ControlReply::Status::no_node) return std::nullopt;
  if (reply.status == io_linux::ControlReply::Status::answered) {
    // A node of an earlier version knows no errands.
    if (!listener.understood()) return std::nullopt;
    return say_failure(talk, {ExitCode::interrupted, "the node on " + data_dir +
                                                         " ended before this was done; run the "
                                                         "same command again"});
  }
  return say_failure(talk, asking_failure(reply, data_dir));
}

}  // namespace p2p::app
