# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers that a person types: a point or a comma is the decimal sign, and what cannot be is not taken, the old number comes back, and it is said why."""
import time

import driver
from driver import until

window = None


def enter(name, text, key="Return"):
    """Clicks into it as often as it takes: a window that was just opened drops the first click."""
    field = window.need("spin button", f"^{name}$")

    def has_focus():
        if not field.getState().contains(driver.pyatspi.STATE_FOCUSED):
            box = field.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)  # the windows stand in the corner of the screen
            height = window.find("frame", "^Preferences$")
            height = height.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS).height if height else 10000
            if box.y + box.height > height - 20 or box.y < 50:  # out of view: the wheel brings it in
                driver.xdo("mousemove", 100, 300, "click", 5 if box.y > 50 else 4)
            else:
                driver.xdo("mousemove", box.x + box.width // 6, box.y + box.height // 2, "click", 1)
            time.sleep(0.2)
        return field.getState().contains(driver.pyatspi.STATE_FOCUSED)

    until(has_focus, 8, f"{name} takes the focus")
    driver.xdo("key", "ctrl+a")
    if text:
        driver.xdo("type", "--delay", 15, "--", text)
    else:
        driver.xdo("key", "BackSpace")
    driver.xdo("key", key)


def shown(name):
    text = window.need("spin button", f"^{name}$").queryText()
    return text.getText(0, text.characterCount)


def refused(name, text, words, kept, key="Return"):
    """The words are new: what was said before is not taken for them."""
    enter(name, text, key)
    until(lambda: window.names(words), 8, f"{text!r} in {name} is refused with {words!r}")
    until(lambda: shown(name) == kept, 5, f"{kept} is shown again, not {shown(name)!r}")
    assert abs(window.spin(name) - float(kept)) < 1e-9, window.spin(name)


def taken(name, text, value, display):
    enter(name, text)
    until(lambda: abs(window.spin(name) - value) < 1e-9, 8, f"{text!r} in {name} is {value}")
    until(lambda: shown(name) == display, 5, f"and shown as {display}, not {shown(name)!r}")


def test_start():
    global window
    window = driver.Window("--demo")
    until(lambda: window.connection() == "Demo", 10, "connected")
    until(lambda: window.spin("Window length") == 60, 5, "the window is 60")


def test_no_number():
    refused("Window length", "abc", "^Window: .abc. is no number. 60 stays.$", "60")
    refused("Window length", "", "^Window: .. is no number. 60 stays.$", "60")
    refused("Threshold", "1,000.5", "^Threshold: .1,000.5. is no number. 2.0 stays.$", "2.0")
    refused("Threshold", "2x", "^Threshold: .2x. is no number. 2.0 stays.$", "2.0")


def test_out_of_range():
    refused("Window length", "2", "^Window: 2 is out of range, it takes 5 to 100000. 60 stays.$", "60")
    refused("Window length", "100001", "^Window: 100001 is out of range, it takes 5 to 100000. 60 stays.$", "60")
    refused("Window length", "-60", "^Window: -60 is out of range, .* 60 stays.$", "60")
    refused("Threshold", "0", "^Threshold: 0 is out of range, it takes 0.1 to 20.0. 2.0 stays.$", "2.0")
    refused("Threshold", "1e9", "^Threshold: 1e9 is out of range, .* 2.0 stays.$", "2.0")
    # Leaving the field is as good as Enter.
    refused("Window length", "3", "^Window: 3 is out of range, .* 60 stays.$", "60", key="Tab")


def test_point_and_comma():
    taken("Threshold", "1,5", 1.5, "1.5")
    taken("Threshold", "2.25", 2.25, "2.25")
    taken("Threshold", "1.5", 1.5, "1.5")
    taken("Threshold", "3", 3.0, "3.0")
    refused("Window length", "12.5", "^Window: 12.5 is no whole number. 60 stays.$", "60")
    taken("Window length", "1,200", 1200, "1200")
    taken("Window length", "60", 60, "60")


def test_the_same_in_the_preferences():
    global window
    window.keys("ctrl+comma")
    window.need("spin button", "^Stale after$")
    taken("Alert threshold", "2,5", 2.5, "2.5")
    until(lambda: abs(window.spin("Threshold") - 2.5) < 1e-9, 8, "the strip shows it")
    refused("Alert threshold", "nine", "^Alert threshold: .nine. is no number. 2.5 stays.$", "2.5")
    refused("Bars in the window", "4", "^Bars in the window: 4 is out of range, it takes 5 to 100000. 60 stays.$", "60")
    refused("Stale after", "0", "^Stale after: 0 is out of range, it takes 1 to 86400. 60 stays.$", "60")
    refused("Quiet after an alert", "1,5", "^Quiet after an alert: 1,5 is no whole number. 60 stays.$", "60")
    taken("Quiet after an alert", "90", 90, "90")
    until(lambda: not window.find("label", "^Quiet after an alert: "), 8, "the word about it goes with the next number that is one")
    window.keys("Escape")
    until(lambda: not window.find("spin button", "^Stale after$"), 8, "they close")


def test_nothing_was_said_for_nothing():
    assert abs(window.spin("Threshold") - 2.5) < 1e-9
    assert window.spin("Window length") == 60
    window.quit()


driver.run(test_start, test_no_number, test_out_of_range, test_point_and_comma, test_the_same_in_the_preferences, test_nothing_was_said_for_nothing)
