// What add and share say of the files and directories that they put into the store.
#pragma once

#include <optional>
#include <string>

#include "apps/p2pnode/failure.h"
#include "engine/base/digest.h"
#include "io_linux/store/import.h"

namespace p2p::app {

// What is behind the last slash that is not at the end.
std::string file_name_of(const std::string& path);

// "added ID NAME".
std::string added_line(const Digest& id, const std::string& path);

// nullopt: it was imported.
std::optional<Failure> import_failure(const io_linux::Imported& imported);

}  // namespace p2p::app
