// p2pnode, and the original program's double, as the end-to-end tests run them.
//
// Every node gets a data directory, and a home, below a folder of the test's: nothing is read or
// left elsewhere. What a node needs and does not get (it does not start, it says no first line)
// throws std::runtime_error with all that the node said, which GoogleTest reports as a failure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/file.h"
#include "tests/support/process.h"

namespace p2p::testing {

// Bounds on memory say nothing about a program that is watched by a sanitizer.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

inline constexpr uint64_t kMiB = uint64_t{1} << 20;

using Words = std::vector<std::string>;

// Where a command is run: on this machine, in a network namespace, as another user.
using Wrapper = std::vector<std::string>;

std::string p2pnode_program();
std::string legacy_program();

// A folder for one test's nodes and files.
class Place {
 public:
  const TempDir& dir() const { return dir_; }
  std::string operator/(const std::string& name) const { return dir_ / name; }

  // p2pnode COMMAND --data-dir HERE/NAME ARGUMENTS..., in an environment without the user's own
  // folders.
  Words command(const std::string& name, const Words& arguments) const;
  ProcessOptions options() const;

  std::unique_ptr<Process> start(const std::string& name, const Words& arguments,
                                 const Wrapper& wrapper = {}) const;
  Finished run(const std::string& name, const Words& arguments,
               milliseconds timeout = seconds(120)) const;

  // What is run in place of p2pnode_program() from now on.
  void use_program(std::string program) { program_ = std::move(program); }

 private:
  TempDir dir_;
  std::string program_ = p2pnode_program();
};

// A node that listens and stays: p2pnode, p2pnode run or p2pnode share.
class Node {
 public:
  // Starts it and waits for its first line.
  Node(const Place& place, const std::string& name, const Words& arguments,
       const Wrapper& wrapper = {});
  Node(const Place& place, const std::string& name, const Words& arguments,
       const ProcessOptions& options);
  // A failure of the test if the node died by itself: of a signal, an assertion, a sanitizer.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Process& process() { return *process_; }
  const std::string& endpoint() const { return endpoint_; }  // "[::1]:40123"
  std::string port() const { return endpoint_.substr(endpoint_.rfind(':') + 1); }

 private:
  void wait_until_listening();

  std::unique_ptr<Process> process_;
  std::string endpoint_;
};

// A bootstrap node on a free port of [::1].
inline Words server() { return {"-S", "--listen", "[::1]:0"}; }
// Any command of a node that was told of one other.
Words joining(Words command, const Node& bootstrap);
Words joining(Words command, const std::string& bootstrap);

// A node that shares files, and what it says about the first of them.
class SharingNode : public Node {
 public:
  SharingNode(const Place& place, const std::string& name, const Words& arguments,
              const Wrapper& wrapper = {});
  const std::string& id() const { return id_; }
  const std::string& get_line() const { return get_line_; }  // what the receiver types

 private:
  std::string id_;
  std::string get_line_;
};

class LegacyNode {
 public:
  explicit LegacyNode(const Words& arguments);
  Process& process() { return process_; }
  const std::string& endpoint() const { return endpoint_; }

  // Ends it, and says what was sent to it that no original may be sent, and whether it died of
  // anything else. Empty if all was well.
  std::string stop_and_complain();

 private:
  Process process_;
  std::string endpoint_;
};

// What is wrong with the piece files below a data directory: each must be whole and have the hash
// that its name says, its trailing zeros being trimmed. `files`: how many there are.
struct StoreCheck {
  size_t files = 0;
  std::string complaints;
};
StoreCheck check_store(const std::string& data_dir);
// Puts a piece of 1 MiB, its trailing zeros left out, into a store by its name. Its digest in hex.
std::string plant_piece(const std::string& data_dir, const std::string& piece);
// As the protocol writes an integer of so many bytes.
std::string little_endian(uint64_t value, size_t bytes);
// How many files lie below it, pieces or not, without reading them: for a store that is being
// filled.
size_t count_store_files(const std::string& data_dir);

// VmHWM, in bytes: the most memory that the process ever had.
uint64_t peak_memory_bytes(const Process& process);

// Whether this process may mount and change users, as root may. The sentence is for GTEST_SKIP.
bool is_root();
inline constexpr char kNeedsRoot[] = "needs root: it mounts, or becomes another user";

}  // namespace p2p::testing
