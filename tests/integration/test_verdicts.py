# SPDX-License-Identifier: GPL-3.0-or-later
"""What `analyze` says of pairs that are none: in words, and with null for what is not defined, never with 0."""
import json
import math
import os
import random
import sys
import tempfile

import program

COUNT = 300
FIRST = 1699999980000


def walk_and_partner(seed=3):
    chance = random.Random(seed)
    x, own = [100.0], [0.0]
    for _ in range(COUNT - 1):
        x.append(x[-1] * math.exp(1e-3 * chance.gauss(0, 1)))
        own.append(0.8 * own[-1] + 0.05 * chance.gauss(0, 1))
    return x, [20 + 1.5 * p + q for p, q in zip(x, own)]


class Folder:
    def __init__(self, folder):
        self.folder = folder

    def file(self, name, prices):
        path = os.path.join(self.folder, name + ".csv")
        with open(path, "w") as file:
            file.write("time,close\n" + "".join(f"{FIRST + i * 60000},{price!r}\n" for i, price in enumerate(prices)))
        return path

    def ask(self, a, b, *options):
        files = self.file("a", a), self.file("b", b)
        status, text, errors = program.run("analyze", *files, *options)
        assert status == 0, errors
        status, report, errors = program.run("analyze", *files, *options, "--format", "json")
        assert status == 0, errors
        return text.splitlines()[-1].strip(), json.loads(report)


def test_degenerate_legs():
    x, y = walk_and_partner()
    with tempfile.TemporaryDirectory() as folder:
        ask = Folder(folder).ask
        for a, b, words, defined in ((y, [5.0] * COUNT, "No verdict: price of leg B is constant.", False), ([5.0] * COUNT, x, "No verdict: price of leg A is constant.", True),
                                     (x, x, "No verdict: the legs are identical up to a factor", True), ([3.1 * p for p in x], x, "No verdict: the legs are identical up to a factor", True)):
            sentence, report = ask(a, b)
            assert sentence.startswith(words), sentence
            assert (report["hedge"]["beta"] is not None) == defined and report["zscore"] is None and report["engle_granger"]["p_value"] is None, report
            assert report["half_life"]["bars"] is None and report["signal"] == "none" and report["reasons"], report
        sentence, report = ask(y[:99], x[:99])
        assert sentence.startswith("No verdict: warming up 99/100. Half-life ") and report["adf"]["statistic"] is not None, sentence
        assert ask(y[:100], x[:100])[1]["engle_granger"]["statistic"] is not None


def test_scales_do_not_matter():
    x, y = walk_and_partner()
    with tempfile.TemporaryDirectory() as folder:
        ask = Folder(folder).ask
        sentence, report = ask(y, x)
        assert sentence.startswith("Cointegrated at 5 %: Engle-Granger p < 0.001 (n 300, lag 0); the reverse direction p < 0.001. Half-life 3.5 bars"), sentence
        assert "One bar" not in sentence
        for up, down in ((1.0, 1e-12), (1e12, 1e-12), (1e-12, 1e12)):
            other, scaled = ask([up * p for p in y], [down * p for p in x])
            assert other == sentence, other
            for key in ("zscore", "correlation"):
                assert abs(scaled[key] - report[key]) < 1e-9, (key, scaled[key], report[key])
            assert abs(scaled["engle_granger"]["statistic"] - report["engle_granger"]["statistic"]) < 1e-8


def test_one_bar():
    x, y = walk_and_partner()
    with tempfile.TemporaryDirectory() as folder:
        ask = Folder(folder).ask
        y[150] = 1e9
        sentence, report = ask(y, x)
        assert "One bar alone makes 99 % of the spread's variance: look at it before believing any of this." in sentence, sentence
        assert "A deviation turns round within one bar, so there is no half-life." in sentence and report["half_life"]["bars"] is None, sentence
        assert -2 < report["half_life"]["lambda"] <= -1 and report["reasons"]["half_life"] == "a deviation turns round within one bar", report


def test_other_ways_to_miss():
    chance = random.Random(5)
    x, _ = walk_and_partner()
    walk = [100.0]
    for _ in range(COUNT - 1):
        walk.append(walk[-1] + chance.gauss(0, 0.1))
    with tempfile.TemporaryDirectory() as folder:
        sentence, report = Folder(folder).ask(walk, x)
        assert sentence.startswith("Not significant: Engle-Granger p 0."), sentence
        sentence, report = Folder(folder).ask([100 * math.exp(0.02 * i) for i in range(COUNT)], x, "--hedge", "fixed:1")
        assert "The spread does not revert, so there is no half-life." in sentence and report["half_life"]["lambda"] > 0, (sentence, report)


if __name__ == "__main__":
    program.main(sys.modules[__name__])
