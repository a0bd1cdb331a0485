#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz-smoke.sh TARGET CORPUS: half a minute of a libFuzzer target over its corpus (SG_FUZZ_SECONDS says otherwise). New
# inputs go to a folder that is thrown away; what made it crash is copied to $SG_BINARY_DIR/fuzz-crashes and named.
set -euo pipefail

target=$1
corpus=$2
seconds=${SG_FUZZ_SECONDS:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir "$work/found" "$work/crashes"
inputs=("$work/found")
[ -d "$corpus" ] && inputs+=("$corpus")

dictionary=()
[ -f "$corpus.dict" ] && dictionary=("-dict=$corpus.dict")

if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$work/crashes/" "${dictionary[@]}" "${inputs[@]}" >"$work/log" 2>&1; then
    grep -E 'stat::(number_of_executed_units|peak_rss_mb)' "$work/log" || true
    # A target that executes nothing proves nothing.
    units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log")
    [ "${units:-0}" -ge 1000 ] || { echo "only ${units:-0} inputs were tried"; tail -n 20 "$work/log"; exit 1; }
    exit 0
fi
tail -n 60 "$work/log"
keep=${SG_BINARY_DIR:-.}/fuzz-crashes
mkdir -p "$keep"
for crash in "$work"/crashes/*; do
    [ -e "$crash" ] && cp "$crash" "$keep/" && echo "kept $keep/$(basename "$crash")"
done
exit 1
