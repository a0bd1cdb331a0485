# SPDX-License-Identifier: GPL-3.0-or-later
"""What `watch` makes of one named trouble at a time, judged by the exchange's own log (tests/support/seeded_watch.py has the rule).
The scenarios play side by side; each test then looks at its own."""
import concurrent.futures
import json
import os
import pathlib
import signal
import sqlite3
import sys
import tempfile
import time
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import seeded_watch
import ws_client
from seeded_watch import STEP, SYMBOLS, Watch, demand

folder = tempfile.TemporaryDirectory(prefix="sg-reconnect-")
# They mostly wait, but a market in each of them costs: all at once would be a load that the machine's other tests do not survive. The long
# ones begin first, so that eight at a time take no longer than the longest.
pool = concurrent.futures.ThreadPoolExecutor(8)
scenarios = {}


class Played:
    pass


def play(name, faults, seconds, options=(), act=None, seed=1):
    log = os.path.join(folder.name, f"{name}.log")
    played = Played()
    played.window = options[options.index("--window") + 1] if "--window" in options else 60
    played.ends = ["--endpoint", "ws://127.0.0.1:9", "--rest", "http://127.0.0.1:9"]  # nobody is there any more
    words = [word for fault in (*faults, f"log={log}") for word in ("--fault", fault)]
    with program.Exchange("--seed", seed, *words) as exchange:
        rest_works = not any(fault.startswith(("http-rest", "rest-", "http=")) for fault in faults)
        played.klines = {}
        for leg, symbol in SYMBOLS.items():
            rows = exchange.get(f"/api/v3/klines?symbol={symbol}&interval=1s&limit=1000") if rest_works else []
            for _ in range(3 if rest_works else 0):
                rows = exchange.get(f"/api/v3/klines?symbol={symbol}&interval=1s&limit=1000&startTime={rows[0][0] - 1000000}&endTime={rows[0][0] - 1}") + rows
            played.klines[leg] = rows
        watch = Watch("watch", "--stream", "trade", "--format", "json", "--duration", seconds, *options, *exchange.options)
        played.seen = act(watch, exchange) if act else None
        played.run = watch.wait(seconds)
        if name.startswith("kept"):  # what the exchange itself has of those minutes
            played.minutes = {leg: exchange.get(f"/api/v3/klines?symbol={symbol}&interval=1m&limit=1000") for leg, symbol in SYMBOLS.items()}
        if played.run.lines:
            time.sleep(0.2)  # so that the log has what was generated while the watch ended
    played.trades = seeded_watch.read_log(log)
    return played


def scenario(name, *faults, seconds, **more):
    scenarios[name] = pool.submit(play, name, faults, seconds, **more)


def judged(name, undetected_ms=61000):
    """The scenario's run, its bars and its history checked."""
    played = scenarios[name].result()
    seeded_watch.check_end(played.run)
    played.counts = seeded_watch.check_bars(played.run, played.trades, undetected_ms)
    played.fits, played.repaired = seeded_watch.check_history(played.run, played.trades, played.klines, played.window)
    played.run_text = "\n".join(map(str, (line for line in played.run.lines if line["type"] == "event")))
    return played


def not_repaired(run, leg):
    """Seconds in the ledger, older than ten seconds before the end, that no `backfilled` after their gap covers."""
    missing = set()
    for line in run.lines:
        if line["type"] == "bar":
            continue
        if line["event"] == "gap" and line["leg"] == leg:
            missing.update(program.steps(line["from"], line["to"], STEP))
    for line in run.events("backfilled"):
        if line["leg"] == leg:
            missing.difference_update(program.steps(line["from"], line["to"], STEP))
    return sorted(t for t in missing if t < run.ended_ms - 10000)


def no_news(played, *names):
    for name in names:
        demand(not played.run.events(name), f"{name}: {played.run.events(name)}")


def test_hard_cut():
    played = judged("cut")
    demand(len(played.run.events("disconnected")) >= 2, played.run_text)
    demand(not any(not_repaired(played.run, leg) for leg in SYMBOLS), f"not repaired: {[not_repaired(played.run, leg) for leg in SYMBOLS]}\n{played.run_text}")
    demand(played.repaired > 2 * 500, "nothing but the beginning was repaired")


def test_announced_shutdown_is_no_event():
    played = judged("shutdown")
    no_news(played, "disconnected", "stalled", "gap", "late", "error", "retry")
    demand(played.counts["missing"] == 0 and played.counts["in the ledger"] == 0 and played.counts["exact"] >= 2 * 9, played.counts)


def test_connection_that_dies_without_a_word():
    played = judged("half-open", 30000)
    down = played.run.events("disconnected", "stalled")
    demand(down and down[0]["time"] - played.run.rows[0]["time"] < 65000, f"noticed too late: {played.run_text}")
    demand(played.counts["in the ledger"] > 20, f"it was silent for seconds: {played.counts}")
    demand(not any(not_repaired(played.run, leg) for leg in SYMBOLS), played.run_text)


def test_stream_that_falls_silent():
    played = judged("silence", 30000)
    stalled = played.run.events("stalled")
    demand(stalled and "BTCUSDT" in stalled[0]["detail"], played.run_text)
    no_news(played, "disconnected")  # the other leg goes on
    demand(not not_repaired(played.run, "a"), played.run_text)


def test_reset_in_the_middle_of_a_message():
    played = judged("rst")
    demand(len(played.run.events("disconnected")) >= 2, played.run_text)
    demand(not any(not_repaired(played.run, leg) for leg in SYMBOLS), played.run_text)


def harmless(name):
    played = judged(name)
    no_news(played, "disconnected", "error", "stalled")
    # On a busy machine a second may reach the program after its bar: then the ledger says so, and check_bars has held it to that. It is no rule of the fault.
    late = {gap["from"] for gap in played.run.events("gap") if gap["cause"] == "late"}
    demand(all(gap["cause"] == "late" for gap in played.run.events("gap")) and len(late) <= 3, played.run_text)
    demand(played.counts["missing"] == 0 and played.counts["exact"] >= 2 * 4, played.counts)
    return played


def test_bytes_one_by_one():
    harmless("split")


def test_fragments():
    harmless("fragment")


def test_duplicates():
    harmless("duplicate")


def test_quiet_market_is_filled():
    played = harmless("quiet")
    filled = sum(row[leg]["filled"] for row in played.run.rows for leg in SYMBOLS)
    demand(filled > 5, f"only {filled} bars without a trade")


def id_identity(played):
    """What the ledger says is missing was made; that nothing else is missing is what the bars say."""
    total = 0
    for leg in SYMBOLS:
        gone = seeded_watch.missed_ids(played.run.events("gap"), leg)
        made = seeded_watch.ids_of(played.trades[leg])
        demand(gone <= made, f"leg {leg}: ids that never were are missed: {sorted(gone - made)[:5]}")
        total += len(gone)
    demand(total > 3, f"only {total} ids are missed")


def test_holes_of_ids():
    played = judged("id-hole")
    id_identity(played)
    demand(not any(not_repaired(played.run, leg) for leg in SYMBOLS), played.run_text)
    demand(played.counts["in the ledger"] > 0, played.counts)


def test_trades_that_change_places():
    played = judged("reorder")
    demand(not any(not_repaired(played.run, leg) for leg in SYMBOLS), played.run_text)


def test_line_that_is_too_slow():
    """Trades come later and later, after their bars have closed: told, entered, and repaired."""
    # At the end trades are ten seconds behind, more on a busy machine: what they are missing from cannot be known yet.
    run = scenarios["slow"].result().run
    told = [max((gap["to"] for gap in run.events("gap") if gap["leg"] == leg), default=run.ended_ms) for leg in SYMBOLS]
    known_ms = min(run.ended_ms - 15000, *told)
    run.lines = [line for line in run.lines if line["type"] == "event" or line["time"] < known_ms]
    run.ended_ms = known_ms
    played = judged("slow", 0)
    late = [gap for gap in played.run.events("gap") if gap["cause"] == "late"]
    demand(played.run.events("late") and late and played.counts["in the ledger"] > 3, f"{played.counts} {played.run_text}")
    demand(not any(not_repaired(played.run, leg) for leg in SYMBOLS), played.run_text)


def test_hole_in_the_exchanges_own_klines():
    played = judged("kline-hole")
    times = [row[0] for row in played.klines["a"]]
    demand(max(b - a for a, b in zip(times, times[1:])) == 7 * 60000 + STEP, "the exchange has no hole")
    demand(played.fits > 5 and played.repaired > 2 * 1200, f"{played.fits} fits over {played.repaired} bars")  # and none made up: the fits say so


def test_symbol_that_is_suspended():
    played = scenarios["break"].result()
    demand("BREAK" in str(played.run.lines) + played.run.errors, f"nothing names the status: {played.run.lines} {played.run.errors}")


def wait_for_the_end_of_maintenance(watch, exchange):
    """Ends the watch when it has told the gap of the suspended symbol and printed bars after it: how long that takes is the machine's affair."""
    del exchange

    def bars_after():
        lines = watch.so_far()
        ends = [line["to"] for line in lines if line.get("event") == "gap" and line["leg"] == "b" and line["to"] - line["from"] >= 8 * STEP]
        after = [line for line in lines if line["type"] == "bar" and ends and line["time"] >= ends[0]]
        return len(after) >= 4 and any(not line["b"]["filled"] for line in after)
    try:
        program.until(bars_after, 60, "bars after the suspension")
    finally:
        watch.process.send_signal(signal.SIGINT)


def suspended_seconds(trades):
    """The longest time without a trade: the exchange's own log knows when it was."""
    times = [trade["T"] for trade in trades]
    length, begin = max((b - a, a) for a, b in zip(times, times[1:]))
    demand(length >= 20 * STEP, f"the log has no suspension: {length}")
    return begin // STEP * STEP + STEP, (begin + length) // STEP * STEP


def test_symbol_that_is_suspended_for_a_while():
    """A silence that is the exchange's own doing is told apart from a fault of the line, and what it has no klines of is not made up.
    Whatever else a busy machine puts into the ledger (a ticker after its bar has closed, a leg that it kept waiting) is another matter."""
    played = scenarios["maintenance"].result()
    run = played.run
    seeded_watch.check_end(run)
    text = "\n".join(map(str, (line for line in run.lines if line["type"] == "event")))
    begin, end = suspended_seconds(played.trades["b"])
    named = [gap for gap in run.events("gap") if gap["cause"] == "maintenance"]
    demand([gap["leg"] for gap in named] == ["b"], text)
    gap = named[0]
    demand(gap["from"] < end and begin < gap["to"] and min(gap["to"], end) - max(gap["from"], begin) >= 8 * STEP, f"{begin} to {end} {text}")
    demand(any("BREAK" in error["detail"] for error in run.events("error")), text)
    missed = set(program.steps(gap["from"], gap["to"], STEP))
    for line in run.events("backfilled"):
        if line["leg"] == "b" and line["from"] >= gap["from"]:
            demand(line["bars"] <= len(missed) - 3, text)
    after = [row for row in run.rows if row["time"] >= gap["to"]]
    demand(len(after) >= 3 and any(not row["b"]["filled"] for row in after), f"{len(after)} bars after it {text}")
    # Nothing tells a suspension from silence at first: the flat bars since the last ticker are taken back when it is known.
    demand(all(row["b"]["filled"] and not row["b"]["settled"] for row in run.rows[1:] if row["time"] in missed and row["time"] > gap["from"]), "bars were printed where one leg has none")


def test_symbol_beyond_ascii():
    played = scenarios["utf8"].result()
    seeded_watch.check_end(played.run)
    demand(len(played.run.rows) >= 5, played.run.lines[:6])


def test_times_in_another_unit():
    """Microseconds that nobody asked for: refused and said so, or understood; never a bar at a wrong time."""
    played = scenarios["microseconds"].result()
    demand(played.run.status in (0, 1), played.run.errors)
    for row in played.run.rows:
        demand(abs(row["time"] - played.run.ended_ms) < 60000, row)
    demand(played.run.rows or played.run.events("error") or played.run.errors, "silence")


RETRY_AFTER_S = 10


def watch_weight(watch, exchange):
    """While Retry-After lasts nobody but this test may ask anything: the weight that the exchange counts says who did."""
    port = int(exchange.rest.rsplit(":", 1)[1])
    def told():
        return [line["time"] for line in watch.so_far() if line.get("event") == "error"]
    refused_ms = program.until(told, 10, "the first request is refused and told")[0]
    time.sleep(0.3)
    weights = []
    while time.time() * 1000 - refused_ms < 1000 * (RETRY_AFTER_S - 3) and len(weights) < 24:
        weights.append(int(ws_client.get_json(port, exchange.ca, "/api/v3/time")[1]["x-mbx-used-weight-1m"]))
        time.sleep(0.2)
    return weights


def test_retry_after_is_obeyed():
    played = scenarios["429"].result()
    weights = played.seen
    steps = [b - a for a, b in zip(weights, weights[1:])]
    demand(len(steps) >= 3 and all(step == 1 or step < 0 for step in steps), f"somebody else asked while Retry-After lasted: {weights}")
    refused = played.run.events("error")[0]["time"]
    filled = played.run.events("backfilled")
    demand(filled and filled[0]["time"] - refused >= 1000 * (RETRY_AFTER_S - 1), f"filled {filled[:1]} after {played.run.events('error')}")


def stop_and_go(watch, exchange):
    del exchange
    program.until(lambda: sum(line["type"] == "bar" for line in watch.so_far()) >= 3, 20, "the first bars")
    watch.process.send_signal(signal.SIGSTOP)
    time.sleep(6)
    lines = len(watch.so_far())
    watch.process.send_signal(signal.SIGCONT)
    began = time.monotonic()
    program.until(lambda: any(line.get("event") == "connected" for line in watch.so_far()[lines:]), 2, "another connection after the stop")
    return time.monotonic() - began


def test_stopped_process():
    played = judged("stop")
    print(f"  connected again {played.seen:.2f} s after SIGCONT")
    demand(played.run.events("gap"), played.run_text)
    demand(not any(not_repaired(played.run, leg) for leg in SYMBOLS), played.run_text)


def test_clock_that_is_wrong():
    """The machine is off by an hour, seen from the exchange: no bar cares."""
    scenarios["clock"].result().run.ended_ms -= 3600000
    harmless("clock")


def stored(path, query):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def check_store(name):
    """What the database holds was generated, or the difference stands in its gaps; and where every trade id is adds up."""
    played = judged(name)
    path = os.path.join(folder.name, name, "spreadglass.db")
    same = excused = 0
    for leg, symbol in SYMBOLS.items():
        of = f"JOIN instruments ON id = instrument WHERE symbol = '{symbol}'"
        bars = {row[0] // 1000: row[1:] for row in stored(path, f"SELECT time_us, open, high, low, close, volume, trades FROM bars {of} AND interval_us = 60000000")}
        gaps = [(begin // 1000, end // 1000) for begin, end in stored(path, f"SELECT from_us, to_us FROM gaps {of} AND state != 1")]
        trades = played.trades[leg]
        generated = {row[0]: {"open": row[1], "high": row[2], "low": row[3], "close": row[4], "volume": Decimal(row[5]), "trades": row[8]} for row in played.minutes[leg]}
        # What a minute lacks can be noticed a while after its end only.
        whole = [minute for minute in generated if minute + 75000 <= played.run.ended_ms]
        for minute in sorted(set(whole) & set(program.steps(min(bars), max(bars) + 1, 60000))):
            want, got = generated[minute], bars.get(minute)
            wanted = (*(float(want[field]) for field in ("open", "high", "low", "close")), want["trades"])
            if got is not None and (*got[:4], got[5]) == wanted and Decimal(got[4]) == want["volume"]:
                same += 1
            else:
                demand(any(begin < minute + 60000 and minute < end for begin, end in gaps), f"{symbol} {minute}: kept {got}, generated {want}; gaps kept: {gaps}")
                excused += 1
        # Where the ids are: the numbers add up, to a range that was generated.
        (first, last, *parts, adds_up), = stored(path, f"SELECT first_id, last_id, seen, fetched, replaced, in_gaps, adds_up FROM trade_ids {of}")
        ids = seeded_watch.ids_of(trades)
        demand(adds_up and sum(parts) == last - first + 1 and {first, last} <= ids and parts[0] > 100, (symbol, first, last, parts, adds_up))
        demand(parts[1] > 0 and seeded_watch.missed_ids(played.run.events("gap"), leg), f"{symbol}: {parts}: nothing was missed and fetched")
    demand(same >= 2 * 5, f"{same} minutes are as generated, {excused} in the gaps")
    status, out, err = program.run("doctor", "--data-dir", os.path.dirname(path), *played.ends, "--format", "json")
    check, = (check for check in json.loads(out)["checks"] if check["check"] == "trade-ids")
    demand(all(f"{symbol} spot: " in check["detail"] for symbol in SYMBOLS.values()) and " = " in check["detail"] and check["verdict"] in ("ok", "warning"), (check, status, err))
    print(f"  {name}: {same} minutes kept as generated, {excused} in the gaps; {check['detail']}")


def test_store_after_cuts():
    check_store("kept-cut")


def test_store_after_holes_of_ids():
    check_store("kept-holes")


def begin():
    scenario("kept-cut", "cut=9", seconds=85, options=("--data-dir", os.path.join(folder.name, "kept-cut")))
    scenario("kept-holes", "id-hole=25", "rst=400", seconds=85, options=("--data-dir", os.path.join(folder.name, "kept-holes")))
    scenario("half-open", "half-open=5", "only-first", seconds=85)
    scenario("silence", "silence=5", seconds=85)
    scenario("maintenance", "maintenance=8", seconds=200, options=("--stream", "ticker"), act=wait_for_the_end_of_maintenance)
    scenario("cut", "cut=5", seconds=26)
    scenario("shutdown", "shutdown=4", seconds=20)
    scenario("rst", "rst=60", seconds=28)
    scenario("split", "split=1", seconds=12)
    scenario("fragment", "fragment=3", seconds=12)
    scenario("duplicate", "duplicate=3", seconds=12)
    scenario("quiet", "quiet", seconds=30)
    scenario("slow", "slow=1300", "only-first", seconds=36)
    scenario("id-hole", "id-hole=20", seconds=26)
    scenario("reorder", "reorder=5", seconds=26)
    scenario("kline-hole", "kline-hole=7", seconds=14, options=("--window", 2000))
    scenario("break", "break", seconds=10)
    scenario("utf8", "utf8-symbol", seconds=10, options=("--pair", "币安人生USDT/BTCUSDT"))
    scenario("microseconds", "microseconds", seconds=8)
    scenario("429", "http-rest=429", f"retry-after={RETRY_AFTER_S}", "only-first", seconds=24, act=watch_weight)
    scenario("stop", seconds=30, act=stop_and_go)
    scenario("clock", "clock=-3600000", seconds=12)


if __name__ == "__main__":
    begin()
    program.main(sys.modules[__name__], at_once=4)
