#include "io_linux/error_text.h"

#include <cstring>

namespace p2p::io_linux {

std::string error_text(int error_number) {
  const char* text = ::strerrordesc_np(error_number);
  return text != nullptr ? text : "error " + std::to_string(error_number);
}

}  // namespace p2p::io_linux
