#include "io_linux/store/catalogue.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "engine/base/hex.h"
#include "io_linux/store/piece_layout.h"

namespace p2p::io_linux {

namespace {

constexpr std::string_view kFirstLine = "p2pnode content 1";
constexpr std::string_view kFirstLineOfUse = "p2pnode use 1";
constexpr size_t kRecordMax = 64 << 10;  // bytes; names and paths are at most 4,096 each

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Names may hold any bytes, line ends too.
std::string hex_of(const std::string& text) { return to_hex(std::as_bytes(std::span(text))); }

std::optional<std::string> text_of_hex(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

// "KEY VALUE" lines after the first; nullopt: it is cut off, or another file.
using Lines = std::map<std::string_view, std::string_view>;
std::optional<Lines> lines_of(std::string_view text, std::string_view first_line) {
  Lines lines;
  bool first = true;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (std::exchange(first, false)) {
      if (line != first_line) return std::nullopt;
      continue;
    }
    const size_t space = std::min(line.find(' '), line.size());
    lines[line.substr(0, space)] = line.substr(std::min(space + 1, line.size()));
  }
  if (lines.count("end") == 0) return std::nullopt;
  return lines;
}

std::string_view value_of(const Lines& lines, std::string_view key, std::string_view without) {
  const auto found = lines.find(key);
  return found == lines.end() ? without : found->second;
}

std::variant<std::string, FileError> read_text(const std::string& path) {
  const Opened file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (!file.fd) return file_error("open", path, file.error_number);
  std::string text(kRecordMax, '\0');
  const auto read = pread_fully(file.fd.get(), std::as_writable_bytes(std::span(text)), 0);
  if (read.error_number != 0) return file_error("read", path, read.error_number);
  text.resize(read.bytes);
  return text;
}

// Of two processes or threads that write one file at a time, the one that is later wins.
std::optional<FileError> replace_text(const std::string& path, const std::string& text,
                                      bool durable) {
  static std::atomic<uint64_t> writes{0};
  const std::string fresh =
      path + "." + std::to_string(::getpid()) + "-" + std::to_string(writes++) + ".new";
  const Opened file = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
  if (!file.fd) return file_error("write", fresh, file.error_number);
  int error_number = write_fully(file.fd.get(), std::as_bytes(std::span(text)));
  if (error_number == 0 && durable) error_number = sync_data(file.fd.get());
  if (error_number == 0) error_number = rename_file(fresh, path);
  if (error_number == 0 && durable) error_number = sync_folder(folder_of(path));
  if (error_number == 0) return std::nullopt;
  ::unlink(fresh.c_str());
  return file_error("write", path, error_number);
}

std::variant<ContentRecord, std::string> read_record(const std::string& path) {
  const auto text = read_text(path);
  if (const auto* error = std::get_if<FileError>(&text)) return error->text;
  auto parsed = parse_record(std::get<std::string>(text));
  if (const auto* why = std::get_if<std::string>(&parsed)) return path + " " + *why;
  return parsed;
}

}  // namespace

std::string record_text(const ContentRecord& record) {
  std::string text(kFirstLine);
  text += "\nid " + record.id.hex();
  text += "\npiece " + std::to_string(record.piece_size.log2());
  text += record.kind == ContentKind::directory ? "\nkind directory" : "\nkind file";
  text += record.whole ? "\nstate whole" : "\nstate begun";
  if (record.cached) text += "\nkeep cached";
  text += "\nlength " + std::to_string(record.length);
  text += "\nsince " + std::to_string(record.since_s);
  text += "\nname " + hex_of(record.name);
  text += "\nsource " + hex_of(record.source);
  return text + "\nend\n";
}

std::variant<ContentRecord, std::string> parse_record(std::string_view text) {
  const auto lines = lines_of(text, kFirstLine);
  if (!lines) return "is no whole record of a content";
  const auto value = [&](std::string_view key) { return value_of(*lines, key, "?"); };
  const auto id = Digest::from_hex(value("id"));
  const auto log2 = number_of<unsigned>(value("piece"));
  const auto piece_size = log2 ? PieceSize::from_log2(*log2) : std::nullopt;
  const auto length = number_of<uint64_t>(value("length"));
  const auto since = number_of<int64_t>(value("since"));
  auto name = text_of_hex(value("name"));
  auto source = text_of_hex(value("source"));
  const std::string_view kind = value("kind");
  const std::string_view state = value("state");
  const std::string_view keep = value_of(*lines, "keep", "pinned");
  if (!id || !piece_size || !length || *length > kContentMax || !since || !name || !source ||
      (kind != "file" && kind != "directory") || (state != "whole" && state != "begun") ||
      (keep != "pinned" && keep != "cached")) {
    return "is no record of a content that this version of p2pnode can read";
  }
  return ContentRecord{*id,
                       *piece_size,
                       kind == "file" ? ContentKind::file : ContentKind::directory,
                       state == "whole",
                       keep == "cached",
                       *length,
                       *since,
                       std::move(*name),
                       std::move(*source)};
}

std::string use_text(const ContentUse& use) {
  return std::string(kFirstLineOfUse) + "\nholders " + std::to_string(use.holders) + "\nused " +
         std::to_string(use.used_s) + "\nend\n";
}

ContentUse parse_use(std::string_view text) {
  const auto lines = lines_of(text, kFirstLineOfUse);
  if (!lines) return {};
  const auto holders = number_of<uint64_t>(value_of(*lines, "holders", "0"));
  const auto used = number_of<int64_t>(value_of(*lines, "used", "0"));
  return {holders.value_or(0), used.value_or(0)};
}

Catalogue::Listed Catalogue::list() const {
  namespace fs = std::filesystem;
  Listed listed;
  std::error_code error;
  fs::directory_iterator entry(folder_, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const auto id = digest_of_name(entry->path().filename().string());
    if (!id) continue;
    auto read = read_record(entry->path().string());
    auto* record = std::get_if<ContentRecord>(&read);
    if (record == nullptr) {
      listed.errors.push_back({0, std::get<std::string>(read)});
    } else if (record->id != *id) {
      listed.errors.push_back({0, entry->path().string() + " is the record of another content"});
    } else {
      listed.records.push_back(std::move(*record));
    }
  }
  if (error && error.value() != ENOENT) {
    listed.errors.push_back(file_error("list", folder_, error.value()));
  }
  std::sort(listed.records.begin(), listed.records.end(),
            [](const ContentRecord& a, const ContentRecord& b) {
              return std::tie(a.since_s, a.id) < std::tie(b.since_s, b.id);
            });
  return listed;
}

std::optional<ContentRecord> Catalogue::find(const Digest& id) const {
  auto read = read_record(path_of(id));
  auto* record = std::get_if<ContentRecord>(&read);
  if (record == nullptr || record->id != id) return std::nullopt;
  return std::move(*record);
}

std::optional<FileError> Catalogue::save(const ContentRecord& record) const {
  const int error_number = make_folders(folder_);
  if (error_number != 0) return file_error("make", folder_, error_number);
  return replace_text(path_of(record.id), record_text(record), true);
}

std::optional<FileError> Catalogue::remove(const Digest& id) const {
  const std::string path = path_of(id);
  if (::unlink(path.c_str()) != 0) return file_error("remove", path, errno);
  ::unlink(use_path_of(id).c_str());
  const int error_number = sync_folder(folder_);
  if (error_number != 0) return file_error("sync", folder_, error_number);
  return std::nullopt;
}

ContentUse Catalogue::use_of(const Digest& id) const {
  const auto text = read_text(use_path_of(id));
  const auto* whole = std::get_if<std::string>(&text);
  return whole != nullptr ? parse_use(*whole) : ContentUse();
}

std::optional<FileError> Catalogue::save_use(const Digest& id, const ContentUse& use) const {
  return replace_text(use_path_of(id), use_text(use), false);
}

}  // namespace p2p::io_linux
