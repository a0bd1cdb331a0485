# SPDX-License-Identifier: GPL-3.0-or-later
"""The model behind its button: what is in force is one line, every choice is taken at once, and beta is the same however one came there."""
import re
import time

import driver
from driver import until

window = None
folder = __import__("tempfile").TemporaryDirectory()
SAVED = {"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name}


def saved():
    try:
        with open(f"{folder.name}/glib-2.0/settings/keyfile") as text:
            return text.read()
    except FileNotFoundError:
        return ""


def model_button():
    return next((n for n in driver.walk(window.app) if n.getRoleName() == "push button" and n.name == "Model"), None)


def in_force():
    return model_button().description


def open_model():
    def opened():
        if not window.find("combo box", "^Hedge method$"):
            box = model_button().queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
            driver.xdo("mousemove", box.x + box.width // 2, box.y + box.height // 2, "click", 1)
            time.sleep(0.4)
        return window.find("combo box", "^Hedge method$")

    return until(opened, 10, "the popover of the model")


METHODS = ["OLS", "Rolling OLS", "Total least squares", "Kalman filter", "Fixed beta"]
SAMPLES = ["All bars", "The last"]
STREAMS = ["tickers", "trades", "book mid prices"]
DEVIATIONS = ["over n \u2212 1 (ddof 1)", "over n (ddof 0)"]


def choose(name, options, wanted, done=None):
    """By the keyboard, as often as it takes: a list that is slow to open takes no key."""
    def shown():
        names = [n.name for n in driver.walk(window.find("combo box", f"^{name}$")) if n.getRoleName() == "label"]
        return next((option for option in options if option in names), None)

    def focused(button):
        if not button.getState().contains(driver.pyatspi.STATE_FOCUSED):
            driver.xdo("key", "Tab")
            time.sleep(0.15)
        return button.getState().contains(driver.pyatspi.STATE_FOCUSED)

    def chosen():
        if (done or (lambda: shown() == wanted))():
            return True
        button = next(n for n in driver.walk(window.need("combo box", f"^{name}$")) if n.getRoleName() == "push button")
        until(lambda: focused(button), 10, f"{name} has the focus")
        steps = options.index(wanted) - options.index(shown())
        driver.xdo("key", "space")
        time.sleep(0.4)
        driver.xdo("key", "--delay", 80, *(["Down"] * steps if steps > 0 else ["Up"] * -steps), "Return")
        time.sleep(0.4)
        return (done or (lambda: shown() == wanted))()

    until(chosen, 12, f"{name} is {wanted}")


def beta():
    return window.stat("Beta")


def test_start():
    global window
    window = driver.Window("--demo", environment=SAVED)
    until(lambda: window.connection() == "Demo", 10, "connected")
    until(lambda: in_force() == "OLS on all bars of 1s \u00b7 z over 60 \u00b7 tickers", 8, "what is in force is said")


def test_choices():
    open_model()
    window.need("label", "^OLS on all bars of 1s \u00b7 z over 60 \u00b7 tickers$")
    choose("Hedge method", METHODS, "Total least squares")
    until(lambda: in_force().startswith("Total least squares on all bars of 1s"), 8, "total least squares")
    choose("Fit sample", SAMPLES, "The last")
    until(lambda: in_force().startswith("Total least squares on the last 1000 bars of 1s"), 8, "a limited sample")
    window.set_spin("Fit bars", 500)
    until(lambda: in_force().startswith("Total least squares on the last 500 bars of 1s"), 8, "of another length")
    choose("Deviation", DEVIATIONS, DEVIATIONS[1])
    until(lambda: "z over 60, ddof 0" in in_force(), 8, "ddof 0")
    for word in ("hedge='tls'", "lookback=500", "ddof=0"):
        until(lambda: word in saved(), 8, f"{word} is saved")
    until(lambda: re.search(r"\d", beta() or ""), 10, "there is a hedge ratio")


def test_what_does_not_go_together_is_not_taken():
    choose("Fit sample", SAMPLES, "All bars")
    until(lambda: "on all bars" in in_force(), 8, "all bars")
    window.keys("Escape")
    window.set_spin("Threshold", 0.5)  # which a window of 8 can reach
    until(lambda: abs(window.spin("Threshold") - 0.5) < 1e-9, 8, "the threshold")
    window.set_spin("Window length", 8)
    until(lambda: "z over 8" in in_force(), 8, "a short window")
    open_model()
    choose("Hedge method", METHODS, "Rolling OLS", lambda: window.find("label", "^Not taken: .*too few"))
    assert in_force().startswith("Total least squares"), in_force()
    until(lambda: [n.name for n in driver.walk(window.find("combo box", "^Hedge method$")) if n.getRoleName() == "label" and n.name == "Total least squares"], 8,
          "the list shows what is in force")
    window.set_spin("Window length", 60)
    choose("Hedge method", METHODS, "Fixed beta")
    until(lambda: in_force().startswith("Beta fixed at 1, alpha on all bars"), 8, "a fixed one")
    window.set_spin("Fixed beta", 18.25)
    until(lambda: beta() == "18.250", 8, f"is what is given, not {beta()}")


def test_stream():
    choose("Stream", STREAMS, "trades")
    until(lambda: in_force().endswith("\u00b7 trades"), 10, "trades")
    until(lambda: "stream='trade'" in saved(), 8, "is saved")
    until(lambda: re.search(r"\d", window.stat("Z-score at close") or ""), 30, "the numbers come again")
    window.keys("Escape")
    until(lambda: not window.find("combo box", "^Hedge method$"), 8, "Escape closes it")
    window.quit()


def test_it_is_there_again():
    global window
    window = driver.Window("--demo", environment=SAVED)
    until(lambda: in_force() == "Beta fixed at 18.25, alpha on all bars of 1s \u00b7 z over 60, ddof 0 \u00b7 trades", 8, "what was chosen")
    window.quit()
    window = driver.Window("--demo", "--hedge", "ols", "--lookback", "all", "--ddof", "1", "--stream", "ticker", environment=SAVED)
    until(lambda: in_force() == "OLS on all bars of 1s \u00b7 z over 60 \u00b7 tickers", 8, "the command line wins")


def test_beta_is_not_what_was_clicked():
    """At 1h nothing closes while this runs, so that beta can be read."""
    window.click("push button", "^1h$", lambda: "of 1h" in in_force(), "bars of an hour")
    window.set_spin("Threshold", 1.0)
    window.set_spin("Window length", 30)
    until(lambda: re.search(r"\d", window.stat("Z-score at close") or ""), 20, "they have come")
    first, z = beta(), window.stat("Z-score at close")
    for length in (99999, 5, 700, 30):
        window.set_spin("Window length", length)
        until(lambda: window.spin("Window length") == length, 8, f"a window of {length}")
        time.sleep(0.7)  # what it asks the exchange for comes meanwhile
    window.click("push button", "^1m$", lambda: "of 1m" in in_force(), "another interval")
    window.click("push button", "^1h$", lambda: "of 1h" in in_force(), "and back")
    until(lambda: beta() == first, 10, f"beta is {first} again, not {beta()}")
    until(lambda: window.stat("Z-score at close") == z, 10, f"and z {z}, not {window.stat('Z-score at close')}")
    driver.holds(lambda: beta() == first, 6, "also after whatever was asked for has come")
    window.quit()


driver.run(test_start, test_choices, test_what_does_not_go_together_is_not_taken, test_stream, test_it_is_there_again, test_beta_is_not_what_was_clicked)
