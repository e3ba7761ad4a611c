#include "apps/common/startup.h"

#include <fcntl.h>
#include <unistd.h>

#include <iterator>

namespace p2p::app {

void fill_standard_descriptors() {
  int fd = open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = dup(fd);
  if (fd > STDERR_FILENO) close(fd);
}

std::vector<std::string> arguments_of(int argc, char** argv) {
  return {std::next(argv, argc > 0 ? 1 : 0), std::next(argv, argc)};
}

}  // namespace p2p::app
