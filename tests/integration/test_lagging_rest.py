# SPDX-License-Identifier: GPL-3.0-or-later
"""What REST says late, or leaves out, is not taken as whole: two runs of `watch` with one database, across a start and across a cut, while REST lags by 0, 3, 10 and 30 s
in its rows or in their content, or has holes in its trades; one lost trade; a silence that nobody has noticed when the run is stopped or killed. In the end everything is
stored, equals the exchange's log at every interval that is kept, nothing is open, and doctor has nothing to say (tests/support/proved.py)."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import signal
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import proved
import seeded_watch
from seeded_watch import demand

FIRST_S, PATIENCE_S, PAUSE_S = 60, 600, 30     # of the exchange's time: the first run lasts so long at least, and until what it is there for has come
SILENT_MS = 12_000                             # no trade for so long is no chance
LEAST_S, MOST_S = 60, 400                      # the second one, after midnight
CUT = ("cut=40", "only-first=2")               # the first connection of each run, as the first run has one
pool = concurrent.futures.ThreadPoolExecutor(24)
folder = tempfile.mkdtemp(prefix="sg-lagging-")
shim = proved.build_clock(folder)


class Outcome:
    """Two runs, and what became of them."""

    def __init__(self, name, interval, faults, has_come, end=signal.SIGINT, midnight_s=110):
        self.name, self.place = name, proved.Place(folder, shim, name, interval, midnight_s)
        with self.place.exchange(faults, len(name)) as exchange:
            self.first_ended = self.place.run(exchange, self.first_done(has_come), end)
            self.first = proved.Stored(self.place.path)
            self.place.sleep(PAUSE_S)
            self.ended = self.place.run(exchange, self.place.whole(LEAST_S, MOST_S), signal.SIGINT)
            self.said = self.place.doctor(exchange)
            self.truth = self.place.truth(exchange, self.ended)
        self.last = proved.Stored(self.place.path)

    def first_done(self, has_come):
        """A minute of each symbol was seen whole, and so was what the scenario is about."""
        self.unnoticed = False
        least, most = self.place.seconds(FIRST_S), self.place.seconds(PATIENCE_S)

        def done():
            if not least():
                return False
            store = proved.Stored(self.place.path)
            seen = all(runs and any(opened >= runs[0] for opened in store.bars[symbol, 60000]) for symbol, runs in store.runs.items())
            demand(not most(), f"{self.name}: what the first run is there for has not come: {store.gaps}")
            return (seen or has_come is is_silent) and has_come(self, store)
        return done

    def check(self):
        """The whole property."""
        proved.judge(self.first, self.truth, self.first_ended)
        proved.judge(self.last, self.truth, self.ended, self.first)
        demand(not self.said or not self.last.is_whole(), f"{self.name}: nothing is left, and doctor says {self.said}")
        for symbol in proved.SYMBOLS.values():
            causes = {gap[2] for gap in self.last.gaps[symbol]}
            demand(proved.NOT_RUNNING in causes or not self.first.has_bars(symbol), f"{self.name}: the downtime of {symbol} is in no gap: {causes}")
            for seconds in proved.KEPT_S:  # each ended at midnight, and was watched in part
                opened = self.place.midnight_ms - seconds * 1000
                got, flags = self.last.bars[symbol, seconds * 1000].get(opened, (None, 0))
                want = self.truth[symbol, seconds * 1000][opened]
                demand(got == want, f"{self.name}: {symbol}, {seconds} s before midnight: {got} is not {want}")
                demand(self.ended - self.place.midnight_ms < proved.HEALED_S * 1000 or not flags & (proved.INCOMPLETE | proved.UNSETTLED),
                       f"{self.name}: {symbol}, {seconds} s before midnight: flags {flags}")

    def events(self, name):
        with open(self.place.out) as lines:
            return [line for line in lines if f'"event":"{name}"' in line]


def start(name, interval, has_come, *faults, **more):
    return name, pool.submit(Outcome, name, interval, faults, has_come, **more)


def was_cut(outcome, _):
    return outcome.events("disconnected")


def lost_one(_, store):
    return any(gap[2] == proved.ID_HOLE for gaps in store.gaps.values() for gap in gaps)


def is_silent(outcome, store):
    """Nothing has come for a while, and nobody has noticed it; or it was noticed, on a machine that is too slow to be stopped in between."""
    outcome.unnoticed = not outcome.events("stalled") and not outcome.events("disconnected")
    quiet = all(store.until.values()) and min(outcome.place.now_ms() - until for until in store.until.values()) > SILENT_MS
    return quiet or not outcome.unnoticed


INTERVALS = ("1s", "1m", "5m")
lags = [start(f"{kind}-{lag}", INTERVALS[i % 3], was_cut, f"{kind}={lag}", *CUT) for i, (kind, lag) in enumerate((kind, lag) for kind in ("rest-lag", "kline-lag") for lag in (0, 3, 10, 30))]
holes = [start(f"holes-{every}", interval, was_cut, f"rest-holes={every}", *CUT) for every, interval in ((3, "1s"), (25, "1m"))]
behind = [start("behind", "5m", was_cut, "node-behind=30", *CUT)]
lost = [start(f"lost-{interval}", interval, lost_one, "id-hole=400", "only-first=1", midnight_s=90) for interval in INTERVALS]
lost += [start("lost-for-rest-too", "1m", lost_one, "id-hole=400", "only-first=1", "rest-holes=2", midnight_s=90)]
silent = [start(f"silent-{interval}-{end.name}", interval, is_silent, "half-open=70", "only-first=1", end=end) for interval in INTERVALS for end in (signal.SIGINT, signal.SIGKILL)]


def check(scenarios, more=lambda outcome: None):
    for name, outcome in scenarios:
        try:
            outcome.result().check()
            more(outcome.result())
        except AssertionError as problem:
            raise AssertionError(f"{name}: {str(problem)[:2000]}") from problem


def test_a_lag_in_rows_and_in_content():
    check(lags)


def test_holes_in_answers():
    check(holes)


def test_a_node_that_is_behind():
    check(behind)


def named(outcome):
    """The trade that the stream left out was named when it was told of."""
    found = [re.search(r"trades (\d+) to (\d+)", line) for line in outcome.events("gap") if '"cause":"id-hole"' in line]
    ids = seeded_watch.ids_of([trade for trades in seeded_watch.read_log(outcome.place.log).values() for trade in trades])
    demand(any(hole and {int(hole[1]), int(hole[2])} <= ids for hole in found), f"{outcome.name}: no trade was named that the exchange has")


def test_one_lost_trade_heals_every_interval():
    check(lost, named)


def silent_tail(outcome):
    """What was stored of the silence when the first run ended was not called exact."""
    for symbol in proved.SYMBOLS.values():
        minutes = outcome.first.bars[symbol, 60000]
        flat = [opened for opened, (bar, flags) in minutes.items() if not flags and bar != outcome.truth[symbol, 60000].get(opened, bar)]
        demand(not flat, f"{outcome.name}: {symbol}: {flat} was called exact")


def test_a_silence_that_nobody_has_noticed():
    check(silent, silent_tail)
    demand(any(outcome.result().unnoticed for _, outcome in silent), "each silence was noticed before the run was stopped")


if __name__ == "__main__":
    try:
        program.main(sys.modules[__name__], at_once=5)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
