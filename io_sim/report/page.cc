#include "io_sim/report/page.h"

#include <ostream>

namespace p2p::sim {

namespace {

// Within a script element the parser looks for "</script" and "<!--", whatever JSON thinks.
std::string script_safe(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

void write_page(std::ostream& out, const Page& page) {
  out << "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
         "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
         "<link rel=\"icon\" href=\"data:,\">\n"
      << "<title>" << html_text(page.title) << "</title>\n<style>\n"
      << report_css << "</style>\n</head>\n<body>\n<main>\n"
      << page.body << "</main>\n<div id=\"hint\" role=\"status\"></div>\n"
      << "<script type=\"application/json\" id=\"data\">" << script_safe(page.data_json)
      << "</script>\n<script>\n"
      << report_js << "</script>\n</body>\n</html>\n";
}

std::string repeat_box(std::string_view command) {
  return "<div class=\"repeat\"><code>" + html_text(command) +
         "</code><button class=\"copy\" type=\"button\">Copy</button></div>\n";
}

}  // namespace p2p::sim
