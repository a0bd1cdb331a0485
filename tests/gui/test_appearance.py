# SPDX-License-Identifier: GPL-3.0-or-later
"""Light and dark at the smallest and the usual size: pictures for the eye in the build folder, and the facts a program can check."""
import re
import subprocess

import driver
from driver import until


window = None


def brightness(box):
    """Mean grey (0 … 1) of a part of the screen: x, y, width, height."""
    x, y, width, height = (int(n) for n in box)
    out = subprocess.run(["import", "-window", "root", "-crop", f"{width}x{height}+{x}+{y}", "-colorspace", "gray", "-format", "%[fx:mean]", "info:"],
                         capture_output=True, text=True, check=True).stdout
    return float(out)


def part(title):
    chart = window.need("image", f"^{title} chart$")
    x, y = window.point(title, 0, 0)
    box = chart.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
    return x + 5, y + 5, box.width - 10, box.height - 10


def test_start():
    global window
    window = driver.Window("--demo")
    until(lambda: window.connection() == "Demo", 10, "connected")
    window.need("label", r"^\d+/\d+ n/N$|^[+\u2212].* Z-score at close$", 30)


def themes(size):
    for theme, dark in (("light", False), ("dark", True)):
        window.action("appearance", f"<'{theme}'>")
        for title in ("Price", "Correlation"):
            until(lambda: (brightness(part(title)) < 0.4) == dark, 8, f"the {title} chart is {theme}")
        window.screenshot(f"window-{theme}-{size}")


def everything_is_inside():
    """Nothing that a person needs is cut off at the window's edge."""
    frame = window.frame.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
    for role, name in (("combo box", "^Symbol A$"), ("combo box", "^Symbol B$"), ("push button", "^1h$"), ("spin button", "^Threshold$"),
                       ("label", " Z-score at close$"), ("label", " Beta$"), ("label", " Half-life$"), ("label", " Engle-Granger p$"), ("push button", "^Close$"),
                       ("image", "^Correlation chart$"), ("status bar", "^Connection: ")):
        box = window.need(role, name).queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
        assert box.width > 0 and box.height > 0, (name, "has no room")
        assert box.x >= 0 and box.x + box.width <= frame.width and box.y + box.height <= frame.height, (name, "sticks out of the window")
    heights = [window.need("image", f"^{t} chart$").queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS).height
               for t in ("Price", "Spread", "Z-score", "Correlation")]
    assert min(heights) >= 72, heights


def test_usual_size():
    themes("1280x800")
    everything_is_inside()


def test_alert_in_both_themes():
    window.set_spin("Threshold", 0.3)
    until(lambda: "relation: " in (window.alert() or ""), 60, "an alert")
    themes("alert-1280x800")


def test_export():
    import os
    path = os.path.join(os.environ["XDG_RUNTIME_DIR"], "picture.png")
    window.action("export-picture-to", f"<'{path}'>")
    until(lambda: os.path.exists(path) and os.path.getsize(path) > 10000, 10, "the picture is written")
    kind = subprocess.run(["identify", "-format", "%m %w", path], capture_output=True, text=True, check=True).stdout.split()
    assert kind[0] == "PNG" and int(kind[1]) > 2000, kind
    until(lambda: window.said("^Saved "), 5, "the window says so")
    window.action("export-picture-to", "<'/nonexistent/picture.png'>")
    until(lambda: window.names("^The picture was not saved: "), 5, "the window says why not")


def test_quit():
    """A picture that was asked for is whole, however soon the window is closed."""
    import os
    path = os.path.join(os.environ["XDG_RUNTIME_DIR"], "last.png")
    window.action("export-picture-to", f"<'{path}'>")
    window.quit()
    subprocess.run(["identify", path], capture_output=True, check=True)
    assert not [name for name in os.listdir(os.path.dirname(path)) if name.startswith("last.png.")]


def test_smallest_size():
    """The settings' size is a person's; the smallest usable one comes from there."""
    global window
    import os
    import tempfile
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "glib-2.0", "settings")
        os.makedirs(place)
        with open(os.path.join(place, "keyfile"), "w") as text:
            text.write("[org/spreadglass/Spreadglass]\nwidth=960\nheight=600\nthreshold=0.3\n")
        window = driver.Window("--demo", environment={"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder})
        until(lambda: window.connection() == "Demo", 10, "connected")
        window.need("label", r"^[+\u2212].* Z-score at close$", 90)
        box = window.frame.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
        assert box.width <= 960 and box.height <= 600, (box.width, box.height)
        until(lambda: "relation: " in (window.alert() or ""), 60, "an alert")
        themes("alert-960x600")
        everything_is_inside()
        window.quit()


driver.run(test_start, test_usual_size, test_alert_in_both_themes, test_export, test_quit, test_smallest_size)
