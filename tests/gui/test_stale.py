# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that are not the present look like it and say how old they are: a leg that is silent, a connection that is half open, one that is gone;
and a replay that is over is not old."""
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import driver
import program
from driver import until

AGE = r"\d+ (s|min) old"


def verdict():
    node = window.find("label", "^Verdict$")
    return (node.description or "") if node else ""



def pixels(title, box):
    """A piece of a chart's picture, as numbers."""
    left, top = window.point(title, 0.0, 0.0)
    right, bottom = window.point(title, 1.0, 1.0)
    x, y, width, height = box(left, top, right, bottom)
    done = subprocess.run(["import", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "-depth", "8", "rgb:-"], capture_output=True, check=True)
    return [tuple(done.stdout[i:i + 3]) for i in range(0, len(done.stdout), 3)]


def is_fresh():
    z = window.stat("Z-score at close") or ""
    return (re.match(r"^[+\u2212]\d+\.\d\d( [\u25b2\u25bc])?$", z) and not re.match(AGE, verdict()) and "waiting" not in window.chart("Z-score")["text"]
            and "z-score now " in window.chart("Z-score")["text"])


def is_stale(words):
    z = window.stat("Z-score at close") or ""
    text = window.chart("Z-score")["text"]
    return (re.match(rf"^[+\u2212]\d+\.\d\d {AGE}$", z) and re.match(rf"^{AGE}: ", verdict()) and re.search(rf"; {words}, {AGE}; ", text) and " now " not in text)


def open_window(exchange, *options):
    global window
    window = driver.Window(*exchange.options, "--no-store", "--interval", "1s", *options)
    until(lambda: window.connection() and re.match(r"^[+\u2212]", window.stat("Z-score at close") or ""), 60, "a z-score")
    driver.xdo("mousemove", 2, 2)
    until(is_fresh, 20, "the numbers are the present")


STATS = ("Alpha", "Beta", "R\u00b2", "Residual", "Z-score at close", "Correlation", "Engle-Granger p", "Half-life", "n/N")


def places():
    """Where the numbers of the strip stand and how much room they have."""
    found = {}
    for node in driver.walk(window.app):
        name = next((stat for stat in STATS if (node.name or "").endswith(" " + stat)), None)
        if name and node.getRoleName() in ("label", "text", "static"):
            box = node.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
            found[name] = (box.x, box.y, box.width, box.height)
    return found


def frame_width():
    return window.frame.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS).width


def seconds_old():
    age = re.search(r"(\d+) (s|min) old", window.stat("Z-score at close") or "")
    return int(age.group(1)) * (60 if age.group(2) == "min" else 1) if age else 0


def tag_ink():
    """The strongest colour of the value axis: a tag of the present has its line's."""
    points = pixels("Correlation", lambda left, top, right, bottom: (right - 74, top + 2, 70, bottom - top - 4))
    return max(max(p) - min(p) for p in points)


def test_half_open_then_gone():
    with program.Exchange("--seed", 7) as exchange:
        open_window(exchange, "--stream", "trade")
        bright = until(tag_ink, 5, "a tag")
        window.resize(960, 600)
        until(lambda: len(places()) == 9, 10, "the strip")
        fresh = places()
        exchange.process.send_signal(signal.SIGSTOP)  # the connection stands, and nothing comes
        try:
            until(lambda: is_stale("waiting for both legs"), 25, "both legs are silent")
            driver.holds(lambda: not is_fresh(), 3, "it stays old")
            assert places() == fresh, f"a number moved as it grew old: {fresh} -> {places()}"
            until(lambda: tag_ink() < bright * 0.7, 8, "the tags are dim")
            window.screenshot("stale-half-open")
            first = seconds_old()
            until(lambda: seconds_old() >= first + 2, 10, "it grows older")
        finally:
            exchange.process.send_signal(signal.SIGCONT)
        until(is_fresh, 60, "the present again")
        until(lambda: tag_ink() >= bright * 0.8, 8, "the tags are themselves again")
    until(lambda: is_stale("waiting to reconnect") or is_stale("connecting"), 20, "the exchange is gone")
    until(lambda: window.trouble(), 10, "the banner says so")
    until(lambda: "Reconnecting" in window.connection(), 10, "so does the pill")
    assert window.geometry()[2:] == (960, 600) and frame_width() <= 960, f"the window grew to {window.geometry()[2:]}, its content to {frame_width()}"
    window.screenshot("stale-gone")
    window.quit()


def test_one_leg_silent():
    with program.Exchange("--seed", 7, "--fault", "silence=14") as exchange:
        open_window(exchange, "--stream", "trade", "--stale-after", "5")
        until(lambda: is_stale("waiting for (BTC|ETH)USDT"), 40, "one leg is silent")
        window.screenshot("stale-one-leg")
        window.quit()


def test_never_connected():
    global window
    window = driver.Window("--endpoint", "ws://127.0.0.1:9", "--rest", "http://127.0.0.1:9", "--no-store")
    until(lambda: window.trouble(), 20, "nobody answers")
    until(lambda: re.search(r"^no data yet: (waiting to reconnect|connecting|not connected): no bar yet$", window.chart("Price")["text"]), 10, "the empty charts say so")
    assert (window.stat("Z-score at close") or "\u2013") == "\u2013"
    window.screenshot("stale-never")
    window.quit()


def test_a_replay_that_is_over_is_not_old():
    global window
    folder = os.environ["XDG_RUNTIME_DIR"]
    capture = os.path.join(folder, "capture.ndjson")
    status, _, err = program.run("record", "--demo", "--output", capture, "--duration", 14)
    assert status == 0, err
    window = driver.Window("--replay", capture, "--speed", "max", "--interval", "1s", "--window", "10")
    until(lambda: window.connection() == "Replay over", 40, "the recording is over")
    z = until(lambda: (window.stat("Z-score at close") or "") if re.search(r"\d", window.stat("Z-score at close") or "") else None, 10, "its last z-score")
    driver.holds(lambda: window.stat("Z-score at close") == z and " old" not in z + verdict() + window.chart("Z-score")["text"], 4, "it does not grow old")
    window.quit()


driver.run(test_half_open_then_gone, test_one_leg_silent, test_never_connected, test_a_replay_that_is_over_is_not_old)
