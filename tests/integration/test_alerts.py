# SPDX-License-Identifier: GPL-3.0-or-later
"""What `watch` says of alerts, against the rule written down a second time (tests/support/crossings.py): when they come and go, their fields, and the grade.
And a threshold that cannot be reached is refused by every verb that takes one."""
import os
import random
import sys
import tempfile

import program
import crossings

UNREACHABLE = "a z-score over 5 bars is never beyond 1.78 ((N \u2212 1)/\u221aN), so the threshold 2 can never be reached"


def watched(spread, *options):
    with tempfile.TemporaryDirectory() as folder:
        path = crossings.write(os.path.join(folder, "pair.ndjson"), spread)
        status, out, errors = program.run("watch", "--replay", path, "--speed", "max", "--format", "json", *crossings.OPTIONS, *options)
        assert status == 0, errors
        return program.json_lines(out)


def noisy(seconds, seed):
    """Reverts within some seconds, with jumps: it crosses, dips, and changes sides."""
    chance = random.Random(seed)
    s, spread = 0.0, []
    for _ in range(seconds):
        s = 0.8 * s + chance.gauss(0, 1) + (chance.choice((-6, 6)) if chance.random() < 0.03 else 0)
        spread.append(s)
    return spread


def told(lines):
    """Of the events: (raised at, cleared at, side, peak) in seconds, and what else each pair of them says is checked on the way."""
    found, raised = [], None
    for line in lines:
        if line["type"] != "event" or not line["event"].startswith("alert-"):
            continue
        assert line["pair"] == crossings.PAIR and line["time"] == line["bar_time"] + 1000, line
        assert line["side"] in ("overbought", "oversold") and line["grade"] in ("strong", "some", "weak", "none", "undefined"), line
        second, sign = (line["bar_time"] - crossings.FIRST_MS) // 1000, 1 if line["side"] == "overbought" else -1
        if line["event"] == "alert-raised":
            assert raised is None and "peak" not in line and "duration_ms" not in line, line
            assert sign * line["zscore"] > line["threshold"], line
            assert f"BTCUSDT is {'dear' if sign > 0 else 'cheap'} against ETHUSDT: z " in line["detail"] and "relation: " in line["detail"], line
            raised = (second, sign, line["time"])
        else:
            assert raised and raised[1] == sign, line
            assert line["duration_ms"] == line["time"] - raised[2], line
            found.append((raised[0], second, sign, float(line["peak"])))
            raised = None
    if raised:
        found.append((raised[0], None, raised[1], None))
    return found


def same(got, expected):
    assert len(got) == len(expected), (got, expected)
    for one, other in zip(got, expected):
        assert one[:3] == other[:3], (one, other)
        assert one[3] is None or abs(one[3] - other[3]) < 1e-4, (one, other)


def test_the_rule():
    """For thresholds, ends and waits of all kinds."""
    cases = [(), ("--entry", "1.5"), ("--exit", "2"), ("--exit", "0.5"), ("--hold", "2"), ("--entry", "2.5", "--exit", "1", "--hold", "3"), ("--entry", "1", "--exit", "1")]
    crossed = flipped = 0
    for seed, options in enumerate(cases):
        spread = noisy(900, seed)
        values = dict(zip(options[::2], options[1::2]))
        entry = float(values.get("--entry", 2))
        exit = float(values["--exit"]) if "--exit" in values else None
        expected = crossings.alerts(crossings.zscores(spread), entry, exit, int(values.get("--hold", 1)))
        got = told(watched(spread, *options))
        same(got, expected)
        crossed += len(got)
        flipped += sum(one[1] == other[0] for one, other in zip(got, got[1:]))
        if exit != entry:
            assert all(end is None or end - begin >= 3 for begin, end, _, _ in got), got
    assert crossed > 100 and flipped > 3, (crossed, flipped)


def test_a_run_away():
    spread = crossings.calm(60) + crossings.run_away(30, 1) + crossings.run_away(30, -1) + crossings.calm(60)
    same(told(watched(spread)), crossings.alerts(crossings.zscores(spread)))


def test_grade():
    """In every bar and every alert: not known before there is enough to test, then what the tests say of the relation."""
    for spread, grade in ((crossings.calm(400, size=1.0) + crossings.leave(1), "some"), (crossings.unrelated(400, -1), "none")):
        lines = watched(spread)
        bars = [line for line in lines if line["type"] == "bar"]
        assert all(bar["grade"] == "undefined" for bar in bars[:99]), bars[98]
        assert {bar["grade"] for bar in bars[-25:]} == {grade}, [bar["grade"] for bar in bars[-25:]]
        raised = [line for line in lines if line.get("event") == "alert-raised"]
        assert raised and raised[-1]["grade"] == grade, raised
        assert all(line["grade"] == next(bar["grade"] for bar in bars if bar["time"] == line["bar_time"]) for line in raised), raised


def test_first_version():
    """--exit 2 --hold 1: nothing of a bar but its alert differs from the default."""
    spread = noisy(600, 3)
    one, other = ([line for line in watched(spread, *options) if line["type"] == "bar"] for options in ((), ("--exit", "2", "--hold", "1")))
    assert one == other


def test_threshold_beyond_reach():
    with tempfile.TemporaryDirectory() as folder:
        path = crossings.write(os.path.join(folder, "pair.ndjson"), crossings.calm(100))
        picture = os.path.join(folder, "x.png")
        for verb in (["watch", "--replay", path], ["replay", path], ["analyze", path], ["render", path, "--output", picture], []):
            status, out, errors = program.run(*verb, "--window", "5", "--entry", "2")
            assert status == 2 and UNREACHABLE in errors and not out, (verb, status, out, errors)
            assert "take a window of at least 6 bars or a threshold of at most 1.7" in errors, errors
        assert not os.path.exists(picture)
        for options in (["--window", "5", "--entry", "1.7"], ["--window", "5", "--entry", "1.9", "--ddof", "0"], ["--window", "6"]):
            status, out, errors = program.run("analyze", path, "--interval", "1s", *options)
            assert status == 0, (options, errors)
        for options in (["--window", "5", "--ddof", "0", "--entry", "2.1"], ["--entry", "7.7"], ["--window", "20", "--entry=4.3"]):
            status, out, errors = program.run("analyze", path, "--interval", "1s", *options)
            assert status == 2 and "can never be reached" in errors, (options, status, errors)


def test_threshold_beyond_reach_as_reported():
    a, b = (program.shared_file("cases", "numbers", "entry_unreachable", name) for name in ("a.csv", "b.csv"))
    status, out, errors = program.run("analyze", a, b, "--window", "5", "--entry", "2")
    assert status == 2 and UNREACHABLE in errors and not out, (status, out, errors)


if __name__ == "__main__":
    program.main(sys.modules[__name__])
