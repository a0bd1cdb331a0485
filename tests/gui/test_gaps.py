# SPDX-License-Identifier: GPL-3.0-or-later
"""An exchange that goes away and comes back: the charts have a hole, and say why where the pointer or the cursor is on it."""
import re
import socket
import subprocess
import time

import driver
from driver import until

window = exchange = None
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    PORT = free.getsockname()[1]
CAUSE = re.compile(r"missing here: (?:BTCUSDT: |ETHUSDT: )?.*disconnected \d\d:\d\d:\d\d\u2013\d\d:\d\d:\d\d")


def open_exchange():
    global exchange
    exchange = subprocess.Popen([driver.PROGRAM, "exchange", "--plain", "--port", str(PORT)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    driver.atexit.register(close_exchange, exchange)


def close_exchange(process):
    if process.poll() is None:
        process.kill()
        process.wait()


def bars():
    return int((re.match(r"(\d+)/", window.stat("n/N") or "") or [0, 0])[1])


def test_start():
    global window
    open_exchange()
    window = driver.Window("--endpoint", f"ws://localhost:{PORT}")  # without REST nobody can fill the hole
    until(lambda: window.connection() == "Live", 30, "connected")
    until(lambda: bars() >= 5, 60, "some bars")


def test_it_goes_and_comes_back():
    close_exchange(exchange)
    until(lambda: window.trouble(), 20, "the banner says that the connection is lost")
    until(lambda: window.connection().startswith("Reconnecting"), 20, "and the pill that it is tried again")
    before = bars()
    gone = time.monotonic()
    until(lambda: time.monotonic() - gone > 5, 10, "some seconds without an exchange")
    open_exchange()
    window.click("push button", "^Retry now$", lambda: window.connection() in ("Live", "Connecting\u2026") or window.trouble() is None, "a retry")
    until(lambda: window.connection() == "Live", 60, "connected again")
    until(lambda: bars() >= before + 5 or bars() >= 5 and window.trouble() is None, 60, "bars come again")


def test_the_hole_says_why_under_the_pointer():
    """The hole moves to the left with every bar: the pointer stands where it comes by."""
    texts = []

    def found():
        for step in range(90, 60, -3):
            window.move("Price", step / 100)
            time.sleep(0.55)  # descriptions come twice a second
            text = window.chart("Price")["text"]
            if "missing here" in text:
                texts.append(text)
            if CAUSE.search(text):
                return True
        return False

    until(found, 30, f"a place in the chart that says why data is missing: {texts[-1:]}")
    window.screenshot("gap")


def test_the_hole_says_why_to_the_keyboard():
    driver.xdo("click", 1)
    until(lambda: window.need("image", "^Price chart$").getState().contains(driver.pyatspi.STATE_FOCUSED), 8, "the chart has the focus")
    keys = iter(["Left"] * 3 + ["Right"] * 40)  # the pointer stood beside the hole

    def found():
        driver.xdo("key", next(keys))
        time.sleep(0.6)
        return CAUSE.search(window.chart("Price")["text"])

    until(found, 30, "the bar after the hole tells of it")


def test_quit():
    window.quit()


driver.run(test_start, test_it_goes_and_comes_back, test_the_hole_says_why_under_the_pointer, test_the_hole_says_why_to_the_keyboard, test_quit)
