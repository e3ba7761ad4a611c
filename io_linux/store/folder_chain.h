// The folders on the way to files below one folder, opened one by one: no symbolic link on the way
// is ever followed, whatever others do to the tree meanwhile.
//
// Paths are relative, with "/" between their parts, and have no part "", "." or "..". The folders
// of the last path stay open, so that paths in order cost few calls. Thread rule: one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "io_linux/fd.h"

namespace p2p::io_linux {

// One descriptor stays open for each folder on the way. A path of more folders is refused with
// ELOOP.
inline constexpr size_t kFolderDepthMax = 200;

class FolderChain {
 public:
  enum class Missing { fail, make };
  // `top` stays the caller's.
  FolderChain(int top, Missing missing) : top_(top), missing_(missing) {}

  // The folder that `path` stands in, open until the next call, and the name in it.
  struct Place {
    int folder = -1;
    std::string name;
    int error_number = 0;  // when there is no folder
  };
  Place place_of(std::string_view path);

 private:
  struct Level {
    std::string name;
    Fd fd;
  };
  int enter(const std::string& name);
  int last() const { return levels_.empty() ? top_ : levels_.back().fd.get(); }

  const int top_;
  const Missing missing_;
  std::vector<Level> levels_;
};

// openat(2) of a name in a folder, closed on exec, no link followed, again when interrupted. The
// descriptor, or minus an errno.
int open_in(int folder, const std::string& name, int flags, unsigned mode = 0);

// Removes what stands under this name, a whole tree if it is one. Links are removed, not followed.
// 0 or an errno; ENOENT counts as done.
int remove_in(int folder, const std::string& name);

}  // namespace p2p::io_linux
