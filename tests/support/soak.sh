#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# soak.sh BUILD-FOLDER [SEEDS]: what is too long for CI. Seeds of faults (1,000; and 500 with a REST interface that lies), then SG_SOAK_MINUTES (60) of `watch` at ten times the
# market's rate with its connection cut every minute and, beside it, of the demo left alone, as text and in a window. Exit status 1 when a seed fails,
# when memory, descriptors or threads grow, or the demo takes more than 50 kB a minute.
set -u
build=$1
seeds=${2:-1000}
cd "$(dirname "$0")/../.."
case $build in /*) ;; *) build=$PWD/$build ;; esac
export SPREADGLASS=$build/spreadglass SG_SHARED_DIR=${SG_SHARED_DIR:-$PWD/../shared}
status=0
if [ "$seeds" -gt 0 ]; then
    SG_SEEDS=$seeds /usr/bin/python3 tests/integration/test_fault_seeds.py || status=1
    SG_PROOF_SEEDS=${SG_PROOF_SEEDS:-500} /usr/bin/python3 tests/integration/test_filled_is_proved.py || status=1
fi
display=tests/support/with-display.sh
command -v xvfb-run >/dev/null && command -v dbus-run-session >/dev/null || display=
$display /usr/bin/python3 tests/support/soak_memory.py &
memory=$!
/usr/bin/python3 tests/support/soak_watch.py || status=1
wait "$memory" || status=1
exit $status
