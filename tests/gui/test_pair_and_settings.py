# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person changes: interval, window, threshold, pair; and what of it is there again the next time."""
import os
import re
import tempfile

import driver
from driver import until

window = None


def pressed(name):
    node = window.find("push button", f"^{name}$")
    return node is not None and node.getState().contains(driver.pyatspi.STATE_PRESSED)


def test_start():
    global window
    window = driver.Window("--demo", "--window", "30")
    until(lambda: window.connection() == "Demo", 10, "connected")
    until(lambda: window.spin("Window length") == 30, 5, "the command line's window length is shown")
    until(lambda: pressed("1s"), 5, "1s is pressed")


def test_interval():
    window.click("push button", "^1m$", lambda: pressed("1m"), "1m is pressed")
    until(lambda: not pressed("1s"), 5, "1s is not pressed any more")
    # A minute's bar opens on the minute.
    until(lambda: re.search(r"T\d\d:\d\d:00Z$", window.chart("Price").get("bar", "")), 15, "the bars are minutes")
    until(lambda: window.chart("Price")["live"], 5, "a new interval starts live")
    window.click("push button", "^1s$", lambda: pressed("1s"), "1s is pressed")
    until(lambda: window.chart("Price").get("bars") == 180, 8, "the view is that of the new interval")


def test_less_used_interval():
    """30m, 2h, 4h and 1d stand behind one button, which shows the one that is chosen."""
    others = "^Other intervals$"
    window.click("push button", "^…$", lambda: window.find("radio menu item", "^4 hours$"), "the menu of other intervals opens")
    window.click("radio menu item", "^4 hours$", lambda: window.find("push button", "^Other intervals: 4h$"), "4h is chosen")
    assert not any(pressed(name) for name in ("1s", "1m", "5m", "15m", "1h")), "no other interval is pressed"
    until(lambda: re.search(r"T(00|04|08|12|16|20):00:00Z$", window.chart("Price").get("bar", "")), 15, "the bars are of four hours")
    window.click("push button", "^1s$", lambda: pressed("1s"), "1s is pressed")
    until(lambda: window.find("push button", others), 5, "the button shows none any more")


def test_window_length_and_threshold():
    window.set_spin("Window length", 20)
    window.need("label", r"20/20 n/N$", 15)
    window.set_spin("Threshold", 1.5)
    until(lambda: abs(window.spin("Threshold") - 1.5) < 1e-9, 5, "the threshold is taken")
    window.set_spin("Threshold", 2.0)


def test_unknown_symbol():
    window.keys("ctrl+l")
    window.need("entry", "^Find Symbol A$")
    until(lambda: window.find("label", "^BTCUSDT$"), 10, "the list of symbols")
    driver.xdo("type", "--delay", 20, "NOSUCHCOIN")
    driver.xdo("key", "Return")
    until(lambda: window.find("label", "NOSUCHCOIN is not traded here"), 8, "the error is under the field")
    driver.xdo("key", "Escape")
    until(lambda: not window.find("entry", "^Find Symbol A$"), 5, "the picker closes")
    assert "BTCUSDT" in window.chart("Price")["text"], "the old pair stays"


def test_a_equals_b():
    window.keys("ctrl+l")
    window.need("entry", "^Find Symbol A$")
    driver.xdo("type", "--delay", 20, "ethusdt")
    driver.xdo("key", "Return")
    until(lambda: window.find("label", "ETHUSDT is B already"), 8, "the hint that A and B must differ")
    driver.xdo("key", "Escape")
    until(lambda: not window.find("entry", "^Find Symbol A$"), 5, "the picker closes")
    assert "BTCUSDT" in window.chart("Price")["text"], "the old pair stays"


def test_swap_changes_the_pair():
    window.click("push button", "^Swap symbols$", lambda: window.frame.name.startswith("ETHUSDT/BTCUSDT"), "the pair is swapped")
    until(lambda: re.match(r"ETHUSDT .*BTCUSDT ", window.chart("Price")["text"]), 15, "the charts show the swapped pair")
    window.click("push button", "^Swap symbols$", lambda: window.frame.name.startswith("BTCUSDT/ETHUSDT"), "and back")
    until(lambda: re.match(r"BTCUSDT .*ETHUSDT ", window.chart("Price")["text"]), 15, "the charts show the pair again")


def test_quit():
    window.quit()


def test_settings_come_back():
    """GSettings in a file: the second run begins where the first ended, and the command line wins over it."""
    global window
    with tempfile.TemporaryDirectory() as folder:
        environment = {"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder}
        window = driver.Window("--demo", environment=environment)
        until(lambda: window.spin("Window length") == 60, 8, "the default window")
        window.set_spin("Window length", 45)
        window.set_spin("Threshold", 2.5)
        window.action("interval", "<'5m'>")
        window.action("appearance", "<'dark'>")
        until(lambda: pressed("5m"), 8, "5m")
        window.quit()
        text = open(os.path.join(folder, "glib-2.0", "settings", "keyfile")).read()
        assert "window-length=45" in text and "interval='5m'" in text and "appearance='dark'" in text, text

        window = driver.Window("--demo", environment=environment)
        until(lambda: window.spin("Window length") == 45, 8, "the saved window length")
        until(lambda: abs(window.spin("Threshold") - 2.5) < 1e-9, 8, "the saved threshold")
        until(lambda: pressed("5m"), 8, "the saved interval")
        window.quit()

        window = driver.Window("--demo", "--window", "33", "--interval", "1m", environment=environment)
        until(lambda: window.spin("Window length") == 33, 8, "the command line wins")
        until(lambda: pressed("1m"), 8, "the command line wins")
        window.quit()


def test_starts_without_the_schema():
    global window
    with tempfile.TemporaryDirectory() as folder:
        window = driver.Window("--demo", environment={"GSETTINGS_SCHEMA_DIR": folder})
        until(lambda: window.spin("Window length") == 60, 8, "the defaults")
        window.quit()


driver.run(test_start, test_interval, test_less_used_interval, test_window_length_and_threshold, test_unknown_symbol, test_a_equals_b, test_swap_changes_the_pair,
           test_quit, test_settings_come_back, test_starts_without_the_schema)
