#include "io_linux/store/tree_source.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/content/links.h"
#include "engine/content/listing.h"
#include "io_linux/store/folder_chain.h"
#include "io_linux/store/settled.h"
#include "io_linux/store/tree_walk.h"

namespace p2p::io_linux {

namespace {

std::vector<ListingEntry> listing_of(const std::vector<WalkedEntry>& walked) {
  std::vector<ListingEntry> entries;
  entries.reserve(walked.size());
  for (const WalkedEntry& entry : walked) {
    entries.push_back({entry.kind, entry.length(), entry.path});
  }
  return entries;
}

class TreeSource final : public ContentSource {
 public:
  TreeSource(std::string name, Fd folder, std::vector<WalkedEntry> entries,
             std::vector<std::byte> listing, const DirectoryLayout& layout)
      : name_(std::move(name)),
        folder_(std::move(folder)),
        entries_(std::move(entries)),
        listing_(std::move(listing)),
        length_(layout.length) {
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i].length() > 0) segments_.push_back({layout.offsets[i], i});
    }
    std::sort(segments_.begin(), segments_.end(),
              [](const Segment& a, const Segment& b) { return a.offset < b.offset; });
  }

  ContentKind kind() const override { return ContentKind::directory; }
  uint64_t length() const override { return length_; }

  SourceRead read(std::span<std::byte> out, uint64_t offset) const override {
    P2P_CHECK(offset <= length_ && out.size() <= length_ - offset);
    std::fill(out.begin(), out.end(), std::byte{0});
    const uint64_t end = offset + out.size();
    if (offset < listing_.size()) {
      const auto part = std::span(listing_).subspan(static_cast<size_t>(offset));
      std::copy_n(part.begin(), std::min(part.size(), out.size()), out.begin());
    }
    FolderChain chain(folder_.get(), FolderChain::Missing::fail);
    SourceRead whole{std::nullopt, true, true};
    for (auto segment = first_after(offset); segment != segments_.end() && segment->offset < end;
         ++segment) {
      const WalkedEntry& entry = entries_[segment->entry];
      const uint64_t begin = std::max(offset, segment->offset);
      const uint64_t stop = std::min(end, segment->offset + entry.length());
      if (begin >= stop) continue;
      const auto part =
          out.subspan(static_cast<size_t>(begin - offset), static_cast<size_t>(stop - begin));
      auto one = read_entry(chain, entry, part, begin - segment->offset);
      if (one.error) return one;
      whole.as_opened = whole.as_opened && one.as_opened;
      whole.settled = whole.settled && one.settled;
    }
    return whole;
  }

  std::optional<FileError> check_unchanged() const override {
    const size_t first = first_changed_;
    return first == SIZE_MAX ? std::nullopt : std::optional(changed(entries_[first]));
  }

 private:
  struct Segment {
    uint64_t offset;
    size_t entry;
  };

  // The first segment that may end behind this offset.
  std::vector<Segment>::const_iterator first_after(uint64_t offset) const {
    const auto next = std::upper_bound(
        segments_.begin(), segments_.end(), offset,
        [](uint64_t wanted, const Segment& segment) { return wanted < segment.offset; });
    return next == segments_.begin() ? next : next - 1;
  }

  SourceRead read_entry(FolderChain& chain, const WalkedEntry& entry, std::span<std::byte> out,
                        uint64_t offset) const {
    if (entry.kind == EntryKind::link) {
      std::memcpy(out.data(), entry.link_target.data() + offset, out.size());
      return {std::nullopt, true, true};
    }
    const auto place = chain.place_of(entry.path);
    if (place.error_number != 0) return {open_failed(entry, place.error_number)};
    const int fd = open_in(place.folder, place.name, O_RDONLY | O_NONBLOCK);
    if (fd < 0) return {open_failed(entry, -fd)};
    const Fd file(fd);
    const bool settled = is_settled(fd, entry.version, real_time_ns());
    const auto got = pread_fully(fd, out, offset);
    if (got.error_number != 0) return {file_error("read", called(entry), got.error_number)};
    const bool as_opened = version_of(fd) == entry.version;
    if (!as_opened) note_change(entry);
    if (got.bytes != out.size()) return {changed(entry)};
    return {std::nullopt, as_opened, as_opened && settled};
  }

  void note_change(const WalkedEntry& entry) const {
    const auto index = static_cast<size_t>(&entry - entries_.data());
    size_t none = SIZE_MAX;
    first_changed_.compare_exchange_strong(none, index);
  }
  FileError open_failed(const WalkedEntry& entry, int error_number) const {
    const bool gone = error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP;
    return gone ? changed(entry) : file_error("open", called(entry), error_number);
  }
  FileError changed(const WalkedEntry& entry) const {
    return {0, called(entry) + " changed while it was read"};
  }
  std::string called(const WalkedEntry& entry) const {
    return name_ + (name_.ends_with('/') ? "" : "/") + entry.path;
  }

  const std::string name_;
  const Fd folder_;
  const std::vector<WalkedEntry> entries_;
  const std::vector<std::byte> listing_;
  const uint64_t length_;
  std::vector<Segment> segments_;                        // of entries with bytes, ascending
  mutable std::atomic<size_t> first_changed_{SIZE_MAX};  // an entry
};

// Whoever gets such links must refuse them.
std::optional<FileError> error_of_links(const std::string& name,
                                        const std::vector<WalkedEntry>& walked,
                                        const std::vector<ListingEntry>& entries) {
  std::vector<TreeLink> links;
  for (const WalkedEntry& entry : walked) {
    if (entry.kind == EntryKind::link) links.push_back({entry.path, entry.link_target});
  }
  const auto followed = follow_links(links, entries);
  const auto& out = followed.out;
  if (out.empty() && followed.all) return std::nullopt;
  if (out.empty()) return FileError{0, name + " has more links in it than can be followed"};
  const TreeLink& first = links[out.front()];
  std::string text = name + (name.ends_with('/') ? "" : "/");
  text.append(first.path).append(" is a link out of the directory, to ").append(first.target);
  if (out.size() > 1) text += " (one of " + std::to_string(out.size()) + ")";
  return FileError{0, text + "; remove it, or put a copy in its place, to share the directory"};
}

}  // namespace

OpenedSource open_tree(const std::string& name, Fd folder, PieceSize piece_size,
                       const std::atomic<bool>* cancel) {
  auto walked = walk_tree(folder.get(), name, cancel);
  if (walked.cancelled) return {nullptr, {}, true};
  const auto entries = listing_of(walked.entries);
  if (!walked.error) walked.error = error_of_links(name, walked.entries, entries);
  if (walked.error) return {nullptr, std::move(*walked.error), false};
  const auto layout = lay_out(entries, piece_size);
  if (!layout) return {nullptr, {EFBIG, name + " is too long to be shared"}, false};
  auto listing = encode_listing(entries);
  return {std::make_unique<TreeSource>(name, std::move(folder), std::move(walked.entries),
                                       std::move(listing), *layout),
          {},
          false};
}

}  // namespace p2p::io_linux
