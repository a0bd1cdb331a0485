#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh BUILD-FOLDER [NAME…]: runs every benchmark (or those named), one after the other on an otherwise idle machine, and the
# comparisons with other programs where those are installed. Every claim is a ratio of two things measured in this run.
set -u
build=$1
shift
cd "$(dirname "$0")/../.."
export SG_SHARED_DIR=${SG_SHARED_DIR:-$PWD/../shared} SPREADGLASS=$PWD/$build/spreadglass
status=0
for binary in "$build"/tests/bench_*; do
    [ -x "$binary" ] || continue
    name=$(basename "$binary")
    name=${name#bench_}
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
    echo "== $name"
    "$binary" || { status=1; echo "bench_$name failed"; }
done
for script in tests/bench/compare_*.py tests/bench/sustain_*.py; do
    [ -e "$script" ] || continue
    name=$(basename "$script" .py)
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
    echo "== $name"
    SG_BINARY_DIR=$PWD/$build /usr/bin/python3 "$script"
    case $? in 0 | 77) ;; *) status=1; echo "$name failed" ;; esac
done
for script in tests/bench/measure_*.py; do
    name=$(basename "$script" .py)
    if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then continue; fi
    echo "== $name"
    GSETTINGS_SCHEMA_DIR=$PWD/$build/schemas tests/support/with-display.sh /usr/bin/python3 "$script" || status=1
done
exit $status
