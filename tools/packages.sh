# shellcheck shell=bash
# shellcheck disable=SC2034 # those who source it use them
# Sourced by ./run and ./test: what they need from the system, and how to get it.

build_packages="cmake ninja-build gcc libc6-dev pkg-config libuv1-dev libsodium-dev libssl-dev libbz2-dev"
test_packages="g++ clang clang-format clang-tidy libcmocka-dev libjansson-dev binutils universal-ctags shellcheck
    python3 python3-venv valgrind"
# Only for ./run rnaudit and ./test audit.
audit_packages="libclang-dev libjansson-dev"
# Only for ./test firmware.
firmware_packages="gcc-arm-none-eabi picolibc-arm-none-eabi qemu-system-arm gcc-riscv64-unknown-elf
    picolibc-riscv64-unknown-elf qemu-system-misc dpkg-dev debian-archive-keyring"

die() {
    echo "$*" >&2
    exit 1
}

# need PACKAGE...: installs those that are missing (Debian, Ubuntu); names them elsewhere.
need() {
    command -v apt-get >/dev/null || need_elsewhere
    local missing=() package as_root=()
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^.i' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "Please install as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    echo "Installing ${missing[*]}" >&2
    local log
    log=$(mktemp)
    { "${as_root[@]}" apt-get -q update &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null ||
        { tail -n 20 "$log" >&2 && die "Could not install ${missing[*]}; the log is $log"; }
    rm "$log"
}

# Without apt: the build goes on if its tools and libraries are there, under whatever package name.
need_elsewhere() {
    local tool absent=()
    for tool in cmake ninja cc pkg-config; do
        command -v "$tool" >/dev/null || absent+=("$tool")
    done
    for tool in libuv libsodium libcrypto; do
        pkg-config --exists "$tool" 2>/dev/null || absent+=("$tool")
    done
    echo '#include <bzlib.h>' | cc -E - >/dev/null 2>&1 || absent+=(bzlib.h)
    [ ${#absent[@]} -eq 0 ] || die "Missing: ${absent[*]}. Please install CMake (3.21 or newer), Ninja, a C
compiler, pkg-config and the development files of libuv, libsodium, OpenSSL 3 and libbz2:
  Fedora: dnf install cmake ninja-build gcc pkgconf libuv-devel libsodium-devel openssl-devel bzip2-devel
  Arch:   pacman -S cmake ninja gcc pkgconf libuv libsodium openssl bzip2
  macOS:  brew install cmake ninja pkg-config libuv libsodium openssl@3 bzip2
For ./test also: clang, clang-format, clang-tidy, cmocka, universal-ctags, shellcheck, Python 3."
}
