// The shell of a report: one HTML file with its style, its script and its data inside. Nothing in
// it is fetched, and its Content-Security-Policy forbids that.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace p2p::sim {

// The files of assets/, put into the program when it is built.
extern const std::string_view report_css;
extern const std::string_view report_js;

// For text between tags and within double quotes. Bytes that are no UTF-8 stay as they are.
std::string html_text(std::string_view text);

struct Page {
  std::string title;      // plain text
  std::string body;       // HTML
  std::string data_json;  // what report.js reads; made harmless within <script> here
};
void write_page(std::ostream& out, const Page& page);

// A command line in a box with a button that copies it.
std::string repeat_box(std::string_view command);

}  // namespace p2p::sim
