#include "apps/p2pnode/reporter.h"

#include "apps/common/output.h"
#include "io_linux/clock.h"

namespace p2p::app {

void Reporter::progress(const std::string& line) {
  look();
  const Time now = io_linux::clock_now();
  if (now < next_) return;
  next_ = now + Duration::milliseconds(100);
  show(line);
}

bool LocalReporter::print(const std::string& text) { return print_line(text); }

void LocalReporter::say(Importance importance, const std::string& sentence) {
  talk_.say(importance, sentence);
}

void LocalReporter::show(const std::string& line) {
  if (talk_.terminal()) talk_.set_status(line.substr(0, talk_.columns() - 1));
}

void LocalReporter::look() {
  if (interruption_.requested()) cancel();
}

}  // namespace p2p::app
