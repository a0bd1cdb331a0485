#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SG_BENCH_RATE (100,000) aggregate trades a second over TLS, one message per record, for SG_BENCH_SUSTAIN_SECONDS (30): is any lost?

The local exchange sends a recording made here, one trade a millisecond of its own time, as many times faster. Nothing may be dropped by the
ring, no id may be missing, and every second of the recording must have its 500 trades on each leg: `watch` prints each of them. Exit status 1
when one is lost, or when the exchange itself did not keep up with the pace (it shares the machine: then nothing was shown)."""
import json
import os
import subprocess
import sys
import tempfile
import time

from compare_ingest import BINARY, cpu_of, make_recording, start_exchange, threads_of

RATE = int(os.environ.get("SG_BENCH_RATE", "100000"))
SECONDS = int(os.environ.get("SG_BENCH_SUSTAIN_SECONDS", "30"))
PER_SECOND = 500  # trades of each leg in a second of the recording


def follow(process, out, deadline):
    """Waits for the end; (seconds of CPU of the whole process, of its feed thread) as last seen."""
    seen = 0.0, 0.0
    while process.poll() is None:
        assert time.monotonic() < deadline, "the recording does not come to its end"
        try:
            used = {name: cpu_of(f"/proc/{process.pid}/task/{task}/schedstat") for task, name in threads_of(process.pid).items()}
            seen = max(seen[0], sum(used.values())), max(seen[1], used.get("feed", 0.0))
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.2)
    out.seek(0)
    return seen


def main():
    messages = RATE * SECONDS
    seconds = messages // (2 * PER_SECOND)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as out:
        recording = os.path.join(folder, "busy.txt")
        make_recording(recording, messages)
        exchange = start_exchange(False, RATE // 1000, recording)
        try:
            began = time.monotonic()
            process = subprocess.Popen([BINARY, "watch", "--stream", "trade", "--format", "json", "--bars", str(seconds - 1), "--endpoint", exchange["websocket"],
                                        "--ca-file", exchange["ca-file"]], stdout=out, stderr=subprocess.DEVNULL)
            whole, feed = follow(process, out, began + SECONDS * 10 + 30)
            took = time.monotonic() - began
        finally:
            exchange["process"].terminate()
            exchange["process"].wait(60)
        lines = [json.loads(line) for line in out]
    bars = [line for line in lines if line["type"] == "bar"]
    dropped = [line for line in lines if line["type"] == "event" and line["event"] in ("dropped", "gap", "late", "disconnected")]
    short = [bar["time"] for bar in bars for leg in "ab" if bar[leg]["trades"] != PER_SECOND]
    received = sum(bar[leg]["trades"] for bar in bars for leg in "ab")
    print(f"{received} of {len(bars) * 2 * PER_SECOND} trades in {took:.1f} s, {received / took:.0f} a second (asked for {RATE}); {len(dropped)} drops, gaps, late trades or"
          f" disconnections, {len(short)} seconds with trades missing; feed thread {feed / took * 100:.0f} % of a core, watch {whole / took * 100:.0f} %")
    for line in dropped[:5]:
        print(f"  {line}")
    kept_up = received / took >= 0.9 * RATE
    if not kept_up:
        print("the pace was not reached: the exchange and the watch share this machine")
    return 0 if process.returncode == 0 and not dropped and not short and kept_up and len(bars) == seconds - 1 else 1


if __name__ == "__main__":
    sys.exit(main())
