# SPDX-License-Identifier: GPL-3.0-or-later
"""A screen on which nothing changes is not drawn; the pointer moves over pictures that are kept; and what a person does draws them anew.

The window tells what it draws on standard error (SG_DRAW_REPORT), so that what is counted is what was drawn, and not what was seen."""
import calendar
import json
import os
import time
from collections import Counter

import driver
from driver import Failure, until

PANES = ("Price", "Spread", "Z-score", "Correlation")
FIRST_MS = 1723161600000
SECONDS = 200
window = None
recording = os.path.join(os.environ["XDG_RUNTIME_DIR"], "still.ndjson")


def line(record):
    return json.dumps(record, separators=(",", ":")) + "\n"


def write_recording():
    with open(recording, "w") as out:
        out.write('{"spreadglass":1,"market":"spot","pair":"BTCUSDT/ETHUSDT","stream":"trade"}\n')
        out.write(line({"t": FIRST_MS * 1000, "event": "connected", "leg": -1, "detail": "written by a test"}))
        for second in range(SECONDS):
            b = 2000 + (second * 37 % 101) / 10
            for symbol, price in (("BTCUSDT", 150 + 1.7 * b + (second * 53 % 89) / 20), ("ETHUSDT", b)):
                time_ms = FIRST_MS + second * 1000 + 40
                data = {"e": "trade", "E": time_ms + 1, "s": symbol, "t": 2 * second + (symbol[0] == "E"), "p": f"{price:.2f}", "q": "1", "T": time_ms,
                        "m": True, "M": True}
                out.write(line({"t": time_ms * 1000 + 9000, "m": {"stream": symbol.lower() + "@trade", "data": data}}))


def drawn():
    return Counter(line for line in window.stderr().splitlines() if line == "frame" or line.startswith(("picture ", "overlay ")))


def still(seconds=2.5, deadline=40):
    """Waits until nothing whatever has been drawn for so long; returns what had been drawn by then."""
    end = time.monotonic() + deadline * driver.PATIENCE
    before, since = drawn(), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.1)
        now = drawn()
        if now != before:
            before, since = now, time.monotonic()
        if time.monotonic() > end:
            raise Failure(f"something is always drawn: {dict(now)}")
    return before


def test_a_still_screen_draws_nothing():
    global window
    write_recording()
    window = driver.Window("--replay", recording, "--speed", "max", "--interval", "1s", "--stream", "trade", environment={"SG_DRAW_REPORT": "1"})
    until(lambda: window.chart("Z-score").get("bar", "") >= "2024-08-09T00:03:17", 60, "the recording is played to its end")
    counts = still()
    assert counts["frame"] > 0 and all(counts[f"picture {pane}"] > 0 for pane in PANES), counts


def test_the_pointer_moves_over_kept_pictures():
    before = still()
    x, y = window.point("Spread", 0.3, 0.5)
    for step in range(6):
        driver.xdo("mousemove", x + 9 * step, y + step)
        time.sleep(0.05)
    until(lambda: drawn()["overlay Spread"] > before["overlay Spread"], 10, "the crosshair is drawn")
    after = still()
    for pane in PANES:
        assert after[f"picture {pane}"] == before[f"picture {pane}"], f"{pane} was drawn anew for a crosshair: {before} -> {after}"


def test_a_pan_draws_every_pane_anew_and_then_nothing():
    before = still()
    window.wheel("Spread", 4, 1)
    until(lambda: all(drawn()[f"picture {pane}"] > before[f"picture {pane}"] for pane in PANES), 10, "every pane follows the wheel")
    after = still()
    for pane in PANES:  # one notch is one change of the view; the frame of the crosshair may come with it or after it
        assert after[f"picture {pane}"] - before[f"picture {pane}"] <= 3, f"{pane} was drawn again and again: {before} -> {after}"


def closed_bars(number, seconds):
    """Waits until the session has come that many bars further; what had been drawn before."""
    before, begin = drawn(), newest_bar()
    until(lambda: newest_bar() >= begin + number, seconds, f"{number} more bars of the live session")
    return before


def newest_bar():
    """Seconds since 1970 of the newest bar, as the charts tell it while no bar is pointed at."""
    bar = window.chart("Correlation").get("bar", "1970-01-01T00:00:00")
    return calendar.timegm(time.strptime(bar[:19], "%Y-%m-%dT%H:%M:%S"))


def test_live_bars_out_of_view_draw_no_pane():
    global window
    window.quit()
    window = driver.Window("--demo", "--interval", "1s", "--stream", "trade", environment={"SG_DRAW_REPORT": "1"})
    until(lambda: window.chart("Correlation")["live"], 60, "a live chart")
    window.move("Spread", 0.3)
    driver.xdo("click", 1)  # the keys are its
    driver.xdo("mousemove", 1, 1)
    for _ in range(40):  # a short stretch of time: the newest bars are soon far from the first ones
        driver.xdo("key", "plus")
    until(lambda: window.chart("Correlation").get("bars", 999) <= 12, 20, "the closest zoom")
    counts = closed_bars(2, 60)
    assert all(drawn()[f"picture {pane}"] > counts[f"picture {pane}"] for pane in PANES), "a live view shows its new bars"
    driver.xdo("key", "Home")
    until(lambda: window.chart("Correlation")["paused"], 20, "the view of the first bars")
    def quiet():  # bars of before that are fetched or repaired are drawn, and at first the new ones are in view: in between, nothing is
        before = closed_bars(3, 60)
        after = drawn()
        legends = any(after[f"overlay {pane}"] > before[f"overlay {pane}"] for pane in PANES)
        return legends and all(after[f"picture {pane}"] == before[f"picture {pane}"] for pane in PANES)
    until(quiet, 120, "bars out of view are told by the legends, and no pane is drawn anew for them")


def test_close():
    window.quit()


driver.run(test_a_still_screen_draws_nothing, test_the_pointer_moves_over_kept_pictures, test_a_pan_draws_every_pane_anew_and_then_nothing,
           test_live_bars_out_of_view_draw_no_pane, test_close)
