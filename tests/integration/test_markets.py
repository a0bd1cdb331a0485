# SPDX-License-Identifier: GPL-3.0-or-later
"""USD-M futures, alone and as one leg of a pair, from outside: the addresses by the exchange's account of what was asked, the
bars by its log of what was generated. The exchange serves a stream only under the address that it belongs to."""
import concurrent.futures
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import seeded_watch
from access_log import AccessLog
from seeded_watch import Watch, demand

folder = tempfile.TemporaryDirectory(prefix="sg-markets-")
pool = concurrent.futures.ThreadPoolExecutor(8)
scenarios = {}
SECONDS = 18 if os.environ.get("SG_SANITIZE") else 9


class Played:
    pass


def play(name, *options):
    log, access = (os.path.join(folder.name, f"{name}.{end}") for end in ("log", "access"))
    played = Played()
    with program.Exchange("--fault", f"log={log}", "--fault", f"access={access}") as exchange:
        watch = Watch("watch", "--format", "json", "--duration", SECONDS, *options, *exchange.options)
        played.run = watch.wait(SECONDS)
        program.time.sleep(0.2)  # so that the log has what was generated while the watch ended
    played.trades = seeded_watch.read_log(log)
    played.access = AccessLog(access)
    played.sockets = sorted(line["request"] for line in played.access.requests() if line["status"] == 101)
    played.rest = [line["request"] for line in played.access.requests() if line["status"] != 101]
    seeded_watch.check_end(played.run)
    return played


def check_trades(name):
    """The bars of both legs are those of the exchange's own log."""
    played = scenarios[name].result()
    counts = seeded_watch.check_bars(played.run, played.trades, 61000)
    demand(counts["missing"] == 0 and counts["in the ledger"] == 0 and counts["exact"] >= 6, f"{dict(counts)} {played.run.lines[:8]}")
    demand(not played.run.events("error", "retry", "disconnected", "stalled"), played.run.events("error", "retry", "disconnected", "stalled"))
    return played


def test_futures_trades():
    played = check_trades("usdm-trade")
    demand(played.sockets == ["/market/stream"], played.sockets)
    demand(played.rest and all(path.startswith("/fapi/v1/") for path in played.rest), played.rest)


def test_futures_tickers():
    played = scenarios["usdm-ticker"].result()
    demand(played.sockets == ["/market/stream"], played.sockets)
    demand(len(played.run.rows) >= 3 and not played.run.events("error"), played.run.lines[:8])


def test_futures_book_comes_from_its_own_address():
    played = scenarios["usdm-book"].result()
    demand(played.sockets == ["/public/stream"], played.sockets)
    demand(len(played.run.rows) >= 3 and not played.run.events("error"), played.run.lines[:8])


def test_one_leg_from_each_market():
    played = check_trades("mixed")
    demand(played.sockets == ["/market/stream", "/stream"], played.sockets)
    demand("/api/v3/exchangeInfo?symbol=BTCUSDT" in played.rest, played.rest)
    demand("/fapi/v1/exchangeInfo" in played.rest, played.rest)  # the futures' own takes no symbol
    demand(not any("ETHUSDT" in path for path in played.rest if path.startswith("/api/")), played.rest)


def test_one_symbol_on_two_markets():
    played = scenarios["basis"].result()
    demand(played.sockets == ["/market/stream", "/stream"], played.sockets)
    wanted = seeded_watch.bars_of(played.trades["a"])
    demand(len(played.run.rows) >= 3, played.run.lines[:8])
    for row in played.run.rows:
        for leg in ("a", "b"):
            what = seeded_watch.difference(row[leg], wanted[row["time"]])
            demand(what is None, f"{row['time']} {leg}: {what}")


def test_history_of_each_leg_comes_from_its_market():
    played = scenarios["mixed-1m"].result()
    filled = {event["leg"] for event in played.run.events("backfilled")}
    demand(filled == {"a", "b"}, played.run.lines)
    klines = [path for path in played.rest if "klines" in path]
    demand(any(path.startswith("/api/v3/klines?symbol=BTCUSDT&interval=1m") for path in klines), klines)
    demand(any(path.startswith("/fapi/v1/klines?symbol=ETHUSDT&interval=1m") for path in klines), klines)
    demand(len(klines) == len([path for path in klines if path.startswith(("/api/v3/klines?symbol=BTCUSDT", "/fapi/v1/klines?symbol=ETHUSDT"))]), klines)


def test_one_symbol_on_two_markets_is_recorded():
    """The pair of a basis trade: its messages do not say of which market they are, the recording does. A replay is what the live run printed."""
    pair = ("--pair", "BTCUSDT/usdm:BTCUSDT", "--stream", "trade")
    with tempfile.TemporaryDirectory() as where, program.Exchange() as exchange:
        file, verbatim = (os.path.join(where, name) for name in ("watched.ndjson", "recorded.ndjson.gz"))
        status, live, errors = program.run("watch", *pair, "--format", "json", "--duration", 6, "--record", file, *exchange.options)
        demand(status == 0 and sum(line["type"] == "bar" for line in program.json_lines(live)) >= 3, (status, live, errors))
        status, again, errors = program.run("replay", file, "--format", "json")
        demand(status == 0 and again == live, (status, again, live, errors))
        status, _, errors = program.run("record", *pair, "--duration", 5, "--output", verbatim, *exchange.options)
        demand(status == 0, errors)
        bars = {}
        for name, *options in (("as recorded",), ("other way round", "--pair", "usdm:BTCUSDT/BTCUSDT")):
            status, out, errors = program.run("watch", "--replay", verbatim, "--speed", "max", "--format", "json", *options)
            bars[name] = [line for line in program.json_lines(out) if line["type"] == "bar"]
            demand(status == 0 and len(bars[name]) >= 1 and any(bar[leg]["trades"] for bar in bars[name] for leg in "ab"), (name, status, out, errors))
        for one, other in zip(bars["as recorded"], bars["other way round"]):
            demand(one["a"] == other["b"] and one["b"] == other["a"], (one, other))
        status, _, errors = program.run("watch", "--replay", verbatim, "--pair", "BTCUSDT/ETHUSDT")
        demand(status == 2 and "BTCUSDT/usdm:BTCUSDT and holds no ETHUSDT" in errors, (status, errors))
        status, _, errors = program.run("exchange", "--recording", verbatim)
        demand(status == 1 and "one symbol of two markets" in errors, (status, errors))


def test_recording_of_two_markets_replays():
    """The header names both markets; what is replayed is what was recorded."""
    with tempfile.TemporaryDirectory() as where, program.Exchange() as exchange:
        file = os.path.join(where, "x.ndjson")
        status, _, errors = program.run("record", "--pair", "BTCUSDT/usdm:ETHUSDT", "--stream", "trade", "--duration", 4, "--output", file, *exchange.options)
        demand(status == 0, errors)
        with open(file) as lines:
            demand('"pair":"BTCUSDT/usdm:ETHUSDT"' in lines.readline(), "the header does not name the market")
        status, out, errors = program.run("replay", file, "--format", "json")
        demand(status == 0 and sum(line["type"] == "bar" for line in program.json_lines(out)) >= 1, (status, out[:500], errors))


def begin():
    for name, *options in (
        ("usdm-trade", "--market", "usdm", "--stream", "trade"),
        ("usdm-ticker", "--market", "usdm", "--stream", "ticker"),
        ("usdm-book", "--market", "usdm", "--stream", "book"),
        ("mixed", "--pair", "BTCUSDT/usdm:ETHUSDT", "--stream", "trade"),
        ("mixed-1m", "--pair", "BTCUSDT/usdm:ETHUSDT", "--stream", "trade", "--interval", "1m"),
        ("basis", "--pair", "BTCUSDT/usdm:BTCUSDT", "--stream", "trade"),
    ):
        scenarios[name] = pool.submit(play, name, *options)


if __name__ == "__main__":
    begin()
    program.main(sys.modules[__name__])
