#include "io_linux/store/export.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/content/tree.h"

namespace p2p::io_linux {

namespace {

class Export {
 public:
  Export(Store& store, PieceSize piece_size, const ExportSink& sink)
      : store_(store), piece_size_(piece_size), sink_(sink) {}

  Exported run(const Digest& root) {
    if (open_node(root, NodePlace{})) {
      while (!ways_.empty()) {
        const ChildPlace next = ways_.back();
        ways_.pop_back();
        const bool done =
            next.is_node ? open_node(next.digest, next.node_place()) : write_data_piece(next);
        if (!done) break;
      }
    }
    return std::move(result_);
  }

 private:
  bool open_node(const Digest& digest, const NodePlace& place) {
    const auto piece = load(digest);
    if (!piece) return false;
    auto read = read_node(piece->bytes(), piece_size_, place);
    if (const auto* error = std::get_if<TreeError>(&read)) {
      return end(Exported::Status::invalid, error->text());
    }
    const auto& node = std::get<Node>(read);
    if (node.is_inline()) return write(node.inline_bytes, node.length);
    // The last first, so that the first is taken up next.
    ways_.insert(ways_.end(), node.children.rbegin(), node.children.rend());
    return true;
  }

  bool write_data_piece(const ChildPlace& place) {
    const auto piece = load(place.digest);
    if (!piece) return false;
    if (!data_padding_is_zero(piece->bytes(), place.length)) {
      return end(Exported::Status::invalid, "the last piece goes on after the end of the content");
    }
    const auto length = static_cast<size_t>(std::min<uint64_t>(place.length, piece->size()));
    return write(piece->bytes().first(length), place.length);
  }

  bool write(std::span<const std::byte> bytes, uint64_t length) {
    if (!bytes.empty() && !sink_(bytes)) return end(Exported::Status::sink_ended, {});
    for (uint64_t left = length - bytes.size(); left > 0;) {
      const auto zeros = zero_bytes(left);
      if (!sink_(zeros)) return end(Exported::Status::sink_ended, {});
      left -= zeros.size();
    }
    return true;
  }

  std::optional<Slice> load(const Digest& digest) {
    auto loaded = store_.load(digest, true);
    if (loaded.status == StoreStatus::ok) return std::get<Slice>(std::move(loaded.bytes));
    const bool missing = loaded.status == StoreStatus::not_held;
    end(missing ? Exported::Status::not_held : Exported::Status::store_failed,
        "piece " + digest.hex() + (missing ? " is not held" : " can't be read"));
    return std::nullopt;
  }

  bool end(Exported::Status status, std::string error) {
    result_ = {status, std::move(error)};
    return false;
  }

  Store& store_;
  const PieceSize piece_size_;
  const ExportSink& sink_;
  std::vector<ChildPlace> ways_;  // what is still to be written, the next one last
  Exported result_;
};

}  // namespace

Exported export_content(Store& store, const Digest& root, PieceSize piece_size,
                        const ExportSink& sink) {
  return Export(store, piece_size, sink).run(root);
}

}  // namespace p2p::io_linux
