# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording is driven by its bar and by key: play, pause, step, speed, position. Wherever one comes from, a place shows the same."""
import json
import os
import random
import re
import tempfile

import driver
from driver import until

window = None
folder = tempfile.TemporaryDirectory()
RECORDING = os.path.join(folder.name, "session.ndjson")
BEGIN = 1_723_161_600_000_000  # 2024-08-09 00:00 UTC
SECONDS = 120


def write_recording():
    draw = random.Random(3)
    b, spread = 2000.0, 0.0
    with open(RECORDING, "w") as out:
        out.write('{"spreadglass":1,"market":"spot","pair":"BTCUSDT/ETHUSDT","stream":"trade"}\n')
        out.write('{"t":%d,"event":"connected","leg":-1,"detail":"x"}\n{"t":%d,"event":"subscribed","leg":-1,"detail":""}\n' % (BEGIN, BEGIN + 5))
        for second in range(SECONDS):
            b *= 1 + 0.0005 * (draw.random() - 0.5)
            spread = 0.9 * spread + draw.gauss(0, 1)
            for leg, (symbol, price) in enumerate((("BTCUSDT", 100 + 1.5 * b + spread), ("ETHUSDT", b))):
                at = BEGIN + second * 1_000_000 + 100_000 + leg * 200_000
                data = {"e": "trade", "E": at // 1000 + 1, "s": symbol, "t": 1000 + second, "p": f"{price:.2f}", "q": "0.5", "T": at // 1000, "m": True}
                out.write('{"t":%d,"m":%s}\n' % (at + 3000, json.dumps({"stream": "x", "data": data}, separators=(",", ":"))))


def place():
    return (window.find("slider", "^Replay position$").description or "")


def edge():
    return window.chart("Price").get("edge")


def numbers():
    return [window.stat(name) for name in ("Alpha", "Beta", "Correlation", "Half-life")]


def seek(seconds):
    window.find("slider", "^Replay position$").queryValue().currentValue = seconds
    until(lambda: f"\u00b7 {seconds // 60}:{seconds % 60:02d} of 1:59" in place() and place().startswith("Paused"), 15, f"it is at {seconds} s, not {place()!r}")


def test_starts_paused_and_says_so():
    global window
    write_recording()
    window = driver.Window("--replay", RECORDING, "--paused", "--interval", "1s", "--window", "20")
    until(lambda: window.connection() == "Paused", 10, "the pill says that it is paused")
    window.need("push button", "^Play$")
    until(lambda: place() == "Paused at its beginning \u00b7 0:00 of 1:59", 10, f"and the bar where, not {place()!r}")
    driver.xdo("mousemove", 3, 3)
    driver.holds(lambda: edge() is None, 1.5, "nothing is played")


def test_play_and_pause():
    window.keys("space")
    until(lambda: window.connection() == "Replay", 8, "Space plays it")
    until(lambda: edge(), 15, "there are bars")
    window.need("push button", "^Pause$")
    window.keys("space")
    until(lambda: window.connection() == "Paused", 8, "and pauses it")
    until(lambda: place().startswith("Paused at "), 8, "which the bar says")
    there = place()
    driver.holds(lambda: place() == there, 1.5, "it stands still")
    window.click("push button", "^Play$", lambda: window.connection() == "Replay", "so does the button")
    window.click("push button", "^Pause$", lambda: window.connection() == "Paused", "and back")


def test_seek():
    seek(90)
    until(lambda: (edge() or "").startswith("2024-08-09T00:01:3"), 8, "the chart is there")
    far, numbers_there = edge(), numbers()
    seek(40)
    until(lambda: edge().startswith("2024-08-09T00:00:4"), 8, "it went back")
    numbers_here = numbers()
    assert numbers_here != numbers_there
    seek(90)
    until(lambda: edge() == far, 8, "forward again")
    until(lambda: numbers() == numbers_there, 8, f"{numbers_there} as before, not {numbers()}")
    seek(70)
    seek(40)
    until(lambda: numbers() == numbers_here, 8, f"{numbers_here} as before, not {numbers()}")


def second_of(text):
    return int(re.search(r":(\d\d)Z$", text).group(1))


def test_steps():
    seek(60)
    before = place()
    window.keys("period")  # to the end of a bar: from there each step is one bar
    driver.holds(lambda: place().startswith(("Paused", "On its way")), 1.0, f"it has gone on from {before} to where a bar ends")
    start = edge()
    for count in range(1, 4):
        window.keys("period")
        until(lambda: edge() and (second_of(edge()) - second_of(start)) % 60 == count, 10, f"{count} bars on from {start}, not {edge()}")
    ahead = numbers()
    for count in (2, 1, 0):
        window.keys("comma")
        until(lambda: edge() and (second_of(edge()) - second_of(start)) % 60 == count, 10, f"{count} bars on from {start}, not {edge()}")
    assert window.connection() == "Paused"
    window.need("push button", "^Step back$")
    window.need("push button", "^Step forward$")
    for count in range(1, 4):
        window.action("replay-forward")
        until(lambda: (second_of(edge()) - second_of(start)) % 60 == count, 10, f"{count} bars on")
    until(lambda: numbers() == ahead, 8, "and the same as the first time")


def test_who_types_gets_the_keys():
    there = place()
    window.keys("ctrl+l")
    window.need("entry", "^Find Symbol A$")
    driver.xdo("type", "--delay", 20, "a.b,c d")
    driver.holds(lambda: window.connection() == "Paused" and place() == there, 1.0, "neither steps nor plays")

    for _ in range(3):  # the first one only empties the field; where nothing is open they do nothing
        window.keys("Escape")
        driver.time.sleep(0.4)


def test_to_the_end_and_again():
    seek(100)
    window.keys("space")
    until(lambda: window.connection() == "Replay over", 60, "its end")
    until(lambda: place().startswith("Over at "), 8, "is said")
    window.need("push button", "^Play$")
    last = numbers()
    window.keys("space")
    until(lambda: window.connection() == "Replay" and place().startswith("Playing"), 10, "it begins again")
    until(lambda: int(re.search(r"(\d+):(\d\d) of", place()).group(2)) < 30, 8, "from its beginning")
    window.keys("space")
    until(lambda: window.connection() == "Paused", 8, "paused")
    seek(118)
    for _ in range(3):
        window.action("replay-forward")
        driver.time.sleep(0.3)
    until(lambda: numbers() == last, 20, f"the end is the same: {last}, not {numbers()}")
    window.quit()


driver.run(test_starts_paused_and_says_so, test_play_and_pause, test_seek, test_steps, test_who_types_gets_the_keys, test_to_the_end_and_again)
