# SPDX-License-Identifier: GPL-3.0-or-later
"""An alert that comes and goes and moves nothing; its words and colours; the bell, mute and undo; the log; a threshold that cannot be reached.

The recordings are played to their end, where nothing happens any more: alerts come and go only because the test moves the threshold."""
import csv
import os
import re
import subprocess
import tempfile

import driver
import crossings
from driver import until

window = None
folder = tempfile.TemporaryDirectory()
CONTROLS = {"push button", "toggle button", "spin button", "combo box", "image", "check box", "menu button", "text", "entry"}
DEAR = crossings.calm(400, size=1.0) + crossings.leave(1)
CHEAP = crossings.calm(400, size=1.0) + crossings.leave(-1)
RED, BLUE = (0xA5, 0x1D, 0x2D), (0x1A, 0x5F, 0xB4)


def play(name, spread, *options):
    global window
    path = crossings.write(os.path.join(folder.name, name + ".ndjson"), spread)
    window = driver.Window("--replay", path, "--speed", "max", *crossings.OPTIONS, "--entry", "4.2", *options)
    until(lambda: window.connection() == "Replay over", 30, "the recording is played")
    window.action("appearance", "<'light'>")
    window.action("notifications")  # nobody is there to show them
    window.need("label", r"20/20 n/N$", 10)


def call():
    """The alert of the last bar, by lowering the threshold."""
    window.set_spin("Threshold", 2.0)
    return until(lambda: window.alert(), 10, "the alert")


def calm():
    window.set_spin("Threshold", 4.2)
    until(lambda: window.alert() is None, 15, "no alert")


def bell():
    return window.need("push button", "^Alert bell$").description


def extents():
    """Where every control and chart is, but for those of the alert itself."""
    found = {}

    def visit(node):
        role = node.getRoleName()
        if role == "alert":
            return
        if role in CONTROLS:
            box = node.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
            found.setdefault((role, node.name), []).append((box.x, box.y, box.width, box.height))
        for index in range(node.childCount):
            visit(node.getChildAtIndex(index))
    visit(window.frame)
    return found


def settled():
    """As they are once the window has been laid out anew."""
    before = extents()
    for _ in range(50):
        driver.time.sleep(0.1)
        now = extents()
        if now == before:
            return now
        before = now
    raise driver.Failure("the window does not come to rest")


def color(node, across, down):
    """Of a point of a widget on the screen."""
    box, frame = (n.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS) for n in (node, window.frame))
    x, y, width, height = window.geometry()
    left, top = x + (width - frame.width) // 2 + box.x, y + (height - frame.height) // 2 + box.y
    at_x, at_y = left + (across if across >= 0 else box.width + across), top + (down if down >= 0 else box.height + down)
    text = subprocess.run(["import", "-window", "root", "-crop", f"1x1+{at_x}+{at_y}", "-depth", "8", "rgb:-"], capture_output=True, check=True).stdout
    return tuple(text[:3])


def near(one, other):
    return all(abs(a - b) <= 2 for a, b in zip(one, other))


def test_nothing_moves():
    play("dear", DEAR)
    for size in ((1280, 800), (960, 600)):
        window.resize(*size)
        calm()
        quiet = settled()
        assert len(quiet) > 12, quiet
        call()
        assert settled() == quiet, "controls moved as the alert came"
        window.click("push button", "^Dismiss$", lambda: window.alert() is None, "the alert is dismissed")
        assert settled() == quiet, "controls moved as it was dismissed"
        window.click("push button", "^Alert bell$", lambda: window.alert(), "the bell calls it back")
        assert settled() == quiet, "controls moved as it was called back"
        window.click("push button", "^Mute 15 min$", lambda: window.alert() is None, "the alert is muted")
        assert settled() == quiet, "controls moved as it was muted"
        window.click("push button", "^Alert bell$", lambda: window.alert(), "no longer muted")
        calm()
        assert settled() == quiet, "controls moved as the alert left"


def test_words_and_full_colour():
    text = call()
    assert re.match(r"^BTCUSDT is dear against ETHUSDT: z \+2\.\d\d above \+2\.0 for \d s \u00b7 relation: significant both ways \(p (< )?0\.\d+, reverse p (< )?0\.\d+\) \(z at close\)$", text), text
    node = window.need("alert", "^Alert$")
    until(lambda: near(color(node, 20, 6), RED), 5, "full colour where the relation is supported")
    window.set_spin("Threshold", 2.2)  # z went beyond that and is on its way back
    until(lambda: re.match(r"^BTCUSDT is dear against ETHUSDT: z \+2\.\d\d still above \+1\.65, for \d s \u00b7 ", window.alert() or ""), 10, "what z is, and no more than that")


def test_mute_and_undo():
    call()
    until(lambda: bell().startswith("1 alert of BTCUSDT/ETHUSDT stands. "), 5, "the bell counts it")
    window.click("push button", "^Mute 15 min$", lambda: window.alert() is None, "the alert is muted")
    until(lambda: bell().startswith("Alerts of BTCUSDT/ETHUSDT are muted for 15:00, 0 alerts meanwhile"), 5, bell())
    until(lambda: window.names("^15:00$"), 5, "the countdown is beside the bell")
    for count in (1, 2):
        window.set_spin("Threshold", 4.2)
        until(lambda: abs(window.spin("Threshold") - 4.2) < 1e-9, 5, "the threshold is up")
        window.set_spin("Threshold", 2.0)
        until(lambda: f", {count} alert" in bell(), 10, "an alert that is muted is counted")
        assert window.alert() is None
    window.click("push button", "^Alert bell$", lambda: window.alert(), "a click undoes it")
    until(lambda: bell().startswith("1 alert of BTCUSDT/ETHUSDT stands. "), 5, bell())
    window.click("push button", "^Dismiss$", lambda: window.alert() is None, "the alert is dismissed")
    until(lambda: "stands, dismissed" in bell(), 5, bell())
    window.click("push button", "^Alert bell$", lambda: window.alert(), "a click undoes that too")


def rows():
    table = window.need("tree table", "^Event log$")
    lines = [[n.name for cell in driver.walk(row) if cell.getRoleName() == "table cell" for n in driver.walk(cell) if n.getRoleName() == "label"]
             for row in driver.walk(table) if row.getRoleName() == "table row"]
    return [line for line in lines if line]


def find(text):
    window.need("entry", "^Find in the event log$").queryEditableText().setTextContents(text)


def test_log():
    calm()
    window.action("event-log")
    for heading in ("Time", "Pair", "Event", "What happened", "Peak |z|", "Lasted"):
        until(lambda: window.find("label", "^" + re.escape(heading) + "$"), 8, f"the heading {heading}")
    until(lambda: any("Alert (muted)" in row for row in rows()), 8, "what was muted is in it, and marked")
    over = next(row for row in rows() if "Alert" in row)
    assert "BTCUSDT/ETHUSDT" in over and any(cell.startswith("BTCUSDT is dear against ETHUSDT: z +") for cell in over), over
    assert re.match(r"^\d\.\d\d$", over[-2]) and re.match(r"^\d+ (s|min)$", over[-1]), over
    window.click("push button", "^Connection$", lambda: [row[2] for row in rows()] == ["Connected"], "only what the connection did is listed")
    window.click("push button", "^Alerts$", lambda: rows() and all(row[2].startswith("Alert") for row in rows()), "only alerts are listed")
    find("nothing like this")
    until(lambda: not rows(), 8, "nothing is found")
    find("MUTED")
    until(lambda: len(rows()) == 2, 8, "those that were muted are found")
    driver.xdo("key", "Escape", "Escape")
    until(lambda: not window.find("tree table", "^Event log$"), 8, "Escape closes it")


def test_log_as_csv():
    path = os.path.join(folder.name, "events.csv")
    window.action("export-log-to", f"<'{path}'>")
    until(lambda: os.path.exists(path) and window.names("^Saved "), 8, "the log is saved")
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    alerts = [line for line in lines if line["event"] == "alert-raised"]
    assert len(alerts) >= 4 and any(line["event"] == "connected" for line in lines), lines
    assert sum(line["muted"] == "true" for line in alerts) == 2, alerts
    for line in alerts:  # all of them are over
        assert line["pair"] == crossings.PAIR and line["side"] == "overbought" and line["grade"] == "some", line
        assert float(line["zscore"]) > float(line["threshold"]) * 0.75 and float(line["peak"]) >= float(line["zscore"]) and int(line["duration_ms"]) >= 0, line
        assert "the settings were changed" in line["end"], line


def test_a_threshold_that_cannot_be_reached():
    call()
    for name, value, kept in (("Window length", 5, 20), ("Threshold", 4.3, 2.0)):
        window.set_spin(name, value)
        until(lambda: window.said("can never be reached; take a"), 8, "why it is refused")
        until(lambda: abs(window.spin(name) - kept) < 1e-9, 8, "what was there stays")
    assert window.alert(), "and so does the alert"
    window.quit()


def test_the_other_side():
    play("cheap", CHEAP)
    text = call()
    assert re.match(r"^BTCUSDT is cheap against ETHUSDT: z \u22122\.\d\d below \u22122\.0 for \d s \u00b7 relation: significant both ways ", text), text
    node = window.need("alert", "^Alert$")
    until(lambda: near(color(node, 20, 6), BLUE), 5, "as loud, in another colour")
    window.quit()


def test_not_supported():
    play("unrelated", crossings.unrelated(400, 1))
    text = call()
    assert re.search(r" \u00b7 relation: not significant \(p 0\.\d\d\d\) \(z at close\)$", text), text
    node = window.need("alert", "^Alert$")
    until(lambda: near(color(node, 20, 6), (255, 255, 255)), 5, "a frame instead of the full colour")
    assert near(color(node, 20, 0), (0xB3, 0x26, 0x1E)), color(node, 20, 0)
    window.action("alert-supported-only")
    until(lambda: window.alert() is None, 8, "only alerts whose relation is supported are told")
    until(lambda: bell().startswith("1 alert of BTCUSDT/ETHUSDT stands"), 5, "the bell counts it all the same")
    window.action("alert-supported-only")
    until(lambda: window.alert(), 8, "all of them again")
    window.quit()


def test_mute_outlives_the_program():
    global window
    saved = {"GSETTINGS_BACKEND": "keyfile", "XDG_CONFIG_HOME": folder.name}
    window = driver.Window("--demo", environment=saved)
    until(lambda: window.connection() == "Demo", 20, "connected")
    window.need("label", r"60/60 n/N$", 60)
    window.click("push button", "^Alert bell$", lambda: "are muted for" in bell(), "a click mutes")
    first = re.search(r"for (\d+:\d\d)", bell())[1]
    until(lambda: re.search(r"for (\d+:\d\d)", bell())[1] != first, 10, "the time runs")
    window.action("swap")
    until(lambda: "ETHUSDT/BTCUSDT are muted for 14:" in bell(), 15, "whichever way round it is looked at")
    window.quit()
    window = driver.Window("--demo", environment=saved)
    until(lambda: re.search(r"are muted for 1[34]:\d\d", bell()), 30, "still muted")
    window.click("push button", "^Alert bell$", lambda: "are muted for" not in bell(), "a click undoes it")
    window.quit()
    window = driver.Window("--demo", environment=saved)
    until(lambda: window.connection() == "Demo", 20, "connected")
    window.need("label", r"60/60 n/N$", 60)
    assert "are muted for" not in bell(), bell()
    window.quit()


driver.run(test_nothing_moves, test_words_and_full_colour, test_mute_and_undo, test_log, test_log_as_csv, test_a_threshold_that_cannot_be_reached, test_the_other_side,
           test_not_supported, test_mute_outlives_the_program)
