# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of `watch` with one database against an exchange that misbehaves, and what is kept judged by the exchange's own log, for every interval that is kept.

Time goes FAST times as fast (preload/fast_clock.c), and midnight comes a chosen time after the start: a bar of every interval ends there. What a longer bar had before
the log begins is taken from the exchange's klines of minutes that were long over: however REST lags, such answers are right."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import sqlite3
import ssl
import subprocess
import time
import urllib.request
from collections import defaultdict
from decimal import Decimal

import program
import seeded_watch
from seeded_watch import demand

FAST = 8
SYMBOLS = {"a": "BTCUSDT", "b": "ETHUSDT"}
KEPT_S = (60, 300, 900, 1800, 3600, 7200, 14400, 86400)
MINUTE_MS, DAY_MS = 60_000, 86_400_000
HEALED_S = 170                                 # what is older than this at the end is repaired, or never will be
NOT_RUNNING, ID_HOLE = 4, 5                    # causes of gaps
INCOMPLETE, UNSETTLED, FILLED = 64, 128, 1


def build_clock(folder):
    """The library that makes a program's clock fast; skips where nothing can build it."""
    if os.environ.get("SG_SANITIZE"):
        program.skip("a sanitizer's runtime and a preloaded clock do not go together")
    source, compiler = pathlib.Path(__file__).resolve().parent / "preload" / "fast_clock.c", os.environ.get("CC", "cc")
    shim = os.path.join(folder, "fast_clock.so")
    try:
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", shim, source], check=True)
    except FileNotFoundError:
        program.skip(f"no C compiler ({compiler}) to build the clock with")
    return shim


def kept(path, query):
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
        return connection.execute(query).fetchall()


class Stored:
    """What the database says now: symbol and interval (ms) -> open time (ms) -> (bar, flags); symbol -> gaps."""

    def __init__(self, path):
        self.bars, self.gaps = defaultdict(dict), defaultdict(list)
        for symbol, interval, opened, *prices, volume, trades, flags in kept(path, "SELECT symbol, interval_us, time_us, open, high, low, close, volume, trades, flags"
                                                                             " FROM bars JOIN instruments ON id = instrument"):
            self.bars[symbol, interval // 1000][opened // 1000] = ((*prices, Decimal(volume), trades), flags)
        for symbol, begin, end, cause, state in kept(path, "SELECT symbol, from_us, to_us, cause, state FROM gaps JOIN instruments ON id = instrument"):
            self.gaps[symbol].append((begin // 1000, end // 1000, cause, state))
        self.ids = kept(path, "SELECT symbol, seen + fetched + replaced + in_gaps, last_id - first_id + 1, adds_up FROM trade_ids JOIN instruments ON id = instrument")
        self.until = dict(kept(path, "SELECT symbol, max(until_us) / 1000 FROM trade_ids JOIN instruments ON id = instrument GROUP BY symbol"))
        runs = kept(path, "SELECT symbol, since_us / 1000 FROM trade_ids JOIN instruments ON id = instrument ORDER BY since_us")
        self.runs = {symbol: [since for whose, since in runs if whose == symbol] for symbol in SYMBOLS.values()}  # when each saw its first trade

    def is_whole(self):
        """Nothing is open, and nothing is known to lack something."""
        return all(gap[3] == FILLED for gaps in self.gaps.values() for gap in gaps) and not any(flags & INCOMPLETE for bars in self.bars.values() for _, flags in bars.values())

    def has_bars(self, symbol):
        return any(bars for (whose, _), bars in self.bars.items() if whose == symbol)

    def is_listed(self, symbol, opened, length):
        return any(begin < opened + length and opened < end and state != FILLED for begin, end, _, state in self.gaps[symbol])


def is_old(begin_ms, end_ms, ended_ms):
    """Has every bar that has a part of the span, and is over, been over for so long that it is repaired?"""
    ends = [(end_ms - 1) // (seconds * 1000) * (seconds * 1000) + seconds * 1000 for seconds in KEPT_S]
    return begin_ms < ended_ms and all(end > ended_ms or end < ended_ms - HEALED_S * 1000 for end in ends) and end_ms < ended_ms - HEALED_S * 1000


class Place:
    """A database, an exchange's log, and a clock that shows `midnight_after_s` before midnight now."""

    def __init__(self, folder, shim, name, interval, midnight_after_s):
        self.name, self.interval = name, interval
        self.log, self.place, self.out = (os.path.join(folder, f"{name}.{kind}") for kind in ("log", "kept", "out"))
        self.path = os.path.join(self.place, "spreadglass.db")
        now_us = int(time.time() * 1e6)
        self.midnight_ms = (now_us // 1000 // DAY_MS + 2) * DAY_MS
        # From here on it is FAST times as fast, and so it shows `midnight_after_s` before midnight now.
        self.from_us = (now_us * FAST - (self.midnight_ms - midnight_after_s * 1000) * 1000) // (FAST - 1)
        self.environment = {"LD_PRELOAD": shim, "SG_FAST_CLOCK": str(FAST), "SG_FAST_FROM": str(self.from_us)}
        os.mkdir(self.place)

    def now_ms(self):
        """As the programs see it."""
        return int((self.from_us + (time.time() * 1e6 - self.from_us) * FAST) / 1000)

    def sleep(self, seconds):
        time.sleep(seconds / FAST)

    def exchange(self, faults, seed):
        return program.Exchange(*(word for fault in (*faults, f"log={self.log}") for word in ("--fault", fault)), "--seed", seed, environment=self.environment)

    def run(self, exchange, done, end):
        """Runs `watch` until done(), then ends it with the signal; the exchange's time of that."""
        with open(self.out, "a") as out:
            process = subprocess.Popen([program.BINARY, "watch", "--stream", "trade", "--interval", self.interval, "--format", "json", "--data-dir", self.place, *exchange.options],
                                       stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **self.environment})
        try:
            while not done() and process.poll() is None:
                time.sleep(0.1)
            demand(process.poll() is None, f"watch ended by itself with {process.returncode}")
            ended = self.now_ms()
            process.send_signal(end)
            status = process.wait(30 * program.SLOW)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        demand(status == (0 if end == signal.SIGINT else -signal.SIGKILL), f"watch ended with {status}")
        return ended

    def seconds(self, seconds):
        """For run(): so many of the exchange's."""
        until = self.now_ms() + seconds * 1000
        return lambda: self.now_ms() >= until

    def whole(self, least_s, most_s):
        """For run(): until everything is whole, at least and at most so long after now and after midnight. `was_whole` says which."""
        base = max(self.now_ms(), self.midnight_ms)

        def done():
            self.was_whole = self.now_ms() >= base + least_s * 1000 and self.is_whole()
            return self.was_whole or self.now_ms() >= base + most_s * 1000
        return done

    def is_whole(self):
        """Nothing is open, and everything that has been over for a moment is there and settled."""
        now = self.now_ms()
        minute = (now - 5000) // MINUTE_MS * MINUTE_MS - MINUTE_MS
        open_gaps = kept(self.path, f"SELECT count(*) FROM gaps WHERE state != {FILLED}")[0][0]
        doubtful = kept(self.path, f"SELECT count(*) FROM bars WHERE flags & {INCOMPLETE | UNSETTLED} AND time_us + interval_us < {(now - 3000) * 1000}")[0][0]
        latest = kept(self.path, f"SELECT count(*) FROM bars WHERE interval_us = 60000000 AND time_us = {minute * 1000}")[0][0]
        return open_gaps + doubtful == 0 and latest == len(SYMBOLS)

    def ask(self, url, context):
        for again in (True, True, False):  # a connection that is cut is one of the faults
            try:
                with urllib.request.urlopen(url, context=context, timeout=15 * program.SLOW) as reply:
                    return json.load(reply)
            except (OSError, http.client.HTTPException):
                if not again:
                    raise

    def klines_before(self, exchange, symbol, until_ms):
        """The exchange's minutes of the day before midnight, up to the one that `until_ms` is in."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # the certificate is of a day that this machine's clock has not reached
        rows, at, end = {}, self.midnight_ms - DAY_MS, until_ms - until_ms % MINUTE_MS + MINUTE_MS
        while at < end:
            url = f"{exchange.rest}/api/v3/klines?symbol={symbol}&interval=1m&startTime={at}&endTime={end - 1}&limit=1000"
            answer = self.ask(url, context)
            rows.update({row[0]: row for row in answer})
            at = answer[-1][0] + MINUTE_MS if answer else end
        return {opened: {"open": Decimal(row[1]), "high": Decimal(row[2]), "low": Decimal(row[3]), "close": Decimal(row[4]), "volume": Decimal(row[5]), "trades": row[8]}
                for opened, row in rows.items()}

    def truth(self, exchange, until_ms):
        """Symbol and interval (ms) -> open time (ms) -> bar: those that have ended before `until_ms`, and whose whole time is known."""
        found = {}
        for leg, trades in seeded_watch.read_log(self.log).items():
            minutes = seeded_watch.bars_of(trades, until_ms, MINUTE_MS)
            minutes.update(self.klines_before(exchange, SYMBOLS[leg], trades[0]["T"]))
            for length in (seconds * 1000 for seconds in KEPT_S):
                parts, bars = defaultdict(list), {}
                for opened in sorted(minutes):
                    parts[opened - opened % length].append(minutes[opened])
                for opened, of in parts.items():
                    if len(of) * MINUTE_MS < length or opened + length > until_ms:
                        continue
                    traded = [bar for bar in of if bar["trades"]] or of[:1]  # a minute without a trade only carries the last price on
                    bars[opened] = (float(traded[0]["open"]), float(max(bar["high"] for bar in traded)), float(min(bar["low"] for bar in traded)), float(traded[-1]["close"]),
                                    sum(bar["volume"] for bar in of), sum(bar["trades"] for bar in of))
                found[SYMBOLS[leg], length] = bars
        return found

    def doctor(self, exchange):
        """What it has to say of what is kept, beyond that it is well."""
        done = subprocess.run([program.BINARY, "doctor", "--format", "json", "--data-dir", self.place, *exchange.options], capture_output=True, text=True,
                              timeout=60 * program.SLOW, env={**os.environ, **self.environment})
        checks = [check for check in json.loads(done.stdout)["checks"] if check["check"] in ("database", "trade-ids")]
        demand(len(checks) == 2, f"doctor: {done.stdout} {done.stderr}")
        return [f"{check['verdict']}: {check['detail']}" for check in checks if check["verdict"] != "ok"]


def check_filled(store, truth, since, ended):
    """Filled means proved: every bar that has a part of such a gap, and is over, is there and lacks nothing."""
    for (symbol, length), bars in truth.items():
        for begin, end, cause, _ in (gap for gap in store.gaps[symbol] if gap[3] == FILLED and gap[1] > since.get(symbol, ended)):
            for opened in program.steps(begin - begin % length, end, length):
                got, flags = store.bars[symbol, length].get(opened, (None, 0))
                over = opened in bars and since[symbol] < opened + length < ended - 5000
                demand(not over or (got is not None and not flags & INCOMPLETE) or store.is_listed(symbol, opened, length),
                       f"{symbol}: filled is [{begin}, {end}) of cause {cause}, and its bar of {length // 1000} s at {opened} is {got} flags {flags}, {ended - opened} ms before the end")


def judge(store, truth, ended, before=None):
    """Each stored bar equals the truth, or is flagged and listed. After a second run, `before` being what was stored when the first one had ended: nothing since the first
    trade that was seen by a run that kept something, downtime included, is missing without being listed, and what is old enough is repaired. Returns counts."""
    counts, healed = defaultdict(int), before is not None
    since = {symbol: runs[0] if not healed or before.has_bars(symbol) else runs[-1] for symbol, runs in store.runs.items() if runs}
    if healed:
        check_filled(store, truth, since, ended)
    for (symbol, length), bars in truth.items():
        for opened, want in bars.items():
            if opened + length > ended or opened + length <= since.get(symbol, ended):
                continue
            got, flags = store.bars[symbol, length].get(opened, (None, 0))
            listed, doubtful = store.is_listed(symbol, opened, length), flags & (INCOMPLETE | UNSETTLED)
            what = f"{symbol} {length // 1000} s at {opened}, {ended - opened} ms before the end: {got} flags {flags} is not {want}; gaps {store.gaps[symbol]}"
            if got is not None and not doubtful:
                demand(got == want, f"called exact: {what}")
                counts["exact"] += 1
            elif got is not None:
                counts["flagged"] += 1
                demand(listed or not flags & INCOMPLETE, f"flagged, and not listed: {what}")
            else:
                counts["missing"] += 1
                demand(listed or not healed or opened + length > ended - 5000, f"neither stored nor listed: {what}")
            if healed and opened + length < ended - HEALED_S * 1000:
                demand(got is not None and not doubtful, f"not repaired: {what}")
            counts["of longer intervals"] += healed and length > 300_000 and got is not None
    for symbol in SYMBOLS.values():
        left = [gap for gap in store.gaps[symbol] if gap[3] != FILLED and is_old(gap[0], gap[1], ended)]
        demand(not healed or not left, f"{symbol}: still open: {left}, the end was at {ended}")
        counts["gaps filled"] += healed * sum(gap[3] == FILLED for gap in store.gaps[symbol])
    for symbol, total, ids, adds_up in store.ids:
        demand(total == ids, f"{symbol}: the trade ids do not add up: {total} of {ids}")
        demand(adds_up, f"{symbol}: the trade ids do not add up, it says")
    return counts
