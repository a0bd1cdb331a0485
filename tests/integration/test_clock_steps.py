# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine's clock is off, steps by an hour, or the machine sleeps, while `watch` runs: tests/support/preload/clock_shim.c moves
the clocks of the process, and of the exchange's where it sleeps too. Bars are judged by the exchange's own log."""
import concurrent.futures
import json
import mmap
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import seeded_watch
from seeded_watch import SYMBOLS, Watch, demand

if os.environ.get("SG_SANITIZE"):
    program.skip("a sanitizer's runtime and a preloaded clock do not go together")

folder = tempfile.TemporaryDirectory(prefix="sg-clock-")
shim = os.path.join(folder.name, "clock_shim.so")
pool = concurrent.futures.ThreadPoolExecutor(8)
scenarios = {}
SLEEP_S = 90


class Clock:
    """The offsets of one shim; a change takes effect at once."""

    def __init__(self, name, realtime_s=0.0):
        self.path = os.path.join(folder.name, f"{name}.clock")
        with open(self.path, "wb") as file:
            file.write(struct.pack("=qq", 0, 0))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 16)
        self.move(realtime_s, 0)

    def move(self, realtime_s, boottime_s):
        self.map[8:16] = struct.pack("=q", int(boottime_s * 1e6))
        self.map[0:8] = struct.pack("=q", int(realtime_s * 1e6))

    def environment(self):
        return {"LD_PRELOAD": shim, "SG_CLOCK_SHIM": self.path}


class Played:
    pass


def bars_so_far(watch):
    return sum(line["type"] == "bar" for line in watch.so_far())


def play(name, seconds, clock, act=None, sleeps=False):
    log = os.path.join(folder.name, f"{name}.log")
    played = Played()
    with program.Exchange("--fault", f"log={log}", environment=clock.environment() if sleeps else {}) as exchange:
        played.klines = {leg: [] for leg in SYMBOLS}
        watch = Watch("watch", "--stream", "trade", "--format", "json", "--duration", seconds, *exchange.options, **clock.environment())
        program.until(lambda: bars_so_far(watch) >= 3, 20, "the first bars")
        played.seen = act(watch) if act else None
        played.run = watch.wait(seconds)
        time.sleep(0.2)  # so that the log has what was generated while the watch ended
    played.trades = seeded_watch.read_log(log)
    return played


def check_nothing_happened(name):
    played = scenarios[name].result()
    seeded_watch.check_end(played.run)
    counts = seeded_watch.check_bars(played.run, played.trades, 61000)
    events = played.run.events("disconnected", "gap", "late", "error", "stalled", "retry")
    demand(not events, events)
    demand(counts["missing"] == 0 and counts["in the ledger"] == 0 and counts["exact"] >= 2 * 6, dict(counts))


def test_clock_that_is_off():
    check_nothing_happened("off")


def test_clock_that_steps_an_hour_ahead():
    check_nothing_happened("ahead")


def test_clock_that_steps_an_hour_back():
    check_nothing_happened("back")


def step(clock, realtime_s):
    def act(watch):
        del watch
        clock.move(realtime_s, 0)
    return act


def sleep(clock):
    def act(watch):
        lines = len(watch.so_far())
        clock.move(SLEEP_S, SLEEP_S)
        began = time.monotonic()
        program.until(lambda: any(line.get("event") == "connected" for line in watch.so_far()[lines:]), 2, "another connection after the sleep")
        return time.monotonic() - began
    return act


def test_machine_that_slept():
    """The connection is replaced within 2 s, what was missed is in the ledger and comes by REST."""
    played = scenarios["sleep"].result()
    run = played.run
    print(f"  connected again {played.seen:.2f} s after a sleep of {SLEEP_S} s")
    seeded_watch.check_end(run)
    run.ended_ms += SLEEP_S * 1000
    counts = seeded_watch.check_bars(run, played.trades, 61000)
    events = "\n".join(map(str, (line for line in run.lines if line["type"] == "event")))
    told = [event for event in run.events("disconnected") if "stood still" in event["detail"]]
    demand(told, f"nothing says what happened: {events}")
    demand(counts["missing"] >= SLEEP_S - 5, f"{dict(counts)} {events}")
    for leg in SYMBOLS:
        missing = {t for gap in run.events("gap") if gap["leg"] == leg for t in range(gap["from"], gap["to"], 1000)}
        for filled in run.events("backfilled"):
            if filled["leg"] == leg:
                missing.difference_update(range(filled["from"], filled["to"], 1000))
        demand(not missing, f"leg {leg}: {sorted(missing)[:5]} not repaired: {events}")


def play_book(name, seconds, off_s, to_s):
    """Spot bookTicker has no time in it: what the exchange's clock shows is asked for by REST, and recorded."""
    played, clock = Played(), Clock(name, off_s)
    played.recording = os.path.join(folder.name, f"{name}.ndjson")
    with program.Exchange() as exchange:
        played.began_ms = time.time() * 1000
        watch = Watch("watch", "--stream", "book", "--format", "json", "--duration", seconds, "--record", played.recording, *exchange.options, **clock.environment())
        program.until(lambda: bars_so_far(watch) >= 3, 20, "the first bars")
        clock.move(to_s, 0)
        played.run = watch.wait(seconds)
        played.ended_ms = time.time() * 1000
    return played


def check_book(name, off_s):
    played = scenarios[name].result()
    run = played.run
    seeded_watch.check_end(run)
    events = run.events("disconnected", "gap", "late", "error", "stalled", "retry")
    demand(not events, events)
    with open(played.recording) as file:
        lines = [json.loads(line) for line in file]
    clocks = [line for line in lines if line.get("event") == "clock"]
    demand([line["detail"] for line in clocks[:1]] == ["awaited"] and len(clocks) == 2, clocks)
    ahead_us = int(clocks[1]["detail"]) - clocks[1]["t"]
    # Half of a request's round trip is what it may be off; uncorrected it would be off by all of it.
    demand(abs(ahead_us / 1e6 + off_s) < 0.6, f"the exchange is taken to be {ahead_us / 1e6} s ahead, and is {-off_s} s")
    seconds = {leg: {} for leg in SYMBOLS}
    legs = {symbol: leg for leg, symbol in SYMBOLS.items()}
    for line in lines:
        data = line.get("m", {}).get("data", {})
        if "u" in data:
            price = (float(data["b"]) + float(data["a"])) / 2
            seconds[legs[data["s"]]].setdefault((line["t"] + ahead_us) // 1000000 * 1000, []).append(price)
    demand(len(run.rows) >= 6, f"{len(run.rows)} bars")
    for row in run.rows:
        demand(played.began_ms - 3000 < row["time"] < played.ended_ms + 2000, f"a bar at {row['time']}, and the run was from {played.began_ms} to {played.ended_ms}")
        for leg in SYMBOLS:
            prices = seconds[leg].get(row["time"])
            if row[leg]["filled"]:
                demand(not prices, f"{row}: {prices}")
                continue
            wanted = [prices[0], max(prices), min(prices), prices[-1]]
            demand([float(row[leg][field]) for field in ("open", "high", "low", "close")] == wanted, f"{row[leg]} is not {wanted}")
    again = subprocess.run([program.BINARY, "watch", "--replay", played.recording, "--speed", "max", "--stream", "book", "--format", "json"], capture_output=True, timeout=60 * program.SLOW)
    demand(again.returncode == 0, again.stderr)
    demand([json.loads(line, parse_float=seeded_watch.Decimal) for line in again.stdout.splitlines()] == run.lines, "the replay is not what the live run printed")


def test_book_with_a_clock_that_is_off():
    check_book("book", 1.3)


def test_book_with_a_clock_an_hour_ahead_that_steps_back():
    check_book("book_back", 3600)


def test_book_with_a_clock_an_hour_behind_that_steps_ahead():
    check_book("book_ahead", -3600)


def begin():
    source = pathlib.Path(__file__).resolve().parent.parent / "support" / "preload" / "clock_shim.c"
    compiler = os.environ.get("CC", "cc")
    try:
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", shim, source], check=True)
    except FileNotFoundError:
        program.skip(f"no C compiler ({compiler}) to build the clock shim with")
    clocks = {name: Clock(name, 1.3 if name == "off" else 0.0) for name in ("off", "ahead", "back", "sleep")}
    scenarios["off"] = pool.submit(play, "off", 12, clocks["off"])
    scenarios["ahead"] = pool.submit(play, "ahead", 14, clocks["ahead"], step(clocks["ahead"], 3600))
    scenarios["back"] = pool.submit(play, "back", 14, clocks["back"], step(clocks["back"], -3600))
    scenarios["book"] = pool.submit(play_book, "book", 10, 1.3, 1.3)
    scenarios["book_back"] = pool.submit(play_book, "book_back", 10, 3600, 0)
    scenarios["book_ahead"] = pool.submit(play_book, "book_ahead", 10, -3600, 0)
    # A sleep is taken off the duration of the watch by its own clock: it ends a while after it wakes.
    scenarios["sleep"] = pool.submit(play, "sleep", 30, clocks["sleep"], sleep(clocks["sleep"]), sleeps=True)


if __name__ == "__main__":
    begin()
    program.main(sys.modules[__name__])
