// p2psim as its tests run it: in a folder of the test's own, with the scenarios that they need.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/file.h"
#include "tests/support/process.h"

namespace p2p::testing {

using Words = std::vector<std::string>;
using Json = nlohmann::json;

class Place {
 public:
  std::string operator/(const std::string& name) const { return dir_ / name; }
  void write(const std::string& name, const std::string& text) const;
  std::string read(const std::string& name) const { return read_file(dir_ / name); }
  bool has(const std::string& name) const;

  // p2psim ARGUMENTS..., in this folder: files are named without it.
  Finished run(const Words& arguments) const;
  std::unique_ptr<Process> start(const Words& arguments) const;

 private:
  Words command(const Words& arguments) const;
  ProcessOptions options() const;

  TempDir dir_;
};

// Each line of a text as JSON. Throws when one is none.
std::vector<Json> json_lines(const std::string& text);

// Three nodes meet: passes with every seed.
extern const char* const kMeets;
// Ten nodes are expected to know fifty: unmet with every seed, whatever else happens to them.
extern const char* const kAsksTooMuch;
// Two are apart when they are expected not to be, because of one of several faults.
extern const char* const kApart;
// `scenario`, which promises to end so.
std::string promising(const std::string& scenario, const std::string& verdict,
                      const std::string& because);

}  // namespace p2p::testing
