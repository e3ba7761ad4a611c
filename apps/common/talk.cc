#include "apps/common/talk.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <span>
#include <utility>

#include "apps/common/output.h"
#include "apps/common/quoting.h"

namespace p2p::app {
namespace {

constexpr int64_t kBurst = 20;
constexpr Duration kInterval = Duration::milliseconds(200);
constexpr std::string_view kClearLine = "\r\x1b[K";

struct Prefix {
  std::string_view text;
  std::string_view colour;
};

Prefix prefix_of(Importance importance) {
  switch (importance) {
    case Importance::error:
      return {"error: ", "\x1b[1;31m"};
    case Importance::warning:
      return {"warning: ", "\x1b[1;33m"};
    case Importance::info:
      return {"", ""};
    case Importance::detail:
    case Importance::trace:
      return {"", "\x1b[2m"};
  }
  return {};
}

// Colours the prefix where there is one, else the whole line.
std::string line_of(Importance importance, const std::string& sentence, bool colours) {
  const Prefix prefix = prefix_of(importance);
  const std::string text(prefix.text);
  if (!colours || prefix.colour.empty()) return text + sentence + "\n";
  const std::string colour(prefix.colour);
  const std::string plain = "\x1b[0m";
  if (text.empty()) return colour + sentence + plain + "\n";
  return colour + text + plain + sentence + "\n";
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

LineBudget::LineBudget(int64_t burst, Duration interval)
    : burst_(burst), interval_(interval), left_(burst) {}

bool LineBudget::take(Time now) {
  const int64_t due = (now - filled_).count_ns() / interval_.count_ns();
  if (due > 0) {
    left_ = due >= burst_ - left_ ? burst_ : left_ + due;
    filled_ = left_ == burst_ ? now : filled_ + interval_ * due;
  }
  if (left_ == 0) return false;
  --left_;
  return true;
}

TalkStyle talk_style_of(int fd) {
  TalkStyle style;
  const char* terminal_type = std::getenv("TERM");
  const bool dumb = terminal_type == nullptr || std::string_view(terminal_type) == "dumb";
  style.terminal = isatty(fd) == 1 && !dumb;
  style.colours = style.terminal && !is_set("NO_COLOR");
  winsize size{};
  if (style.terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.columns = size.ws_col;
  }
  return style;
}

Talk::Talk(int fd, TalkStyle style, int verbosity, Clock now)
    : fd_(fd), style_(style), verbosity_(verbosity), now_(now), budget_(kBurst, kInterval) {}

Talk::~Talk() { set_status(""); }

bool Talk::says(Importance importance) const {
  switch (importance) {
    case Importance::error:
      return true;
    case Importance::warning:
    case Importance::info:
      return verbosity_ >= 0;
    case Importance::detail:
      return verbosity_ >= 1;
    case Importance::trace:
      return verbosity_ >= 2;
  }
  return true;
}

void Talk::say(Importance importance, std::string_view sentence) {
  if (!says(importance)) return;
  if (importance > Importance::warning && !budget_.take(now_())) {
    ++dropped_;
    return;
  }
  std::string text;
  if (dropped_ > 0) {
    const std::string lines = std::to_string(dropped_) + (dropped_ == 1 ? " line" : " lines");
    text += line_of(Importance::info, "(" + lines + " left out)", style_.colours);
  }
  text += line_of(importance, printable(sentence), style_.colours);
  if (!output_ready(fd_)) {
    ++dropped_;
    return;
  }
  dropped_ = 0;
  if (status_.empty()) {
    write_out(text);
  } else {
    write_out(std::string(kClearLine) + text + status_);
  }
}

void Talk::set_status(std::string line) {
  if (!style_.terminal || line == status_) return;
  status_ = std::move(line);
  if (output_ready(fd_)) write_out(std::string(kClearLine) + status_);
}

void Talk::write_out(const std::string& text) {
  // A reader that has gone is no reason to end: there is nobody left to tell.
  static_cast<void>(write_all(fd_, std::as_bytes(std::span(text))));
}

}  // namespace p2p::app
