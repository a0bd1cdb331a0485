# SPDX-License-Identifier: GPL-3.0-or-later
"""`analyze --explain`: from the bars that its CSV marks, and from the formulas and parameters that it prints, every number comes out
again, computed here in plain Python; and its values are those of `analyze --format json`, digit for digit."""
import csv
import io
import json
import math
import os
import random
import re
import sys
import tempfile

import program

KEYS = ["hedge.alpha", "hedge.beta", "hedge.se_alpha", "hedge.se_beta", "hedge.r_squared", "spread.last", "residual", "spread.mean", "spread.std", "zscore",
        "correlation", "adf.statistic", "adf.p_value", "engle_granger.statistic", "engle_granger.p_value", "engle_granger_reverse.statistic",
        "engle_granger_reverse.p_value", "half_life.lambda", "half_life.bars"]
MINUTE = 60000
FIRST = 1723075200000


def write_pair(folder, count, seed=4):
    """A pair whose spread reverts: two CSV files of minutes."""
    chance = random.Random(seed)
    b, spread, legs = 2000.0, 0.0, ([], [])
    for i in range(count):
        b *= 1 + 4e-4 * chance.gauss(0, 1)
        spread = 0.9 * spread + chance.gauss(0, 1)
        for leg, close in zip(legs, (150 + 1.7 * b + spread, b)):
            leg.append(f"{FIRST + i * MINUTE},{round(close, 4)!r}\n")
    paths = [os.path.join(folder, name) for name in ("AAA.csv", "BBB.csv")]
    for path, lines in zip(paths, legs):
        with open(path, "w") as file:
            file.write("time,close\n" + "".join(lines))
    return paths


def solve(matrix, right):
    """Gauss with pivoting: the inverse is wanted too, for a standard error."""
    n = len(matrix)
    rows = [list(matrix[i]) + [right[i]] + [1.0 if j == i else 0.0 for j in range(n)] for i in range(n)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [v / rows[i][i] for v in rows[i]]
        for r in range(n):
            if r != i:
                factor = rows[r][i]
                rows[r] = [v - factor * w for v, w in zip(rows[r], rows[i])]
    return [row[n] for row in rows], [row[n + 1:] for row in rows]


def regress(y, columns):
    """Least squares: coefficients, their standard errors, residuals."""
    matrix = [[math.fsum(p * q for p, q in zip(c, d)) for d in columns] for c in columns]
    coefficients, inverse = solve(matrix, [math.fsum(p * q for p, q in zip(c, y)) for c in columns])
    residuals = [v - math.fsum(k * c[i] for k, c in zip(coefficients, columns)) for i, v in enumerate(y)]
    variance = math.fsum(e * e for e in residuals) / (len(y) - len(columns))
    return coefficients, [math.sqrt(variance * inverse[i][i]) for i in range(len(columns))], residuals


def line(y, x):
    """y on x with constant, around the means: alpha, beta, their errors, R2, residuals."""
    n = len(y)
    my, mx = math.fsum(y) / n, math.fsum(x) / n
    sxx = math.fsum((v - mx) ** 2 for v in x)
    beta = math.fsum((p - my) * (q - mx) for p, q in zip(y, x)) / sxx
    alpha = my - beta * mx
    residuals = [(p - my) - beta * (q - mx) for p, q in zip(y, x)]
    rss = math.fsum(e * e for e in residuals)
    s2 = rss / (n - 2)
    return alpha, beta, math.sqrt(s2 * (1 / n + mx * mx / sxx)), math.sqrt(s2 / sxx), 1 - rss / math.fsum((v - my) ** 2 for v in y), residuals


def unit_root(values, lags, constant):
    changes = [q - p for p, q in zip(values, values[1:])]
    rows = range(lags, len(changes))
    level = math.fsum(values) / len(values) if constant else 0.0  # with a constant in the model a shift changes nothing but the rounding
    columns = [[values[i] - level for i in rows]] + [[changes[i - k] for i in rows] for k in range(1, lags + 1)]
    if constant:
        columns.append([1.0] * len(rows))
    coefficients, errors, _ = regress([changes[i] for i in rows], columns)
    return coefficients[0] / errors[0]


def near(got, want, what, tolerance=1e-9):
    assert got is not None, f"{what} is null"
    assert abs(got - want) <= tolerance * max(abs(want), 1e-12), f"{what}: {got!r} is not {want!r}"


def explained(files, *options):
    status, out, err = program.run("analyze", *files, "--explain", "--format", "json", *options)
    assert status == 0, err
    numbers = {entry["number"]: entry for entry in json.loads(out)}
    assert list(numbers) == KEYS
    status, out, err = program.run("analyze", *files, "--explain", "--format", "csv", *options)
    assert status == 0, err
    bars = list(csv.DictReader(io.StringIO(out)))
    status, out, err = program.run("analyze", *files, "--format", "json", *options)
    assert status == 0, err
    report = json.loads(out)
    for key, entry in numbers.items():
        value = report
        for part in key.split("."):
            value = value[part]
        assert value == entry["value"], f"{key}: explained {entry['value']!r}, reported {value!r}"
        marked = [bar for bar in bars if bar[entry["bars"]["set"]] == "1"]
        assert len(marked) == entry["bars"]["count"], (key, len(marked), entry["bars"])
        assert (int(marked[0]["time"]), int(marked[-1]["time"])) == (entry["bars"]["first"], entry["bars"]["last"]), key
        assert entry["formula"] and entry["parameters"]
    return numbers, bars, report


def recompute(numbers, bars, window, fit):
    value = {key: entry["value"] for key, entry in numbers.items()}
    legs = {name: ([float(bar["close_a"]) for bar in bars if bar[name] == "1"], [float(bar["close_b"]) for bar in bars if bar[name] == "1"])
            for name in ("fit", "last", "window", "returns", "tests")}
    if fit:
        alpha, beta, se_alpha, se_beta, r_squared, _ = line(*legs["fit"])
        for key, want in (("alpha", alpha), ("beta", beta), ("se_alpha", se_alpha), ("se_beta", se_beta), ("r_squared", r_squared)):
            near(value[f"hedge.{key}"], want, key)
    beta = value["hedge.beta"]
    assert re.search(r"beta (-?[0-9.e-]+)", numbers["zscore"]["parameters"]).group(1) == repr(beta)
    near(value["spread.last"], legs["last"][0][0] - beta * legs["last"][1][0], "spread")
    near(value["residual"], legs["last"][0][0] - beta * legs["last"][1][0] - value["hedge.alpha"], "residual", 1e-7)
    spreads = [p - beta * q for p, q in zip(*legs["window"])]
    assert len(spreads) == window
    mean = math.fsum(spreads) / window
    deviation = math.sqrt(math.fsum((s - mean) ** 2 for s in spreads) / (window - 1))
    near(value["spread.mean"], mean, "mean")
    near(value["spread.std"], deviation, "std", 1e-8)
    near(value["zscore"], (spreads[-1] - mean) / deviation, "zscore", 1e-7)
    ra, rb = ([(q - p) / p for p, q in zip(leg, leg[1:])] for leg in legs["returns"])
    ma, mb = math.fsum(ra) / window, math.fsum(rb) / window
    near(value["correlation"], math.fsum((p - ma) * (q - mb) for p, q in zip(ra, rb)) /
         math.sqrt(math.fsum((p - ma) ** 2 for p in ra) * math.fsum((q - mb) ** 2 for q in rb)), "correlation", 1e-8)
    a, b = legs["tests"]
    spreads = [p - beta * q for p, q in zip(a, b)]
    lags = {key: int(re.search(r"lag (\d+) by AIC", numbers[key + ".statistic"]["parameters"]).group(1)) for key in ("adf", "engle_granger", "engle_granger_reverse")}
    near(value["adf.statistic"], unit_root(spreads, lags["adf"], True), "ADF", 1e-6)
    near(value["engle_granger.statistic"], unit_root(line(a, b)[5], lags["engle_granger"], False), "Engle-Granger", 1e-6)
    near(value["engle_granger_reverse.statistic"], unit_root(line(b, a)[5], lags["engle_granger_reverse"], False), "Engle-Granger, reverse", 1e-6)
    slope = line([q - p for p, q in zip(spreads, spreads[1:])], spreads[:-1])[1]
    near(value["half_life.lambda"], slope, "lambda", 1e-7)
    middle = math.fsum(spreads) / len(spreads)
    heaviest = max((s - middle) ** 2 for s in spreads) / math.fsum((s - middle) ** 2 for s in spreads)
    near(float(numbers["half_life.lambda"]["parameters"].rsplit(" ", 1)[1]), heaviest, "the farthest bar's part", 1e-7)
    near(value["half_life.bars"], -math.log(2) / math.log1p(slope), "half-life", 1e-7)


def test_every_number_from_its_bars():
    with tempfile.TemporaryDirectory() as folder:
        files = write_pair(folder, 900)
        for options, window, fit in (([], 60, True), (["--lookback", "300", "--window", "20"], 20, True), (["--hedge", "rolling"], 60, True),
                                     (["--hedge", "fixed:1.7"], 60, False), (["--hedge", "kalman"], 60, False), (["--hedge", "tls"], 60, False)):
            numbers, bars, _ = explained(files, *options)
            recompute(numbers, bars, window, fit)


def test_its_bars_give_the_same_bits():
    """The CSV that --explain writes is a file that analyze reads: what comes out is what was explained, to the last digit."""
    with tempfile.TemporaryDirectory() as folder:
        files = write_pair(folder, 700, seed=8)
        for options in ([], ["--lookback", "300", "--window", "20"], ["--hedge", "rolling"], ["--hedge", "fixed:1.7"], ["--hedge", "kalman"], ["--hedge", "tls"]):
            bars = os.path.join(folder, "bars.csv")
            status, _, err = program.run("analyze", *files, "--explain", "--format", "csv", "--output", bars, "--force", *options)
            assert status == 0, err
            for more in (["--format", "json"], ["--explain", "--format", "json"], ["--format", "csv"]):
                first, again = program.run("analyze", *files, *options, *more), program.run("analyze", bars, "--pair", "a/b", *options, *more)
                assert first[0] == again[0] == 0, (first[2], again[2])
                assert essence(first[1]) == essence(again[1]), (options, more, first[1][-2000:], again[1][-2000:])


def essence(output):
    """The last row, or every number; not how many bars came before those that any number needs."""
    if not output.startswith(("{", "[")):
        return output.splitlines()[-1]
    content = json.loads(output)
    if isinstance(content, list):
        return [(entry["number"], entry["value"]) for entry in content]
    return {key: value for key, value in content.items() if key not in ("pair", "bars", "first")}


def test_a_recorded_pair():
    file = program.shared_file("classics", "epchan", "inputData_EWA_EWC_IGE.csv")
    numbers, bars, _ = explained([file, file], "--pair", "EWC/EWA")
    assert len(bars) == 1500
    recompute(numbers, bars, 60, True)


def test_what_is_not_defined_says_why():
    with tempfile.TemporaryDirectory() as folder:
        files = write_pair(folder, 30)
        numbers, bars, _ = explained(files)
        assert numbers["hedge.beta"]["value"] is not None and "reason" not in numbers["hedge.beta"]
        assert numbers["zscore"]["value"] is None and "30/60" in numbers["zscore"]["reason"]
        assert numbers["engle_granger.p_value"]["value"] is None and "30/100" in numbers["engle_granger.p_value"]["reason"]
        status, out, _ = program.run("analyze", *files, "--explain")
        assert status == 0 and "z-score = undefined: warming up 30/60\n" in out, out


def test_the_stale_limit():
    """A leg that does not trade for 5 minutes: stale by the default, fresh by a limit of ten, and the limit is told with every number."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, last in (("AAA.csv", 200), ("BBB.csv", 195)):
            path = os.path.join(folder, name)
            with open(path, "w") as out:
                for minute in range(200):
                    trades = 3 if minute < last else 0  # archive klines: the last trades of B are of minute 194
                    price = round(100 + (minute if minute < last else last - 1) % 17 / 8 + (minute % 5 / 10 if name == "AAA.csv" else 0), 4)
                    out.write(f"{FIRST + minute * MINUTE},{price},{price},{price},{price},{trades},{FIRST + minute * MINUTE + MINUTE - 1},{trades * 100},{trades},0,0,0\n")
            files.append(path)
        for options, limit, stale in (([], 60, True), (["--stale-after", "600"], 600, False), (["--stale-after=299.5"], 299.5, True)):
            numbers, _, report = explained(files, *options)
            assert (f"stale beyond {limit} s: STALE" in numbers["zscore"]["parameters"]) == stale, numbers["zscore"]
            assert f"0 s (AAA), 300 s (BBB), stale beyond {limit} s" in numbers["zscore"]["parameters"], numbers["zscore"]
            status, out, _ = program.run("analyze", *files, *options)
            assert status == 0 and ("too old to trust z" in out) == stale, out
    for bad in ("0", "-5", "soon", "1e9"):
        status, _, err = program.run("analyze", "a.csv", "b.csv", "--stale-after", bad)
        assert status == 2 and "--stale-after" in err and "seconds" in err, (bad, err)


def test_help_names_it():
    status, out, _ = program.run("analyze", "--help")
    assert status == 0 and "--explain" in out
    status, _, err = program.run("watch", "--explain")
    assert status == 2 and "does not belong here" in err


if __name__ == "__main__":
    program.main(sys.modules[__name__])
