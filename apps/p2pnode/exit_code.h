// What p2pnode's exit status says. Listed in README.md and docs/p2pnode.1 too.
#pragma once

namespace p2p::app {

enum class ExitCode : int {
  done = 0,
  failure = 1,
  usage = 2,  // the command line, or what it names, can't be meant so
  // Of get.
  no_peer = 3,    // --timeout passed, and no peer was ever reached
  not_found = 4,  // --timeout passed; peers were reached, none gave what is missing
  // Of rm and verify.
  not_listed = 4,  // the data folder has no such content
  // Of peers, status and why.
  no_node = 3,           // none runs on the data folder, or it doesn't answer
  unknown_endpoint = 4,  // peers --why: the node has never heard of it
  not_fetching = 4,      // why: the node fetches no such content

  disk = 5,  // full, not writable, or failing
  address_in_use = 6,
  interrupted = 7,  // by a signal, with work unfinished that can be resumed
  // The content's tree breaks the rules: the id names nothing. Of gc and verify: what the store or
  // a file that it serves holds is no longer what it was.
  corrupt = 8,
};

}  // namespace p2p::app
