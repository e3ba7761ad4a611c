// p2pnode peers, p2pnode status and p2pnode why: ask the node that runs on a data directory.
#include <exception>
#include <optional>
#include <string>

#include "apps/common/output.h"
#include "apps/p2pnode/asking.h"
#include "apps/p2pnode/commands.h"
#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/look_request.h"
#include "apps/p2pnode/look_text.h"
#include "io_linux/control_client.h"

namespace p2p::app {
namespace {

using Reply = io_linux::ControlReply;

using ToText = std::string (*)(std::string_view answer);

ExitCode print(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return print_line(text) ? ExitCode::done : ExitCode::failure;
}

// Asks, and prints the answer; `answer` is left as it came.
ExitCode look(const CommonOptions& options, const LookRequest& request, ToText to_text, Talk& talk,
              std::string& answer) {
  const std::string data_dir = data_dir_of(options);
  if (data_dir.empty()) return say_failure(talk, no_data_dir());
  Reply reply = io_linux::ask_node(data_dir, request_line(request), kNodePatience);
  if (reply.status != Reply::Status::answered) {
    return say_failure(talk, asking_failure(reply, data_dir));
  }
  answer = std::move(reply.line);
  try {
    if (const auto refusal = refusal_in(answer)) {
      return say_failure(talk, {ExitCode::failure, *refusal});
    }
    return print(to_text == nullptr ? answer : to_text(answer));
  } catch (const std::exception&) {
    return say_failure(talk, {ExitCode::failure, "the node on " + data_dir +
                                                     " answers what this version of p2pnode "
                                                     "can't read; use the node's own version"});
  }
}

ExitCode look_why(const PeersOptions& options, Talk& talk) {
  std::string answer;
  const ExitCode code =
      look(options.common, AskWhy{*options.why}, options.json ? nullptr : why_text, talk, answer);
  if (code != ExitCode::done) return code;
  return is_known_in(answer) ? ExitCode::done : ExitCode::unknown_endpoint;
}

}  // namespace

ExitCode peers(const PeersOptions& options, Talk& talk) {
  if (options.why) return look_why(options, talk);
  std::string answer;
  return look(options.common, AskPeers{}, options.json ? nullptr : peers_text, talk, answer);
}

ExitCode status(const StatusOptions& options, Talk& talk) {
  std::string answer;
  return look(options.common, AskStatus{}, options.json ? nullptr : status_text, talk, answer);
}

ExitCode why(const WhyOptions& options, Talk& talk) {
  std::string answer;
  const ExitCode code = look(options.common, AskContent{options.id, options.pieces},
                             options.json ? nullptr : content_text, talk, answer);
  if (code != ExitCode::done) return code;
  return is_fetching_in(answer) ? ExitCode::done : ExitCode::not_fetching;
}

}  // namespace p2p::app
