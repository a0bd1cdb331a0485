# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording plays to the same bytes every time and at every speed, and to the bars of the exchange's own log: for a live run with two
disconnections in it, where it is what that run printed, and for the captures of 2024-08-08."""
import gzip
import heapq
import json
import os
import pathlib
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import seeded_watch
import test_capture_bars
from seeded_watch import SYMBOLS, Watch, demand

LIVE_SECONDS = 24


def replay(path, *options):
    status, out, err = program.run("replay", path, "--format", "json", "--interval", "1s", *options)
    assert status == 0, err
    return out


def recorded_ids(path):
    """Leg -> the trade ids in the file."""
    ids = {leg: [] for leg in SYMBOLS}
    legs = {symbol: leg for leg, symbol in SYMBOLS.items()}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            start = line.find('{"stream"')
            if start < 0:
                continue
            data = json.JSONDecoder().raw_decode(line[start:])[0]["data"]
            if data.get("e") == "aggTrade":
                ids[legs[data["s"]]].extend(program.steps(data["f"], data["l"] + 1))
    return ids


def printed(watch):
    """What a watch that has ended wrote, byte for byte."""
    watch.out.seek(0)
    return watch.out.read().decode()


def test_live_run_with_two_disconnections():
    """One live session with history and repair by REST, written down while it runs: its recording prints what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        log, path = os.path.join(folder, "oracle.log"), os.path.join(folder, "run.ndjson.gz")
        with program.Exchange("--fault", "cut=6", "--fault", "only-first=2", "--fault", f"log={log}") as exchange:
            watch = Watch("watch", "--format", "json", "--stream", "trade", "--duration", LIVE_SECONDS, "--record", path, *exchange.options)
            live = watch.wait(LIVE_SECONDS)
        demand(live.status == 0, live.errors)
        said = printed(watch)
        for options in ((), (), ("--speed", 4)):
            again = replay(path, *options)
            if again != said:
                pairs = zip(said.splitlines() + [""], again.splitlines() + [""])
                raise AssertionError(f"replayed with {options} it is different: {next(pair for pair in pairs if pair[0] != pair[1])}")
        demand(replay(path, "--window", 30) != said, "other parameters change nothing: it is not computed again")
        gaps = live.events("gap")
        demand(len(live.events("disconnected")) == 2, f"not two disconnections: {live.events('disconnected')}")
        demand({gap["leg"] for gap in gaps} == set(SYMBOLS), f"the gaps are not told: {gaps}")
        exact = [event for event in live.events("backfilled") if "trades" in event["detail"]]
        demand({event["leg"] for event in exact} == set(SYMBOLS), f"nothing was repaired from trades: {live.events('backfilled')}")
        demand(any(event["bars"] >= 300 for event in live.events("backfilled")), "there is no history from klines in it")
        # Against the exchange's log, second by second; what an outage cost stands in the ledger.
        trades = seeded_watch.read_log(log)
        counts = seeded_watch.check_bars(live, trades, 61000)
        demand(counts["exact"] >= 20, counts)
        # Ids: what was recorded and what the gaps name are the whole range.
        ids = recorded_ids(path)
        for leg in SYMBOLS:
            seen, missed = set(ids[leg]), seeded_watch.missed_ids(gaps, leg)
            demand(not seen & missed, f"leg {leg}: seen and missed: {sorted(seen & missed)[:5]}")
            whole = set(program.steps(min(seen), max(seen) + 1))
            demand(seen | missed == whole, f"leg {leg}: lost without a word: {sorted(whole - seen - missed)[:10]}")
        print(f"  {len(said.splitlines())} lines are the same three times; {len(gaps)} gaps, {sum(event['bars'] for event in exact)} bars repaired from trades; every id is seen or in the ledger")


def test_what_record_and_replay_exclude():
    for options in (("--replay", "x"), ("--data-dir", "y")):
        status, out, err = program.run("watch", "--record", "z.ndjson", *options)
        assert status == 2 and not out and "exclude each other" in err, (status, out, err)
    assert not os.path.exists("z.ndjson")


def merge(paths, target):
    """Two captures as one, by receive time."""
    def numbered(path):
        with gzip.open(path, "rt") as lines:
            for line in lines:
                yield int(line.split(" ", 1)[0]), line
    with gzip.open(target, "wt", compresslevel=1) as out:
        for _, line in heapq.merge(*map(numbered, paths), key=lambda pair: pair[0]):
            out.write(line)


def test_captures():
    paths = {leg: program.shared_file("ws", "hftbacktest", "spot", name) for leg, (_, name) in test_capture_bars.FILES.items()}
    wanted = {leg: test_capture_bars.bars_of(list(test_capture_bars.trades_of(path)), 0, 1000) for leg, path in paths.items()}
    with tempfile.TemporaryDirectory() as folder:
        merged = os.path.join(folder, "merged.gz")
        merge(paths.values(), merged)
        options = ("--pair", "BTCUSDT/ETHUSDT", "--stream", "trade")
        out = replay(merged, *options)
        assert out == replay(merged, *options), "the second time it is different"
        assert out == replay(merged, *options, "--speed", 40), "at 40 times the pace it is different"
    rows = [line for line in program.json_lines(out) if line["type"] == "bar"]
    times = [row["time"] for row in rows]
    assert len(rows) > 330 and times == list(program.steps(times[0], times[-1] + 1, 1000)), "a bar is missing"
    for row in rows:
        for leg in SYMBOLS:
            want = wanted[leg].get(row["time"])
            what = seeded_watch.difference(row[leg], want) if want else None if row[leg]["filled"] else "nothing was traded"
            assert what is None, f"{row['time']} {leg}: {what}"
    defined = test_capture_bars.check_statistics(rows)
    assert defined > 200, defined
    assert isinstance(rows[0]["a"]["close"], (int, Decimal))
    print(f"  {len(rows)} bars and {defined} rows of statistics equal those computed from the captures' lines")


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=2)
