# SPDX-License-Identifier: GPL-3.0-or-later
"""Two programs and one store: one keeps, by a lease that ends with its life however that ends; the other reads, says so, and takes over. What is better is never
replaced by what is worse, whoever writes it."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
from fast_clock import FastClock
from seeded_watch import Watch, demand

MINUTE = 60_000
T0 = 1_700_006_400_000


def rows(path, query, *values):
    """Nothing while the program is still making the file."""
    with contextlib.closing(sqlite3.connect(path, timeout=20)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'bars'").fetchall():
            return []
        return connection.execute(query, values).fetchall()


class Place:
    def __init__(self, folder, environment=None):
        self.environment = environment or {}
        self.options, self.path = ["--data-dir", folder], os.path.join(folder, "spreadglass.db")

    def watch(self, exchange, *more):
        return Watch("watch", "--stream", "trade", "--interval", "1m", "--format", "json", *more, *self.options, *exchange.options, **self.environment)

    def bars(self, symbol="BTCUSDT"):
        return dict(rows(self.path, "SELECT time_us, flags FROM bars JOIN instruments ON id = instrument WHERE symbol = ? AND interval_us = 60000000", symbol))

    def doctor(self, exchange):
        _, out, errors = program.run("doctor", *exchange.options, *self.options, "--format", "json")
        found = [check["detail"] for check in json.loads(out)["checks"] if check["check"] == "database"]
        demand(found, errors)
        return found[0]


def details(running, *words):
    return [line["detail"] for line in running.so_far() if line.get("event") == "error" and all(word in line["detail"] for word in words)]


def stop(running, status=0):
    running.process.send_signal(signal.SIGINT)
    run = running.wait(20)
    demand(run.status == status, f"it ended with {run.status}: {run.errors}")
    return run


def test_one_keeps_and_the_other_takes_over_when_it_is_killed():
    with tempfile.TemporaryDirectory(prefix="sg-two-") as folder, program.Exchange("--seed", 3) as exchange:
        place = Place(folder)
        first = place.watch(exchange)
        program.until(lambda: os.path.exists(place.path) and len(place.bars()) > 100, 40, "the first one keeps its history")
        second = place.watch(exchange)
        said = program.until(lambda: details(second, "kept by another program"), 20, "the second one says that it only reads")
        demand("BTCUSDT and ETHUSDT" in said[0] and f"process {first.process.pid}" in said[0] and "takes over" in said[0], said)
        demand(not details(first, "kept by"), "the first one has nothing to tell")
        detail = place.doctor(exchange)
        demand(f"kept by another program (process {first.process.pid})" in detail, detail)
        # A second pair that shares one leg: the other leg is its own.
        third = place.watch(exchange, "--pair", "SOLUSDT/ETHUSDT")
        said = program.until(lambda: details(third, "kept by another program"), 20, "the third one says what it only reads")
        demand("ETHUSDT" in said[0] and "SOLUSDT" not in said[0], said)
        program.until(lambda: len(place.bars("SOLUSDT")) > 100, 40, "and keeps what is its own")
        demand("SOLUSDT spot" in place.doctor(exchange), "doctor lists it")
        first.process.send_signal(signal.SIGKILL)
        first.process.wait(20 * program.SLOW)
        said = program.until(lambda: details(second, "kept by this program from now on") or details(third, "kept by this program from now on"), 20, "somebody takes over")
        demand("has ended" in said[0], said)
        program.until(lambda: f"process {first.process.pid}" not in place.doctor(exchange), 20, "doctor knows that the first one is gone")
        heirs = [running for running in (second, third) if details(running, "kept by this program from now on")]
        demand(any(f"process {heir.process.pid}" in place.doctor(exchange) for heir in heirs), "doctor names who keeps now")
        stop(second)
        stop(third)
        demand("kept by" not in place.doctor(exchange), "nobody keeps any more")
        demand(rows(place.path, "SELECT count(*) FROM (SELECT 1 FROM bars GROUP BY instrument, interval_us, time_us HAVING count(*) > 1)") == [(0,)], "a bar is there twice")


def test_the_reader_stores_what_it_saw_when_it_takes_over():
    """Both saw the same minute; only the first one kept. When it is gone the other one stores what it has in memory. A minute takes eight seconds here."""
    with tempfile.TemporaryDirectory(prefix="sg-two-") as folder:
        clock = FastClock(folder, 8)
        with program.Exchange("--seed", 3, environment=clock.environment) as exchange:
            take_over(Place(folder, clock.environment), clock, exchange)


def take_over(place, clock, exchange):
    first = place.watch(exchange)
    program.until(lambda: os.path.exists(place.path) and len(place.bars()) > 100, 40, "the first one keeps its history")
    second = place.watch(exchange)
    program.until(lambda: details(second, "kept by another program"), 20, "the second one says that it only reads")
    first.process.send_signal(signal.SIGKILL)
    first.process.wait(20 * program.SLOW)
    killed = int(clock.now_ms())
    program.until(lambda: details(second, "kept by this program from now on"), 20, "it takes over")
    # The minute in which it was killed is the second one's.
    minute = killed // MINUTE * MINUTE * 1000
    program.until(lambda: minute in place.bars() and minute in place.bars("ETHUSDT"), 75, "the minute of the kill is kept")
    stop(second)


def klines(file, closes):
    with open(file, "w", encoding="ascii") as out:
        out.write("time,open,high,low,close,volume,trades\n")
        out.writelines(f"{T0 + i * MINUTE},{close},{close + 1},{close - 1},{close},{1 + i},{i + 5}\n" for i, close in enumerate(closes))


def test_better_is_never_replaced_by_worse():
    """The order of worth holds in the database itself, for every writer: known to be incomplete < not settled < estimated < repaired < exact."""
    kinds = [64, 128, 2, 8, 0]
    with tempfile.TemporaryDirectory(prefix="sg-two-") as folder:
        place = Place(folder)
        file = os.path.join(folder, "BTCUSDT-1m.csv")
        klines(file, [100.0] * 5)
        demand(program.run("import", file, *place.options)[0] == 0, "import")
        times = sorted(place.bars())
        with contextlib.closing(sqlite3.connect(place.path)) as connection, connection:
            for time_us, flags in zip(times, kinds):
                connection.execute("UPDATE bars SET flags = ?, close = 99.5 WHERE time_us = ?", (flags, time_us))
        status, _, errors = program.run("import", file, *place.options)
        demand(status == 1 and "other bars of BTCUSDT" in errors, errors)  # those that are final say otherwise
        with contextlib.closing(sqlite3.connect(place.path)) as connection, connection:
            connection.execute("UPDATE bars SET close = 100 WHERE flags IN (0, 2, 8)")
        demand(program.run("import", file, *place.options)[0] == 0, "what is doubtful gives way to the file's")
        demand(set(place.bars().values()) == {0}, place.bars())


def test_two_importers_and_a_session():
    """Importing needs no lease, and what a session keeps meanwhile stays whole."""
    with tempfile.TemporaryDirectory(prefix="sg-two-") as folder, program.Exchange("--seed", 3) as exchange:
        place = Place(folder)
        running = place.watch(exchange)
        program.until(lambda: os.path.exists(place.path) and len(place.bars()) > 100, 40, "it keeps its history")
        before = place.bars()
        file = os.path.join(folder, "BTCUSDT-1m.csv")
        klines(file, [100.0 + i for i in range(500)])
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for status, _, errors in pool.map(lambda _: program.run("import", file, *place.options), range(2)):
                demand(status == 0, f"an import beside a session: {errors}")
        demand(len(place.bars()) >= len(before) + 500, "both are there")
        stop(running)
        demand("whole" in place.doctor(exchange), place.doctor(exchange))


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=4)
