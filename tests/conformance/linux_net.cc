#include "tests/conformance/linux_net.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "io_linux/socket.h"
#include "io_linux/stored_file.h"

namespace p2p::conformance {
namespace {

using io_linux::EpollWorldOptions;

// The engine, looked at until a time of the test's own.
struct Bounded {
  ScriptedEngine& engine;
  Time until;
  Time next_deadline() const { return std::min(engine.next_deadline(), until); }
  ReceiveWindow receive_window(ConnId conn) { return engine.receive_window(conn); }
  GatherList send_window(ConnId conn) const { return engine.send_window(conn); }
};

EpollWorldOptions with_warnings(EpollWorldOptions options, std::vector<std::string>& warnings) {
  options.on_warning = [&warnings](const std::string& text) { warnings.push_back(text); };
  return options;
}

Endpoint any_port() { return {Address::loopback(), 0}; }

}  // namespace

LinuxNet::Node::Node(EpollWorldOptions options)
    : world(with_warnings(std::move(options), warnings), store) {
  const auto listening = world.listen(any_port());
  P2P_CHECK(listening.error_number == 0);
  endpoint = listening.local;
}

bool LinuxNet::Node::step(Time until) {
  Bounded view{engine, until};
  const auto perform_all = [&] {
    while (auto action = engine.poll_action()) world.perform(view, std::move(*action));
  };
  perform_all();
  auto event = world.wait(view);
  const bool busy = event.has_value();
  if (event) {
    engine.handle(world.now(), std::move(*event));
  } else if (engine.next_deadline() <= world.now()) {
    engine.handle(world.now(), DeadlineReached{});
  }
  perform_all();
  return busy;
}

LinuxNet::LinuxNet() : give_up_(std::chrono::steady_clock::now() + std::chrono::seconds(60)) {
  io_linux::NewSocket socket = io_linux::make_tcp_socket();
  const auto address = io_linux::to_socket_address(any_port(), socket.family);
  P2P_CHECK(::bind(socket.fd.get(), address->get(), address->length) == 0);
  nowhere_ = *io_linux::local_endpoint(socket.fd.get());
  bound_ = std::move(socket.fd);
}

LinuxNet::Node& LinuxNet::add_node(unsigned worker_threads) {
  EpollWorldOptions options;
  options.worker_threads = worker_threads;
  options.buffers.bytes = 128 << 10;  // small, so that back-pressure comes soon
  nodes_.push_back(std::make_unique<Node>(std::move(options)));
  return *nodes_.back();
}

size_t LinuxNet::connections() const {
  size_t count = 0;
  for (const auto& node : nodes_) count += node->world.connections();
  return count;
}

void LinuxNet::step() {
  // Nobody waits while another node may have something to do. Two rounds: a deadline that is due
  // comes before a turn of a connection.
  const Duration patience = Duration::milliseconds(idle_rounds_ >= 2 ? 1 : 0);
  ++idle_rounds_;
  for (const auto& node : nodes_) {
    if (node->step(node->now() + patience)) idle_rounds_ = 0;
  }
}

// Loopback carries bytes within the system call that sends them; then the nodes see to them.
void LinuxNet::settle() {
  idle_rounds_ = 0;
  for (int i = 0; i < 1000 && idle_rounds_ < 4; ++i) step();
}

StoredBytes LinuxNet::stored(const std::string& bytes) {
  io_linux::Fd fd(::memfd_create("piece", MFD_CLOEXEC));
  P2P_CHECK(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  return FileSlice{std::make_shared<io_linux::OpenFile>(std::move(fd)), 0,
                   static_cast<uint32_t>(bytes.size())};
}

bool run_until(LinuxNet& net, const std::function<bool()>& condition) {
  while (!condition()) {
    if (!net.patient()) return false;
    net.step();
  }
  return true;
}

}  // namespace p2p::conformance
