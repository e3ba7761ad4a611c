// The engine's notices as sentences for people.
#pragma once

#include <string>

#include "apps/common/talk.h"
#include "engine/core/notice.h"

namespace p2p::app {

struct NoticeText {
  Importance importance = Importance::trace;
  std::string sentence;  // without capital and full stop
};
NoticeText notice_text(const Notice& notice);

// Why a store can't go on, as a clause: "the disk is full".
std::string store_status_text(StoreStatus status);

}  // namespace p2p::app
