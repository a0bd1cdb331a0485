# SPDX-License-Identifier: GPL-3.0-or-later
"""The time that nobody watched: `watch` is ended, an hour passes, and it is started again, in a session at 1s (whose bars are not kept, but all longer ones are), at 1m and
at 5m. While REST does not answer, every bar of the whole span, the downtime included, is stored or listed as a gap of cause "not running"; once it does, everything is
stored, equals the exchange's own klines, nothing is open, and doctor has nothing to say. The same when it was killed, or stopped twice in a row, or off for six hours.

Time goes eight times as fast, and is put forward between two runs; the exchange's market is the same whenever it is started."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import sys
import tempfile
from collections import defaultdict

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
from fast_clock import FastClock
from seeded_watch import Watch, demand

SYMBOLS = ("BTCUSDT", "ETHUSDT")
KEPT = {"1m": 60, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "2h": 7200, "4h": 14400, "1d": 86400}
NOT_RUNNING, FILLED, INCOMPLETE, DOUBTFUL = 4, 1, 64, 192
HOUR = 3600
folder = tempfile.TemporaryDirectory(prefix="sg-downtime-")
pool = concurrent.futures.ThreadPoolExecutor(8)
scenarios = {}


class Kept:
    """What the database says now."""

    def __init__(self, path):
        self.bars, self.gaps = defaultdict(dict), defaultdict(list)
        with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
            for symbol, interval, opened, *values in connection.execute("SELECT symbol, interval_us / 1000000, time_us / 1000, open, high, low, close, volume, trades, flags"
                                                                        " FROM bars JOIN instruments ON id = instrument"):
                self.bars[symbol, interval][opened] = values
            for symbol, *gap in connection.execute("SELECT symbol, from_us / 1000, to_us / 1000, cause, state FROM gaps JOIN instruments ON id = instrument"):
                self.gaps[symbol].append(gap)

    def ends(self, symbol):
        return {interval: (min(bars), max(bars)) for (whose, interval), bars in self.bars.items() if whose == symbol and bars}

    def unfilled(self, symbol):
        return [gap for gap in self.gaps[symbol] if gap[3] != FILLED]

    def missing(self, symbol, seconds, begin_ms, end_ms, doubtful=DOUBTFUL):
        """Bars of [begin, end) that are not there, or that have such a mark."""
        length, have = seconds * 1000, self.bars[symbol, seconds]
        return [opened for opened in program.steps(begin_ms - begin_ms % length, end_ms - length + 1, length) if opened not in have or have[opened][-1] & doubtful]


class Place:
    """A database, and the spans of exchange time in which a watch kept it."""

    def __init__(self, name, interval, clock, exchange):
        self.name, self.interval, self.clock, self.exchange, self.spans = name, interval, clock, exchange, []
        self.data = os.path.join(folder.name, name)
        self.path = os.path.join(self.data, "spreadglass.db")

    def watch(self, done, seconds, end=signal.SIGINT, rest=None):
        """Runs until done(watch), at most so many seconds of exchange time."""
        where = ["--endpoint", self.exchange.ws, "--rest", rest or self.exchange.rest, "--ca-file", self.exchange.ca]
        running = Watch("watch", "--stream", "trade", "--interval", self.interval, "--format", "json", "--data-dir", self.data, *where, **self.clock.environment)
        began = self.clock.now_ms()
        try:
            self.lacks = []
            program.until(lambda: done(running) or running.process.poll() is not None, seconds / self.clock.factor, f"{self.name}: what the run is there for")
        except AssertionError as late:
            raise AssertionError(f"{late}: {self.lacks}; {running.so_far()[-12:]}") from late
        finally:
            self.spans.append((began, self.clock.now_ms()))
            if running.process.poll() is None:
                running.process.send_signal(end)
        if end == signal.SIGKILL:
            running.process.wait(20 * program.SLOW)
            return []
        run = running.wait(20)
        demand(run.status == 0, f"{self.name}: it ended with {run.status}: {run.errors}")
        return run.lines

    def for_seconds(self, seconds):
        until = self.clock.now_ms() + seconds * 1000
        return lambda running: self.clock.now_ms() >= until

    def is_whole(self, begin_ms):
        """From `begin_ms` to shortly before now nothing is missing of any interval, and nothing is open."""
        def look(_):
            now_ms = int(self.clock.now_ms()) - 100_000
            kept = Kept(self.path)
            self.lacks = [(symbol, seconds, kept.missing(symbol, seconds, begin_ms, now_ms)[:3]) for symbol in SYMBOLS for seconds in KEPT.values()
                          if kept.missing(symbol, seconds, begin_ms, now_ms)]
            self.lacks += [(symbol, gap) for symbol in SYMBOLS for gap in kept.unfilled(symbol) if gap[0] < now_ms]
            return not self.lacks
        return look

    def check_listed(self, begin_ms, end_ms, what):
        """Each bar of each interval is stored, marked perhaps as not settled, or lies in a gap that is not filled."""
        kept, listed = Kept(self.path), 0
        for symbol in SYMBOLS:
            for name, seconds in KEPT.items():
                for opened in kept.missing(symbol, seconds, begin_ms, end_ms, INCOMPLETE):
                    over = [gap for gap in kept.unfilled(symbol) if gap[0] < opened + seconds * 1000 and opened < gap[1]]
                    demand(over, f"{self.name}, {what}: {symbol} {name} at {opened} is neither stored nor listed; gaps {kept.gaps[symbol]};"
                           f" watched {[tuple(map(int, span)) for span in self.spans]}; series {kept.ends(symbol)}")
                    listed += any(gap[2] == NOT_RUNNING for gap in over)
        return listed

    def check_truth(self, begin_ms, end_ms):
        """What is stored equals what the exchange says of it now that it is long over."""
        kept, equal = Kept(self.path), 0
        for symbol in SYMBOLS:
            for name, seconds in KEPT.items():
                length, at, truth = seconds * 1000, begin_ms - begin_ms % (seconds * 1000), {}
                while at + length <= end_ms:
                    rows = self.exchange.get(f"/api/v3/klines?symbol={symbol}&interval={name}&startTime={at}&endTime={end_ms - 1}&limit=1000")
                    if not rows:
                        break
                    truth.update({row[0]: row for row in rows})
                    at = rows[-1][0] + length
                for opened, row in truth.items():
                    if opened + length > end_ms:
                        continue
                    *prices, volume, trades, flags = kept.bars[symbol, seconds][opened]
                    got, want = (*prices, float(volume), trades), (*map(float, row[1:5]), float(row[5]), row[8])
                    demand(got == want, f"{self.name}: {symbol} {name} at {opened}: {got} flags {flags} is not {want}")
                    equal += 1
        return equal

    def doctor(self):
        status, out, errors = program.run("doctor", *self.exchange.options, "--data-dir", self.data, "--format", "json", env={**os.environ, **self.clock.environment})
        found = [check for check in json.loads(out)["checks"] if check["check"] == "database"]
        demand(found, f"{self.name}: doctor ended with {status}: {errors}")
        return found[0]


def pass_by(place, seconds):
    """The time goes on; until the exchange has made what was traded meanwhile."""
    def is_now():
        try:
            return place.exchange.get("/api/v3/aggTrades?symbol=ETHUSDT&limit=1")[0]["T"] > place.clock.now_ms() - 5000
        except OSError:  # a connection that was made before is hours old now
            return False
    place.clock.put_forward(seconds)
    program.until(is_now, 60, "the exchange has caught up")


def away(place, pause, end):
    """An hour passes, and REST does not answer the next run."""
    pass_by(place, pause)
    lines = place.watch(place.for_seconds(90), 120, end, rest="https://localhost:9")
    listed = place.check_listed(int(place.spans[0][0]), int(place.spans[-1][1]) - 20_000, "REST away")
    demand(listed >= pause // 60, f"{place.name}: only {listed} bars are listed as of the time that nobody watched")
    told = [line for line in lines if line.get("cause") == "not-running"]
    demand(end == signal.SIGKILL or {line["leg"] for line in told} == {"a", "b"}, f"{place.name}: the downtime was not told: {told}")
    return listed


def stopped(name, interval, end, pauses, is_answered=False):
    """Watches, is ended, and is started again after each of the pauses."""
    clock, listed = FastClock(folder.name, 8), 0
    with program.Exchange("--seed", 7, environment=clock.environment) as exchange:
        place = Place(name, interval, clock, exchange)
        place.watch(place.for_seconds(130), 150, end)
        begin = int(place.spans[0][0])
        for pause in pauses:
            if is_answered:
                pass_by(place, pause)
            else:
                listed = away(place, pause, end)
        place.watch(place.is_whole(begin), 420)
        end_ms = int(place.spans[-1][1]) - 100_000
        place.check_listed(begin, end_ms + 80_000, "at the end")
        equal = place.check_truth(begin, end_ms)
        demand(equal >= 2 * sum(pauses) // 60, f"{name}: only {equal} bars were compared")
        # What was open when it was stopped (a trade that came late just then) is real, and a warning. The newest bars, which nothing has settled yet, are not.
        check, left = place.doctor(), [gap for symbol in SYMBOLS for gap in Kept(place.path).unfilled(symbol)]
        demand((check["verdict"], check["remedy"] is None) == (("warning", False) if left else ("ok", True)), f"{name}: {check}; {left}")
        demand(all(gap[0] > end_ms for gap in left), f"{name}: {left}")
    return listed, equal


def report(name):
    listed, equal = scenarios[name].result()
    print(f"  {name}: {listed} bars listed while REST was away, {equal} equal the exchange's in the end")


def test_an_hour_in_a_session_at_1s():
    report("1s")


def test_an_hour_in_a_session_at_1s_killed():
    report("1s-killed")


def test_an_hour_in_a_session_at_1m():
    report("1m")


def test_an_hour_in_a_session_at_5m():
    report("5m")


def test_two_hours_in_a_row():
    report("twice")


def test_six_hours():
    report("six")


if __name__ == "__main__":
    FastClock(folder.name, 8)
    plans = {"1s": ("1s", signal.SIGINT, [HOUR + 127]), "1s-killed": ("1s", signal.SIGKILL, [HOUR]), "1m": ("1m", signal.SIGINT, [HOUR]), "5m": ("5m", signal.SIGKILL, [2 * HOUR + 31]),
             "twice": ("1s", signal.SIGINT, [HOUR, 2 * HOUR]), "six": ("1m", signal.SIGINT, [6 * HOUR], True)}
    wanted = sys.argv[1:] or plans
    scenarios.update({name: pool.submit(stopped, name, *plans[name]) for name in wanted})
    if sys.argv[1:]:
        for name in wanted:
            report(name)
    else:
        program.main(sys.modules[__name__], at_once=len(plans))
