# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings whose spread does what a test says: A = 2 B + s(t), so that with --hedge fixed:2 the z-score is that of s alone, and when it crosses a
threshold is known before the program sees it. Played to the end they stand still: what a test sees then depends on no market and no clock."""
import json
import math
import random

PAIR = "BTCUSDT/ETHUSDT"
FIRST_MS = 1723161600000
WINDOW = 20
# With these the model knows nothing but s.
OPTIONS = ("--hedge", "fixed:2", "--window", str(WINDOW), "--stream", "trade", "--interval", "1s")
GROWTH = 1.15  # of a run: z over 20 bars stays at 2.28, beyond a threshold of 2 and within one of 4.2


def calm(seconds, seed=1, size=0.05):
    """Noise within +-size: it hardly ever gets beyond a threshold of 2."""
    chance = random.Random(seed)
    return [size * chance.choice((-1, 1)) * (0.6 + 0.4 * chance.random()) for _ in range(seconds)]


def leave(sign, size=1.0):
    """Some seconds in which a spread of that size goes far out: an alert stands at the end, and its relation is no less supported."""
    return [sign * size * far for far in (2.4, 2.8, 3.2, 3.6, 4.1, 4.7)]


def unrelated(seconds, sign, seed=3):
    """A spread that goes its own way, and at its end far out: an alert whose relation no test supports."""
    chance = random.Random(seed)
    walk = [0.0]
    while len(walk) < seconds:
        walk.append(walk[-1] + chance.gauss(0, 0.5))
    return walk + [walk[-1] + sign * far for far in (4, 5, 6, 7, 9, 11)]


def run_away(seconds, sign, least=0.05):
    return [sign * least * GROWTH ** i for i in range(seconds)]


def write(path, spread, seed=5):
    """A trade of each leg in every second."""
    chance = random.Random(seed)
    b = 2000.0
    with open(path, "w") as out:
        def put(record):
            out.write(json.dumps(record, separators=(",", ":")) + "\n")
        put({"spreadglass": 1, "market": "spot", "pair": PAIR, "stream": "trade"})
        put({"t": FIRST_MS * 1000, "event": "connected", "leg": -1, "detail": "written by a test"})
        for second, s in enumerate(spread):
            b += chance.gauss(0, 1)
            for symbol, price in (("BTCUSDT", 2 * round(b, 2) + s), ("ETHUSDT", round(b, 2))):
                time_ms = FIRST_MS + second * 1000 + 40
                data = {"e": "trade", "E": time_ms + 1, "s": symbol, "t": 1000 + second, "p": f"{price:.6f}", "q": "1", "T": time_ms, "m": True, "M": True}
                put({"t": time_ms * 1000 + 9000, "m": {"stream": symbol.lower() + "@trade", "data": data}})
    return path


def zscores(spread, window=WINDOW):
    """Of each second, None before the window is full: written down here in the plainest way."""
    result = []
    for i in range(len(spread)):
        part = spread[max(0, i + 1 - window):i + 1]
        mean = sum(part) / len(part)
        sd = math.sqrt(sum((x - mean) ** 2 for x in part) / (len(part) - 1)) if len(part) > 1 else 0.0
        result.append((spread[i] - mean) / sd if len(part) == window and sd > 0 else None)
    return result


def alerts(z, entry=2.0, exit=None, hold=1, least=3):
    """(raised at, cleared at or None, side, peak) of the rule, told in seconds of the closes."""
    exit = 0.75 * entry if exit is None else exit
    found, standing, streak, streak_side = [], None, 0, 0
    for i, value in enumerate(z):
        side = 0 if value is None else 1 if value > entry else -1 if value < -entry else 0
        streak = streak + 1 if side and side == streak_side else 1 if side else 0
        streak_side = side
        if standing:
            since, was, peak = standing
            if value is not None:
                peak = max(peak, was * value)
            standing = (since, was, peak)
            stays = value is not None and (was * value > exit or (exit < entry and i - since < least))
            if stays:
                continue
            found.append((since, i, was, was * peak))
            standing = None
        if side and streak >= hold:
            standing = (i, side, side * value)
    if standing:
        found.append((standing[0], None, standing[1], standing[1] * standing[2]))
    return found
