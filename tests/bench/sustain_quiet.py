#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one pair costs while nothing much happens: `watch` on each stream of the local exchange over TLS at the market's own pace, for
SG_BENCH_QUIET_SECONDS (30) after the first bars. The feed thread's share of a core on tickers (two messages a second) must be under 0.5 %.

The exchange is a process of its own, so that its cost is not counted; CPU is the scheduler's own account of the thread."""
import os
import subprocess
import sys
import tempfile
import time

from compare_ingest import BINARY, cpu_of, threads_of

SECONDS = float(os.environ.get("SG_BENCH_QUIET_SECONDS", "30"))
GOAL = 0.005


def start_exchange():
    process = subprocess.Popen([BINARY, "exchange"], stdout=subprocess.PIPE, text=True)
    found = {"process": process}
    for line in process.stdout:
        name, _, value = line.partition(" ")
        found[name] = value.strip()
        if name.startswith("try"):
            return found
    raise SystemExit("the exchange did not start")


def used(pid):
    by_name = {}
    for task, name in threads_of(pid).items():
        by_name[name] = by_name.get(name, 0.0) + cpu_of(f"/proc/{pid}/task/{task}/schedstat")
    return by_name


def measure(exchange, stream):
    """(feed thread's share of a core, whole process's, bars printed meanwhile)."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([BINARY, "watch", "--stream", stream, "--format", "csv", "--endpoint", exchange["websocket"], "--rest", exchange["rest"],
                                    "--ca-file", exchange["ca-file"]], stdout=out, stderr=subprocess.DEVNULL)
        lines = lambda: os.pread(out.fileno(), os.fstat(out.fileno()).st_size, 0).count(b"\n")
        try:
            deadline = time.monotonic() + 60
            while lines() < 4 and time.monotonic() < deadline:
                time.sleep(0.1)
            before, bars, began = used(process.pid), lines(), time.monotonic()
            time.sleep(SECONDS)
            after, took = used(process.pid), time.monotonic() - began
            bars = lines() - bars
        finally:
            process.terminate()
            process.wait(20)
    return (after.get("feed", 0.0) - before.get("feed", 0.0)) / took, (sum(after.values()) - sum(before.values())) / took, bars, "feed" in after


def main():
    exchange, failed = start_exchange(), False
    try:
        for stream in ("ticker", "trade", "book"):
            feed, whole, bars, found = measure(exchange, stream)
            good = found and bars >= 0.8 * SECONDS and (stream != "ticker" or feed < GOAL)
            failed |= not good
            goal = "; goal: the feed thread under 0.5 %" if stream == "ticker" else ""
            print(f"one pair, {stream}, {SECONDS:.0f} s, {bars} bars: feed thread {100 * feed:.2f} % of a core, the whole of watch {100 * whole:.2f} %{goal}{'' if good else ': MISSED'}", flush=True)
    finally:
        exchange["process"].terminate()
        exchange["process"].wait(60)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
