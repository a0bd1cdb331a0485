# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input ends in a clear message, and in a program that goes on or exits with the status of src/cli/CLI.md (1: the world, 2: the call)."""
import os
import subprocess
import sys
import tempfile

import program


def fails(status, *arguments, says, timeout=30, output=""):
    got, out, errors = program.run(*arguments, timeout=timeout)
    assert got == status, f"{arguments}: ended with {got}, not {status}\n{out}\n{errors}"
    text = errors + out
    for word in [says] if isinstance(says, str) else says:
        assert word.lower() in text.lower(), f"{arguments}: says nothing of '{word}':\n{text}"
    assert output in out
    assert len(errors.strip().splitlines()) >= 1, "no word on standard error"
    return out


def fails_live(seconds, *arguments, says):
    """As fails(), of a watch that is given this long; on a machine too busy for that, five times as long."""
    try:
        fails(1, "watch", "--duration", seconds, *arguments, says=says)
    except AssertionError:
        fails(1, "watch", "--duration", 5 * seconds, *arguments, says=says, timeout=60)


def test_calls_that_are_wrong():
    for arguments, says in [
        (["watch", "--pair", "BTCUSDT/BTCUSDT"], "two different"),
        (["watch", "--pair", "BTCUSDT"], "--pair"),
        (["watch", "--pair", "BTC USDT/ETHUSDT"], "--pair"),
        (["watch", "--interval", "2m"], "1s, 1m, 5m, 15m, 30m, 1h, 2h, 4h or 1d"),
        (["watch", "--window", "1"], "5 to 100000"),
        (["watch", "--window", "1e3"], "5 to 100000"),
        (["watch", "--window", "99999999999999999999"], "5 to 100000"),
        (["watch", "--entry", "-2"], "0.1 to 20"),
        (["watch", "--entry", "nan"], "0.1 to 20"),
        (["watch", "--entry", "1", "--exit", "1.5"], "--exit is above --entry"),
        (["watch", "--hedge", "fixed:abc"], "fixed:B"),
        (["watch", "--hedge", "magic"], "kalman"),
        (["watch", "--lookback", "3"], "from 10"),
        (["watch", "--stream", "quotes"], "ticker, trade or book"),
        (["watch", "--bars", "0"], "at least 1"),
        (["watch", "--demo", "--endpoint", "wss://localhost:1"], "--demo"),
        (["watch", "--nonsense"], "unknown option"),
        (["watch", "--window"], "needs a value"),
        (["watch", "--size", "10x10"], "does not belong"),
        (["watch", "--endpoint", "ws://example.com"], "only this machine"),
        (["watch", "--endpoint", "ftp://localhost"], "wss://"),
        (["nonsense"], "not a verb"),
        (["render", "--demo"], "--output"),
        (["render", "--demo", "--output", "picture.bmp"], ".png"),
        (["analyze"], "two files"),
        (["exchange", "--port", "70000"], "65535"),
        (["exchange", "--fault", "no-such-fault"], "no-such-fault"),
    ]:
        fails(2, *arguments, says=says)


def test_help_and_version_work_without_a_display():
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    for verb in [[], ["watch"], ["analyze"], ["render"], ["exchange"], ["doctor"]]:
        for option in ("--help", "--version"):
            status, out, errors = program.run(*verb, option, env=environment)
            assert status == 0 and out and not errors, (verb, option, status, errors)


def test_files_that_are_not_what_they_claim():
    with tempfile.TemporaryDirectory() as folder:
        def write(name, content):
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(content)
            return path
        good = write("good.csv", b"time,close\n" + b"".join(b"%d,%d.5\n" % (1700000000000 + i * 60000, 100 + i % 7) for i in range(200)))
        for name, content, says in [
            ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "picture.csv"),
            ("empty.csv", b"", "empty"),
            ("comma.csv", b"time,close\n1700000000000,100.5\n1700000060000,1,5\n", "comma.csv:3: 3 columns instead of 2"),
            ("days.csv", b"Date,Adj Close_GLD,Adj Close_GDX\n2006-05-23,66.38,37.85\n", "Adj Close_GDX (--pair A/B names two of them; of \"Close_X\" X is enough)"),
            ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03abc", "cut.csv.gz"),
            ("broken.zip", b"PK\x03\x04" + b"\0" * 100, "broken.zip"),
            ("header.csv", b"alpha,beta\n1,2\n", "header.csv"),
            ("letters.csv", b"time,close\n1700000000000,abc\n", "letters.csv:2"),
            ("negative.csv", b"time,close\n1700000000000,-5\n", "negative.csv:2"),
            ("nan.csv", b"time,close\n1700000000000,nan\n", "no rows"),
            ("open.json", b'[[1700000000000,"1","2","0.5","1.5","10"', "open.json"),
        ]:
            fails(1, "analyze", write(name, content), good, says=says)
        fails(1, "analyze", os.path.join(folder, "missing.csv"), good, says="missing.csv")
        fails(1, "replay", good, says="spreadglass replay: " + good)
        data = ["--data-dir", os.path.join(folder, "data")]
        fails(1, "import", good, *data, says="--symbol")
        fails(1, "export", *data, says="there is no database yet")
        os.mkdir(data[1])
        with open(os.path.join(data[1], "spreadglass.db"), "wb"):
            pass
        fails(0, "export", *data, says="nothing is kept yet")
        fails(1, "analyze", good, says=["good.csv", "the second file, B's, is missing"])
        twice = write("twice.csv", b"time,close\n1700000000000,1\n1700000060000,2\n1700000060000,3\n1700000120000,4\n")
        fails(1, "analyze", good, twice, says=["twice.csv:4", "its close is 3, and 2 in the row before it"])
        glued = write("glued.csv", b"time,close\n" + b"".join(b"%d,%d.25\n" % ((1700000000000 + i * 60000) * (1000 if i > 99 else 1), 100 + i % 5) for i in range(200)))
        status, out, errors = program.run("analyze", good, glued, "--format", "json")
        assert status == 0 and program.json_lines(out)[0]["bars"] == 200, (out, errors)
        assert "glued.csv: its times change from milliseconds to microseconds at line 102" in errors, errors
        bad_line = write("one-bad.csv", b"time,close\n" + b"".join(b"%d,%s\n" % (1700000000000 + i * 60000, b"x" if i == 50 else b"%d.25" % (100 + i % 5)) for i in range(200)))
        fails(1, "analyze", bad_line, good, says="one-bad.csv:52")
        status, out, _ = program.run("analyze", bad_line, good, "--skip-bad", "--format", "json")
        report = program.json_lines(out)[0]
        assert status == 0 and report["bars"] == 199 and report["unmatched"] == {"a": 0, "b": 1}, out


def test_whose_columns_and_files_are_they():
    with tempfile.TemporaryDirectory() as folder:
        def write(name, content):
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as file:
                file.write(content)
            return path
        wide = write("wide.csv", "Date,EWA,EWC,IGE\n" + "".join("2006-%02d-%02d,%d.5,%d.25,%d\n" % (1 + i // 28, 1 + i % 28, 20 + i % 7, 30 + i % 5, 40 + i % 3) for i in range(200)))
        fails(1, "analyze", wide, says=["wide.csv:1", "it has: Date, EWA, EWC, IGE", "--pair A/B names two of them"])
        fails(1, "analyze", wide, "--pair", "EWA/EWX", says=["EWX", "it has: Date, EWA, EWC, IGE"])
        trade = '{"stream":"%s@aggTrade","data":{"e":"aggTrade","E":%d,"s":"%s","a":%d,"p":"%d.5","q":"1","f":%d,"l":%d,"T":%d,"m":true,"M":true}}\n'
        def messages(*symbols):
            return "".join(trade % (s.lower(), 1700000000000 + i * 500, s, i, 100 + i % 7, i, i, 1700000000000 + i * 500) for i in range(200) for s in symbols)
        status, out, errors = program.run("analyze", write("two.ndjson", messages("ADAUSDT", "XRPUSDT")), "--interval", "1s", "--format", "json")
        assert status == 0 and program.json_lines(out)[0]["pair"] == "ADAUSDT/XRPUSDT", (out, errors)
        fails(1, "analyze", write("three.ndjson", messages("ADAUSDT", "XRPUSDT", "DOTUSDT")), says=["no trades of BTCUSDT", "3 symbols, ADAUSDT and DOTUSDT among them", "--pair A/B"])
        days = [write("day%d.csv" % day, "time,close\n" + "".join("%d,%d.5\n" % (1700000000000 + day * 86400000 + i * 60000, 100 + i % 7) for i in range(100))) for day in (1, 3)]
        status, out, errors = program.run("analyze", *days)
        assert "rows of" not in errors and "A's run from 2023-11-15T22:13:20Z to 2023-11-15T23:52:20Z, B's from 2023-11-17T22:13:20Z to" in errors, errors
        status, out, errors = program.run("analyze", days[0], days[0], "--end", "2023-11-15")
        assert "all 100 rows of B are before --start or not before --end" in errors, errors
        holes = write("holes.csv", "Date,EWA,EWC\n" + "".join("2006-%02d-%02d,%s,%d.25\n" % (1 + i // 28, 1 + i % 28, "NaN" if i % 50 == 3 else 20 + i % 7, 30 + i % 5) for i in range(200)))
        status, out, errors = program.run("analyze", holes, "--pair", "EWA/EWC", "--format", "json")
        assert status == 0 and "holes.csv: 4 rows without a price of A left out" in errors and program.json_lines(out)[0]["unmatched"] == {"a": 0, "b": 4}, (out, errors)
        rows = "".join("%d,%d.5\n" % (1700000000000 + i * 3600000, 100 + i % 7) for i in range(100))
        for first, second, pair in [("BTCUSDT-1h-2023-06.csv", "ETHUSDT-1h-2023-06.csv", "BTCUSDT/ETHUSDT"), ("BTC_USDT-1mo.csv", "X-aggTrades-2023-06-01.csv", "BTC_USDT/X"),
                                    ("spot/BTCUSDT-1h-2023-06.csv", "um/BTCUSDT-1h-2023-07.csv", "BTCUSDT-1h-2023-06/BTCUSDT-1h-2023-07"), ("KO-daily.csv", "PEP.csv", "KO-daily/PEP")]:
            status, out, errors = program.run("analyze", write(first, "time,close\n" + rows), write(second, "time,close\n" + rows), "--format", "json")
            assert status == 0 and program.json_lines(out)[0]["pair"] == pair, (out, errors)


def test_output_that_cannot_be_written():
    """A result that went nowhere is a failure; a reader that left is none; and what is no file is not replaced by one."""
    if not os.path.exists("/dev/full"):
        print("SKIP: there is no /dev/full")
        return
    with tempfile.TemporaryDirectory() as folder:
        good = os.path.join(folder, "good.csv")
        with open(good, "w") as file:
            file.write("time,close\n" + "".join("%d,%d.5\n" % (1700000000000 + i * 60000, 100 + i % 7) for i in range(200)))
        before = os.stat("/dev/full").st_rdev
        fails(1, "analyze", good, good, "--output", "/dev/full", says=["/dev/full", "No space left"])
        assert os.stat("/dev/full").st_rdev == before and before != 0
        assert program.run("analyze", good, good, "--format", "json", "--output", "/dev/stdout")[1].startswith("{")
        fails(1, "render", "--demo", "--after", "50", "--output", os.path.join(folder, "missing", "x.png"), says="missing/x.png", timeout=20)
        for call in (["--help"], ["analyze", good, good], ["exchange", "--fault", "list"], ["watch", "--demo", "--bars", "2"]):
            with open("/dev/full", "w") as full:
                ended = subprocess.run([program.BINARY, *call], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
            assert ended.returncode == 1 and "standard output cannot be written" in ended.stderr, (call, ended)
        read, write = os.pipe()
        os.close(read)
        ended = subprocess.run([program.BINARY, "analyze", good, good], stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
        os.close(write)
        assert ended.returncode == 0 and ended.stderr == "", ended


def test_unknown_symbol_is_named():
    with program.Exchange() as exchange:
        fails(1, "watch", "--pair", "NOPEUSDT/ETHUSDT", *exchange.options, says="NOPEUSDT")
        status, out, _ = program.run("doctor", "--pair", "NOPEUSDT/ETHUSDT", *exchange.options)
        assert status == 1 and "NOPEUSDT is unknown" in out, out


def test_certificates_are_refused_by_name():
    for fault, says in [("cert-expired", "expired"), ("cert-wrong-host", "host"), ("cert-unknown-ca", ["certificate"])]:
        with program.Exchange("--fault", fault) as exchange:
            fails_live(3, *exchange.options, says=says)


def test_endpoints_that_do_not_answer():
    fails_live(2, "--endpoint", "wss://localhost:1", "--rest", "https://localhost:1", says="refused")
    fails_live(3, "--endpoint", "wss://no-such-host.invalid", "--rest", "https://no-such-host.invalid", says="name")
    with program.Exchange("--fault", "http=451") as exchange:
        fails_live(3, *exchange.options, says=["451"])
    with program.Exchange("--fault", "hang") as exchange:
        fails(1, "watch", "--duration", 14, *exchange.options, says=[], timeout=60)


def watch_through(*faults, duration=8):
    fault = faults[0]
    with program.Exchange(*[word for name in faults for word in ("--fault", name)]) as exchange:
        status, out, errors = program.run("watch", "--stream", "trade", "--format", "json", "--duration", duration, *exchange.options)
    assert status == 0, f"{fault}: ended with {status}: {errors}"
    lines = program.json_lines(out)
    return [l for l in lines if l["type"] == "bar"], [l for l in lines if l["type"] == "event"]


def test_bad_messages_are_counted_and_the_rest_goes_on():
    for fault in ("malformed", "wrong-types", "bad-prices"):
        bars, events = watch_through(fault)
        assert len(bars) >= 3, f"{fault}: {len(bars)} bars"
        assert any(e["event"] == "error" for e in events), f"{fault}: nothing was said"
        for bar in bars:
            for leg in "ab":
                assert 0 < bar[leg]["low"] <= bar[leg]["close"] <= bar[leg]["high"] < 10 ** 7, bar


def test_connections_that_break_are_made_again():
    for fault in ("mid-frame-close", "huge-message"):
        bars, events = watch_through(fault, "only-first", duration=10)
        names = [e["event"] for e in events]
        assert "disconnected" in names and "retry" in names, f"{fault}: {names}"
        assert names.count("connected") >= 2 and len(bars) >= 3, f"{fault}: {len(bars)} bars, {names}"
    with program.Exchange("--fault", "mid-frame-close") as exchange:  # each time anew: it says so, and goes on trying
        for seconds in (6, 30):  # the second time for a machine too busy for the first
            status, out, errors = program.run("watch", "--format", "json", "--duration", seconds, *exchange.options)
            names = [line["event"] for line in program.json_lines(out) if line["type"] == "event"]
            if names.count("connected") >= 2 and names.count("retry") >= 2:
                break
        assert status in (0, 1) and names.count("connected") >= 2 and names.count("retry") >= 2, (status, names, errors)


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=4)
