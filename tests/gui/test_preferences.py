# SPDX-License-Identifier: GPL-3.0-or-later
"""The preferences and the shortcuts window: what is set there is done at once, agrees with the main window, and is saved; no warning is printed."""
import os
import tempfile

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


def test_closes():
    window.keys("Escape")
    until(lambda: not window.find("combo box", "^Theme$"), 8, "Escape closes it")


def test_shortcuts():
    window.action("show-help-overlay")
    window.need("label", "^Whole height, or all charts again$")
    window.keys("Escape")
    until(lambda: not window.find("label", "^Whole height, or all charts again$"), 8, "Escape closes it")
    window.quit()  # which holds it to have printed no warning


driver.run(test_open, test_switches, test_spin_agrees_with_the_strip, test_choices_follow_the_actions, test_closes, test_shortcuts)
