#include "apps/p2pnode/importing.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "apps/common/quoting.h"

namespace p2p::app {

std::string file_name_of(const std::string& path) {
  std::string whole = path;
  while (whole.size() > 1 && whole.back() == '/') whole.pop_back();
  std::string name = whole.substr(whole.rfind('/') + 1);
  if (!name.empty() && name != "." && name != "..") return name;
  // Of "." and the like: what the directory is called where it stands.
  std::error_code unknown;
  return std::filesystem::canonical(whole, unknown).filename().string();
}

std::string added_line(const Digest& id, const std::string& path) {
  return "added " + id.hex() + " " + printable(file_name_of(path));
}

std::optional<Failure> import_failure(const io_linux::Imported& imported) {
  using Status = io_linux::Imported::Status;
  switch (imported.status) {
    case Status::ok:
      return std::nullopt;
    case Status::cancelled:
      return Failure{ExitCode::interrupted, "interrupted; nothing was added"};
    case Status::failed:
      break;
  }
  ExitCode code = ExitCode::failure;
  if (imported.store_status != StoreStatus::ok) code = ExitCode::disk;
  const int error_number = imported.error.error_number;
  if (error_number == ENOENT || error_number == ENOTDIR) code = ExitCode::usage;
  return Failure{code, imported.error.text};
}

}  // namespace p2p::app
