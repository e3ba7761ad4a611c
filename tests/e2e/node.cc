#include "tests/e2e/node.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <stdexcept>
#include <system_error>

namespace p2p::testing {
namespace {

[[noreturn]] void fail(const std::string& what, const Process& process) {
  throw std::runtime_error(what + "\n" + process.transcript());
}

// How long a node may take to start, or to say what it was asked to do at the start.
constexpr milliseconds kStart = seconds(60);

}  // namespace

std::string p2pnode_program() {
  const char* named = std::getenv("P2PNODE");
  return named != nullptr && *named != '\0' ? named : P2PNODE_PROGRAM;
}

std::string legacy_program() { return LEGACY_PROGRAM; }

Words Place::command(const std::string& name, const Words& arguments) const {
  Words command = {program_};
  command.insert(command.end(), arguments.begin(), arguments.end());
  command.insert(command.end(), {"--data-dir", dir_ / name});
  return command;
}

ProcessOptions Place::options() const {
  ProcessOptions options;
  options.environment = {{"HOME", dir_ / "home"}, {"XDG_DATA_HOME", dir_ / "home"}};
  return options;
}

std::unique_ptr<Process> Place::start(const std::string& name, const Words& arguments,
                                      const Wrapper& wrapper) const {
  Words argv = wrapper;
  Words own = command(name, arguments);
  argv.insert(argv.end(), own.begin(), own.end());
  return std::make_unique<Process>(argv, options());
}

Finished Place::run(const std::string& name, const Words& arguments, milliseconds timeout) const {
  return p2p::testing::run(command(name, arguments), options(), timeout);
}

Node::Node(const Place& place, const std::string& name, const Words& arguments,
           const Wrapper& wrapper)
    : process_(place.start(name, arguments, wrapper)) {
  wait_until_listening();
}

Node::Node(const Place& place, const std::string& name, const Words& arguments,
           const ProcessOptions& options)
    : process_(std::make_unique<Process>(place.command(name, arguments), options)) {
  wait_until_listening();
}

Node::~Node() {
  std::optional<ExitStatus> status = process_->wait(milliseconds(0));
  if (!status) return;  // it runs, and is killed now
  bool ended_by_the_test =
      status->code == 0 || status->code == 128 + SIGINT || status->signal == SIGKILL;
  if (!ended_by_the_test) ADD_FAILURE() << "a node died: " << process_->transcript();
}

void Node::wait_until_listening() {
  auto line = process_->expect_out("", kStart);
  std::smatch match;
  static const std::regex first_line(R"(^listening on (\[[0-9a-f:.]+\]:[0-9]+|[0-9.]+:[0-9]+)$)");
  std::vector<std::string> lines = process_->lines(Stream::out);
  if (!line || !std::regex_match(lines.front(), match, first_line)) {
    fail("the first line is not 'listening on [ADDR]:PORT'", *process_);
  }
  endpoint_ = match[1];
}

Words joining(Words command, const Node& bootstrap) {
  return joining(std::move(command), bootstrap.endpoint());
}

Words joining(Words command, const std::string& bootstrap) {
  command.insert(command.end(), {"--listen", "[::1]:0", "--bootstrap", bootstrap});
  return command;
}

SharingNode::SharingNode(const Place& place, const std::string& name, const Words& arguments,
                         const Wrapper& wrapper)
    : Node(place, name, arguments, wrapper) {
  auto added = process().expect_out("^added ([0-9a-f]{64}) .+$", kStart);
  if (!added) fail("no line 'added ID NAME'", process());
  id_ = added->at(1);
  auto line = process().expect_out("^(p2pnode get .+)$", kStart);
  if (!line) fail("no line 'p2pnode get ...'", process());
  get_line_ = line->at(1);
}

LegacyNode::LegacyNode(const Words& arguments)
    : process_([&arguments] {
        Words argv = {legacy_program(), "--listen", "0"};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return argv;
      }()) {
  auto line = process_.expect_out("^listening ([0-9]+)$", kStart);
  if (!line) fail("the double does not listen", process_);
  endpoint_ = "[::1]:" + line->at(1);
}

std::string LegacyNode::stop_and_complain() {
  process_.terminate();
  auto status = process_.wait();
  bool ended_well = status == ExitStatus{0, 0};
  bool unharmed = process_.count_lines(Stream::out, "^(saw type|closed by|passed over) ") == 0;
  return ended_well && unharmed ? "" : process_.transcript();
}

StoreCheck check_store(const std::string& data_dir) {
  namespace fs = std::filesystem;
  StoreCheck check;
  fs::path pieces = fs::path(data_dir) / "pieces";
  if (!fs::exists(pieces)) return check;
  static const std::regex piece_name("([0-9]+)/([0-9a-f]{2})/([0-9a-f]{64})");
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(pieces)) {
    if (!entry.is_regular_file()) continue;
    std::string name = fs::relative(entry.path(), pieces).string();
    std::smatch match;
    if (!std::regex_match(name, match, piece_name))
      continue;  // no piece yet: it has no piece's name
    ++check.files;
    uint64_t piece_size = uint64_t{1} << std::stoul(match[1]);
    uint64_t size = entry.file_size();
    if (size > piece_size) {
      check.complaints += name + " is longer than a piece\n";
    } else if (sha256_of_file(entry.path().string(), piece_size - size) != match[3]) {
      check.complaints += name + " (" + std::to_string(size) + " bytes) has another hash\n";
    }
    if (match[3].str().compare(0, 2, match[2].str()) != 0) {
      check.complaints += name + " lies in the wrong folder\n";
    }
  }
  return check;
}

std::string plant_piece(const std::string& data_dir, const std::string& piece) {
  std::vector<uint8_t> bytes(piece.begin(), piece.end());
  bytes.resize(kMiB);
  const std::string id = sha256_of(bytes);
  const std::string shelf = data_dir + "/pieces/20/" + id.substr(0, 2);
  std::filesystem::create_directories(shelf);
  write_file(shelf + "/" + id, piece);
  return id;
}

std::string little_endian(uint64_t value, size_t bytes) {
  std::string text;
  for (size_t i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

size_t count_store_files(const std::string& data_dir) {
  namespace fs = std::filesystem;
  std::error_code gone;  // files and folders come and go
  size_t files = 0;
  fs::recursive_directory_iterator at(fs::path(data_dir) / "pieces", gone);
  for (; !gone && at != fs::recursive_directory_iterator(); at.increment(gone)) {
    files += at->is_regular_file(gone) ? 1U : 0U;
  }
  return files;
}

uint64_t peak_memory_bytes(const Process& process) {
  std::string status = read_file("/proc/" + std::to_string(process.pid()) + "/status");
  std::smatch match;
  if (!std::regex_search(status, match, std::regex("VmHWM:\\s+([0-9]+) kB"))) {
    throw std::runtime_error("no VmHWM in:\n" + status);
  }
  return std::stoull(match[1]) * 1024;
}

bool is_root() { return geteuid() == 0; }

}  // namespace p2p::testing
