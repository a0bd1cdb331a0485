# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is lost without a word, whatever the exchange does: each seed is an exchange whose first connections misbehave and whose REST lags, lies and has holes, and
two runs of `watch` with one database, at 1s, 1m and 5m; the first one is killed or stopped, and the second goes on until everything is repaired. Midnight comes in the
first run, between the two, or in the second, so that a bar of every interval that is kept ends there. The exchange's log is the judge (before it begins, the exchange's
klines of minutes long over):

    after the first run   each stored bar equals the truth, or is flagged; what is flagged is listed
    after the second      each bar of the whole span, downtime included, is stored and equals the truth, or lies in a gap that is not filled; what is old enough is
                          repaired: nothing is open, nothing is flagged; the ids of the trades add up; and doctor has nothing to say when nothing is left

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
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import seeded_watch
from seeded_watch import Judgement, demand

if os.environ.get("SG_SANITIZE"):
    program.skip("a sanitizer's runtime and a preloaded clock do not go together")

FAST = 8
AT_ONCE = int(os.environ.get("SG_SEEDS_AT_ONCE", "26"))
SYMBOLS = {"a": "BTCUSDT", "b": "ETHUSDT"}
INTERVALS = ("1s", "1m", "5m")
KEPT_S = (60, 300, 900, 1800, 3600, 7200, 14400, 86400)
DAY_MS = 86_400_000
FIRST_S, PAUSE_S = 90, 45                      # of the exchange's time
MIDNIGHT_S = (60, 112, 175)                    # after the start
LEAST_S, MOST_S = 60, 280                      # how long the second run goes on after midnight, or its own start: at least, and at most
HEALED_S = 170                                 # what is older than this at the end is repaired, or never will be
INCOMPLETE, UNSETTLED, FILLED = 64, 128, 1
folder = tempfile.mkdtemp(prefix="sg-proved-")
shim = os.path.join(folder, "fast_clock.so")


def seeds():
    text = os.environ.get("SG_PROOF_SEEDS", "100")
    if text.startswith("@"):
        return [int(text[1:])]
    first, last = map(int, text.split("-")) if "-" in text else (1, int(text))
    return list(range(first, last + 1))


def kept(path, query):
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
        return connection.execute(query).fetchall()


class Stored:
    """What the database says now: symbol and interval (ms) -> open time (ms) -> (bar, flags); symbol -> gaps."""

    def __init__(self, path):
        self.bars, self.gaps = defaultdict(dict), defaultdict(list)
        for symbol, interval, opened, *prices, volume, trades, flags in kept(path, "SELECT symbol, interval_us, time_us, open, high, low, close, volume, trades, flags FROM bars JOIN instruments ON id = instrument"):
            self.bars[symbol, interval // 1000][opened // 1000] = ((*prices, Decimal(volume), trades), flags)
        for symbol, begin, end, cause, state in kept(path, "SELECT symbol, from_us, to_us, cause, state FROM gaps JOIN instruments ON id = instrument"):
            self.gaps[symbol].append((begin // 1000, end // 1000, cause, state))
        self.ids = kept(path, "SELECT symbol, seen + fetched + replaced + in_gaps, last_id - first_id + 1, adds_up FROM trade_ids JOIN instruments ON id = instrument")

    def is_listed(self, symbol, opened, length):
        return any(begin < opened + length and opened < end and state != FILLED for begin, end, _, state in self.gaps[symbol])


class Play:
    """One seed."""

    def __init__(self, seed):
        self.seed, self.interval = seed, INTERVALS[seed % 3]
        self.log, self.place = os.path.join(folder, f"{seed}.log"), os.path.join(folder, f"{seed}.kept")
        self.path = os.path.join(self.place, "spreadglass.db")
        now_us = int(time.time() * 1e6)
        self.midnight_ms = (now_us // 1000 // DAY_MS + 2) * DAY_MS
        self.began_ms = self.midnight_ms - MIDNIGHT_S[seed // 3 % 3] * 1000
        # The clock that goes FAST times as fast from then on shows `began_ms` now.
        self.from_us = (now_us * FAST - self.began_ms * 1000) // (FAST - 1)
        self.environment = {"LD_PRELOAD": shim, "SG_FAST_CLOCK": str(FAST), "SG_FAST_FROM": str(self.from_us)}
        os.mkdir(self.place)

    def now_ms(self):
        """As the programs see it."""
        return (self.from_us + (time.time() * 1e6 - self.from_us) * FAST) / 1000

    def run(self, exchange, until, end):
        """Runs `watch` until until(); the exchange's time when it ended."""
        with open(os.path.join(folder, f"{self.seed}.out"), "a") as out:
            process = subprocess.Popen([program.BINARY, "watch", "--stream", "trade", "--interval", self.interval, "--format", "json", "--data-dir", self.place, *exchange.options],
                                       stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **self.environment})
        try:
            while not until() and process.poll() is None:
                time.sleep(0.1)
            demand(process.poll() is None, f"watch ended by itself with {process.returncode}")
            ended = int(self.now_ms())
            process.send_signal(end)
            status = process.wait(30 * program.SLOW)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        demand(status == (0 if end == signal.SIGINT else -signal.SIGKILL), f"watch ended with {status}")
        return ended

    def klines_before(self, exchange, symbol, until_ms):
        """The exchange's minutes of the day up to the one that `until_ms` is in: what they had was long over when they were asked for, and such answers are right."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate is of a day that this clock has not reached
        rows, at, end = {}, self.midnight_ms - DAY_MS, until_ms - until_ms % 60000 + 60000
        while at < end:
            url = f"{exchange.rest}/api/v3/klines?symbol={symbol}&interval=1m&startTime={at}&endTime={end - 1}&limit=1000"
            with urllib.request.urlopen(url, context=context, timeout=15 * program.SLOW) as reply:
                answer = json.load(reply)
            rows.update({row[0]: row for row in answer})
            at = answer[-1][0] + 60000 if answer else end
        return {opened: {"open": Decimal(row[1]), "high": Decimal(row[2]), "low": Decimal(row[3]), "close": Decimal(row[4]), "volume": Decimal(row[5]), "trades": row[8]}
                for opened, row in rows.items()}

    def truth(self, exchange, until_ms):
        """Symbol and interval (ms) -> open time (ms) -> bar: those that have ended before `until_ms`, and whose whole time is known."""
        found = {}
        for leg, trades in seeded_watch.read_log(self.log).items():
            minutes = seeded_watch.bars_of(trades, until_ms, 60000)
            minutes.update(self.klines_before(exchange, SYMBOLS[leg], trades[0]["T"]))
            for length in (second * 1000 for second in KEPT_S):
                parts = defaultdict(list)
                for opened, bar in minutes.items():
                    parts[opened - opened % length].append((opened, bar))
                bars = found[SYMBOLS[leg], length] = {}
                for opened, of in parts.items():
                    if len(of) * 60000 < length or opened + length > until_ms:
                        continue
                    of = [bar for _, bar in sorted(of, key=lambda part: part[0])]
                    traded = [bar for bar in of if bar["trades"]] or of[:1]
                    bars[opened] = (float(traded[0]["open"]), float(max(bar["high"] for bar in traded)), float(min(bar["low"] for bar in traded)), float(traded[-1]["close"]),
                                    sum(bar["volume"] for bar in of), sum(bar["trades"] for bar in of))
        return found

    def is_old(self, symbol, store, begin, end, ended):
        """Has everything that has a part of the span been over for so long that it is repaired?"""
        return all((end - 1) // (s * 1000) * (s * 1000) + s * 1000 > ended or (end - 1) // (s * 1000) * (s * 1000) + s * 1000 < ended - HEALED_S * 1000 for s in KEPT_S) and end < ended - HEALED_S * 1000

    def judge(self, store, truth, begun, ended, healed):
        counts = defaultdict(int)
        for (symbol, length), bars in truth.items():
            for opened, want in bars.items():
                if opened + length > ended or opened + length <= begun:
                    continue
                got, flags = store.bars[symbol, length].get(opened, (None, 0))
                listed = store.is_listed(symbol, opened, length)
                what = f"{symbol} {length // 1000} s at {opened}, {ended - opened} ms before the end: {got} flags {flags} is not {want}; gaps {store.gaps[symbol]}"
                doubtful = flags & (INCOMPLETE | UNSETTLED)
                if got is not None and not doubtful:
                    demand(got == want, f"called exact: {what}")
                    counts["exact"] += 1
                elif got is not None:
                    counts["flagged"] += 1
                    demand(listed or not flags & INCOMPLETE, f"flagged, and not listed: {what}")
                else:
                    counts["missing"] += 1
                    if healed and opened + length < ended - 5000:
                        demand(listed, f"neither stored nor listed: {what}")
                if healed and opened + length < ended - HEALED_S * 1000:
                    demand(got is not None and not doubtful, f"not repaired: {what}")
                if healed and length > 300_000 and got is not None:
                    counts["of longer intervals"] += 1
        for symbol in SYMBOLS.values():
            left = [gap for gap in store.gaps[symbol] if gap[3] != FILLED and self.is_old(symbol, store, gap[0], gap[1], ended)]
            demand(not healed or not left, f"{symbol}: still open: {left}, the end was at {ended}")
            counts["gaps filled"] += healed * sum(gap[3] == FILLED for gap in store.gaps[symbol])
        for symbol, total, ids, adds_up in store.ids:
            demand(total == ids, f"{symbol}: the trade ids do not add up: {total} of {ids}")
            demand(adds_up, f"{symbol}: the trade ids do not add up, it says")
        return counts

    def is_whole(self, since_ms):
        """Nothing is open, and everything that has been over for a moment is settled."""
        now = int(self.now_ms())
        if now < since_ms:
            return False
        open_gaps = kept(self.path, f"SELECT count(*) FROM gaps WHERE state != {FILLED}")[0][0]
        doubtful = kept(self.path, f"SELECT count(*) FROM bars WHERE flags & {INCOMPLETE | UNSETTLED} AND time_us + interval_us < {(now - 3000) * 1000}")[0][0]
        minutes = kept(self.path, f"SELECT count(*) FROM bars WHERE interval_us = 60000000 AND time_us = {(now - 5000) // 60000 * 60_000_000 - 60_000_000}")[0][0]
        return open_gaps + doubtful == 0 and minutes == len(SYMBOLS)

    def doctor(self, exchange):
        """What it warns of that concerns what is kept."""
        done = subprocess.run([program.BINARY, "doctor", "--format", "json", "--data-dir", self.place, *exchange.options], capture_output=True, text=True,
                              timeout=60 * program.SLOW, env={**os.environ, **self.environment})
        checks = [check for check in json.loads(done.stdout)["checks"] if check["check"] in ("database", "trade-ids")]
        demand(len(checks) == 2, f"doctor: {done.stdout} {done.stderr}")
        return [f"{check['verdict']}: {check['detail']}" for check in checks if check["verdict"] != "ok"]

    def play(self):
        faults = [f"chaos={self.seed}", "only-first=3", f"chaos-rest={self.seed}", f"log={self.log}"]
        if self.seed % 4 == 1:  # a silence that nobody has noticed when the run ends
            faults[:2] = ["half-open=60", "only-first=1"]
        with program.Exchange(*(word for fault in faults for word in ("--fault", fault)), "--seed", self.seed, environment=self.environment) as exchange:
            stop = self.now_ms() + FIRST_S * 1000
            begun = int(self.now_ms()) + 5000
            first_ended = self.run(exchange, lambda: self.now_ms() >= stop, signal.SIGKILL if self.seed % 2 else signal.SIGINT)
            demand(os.stat(self.path).st_mode & 0o777 == 0o600, "others can read the database")
            first = Stored(self.path)
            time.sleep(PAUSE_S / FAST)
            if not any(first.bars.values()):
                begun = int(self.now_ms()) + 5000  # the first run has kept nothing, and the second one begins anew
            least = max(self.now_ms(), self.midnight_ms) + LEAST_S * 1000
            whole, most = False, max(self.now_ms(), self.midnight_ms) + MOST_S * 1000

            def done():
                nonlocal whole
                whole = self.is_whole(least)
                return whole or self.now_ms() >= most
            ended = self.run(exchange, done, signal.SIGINT)
            said = self.doctor(exchange)
            truth = self.truth(exchange, ended)
        counts = {f"{name} after the first run": count for name, count in self.judge(first, truth, begun, first_ended, False).items()}
        counts.update(self.judge(Stored(self.path), truth, begun, ended, True))
        if whole:
            demand(not said, f"nothing was left, and doctor says {said}; gaps {dict(Stored(self.path).gaps)}")
            counts["runs that were whole"] = 1
        shutil.rmtree(self.place)
        os.remove(self.log)
        return counts


def test_filled_means_proved():
    failed, total = [], defaultdict(int)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {pool.submit(lambda seed: Play(seed).play(), seed): seed for seed in seeds()}
        for job in concurrent.futures.as_completed(jobs):
            try:
                for name, count in job.result().items():
                    total[name] += count
            except (Judgement, AssertionError, OSError, sqlite3.Error, subprocess.TimeoutExpired) as problem:
                failed.append(jobs[job])
                print(f"seed {jobs[job]} failed: {str(problem)[:1500]}\n  again: SG_PROOF_SEEDS=@{jobs[job]} SPREADGLASS={program.BINARY} {__file__}", flush=True)
    print("  " + ", ".join(f"{count} {name}" for name, count in sorted(total.items())))
    assert not failed, f"{len(failed)} of {len(seeds())} seeds failed: {sorted(failed)}; what they printed is in {folder}"
    if len(seeds()) >= 20:  # else the seeds tried nothing
        assert total["gaps filled"] > len(seeds())
        assert total["flagged after the first run"] > 0
        assert total["of longer intervals"] > len(seeds())
        assert total["runs that were whole"] > len(seeds()) // 2
    shutil.rmtree(folder)


if __name__ == "__main__":
    source = pathlib.Path(__file__).resolve().parent.parent / "support" / "preload" / "fast_clock.c"
    compiler = os.environ.get("CC", "cc")
    try:
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", shim, source], check=True)
    except FileNotFoundError:
        program.skip(f"no C compiler ({compiler}) to build the clock with")
    program.main(sys.modules[__name__])
