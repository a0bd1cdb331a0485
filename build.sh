#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands of the README. Each does everything that it needs on a Debian 12 machine: installs the packages that are
# missing (saying so first, with sudo only when not root), configures, builds, runs. Touches nothing outside ./build and
# the package manager.
set -euo pipefail
cd "$(dirname "$0")"

build_packages=(gcc cmake ninja-build pkg-config libgtk-4-dev libxml2-utils libwebsockets-dev libssl-dev libcjson-dev
    libgsl-dev libsqlite3-dev libcurl4-openssl-dev zlib1g-dev libarchive-dev libcmocka-dev libglib2.0-bin
    librsvg2-common adwaita-icon-theme fonts-inter fonts-dejavu-core ca-certificates)
test_packages=(python3 xvfb xauth xdotool dbus dbus-daemon at-spi2-core python3-pyatspi imagemagick binutils openssl
    desktop-file-utils appstream clang-14 clang-format-14 libclang-rt-14-dev)
bench_packages=(python3-websockets python3-pandas python3-statsmodels)

usage() {
    cat <<'TEXT'
usage: ./build.sh COMMAND [ARGUMENTS]
  run [OPTIONS]   install what is missing, build, open the window on the built-in exchange
                  (run --live for Binance itself; other options go to the program);
                  without a display: the same session as text
  test [quick]    install what is missing, build and run every test: release, ASan+UBSan, TSan, fuzz smoke
                  (quick: the release build only)
  bench           build and run the benchmarks of tests/bench
  soak            the long runs that are too long for CI
  install         build and install to /usr/local (DESTDIR and PREFIX are honoured)
  screenshot      make the README's pictures from the real window
TEXT
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

need() { # need PACKAGE…: installs those that are missing
    local missing=() package
    command -v dpkg-query >/dev/null || { echo "build.sh: not a Debian system; these packages are needed: $*" >&2; return 0; }
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    echo "build.sh: installing ${missing[*]}"
    as_root apt-get update -q >/dev/null || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >/dev/null
}

build() { # build PRESET [CMAKE-OPTION…]: a preset of CMakePresets.json, in build/PRESET; TARGET names one target, else all
    local preset=$1
    shift
    cmake --preset "$preset" "$@" >"build/configure.log" 2>&1 || { cat build/configure.log >&2; exit 1; }
    cmake --build --preset "$preset" ${TARGET:+--target "$TARGET"} || exit 1
}

command=${1:-}
[ $# -gt 0 ] && shift
mkdir -p build
case $command in
run)
    need "${build_packages[@]}"
    TARGET=spreadglass build release
    mode=--demo
    if [ "${1:-}" = --live ]; then mode=; shift; fi
    if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then # the same session, as text
        echo "build.sh: no display here, so no window: the session as text, until Ctrl+C (a picture: build/release/spreadglass render --demo --after 70 --output dashboard.png)" >&2
        exec build/release/spreadglass watch $mode "$@"
    fi
    exec build/release/spreadglass $mode "$@"
    ;;
test)
    need "${build_packages[@]}" "${test_packages[@]}"
    failed=0
    build release
    if [ "${1:-}" != quick ]; then
        build asan
        build tsan
        build fuzz
        echo "== ASan, UBSan"
        tests/support/run-tests.sh build/asan -LE lint || failed=1
        echo "== TSan"
        tests/support/run-tests.sh build/tsan -LE lint || failed=1
        echo "== fuzz smoke"
        tests/support/run-tests.sh build/fuzz -L fuzz || failed=1
    fi
    echo "== release"
    tests/support/run-tests.sh build/release || failed=1
    exit $failed
    ;;
bench)
    need "${build_packages[@]}" "${bench_packages[@]}"
    build release
    cmake --build build/release --target bench
    exec tests/bench/run.sh build/release "$@"
    ;;
soak)
    need "${build_packages[@]}" "${test_packages[@]}"
    build release
    exec tests/support/soak.sh build/release "$@"
    ;;
install)
    need "${build_packages[@]}"
    build install -DCMAKE_INSTALL_PREFIX="${PREFIX:-/usr/local}"
    prefix=${PREFIX:-/usr/local}
    run=as_root
    mkdir -p "${DESTDIR:-}$prefix" 2>/dev/null && [ -w "${DESTDIR:-}$prefix" ] && run=
    $run cmake --install build/install
    # A package's triggers do this; an install by hand has to do it itself.
    [ -n "${DESTDIR:-}" ] || $run glib-compile-schemas "$prefix/share/glib-2.0/schemas"
    ;;
screenshot)
    need "${build_packages[@]}" "${test_packages[@]}"
    build release
    exec tests/support/screenshots.sh build/release "$@"
    ;;
*)
    usage
    [ "$command" = help ] || [ "$command" = --help ] && exit 0
    exit 2
    ;;
esac
