// What a program says to people: sentences on standard error, and one line of progress below them
// on a terminal. Nothing that standard error does ends the program or makes it wait: a line that
// its reader has no room for is dropped and counted.
//
// Thread rule: one thread, the loop's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace p2p::app {

// From what is always said to what only -vv says.
enum class Importance {
  error,    // why the program ends, or can't do what it was asked to; -q says it too
  warning,  // something is wrong, and the program goes on
  info,     // what a person who started it wants to know
  detail,   // -v: peers coming and going
  trace,    // -vv: everything the engine says
};

// A bucket of `burst` lines that fills up by one every `interval`.
class LineBudget {
 public:
  LineBudget(int64_t burst, Duration interval);
  // Takes one line's worth, if there is one.
  bool take(Time now);

 private:
  int64_t burst_;
  Duration interval_;
  int64_t left_;
  Time filled_;
};

struct TalkStyle {
  bool terminal = false;
  bool colours = false;
  unsigned columns = 80;
};
// Of standard error: colours on a terminal unless NO_COLOR is set (https://no-color.org) or TERM is
// "dumb".
TalkStyle talk_style_of(int fd);

class Talk {
 public:
  // `verbosity`: -1 for -q, 0, 1 for -v, 2 for -vv. `now` gives the time for the limit of lines.
  using Clock = Time (*)();
  Talk(int fd, TalkStyle style, int verbosity, Clock now);
  ~Talk();
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  bool says(Importance importance) const;
  // A sentence without capital and full stop becomes a line.
  // Sentences less important than a warning are limited to 20 at once and 5 a second after that;
  // how many were dropped is said before the next one that is not.
  void say(Importance importance, std::string_view sentence);

  // The line below all others, until it is replaced or cleared with ""; only on a terminal.
  void set_status(std::string line);
  bool terminal() const { return style_.terminal; }
  unsigned columns() const { return style_.columns; }

 private:
  void write_out(const std::string& text);

  int fd_;
  TalkStyle style_;
  int verbosity_;
  Clock now_;
  LineBudget budget_;
  uint64_t dropped_ = 0;
  std::string status_;
};

}  // namespace p2p::app
