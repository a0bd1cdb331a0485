# SPDX-License-Identifier: GPL-3.0-or-later
"""The captures of 2024-08-08, played by the local exchange through TLS into `watch`: every bar equals the bar computed here
straight from the capture files, in exact decimals, and every statistic equals one computed here from those closes."""
import gzip
import json
import math
import os
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal

import program

# Times the pace of the day. A bar waits 500 ms of market time for late trades: at this pace only RATE times less of the machine's.
RATE = 8 if os.environ.get("SG_SANITIZE") else 20
FILES = {"a": ("BTCUSDT", "btcusdt_20240808.gz"), "b": ("ETHUSDT", "ethusdt_20240808.gz")}
WINDOW = 60


def trades_of(path):
    with gzip.open(path, "rt") as lines:
        for line in lines:
            message = json.loads(line.split(" ", 1)[1])
            data = message.get("data", {})
            if data.get("e") == "trade":
                yield data["t"], data["T"], Decimal(data["p"]), Decimal(data["q"])


def bars_of(trades, shift_ms, length_ms):
    bars = {}
    for _, time_ms, price, quantity in trades:
        opened = (time_ms + shift_ms) // length_ms * length_ms
        bar = bars.get(opened)
        if bar is None:
            bars[opened] = {"open": price, "high": price, "low": price, "close": price, "volume": quantity, "trades": 1, "filled": False}
        else:
            bar["high"], bar["low"], bar["close"] = max(bar["high"], price), min(bar["low"], price), price
            bar["volume"] += quantity
            bar["trades"] += 1
    if not bars:
        return bars
    for opened in program.steps(min(bars), max(bars), length_ms):  # a second without trades is flat at the last price
        if opened not in bars:
            last = bars[opened - length_ms]["close"]
            bars[opened] = {"open": last, "high": last, "low": last, "close": last, "volume": Decimal(0), "trades": 0, "filled": True}
    return bars


def close_to(got, want, what, tolerance=1e-9, scale=0.0):
    assert got is not None, f"{what} is null"
    assert abs(float(got) - want) <= tolerance * max(abs(want), scale, 1e-300), f"{what}: {got} is not {want}"


def check_statistics(rows):
    """OLS over all rows so far, spread with that beta, z over the last 60, correlation of the last 60 returns: two-pass, here."""
    closes_a, closes_b, defined = [], [], 0
    for row in rows:
        closes_a.append(float(row["a"]["close"]))
        closes_b.append(float(row["b"]["close"]))
        n = len(closes_a)
        if n < 10:
            assert row["beta"] is None and row["zscore"] is None and "warming up" in row["reason"], row
            continue
        mean_a, mean_b = math.fsum(closes_a) / n, math.fsum(closes_b) / n
        sxx = math.fsum((b - mean_b) ** 2 for b in closes_b)
        sxy = math.fsum((a - mean_a) * (b - mean_b) for a, b in zip(closes_a, closes_b))
        syy = math.fsum((a - mean_a) ** 2 for a in closes_a)
        beta = sxy / sxx
        close_to(row["beta"], beta, "beta")
        close_to(row["alpha"], mean_a - beta * mean_b, "alpha", scale=mean_a)
        close_to(row["r_squared"], sxy * sxy / (sxx * syy), "r_squared")
        spreads = [a - beta * b for a, b in zip(closes_a, closes_b)]
        close_to(row["spread"], spreads[-1], "spread", scale=mean_a)
        if n < WINDOW:
            assert row["zscore"] is None and row["reason"], row
            continue
        last = spreads[-WINDOW:]
        mean = math.fsum(last) / WINDOW
        deviation = math.sqrt(math.fsum((s - mean) ** 2 for s in last) / (WINDOW - 1))
        close_to(row["mean"], mean, "mean", scale=mean_a)
        close_to(row["std"], deviation, "std", tolerance=1e-8)
        close_to(row["zscore"], (last[-1] - mean) / deviation, "zscore", tolerance=1e-7, scale=1.0)
        assert row["signal"] == ("overbought" if row["zscore"] > 2 else "oversold" if row["zscore"] < -2 else "none")
        if n <= WINDOW:
            assert row["correlation"] is None
            continue
        x, y = ([series[i] / series[i - 1] - 1 for i in range(n - WINDOW, n)] for series in (closes_a, closes_b))
        mx, my = math.fsum(x) / WINDOW, math.fsum(y) / WINDOW
        cov = math.fsum((p - mx) * (q - my) for p, q in zip(x, y))
        vx, vy = math.fsum((p - mx) ** 2 for p in x), math.fsum((q - my) ** 2 for q in y)
        if vx > 0 and vy > 0:
            close_to(row["correlation"], cov / math.sqrt(vx * vy), "correlation", tolerance=1e-8, scale=1.0)
            defined += 1
    return defined


def capture(interval, length_ms, rate=RATE):
    """Plays the captures; on a machine so busy that trades come late at this pace once more at half of it."""
    paths = {leg: program.shared_file("ws", "hftbacktest", "spot", name) for leg, (_, name) in FILES.items()}
    trades = {leg: list(trades_of(path)) for leg, path in paths.items()}
    with program.Exchange("--recording", paths["a"], "--recording", paths["b"], "--rate", rate) as exchange:
        watch = subprocess.Popen([program.BINARY, "watch", "--stream", "trade", "--interval", interval, "--window", str(WINDOW), "--format", "json",
                                  "--duration", str(346 / rate + 3 * program.SLOW), "--endpoint", exchange.ws, "--ca-file", exchange.ca], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        output, errors = watch.communicate(timeout=120 * program.SLOW)
        assert watch.returncode == 0, f"watch ended with {watch.returncode}: {errors}"
        first_id, first_time = trades["a"][0][0], trades["a"][0][1]
        served = exchange.get(f"/api/v3/aggTrades?symbol=BTCUSDT&fromId={first_id}&limit=1")[0]
        shift_ms = served["T"] - first_time
    program.no_findings(errors, "watch")
    lines = program.json_lines(output)
    rows = [line for line in lines if line["type"] == "bar"]
    events = defaultdict(list)
    for line in lines:
        if line["type"] == "event":
            events[line["event"]].append(line)
    if events["late"] and rate > RATE // 4:
        print(f"  at {rate} times the day's pace: {events['late'][0]['detail']}; again at half of it")
        return capture(interval, length_ms, rate // 2)
    for name in ("late", "dropped", "error", "disconnected"):
        assert not events[name], f"{name}: {events[name]}"
    assert events["connected"] and events["subscribed"]
    wanted = {leg: bars_of(trades[leg], shift_ms, length_ms) for leg in FILES}
    # After the last trade of the capture the connection stands and nothing is traded: flat bars, which no file tells of.
    last = min(max(bars) for bars in wanted.values())
    after = [row for row in rows if row["time"] > max(max(bars) for bars in wanted.values())]
    assert all(row[leg]["filled"] and row[leg]["trades"] == 0 for row in after for leg in FILES)
    rows = [row for row in rows if row["time"] <= last]
    for row in rows:
        assert row["interval"] == interval
        for leg in FILES:
            want = wanted[leg][row["time"]]
            for field in ("open", "high", "low", "close", "volume", "trades", "filled"):
                got = row[leg][field]
                if field in ("open", "high", "low", "close"):
                    same = float(got) == float(want[field])
                else:
                    same = Decimal(got) == want[field] if field == "volume" else got == want[field]
                assert same, f"{interval} bar {row['time']} leg {leg} {field}: {got} is not {want[field]}"
    times = [row["time"] for row in rows]
    assert times == list(program.steps(times[0], times[-1] + 1, length_ms)), "a bar is missing or out of order"
    return rows, shift_ms, wanted


def test_every_second_of_the_captures():
    rows, _, wanted = capture("1s", 1000)
    total = min(len(bars) for bars in wanted.values())
    assert len(rows) >= total - 5, f"only {len(rows)} bars of {total}"
    assert sum(row["a"]["trades"] for row in rows) > 9000 and sum(row["b"]["trades"] for row in rows) > 5500
    defined = check_statistics(rows)
    assert defined > 200, f"only {defined} rows had a correlation to compare"
    print(f"  {len(rows)} bars of 1 s equal, {defined} rows of statistics equal")


def test_every_minute_of_the_captures():
    rows, _, _ = capture("1m", 60000)
    assert len(rows) >= 4, f"only {len(rows)} minutes"
    print(f"  {len(rows)} bars of 1 m equal")


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=2)
