# SPDX-License-Identifier: GPL-3.0-or-later
"""screenshots.py FOLDER: the pictures of the README. The window on the built-in exchange, with an alert standing and the crosshair on a bar."""
import os
import re
import subprocess
import sys

import driver
from driver import until

folder = sys.argv[1]
# The nicest font that is there; the tests themselves use DejaVu, which is everywhere.
settings = os.path.join(os.environ["XDG_CONFIG_HOME"], "gtk-4.0", "settings.ini")
fonts = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True).stdout
if "Inter" in fonts:
    with open(settings, "w") as text:
        text.write("[Settings]\ngtk-font-name=Inter 10\ngtk-enable-animations=0\n")

window = driver.Window("--demo")
until(lambda: window.connection() == "Demo", 20, "connected")
window.need("label", r"60/60 n/N$", 90)


def standing():
    """An overbought alert of the default threshold; this market crosses it every minute or two, for a few seconds."""
    return re.search(r" is dear against .* above ", window.alert() or "")


for theme in ("dark", "light"):
    window.action("appearance", f"<'{theme}'>")
    path = os.path.join(folder, f"window-{theme}.png")
    while True:
        until(standing, 300, "an alert of the default threshold")
        window.move("Z-score", 0.62, 0.45)
        driver.time.sleep(0.3)  # a frame
        subprocess.run(["import", "-window", "root", path], check=True)
        if standing():
            break
    print(path)
window.quit()
