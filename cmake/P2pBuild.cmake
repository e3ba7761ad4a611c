# How every target of this project is compiled. A target gets it by linking p2p_options, which also
# puts the root of the repository on the include path: #include "engine/wire/frame.h".

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug, RelWithDebInfo or MinSizeRel" FORCE)
endif()

# A compiler cache is used where there is one, and never needed.
find_program(P2P_CCACHE ccache)
if(P2P_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${P2P_CCACHE}")
endif()

add_library(p2p_options INTERFACE)
target_include_directories(p2p_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(
  p2p_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees overlaps where std::string is appended to a literal (its bug 105651).
  target_compile_options(p2p_options INTERFACE -Wno-restrict)
  if(P2P_SANITIZE)
    # Its manual says that sanitizers bring about false ones of these.
    target_compile_options(p2p_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()

# The standard library's own checks (an index beyond a span or vector) stay on in release builds:
# the bytes that are indexed come from strangers.
target_compile_definitions(p2p_options INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(p2p_options INTERFACE -fstack-protector-strong)

# Other compilers know other warnings. There they are printed, and do not break a user's build.
if(P2P_WERROR)
  if((CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\.")
     OR (CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^14\\."))
    target_compile_options(p2p_options INTERFACE -Werror)
  else()
    message(STATUS "Warnings are not errors: the project is tested with GCC 12 and Clang 14")
  endif()
endif()

if(P2P_SANITIZE)
  set(sanitize -fsanitize=${P2P_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(p2p_options INTERFACE ${sanitize})
  target_link_options(p2p_options INTERFACE ${sanitize})
endif()

if(P2P_COVERAGE)
  target_compile_options(p2p_options INTERFACE --coverage)
  target_link_options(p2p_options INTERFACE --coverage)
endif()
