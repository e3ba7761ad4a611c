// Whether the times of a file can be trusted to tell that its bytes are still the same.
//
// Times alone do not tell: a second write within one tick of the kernel's clock changes none, nor
// does one through a mapping of the file that was written to before. So a version of a file is
// settled when
//   - its change time is long past, by many of these ticks, and no whole second: some disks keep no
//     more of it;
//   - nobody has the file open for writing, nor mapped so. The kernel says so to whoever asks for a
//     lease on it (fcntl(2), F_SETLEASE), which is given back at once;
//   - it stands on a file system of this machine that notes the time of the first write through a
//     new mapping: ext2 to ext4, XFS, Btrfs, F2FS.
// Whoever writes to it after that must open it first, and the write changes its times.
#pragma once

#include <cstdint>

#include "io_linux/store/content_source.h"

namespace p2p::io_linux {

// `fd`: open for reading only, by an open(2) of its own. False when the kernel does not say: only
// the owner of a file, or who has CAP_LEASE, is told. What is told is for this process only, and
// for no longer than it runs: a power loss may keep a write and lose its time.
// Whoever opens the file for writing in that very moment waits until the lease is given back.
// `now_ns`: of CLOCK_REALTIME.
bool is_settled(int fd, const FileVersion& version, int64_t now_ns);

int64_t real_time_ns();  // CLOCK_REALTIME

}  // namespace p2p::io_linux
