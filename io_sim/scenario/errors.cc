#include "io_sim/scenario/errors.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace p2p::sim {

namespace {

constexpr std::string_view kIndent = "    ";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

bool is_control(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && byte != '\t') || value == 0x7F;
}

// How many bytes the character at the front has; 0 when it is not UTF-8.
size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  size_t length = 0;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) length = 2;
  if (first >= 0xE0 && first < 0xF0) length = 3;
  if (first >= 0xF0 && first < 0xF5) length = 4;
  if (length == 0 || length > text.size()) return 0;
  const std::string_view rest = text.substr(1, length - 1);
  return std::all_of(rest.begin(), rest.end(), continues_character) ? length : 0;
}

uint32_t characters_in(std::string_view text) {
  return static_cast<uint32_t>(text.size() - static_cast<size_t>(std::count_if(
                                                 text.begin(), text.end(), continues_character)));
}

// What a terminal can be given: no control characters, nothing that is not UTF-8.
std::string printable(std::string_view line) {
  std::string text;
  while (!line.empty()) {
    const size_t length = character_length(line);
    if (length == 0 || is_control(line.front())) {
      text += '?';
    } else {
      text += line.substr(0, length);
    }
    line.remove_prefix(std::max<size_t>(length, 1));
  }
  return text;
}

// A tab stays a tab, so that the caret stands under its column however wide tabs are.
std::string blanks_before(std::string_view line, uint32_t column) {
  std::string blanks;
  for (const char byte : line) {
    if (column <= 1) break;
    if (continues_character(byte)) continue;
    blanks += byte == '\t' ? '\t' : ' ';
    --column;
  }
  return blanks;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  std::vector<std::string_view> lines;
  while (true) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

auto order_key(const ScenarioError& error) {
  return std::tie(error.line, error.column, error.message);
}

}  // namespace

ErrorList::ErrorList(std::string_view source, std::string file)
    : lines_(lines_of(source)), file_(std::move(file)) {}

void ErrorList::add(Place place, std::string message) {
  ScenarioError error;
  error.file = file_;
  error.message = std::move(message);
  // toml++ may have the end of a file behind the end.
  error.line = std::min(place.line, static_cast<uint32_t>(lines_.size()));
  error.source = std::string(lines_[error.line - 1]);
  error.column = std::min(place.column, characters_in(error.source) + 1);
  errors_.push_back(std::move(error));
}

std::vector<ScenarioError> ErrorList::in_order() const {
  std::vector<ScenarioError> sorted = errors_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return order_key(a) < order_key(b); });
  return sorted;
}

std::string ScenarioError::text() const {
  const std::string line_text = printable(source);
  std::string text = file + ":" + std::to_string(line) + ":" + std::to_string(column);
  text += ": error: " + message + "\n";
  text.append(kIndent).append(line_text).append("\n");
  text.append(kIndent).append(blanks_before(line_text, column)).append("^\n");
  return text;
}

}  // namespace p2p::sim
