// What ls, gc and verify print, for people and as JSON (docs/operations.md, The store).
#pragma once

#include <string>
#include <vector>

#include "io_linux/store/catalogue.h"
#include "io_linux/store/store_care.h"

namespace p2p::app {

struct VerifiedContent {
  io_linux::ContentRecord record;
  io_linux::Verified verified;
};
struct VerifiedStore {
  std::vector<VerifiedContent> contents;
  io_linux::Verified others;  // pieces of the store, whosever they are
};

std::string listed_text(const std::vector<io_linux::ContentRecord>& records);
std::string listed_json(const std::vector<io_linux::ContentRecord>& records);
std::string removed_json(const Digest& id);
std::string collected_text(const io_linux::Collected& collected, bool dry_run);
std::string collected_json(const io_linux::Collected& collected, bool dry_run);
std::string verified_text(const VerifiedStore& store);
std::string verified_json(const VerifiedStore& store);

}  // namespace p2p::app
