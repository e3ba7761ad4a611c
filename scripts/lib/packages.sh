# shellcheck shell=bash disable=SC2034
# Sourced by the other scripts: which Debian packages a task needs, and installing the missing ones.

# What a build of the programs alone needs.
build_packages=(g++ cmake ninja-build libssl-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev)

# What the GCC stages of the tests need beside that: libraries, and ip, unshare and setarch for
# tests between network namespaces and under sanitizers, a browser for reports, and patch for the
# mistakes that are planted in the engine.
test_packages=(libgtest-dev librapidcheck-dev libbenchmark-dev iproute2 util-linux chromium patch)

# What the Clang stages need beside that: libclang-rt-dev holds the sanitizers' and libFuzzer's
# runtime, llvm the symbolizer that turns their addresses into lines.
clang_packages=(clang libclang-rt-dev llvm)

package_is_installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# install_packages PACKAGE...: installs those that are missing, as root or through sudo. Says what
# it does on standard error; returns 1 with one sentence where it cannot.
install_packages() {
  local package missing=() as_root=()
  if ! command -v dpkg-query >/dev/null; then
    echo "This system has no dpkg; if the build fails, install what Debian calls: $*" >&2
    return 0
  fi
  for package in "$@"; do
    package_is_installed "$package" || missing+=("$package")
  done
  [ "${#missing[@]}" -gt 0 ] || return 0

  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal nobody could type a password, and sudo must not wait for one.
    if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
      as_root=(sudo)
    else
      echo "These packages are missing and only root can install them: apt-get install ${missing[*]}" >&2
      return 1
    fi
  fi
  echo "Installing ${missing[*]}" >&2
  # A fresh machine knows no package yet, and an old one may ask for versions that are gone.
  local lists=(/var/lib/apt/lists/*Packages*)
  { [ -e "${lists[0]}" ] && apt_install "${missing[@]}"; } ||
    { "${as_root[@]}" apt-get -qq update </dev/null && apt_install "${missing[@]}"; } || {
    echo "apt-get could not install: ${missing[*]}" >&2
    return 1
  }
}

# Only install_packages calls this: as_root is its own. Errors are shown, the steps are not.
apt_install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@" >/dev/null </dev/null
}
