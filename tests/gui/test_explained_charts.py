# SPDX-License-Identifier: GPL-3.0-or-later
"""A right click on a number of a chart - in its legend, at its axis, or on the bar under the pointer - tells where it comes from, and what is
copied from there is what `analyze --explain` says of the same bar: the same value, the same formula, the same bars, to the last digit."""
import datetime
import json
import os
import random
import re
import subprocess

import clipboard
import driver
from driver import until

window = None
FIRST_MS = 1723161600000
SECONDS = 260
recording = os.path.join(os.environ["XDG_RUNTIME_DIR"], "pair.ndjson")


def line(record):
    return json.dumps(record, separators=(",", ":")) + "\n"


def write_recording():
    """A pair whose spread reverts, four trades a second and leg."""
    chance = random.Random(11)
    b, spread, trade = 2000.0, 0.0, 0
    with open(recording, "w") as out:
        out.write('{"spreadglass":1,"market":"spot","pair":"BTCUSDT/ETHUSDT","stream":"trade"}\n')
        out.write(line({"t": FIRST_MS * 1000, "event": "connected", "leg": -1, "detail": "written by a test"}))
        for quarter in range(4 * SECONDS):
            b *= 1 + 2e-4 * chance.gauss(0, 1)
            spread = 0.95 * spread + chance.gauss(0, 1)
            for symbol, price in (("BTCUSDT", 150 + 1.7 * b + spread), ("ETHUSDT", b)):
                trade += 1
                time_ms = FIRST_MS + quarter * 250 + 40
                data = {"e": "trade", "E": time_ms + 1, "s": symbol, "t": trade, "p": f"{price:.2f}", "q": "1", "T": time_ms, "m": True, "M": True}
                out.write(line({"t": time_ms * 1000 + 9000, "m": {"stream": symbol.lower() + "@trade", "data": data}}))


def analyze(last_ms, *options):
    """What the command line says of the recording up to the bar that opens at last_ms."""
    end = datetime.datetime.fromtimestamp(last_ms // 1000 + 1, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    done = subprocess.run([driver.PROGRAM, "analyze", recording, "--interval", "1s", "--stream", "trade", "--end", end, "--explain", *options],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def explanation():
    return [name for name in window.names(r"^[^:]+ = |^Formula: ")]


def close():
    window.keys("Escape")
    until(lambda: not explanation(), 5, "Escape closes it")


def explain_item():
    return window.find("menu item", "^Explain the numbers of this bar$")


def click_until(x, y, shown, what):
    """Clicks right until it has an effect: what is just closing eats the click that comes too soon."""
    deadline = driver.time.monotonic() + 12 * driver.PATIENCE
    while driver.time.monotonic() < deadline:
        driver.xdo("mousemove", x, y)
        driver.xdo("click", 3)
        step = driver.time.monotonic() + 1.5
        while driver.time.monotonic() < step:
            if shown():
                return shown()
            driver.time.sleep(0.05)
    raise driver.Failure(f"a right click shows nothing: {what}")


def choose_explain():
    def chosen():
        if explanation():
            return True
        item = explain_item()
        if item is not None:
            window.keys("Return" if item.getState().contains(driver.pyatspi.STATE_FOCUSED) else "Down")
            driver.time.sleep(0.15)
        return False
    until(chosen, 10, "the item of the menu explains")


def told_on_number(x, y, name):
    """A right click on the number itself: it is told at once."""
    told = click_until(x, y, explanation, name)
    assert told[0].startswith(name + " = "), told
    return told


def told_on_bar(x, y, name):
    """A right click on a bar: the menu has it first."""
    click_until(x, y, explain_item, "the chart menu")
    choose_explain()
    told = until(explanation, 8, f"an explanation of {name}")
    assert told[0].startswith(name + " = "), told
    return told


def parts(told):
    head, body = told[0], told[1]
    match = re.match(r"Formula: (.*)\nParameters: (.*)\nBars: (\d+) of (\d+): (\S+?)(?: to (\S+))?$", body)
    assert match, body
    return {"value": head.split(" = ", 1)[1], "formula": match.group(1), "parameters": match.group(2), "count": int(match.group(3)),
            "last": match.group(6) or match.group(5)}


def to_ms(iso):
    return round(datetime.datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp() * 1000)


def check(told, key, column):
    """The popover, the clipboard, and the command line on the same bar."""
    shown = parts(told)
    last_ms = to_ms(shown["last"])
    wanted = {entry["number"]: entry for entry in json.loads(analyze(last_ms, "--format", "json"), parse_float=str, parse_int=str)}[key]
    assert shown["value"] == wanted["value"], f"{key}: shown {shown['value']}, analyze {wanted['value']}"
    assert shown["formula"] == wanted["formula"] and str(shown["count"]) == wanted["bars"]["count"], (shown, wanted)
    assert str(last_ms) == wanted["bars"]["last"], (shown, wanted)
    assert shown["parameters"].split("; ")[0] == wanted["parameters"].split("; ")[0], (shown, wanted)
    bars = analyze(last_ms, "--format", "csv").splitlines()
    place = bars[0].split(",").index(column)
    rows = ["time,close_a,close_b"] + [",".join(line.split(",")[:3]) for line in bars[1:] if line.split(",")[place] == "1"]
    words = f"Copied {shown['count']} {'bar' if shown['count'] == 1 else 'bars'} as CSV"
    window.click("push button", "^Copy bars as CSV$", lambda: window.names(f"^{words}$"), words)
    copied = until(clipboard.read, 5, "text on the clipboard")
    assert copied == "\n".join(rows) + "\n", f"{key}: the clipboard's bars are not those of analyze:\n{copied[:200]}\n…\n" + "\n".join(rows[:4])
    until(lambda: not explanation(), 5, "the popover leaves")
    return last_ms


def test_start():
    global window
    write_recording()
    window = driver.Window("--replay", recording, "--speed", "max", "--interval", "1s", "--stream", "trade", "--window", "60")
    until(lambda: window.chart("Z-score").get("bar", "") >= "2024-08-09T00:04:17", 60, "the recording is played to its end")


def legend(title, across=100):
    """A point on the first number of a legend: right of the title."""
    left, top = window.point(title, 0.0, 0.0)
    return left + across, top + 11


def test_legend_of_the_z_score():
    x, y = legend("Z-score", 78)
    last_ms = check(told_on_number(x, y, "z-score"), "zscore", "window")
    # The pointer is over the legend, and over a bar long past: the number shown is that bar's, and so is what is told.
    assert last_ms < FIRST_MS + (SECONDS - 30) * 1000, last_ms
    window.screenshot("explanation-legend")


def test_bars_under_the_pointer():
    for title, name, key, column in (("Spread", "residual", "residual", "last"), ("Correlation", "correlation", "correlation", "returns"), ("Z-score", "z-score", "zscore", "window")):
        x, y = window.point(title, 0.6, 0.6)
        check(told_on_bar(x, y, name), key, column)


def test_price_at_the_cursor():
    x, y = window.point("Price", 0.5, 0.7)
    told = told_on_bar(x, y, "close of A")
    shown = parts(told)
    last_ms = to_ms(shown["last"])
    assert shown["count"] == 1 and "BTCUSDT, bars of 1 s" in shown["parameters"], shown
    window.click("push button", "^Copy bars as CSV$", lambda: window.said("^Copied 1 bar as CSV$"), "one bar is copied")
    row = analyze(last_ms, "--format", "csv").splitlines()[-1].split(",")[:3]
    assert until(clipboard.read, 5, "text on the clipboard") == "time,close_a,close_b\n" + ",".join(row) + "\n"
    assert shown["value"] == row[1], (shown, row)


def test_tag_on_the_axis():
    """The newest value's tag stands in the pane's colour on its axis."""
    left, top = window.point("Correlation", 0.0, 0.0)
    right, bottom = window.point("Correlation", 1.0, 1.0)
    driver.xdo("mousemove", 2, 2)
    width = right - left

    def tag():
        done = subprocess.run(["import", "-window", "root", "-crop", f"1x{bottom - top}+{right - 70}+{top}", "-depth", "8", "rgb:-"], capture_output=True, check=True)
        rows = [i // 3 for i in range(0, len(done.stdout), 3) if done.stdout[i + 1] > done.stdout[i] + 12 and done.stdout[i + 1] > done.stdout[i + 2]]
        return rows if len(rows) > 8 else None
    rows = until(tag, 5, "a tag in the colour of the correlation")
    told = told_on_number(right - 40, top + rows[len(rows) // 2], "correlation")
    assert width > 400 and to_ms(parts(told)["last"]) >= FIRST_MS + (SECONDS - 4) * 1000, told
    if "so far: the bar has not closed" not in told[0]:
        check(told, "correlation", "returns")
    else:  # of the forming bar: 60 returns that end with a price which may still move
        assert parts(told)["count"] == 61, told
        window.click("push button", "^Copy bars as CSV$", lambda: window.said("^Copied 61 bars as CSV$"), "61 bars are copied")
        assert len(until(clipboard.read, 5, "text on the clipboard").splitlines()) == 62
        until(lambda: not explanation(), 5, "the popover leaves")


def test_menu_key():
    x, y = window.point("Z-score", 0.5, 0.5)
    driver.xdo("mousemove", x, y)
    driver.xdo("click", 1)
    before = window.shown("Z-score")["bar"]
    window.keys("Left")
    until(lambda: window.chart("Z-score")["bar"] != before, 5, "the key moves the cursor")
    for _ in range(3):
        window.keys("Left")
    driver.xdo("mousemove", 2, 2)
    bar = until(lambda: window.chart("Z-score")["bar"], 5, "the cursor's bar")
    window.keys("shift+F10")
    until(explain_item, 8, "the chart menu")
    choose_explain()
    told = until(explanation, 5, "an explanation")
    assert parts(told)["last"].startswith(bar.rstrip("Z")[:19]), (told, bar)
    check(told, "zscore", "window")


def test_quit():
    window.quit()


driver.run(test_start, test_legend_of_the_z_score, test_bars_under_the_pointer, test_price_at_the_cursor, test_tag_on_the_axis, test_menu_key, test_quit)
