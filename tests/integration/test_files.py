# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as people hold them, made here: the right numbers, or an error that says what to do; never another instrument's prices.

The hedge ratios were computed once with pandas (read_csv, pivot or resample, numpy.linalg.lstsq) and are frozen here."""
import json
import os
import sys
import tempfile

import program

T0 = 1700006400000  # 2023-11-15T00:00:00Z
MINUTE, DAY = 60_000, 86_400_000


def noise(seed):
    """A number in [0, 1) at each call, the same ones everywhere."""
    while True:
        seed = (seed * 1103515245 + 12345) % 2**31
        yield seed / 2**31


def pair_prices(count, seed=1):
    """Two prices that belong together: A = 20 + 3 B and something."""
    draw, level = noise(seed), 40.0
    for _ in range(count):
        level += next(draw) - 0.5
        yield round(20 + 3 * level + next(draw), 3), round(level, 3)


class Folder:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def write(self, name, *lines, end="\n"):
        path = os.path.join(self.folder.name, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + end)
        return path

    def path(self, name):
        return os.path.join(self.folder.name, name)


def report(*arguments):
    status, out, err = program.run("analyze", *arguments, "--format", "json")
    assert status == 0, err
    return json.loads(out), err


def refused(*arguments, says, status=1, out=""):
    got, printed, err = program.run(*arguments)
    assert got == status and out in (None, printed), (got, printed, err)
    for text in [says] if isinstance(says, str) else says:
        assert text in err, (text, err)


def near(got, want):
    assert abs(got - want) <= 1e-9 * abs(want), (got, want)


def ticks_of_two():
    lines, draw = [], noise(9)
    for i, (a, b) in enumerate(pair_prices(400)):
        at = T0 + i * 17_000
        lines.append(f"{at + int(next(draw) * 9000)},AAA/USDT,{a},1")
        lines.append(f"{at + 9000 + int(next(draw) * 7000)},BBB/USDT,{b},{i % 3 + 1}")
    return lines


def test_ticks_of_two_symbols():
    with Folder() as folder:
        ticks = folder.write("ticks.csv", "timestamp,symbol,price,quantity", *ticks_of_two())
        for pair in ("AAAUSDT/BBBUSDT", "aaa-usdt/bbb-usdt"):
            got, _ = report(ticks, "--pair", pair)
            assert (got["bars"], got["interval"]) == (114, "1m"), got
            near(got["hedge"]["beta"], BETA_TICKS)
        refused("analyze", ticks, says=["several instruments: AAA/USDT, BBB/USDT", "--pair A/B"])
        refused("analyze", ticks, "--pair", "AAAUSDT/CCCUSDT", says=["no rows of CCCUSDT", "AAA/USDT, BBB/USDT"])
        refused("analyze", ticks, ticks, says="several instruments: AAA/USDT, BBB/USDT")
        data = ["--data-dir", folder.path("data")]
        refused("import", ticks, "--symbol", "CCCUSDT", *data, says="it has: AAA/USDT, BBB/USDT")
        assert not os.path.exists(folder.path("data"))
        for symbol in ("AAAUSDT", "BBBUSDT"):
            assert program.run("import", ticks, "--symbol", symbol, *data)[0] == 0
        stored, _ = report("--from-store", "--pair", "AAAUSDT/BBBUSDT", "--interval", "1m", *data)
        near(stored["hedge"]["beta"], BETA_TICKS)


def bars_of_three():
    lines = []
    for i, (a, b) in enumerate(pair_prices(90, 5)):
        for name, price in (("LOW", a), ("HD", b), ("BRK.B", a + b)):
            lines.append(f"{T0 + i * DAY},{price - 1},{price + 2},{price - 3},{price},{1000 + i},{name}")
    return lines


def test_bars_of_many_symbols():
    """One symbol after the other for each day; and one of them is called as a field of a bar is."""
    with Folder() as folder:
        bars = folder.write("all_stocks.csv", "date,open,high,low,close,volume,Name", *bars_of_three())
        got, _ = report(bars, "--pair", "LOW/HD")
        assert (got["bars"], got["interval"]) == (90, "1d"), got
        near(got["hedge"]["beta"], BETA_BARS)
        got, _ = report(bars, bars, "--pair", "BRK-B/HD")
        near(got["hedge"]["beta"], BETA_BARS + 1)
        refused("analyze", bars, bars, says="several instruments: LOW, HD, BRK.B")
        refused("analyze", bars, "--pair", "HIGH/HD", says=["HIGH", "LOW, HD, BRK.B"])
        sorted_lines = sorted(bars_of_three(), key=lambda line: line.split(",")[-1])
        got, _ = report(folder.write("sorted.csv", "date,open,high,low,close,volume,Name", *sorted_lines), "--pair", "LOW/HD")
        near(got["hedge"]["beta"], BETA_BARS)
        many = [f"{T0},{i}.5,S{i}" for i in range(200)]
        refused("analyze", folder.write("many.csv", "time,close,ticker", *many), says=["S0, S1", "and more"])
        refused("analyze", folder.write("hole.csv", "time,close,ticker", f"{T0},1,A", f"{T0 + DAY},1,"), folder.path("hole.csv"), says="hole.csv:3: the symbol is missing")


def test_one_symbol_in_a_column_needs_no_choice():
    with Folder() as folder:
        files = []
        for leg, name in enumerate(("EUR/USD", "GBP/USD")):
            files.append(folder.write(f"{name[:3]}.csv", "time,symbol,close", *[f"{T0 + i * MINUTE},{name},{row[leg]}" for i, row in enumerate(pair_prices(90, 5))]))
        got, _ = report(*files)
        near(got["hedge"]["beta"], BETA_BARS)
        got, _ = report(*files, "--pair", "EURUSD/GBPUSD")
        near(got["hedge"]["beta"], BETA_BARS)
        refused("analyze", *files, "--pair", "EURUSD/CHFUSD", says=["GBP.csv: it has no rows of CHFUSD", "GBP/USD"])


def test_alike_names_are_told_apart():
    with Folder() as folder:
        lines = []
        for i, (a, b) in enumerate(pair_prices(90, 5)):
            lines += [f"{T0 + i * DAY},BTC-USD,{b}", f"{T0 + i * DAY},BTCUSD,{a}", f"{T0 + i * DAY},ETH,{b}"]
        alike = folder.write("alike.csv", "time,symbol,close", *lines)
        near(report(alike, "--pair", "BTCUSD/ETH")[0]["hedge"]["beta"], BETA_BARS)
        near(report(alike, "--pair", "BTC-USD/ETH")[0]["hedge"]["beta"], 1)
        refused("analyze", alike, "--pair", "BTC.USD/ETH", says="more than one of its instruments is BTC.USD")


def test_wide_files():
    for word in ("C", "c", "p", "price", "last", "value", "V", "T", "LOW"):
        with Folder() as folder:
            rows = [f"{T0 + i * MINUTE},{b},{a}" for i, (a, b) in enumerate(pair_prices(90, 5))]
            wide = folder.write("wide.csv", f"time,AA,{word}", *rows)
            near(report(wide, "--pair", f"{word}/AA")[0]["hedge"]["beta"], BETA_BARS)
            for call in (["analyze", wide, "--pair", "AA/NOSUCH"], ["analyze", wide, wide, "--pair", "AA/NOSUCH"], ["analyze", wide, "--pair", f"NOSUCH/{word}"]):
                refused(*call, says=["NOSUCH", f"it has: time, AA, {word}"])
            refused("analyze", wide, wide, says=[f"it has: time, AA, {word}"])
    with Folder() as folder:
        rows = [f"{T0 + i * DAY},{a},{2 * a},{b},{3 * b},7" for i, (a, b) in enumerate(pair_prices(90, 5))]
        flat = folder.write("flat.csv", "Date,Adj Close_AAA,Close_AAA,Adj Close_BBB,Close_BBB,Volume_AAA", *rows)
        got, said = report(flat, "--pair", "AAA/BBB")
        near(got["hedge"]["beta"], BETA_BARS)
        assert '"Close_AAA" and "Adj Close_AAA": the adjusted' in said, said
        # A lone column with an instrument's name is that instrument's.
        files = [folder.write("a.csv", "Date,AAPL", *[f"{T0 + i * DAY},{a}" for i, (a, _) in enumerate(pair_prices(90, 5))]),
                 folder.write("b.csv", "Date,GOOG", *[f"{T0 + i * DAY},{b}" for i, (_, b) in enumerate(pair_prices(90, 5))])]
        near(report(*files)[0]["hedge"]["beta"], BETA_BARS)
        near(report(*files, "--pair", "AAPL/GOOG")[0]["hedge"]["beta"], BETA_BARS)
        refused("analyze", *files, "--pair", "AAPL/MSFT", says=["b.csv:1", "MSFT", "it has: Date, GOOG"])
        # Lowe's is called as a field of a bar is; its file has bars of one instrument.
        bars = folder.write("LOW.csv", "Date,Open,High,Low,Close", *[f"{T0 + i * DAY},{a},{a + 1},{a - 1},{a}" for i, (a, _) in enumerate(pair_prices(90, 5))])
        near(report(bars, files[1], "--pair", "LOW/GOOG")[0]["hedge"]["beta"], BETA_BARS)


def test_adjusted_prices():
    with Folder() as folder:
        rows = [(T0 + i * DAY, a, b, 7 if i < 50 else 1) for i, (a, b) in enumerate(pair_prices(90, 5))]
        split = folder.write("split.csv", "Date,Open,High,Low,Close,Adj Close,Volume", *[f"{t},{a * k},{a * k + k},{a * k - k},{a * k},{a},5" for t, a, _, k in rows])
        other = folder.write("other.csv", "Date,Close", *[f"{t},{b}" for t, _, b, _ in rows])
        got, said = report(split, other)
        near(got["hedge"]["beta"], BETA_BARS)
        assert '"Close" and "Adj Close": the adjusted' in said and "--column" in said, said
        got, said = report(split, other, "--column", "close")
        near(got["hedge"]["beta"], BETA_RAW)
        assert "adjusted" not in said, said
        refused("analyze", split, other, "--column", "Adj Close", says=["other.csv:1", '"Adj Close"', "it has: Date, Close"])
        refused("analyze", split, split, "--column", "Date", says='no column of prices called "Date"')
        near(report(split, split, "--column", "high", "--pair", "A/B")[0]["hedge"]["beta"], 1)
        # Open, high and low go with what was taken.
        data = ["--data-dir", folder.path("data")]
        status, _, err = program.run("import", split, "--symbol", "SPLIT", *data)
        assert status == 0 and "adjusted" in err, err
        assert program.run("export", "--symbol", "SPLIT", "--interval", "1d", "--output", folder.path("out.csv"), *data)[0] == 0
        with open(folder.path("out.csv"), encoding="ascii") as file:
            for line, (time, a, _, _) in zip(file.read().splitlines()[1:], rows):
                values = [float(value) for value in line.split(",")[:5]]
                assert int(values[0]) == time and values[4] == a, line
                for value, want in zip(values[1:4], (a, a + 1, a - 1)):
                    near(value, want)


def ohlc(prices, step=MINUTE, volume=5):
    return [f"{T0 + i * step},{p},{p + 1},{p - 1},{p},{volume}" for i, p in enumerate(prices)]


HEADER = "time,open,high,low,close,volume"


def stored(data):
    status, out, err = program.run("export", *data, "--format", "csv")
    assert status == 0, err
    return {tuple(line.split(",")[i] for i in (0, 2)): int(line.split(",")[3]) for line in out.splitlines()[1:]}


def test_files_of_two_instruments_stay_two():
    with Folder() as folder:
        data = ["--data-dir", folder.path("data")]
        names = ["BTC-USDT", "BTC-EUR", "BTC-USD", "BTC_USD", "BRK.A", "BRK.B", "BTCUSDT"]
        files = [folder.write(f"{name}.csv", HEADER, *ohlc([100 + i + k for k in range(5)])) for i, name in enumerate(names)]
        files.append(folder.write("ETHUSDT-1m-2023-11.csv", HEADER, *ohlc([9, 10, 11])))
        status, _, err = program.run("import", *files, *data)
        assert status == 0, err
        assert stored(data) == {**{(name, "1m"): 5 for name in names}, ("ETHUSDT", "1m"): 3}, stored(data)
        got, _ = report("--from-store", "--pair", "BTC-USDT/BTC-EUR", *data)
        assert got["bars"] == 5
        refused("import", folder.write("prices-of-mine.csv", HEADER, *ohlc([10, 20])), *data, says="--symbol")
        # What a column of the file says goes before the file's name.
        named = folder.write("Binance_XRPUSDT_minute.csv", "unix,symbol,open,high,low,close", *[f"{T0 + i * MINUTE},XRP/USDT,1,1,1,1" for i in range(3)])
        assert program.run("import", named, *data)[0] == 0
        assert stored(data)[("XRP-USDT", "1m")] == 3


def test_what_is_kept_is_not_replaced():
    with Folder() as folder:
        data = ["--data-dir", folder.path("data")]
        first = folder.write("AAA.csv", HEADER, *ohlc([100, 101, 102, 103]))
        assert program.run("import", first, *data)[0] == 0
        assert program.run("import", first, first, *data)[0] == 0, "the same again changes nothing"
        before = program.run("export", "--symbol", "AAA", "--output", folder.path("before.csv"), *data)
        assert before[0] == 0
        other = folder.write("other.csv", HEADER, *ohlc([100, 101, 102.5, 103, 104, 105]))
        refused("import", other, "--symbol", "AAA", *data, says=["other.csv: other bars of AAA (spot) are kept", "2023-11-15T00:02:00Z", "its close is 102.5 here and 102 there", "--replace"])
        assert stored(data) == {("AAA", "1m"): 4}, "a file that was refused left bars behind"
        volume = folder.write("volume.csv", HEADER, *ohlc([100, 101], volume=6))
        refused("import", volume, "--symbol", "AAA", *data, says="its volume is 6 here and 5 there, and 1 bars more")
        # A file without volumes says nothing against those that are kept.
        prices = folder.write("prices.csv", "time,open,high,low,close", *[line.rsplit(",", 1)[0] for line in ohlc([100, 101, 102, 103])])
        assert program.run("import", prices, "--symbol", "AAA", *data)[0] == 0
        assert program.run("export", "--symbol", "AAA", "--output", folder.path("after.csv"), *data)[0] == 0
        with open(folder.path("before.csv")) as one, open(folder.path("after.csv")) as two:
            assert one.read() == two.read()
        status, _, err = program.run("import", other, "--symbol", "AAA", "--replace", *data)
        assert status == 0 and "1 bars of AAA (spot) are replaced, the first at 2023-11-15T00:02:00Z, whose close was 102 and is 102.5" in err, err
        assert stored(data) == {("AAA", "1m"): 6}
        assert program.run("export", "--symbol", "AAA", "--output", folder.path("replaced.csv"), *data)[0] == 0
        with open(folder.path("replaced.csv")) as file:
            assert [line.split(",")[4] for line in file.read().splitlines()[1:]] == ["100", "101", "102.5", "103", "104", "105"]
        # Two files of one call are held against one another too.
        refused("import", folder.write("BBB-1m-2023-10.csv", HEADER, *ohlc([11, 12, 13])), folder.write("BBB-1m-2023-11.csv", HEADER, *ohlc([11, 12, 14])), "--format", "csv",
                *data, says="BBB-1m-2023-11.csv: other bars of BBB", out=None)


def same_bytes(path, content):
    with open(path, "rb") as file:
        return file.read() == content


def test_output_destroys_nothing():
    """Neither what a run reads, by whatever name or link, nor a database, even with --force; another file only with it."""
    with Folder() as folder:
        a, b = (folder.write(f"{name}.csv", HEADER, *ohlc([100 + i * (3 + k) % 17 for i in range(30)])) for k, name in enumerate("ab"))
        data = ["--data-dir", folder.path("data")]
        assert program.run("import", a, "--symbol", "AAA", *data)[0] == 0
        assert program.run("import", b, "--symbol", "BBB", *data)[0] == 0
        store = folder.path("data/spreadglass.db")
        assert os.path.exists(store), os.listdir(folder.path("data"))
        os.symlink(b, folder.path("soft.svg"))
        os.link(a, folder.path("hard.svg"))
        os.symlink(store, folder.path("store.svg"))
        os.mkdir(folder.path("inner"))
        contents = {path: open(path, "rb").read() for path in (a, b, store)}
        by_another_path = folder.path("inner/../a.csv")
        for force in ([], ["--force"]):
            for call in (["analyze", a, b, "--output", a], ["analyze", a, b, "--output", by_another_path], ["analyze", a, b, "--output", folder.path("hard.svg")],
                         ["analyze", a, b, "--output", folder.path("soft.svg")], ["render", a, b, "--output", folder.path("soft.svg")],
                         ["render", a, b, "--output", folder.path("hard.svg")]):
                refused(*call, *force, says=["it is read in this run", "name another file"])
            for call in (["analyze", a, b, "--output", store], ["analyze", "--from-store", "--pair", "AAA/BBB", "--output", store, *data], ["analyze", a, b, "--output", folder.path("store.svg")],
                         ["export", "--symbol", "AAA", "--output", store, *data], ["render", "--from-store", "--pair", "AAA/BBB", "--output", folder.path("store.svg"), *data],
                         ["record", "--demo", "--duration", "1", "--output", store], ["watch", "--demo", "--duration", "1", "--record", store],
                         ["export", "--symbol", "AAA", "--output", store + "-wal", *data], ["export", "--symbol", "AAA", "--output", folder.path("inner/../data/spreadglass.db-shm"), *data]):
                refused(*call, *force, says=["database", "name another file"])
        for path, content in contents.items():
            assert same_bytes(path, content), path
        assert not os.path.exists(store + "-wal") and not os.path.exists(store + "-shm"), os.listdir(folder.path("data"))
        # Another file.
        kept = folder.write("kept.svg", "what I want to keep")
        gone = folder.path("kept.ndjson")
        calls = (["analyze", a, b], ["render", a, b], ["export", "--symbol", "AAA", *data])
        for call in calls:
            refused(*call, "--output", kept, says=["kept.svg: the file exists already", "--force"])
            assert same_bytes(kept, b"what I want to keep\n")
        for call in calls:
            folder.write("kept.svg", "what I want to keep")
            status, _, err = program.run(*call, "--output", kept, "--force")
            assert status == 0 and not same_bytes(kept, b"what I want to keep\n"), err
        for call in (["record", "--demo", "--stream", "trade", "--duration", "2", "--output", gone], ["watch", "--demo", "--duration", "2", "--record", gone]):
            folder.write("kept.ndjson", "what I want to keep")
            refused(*call, says=["the file exists already", "--force"])
            assert same_bytes(gone, b"what I want to keep\n")
            status, _, err = program.run(*call, "--force")
            assert status == 0, err
            with open(gone, encoding="utf-8") as file:
                assert "spreadglass" in file.readline()
        # A recording that is played is read.
        with open(gone, "rb") as file:
            recording = file.read()
        os.symlink(gone, folder.path("played.svg"))
        refused("render", "--replay", gone, "--speed", "max", "--output", folder.path("played.svg"), "--force", says="it is read in this run")
        refused("analyze", gone, "--output", gone, "--force", says="it is read in this run")
        assert same_bytes(gone, recording)
        # What is no file holds nothing that could be lost.
        assert program.run("analyze", a, b, "--output", "/dev/null")[0] == 0


def daily(leg, stamp, start=0, count=90):
    return [f"{T0 + (i + start) * DAY + stamp},{row[leg]}" for i, row in enumerate(pair_prices(count, 5))]


def test_no_bar_in_common():
    hour, end_of_day = 3_600_000, DAY - 1000
    with Folder() as folder:
        a = folder.write("a.csv", "time,close", *daily(0, 0))
        cases = [("ends.csv", daily(1, end_of_day), ["B's are stamped at 23:59:59, the end of their day", "take 23:59:59 off B's times"]),
                 ("close.csv", daily(1, 21 * hour), ["B's at 21:00:00 (UTC)", "another zone", "take 21 h off B's times"]),
                 ("local.csv", daily(1, 5 * hour), ["B's at 05:00:00 (UTC)", "another zone", "take 5 h off B's times"]),
                 ("later.csv", daily(1, 0, start=200), ["they do not overlap"])]
        for name, lines, says in cases:
            b = folder.write(name, "time,close", *lines)
            refused("analyze", a, b, says=["no bar of A begins when one of B does: A's run from 2023-11-15T00:00:00Z to 2024-02-12T00:00:00Z, B's from ", *says])
            swapped = [text.replace("B's", "A's") if "stamped" in text or "off" in text else text for text in says if "(UTC)" not in text]
            refused("analyze", b, a, "--format", "json", says=swapped)
            refused("render", a, b, "--output", folder.path("x.png"), says=says)
            assert not os.path.exists(folder.path("x.png"))
        minutes = [folder.write(f"{name}.csv", "time,close", *[f"{T0 + i * hour + off},{row[leg]}" for i, row in enumerate(pair_prices(90, 5))])
                   for leg, name, off in ((0, "utc", 0), (1, "india", hour // 2))]
        refused("analyze", *minutes, says=["A's begin 00:30:00", "than B's, as in another zone"])
        seconds = folder.write("last.csv", "time,close", *[f"{T0 + i * hour + hour - 1000},{b}" for i, (_, b) in enumerate(pair_prices(90, 5))])
        refused("analyze", minutes[0], seconds, says=["B's are stamped in the last second of a bar and A's in the first"])
        refused("analyze", a, a, "--pair", "A/B", "--start", "2030-01-01", 
                says=["all 90 rows of A are before --start or not before --end: they run from 2023-11-15T00:00:00Z to 2024-02-12T00:00:00Z, and --start is 2030-01-01T00:00:00Z", "all 90 rows of B"])
        refused("analyze", a, a, "--pair", "A/B", "--end", "2020-01-01", says=["2023-11-15T00:00:00Z to 2024-02-12T00:00:00Z, and --end is 2020-01-01T00:00:00Z"])
        # Days of 24 h are asked of hours of trading.
        hours = folder.write("hours.csv", "time,close", *[f"{T0 + d * DAY + h * hour},{d + h}" for d in range(20) for h in range(14, 20)])
        refused("analyze", hours, a, "--interval", "1d", says=["no bar of A", "lacks a part"])


def test_an_odd_row():
    with Folder() as folder:
        now = f"{T0 + 89 * DAY + 13 * 3_600_000 + 47 * 60_000 + 5000},9999"
        files = [folder.write(f"{name}.csv", "time,close", *daily(leg, 0), now) for leg, name in enumerate("ab")]
        refused("analyze", *files, says=["a.csv:92: its time 2024-02-12T13:47:05Z is 13:47:05 from that of the row before it", "--skip-bad"])
        got, said = report(*files, "--skip-bad")
        assert (got["interval"], got["bars"]) == ("1d", 90), got
        near(got["hedge"]["beta"], BETA_BARS)
        assert said.count("1 malformed rows skipped") == 2 and "a.csv:92" in said, said


def test_the_interval_that_is_told_works():
    with Folder() as folder:
        files = [folder.write(f"{name}.csv", "time,close", *daily(leg, 0)) for leg, name in enumerate("ab")]
        refused("analyze", *files, "--interval", "1h", says="ask for 1d")
        got, _ = report(*files, "--interval", "1d")
        assert (got["interval"], got["bars"]) == ("1d", 90)
        near(got["hedge"]["beta"], BETA_BARS)
        hours = [folder.write(f"{name}h.csv", "time,close", *[f"{T0 + i * 3_600_000},{row[leg]}" for i, row in enumerate(pair_prices(480, 5))]) for leg, name in enumerate("ab")]
        for interval, bars in (("2h", 240), ("4h", 120), ("1d", 20)):
            got, _ = report(*hours, "--interval", interval)
            assert (got["interval"], got["bars"]) == (interval, bars), got
            near(got["hedge"]["beta"], BETA_OF[interval])


# Frozen from pandas 1.5.3 and numpy 1.24.2.
BETA_TICKS = 3.0043894151533683
BETA_BARS = 3.017280787354904
BETA_OF = {"2h": 2.9946432431664505, "4h": 3.0002184971446977, "1d": 3.012758598518902}
BETA_RAW = -88.62466010409507

if __name__ == "__main__":
    program.main(sys.modules[__name__])
