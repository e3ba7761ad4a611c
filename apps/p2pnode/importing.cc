#include "apps/p2pnode/importing.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "apps/common/quoting.h"
#include "apps/p2pnode/progress.h"
#include "apps/p2pnode/recording.h"

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

std::variant<io_linux::Imported, Failure> import_and_list(const Import& import,
                                                          const LocalStore& store,
                                                          Reporter& reporter) {
  const std::string name = printable(file_name_of(import.path));
  io_linux::ImportOptions options;
  options.in_place = !import.copy;
  options.descriptor = import.descriptor;
  options.cancel = &reporter.cancelled();
  options.progress = [&](uint64_t done, uint64_t total) {
    reporter.progress(name + ": " + part_of(done, total));
  };
  auto imported =
      io_linux::import_content(import.path, import.piece_size, store.pieces.get(), options);
  reporter.end_progress();
  auto failure = import_failure(imported);
  if (!failure && store.pieces) {
    failure = remember_added(*store.catalogue, *store.pieces,
                             record_of(imported, import.path, import.piece_size));
  }
  if (failure) return std::move(*failure);
  return imported;
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
