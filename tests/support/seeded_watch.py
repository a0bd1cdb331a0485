# SPDX-License-Identifier: GPL-3.0-or-later
"""One `watch` against an exchange that misbehaves, judged by the exchange's own log.

The rule: what was printed equals what was generated, or the difference stands in the gap ledger, leg by leg and second by
second. Bars are computed here from the log by event time in exact decimals. Bars that came by REST are not printed, but every
statistic after them is a regression over them: alpha, beta and r squared are computed again here, over the closes that the log has."""
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration"))
import program
from program import steps

SYMBOLS = {"a": "BTCUSDT", "b": "ETHUSDT"}
STEP = 1000
GRACE_MS = 500
EVENTS = {"connecting", "connected", "subscribed", "disconnected", "retry", "stalled", "gap", "backfilled", "late", "dropped",
          "alert-raised", "alert-cleared", "error"}


class Judgement(AssertionError):
    pass


def demand(condition, text):
    if not condition:
        raise Judgement(text)


def read_log(path):
    """Per leg: the aggregate trades as generated, in order."""
    trades = {leg: [] for leg in SYMBOLS}
    legs = {symbol: leg for leg, symbol in SYMBOLS.items()}
    with open(path) as lines:
        for line in lines:
            if not line.endswith("\n"):
                break
            trade = json.loads(line)
            if trade["s"] in legs:
                trades[legs[trade["s"]]].append(trade)
    return trades


def bars_of(trades, until_ms=None, length_ms=STEP):
    """Open time -> bar, from the first trade to the last, or to `until_ms`; without a trade: flat at the last price."""
    bars = {}
    for trade in trades:
        opened = trade["T"] // length_ms * length_ms
        price, quantity, count = Decimal(trade["p"]), Decimal(trade["q"]), trade["l"] - trade["f"] + 1
        bar = bars.get(opened)
        if bar is None:
            bars[opened] = {"open": price, "high": price, "low": price, "close": price, "volume": quantity, "trades": count, "filled": False}
        else:
            bar["high"], bar["low"], bar["close"] = max(bar["high"], price), min(bar["low"], price), price
            bar["volume"] += quantity
            bar["trades"] += count
    if bars:
        for opened in steps(min(bars), max(max(bars), until_ms or 0) + 1, length_ms):
            if opened not in bars:
                last = bars[opened - length_ms]["close"]
                bars[opened] = {"open": last, "high": last, "low": last, "close": last, "volume": Decimal(0), "trades": 0, "filled": True}
    return bars


def difference(got, want):
    """The first field in which a printed leg differs from a computed bar; None when they are the same."""
    for field in ("open", "high", "low", "close"):
        if float(got[field]) != float(want[field]):
            return f"{field} {got[field]} is not {want[field]}"
    for field in ("volume", "trades", "filled"):
        if (Decimal(got[field]) if field == "volume" else got[field]) != want[field]:
            return f"{field} {got[field]} is not {want[field]}"
    return None


class Run:
    """A watch that has ended: its lines, and what it cost."""

    def __init__(self, process, out, err, began):
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.status, self.ended_ms, self.began_ms = process.returncode, time.time() * 1000, began
        self.rss_kib, self.cpu_s = usage.ru_maxrss, usage.ru_utime + usage.ru_stime
        out.seek(0)
        err.seek(0)
        self.errors = err.read().decode(errors="replace")
        program.no_findings(self.errors, "the program")
        text = out.read().decode()
        demand(not text or text.endswith("\n"), "the last line of the output is cut")
        self.lines = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]

    @property
    def rows(self):
        return [line for line in self.lines if line["type"] == "bar"]

    def events(self, *names):
        return [line for line in self.lines if line["type"] == "event" and line["event"] in names]


class Watch:
    """`watch` in a process of its own; wait() gives its Run."""

    def __init__(self, *arguments, **environment):
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        self.began = time.time() * 1000
        self.process = subprocess.Popen([program.BINARY, *map(str, arguments)], stdout=self.out, stderr=self.err, env={**os.environ, **environment})

    def so_far(self):
        """What it has printed until now, whole lines only."""
        size = os.fstat(self.out.fileno()).st_size
        text = os.pread(self.out.fileno(), size, 0).decode(errors="replace")
        return [json.loads(line, parse_float=Decimal) for line in text[:text.rfind("\n") + 1].splitlines()]

    def wait(self, seconds):
        """`seconds` is what it should take; much longer is a hang."""
        deadline = time.monotonic() + (seconds + 20) * program.SLOW
        while os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            if time.monotonic() > deadline:
                self.process.kill()
                self.process.wait()
                raise Judgement(f"the watch did not end within {seconds + 20} s: it hangs")
            time.sleep(0.1)
        return Run(self.process, self.out, self.err, self.began)


def is_beginning(got, trades):
    """Is this bar made of the first trades of its second, none left out before the last one that it has?"""
    second = [trade for trade in trades if Decimal(trade["p"]) > 0 and trade["T"] // STEP * STEP == got["time"]]
    return any(difference(got, bars_of(second[:count])[got["time"]]) is None for count in range(1, len(second)))


def covered(gaps, leg, time_ms):
    return any(gap["leg"] in (leg, "both") and gap["from"] <= time_ms and (gap["to"] is None or time_ms < gap["to"]) for gap in gaps)


def open_outage(lines, leg):
    """Exchange time since which the leg is down without an end that was told; None: it is up."""
    since = None
    for line in lines:
        if line["type"] != "event":
            continue
        if line["event"] in ("disconnected", "stalled") and line.get("leg", leg) in (leg, "both"):
            since = line["time"] if since is None else since
        elif line["event"] == "gap" and line["leg"] == leg and line["cause"] != "id-hole" and line["cause"] != "late":
            since = None
    return since


def check_bars(run, trades, undetected_ms):
    """Every second between the first bar and the end: equal, or in the ledger. Returns counts for the summary.

    `undetected_ms`: how long a connection may be silent before it must be noticed; seconds after a leg's last trade that are
    younger than this at the end cannot have been noticed yet."""
    lines = run.lines
    gaps = run.events("gap")
    rows = run.rows
    counts = defaultdict(int)
    times = [row["time"] for row in rows]
    demand(times == sorted(set(times)), "bars are out of order or twice")
    for line in lines:
        demand(line["type"] == "bar" or line["event"] in EVENTS, f"unknown event {line}")
    if not rows:
        return counts
    end_ms = int(run.ended_ms)
    last_ms = max(times[-1], end_ms - GRACE_MS - STEP - int(2500 * program.SLOW)) // STEP * STEP
    outages = {leg: open_outage(lines, leg) for leg in SYMBOLS}
    wanted = {leg: bars_of(trades[leg], last_ms) for leg in SYMBOLS}
    printed = {row["time"]: row for row in rows}
    for gap in gaps:
        demand(gap["to"] is not None and gap["from"] % STEP == 0 and gap["to"] % STEP == 0 and gap["from"] < gap["to"] and gap["cause"] and gap["leg"] in SYMBOLS, f"odd gap {gap}")
    silent = {}
    for leg in SYMBOLS:  # the last printed second with trades: after it nothing of the leg has come
        with_trades = [row["time"] for row in rows if not row[leg]["filled"]]
        silent[leg] = max(with_trades, default=times[0] - STEP)  # none: it fell silent before the first bar
    for time_ms in steps(times[0], last_ms + 1, STEP):
        row = printed.get(time_ms)
        if row is None:
            told = any(covered(gaps, leg, time_ms) or (outages[leg] is not None and time_ms >= outages[leg] - GRACE_MS - 2 * STEP) for leg in SYMBOLS)
            demand(told, f"no bar at {time_ms} ({time_ms - times[0]} ms after the first) and nothing in the ledger says why; gaps {gaps}, outages {outages}")
            counts["missing"] += 1
            continue
        for leg in SYMBOLS:
            row[leg]["time"] = time_ms
            what = difference(row[leg], wanted[leg][time_ms]) if time_ms in wanted[leg] else "the log has no such second"
            if what is None:
                counts["exact"] += 1
            elif covered(gaps, leg, time_ms):
                counts["in the ledger"] += 1
            elif end_ms - silent[leg] < undetected_ms and (row[leg]["filled"] if time_ms > silent[leg] else time_ms == silent[leg] and is_beginning(row[leg], trades[leg])):
                counts["not noticed yet"] += 1
            else:
                raise Judgement(f"bar {time_ms} leg {leg}: {what}, and the ledger does not have it; gaps {gaps}")
    return counts


class History:
    """The closes that the session's statistics are made of, followed from outside through bars and `backfilled` events."""

    def __init__(self, trades, klines, unsure=None, sample_from_ms=0):
        self.sample_from_ms = sample_from_ms              # older closes fill the window, and are no part of a fit on all bars
        self.unsure = unsure or {leg: set() for leg in SYMBOLS}
        self.blind = {leg: set() for leg in SYMBOLS}      # bars of ours that nobody saw and that may have been flat by mistake
        self.closes = {leg: {} for leg in SYMBOLS}
        self.truth = {}
        for leg in SYMBOLS:
            bars = bars_of(trades[leg])
            self.truth[leg] = {row[0]: float(row[4]) for row in klines[leg]}
            first = trades[leg][0]["T"] // STEP * STEP if trades[leg] else 0
            for time_ms in steps(klines[leg][-1][0] if klines[leg] else first, first, STEP):  # nothing was traded meanwhile
                self.truth[leg][time_ms] = float(klines[leg][-1][4])
            self.truth[leg].update({time_ms: float(bar["close"]) for time_ms, bar in bars.items()})
        self.doubtful = {leg: set() for leg in SYMBOLS}   # printed, but the ledger has something of that second
        self.open = {leg: set() for leg in SYMBOLS}       # not printed yet, and the ledger has something of them already

    def note_gap(self, gap):
        for time_ms in steps(gap["from"], gap["to"], STEP):
            known = time_ms in self.closes[gap["leg"]]
            (self.doubtful if known else self.open)[gap["leg"]].add(time_ms)

    def note_backfill(self, event):
        leg = event["leg"]
        wanting = [t for t in steps(event["from"], event["to"], STEP) if (t not in self.closes[leg] or t in self.doubtful[leg]) and t in self.truth[leg]]
        demand(0 < event["bars"] <= len(wanting), f"{event['bars']} bars were put in where {len(wanting)} were missing: {event}")
        for time_ms in wanting[:event["bars"]]:
            self.closes[leg][time_ms] = self.truth[leg][time_ms]
            for doubts in (self.doubtful, self.open, self.blind):
                doubts[leg].discard(time_ms)

    def check(self, row):
        for leg in SYMBOLS:
            self.closes[leg][row["time"]] = float(row[leg]["close"])
            if row["time"] in self.open[leg]:
                self.doubtful[leg].add(row["time"])
        if row["beta"] is None:
            return False
        # A bar that closed while the other leg had none was not printed; once the other one is repaired it counts.
        for leg, other in (("a", "b"), ("b", "a")):
            for time_ms in self.closes[leg].keys() - self.closes[other].keys() - self.open[other]:
                if time_ms in self.truth[other]:
                    self.closes[other][time_ms] = self.truth[other][time_ms]
                    if time_ms in self.unsure[other]:
                        self.blind[other].add(time_ms)
        if self.blind["a"] or self.blind["b"]:
            return False
        both = sorted(t for t in self.closes["a"] if self.sample_from_ms <= t <= row["time"] and t in self.closes["b"])
        a, b = [self.closes["a"][t] for t in both], [self.closes["b"][t] for t in both]
        mean_a, mean_b = math.fsum(a) / len(a), math.fsum(b) / len(b)
        sxx = math.fsum((y - mean_b) ** 2 for y in b)
        sxy = math.fsum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
        beta = sxy / sxx
        demand(abs(float(row["beta"]) - beta) <= 1e-9 * abs(beta), f"bar {row['time']}: beta {row['beta']} is not {beta}, over {len(both)} closes that the exchange has")
        alpha = mean_a - beta * mean_b
        demand(abs(float(row["alpha"]) - alpha) <= 1e-9 * mean_a, f"bar {row['time']}: alpha {row['alpha']} is not {alpha}")
        return True


BARS_BEFORE = 500  # of the sample of a fit on all bars: so many before the session's first tick


def sample_from(run, window):
    """Where the sample of a fit on all bars begins: the history that is asked for at the start is what the window needs, and then the sample."""
    asked_from = min((event["from"] for event in run.events("backfilled")), default=None)
    if asked_from is None or not run.rows or asked_from > run.rows[0]["time"] - BARS_BEFORE * STEP:
        return 0
    return asked_from + window * STEP


def check_history(run, trades, klines, window=60):
    # A leg that has stopped without being noticed has flat bars; where they were not printed nobody saw which.
    unsure = {leg: set() for leg in SYMBOLS}
    for gap in run.events("gap"):
        if gap["cause"] in ("id-hole", "late"):
            unsure[gap["leg"]].update(steps(gap["from"], gap["to"], STEP))
    for leg in SYMBOLS:
        silent = max((row["time"] for row in run.rows if not row[leg]["filled"]), default=run.rows[0]["time"] if run.rows else 0)
        unsure[leg].update(steps(silent, run.rows[-1]["time"] + STEP, STEP) if run.rows else ())
    history = History(trades, klines, unsure, sample_from(run, window))
    checked = repaired = 0
    for line in run.lines:
        if line["type"] == "bar":
            checked += history.check(line)
        elif line["event"] == "gap":
            history.note_gap(line)
        elif line["event"] == "backfilled":
            history.note_backfill(line)
            repaired += line["bars"]
    return checked, repaired


def check_end(run):
    demand(run.status in (0, 1), f"exit status {run.status}: {run.errors[-2000:]}")
    if run.status == 1:
        demand(not run.rows and len(run.errors.splitlines()) == 1, f"status 1 with {len(run.rows)} bars: {run.errors[-500:]}")
    for word in ("Sanitizer", "runtime error", "assert", "core dumped", "CRITICAL", "WARNING"):
        demand(word not in run.errors, run.errors[-3000:])


def ids_of(trades):
    """The ids of the single trades in them."""
    return {number for trade in trades for number in steps(trade["f"], trade["l"] + 1)}


MISSED_IDS = re.compile(r"trades (\d+) to (\d+)")


def missed_ids(gaps, leg):
    """The ids that the gap events of a leg name."""
    ids = set()
    for gap in gaps:
        found = MISSED_IDS.search(gap["detail"])
        if gap["leg"] == leg and found:
            ids.update(steps(int(found[1]), int(found[2]) + 1))
    return ids
