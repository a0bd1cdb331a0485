#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run-tests.sh BUILD-FOLDER [CTEST-OPTION…]: the tests, three at a time. Tests of whole programs (integration_*, gui_*) wait for
# things that a busy machine delays, so when nothing else failed and no sanitizer said a word, those that failed run once more, alone;
# that is told loudly. Unit, lint and fuzz tests, and findings of a sanitizer, have no second chance. ctest's summary comes last.
set -u
folder=$1
shift
log=$folder/Testing/Temporary/LastTestsFailed.log
rm -f "$log" # of a run before this one

mkdir -p "$folder/Testing"
ctest --test-dir "$folder" --output-on-failure -j"${SG_TEST_JOBS:-3}" "$@" 2>&1 | tee "$folder/Testing/first.log"
status=${PIPESTATUS[0]}
[ "$status" -eq 0 ] && exit 0

# A line is NUMBER:NAME. Without it nothing was run, or ctest itself failed.
[ -s "$log" ] || exit "$status"
names=$(cut -d: -f2- "$log" | sort | tr '\n' ' ')
for name in $names; do
    case $name in
    integration_* | gui_*) ;;
    *) exit "$status" ;;
    esac
done
# What the failed tests printed, as ctest keeps it: from "N/M Testing: NAME" to the next.
if awk -v names=" $names" '
        / Testing: / { failed = index(names, " " $NF " ") > 0 }
        failed && /Sanitizer|runtime error/ { found = 1 }
        END { exit !found }' "$folder/Testing/Temporary/LastTest.log"; then
    echo "== a sanitizer has found something: no second chance"
    sed -n '/% tests passed/,$p' "$folder/Testing/first.log"
    exit "$status"
fi

echo "== failed beside others, once more alone: $names"
ctest --test-dir "$folder" --rerun-failed --output-on-failure -j1 >"$folder/Testing/second.log" 2>&1
status=$?
if [ $status -eq 0 ]; then
    echo "=================================================================================="
    echo "== failed beside others, passed alone: $names"
    echo "=================================================================================="
fi
cat "$folder/Testing/second.log"
exit $status
