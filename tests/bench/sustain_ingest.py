#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""SG_BENCH_RATE (100,000) aggregate trades a second over TLS, one message per record, for SG_BENCH_SUSTAIN_SECONDS (30): is any lost?

The local exchange sends a recording made here, one trade a millisecond of its own time, as many times faster. The ticks that arrived are
counted behind the ring, by their ids: the account that `watch` keeps in its database names the first, the last and how many were seen. Nothing
may be dropped by the ring, no id may be missing, and every second of the recording must have its 500 trades on each leg: `watch` prints
each of them. Exit status 1 when one is lost, or when the exchange itself did not keep up with the pace (it shares the machine: then nothing was shown)."""
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time

from compare_ingest import BINARY, cpu_of, make_recording, start_exchange, threads_of

RATE = int(os.environ.get("SG_BENCH_RATE", "100000"))
SECONDS = int(os.environ.get("SG_BENCH_SUSTAIN_SECONDS", "30"))
PACE = RATE * 103 // 100  # asked of the exchange, so that the rate is kept on the average of a busy machine
PER_SECOND = 500  # trades of each leg in a second of the recording


def follow(process, out, deadline):
    """Waits for the end; (seconds of CPU of the whole process, of its feed thread) as last seen, and for how long bars came quickly."""
    seen, size, busy_from, busy_to = (0.0, 0.0), 0, None, 0.0
    while process.poll() is None:
        assert time.monotonic() < deadline, "the recording does not come to its end"
        try:
            used = {name: cpu_of(f"/proc/{process.pid}/task/{task}/schedstat") for task, name in threads_of(process.pid).items()}
            seen = max(seen[0], sum(used.values())), max(seen[1], used.get("feed", 0.0))
        except (FileNotFoundError, ProcessLookupError):
            pass
        grown, size = os.fstat(out.fileno()).st_size - size, os.fstat(out.fileno()).st_size
        if grown > 1024:  # not the flat bar a second that follows the recording
            busy_to = time.monotonic()
            busy_from = busy_from or busy_to
        time.sleep(0.05)
    out.seek(0)
    return *seen, busy_to - (busy_from or busy_to)


def arrived(database):
    """Trades seen of all legs, and how many ids lie between the first and the last of them."""
    rows = sqlite3.connect(database).execute("SELECT seen, last_id - first_id + 1 FROM trade_ids").fetchall()
    assert len(rows) == 2, rows
    return sum(row[0] for row in rows), sum(row[1] for row in rows)


def main():
    messages = PACE * SECONDS
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as out:
        recording = os.path.join(folder, "busy.txt")
        make_recording(recording, messages)
        # A second and a half of the pace may wait at the exchange, for a machine whose cores are lent to others now and then.
        exchange = start_exchange(False, PACE / 1000, recording, "--fault", "queue=32", "--fault", "cork")
        try:
            process = subprocess.Popen([BINARY, "watch", "--stream", "trade", "--format", "json", "--duration", str(SECONDS * 3 // 2), "--endpoint", exchange["websocket"], "--data-dir", folder,
                                        "--ca-file", exchange["ca-file"]], stdout=out, stderr=subprocess.DEVNULL)
            whole, feed, took = follow(process, out, time.monotonic() + SECONDS * 2 + 30)
            sender = sum(cpu_of(f"/proc/{exchange['process'].pid}/task/{task}/schedstat") for task in threads_of(exchange["process"].pid))
        finally:
            exchange["process"].terminate()
            exchange["process"].wait(60)
        lines = [json.loads(line) for line in out]
        database, = (os.path.join(folder, name) for name in os.listdir(folder) if name.endswith((".db", ".sqlite")))
        seen, ids = arrived(database)
    bars = [line for line in lines if line["type"] == "bar"]
    while bars and not bars[-1]["a"]["trades"]:
        bars.pop()  # the recording is over
    bars = bars[1:-1]  # the first and the last are cut: the recording began before the subscription
    lost = [line for line in lines if line["type"] == "event" and line["event"] in ("dropped", "gap", "late", "disconnected")]
    short = [bar["time"] for bar in bars for leg in "ab" if bar[leg]["trades"] != PER_SECOND]
    in_bars = sum(bar[leg]["trades"] for bar in bars for leg in "ab")
    dropped = sum(int(re.match(r"\d+", line["detail"])[0]) for line in lost if line["event"] == "dropped")
    print(f"{seen} ticks arrived of {messages} sent, in {took:.1f} s: {seen / max(took, 1):.0f} a second (asked for {PACE}, goal {RATE}) over TLS, one message per record")
    print(f"  {dropped} dropped by the ring; {ids - seen} ids missing between the first and the last; {len(lost)} drops, gaps, late trades or disconnections told;"
          f" {in_bars} of {len(bars) * 2 * PER_SECOND} trades in {len(bars)} whole bars; feed thread {feed:.1f} s of CPU, watch {whole:.1f} s, exchange {sender:.1f} s")
    for line in lost[:5]:
        print(f"  {line}")
    kept_up = seen >= RATE * took and took >= 0.98 * SECONDS
    if not kept_up:
        print("the pace was not kept for so long: the exchange and the watch share this machine")
    return 0 if process.returncode == 0 and seen == ids == messages and not lost and not short and kept_up else 1


if __name__ == "__main__":
    sys.exit(main())
