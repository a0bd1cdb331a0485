# SPDX-License-Identifier: GPL-3.0-or-later
"""The window as a person meets it: it comes up fast, fills, zooms, pans, is read by pointer and by keyboard, and closes cleanly."""
import re
import time

import driver
from driver import Failure, holds, until

window = None


def test_first_frame_and_first_bar():
    global window
    window = driver.Window("--demo")
    text = until(lambda: re.search(r"first frame after (\d+) ms", window.stderr()), 10, "the report of the first frame")
    frame = int(text.group(1))
    text = until(lambda: re.search(r"first bar after (\d+) ms", window.stderr()), 10, "the report of the first bar")
    bar = int(text.group(1))
    print(f"# first frame after {frame} ms, first bar after {bar} ms")
    assert frame <= bar, (frame, bar)  # how fast they are is for tests/bench/measure_window.py: this machine is shared


def test_everything_has_a_name():
    for role, name in (("combo box", "^Symbol A$"), ("combo box", "^Symbol B$"), ("push button", "^Swap symbols$"), ("spin button", "^Window length$"),
                       ("spin button", "^Threshold$"), ("image", "^Price chart$"), ("image", "^Spread chart$"), ("image", "^Z-score chart$"),
                       ("image", "^Correlation chart$")):
        window.need(role, name)
    until(lambda: window.connection() == "Demo", 8, "the connection pill says Demo")
    until(lambda: any(re.match(r"Rate: \d", n) for n in window.names("^Rate: ")), 8, "a rate")


def test_statistics_fill():
    for caption in ("Alpha", "Beta", "Correlation", "Z-score at close", "n/N"):
        until(lambda: re.search(r"\d", window.stat(caption) or ""), 30, f"{caption} gets a value")
    window.need("label", r"60/60 n/N$", 90)
    # Once the window is full every one of them is a number.
    until(lambda: re.match(r"^[+\u2212]\d+\.\d\d", window.stat("Z-score at close") or ""), 10, "the z-score is a number")
    until(lambda: re.match(r"^(< 0\.001|0\.\d{3}|> 0\.999)$", window.stat("Engle-Granger p") or ""), 10, "Engle-Granger p is a number")


def test_wheel_zooms():
    before = window.shown("Price")["bars"]
    window.wheel("Price", 4, 5)
    closer = until(lambda: (lambda n: n if n < before * 0.75 else None)(window.chart("Price")["bars"]), 5, "wheel up shows fewer bars")
    assert window.chart("Price")["live"], "zooming while following goes on following"
    # All panes share one view.
    until(lambda: window.chart("Correlation")["bars"] == window.chart("Price")["bars"], 5, "the panes agree")
    window.wheel("Z-score", 5, 3)
    until(lambda: window.chart("Z-score")["bars"] > closer * 1.2, 5, "wheel down shows more bars")


def test_drag_pans_and_data_does_not_move_the_view():
    window.drag("Spread", 260)
    until(lambda: window.chart("Spread")["paused"], 5, "after the drag the view does not follow")
    time.sleep(0.7)  # descriptions are throttled to two a second: let the last one of the drag come
    still = window.shown("Price")["edge"]
    newest = window.names(r"^Go to live$")
    assert newest, "Go to live is offered"
    count = until(lambda: window.stat("n/N"), 5, "n/N")
    assert count
    holds(lambda: window.chart("Price")["edge"] == still and window.chart("Price")["paused"], 4, "new bars do not move the view")


def test_go_to_live():
    window.click("push button", "^Go to live$", lambda: window.chart("Price")["live"], "the view follows again")
    until(lambda: not window.find("push button", "^Go to live$"), 5, "the button leaves")
    edge = window.shown("Price")["edge"]
    until(lambda: window.chart("Price")["edge"] > edge, 8, "the view moves on with the data")


def test_hover_reads_the_bar():
    window.move("Price", 0.3, 0.5)
    left = until(lambda: window.chart("Price").get("bar"), 5, "a bar under the pointer")
    window.move("Price", 0.7, 0.4)
    until(lambda: window.chart("Price")["bar"] > left, 5, "the bar farther right is later")
    # The view follows: the bar under a resting pointer changes every second, for all panes alike.
    until(lambda: window.chart("Correlation")["bar"] == window.chart("Price")["bar"], 5, "the crosshair is shared by all panes")
    bar = window.shown("Price")["bar"]
    values = window.chart("Price")["text"]
    assert "BTCUSDT" in values and "ETHUSDT" in values, values
    driver.xdo("mousemove", 2, 2)
    until(lambda: window.chart("Price")["bar"] > bar, 5, "without the pointer the newest bar is read")


def test_keyboard():
    window.move("Price", 0.6, 0.5)
    driver.xdo("click", 1)
    driver.xdo("mousemove", 2, 2)
    window.keys("Escape")
    window.keys("Left")
    first = until(lambda: window.chart("Price").get("bar"), 5, "a cursor")
    window.keys("Left", "Left", "shift+Left")
    until(lambda: window.chart("Price")["bar"] < first, 5, "the cursor went to an earlier bar")
    before = window.shown("Price")["bars"]
    window.keys("plus", "plus")
    until(lambda: window.chart("Price")["bars"] < before, 5, "plus zooms in")
    window.keys("Home")
    until(lambda: window.chart("Price")["paused"], 5, "Home goes to the first bar")
    window.keys("End")
    until(lambda: window.chart("Price")["live"], 5, "End goes live")
    window.keys("0")
    until(lambda: window.chart("Price")["bars"] == 180, 5, "0 resets the view")
    window.keys("Escape")


def test_double_click_resets():
    window.wheel("Z-score", 4, 4)
    until(lambda: window.chart("Z-score")["bars"] < 180, 5, "zoomed")
    window.move("Z-score", 0.5)
    driver.xdo("click", "--repeat", 2, "--delay", 60, 1)
    until(lambda: window.chart("Z-score")["bars"] == 180, 5, "double click resets")


def test_quit():
    window.quit()


driver.run(test_first_frame_and_first_bar, test_everything_has_a_name, test_statistics_fill, test_wheel_zooms,
           test_drag_pans_and_data_does_not_move_the_view, test_go_to_live, test_hover_reads_the_bar, test_keyboard, test_double_click_resets,
           test_quit)
