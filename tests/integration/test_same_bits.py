# SPDX-License-Identifier: GPL-3.0-or-later
"""The same inputs give the same bits, and no row knows the future.

The captures of 2024-08-08 as one recording: what `replay` prints at each bar's close is what `analyze --format csv` prints for
that bar, digit for digit (a number is written with as many digits as make it unique). And a recording that is cut short, at whatever line,
gives the first rows of the whole one, to the letter, on the live basis; on the hindsight basis it does not."""
import csv
import gzip
import io
import json
import os
import sys
import tempfile

import program

NAMES = ("btcusdt_20240808.gz", "ethusdt_20240808.gz")
STATISTICS = ("alpha", "beta", "spread", "mean", "std", "zscore", "correlation")


def merged(folder):
    """Both captures in one file, by receive time: (path, lines)."""
    lines = []
    for name in NAMES:
        with gzip.open(program.shared_file("ws", "hftbacktest", "spot", name), "rb") as file:
            lines += file.read().splitlines(keepends=True)
    lines.sort(key=lambda line: int(line.split(b" ", 1)[0]))
    path = os.path.join(folder, "both.ndjson")
    with open(path, "wb") as file:
        file.writelines(lines)
    return path, lines


def analyze(path, *options):
    status, out, err = program.run("analyze", path, "--interval", "1s", "--stream", "trade", "--format", "csv", *options)
    assert status == 0, err
    return out


def test_replay_and_analyze_agree():
    with tempfile.TemporaryDirectory() as folder:
        path, _ = merged(folder)
        for options in ([], ["--window", "20", "--lookback", "100"], ["--hedge", "rolling"], ["--hedge", "tls"], ["--hedge", "kalman"], ["--hedge", "fixed:18.5"]):
            status, out, err = program.run("replay", path, "--interval", "1s", "--stream", "trade", "--format", "json", *options)
            assert status == 0, err
            # Numbers as they are written, not as they are read.
            bars = [line for line in map(lambda text: json.loads(text, parse_float=str, parse_int=str), out.splitlines()) if line["type"] == "bar"]
            rows = list(csv.DictReader(io.StringIO(analyze(path, *options))))
            assert len(rows) == len(bars) > 300, (len(rows), len(bars))
            defined = 0
            for row, bar in zip(rows, bars):
                assert row["time"] == bar["time"] and row["close_a"] == bar["a"]["close"] and row["close_b"] == bar["b"]["close"], (row, bar)
                for name in STATISTICS:
                    want = "" if bar[name] is None else bar[name]
                    assert row[name] == want, f"{options} {row['time']} {name}: analyze {row[name]!r}, replay {want!r}"
                    defined += want != ""
                assert row["signal"] == bar["signal"], (row, bar)
            assert defined > 5 * 300, defined
            print(f"  {' '.join(options) or 'defaults'}: {len(rows)} bars, {defined} statistics, all digits equal")


def test_a_recording_cut_short_tells_the_same_story():
    with tempfile.TemporaryDirectory() as folder:
        path, lines = merged(folder)
        whole = analyze(path).splitlines()
        whole_after = analyze(path, "--basis", "hindsight").splitlines()
        assert whole[0] == whole_after[0] and len(whole) == len(whole_after)
        lengths = set()
        cut = os.path.join(folder, "cut.ndjson")
        parts = range(1, 40, 4 if os.environ.get("SG_SANITIZE") else 1)
        for part in parts:
            with open(cut, "wb") as file:
                file.writelines(lines[: len(lines) * part // 40])
            rows = analyze(cut).splitlines()
            lengths.add(len(rows))
            # The last bar was cut in the middle: its trades are not all there. Every bar before it is complete, and is what it was.
            assert rows[:-1] == whole[: len(rows) - 1], f"cut at {part}/40: a row that was printed earlier differs"
            if part >= 20:
                after = analyze(cut, "--basis", "hindsight").splitlines()
                assert after[-20:-1] != whole_after[len(after) - 20: len(after) - 1], "hindsight is supposed to know the future"
        assert len(lengths) > len(parts) * 3 // 4 and max(lengths) > 300, lengths


def test_hindsight_is_one_fit():
    with tempfile.TemporaryDirectory() as folder:
        path, _ = merged(folder)
        live = list(csv.DictReader(io.StringIO(analyze(path))))
        after = list(csv.DictReader(io.StringIO(analyze(path, "--basis", "hindsight"))))
        assert len({row["beta"] for row in after}) == 1 and len({row["beta"] for row in live}) > 300
        # The one fit is the last row's live one: the same bars. They are two ways to sum, so to rounding.
        one, last = float(after[-1]["beta"]), float(live[-1]["beta"])
        assert abs(one - last) <= 1e-11 * abs(last), (one, last)
        for row in after:
            want = float(row["close_a"]) - one * float(row["close_b"])
            assert abs(float(row["spread"]) - want) <= 1e-11 * float(row["close_a"]), row
        assert sum(p["zscore"] != q["zscore"] for p, q in zip(live, after)) > 200


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=2)
