// bench_many [MIB [LEECHERS [MB_A_SECOND [DIRECTORY]]]]: one seeder and LEECHERS (5), real
// processes on loopback, each with --max-upload MB_A_SECOND (10): when the last of them has the
// file of MIB (128), against the least time that is possible, and how many copies the seeder sent.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "tests/bench/many/swarm.h"
#include "tests/bench/processes/input.h"

int main(int argc, char** argv) {
  p2p::bench::SwarmShape shape;
  if (argc > 1) shape.mib = std::strtoul(argv[1], nullptr, 10);
  if (argc > 2) shape.leechers = std::strtoul(argv[2], nullptr, 10);
  if (argc > 3) shape.upload_mb = std::strtoul(argv[3], nullptr, 10);
  const std::string parent = argc > 4 ? argv[4] : "/dev/shm";
  if (shape.mib == 0 || shape.leechers == 0 || shape.upload_mb == 0) {
    std::fprintf(stderr, "usage: bench_many [MIB [LEECHERS [MB_A_SECOND [DIRECTORY]]]]\n");
    return 2;
  }
  try {
    const p2p::bench::Folder folder(parent);
    p2p::bench::Swarm swarm(folder.path(), shape);
    swarm.start_leechers();
    const double last_s = swarm.wait_for_all();
    const double bound_s = p2p::bench::lower_bound_s(shape);
    std::printf(
        "%zu MiB to %zu, %zu MB/s each: the last after %.1f s, bound %.1f s, ratio %.2f (at most "
        "1.3), "
        "the seeder sent %.2f copies\n",
        shape.mib, shape.leechers, shape.upload_mb, last_s, bound_s, last_s / bound_s,
        swarm.copies_sent());
    return last_s <= 1.3 * bound_s ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_many: %s\n", error.what());
    return 1;
  }
}
