// bench_tree [FILES [SEED [DIRECTORY]]]: a directory of FILES (100,000) small files, links among
// them, from one p2pnode to another over loopback. Prints how fast `add -n` reads it and `get`
// fetches it, beside `cp -a` of the same directory, and what each costs. The exit code is 1 when a
// second look has another id, when the copy has, or when diff finds a difference.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

#include "tests/bench/processes/child.h"
#include "tests/bench/processes/input.h"
#include "tests/bench/processes/sharing.h"
#include "tests/bench/tree/made_tree.h"

namespace p2p::bench {
namespace {

struct Ran {
  double seconds = 0;
  Cost cost;
  std::string out;
};

Ran run_to_end(const Words& words, const std::string& folder) {
  const auto begin = std::chrono::steady_clock::now();
  const pid_t pid = start(words, folder + "/out", folder + "/err");
  Ran ran;
  ran.cost = wait_for(pid);
  ran.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  ran.out = read_all(folder + "/out");
  if (ran.cost.exit_code != 0) {
    throw std::runtime_error(words[0] + " " + words[1] + ": " + ran.out +
                             read_all(folder + "/err"));
  }
  return ran;
}

void print(const char* name, const Ran& ran, const MadeTree& tree) {
  std::printf("%-8s %7.2f s %9.0f files/s   %6.2f s CPU %5.0f MiB\n", name, ran.seconds,
              static_cast<double>(tree.files) / ran.seconds, ran.cost.cpu_s, ran.cost.peak_mib);
  std::fflush(stdout);
}

std::string id_of(const Ran& added) { return added.out.substr(0, 64); }

void run(size_t files, uint64_t seed, const std::string& parent) {
  const Folder folder(parent);
  const std::string top = folder / "tree";
  const MadeTree tree = make_tree(top, files, seed);
  std::printf("%zu files, %zu links, %.0f MB, seed %llu\n", tree.files, tree.links,
              static_cast<double>(tree.bytes) / 1e6, static_cast<unsigned long long>(seed));
  print("cp -a", run_to_end({"/bin/cp", "-a", top, folder / "plain"}, folder.path()), tree);
  const Words add = {p2pnode_program(), "add", "-n", "-q", top, "--data-dir", folder / "adding"};
  const Ran first = run_to_end(add, folder.path());
  print("add -n", first, tree);
  const Ran second = run_to_end(add, folder.path());
  print("again", second, tree);

  const Sharing sharing(folder.path(), "sharing", {top});
  const Cost before = used_by(sharing.pid());
  print("get", run_to_end(get_words(sharing, folder.path(), "getting"), folder.path()), tree);
  const Cost after = used_by(sharing.pid());
  std::printf("share, after it had added it: %.2f s CPU, %.0f MiB at the most\n",
              after.cpu_s - before.cpu_s, after.peak_mib);
  const std::string got = folder / "getting.got";
  run_to_end({"/usr/bin/diff", "-r", "--no-dereference", top, got}, folder.path());
  const Ran copy = run_to_end(
      {p2pnode_program(), "add", "-n", "-q", got, "--data-dir", folder / "adding"}, folder.path());
  if (id_of(second) != id_of(first) || id_of(copy) != id_of(first) ||
      sharing.id() != id_of(first)) {
    throw std::runtime_error("one directory has two ids");
  }
  std::printf("diff finds nothing, and all have the id %s\n", id_of(first).c_str());
}

}  // namespace
}  // namespace p2p::bench

int main(int argc, char** argv) {
  const size_t files = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100'000;
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const std::string parent = argc > 3 ? argv[3] : "/dev/shm";
  if (files == 0) {
    std::fprintf(stderr, "usage: bench_tree [FILES [SEED [DIRECTORY]]]\n");
    return 2;
  }
  try {
    p2p::bench::run(files, seed, parent);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_tree: %s\n", error.what());
    return 1;
  }
}
