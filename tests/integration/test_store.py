#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bars into the store, out of it again, and analyzed from it: equal to what the files give. A store that is not there, is no database,
cannot be written, or is shared by two processes."""
import json
import math
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import program
from seeded_watch import Watch

T0 = 1_700_006_400_000  # a whole hour
MINUTE = 60_000


def write_klines(folder, count, start=0):
    """Two files named as the archive names them; 12 columns; volumes with eight digits."""
    generator, files = random.Random(7), []
    rows = {"BTCUSDT": [], "ETHUSDT": []}
    b, spread = 3000.0, 0.0
    for i in range(start + count):
        b += generator.gauss(0, 1.5)
        spread = 0.9 * spread + generator.gauss(0, 4)
        for symbol, close in (("BTCUSDT", 500 + 20 * b + spread), ("ETHUSDT", b)):
            close = round(close, 2)
            opened, high, low = round(close - 0.5, 2), round(close + 1, 2), round(close - 1, 2)
            time = T0 + i * MINUTE
            rows[symbol].append([time, opened, high, low, close, f"{generator.randrange(1, 10**12) / 1e8:.8f}", time + MINUTE - 1, "0", i % 90 + 1, "0", "0", "0"])
    for symbol, lines in rows.items():
        files.append(os.path.join(folder, f"{symbol}-1m-{start}.csv"))
        with open(files[-1], "w", encoding="ascii") as file:
            file.writelines(",".join(map(str, line)) + "\n" for line in lines[start:])
    return files


def test_in_out_and_analyzed():
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data-dir", os.path.join(folder, "new", "data")]
        files = write_klines(folder, 600)
        status, out, err = program.run("import", *files, *data, "--format", "json")
        assert status == 0, err
        told = [json.loads(line) for line in out.splitlines()]
        assert [(t["symbol"], t["interval"], t["bars"], t["first"], t["last"]) for t in told] == [
            (symbol, "1m", 600, T0, T0 + 599 * MINUTE) for symbol in ("BTCUSDT", "ETHUSDT")], told
        # Python's own SQLite reads what the file said.
        with sqlite3.connect(os.path.join(folder, "new", "data", "spreadglass.db")) as database:
            kept = database.execute("SELECT time_us, open, high, low, close, volume, trades FROM bars JOIN instruments ON id = instrument"
                                    " WHERE symbol = 'BTCUSDT' AND market = 'spot' AND interval_us = 60000000 ORDER BY time_us").fetchall()
        database.close()
        with open(files[0], encoding="ascii") as file:
            given = [line.split(",") for line in file.read().splitlines()]
        assert len(kept) == 600
        for bar, row in zip(kept, given):
            assert bar[0] == int(row[0]) * 1000 and list(bar[1:5]) == [float(x) for x in row[1:5]] and bar[6] == int(row[8]), (bar, row)
            assert float(bar[5]) == float(row[5]), (bar[5], row[5])
        # The numbers are those of the files, to the last digit.
        for options in ([], ["--window", "30", "--interval", "1m"], ["--start", str(T0 + 100 * MINUTE), "--end", str(T0 + 400 * MINUTE)]):
            for form in ("json", "csv"):
                from_files = program.run("analyze", *files, "--pair", "BTCUSDT/ETHUSDT", "--format", form, *options)
                from_store = program.run("analyze", "--from-store", *data, "--format", form, *options)
                assert from_files[0] == from_store[0] == 0, (from_files[2], from_store[2])
                assert from_files[1] == from_store[1], form
        assert json.loads(program.run("analyze", "--from-store", *data, "--format", "json")[1])["bars"] == 600
        # Out, and the same again.
        csv = os.path.join(folder, "out.csv")
        status, _, err = program.run("export", "--symbol", "ethusdt", "--output", csv, *data)
        assert status == 0, err
        with open(csv, encoding="ascii") as file:
            lines = file.read().splitlines()
        assert lines[0] == "time,open,high,low,close,volume,trades,filled,quality" and len(lines) == 601
        again = ["--data-dir", os.path.join(folder, "again")]
        assert program.run("import", csv, "--symbol", "ETHUSDT", *again)[0] == 0
        second = os.path.join(folder, "second.csv")
        assert program.run("export", "--symbol", "ETHUSDT", "--output", second, *again)[0] == 0
        with open(second, encoding="ascii") as file:
            assert file.read().splitlines() == lines
        status, out, err = program.run("export", *data, "--format", "csv")
        assert status == 0 and out.splitlines() == ["symbol,market,interval,bars,first,last", f"BTCUSDT,spot,1m,600,{T0},{T0 + 599 * MINUTE}",
                                                    f"ETHUSDT,spot,1m,600,{T0},{T0 + 599 * MINUTE}"], (out, err)
        # Twice imported is once kept; more is added.
        more = write_klines(folder, 300, start=500)
        assert program.run("import", *files, *more, *data)[0] == 0
        report = json.loads(program.run("analyze", "--from-store", *data, "--format", "json")[1])
        assert report["bars"] == 800 and math.isfinite(report["zscore"]), report
        picture = os.path.join(folder, "store.svg")
        assert program.run("render", "--from-store", "--output", picture, *data)[0] == 0 and os.path.getsize(picture) > 1000
        # A longer interval from the file's minutes.
        assert program.run("import", *files, "--interval", "5m", *data)[0] == 0
        assert json.loads(program.run("analyze", "--from-store", "--interval", "5m", *data, "--format", "json")[1])["bars"] == 120


def test_marks_go_out_and_come_in_again():
    """A bar that is known to lack trades is so in the file too, and in the database that the file is imported into; what is analyzed of it says so."""
    with tempfile.TemporaryDirectory() as folder:
        data, path = ["--data-dir", os.path.join(folder, "data")], os.path.join(folder, "data", "spreadglass.db")
        assert program.run("import", *write_klines(folder, 200), *data)[0] == 0
        status, out, err = program.run("analyze", "--from-store", *data, "--format", "json")
        assert status == 0 and json.loads(out)["incomplete"] == json.loads(out)["unsettled"] == {"a": 0, "b": 0}, (out, err)
        marks = {10: (64, "incomplete"), 20: (128, "unsettled"), 21: (64 | 128, "incomplete"), 30: (8, "repaired"), 40: (2, "estimated")}
        database = sqlite3.connect(path)
        with database:
            for at, (flags, _) in marks.items():
                database.execute("UPDATE bars SET flags = ? WHERE time_us = ? AND instrument = (SELECT id FROM instruments WHERE symbol = 'ETHUSDT')", (flags, (T0 + at * MINUTE) * 1000))
        database.close()
        csv = os.path.join(folder, "ETHUSDT-marks.csv")
        assert program.run("export", "--symbol", "ETHUSDT", "--output", csv, *data)[0] == 0
        with open(csv, encoding="ascii") as file:
            lines = file.read().splitlines()
        assert lines[0].endswith(",quality"), lines[0]
        assert [line.rsplit(",", 1)[1] for line in lines[1:]] == [marks.get(at, (0, "exact"))[1] for at in range(200)]
        again, second = ["--data-dir", os.path.join(folder, "again")], os.path.join(folder, "second.csv")
        assert program.run("import", csv, "--symbol", "ETHUSDT", *again)[0] == 0
        assert program.run("export", "--symbol", "ETHUSDT", "--output", second, *again)[0] == 0
        with open(second, encoding="ascii") as file:
            assert file.read().splitlines() == lines
        # What the file itself does not vouch for takes the place of nothing that is final, and contradicts nothing.
        worse = os.path.join(folder, "worse.csv")
        with open(worse, "w", encoding="ascii") as file:
            row = lines[6].split(",")
            file.write(lines[0] + "\n" + ",".join([row[0], row[1], str(float(row[2]) + 1), *row[3:8], "incomplete"]) + "\n" + lines[7] + "\n")
        status, _, err = program.run("import", worse, "--symbol", "ETHUSDT", *again)
        assert status == 0, err
        assert program.run("export", "--symbol", "ETHUSDT", "--output", second, "--force", *again)[0] == 0
        with open(second, encoding="ascii") as file:
            assert file.read().splitlines() == lines
        for call in (["--from-store", *data], [os.path.join(folder, "BTCUSDT-1m-0.csv"), csv, "--pair", "BTCUSDT/ETHUSDT"]):
            status, out, err = program.run("analyze", *call, "--format", "json")
            assert status == 0 and json.loads(out)["incomplete"] == {"a": 0, "b": 2} and json.loads(out)["unsettled"] == {"a": 0, "b": 1}, (out, err)
            assert "2 of the bars of ETHUSDT" in err and "lack trades" in err and "not settled" in err, err
            assert "lack trades" in program.run("analyze", *call)[1]
        status, out, err = program.run("analyze", "--from-store", *data, "--format", "json", "--start", str(T0 + 50 * MINUTE))
        assert json.loads(out)["incomplete"] == {"a": 0, "b": 0} and err == "", (out, err)


def test_every_interval_is_kept():
    """Bars of every length go in as they are, come out the same, and give the numbers of the files they came from."""
    lengths = {"30m": 1800, "1h": 3600, "2h": 7200, "4h": 14400, "1d": 86400}
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data-dir", os.path.join(folder, "data")]
        for name, seconds in lengths.items():
            files = []
            for symbol, slope in (("AAAUSDT", 3), ("BBBUSDT", 7)):
                files.append(os.path.join(folder, f"{symbol}-{name}.csv"))
                with open(files[-1], "w", encoding="ascii") as file:
                    file.write("time,close\n" + "".join(f"{T0 // 86400000 * 86400000 + i * seconds * 1000},{100 + i * slope * 17 % 23}\n" for i in range(90)))
            status, _, err = program.run("import", *files, *data)
            assert status == 0, (name, err)
            from_files = program.run("analyze", *files, "--pair", "AAAUSDT/BBBUSDT", "--format", "csv")
            from_store = program.run("analyze", "--from-store", "--pair", "AAAUSDT/BBBUSDT", "--interval", name, *data, "--format", "csv")
            assert from_files[0] == from_store[0] == 0, (from_files[2], from_store[2])
            assert from_files[1] == from_store[1] and len(from_files[1].splitlines()) == 91, name
        status, out, _ = program.run("export", *data, "--format", "csv")
        assert [line.split(",")[2] for line in out.splitlines() if line.startswith("AAA")] == list(lengths), out


def test_what_cannot_be():
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data-dir", os.path.join(folder, "data")]
        files = write_klines(folder, 20)
        for call in (["export"], ["analyze", "--from-store"]):
            status, _, err = program.run(*call, *data)
            assert status == 1 and "there is no database yet" in err, err
            assert not os.path.exists(os.path.join(folder, "data")), "looking made a folder"
        unnamed = os.path.join(folder, "prices-of-mine.csv")
        os.link(files[0], unnamed)
        status, _, err = program.run("import", unnamed, *data)
        assert status == 1 and "--symbol" in err, err
        torn = os.path.join(folder, "TORNUSDT.csv")
        with open(torn, "w", encoding="ascii") as file:
            file.write("time,close\n1700000000000,1\nnonsense,2\n")
        status, _, err = program.run("import", torn, *data)
        assert status == 1 and "TORNUSDT.csv:3" in err, err
        assert not os.path.exists(os.path.join(folder, "data")), "an import that failed began a database"
        assert program.run("import", *files, *data)[0] == 0
        status, _, err = program.run("analyze", "--from-store", "--pair", "BTCUSDT/XRPUSDT", *data)
        assert status == 1 and "XRPUSDT" in err and "export" in err, err
        status, _, err = program.run("analyze", "--from-store", "--market", "usdm", *data)
        assert status == 1 and "usdm" in err, err
        threes = os.path.join(folder, "ADAUSDT-3m.csv")
        with open(threes, "w", encoding="ascii") as file:
            file.write("time,close\n" + "".join(f"{T0 // 180000 * 180000 + i * 180000},{i + 1}\n" for i in range(9)))
        status, _, err = program.run("import", threes, *data)
        assert status == 1 and "the store keeps 1s, 1m, 5m, 15m, 30m, 1h, 2h, 4h and 1d" in err, err
        bad = os.path.join(folder, "BADUSDT.csv")
        with open(files[0], encoding="ascii") as good, open(bad, "w", encoding="ascii") as file:
            file.write(good.read() + "nonsense,,\n")
        status, _, err = program.run("import", bad, *data)
        assert status == 1 and "BADUSDT.csv:21" in err, err
        assert "BADUSDT" not in program.run("export", *data)[1], "a part of a bad file was kept"
        for call in (["import"], ["export", "--symbol", "X"], ["export", "--output", "x.csv"], ["analyze", "--from-store", *files],
                     ["watch", "--no-store", "--data-dir", "x"], ["export", "--window", "9"]):
            status, out, err = program.run(*call)
            assert status == 2 and out == "" and "--help" in err, (call, err)
        for verb in ("import", "export", "analyze"):
            assert "--data-dir" in program.run(verb, "--help")[1]
        assert "ticks are not kept" in program.run("import", "--help")[1]


def test_no_database_or_no_place():
    with tempfile.TemporaryDirectory() as folder:
        files = write_klines(folder, 20)
        with open(os.path.join(folder, "spreadglass.db"), "w", encoding="ascii") as file:
            file.write("this is no database\n" * 500)
        for call in (["import", *files], ["export"], ["analyze", "--from-store"]):
            status, _, err = program.run(*call, "--data-dir", folder)
            assert status == 1 and "no database" in err and "move it away" in err, err
        with open(os.path.join(folder, "spreadglass.db"), encoding="ascii") as file:
            assert file.read(7) == "this is", "a file that is not ours was changed"
        # A folder below a file: cannot be made by anybody, root included.
        status, _, err = program.run("import", *files, "--data-dir", os.path.join(files[0], "data"))
        assert status == 1 and "cannot be made" in err and "--data-dir" in err, err
        if os.geteuid() != 0:
            locked = os.path.join(folder, "locked")
            os.mkdir(locked, 0o500)
            status, _, err = program.run("import", *files, "--data-dir", locked)
            assert status == 1 and locked in err, err


def test_two_at_once():
    with tempfile.TemporaryDirectory() as folder:
        data = ["--data-dir", os.path.join(folder, "data")]
        files = write_klines(folder, 5000)
        both = [subprocess.Popen([program.BINARY, "import", file, *data], stderr=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL) for file in files]
        for process in both:
            _, err = process.communicate(timeout=60 * program.SLOW)
            assert process.returncode == 0, err
        assert json.loads(program.run("analyze", "--from-store", *data, "--format", "json")[1])["bars"] == 5000


def kept(path, query, *values):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return database.execute(query, values).fetchall()
    finally:
        database.close()


def watch(exchange, *options, done, status=0):
    """The lines of a watch at 1m, ended as Ctrl+C ends it once done(lines) is true; what comes is news, hardly a bar."""
    running = Watch("watch", *exchange.options, "--interval", "1m", "--format", "json", *options)
    try:
        program.until(lambda: done(running.so_far()) or running.process.poll() is not None, 75, "what the watch is there for")
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
    run = running.wait(20)
    assert run.status == status, run.errors
    return run.lines


def filled_legs(news):
    return {line["leg"] for line in news if line.get("event") == "backfilled"}


def test_a_live_session_keeps_and_begins_where_it_ended():
    bars_of = "SELECT time_us FROM bars JOIN instruments ON id = instrument WHERE symbol = ? AND interval_us = 60000000 ORDER BY time_us"
    with tempfile.TemporaryDirectory() as folder, program.Exchange("--seed", "5") as exchange:
        data, path = ["--data-dir", folder], os.path.join(folder, "spreadglass.db")
        news = watch(exchange, *data, done=lambda news: filled_legs(news) == {"a", "b"})
        before = {symbol: [row[0] for row in kept(path, bars_of, symbol)] for symbol in ("BTCUSDT", "ETHUSDT")}
        assert len(before["BTCUSDT"]) >= 400 and abs(len(before["BTCUSDT"]) - len(before["ETHUSDT"])) <= 1, {k: len(v) for k, v in before.items()}
        assert not any(line.get("cause") == "not-running" for line in news)
        # Ten hours without the program, and a life before that: 700 bars further back than anybody would fetch.
        database = sqlite3.connect(path)
        last = before["BTCUSDT"][-1]
        with database:
            database.execute("UPDATE bars SET time_us = time_us - ?", (700 * 60_000_000,))
        database.close()
        old = [row[0] for row in kept(path, bars_of, "BTCUSDT")]
        assert old[-1] == last - 700 * 60_000_000

        def repaired(news):
            states = kept(path, "SELECT state FROM gaps WHERE cause = 4")
            return filled_legs(news) == {"a", "b"} and len(states) >= 2 and all(state == 1 for state, in states)
        news = watch(exchange, *data, done=repaired)
        gaps = [line for line in news if line.get("cause") == "not-running"]
        assert len(gaps) == 2 and {gap["from"] for gap in gaps} <= {old[-1] // 1000, old[-1] // 1000 + MINUTE}, news  # the last minute too, when nothing had proved it
        after = [row[0] for row in kept(path, bars_of, "BTCUSDT")]
        assert set(old) <= set(after) and after[-1] >= last
        between = [time for time in after if time > old[-1]]
        assert between == list(program.steps(old[-1] + 60_000_000, after[-1] + 1, 60_000_000)), "the hole was not repaired"
        states = kept(path, "SELECT from_us, to_us, state FROM gaps WHERE cause = 4 ORDER BY instrument, from_us")
        # In one entry or in several: a minute that ended meanwhile is repaired by a second request.
        reach = old[-1] + 60_000_000
        for begin, end in sorted((begin, end) for begin, end, state in states if state == 1):
            assert begin <= reach, states
            reach = max(reach, end)
        assert reach == max(gap["to"] for gap in gaps) * 1000, (states, gaps)  # the minute in which it was started too
        # A third run begins with all of it.
        status, out, err = program.run("analyze", "--from-store", *data, "--format", "json")
        assert status == 0 and json.loads(out)["bars"] >= len(old) + 700 - 1, (out, err)


def test_what_is_not_kept():
    with tempfile.TemporaryDirectory() as home, program.Exchange("--seed", "5") as exchange:
        environment = dict(os.environ, HOME=home, XDG_DATA_HOME=os.path.join(home, "share"))
        for options in (["--demo"], exchange.options, [*exchange.options, "--no-store"]):
            status, _, err = program.run("watch", *options, "--duration", "2", env=environment)
            assert status in (0, 1), err
            assert not os.path.exists(os.path.join(home, "share")), options
        # No database to be had: said, and the session goes on.
        with open(os.path.join(home, "spreadglass.db"), "w", encoding="ascii") as file:
            file.write("no database\n" * 100)
        news = watch(exchange, "--data-dir", home, done=lambda news: filled_legs(news) and any(line.get("event") == "error" for line in news), status=1)
        assert any(line.get("event") == "error" and "no database" in line["detail"] for line in news), news
        assert any(line.get("event") == "backfilled" for line in news), news


def test_doctor_looks_at_it():
    def database_check(*options, which="database"):
        _, out, err = program.run("doctor", *exchange.options, *options, "--format", "json")
        found = [check for check in json.loads(out)["checks"] if check["check"] == which]
        assert len(found) == 1, (out, err)
        return found[0]

    with tempfile.TemporaryDirectory() as folder, program.Exchange("--seed", "5") as exchange:
        data, path = ["--data-dir", os.path.join(folder, "data")], os.path.join(folder, "data", "spreadglass.db")
        check = database_check(*data)
        assert check["verdict"] == "ok" and check["detail"] == f"{path}: none yet" and not os.path.exists(os.path.dirname(path)), check
        assert program.run("import", *write_klines(folder, 50), *data)[0] == 0
        check = database_check(*data)
        assert check["verdict"] == "ok" and "whole, 100 bars, 0 open gaps" in check["detail"] and check["remedy"] is None, check
        assert "BTCUSDT spot: newest bar 2023-11-15T00:49:00" in check["detail"] and "ETHUSDT spot: newest" in check["detail"], check
        # Trades that were overtaken and had not come at the end are in no gap: nothing that is kept lacks them.
        database = sqlite3.connect(path)
        with database:
            database.execute("INSERT INTO trade_ids VALUES (1, 1, 100, 2, 109, 8, 0, 0, 2, 1)")
        check = database_check(*data, which="trade-ids")
        assert check["verdict"] == "ok" and "2 in gaps" in check["detail"], check
        with database:
            database.execute("INSERT INTO gaps VALUES (1, 1, 0, 2, -1, -1, 0)")
        database.close()
        check = database_check(*data, which="trade-ids")
        assert check["verdict"] == "warning" and check["remedy"], check
        check = database_check(*data)
        assert check["verdict"] == "warning" and "1 open gap" in check["detail"] and "1 open gaps" not in check["detail"], check
        assert "34 days" in check["remedy"] and "import" in check["remedy"], check  # nobody fetches minutes of 1970
        database = sqlite3.connect(path)
        with database:
            database.execute("UPDATE gaps SET from_us = ?, to_us = ?", (int(time.time() - 86400) * 1000000, int(time.time() - 80000) * 1000000))
        database.close()
        assert database_check(*data)["remedy"] == "a live session of the pair repairs what the exchange still has"
        with open(path, "r+b") as file:
            file.write(b"x" * 4096)
        check = database_check(*data)
        assert check["verdict"] == "failed" and "no database" in check["detail"] and "--data-dir" in check["remedy"], check


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=4)
