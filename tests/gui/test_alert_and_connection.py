# SPDX-License-Identifier: GPL-3.0-or-later
"""What the banners say: an alert of the live market comes with words and sign and leaves by itself; a connection that fails says why and what to do."""
import re
import socket

import driver
from driver import holds, until

window = None
WORDS = re.compile(r"^BTCUSDT is (dear|cheap) against ETHUSDT: z [+\u2212]\d+\.\d\d (again |still )?(above \+|below \u2212)\d+\.\d+,? for \d+ (s|min) \u00b7 relation: (not significant|significant one way only|significant both ways|not known) \(.+\) \(z at close\)$")
BACK = re.compile(r"^z .* is back within ")


def standing():
    text = window.alert()
    return text if text and not BACK.match(text) else None


def test_start():
    global window
    window = driver.Window("--demo", "--window", "20")
    until(lambda: window.connection() == "Demo", 10, "connected")
    window.need("label", r"20/20 n/N$", 30)


def test_no_alert_far_from_the_threshold():
    window.set_spin("Threshold", 4.2)
    until(lambda: window.alert() is None, 6, "no banner far from the threshold")
    holds(lambda: window.alert() is None, 2, "no banner far from the threshold")


def test_alert_comes_with_words():
    window.set_spin("Threshold", 0.5)
    text = until(standing, 60, "the banner comes")
    assert WORDS.match(text), text
    side = "above" if "above" in text else "below"
    assert (side == "above") == ("dear" in text), text


def test_show_moves_the_charts():
    def shown():  # the cursor stands on a bar that raised one, or would with this threshold
        return re.search(r"alert fired|would fire", window.chart("Z-score")["text"])
    until(standing, 60, "a banner")
    window.click("push button", "^Show$", shown, "the charts go to where the alert was raised")
    window.action("go-live")
    until(lambda: window.chart("Z-score")["live"], 5, "live again")


def test_alert_leaves_by_itself():
    until(standing, 60, "a banner")
    # Nothing is clicked: z crosses back, or the threshold moves out of its reach.
    window.set_spin("Threshold", 4.2)
    until(lambda: window.alert() is None, 10, "the banner leaves by itself")


def test_event_log():
    """What happened can be read, and a row moves the charts to where it happened."""
    window.action("event-log")
    until(lambda: window.find("tree table", "^Event log$"), 8, "the event log")
    until(lambda: window.find("label", "^Alert$"), 8, "the alerts are in it")
    until(lambda: window.find("label", "^Subscribed$"), 8, "and the connection")
    driver.xdo("key", "Escape")
    until(lambda: not window.find("tree table", "^Event log$"), 8, "Escape closes it")


def test_not_before_there_is_enough_data():
    window.set_spin("Window length", 2000)
    until(lambda: re.search(r"/2000 ", window.stat("n/N") + " "), 8, "the window is long")
    holds(lambda: window.alert() is None, 2, "no banner while z is not defined")
    window.quit()


def test_refused_connection():
    global window
    with socket.socket() as free:  # a port where nobody listens
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    window = driver.Window("--endpoint", f"wss://localhost:{port}", "--rest", f"https://localhost:{port}")
    text = until(lambda: window.trouble(), 20, "the banner about the connection")
    assert "refused" in text and str(port) in text, text
    until(lambda: re.match(r"^Reconnecting in \d+ s \(\d+\)$", window.connection()), 15, "the pill counts down")
    until(lambda: "Trying again in" in (window.trouble() or ""), 15, "the banner says when")
    window.need("push button", "^Retry now$")
    assert window.alert() is None


def test_open_the_built_in_exchange():
    window.click("push button", "^Open the built-in exchange$", lambda: window.connection() == "Demo", "the built-in exchange is connected")
    until(lambda: window.trouble() is None, 10, "the banner leaves")
    until(lambda: re.search(r"\d", window.stat("Beta") or ""), 20, "numbers come")
    window.quit()


def test_unknown_symbol_on_the_command_line():
    """Nothing to fall back to: the window says so and goes on."""
    global window
    window = driver.Window("--demo", "--pair", "NOSUCHCOIN/ETHUSDT")
    text = until(lambda: window.trouble(), 20, "the banner about the symbol")
    assert "NOSUCHCOIN" in text, text
    until(lambda: window.connection() == "Offline", 10, "offline")
    window.keys("ctrl+l")
    window.need("entry", "^Find Symbol A$")
    driver.xdo("type", "--delay", 20, "BTCUSDT")
    driver.xdo("key", "Return")
    until(lambda: window.connection() == "Demo", 20, "another symbol works")
    until(lambda: window.trouble() is None, 10, "the banner leaves")
    window.quit()


driver.run(test_start, test_no_alert_far_from_the_threshold, test_alert_comes_with_words, test_show_moves_the_charts, test_alert_leaves_by_itself,
           test_event_log, test_not_before_there_is_enough_data, test_refused_connection,
           test_open_the_built_in_exchange, test_unknown_symbol_on_the_command_line)
