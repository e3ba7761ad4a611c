#include "apps/p2pnode/asking.h"

#include <pwd.h>
#include <sys/types.h>

#include <optional>

namespace p2p::app {
namespace {

using Reply = io_linux::ControlReply;

// "root", or "user 1000" where the machine knows no name.
std::string user_name(std::optional<uid_t> user) {
  if (!user) return "another user";
  const passwd* const entry = ::getpwuid(*user);
  return entry != nullptr ? entry->pw_name : "user " + std::to_string(*user);
}

}  // namespace

Failure asking_failure(const Reply& reply, const std::string& data_dir) {
  switch (reply.status) {
    case Reply::Status::no_node:
      return {ExitCode::no_node, "no node runs on " + data_dir +
                                     "; start one with `p2pnode`, or name the folder of the one "
                                     "that runs with --data-dir DIR"};
    case Reply::Status::denied:
      return {ExitCode::failure, "the node on " + data_dir + " belongs to " +
                                     user_name(reply.owner) +
                                     ", and only its owner may look into it: permission denied"};
    case Reply::Status::timed_out:
      return {ExitCode::no_node, "the node on " + data_dir + " has not answered for " +
                                     std::to_string(kNodePatience.count_s()) +
                                     " seconds; is it stopped?"};
    case Reply::Status::failed:
    case Reply::Status::answered:
      break;
  }
  return {ExitCode::failure, "the node on " + data_dir + " can't be asked: " + reply.error};
}

}  // namespace p2p::app
