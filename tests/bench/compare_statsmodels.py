#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ours and pandas + statsmodels on the same numbers, in turn, medians of 5; skips with a line where they are not installed.

usage: SG_BINARY_DIR=build/release compare_statsmodels.py
Left out on both sides: reading ticks and making bars; but for the last lines, which go the whole way from 100,000 ticks. The answers are compared too: a fast wrong number is no number.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
try:
    import numpy
    import pandas
    from statsmodels.tsa.stattools import adfuller, coint
except ImportError:
    print("SKIP: python3-pandas and python3-statsmodels are not installed, nothing to compare with")
    sys.exit(77)
import warnings

warnings.simplefilter("ignore")
ROUNDS = 5
BENCH = os.path.join(os.environ.get("SG_BINARY_DIR", "build/release"), "tests", "bench_analytics")


def pair(n):
    r = numpy.random.default_rng(7)
    x = 3000.0 * numpy.exp(numpy.cumsum(2e-4 * r.standard_normal(n)))
    own = numpy.zeros(n)
    for i, e in enumerate(r.standard_normal(n)):
        own[i] = 0.98 * own[i - 1] + 4.0 * e
    return 400.0 + 19.0 * x + own, x


def fit(y, x):
    slope = numpy.cov(y, x)[0, 1] / numpy.var(x, ddof=1)
    return slope, y - slope * x


def columns(y, x):
    a, b = pandas.Series(y), pandas.Series(x)
    slope, spread = fit(y, x)
    s = pandas.Series(spread)
    z = (s - s.rolling(60).mean()) / s.rolling(60).std()
    return slope, spread, z, a.pct_change().rolling(60).corr(b.pct_change())


def refresh(y, x):
    slope, spread, _, _ = columns(y, x)
    return adfuller(spread, regression="c", autolag="AIC")[0] + slope


WORK = [("ADF with AIC, 1,440 values", "adf", 1440, lambda y, x: adfuller(y, regression="c", autolag="AIC")[0], 200),
        ("Engle-Granger of one pair, 1,440 bars", "coint", 1440, lambda y, x: coint(y, x, trend="c", autolag="aic")[0], 1000),
        ("fit, spread, z(60), correlation(60), 100,000 bars", "hindsight", 100000, lambda y, x: columns(y, x)[0], 0),
        ("refresh with ADF, 10,000 bars", "refresh", 10000, refresh, 150)]


REFRESH = os.path.join(os.path.dirname(BENCH), "bench_refresh")


def ticks(n):
    """Trades of two symbols, ten a second: times in us, legs, prices."""
    r = numpy.random.default_rng(8)
    times = 1723161600000000 + numpy.cumsum(r.integers(1, 200000, n))
    x = 3000.0 * numpy.exp(numpy.cumsum(6e-5 * r.standard_normal(n)))
    own = numpy.zeros(n)
    for i, e in enumerate(r.standard_normal(n)):
        own[i] = 0.995 * own[i - 1] + e
    legs = r.integers(0, 2, n)
    return times, legs, numpy.where(legs == 1, x, 400.0 + 19.0 * x + own)


def bars_of(times, legs, prices):
    frame = pandas.DataFrame({"leg": legs, "price": prices}, index=pandas.to_datetime(times, unit="us"))
    both = [frame.loc[frame["leg"] == leg, "price"].resample("1s").last().ffill() for leg in (0, 1)]
    return pandas.concat(both, axis=1, join="inner")


def whole_refresh(folder):
    """Ticks to bars to every statistic, ADF included. `live` does more than pandas: each row with the fit of its own time, and all the tests."""
    times, legs, prices = ticks(100000)
    path = os.path.join(folder, "ticks.txt")
    with open(path, "w") as f:
        f.writelines("%d %d %r\n" % (t, leg, float(p)) for t, leg, p in zip(times, legs, prices))
    count = 0

    def theirs():
        bars = bars_of(times, legs, prices)
        bars = bars.iloc[1:1 + count] if count else bars  # ours begin with the first whole second, and end with the last complete one
        return refresh(bars.iloc[:, 0].to_numpy(), bars.iloc[:, 1].to_numpy())

    status, other = 0, []
    mine = {"one": [], "live": []}
    for _ in range(ROUNDS):
        for what in mine:
            micros, result, bars = subprocess.run([REFRESH, what, path], capture_output=True, text=True, check=True).stdout.split()
            mine[what].append(float(micros))
            count = int(bars)
        if not other:
            theirs()
        start = time.perf_counter()
        answer = theirs()
        other.append(1e6 * (time.perf_counter() - start))
    reference = statistics.median(other)
    same = abs(float(result) - answer) <= 1e-6 * abs(answer)
    for what, title, goal in (("one", "refresh, 100,000 ticks to ADF, the same outputs", 150), ("live", "the same with every row as it was and all tests", 0)):
        ours = statistics.median(mine[what])
        met = reference / ours >= goal
        print("%-52s %10.1f us   pandas/statsmodels %12.0f us   %7.0f x (rounds %.0f to %.0f)%s%s" % (
            title, ours, reference, reference / ours, min(other) / max(mine[what]), max(other) / min(mine[what]),
            "  goal %d x: %s" % (goal, "met" if met else "MISSED") if goal else "", "" if same else "  DIFFERENT ANSWERS %s %r" % (result, answer)))
        if not same or not met:
            status = 1
    return status


def main():
    if not os.access(BENCH, os.X_OK):
        print("SKIP: %s is not built" % BENCH)
        return 77
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        for title, what, n, theirs, goal in WORK:
            y, x = pair(n)
            path = os.path.join(folder, "pair.txt")
            with open(path, "w") as f:
                f.writelines("%r %r\n" % (float(p), float(q)) for p, q in zip(y, x))
            theirs(y, x)
            mine, other = [], []
            for _ in range(ROUNDS):
                micros, result = subprocess.run([BENCH, "one", what, path], capture_output=True, text=True, check=True).stdout.split()
                mine.append(float(micros))
                start = time.perf_counter()
                answer = theirs(y, x)
                other.append(1e6 * (time.perf_counter() - start))
            ours, reference = statistics.median(mine), statistics.median(other)
            same = abs(float(result) - answer) <= 1e-6 * abs(answer)
            print("%-52s %10.1f us   pandas/statsmodels %12.0f us   %7.0f x%s%s" % (
                title, ours, reference, reference / ours, "  goal %d x: %s" % (goal, "met" if reference / ours >= goal else "MISSED") if goal else "",
                "" if same else "  DIFFERENT ANSWERS %s %r" % (result, answer)))
            if not same or (goal and reference / ours < goal):
                status = 1
        status = whole_refresh(folder) or status
    return status


if __name__ == "__main__":
    sys.exit(main())
