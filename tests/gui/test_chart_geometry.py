# SPDX-License-Identifier: GPL-3.0-or-later
"""A start without a gap, a crosshair that lets go, a card that keeps off its span, a scatter with axes of its own, candles only where there are trades."""
import datetime
import re
import time

import driver
from driver import holds, until

window = None


def newest():
    """Do the charts speak of the newest bar? Its legend has its values, and no crosshair those of another."""
    chart = window.chart("Price")
    bar, edge = (datetime.datetime.strptime(chart[name], "%Y-%m-%dT%H:%M:%S%z" if len(chart[name]) > 17 else "%Y-%m-%dT%H:%M%z") for name in ("bar", "edge"))
    return (edge - bar).total_seconds() <= 15  # a few bars' room at the right


def box(node):
    extents = node.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
    return extents.x, extents.y, extents.width, extents.height


def card():
    node = window.find("panel", "^Selection$") or window.find("filler", "^Selection$") or window.find("grouping", "^Selection$")
    return box(node) if node is not None else None


def test_start_has_no_gap():
    global window
    window = driver.Window("--demo")
    until(lambda: window.connection() == "Demo", 20, "connected")
    until(lambda: "bar" in window.chart("Price"), 20, "bars")

    def whole():
        return not window.names("missing inside the window") and "missing" not in window.chart("Price")["text"]
    # The second in which the session began is asked for when it is over. Where that answer is slower than the first bar, what is missing is there soon.
    end = time.monotonic() + 6
    while time.monotonic() < end:
        until(whole, 2.5, "nothing is missing for longer than an answer takes")
        time.sleep(0.05)
    window.need("label", r"60/60 n/N$", 60)
    window.set_spin("Threshold", 7)


def test_end_lets_the_crosshair_go():
    window.move("Price", 0.4, 0.5)
    driver.xdo("click", 1)
    until(lambda: not newest(), 8, "the crosshair is on a bar of the past")
    window.keys("End")
    until(newest, 8, "End lets it go, though the pointer rests there")


def test_a_dialog_takes_the_crosshair():
    x, y = window.point("Spread", 0.3, 0.5)
    driver.xdo("mousemove", x - 9, y, "mousemove", x, y)
    until(lambda: not newest(), 8, "the crosshair is on a bar of the past")
    window.action("preferences")
    until(lambda: window.find("dialog", "^Preferences$") or window.find("frame", "^Preferences$"), 10, "a dialog")
    driver.xdo("key", "Escape")
    until(lambda: not (window.find("dialog", "^Preferences$") or window.find("frame", "^Preferences$")), 10, "it goes")
    until(newest, 8, "no crosshair's value is left behind")


def test_m_alone_opens_nothing():
    window.move("Z-score", 0.5, 0.5)
    driver.xdo("click", 1)
    window.keys("m")
    until(lambda: "; selected " in window.chart("Z-score")["text"], 8, "a span begins")
    holds(lambda: card() is None, 1, "no empty card")
    window.keys("Escape", "Escape")


def shift_drag(start, *ends):
    """A span from `start` on, dragged to each of the ends in turn; yields at each while the button is held."""
    (x0, y) = window.point("Spread", start, 0.5)
    driver.xdo("mousemove", x0, y, "keydown", "shift", "mousedown", 1)
    x = x0
    try:
        for end in ends:
            target = window.point("Spread", end, 0.5)[0]
            for step in range(1, 9):
                driver.time.sleep(0.03)
                driver.xdo("mousemove", x + (target - x) * step // 8, y)
            x = target
            yield x0, x
    finally:
        driver.xdo("mouseup", 1, "keyup", "shift")


def clear_of(from_x, to_x):
    """Is there a card, and none of it over the span? Screen px; the charts begin and end where the Spread chart does."""
    there = card()
    if there is None:
        return False
    chart = box(window.need("image", "^Spread chart$"))
    left = window.point("Spread", 0, 0.5)[0] - chart[0]
    x, y, width, _ = there
    stack_end = max(box(window.need("image", f"^{name} chart$"))[1] + box(window.need("image", f"^{name} chart$"))[3] for name in ("Price", "Correlation"))
    beside = left + x + width <= min(from_x, to_x) + 4 or left + x >= max(from_x, to_x) - 4
    return beside or y >= stack_end


def test_the_card_keeps_off_its_span():
    for start, ends in ((0.02, (0.3,)), (0.65, (0.9,)), (0.3, (0.6, 0.92, 0.45)), (0.92, (0.6, 0.03)), (0.4, (0.6, 0.1))):
        for from_x, to_x in shift_drag(start, *ends):
            until(lambda: clear_of(from_x, to_x), 6, f"a card that does not cover the span from {start} to {ends}")
        window.action("selection-clear")
        until(lambda: card() is None, 6, "no card without a span")


def test_candles_need_trades():
    enabled = {name: driver.subprocess.run(["gdbus", "call", "--session", "--dest", driver.APP_ID, "--object-path", f"{driver.OBJECT}/window/1", "--method",
                                            "org.gtk.Actions.Describe", name], capture_output=True, text=True, check=True).stdout
               for name in ("candles-a", "candles-b", "volume")}
    assert enabled["candles-a"].startswith("((false,") and enabled["candles-b"].startswith("((false,"), enabled
    assert enabled["volume"].startswith("((true,"), enabled


def test_a_scatter_alone_has_axes_of_its_own():
    window.action("pane-scatter")
    chart = window.need("image", "^Scatter chart$")
    above = window.need("image", "^Correlation chart$")
    until(lambda: box(chart)[3] > 40, 8, "the scatter")
    frame = box(window.frame)

    def gap():
        return box(chart)[1] - box(above)[1] - box(above)[3]
    until(lambda: 20 <= gap() <= 32, 8, "the time axis is under the lowest chart that shares it, above the scatter")
    assert box(chart)[1] + box(chart)[3] >= frame[3] - 12, "the scatter stands at the foot"
    high, (x, y) = box(chart)[3], window.point("Scatter", 0.5, 0)
    driver.xdo("mousemove", x, y - 1, "mousedown", 1)
    for step in range(1, 7):
        driver.time.sleep(0.03)
        driver.xdo("mousemove", x, y - 1 - 5 * step)
    driver.xdo("mouseup", 1)
    until(lambda: 26 <= box(chart)[3] - high <= 34, 8, f"the divider under the time axis is dragged by 30 px from {high}, not to {box(chart)[3]}")
    window.move("Scatter", 0.3, 0.5)
    driver.xdo("click", 1)
    window.action("pane-up")
    until(lambda: box(above)[1] + box(above)[3] <= frame[3] - 20, 8, "with another chart below the time axis is below that")
    window.move("Scatter", 0.3, 0.5)
    driver.xdo("click", 1)
    window.action("pane-down")
    until(lambda: 20 <= gap() <= 32, 8, "and back")
    window.move("Scatter", 0.3, 0.5)
    driver.xdo("click", 1)
    window.keys("f")
    until(lambda: box(chart)[3] > 400 and box(chart)[1] + box(chart)[3] >= frame[3] - 12, 8, "alone it reaches the foot of the window: no time axis")
    window.keys("f")
    until(lambda: box(chart)[3] < 300, 8, "and back")
    window.quit()


def test_candles_on_trades():
    global window
    window = driver.Window("--demo", "--stream", "trade")
    until(lambda: "bar" in window.chart("Price"), 20, "bars")
    described = driver.subprocess.run(["gdbus", "call", "--session", "--dest", driver.APP_ID, "--object-path", f"{driver.OBJECT}/window/1", "--method",
                                       "org.gtk.Actions.Describe", "candles-a"], capture_output=True, text=True, check=True).stdout
    assert described.startswith("((true,"), described
    window.quit()


def test_show_lets_go():
    global window
    window = driver.Window("--demo", "--entry", "0.4", "--exit", "0.3")
    until(lambda: window.alert(), 90, "an alert")
    window.click("push button", "^Show$", lambda: re.search(r"alert fired|would fire", window.chart("Z-score")["text"]), "the crosshair shows the bar")
    until(newest, 12, "and lets it go by itself")
    window.quit()


if __name__ == "__main__":
    driver.run(test_start_has_no_gap, test_end_lets_the_crosshair_go, test_a_dialog_takes_the_crosshair, test_m_alone_opens_nothing,
               test_the_card_keeps_off_its_span, test_candles_need_trades, test_a_scatter_alone_has_axes_of_its_own, test_candles_on_trades, test_show_lets_go)
