// What add and share say of the files and directories that they put into the store.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "apps/p2pnode/failure.h"
#include "apps/p2pnode/local_store.h"
#include "apps/p2pnode/reporter.h"
#include "engine/base/digest.h"
#include "engine/base/piece_size.h"
#include "io_linux/store/import.h"

namespace p2p::app {

// What is behind the last slash that is not at the end.
std::string file_name_of(const std::string& path);

// "added ID NAME".
std::string added_line(const Digest& id, const std::string& path);

struct Import {
  std::string path;
  PieceSize piece_size;
  bool copy = false;
  int descriptor = -1;  // as io_linux::ImportOptions has it
};
// Imports it and lists it in the store, if there is one; otherwise only computes the id.
std::variant<io_linux::Imported, Failure> import_and_list(const Import& import,
                                                          const LocalStore& store,
                                                          Reporter& reporter);

// nullopt: it was imported.
std::optional<Failure> import_failure(const io_linux::Imported& imported);

}  // namespace p2p::app
