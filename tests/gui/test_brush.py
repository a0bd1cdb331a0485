# SPDX-License-Identifier: GPL-3.0-or-later
"""A span of time marked in the charts: by mouse, by keyboard, its card, its numbers equal to analyze's over the bars exported, clipboard and pictures."""
import json
import os
import re
import struct
import subprocess

import clipboard
import driver
from driver import until

window = None
FOLDER = os.environ["XDG_RUNTIME_DIR"]


def card():
    """The values of the card by their captions; None while there is no card."""
    node = window.find("panel", "^Selection$") or window.find("filler", "^Selection$") or window.find("grouping", "^Selection$")
    if node is None:
        return None
    return [n.name for n in driver.walk(node) if n.getRoleName() == "label" and n.name]


def line(caption):
    return next((text[: -len(caption) - 1] for text in card() or [] if text.endswith(" " + caption)), None)


def selected(title="Price"):
    match = re.search(r"; selected (.*?) \u00b7 (\d+) bars? \u00b7 ([^;]+);", window.chart(title)["text"])
    return match and (match.group(1), int(match.group(2)), match.group(3))


def shift_drag(title, start, end):
    """From one part of a chart's width to another, with Shift held."""
    (x0, y), (x1, _) = window.point(title, start, 0.5), window.point(title, end, 0.5)
    driver.xdo("mousemove", x0, y, "keydown", "shift", "mousedown", 1)
    try:
        for step in range(1, 9):
            driver.time.sleep(0.03)
            driver.xdo("mousemove", x0 + (x1 - x0) * step // 8, y)
        driver.time.sleep(0.05)
    finally:
        driver.xdo("mouseup", 1, "keyup", "shift")


def focus():
    """A click, which moves nothing, gives the keyboard to the chart."""
    window.move("Z-score", 0.9, 0.5)
    driver.xdo("click", 1)
    chart = window.need("image", "^Z-score chart$")
    until(lambda: chart.getState().contains(driver.pyatspi.STATE_FOCUSED), 8, "the chart has the focus")


def exported(path, part, content):
    window.action("export-csv-to", f"<('{path}', '{part}', '{content}')>")


def test_start():
    global window
    window = driver.Window("--demo")
    window.need("spin button", "^Threshold$", 20)
    window.set_spin("Threshold", 7.5)  # no alert: a notification while a dialog has the focus would find nobody who shows it
    until(lambda: re.match(r"^[+\u2212]\d", window.stat("Z-score at close") or ""), 60, "a z-score")
    until(lambda: int(re.search(r"(\d+)", window.stat("n/N") or "0").group(1)) >= 60, 90, "a full window")
    window.action("select", "<(int64 0, int64 1)>")
    until(lambda: line("Span") == "no bars", 8, "a span without bars says so")
    window.action("selection-clear")
    until(lambda: card() is None, 8, "and goes")


def test_shift_drag_marks_a_span():
    until(lambda: window.chart("Price")["live"], 8, "the charts follow the newest bar")
    shift_drag("Price", 0.25, 0.6)
    until(card, 8, "the card")
    # Descriptions come twice a second: wait for those of the end of the drag.
    until(lambda: (line("Span") or "").startswith(f"{selected()[1]} bars, ") and selected("Z-score")[1] == selected()[1] > 20, 10,
          "the charts and the card tell of the same span")
    price = selected()
    assert "BTCUSDT \u0394" in price[0] and "ETHUSDT \u0394" in price[0], price
    assert re.match("^\u0394 [+\u2212\u2013]?", selected("Z-score")[0])
    until(lambda: re.match(r"^[\d\u2212]", line("Beta \u00b1 s.e.") or ""), 20, "its beta")
    window.screenshot("brush")


def test_card_gives_way():
    """It shows fewer lines when asked to, and goes where it is dragged."""
    window.click("push button", "^Less$", lambda: line("R\u00b2") is None and line("Span"), "fewer lines")
    window.click("push button", "^More$", lambda: line("R\u00b2"), "all lines")

    def place():
        node = window.find("label", "Span$")
        box, frame = node.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS), window.frame.queryComponent().getExtents(driver.pyatspi.WINDOW_COORDS)
        x, y, width, height = window.geometry()
        return round(x + (width - frame.width) / 2 + box.x + 4), round(y + (height - frame.height) / 2 + box.y + 4)

    x, y = place()
    driver.xdo("mousemove", x, y, "mousedown", 1)
    for step in range(1, 9):
        driver.time.sleep(0.03)
        driver.xdo("mousemove", x + 15 * step, y + 20 * step)
    driver.time.sleep(0.1)
    driver.xdo("mouseup", 1)
    until(lambda: abs(place()[1] - y - 160) <= 25 and abs(place()[0] - x - 120) <= 25, 8, "the card was moved")
    assert selected(), "and the span stays"


def test_edges_can_be_taken():
    # Zoomed to the span its edges are where the view's are, less the room of 2 % on each side, and no bar moves them.
    window.action("selection-zoom")
    until(lambda: window.chart("Spread")["paused"], 8, "zooming to the span stops following")
    before = int(line("Span").split()[0])
    x, y = window.point("Spread", 0, 0.5)
    right = window.point("Spread", 1, 0.5)[0] - 76
    edge = round(x + (right - x) * 0.02 / 1.04)
    driver.xdo("mousemove", edge, y, "mousedown", 1)
    for step in range(1, 7):
        driver.time.sleep(0.03)
        driver.xdo("mousemove", edge + 20 * step, y)
    driver.time.sleep(0.05)
    driver.xdo("mouseup", 1)
    until(lambda: 2 < int(line("Span").split()[0]) < before, 8, "the left edge was moved to the right")
    assert window.chart("Spread")["paused"]


def test_numbers_are_those_of_analyze():
    """The card's numbers, and those of analyze over the exported bars of the span: every digit."""
    window.chart("Price")
    until(lambda: (line("Span") or "").startswith(f"{selected()[1]} bars, "), 10, "the chart's words are of the span as it is")
    count = selected()[1]
    base = os.path.join(FOLDER, "span.csv")
    files = [base[:-4] + "-BTCUSDT.csv", base[:-4] + "-ETHUSDT.csv"]
    exported(base, "selection", "bars")
    until(lambda: window.said(f"^Saved {count} bars of each leg"), 15, "the bars are saved")
    done = subprocess.run([driver.PROGRAM, "analyze", *files, "--interval", "1s", "--hedge", "ols", "--lookback", "all", "--window", str(count - 1),
                           "--format", "json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    want = json.loads(done.stdout)
    assert want["bars"] == count
    until(lambda: re.match(r"^[+\u2212]0\.", line("Correlation") or ""), 20, "the card has its numbers")
    window.action("selection-copy")
    until(lambda: window.said("^Copied the numbers"), 8, "the numbers are copied")
    text = until(lambda: (lambda t: t if t and t.startswith("pair\t") else None)(clipboard.read()), 8, "text on the clipboard")
    got = dict(row.split("\t") for row in text.splitlines())
    assert got["bars"] == str(count)

    def same(mine, theirs):
        if theirs is None:
            assert got[mine].startswith("undefined: "), (mine, got[mine])
        else:
            assert struct.pack("d", float(got[mine])) == struct.pack("d", float(theirs)), (mine, got[mine], theirs)
    for name in ("alpha", "beta", "r_squared", "se_alpha", "se_beta"):
        same(name, want["hedge"][name])
    same("correlation", want["correlation"])
    same("engle_granger BTCUSDT on ETHUSDT", want["engle_granger"]["statistic"])
    same("p BTCUSDT on ETHUSDT", want["engle_granger"]["p_value"])
    same("engle_granger ETHUSDT on BTCUSDT", want["engle_granger_reverse"]["statistic"])
    same("p ETHUSDT on BTCUSDT", want["engle_granger_reverse"]["p_value"])
    same("half_life", want["half_life"]["bars"])
    same("lambda", want["half_life"]["lambda"])


def test_escape_clears():
    focus()

    def gone():
        if card() is None:
            return True
        window.keys("Escape")
        driver.time.sleep(0.3)
        return False
    until(gone, 10, "Escape clears the span")
    until(lambda: selected() is None, 8, "the charts say nothing of a span")


def test_keyboard_marks_a_span():
    window.action("go-live")
    focus()
    driver.xdo("mousemove", 5, 5)
    window.keys("Left", "shift+Left", "m")
    until(lambda: (selected() or ("", 0))[1] == 1, 8, "the span begins at the cursor's bar")
    driver.holds(lambda: card() is None, 1, "of one bar there is nothing to tell, and no empty card")
    window.keys("Left")
    until(lambda: (line("Beta \u00b1 s.e.") or "").startswith("undefined: 2 of 10"), 8, "too few bars say so")
    window.keys("shift+Left", "shift+Left")
    until(lambda: (selected() or ("", 0))[1] == 22, 8, "21 bars further")
    window.keys("m", "shift+Left")
    driver.time.sleep(0.6)
    assert selected()[1] == 22, "let go: the cursor moves alone"
    window.keys("Escape")
    until(lambda: card() is None, 8, "Escape clears it")
    window.keys("ctrl+shift+Right", "ctrl+shift+Right")
    until(lambda: (selected() or ("", 0))[1] == 3, 8, "two bars more than the cursor's")


def test_copy_and_files():
    focus()
    window.keys("ctrl+c")
    text = until(lambda: (lambda t: t if t and t.startswith("time,close_a") else None)(clipboard.read()), 10, "the span's rows on the clipboard")
    rows = text.splitlines()
    assert rows[0] == "time,close_a,close_b,alpha,beta,spread,mean,std,zscore,correlation,signal,residual" and len(rows) == 1 + 3, rows[:5]
    window.keys("ctrl+shift+c")
    until(lambda: window.said("^Copied the picture$"), 10, "the picture is copied")
    window.action("selection-clear")
    path = os.path.join(FOLDER, "all.csv")
    exported(path, "all", "rows")
    until(lambda: os.path.exists(path) and window.said(r"^Saved \d+ bars: "), 15, "all rows are saved")
    with open(path) as saved:
        assert len(saved.read().splitlines()) > 60
    exported(os.path.join(FOLDER, "no", "folder.csv"), "visible", "rows")
    until(lambda: window.names("^The data was not exported: .*No such file"), 10, "a failure says what and where")
    for name, start in (("pane.png", b"\x89PNG"), ("pane.svg", b"<?xml"), ("pane.pdf", b"%PDF")):
        path = os.path.join(FOLDER, name)
        window.action("export-pane-to", f"<('{path}', 'Z-score', 1.0)>")
        until(lambda: os.path.exists(path) and open(path, "rb").read(5).startswith(start), 15, name)


def titled(title):
    """Is a window of this title on the screen? Asked of X: GTK 4.8 complains when a tree is read while a window in it goes."""
    return subprocess.run(["xdotool", "search", "--onlyvisible", "--name", title], capture_output=True, text=True).stdout.split()


def test_dialog_saves():
    """In a window of its own: for the leak sanitizer to know a leak of the dialog's libraries it has to look through them, which is slow."""
    global window
    window = driver.Window("--demo", "--entry", "7.5", environment={"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":fast_unwind_on_malloc=0"})
    until(lambda: "bar" in window.chart("Price"), 60, "bars")
    path = os.path.join(FOLDER, "new.csv")
    window.action("export-csv")
    until(lambda: titled("^Export data$"), 15, "the dialog")

    def named():
        """The name as a screen reader would give it: a key that comes before the dialog can take it is lost."""
        entry = window.find("text", "^Name")
        entry.queryEditableText().setTextContents(path)
        text = entry.queryText()
        return text.getText(0, text.characterCount) == path
    until(named, 15, "the dialog takes the name")
    button = window.need("push button", r"\bSave$")
    button.queryAction().doAction(0)  # once: a second one would ask whether to replace what the first has saved
    until(lambda: os.path.exists(path), 25, "Save saves the file")
    with open(path) as rows:
        assert rows.readline().startswith("time,close_a,close_b,")
    until(lambda: not titled("^Export data$"), 10, "the dialog goes")
    window.quit()


def test_files_are_replaced_only_when_asked():
    # The names that the dialog has not asked about are asked about: of each leg's file.
    existing = os.path.join(FOLDER, "mine-BTCUSDT.csv")
    with open(existing, "w") as mine:
        mine.write("precious\n")
    arguments = f"<('{os.path.join(FOLDER, 'mine.csv')}', 'visible', 'bars')>"
    for answer in ("Escape", "Tab"):
        window.action("export-csv-as", arguments)
        until(lambda: titled("^Replace files"), 10, "the question")
        driver.time.sleep(0.4)
        with open(existing) as mine:
            assert mine.read() == "precious\n"
        if answer == "Escape":
            window.keys("Escape")
            until(lambda: not titled("^Replace files"), 10, "no")
        else:
            window.keys("Tab", "Return")
            until(lambda: open(existing).readline() == "time,open,high,low,close,volume,trades,filled\n", 15, "yes")
    until(lambda: os.path.exists(os.path.join(FOLDER, "mine-ETHUSDT.csv")), 15, "both files")


def test_quit():
    window.quit()


if __name__ == "__main__":
    driver.run(test_start, test_shift_drag_marks_a_span, test_card_gives_way, test_edges_can_be_taken, test_numbers_are_those_of_analyze, test_escape_clears,
               test_keyboard_marks_a_span, test_copy_and_files, test_files_are_replaced_only_when_asked,
               test_quit, test_dialog_saves)
