#include "apps/p2pnode/importing.h"

#include <cerrno>

#include "apps/common/quoting.h"

namespace p2p::app {

std::string file_name_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
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
      return Failure{ExitCode::interrupted, "interrupted; the file was not added"};
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
