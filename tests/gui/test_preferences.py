# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences and the shortcuts window: what is set there is done at once, agrees with the main window, and is saved; no warning is printed."""
import os
import re
import tempfile
import time

import driver
from driver import until

window = None
folder = tempfile.TemporaryDirectory()


def saved():
    try:
        with open(os.path.join(folder.name, "glib-2.0", "settings", "keyfile")) as text:
            return text.read()
    except FileNotFoundError:
        return ""


def control(role, name):
    return window.need(role, f"^{name}$")


def test_open():
    global window
    window = driver.Window("--demo", environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name})
    until(lambda: window.connection() == "Demo", 15, "connected")
    window.keys("ctrl+comma")
    for name in ("Bars", "Prices", "Time zone", "Theme"):
        control("combo box", name)
    for name in ("Desktop notifications", "Candles for A", "Candles for B", "Volume", "High contrast"):
        control("check box", name)


def test_switches():
    for name, key in (("High contrast", "high-contrast=true"), ("Desktop notifications", "notifications=false"), ("Volume", "volume=true")):
        window.click("check box", f"^{name}$", lambda: key in saved(), f"{key} is saved")


def test_spin_agrees_with_the_strip():
    control("spin button", "Alert threshold").queryValue().currentValue = 3.5
    until(lambda: abs(window.spin("Threshold") - 3.5) < 1e-9, 8, "the strip shows the threshold")
    control("spin button", "Bars in the window").queryValue().currentValue = 40
    until(lambda: window.spin("Window length") == 40, 8, "the strip shows the window")


def test_choices_follow_the_actions():
    def shown(name):
        return [n.name for n in driver.walk(control("combo box", name)) if n.getRoleName() == "label" and n.name]

    window.action("appearance", "<'dark'>")
    until(lambda: "Dark" in shown("Theme"), 8, "the theme that was chosen elsewhere is shown")
    window.action("utc")
    until(lambda: "UTC" in shown("Time zone"), 8, "so is the time zone")


def put(name, text):
    control("text", name).queryEditableText().setTextContents(text)


def apply(done, what):
    window.click("push button", "^Apply network settings$", done, what)


def test_numbers_of_alerts():
    control("spin button", "Alert ends at").queryValue().currentValue = 1.5
    until(lambda: "exit-threshold=1.5" in saved(), 8, "where an alert ends is saved")
    # No end beyond the threshold, and a lower threshold takes the end along.
    control("spin button", "Alert threshold").queryValue().currentValue = 1.0
    until(lambda: abs(control("spin button", "Alert ends at").queryValue().currentValue - 1.0) < 1e-9, 8, "the end is at most the threshold")
    control("spin button", "Alert threshold").queryValue().currentValue = 3.5
    until(lambda: abs(control("spin button", "Alert ends at").queryValue().currentValue - 1.5) < 1e-9, 8, "the end that was chosen is back")
    control("spin button", "Stale after").queryValue().currentValue = 25
    control("spin button", "Quiet after an alert").queryValue().currentValue = 300
    until(lambda: "stale-after=25" in saved(), 8, "the stale limit is saved")
    until(lambda: "cool-down=300" in saved(), 8, "and the cool-down")
    for name, key in (("Sound", "alert-sound"), ("Connect at start", "connect-at-start")):
        window.click("check box", f"^{name}$", lambda: ("sound=true" if name == "Sound" else "connect-at-start=false") in saved(), f"{key} is saved")


def test_hindsight_is_saved():
    window.action("hindsight")
    until(lambda: "hindsight=true" in saved(), 8, "the choice of a second spread is saved")


def test_network_is_checked_before_it_is_taken():
    for field, text, word in (("Stream address", "ws://example.com", "without TLS"), ("Stream address", "nonsense", "^nonsense: "),
                              ("Trusted authorities", "/nowhere/roots.pem", "/nowhere/roots.pem"), ("REST address", "https://localhost:1", "alone")):
        put(field, text)
        apply(lambda: window.names(word), f"{text} is refused with a word about it")
        assert "endpoint=" not in saved(), saved()
        put(field, "")
    put("Stream address", "wss://localhost:1")
    apply(lambda: "endpoint='wss://localhost:1'" in saved(), "an address that can be one is saved")
    until(lambda: window.names("^Saved for the next connection"), 8, "the demo goes on")
    assert window.connection() == "Demo"
    put("Stream address", "")
    apply(lambda: "wss://localhost:1" not in saved(), "and taken back")


def test_pair_is_typed():
    entry = control("text", "Pair")  # it has had the focus since the preferences opened

    def enter(text):
        put("Pair", text)
        assert entry.getState().contains(driver.pyatspi.STATE_FOCUSED)
        driver.xdo("key", "Return")

    for text, word in (("BTCUSDT", "two symbols with"), ("BTCUSDT/btcusdt", "both legs"), ("coinm:BTCUSDT/ETHUSDT", "cannot be in one")):
        enter(text)
        until(lambda: window.names(word), 8, f"{text} is refused")
    enter("BTCUSDT/usdm:ETHUSDT")
    until(lambda: window.find("frame", "^spot:BTCUSDT/usdm:ETHUSDT \u2013 Spreadglass$"), 10, "the title names the markets")
    until(lambda: window.find("label", "^usdm:ETHUSDT$"), 8, "and so does the picker")
    until(lambda: "usdm:ETHUSDT" in window.chart("Price")["text"], 15, "and the chart")
    window.action("swap")
    until(lambda: window.find("frame", "^usdm:ETHUSDT/spot:BTCUSDT \u2013 Spreadglass$"), 10, "each leg keeps its market")
    enter("spot:BTCUSDT/ETHUSDT")
    until(lambda: window.find("frame", "^BTCUSDT/ETHUSDT \u2013 Spreadglass$"), 10, "one market goes without saying")


def test_closes():
    window.keys("Escape")
    until(lambda: not window.find("combo box", "^Theme$"), 8, "Escape closes it")


def test_shortcuts():
    window.action("show-help-overlay")
    window.need("label", "^Whole height, or all charts again$")
    window.keys("Escape")
    until(lambda: not window.find("label", "^Whole height, or all charts again$"), 8, "Escape closes it")
    window.quit()  # which holds it to have printed no warning


def test_it_is_all_there_again():
    """Another start, not connected: everything that was chosen."""
    global window
    window = driver.Window("--no-store", environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name})
    until(lambda: window.connection() == "Offline", 15, "nothing is connected to before it is asked for")
    assert "to be asked for" in until(lambda: window.trouble(), 8, "the banner says why")
    window.keys("ctrl+comma")
    for name, value in (("Alert threshold", 3.5), ("Alert ends at", 1.5), ("Stale after", 25), ("Quiet after an alert", 300), ("Bars in the window", 40)):
        until(lambda: abs(control("spin button", name).queryValue().currentValue - value) < 1e-9, 8, f"{name} is {value}")
    for name, on in (("Sound", True), ("Connect at start", False), ("Desktop notifications", False), ("Spread with today's hedge ratio", True)):
        until(lambda: control("check box", name).getState().contains(driver.pyatspi.STATE_CHECKED) == on, 8, f"{name} is {'on' if on else 'off'}")
    window.need("label", "^This run keeps nothing on disk$")
    window.keys("Escape")
    window.quit()


def test_command_line_wins():
    global window
    window = driver.Window("--demo", "--stale-after", "7", "--entry", "2.5", "--exit", "0.5",
                           environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name})
    window.keys("ctrl+comma")
    for name, value in (("Alert threshold", 2.5), ("Alert ends at", 0.5), ("Stale after", 7)):
        until(lambda: abs(control("spin button", name).queryValue().currentValue - value) < 1e-9, 8, f"{name} is {value}")
    assert "stale-after=25" in saved()
    window.keys("Escape")
    window.quit()


def test_old_data_goes_only_after_yes():
    global window
    place = tempfile.TemporaryDirectory()
    window = driver.Window("--data-dir", place.name, environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name})
    window.keys("ctrl+comma")
    window.need("label", "^" + place.name)

    button = next(n for n in driver.walk(control("combo box", "Keep")) if n.getRoleName() == "push button")

    def has_focus():
        if not button.getState().contains(driver.pyatspi.STATE_FOCUSED):
            driver.xdo("key", "shift+Tab")  # from the first to the last, which comes into view
            time.sleep(0.3)
        return button.getState().contains(driver.pyatspi.STATE_FOCUSED)

    def choose():
        """The next line of the list."""
        until(has_focus, 10, "Keep has the focus")
        box = button.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)  # the window stands in the corner of the screen
        driver.xdo("mousemove", box.x + box.width // 2, box.y + box.height // 2)

        def asked():
            """A list that is slow to open takes no key; open already, it is closed by the next click and opened by the one after."""
            driver.xdo("click", 1)
            time.sleep(0.5)
            driver.xdo("key", "--delay", 250, "Down", "Return")
            time.sleep(0.5)
            return window.find("push button", "^Cancel$")

        until(asked, 12, "the question")

    choose()
    window.click("push button", "^Cancel$", lambda: not window.find("push button", "^Cancel$"), "no")
    assert "keep-days" not in saved(), saved()
    choose()
    window.click("push button", "^Delete$", lambda: re.search(r"keep-days=(365|90|30|7)\b", saved()), "yes is saved")
    window.keys("Escape")
    window.quit()


driver.run(test_open, test_switches, test_spin_agrees_with_the_strip, test_choices_follow_the_actions, test_numbers_of_alerts, test_hindsight_is_saved,
           test_network_is_checked_before_it_is_taken, test_pair_is_typed, test_closes, test_shortcuts, test_it_is_all_there_again, test_command_line_wins,
           test_old_data_goes_only_after_yes)
