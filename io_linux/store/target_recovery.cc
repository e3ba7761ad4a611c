// Target::recover: finding in PATH.part what an earlier run had fetched.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <thread>
#include <utility>
#include <variant>

#include "engine/base/bytes.h"
#include "io_linux/store/target.h"

namespace p2p::io_linux {

namespace {

// How much is checked between two calls of the progress callback, and two looks at the cancel flag.
constexpr uint64_t kBatchBytes = uint64_t{64} << 20;
constexpr size_t kBatchPieces = 4096;
constexpr size_t kThreads = 2;

// Whether no byte was ever written to the extent: it reads as zeros, and need not be read.
bool is_hole(int fd, uint64_t offset, uint64_t length) {
  const off_t data = ::lseek(fd, static_cast<off_t>(offset), SEEK_DATA);
  if (data < 0) return errno == ENXIO;
  return static_cast<uint64_t>(data) >= offset + length;
}

}  // namespace

class Target::Recovery {
 public:
  Recovery(Target& target, Store& nodes, const Progress& progress, const std::atomic<bool>* cancel)
      : target_(target),
        nodes_(nodes),
        progress_(progress),
        cancel_(cancel),
        zero_piece_(sha256_zero_filled({}, target.piece_size_.bytes())) {}

  Recovered run(const Digest& root) {
    open_root(root);
    while (!ways_.empty() && !cancelled()) {
      const ChildPlace next = ways_.back();
      ways_.pop_back();
      if (next.is_node) {
        const auto piece = nodes_.load(next.digest, true);
        if (piece.status == StoreStatus::ok) open_node(piece, next.node_place());
      } else {
        add_data_piece(next);
      }
    }
    check_batch();
    result_.cancelled = cancelled();
    std::sort(result_.pieces.begin(), result_.pieces.end());
    const auto last = std::unique(result_.pieces.begin(), result_.pieces.end());
    result_.pieces.erase(last, result_.pieces.end());
    // The run that wrote them may not have come to sync them.
    if (!result_.pieces.empty()) target_.dirty_ = true;
    return std::move(result_);
  }

 private:
  void open_root(const Digest& root) {
    const auto piece = nodes_.load(root, true);
    if (piece.status != StoreStatus::ok) return;
    const auto node = open_node(piece, NodePlace{});
    total_ = node.length;
    if (ways_.empty()) return;
    result_.status = target_.reserve(total_);
    if (result_.status != StoreStatus::ok) ways_.clear();
  }

  // A tree that breaks a rule is for the engine to refuse; here it merely holds nothing.
  Node open_node(const Loaded& piece, const NodePlace& place) {
    const auto& bytes = std::get<Slice>(piece.bytes);
    auto read = read_node(bytes.bytes(), target_.piece_size_, place);
    auto* node = std::get_if<Node>(&read);
    if (node == nullptr) return {};
    // The last first, so that the first is taken up next.
    ways_.insert(ways_.end(), node->children.rbegin(), node->children.rend());
    return std::move(*node);
  }

  void add_data_piece(const ChildPlace& place) {
    batch_.push_back(place);
    batch_bytes_ += place.length;
    if (batch_bytes_ >= kBatchBytes || batch_.size() >= kBatchPieces) check_batch();
  }

  void check_batch() {
    if (batch_.empty() || cancelled()) return;
    next_ = 0;
    found_.assign(batch_.size(), 0);
    std::thread other;
    if (batch_.size() > 1) other = std::thread([this] { check_pieces(buffers_[1]); });
    check_pieces(buffers_[0]);
    if (other.joinable()) other.join();
    for (size_t i = 0; i < batch_.size(); ++i) {
      if (found_[i] == 0) continue;
      const auto length = static_cast<uint32_t>(batch_[i].length);
      target_.know(batch_[i].digest, {batch_[i].offset, length});
      result_.pieces.push_back(batch_[i].digest);
      result_.bytes += length;
    }
    checked_ += batch_bytes_;
    batch_.clear();
    batch_bytes_ = 0;
    if (progress_) progress_(checked_, total_);
  }

  // Runs on both threads.
  void check_pieces(std::vector<std::byte>& buffer) {
    buffer.resize(target_.piece_size_.bytes());
    for (size_t i = next_++; i < batch_.size() && !cancelled(); i = next_++) {
      if (is_in_place(batch_[i], buffer)) found_[i] = 1;
    }
  }

  bool is_in_place(const ChildPlace& place, std::span<std::byte> buffer) const {
    const int fd = target_.file_->fd();
    if (is_hole(fd, place.offset, place.length)) return place.digest == zero_piece_;
    const auto out = buffer.first(static_cast<size_t>(place.length));
    const auto read = pread_fully(fd, out, place.offset);
    if (read.error_number != 0 || read.bytes != out.size()) return false;
    return sha256_zero_filled(out, buffer.size() - out.size()) == place.digest;
  }

  bool cancelled() const { return cancel_ != nullptr && cancel_->load(); }

  Target& target_;
  Store& nodes_;
  const Progress& progress_;
  const std::atomic<bool>* const cancel_;
  const Digest zero_piece_;
  Recovered result_;
  uint64_t total_ = 0;
  uint64_t checked_ = 0;
  std::vector<ChildPlace> ways_;  // what is still to be looked at, the next one last
  std::vector<ChildPlace> batch_;
  uint64_t batch_bytes_ = 0;
  std::atomic<size_t> next_{0};
  std::vector<char> found_;  // by index in the batch; each written by one thread
  std::array<std::vector<std::byte>, kThreads> buffers_;
};

Target::Recovered Target::recover(const Digest& root, Store& nodes, const Progress& progress,
                                  const std::atomic<bool>* cancel) {
  return Recovery(*this, nodes, progress, cancel).run(root);
}

}  // namespace p2p::io_linux
