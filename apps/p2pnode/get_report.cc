#include "apps/p2pnode/get_report.h"

#include <unistd.h>

#include "apps/common/counts.h"
#include "apps/common/output.h"
#include "apps/common/quoting.h"
#include "apps/p2pnode/json_line.h"

namespace p2p::app {
namespace {

using nlohmann::ordered_json;

constexpr Duration kLeastBetween = Duration::milliseconds(100);
constexpr Duration kMostBetween = Duration::seconds(1);

ordered_json event_object(const char* name) {
  ordered_json json = object_with_schema();
  json["event"] = name;
  return json;
}

ordered_json number_or_null(uint64_t number) {
  return number == 0 ? ordered_json() : ordered_json(number);
}

ordered_json optional_or_null(const std::optional<uint64_t>& number) {
  return number ? ordered_json(*number) : ordered_json();
}

std::string bytes_text(uint64_t bytes) {
  return std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
}

std::string what_text(const SavedWhat& what) {
  if (!what.files) return bytes_text(what.bytes);
  return counted(*what.files, "file", "files") + ", " + bytes_text(what.bytes);
}

}  // namespace

std::string progress_event(const ProgressView& view) {
  ordered_json json = event_object("progress");
  json["bytes_done"] = view.done;
  json["bytes_total"] = number_or_null(view.total);
  json["bytes_per_second"] = optional_or_null(view.bytes_per_second);
  json["seconds_left"] = optional_or_null(seconds_left(view));
  json["peers"] = view.peers;
  json["pieces_checked"] = view.pieces_checked;
  json["pieces_total"] = number_or_null(view.pieces);
  return line_of(json);
}

std::string resumed_event(uint64_t here, uint64_t total, const std::string& part_path) {
  ordered_json json = event_object("resumed");
  json["bytes_here"] = here;
  json["bytes_total"] = number_or_null(total);
  json["part"] = part_path;
  return line_of(json);
}

std::string saved_event(const Digest& id, const std::string& path, const SavedWhat& what) {
  ordered_json json = event_object("saved");
  json["id"] = id.hex();
  json["path"] = path;
  json["bytes"] = what.bytes;
  json["files"] = optional_or_null(what.files);
  return line_of(json);
}

std::string failed_event(const Failure& failure) {
  ordered_json json = event_object("failed");
  json["exit"] = static_cast<int>(failure.code);
  json["error"] = failure.sentence;
  return line_of(json);
}

void GetReport::resumed(uint64_t here, uint64_t total, const std::string& part_path) {
  talk_.say(Importance::info, part_of(here, total) + " already here, in " + part_path);
  if (json_) static_cast<void>(print_line(resumed_event(here, total, part_path)));
}

void GetReport::progress(Time now, const ProgressView& view) {
  if (talk_.terminal()) talk_.set_status(progress_line(view, talk_.columns()));
  if (!json_ || (last_at_ && now - *last_at_ < kLeastBetween)) return;
  const std::string line = progress_event(view);
  if (line == last_event_ && now - *last_at_ < kMostBetween) return;
  if (!output_ready(STDOUT_FILENO)) return;
  last_event_ = line;
  last_at_ = now;
  static_cast<void>(print_line(line));
}

ExitCode GetReport::saved(const std::string& path, const SavedWhat& what) {
  const std::string line = json_ ? saved_event(id_, path, what)
                                 : "saved " + printable(path) + " (" + what_text(what) + ")";
  return print_line(line) ? ExitCode::done : ExitCode::failure;
}

ExitCode GetReport::failed(const Failure& failure) {
  talk_.set_status("");
  if (json_) static_cast<void>(print_line(failed_event(failure)));
  return say_failure(talk_, failure);
}

}  // namespace p2p::app
