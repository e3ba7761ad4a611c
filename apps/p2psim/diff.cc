// p2psim diff: the first event in which two traces differ.
#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <string>

#include "apps/common/counts.h"
#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "apps/p2psim/commands.h"
#include "io_linux/error_text.h"
#include "io_sim/trace/diff.h"

namespace p2p::sim::program {
namespace {

// False, and said, if it can't be read.
bool open_trace(const std::string& path, std::ifstream& file, Talk& talk) {
  struct stat facts {};
  int error = stat(path.c_str(), &facts) == 0 ? 0 : errno;
  if (error == 0 && S_ISDIR(facts.st_mode)) error = EISDIR;
  if (error == 0) {
    errno = 0;
    file.open(path, std::ios::binary);
    if (!file) error = errno == 0 ? EIO : errno;
  }
  if (error == 0) return true;
  talk.say(Importance::error,
           "can't read " + app::shell_quoted(path) + ": " + io_linux::error_text(error));
  return false;
}

// A line of a trace begins with its virtual time in seconds.
std::string time_of(const std::string& line) {
  const size_t end = line.find(' ');
  return end == std::string::npos || line.find_first_not_of("0123456789.") != end
             ? std::string()
             : line.substr(0, end);
}

std::string where(const TraceDifference& difference) {
  std::string text = "the traces differ at line " + app::grouped(difference.line);
  const auto& line = difference.left ? difference.left : difference.right;
  const std::string time = line ? time_of(*line) : std::string();
  return time.empty() ? text : text + ", at " + time + " s";
}

std::string marked(const std::string& mark, const std::optional<std::string>& line) {
  return mark + (line ? app::printable(*line) : "(here this trace ends)");
}

}  // namespace

ExitCode diff_command(const DiffCommand& command, Talk& talk) {
  std::ifstream left;
  std::ifstream right;
  const bool left_opened = open_trace(command.left, left, talk);
  const bool right_opened = open_trace(command.right, right, talk);
  if (!left_opened || !right_opened) return ExitCode::usage;
  const auto difference = first_difference(left, right);
  if (left.bad() || right.bad()) {
    talk.say(Importance::error, "can't read the traces to their end");
    return ExitCode::usage;
  }
  if (!difference) {
    return app::print_line("the traces are equal") ? ExitCode::held : ExitCode::usage;
  }
  std::string text = where(*difference);
  for (const std::string& line : difference->common) text += "\n  " + app::printable(line);
  text += "\n" + marked("- ", difference->left) + "\n" + marked("+ ", difference->right);
  return app::print_line(text) ? ExitCode::nondeterministic : ExitCode::usage;
}

}  // namespace p2p::sim::program
