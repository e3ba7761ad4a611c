#include "tests/bench/idle/host.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>

#include "engine/core/drive.h"
#include "engine/core/engine.h"
#include "io_linux/entropy.h"
#include "io_linux/epoll_world.h"

namespace p2p::bench {

namespace {

// Nobody asks this node for a piece.
class NoStore : public io_linux::Store {
 public:
  StoreStatus put(const Digest&, std::span<const std::byte>) override {
    return StoreStatus::io_error;
  }
  StoreStatus put_at(const Digest&, std::span<const std::byte>,
                     const std::vector<Extent>&) override {
    return StoreStatus::io_error;
  }
  StoreStatus place(const Digest&, const std::vector<Extent>&) override {
    return StoreStatus::not_held;
  }
  io_linux::Loaded load(const Digest&, bool) override { return {}; }
  StoreStatus sync() override { return StoreStatus::ok; }
};

void say(const std::string& sentence) { std::fprintf(stderr, "host: %s\n", sentence.c_str()); }

[[noreturn]] void be_host(size_t connections_max, int port_to) {
  NoStore store;
  io_linux::EpollWorldOptions options;
  options.buffers.bytes.reset();
  options.on_warning = say;
  io_linux::EpollWorld world(options, store);
  const auto listening = world.listen({Address::v4(127, 0, 0, 1), 0});
  Config config;
  config.listen_port = listening.local.port;
  config.listen_address = listening.local.address;
  config.nonce = io_linux::random_u64();
  config.limits.unidentified_max = connections_max;
  config.limits.accepted_neighbours_max = connections_max;
  Engine engine(config, Seed{io_linux::random_u64()}, world.now());
  world.post(Started{});
  const uint16_t port = listening.error_number == 0 ? listening.local.port : 0;
  if (write(port_to, &port, sizeof port) != sizeof port) _exit(1);
  drive(engine, world);
  _exit(0);
}

}  // namespace

Host start_host(size_t connections_max) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("cannot make a pipe");
  Host host;
  host.pid = fork();
  if (host.pid < 0) throw std::runtime_error("cannot fork");
  if (host.pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    be_host(connections_max, ends[1]);
  }
  close(ends[1]);
  const bool said = read(ends[0], &host.port, sizeof host.port) == sizeof host.port;
  close(ends[0]);
  if (!said || host.port == 0) throw std::runtime_error("the host does not listen");
  return host;
}

}  // namespace p2p::bench
