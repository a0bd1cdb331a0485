# SPDX-License-Identifier: GPL-3.0-or-later
"""The panes by mouse, by keyboard and by menu: shown, hidden, moved, resized, maximised; the value axis; and all of it there again the next time."""
import os
import re
import subprocess
import tempfile
import time

import driver
from driver import until

TITLES = ("Price", "Spread", "Z-score", "Correlation", "Hedge ratio", "Scatter")
window = None


def chart(title):
    return window.find("image", f"^{title} chart$")


def box(title):
    return window.need("image", f"^{title} chart$").queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)


def order():
    """Titles of the charts on the screen, from above."""
    tops = []
    for title in TITLES:
        node = chart(title)
        if node is not None:
            tops.append((node.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS).y, title))
    return [title for _, title in sorted(tops)]


def until_order(*titles):
    until(lambda: order() == list(titles), 8, f"the charts are {titles}, not {order()}")


def focused(title):
    node = chart(title)
    return node is not None and node.getState().contains(driver.pyatspi.STATE_FOCUSED)


def focus(title):
    """A click into the plot, away from title and handles."""
    window.move(title, 0.4, 0.6)
    driver.xdo("click", 1)
    until(lambda: focused(title), 5, f"{title} has the focus")


def press(x, y, to_x, to_y):
    driver.xdo("mousemove", x, y, "mousedown", 1)
    for step in range(1, 11):
        time.sleep(0.03)
        driver.xdo("mousemove", x + (to_x - x) * step // 10, y + (to_y - y) * step // 10)
    time.sleep(0.1)
    driver.xdo("mouseup", 1)


def saved(folder):
    with open(os.path.join(folder, "glib-2.0", "settings", "keyfile")) as text:
        return text.read()


def test_start():
    global window
    window = driver.Window("--demo", "--stream", "trade", environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name})
    until(lambda: window.connection() == "Demo", 15, "connected")
    until(lambda: "bar" in window.chart("Price"), 30, "bars")
    window.set_spin("Threshold", 7.5)  # no alert whose banner would move the charts under the pointer
    until_order("Price", "Spread", "Z-score", "Correlation")


def test_show_and_hide():
    window.keys("alt+5")
    until_order("Price", "Spread", "Z-score", "Correlation", "Hedge ratio")
    until(lambda: window.chart("Hedge ratio")["text"].startswith("hedge ratio "), 10, "it says its values")
    window.action("pane-scatter")
    until_order(*TITLES)
    until(lambda: "BTCUSDT" in window.chart("Scatter")["text"], 10, "the scatter says both prices")
    focus("Spread")
    window.keys("Delete")
    until_order("Price", "Z-score", "Correlation", "Hedge ratio", "Scatter")
    until(lambda: focused("Z-score"), 5, "the next chart takes the focus")
    window.keys("alt+2", "alt+6")
    until_order("Price", "Spread", "Z-score", "Correlation", "Hedge ratio")


def test_every_chart_by_tab():
    focus("Price")
    for title in ("Spread", "Z-score", "Correlation", "Hedge ratio"):
        window.keys("Tab")
        until(lambda: focused(title), 5, f"Tab goes on to {title}")
    window.keys("Up")
    until(lambda: focused("Correlation"), 5, "Up goes to the chart above")


def test_move_by_key_and_grip():
    focus("Z-score")
    window.keys("alt+Up")
    until_order("Price", "Z-score", "Spread", "Correlation", "Hedge ratio")
    assert focused("Z-score"), "it keeps the focus"
    window.keys("alt+Down")
    until_order("Price", "Spread", "Z-score", "Correlation", "Hedge ratio")
    # Carried by its grip: from the upper right corner to the head of all.
    window.move("Correlation", 0.5, 0.5)
    grip = window.find("image", "^Move the Correlation chart$") \
        or window.need("icon", "^Move the Correlation chart$")
    chart_x, chart_y = window.point("Correlation", 0, 0)
    at, of = grip.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS), box("Correlation")
    x, y = chart_x + at.x - of.x + at.width // 2, chart_y + at.y - of.y + at.height // 2
    press(x, y, x - 60, window.point("Price", 0.5, 0)[1] + 10)
    until_order("Correlation", "Price", "Spread", "Z-score", "Hedge ratio")
    window.action("panes-reset")
    until_order("Price", "Spread", "Z-score", "Correlation")


def test_resize_and_equalise():
    before = box("Price").height
    x, y = window.point("Price", 0.5, 1)
    press(x, y, x, y - 60)
    until(lambda: abs(box("Price").height - (before - 60)) <= 3, 8, f"the divider made Price 60 px lower than {before}: {box('Price').height}")
    x, y = window.point("Price", 0.5, 1)
    driver.xdo("mousemove", x, y, "click", "--repeat", 2, "--delay", 60, 1)
    until(lambda: max(box(t).height for t in order()) - min(box(t).height for t in order()) <= 2, 8, "a double click makes all equal")
    focus("Price")
    lower = box("Price").height
    window.keys("alt+plus")
    until(lambda: box("Price").height > lower + 10, 8, "Alt+plus makes it taller")


def test_maximise():
    x, y = window.point("Z-score", 0, 0)
    driver.xdo("mousemove", x + 30, y + 10, "click", "--repeat", 2, "--delay", 60, 1)
    until_order("Z-score")
    window.move("Z-score", 0.5)
    window.click("push button", "^Restore the Z-score chart$", lambda: len(order()) == 4, "all are there again")
    focus("Spread")
    window.keys("f")
    until_order("Spread")
    window.keys("f")
    until_order("Price", "Spread", "Z-score", "Correlation")


def picture(title):
    """The pixels of a chart's value axis."""
    x, y = window.point(title, 0, 0)
    size = box(title)
    out = subprocess.run(["import", "-window", "root", "-crop", f"70x{size.height - 10}+{x + size.width - 72}+{y + 5}", "rgb:-"], capture_output=True,
                         check=True)
    return out.stdout


def test_value_axis():
    """Paused and with the pointer away, a chart changes only by what is done to it."""
    window.wheel("Z-score", 7, 2)
    window.keys("Home")
    until(lambda: window.chart("Z-score")["paused"], 5, "paused")
    driver.xdo("mousemove", 2, 2)
    automatic = until(lambda: (lambda a, b: a if a == b else None)(picture("Z-score"), picture("Z-score")), 5, "it stands still")
    x, y = window.point("Z-score", 1, 0.5)
    press(x - 30, y - 30, x - 30, y + 30)
    driver.xdo("mousemove", 2, 2)
    until(lambda: picture("Z-score") != automatic, 5, "a drag of the axis scales it")
    driver.xdo("mousemove", x - 30, y, "click", "--repeat", 2, "--delay", 60, 1, "mousemove", 2, 2)
    until(lambda: picture("Z-score") == automatic, 5, "a double click gives it back")
    window.keys("End")


def test_menu():
    window.move("Correlation", 0.5, 0.5)
    driver.xdo("click", 3)
    window.need("menu item", "^Move up")
    window.keys("Escape")
    until(lambda: not window.find("menu item", "^Move up"), 5, "Escape closes the menu")
    until(lambda: focused("Correlation"), 5, "the chart has the focus again")
    window.keys("shift+F10")
    until(lambda: window.find("menu item", "^Move up"), 5, "Shift+F10 opens it")
    window.click("menu item", "^Move up", lambda: order() == ["Price", "Spread", "Correlation", "Z-score"], "it is moved")


def test_price_modes():
    for mode in ("absolute", "indexed", "log"):
        window.action("price-mode", f"<'{mode}'>")
        until(lambda: f"price-mode='{mode}'" in saved(folder.name), 8, f"{mode} is saved")
    window.action("candles-a")
    window.action("volume")
    until(lambda: "candles-a=true" in saved(folder.name) and "volume=true" in saved(folder.name), 8, "the style is saved")
    focus("Price")
    window.keys("p")
    until(lambda: "price-mode='percent'" in saved(folder.name), 8, "P chooses percent")


def test_spread_modes():
    window.action("pane-spread") if "Spread" not in order() else None
    for mode, name in (("level", "spread"), ("deviation", "spread less its mean"), ("residual", "residual")):
        window.action("spread-mode", f"<'{mode}'>")
        until(lambda: f"spread-mode='{mode}'" in saved(folder.name) or mode == "residual" and "spread-mode" not in saved(folder.name), 8, f"{mode} is saved")
        until(lambda: re.match(rf"^{name} (now )?([-\u2212]?\d|undefined)", window.chart("Spread")["text"]), 10, f"the chart shows the {name}")
    window.action("spread-mode", "<'level'>")
    until(lambda: "spread-mode='level'" in saved(folder.name), 8, "it is saved")


def test_comes_back():
    global window
    window.action("pane-hedge-ratio")
    window.action("pane-price")
    until_order("Spread", "Correlation", "Z-score", "Hedge ratio")
    window.quit()
    window = driver.Window("--demo", "--stream", "trade", environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name})
    until_order("Spread", "Correlation", "Z-score", "Hedge ratio")
    until(lambda: re.match(r"^spread (now )?([-\u2212]?\d|undefined)", window.chart("Spread")["text"]), 30, "the spread chart is as it was chosen")
    for title in ("Spread", "Correlation", "Z-score"):
        window.action({"Z-score": "pane-zscore"}.get(title, "pane-" + title.lower()))
    until_order("Hedge ratio")
    window.action("pane-hedge-ratio")
    driver.holds(lambda: order() == ["Hedge ratio"], 1, "the last chart stays")
    window.quit()


folder = tempfile.TemporaryDirectory()
driver.run(test_start, test_show_and_hide, test_every_chart_by_tab, test_move_by_key_and_grip, test_resize_and_equalise, test_maximise, test_value_axis,
           test_menu, test_price_modes, test_spread_modes, test_comes_back)
