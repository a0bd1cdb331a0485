# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings from end to end: a live run on the local exchange is recorded, killed at any moment, played at every speed, and read by
`analyze`; the captures of others give the bars that are computed here from their lines."""
import gzip
import json
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
from decimal import Decimal

import program

CAPTURES = ("btcusdt_20240808.gz", "ethusdt_20240808.gz")


def bars(text):
    return [line for line in program.json_lines(text) if line["type"] == "bar"]


def last_prices(path):
    """Second -> last trade price in it, straight from the lines of a capture."""
    closes = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            data = json.loads(line.split(" ", 1)[1]).get("data", {})
            if data.get("e") == "trade":
                closes[data["T"] // 1000 * 1000] = data["p"]
    return closes


def rows_of(text):
    lines = text.splitlines()
    names = lines[0].split(",")
    return [dict(zip(names, line.split(","))) for line in lines[1:]]


def test_captures_in_analyze():
    files = [program.shared_file("ws", "hftbacktest", "spot", name) for name in CAPTURES]
    status, out, err = program.run("analyze", *files, "--interval", "1s", "--format", "csv")
    assert status == 0, err
    rows = rows_of(out)
    assert len(rows) > 330, len(rows)
    times = [int(row["time"]) for row in rows]
    assert times == list(program.steps(times[0], times[-1] + 1000, 1000)), "a second is missing"
    for column, path in (("close_a", files[0]), ("close_b", files[1])):
        closes, last, compared = last_prices(path), None, 0
        for second in sorted(closes):
            if second <= times[0]:
                last = closes[second]
        for row in rows:
            last = closes.get(int(row["time"]), last)
            compared += 1
            assert Decimal(row[column]) == Decimal(last), f"{column} at {row['time']}: {row[column]} is not {last}"
        print(f"{column}: {compared} closes equal those of the lines")


def test_recording_that_cannot_go_on_is_told_at_once():
    """The disk is full (here: the file may not grow beyond 20 kB): the session goes on and says that its recording has ended; what it has reads."""
    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # as a shell's children have it: the program itself must not die of it
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
    with tempfile.TemporaryDirectory() as folder, program.Exchange() as exchange:
        path = pathlib.Path(folder, "full.ndjson")
        watch = subprocess.Popen([program.BINARY, "watch", "--stream", "trade", "--format", "json", "--record", path, "--endpoint", exchange.ws, "--ca-file", exchange.ca], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 text=True, preexec_fn=small_files)
        told, after = None, 0
        for line in watch.stdout:  # ctest's own limit ends what does not come
            line = json.loads(line)
            if line.get("event") == "error" and "the recording ends here" in line["detail"]:
                told = line
            elif told and line["type"] == "bar":
                after += 1
                if after == 2:
                    watch.send_signal(signal.SIGINT)
        errors = watch.stderr.read()
        status = watch.wait(60)
        assert told and "full.ndjson" in told["detail"] and after >= 2, (told, after)
        assert path.stat().st_mode & 0o777 == 0o600, oct(path.stat().st_mode)
        assert status == 1 and "the recording ends here" in errors, (status, errors)
        status, out, errors = program.run("replay", path, "--format", "json")
        assert status == 0 and len(bars(out)) >= 2, (status, out, errors)


def record(folder, name, seconds):
    path = pathlib.Path(folder, name)
    status, _, err = program.run("record", "--demo", "--stream", "trade", "--duration", seconds, "--output", path)
    assert status == 0, err
    return path


def replay(path, *options):
    status, out, err = program.run("replay", path, "--format", "json", "--interval", "1s", *options)
    assert status == 0, err
    return out


def record_replay_analyze(name):
    with tempfile.TemporaryDirectory() as folder:
        path = record(folder, name, 8)
        with (gzip.open(path, "rt") if name.endswith(".gz") else open(path)) as lines:
            header = json.loads(next(lines))
            records = [json.loads(line) for line in lines]
        assert header["spreadglass"] == 1 and header["stream"] == "trade", header
        assert any(record.get("event") == "subscribed" for record in records)
        assert sum("m" in record for record in records) > 10
        first = replay(path, "--speed", "max")
        played = bars(first)
        assert len(played) >= 4, first
        assert replay(path, "--speed", "max") == first, "two replays differ"
        assert replay(path, "--speed", "4") == first, "a replay at another speed differs"
        status, out, err = program.run("analyze", path, "--interval", "1s", "--format", "csv")
        assert status == 0, err
        rows = rows_of(out)
        assert [int(row["time"]) for row in rows] == [bar["time"] for bar in played]
        for row, bar in zip(rows, played):
            assert Decimal(row["close_a"]) == bar["a"]["close"] and Decimal(row["close_b"]) == bar["b"]["close"]
        print(f"{name}: {len(played)} bars, the same in three replays and in analyze")


def test_record_replay_analyze_plain():
    record_replay_analyze("run.ndjson")


def test_record_replay_analyze_packed():
    record_replay_analyze("run.ndjson.gz")


def test_disconnects_are_replayed():
    with tempfile.TemporaryDirectory() as folder:
        disconnects_are_replayed(pathlib.Path(folder, "cut.ndjson.gz"))


def disconnects_are_replayed(path):
    with program.Exchange("--seed", "5", "--fault", "rst=40", "--fault", "only-first=2", "--fault", "malformed=9", "--fault", "duplicate=5") as exchange:
        status, _, err = program.run("record", *exchange.options, "--stream", "trade", "--duration", 24, "--output", path)
        assert status == 0, err
    with gzip.open(path, "rt") as lines:
        events = [record["event"] for record in map(json.loads, lines) if "event" in record]
    assert events.count("disconnected") == 2 and events.count("subscribed") == 3, events
    first = replay(path, "--speed", "max")
    said = [line["event"] for line in program.json_lines(first) if line["type"] == "event"]
    assert said.count("disconnected") == 2 and said.count("subscribed") >= 3, said
    assert len([name for name in said if name == "gap"]) >= 2, said
    played = bars(first)
    assert len(played) >= 6, first
    assert replay(path, "--speed", "max") == first, "two replays differ"
    assert replay(path, "--speed", "6") == first, "a replay at another speed differs"
    print(f"two disconnects: {len(played)} bars and {len(said)} events, the same in three replays")


def killed_while_recording(path):
    process = subprocess.Popen([program.BINARY, "record", "--demo", "--stream", "trade", "--output", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def enough():
            assert process.poll() is None, "the recorder ended by itself"
            return path.exists() and path.stat().st_size > 6000
        program.until(enough, 60, "something is recorded")
    finally:
        process.kill()
        process.wait()
    out = replay(path, "--speed", "max")
    assert any(line["type"] == "event" for line in program.json_lines(out))
    print(f"{path.name}: killed at {path.stat().st_size} bytes, it plays")


def test_killed_while_recording():
    with tempfile.TemporaryDirectory() as folder:
        for name in ("killed.ndjson", "killed.ndjson.gz"):
            killed_while_recording(pathlib.Path(folder, name))


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=5)
