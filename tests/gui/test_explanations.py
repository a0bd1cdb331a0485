# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict under the numbers, and where every number comes from: by right click, by the Menu key, and its bars to the clipboard."""
import re

import driver
from driver import pyatspi, until

window = None


def middle(node):
    box = node.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
    frame = window.frame.queryComponent().getExtents(pyatspi.WINDOW_COORDS)
    x, y, width, height = window.geometry()
    return round(x + (width - frame.width) / 2 + box.x + min(box.width, 40) / 2), round(y + (height - frame.height) / 2 + box.y + box.height / 2)


def number(caption):
    return until(lambda: window.find("label", rf"\S {caption}$"), 10, f"the value of {caption}")


def explanation():
    return [name for name in window.names(r"^[^:]+ = |^Formula: ")]


def right_click(node, what):
    """Where the words move between the look at their place and the click, as a number that grows a digit makes them, it is clicked again."""
    for patience in (2, 4, 8):
        driver.xdo("mousemove", *middle(node))
        driver.xdo("click", 3)
        try:
            return until(explanation, patience, f"an explanation of {what}")
        except driver.Failure:
            if patience == 8:
                raise
    return None


def test_verdict():
    global window
    window = driver.Window("--demo")
    verdict = window.need("label", "^Verdict$")
    assert re.match("No verdict: |.*Engle-Granger p ", verdict.description or ""), verdict.description  # a busy machine is here after the history
    # With 60 bars there is a half-life, with 100 an Engle-Granger: the sentence grows evidence, and never is a bare light.
    text = until(lambda: (lambda t: t if "Engle-Granger p" in t else None)(window.need("label", "^Verdict$").description), 150, "a verdict")
    assert re.search(r"^(Not significant|Significant in one direction only|Cointegrated at 5 %): Engle-Granger p (< )?0\.\d{3} \(n [\d,]+, lag \d+\); the reverse direction p ", text), text
    assert "alf-life" in text, text
    window.screenshot("verdict")


def test_right_click_explains():
    window.need("label", r"60/60 n/N$", 90)
    told = right_click(number("Z-score at close"), "the z-score")
    assert re.match(r"^z-score = -?\d+\.\d+", told[0]), told
    assert "Formula: (spread − mean) / deviation" in told[1] and "window 60, ddof 1, beta " in told[1] and "Bars: 60 of " in told[1], told
    assert "age of the last trade" in told[1] and "stale beyond 60 s" in told[1], told
    window.screenshot("explanation")
    for _ in range(5):
        word = window.click("push button", "^Copy bars as CSV$", lambda: window.said("^Copied 60 bars as CSV$|: ask again$"), "the bars are on the clipboard")
        if word.startswith("Copied"):
            break
        until(lambda: not explanation(), 5, "the popover leaves")  # bars were settled or repaired meanwhile: they are others than those explained
        right_click(number("Z-score at close"), "the z-score")
    assert word.startswith("Copied"), word
    until(lambda: not explanation(), 5, "the popover leaves")


def test_menu_key_explains():
    node = number("Correlation")
    driver.xdo("mousemove", *middle(window.need("spin button", "^Threshold$")))
    driver.xdo("click", 1)

    def focused():
        if node.getState().contains(pyatspi.STATE_FOCUSED):
            return True
        window.keys("Tab")
        driver.time.sleep(0.1)  # the focus moves a frame later: without it Tab would run past the number
        return False
    until(focused, 10, "Tab brings the focus to the number")
    window.keys("Menu")
    told = until(explanation, 5, "an explanation")
    assert told[0].startswith("correlation = ") and "Bars: 61 of " in told[1], told
    window.keys("Escape")
    until(lambda: not explanation(), 5, "Escape closes it")


def test_verdict_explains_both_directions():
    told = right_click(window.need("label", "^Verdict$"), "the verdict")
    heads = [line for line in told if " = " in line and not line.startswith("Formula")]
    assert any(head.startswith("Engle-Granger p-value, A on B = 0.") for head in heads) and any(head.startswith("Engle-Granger p-value, B on A = 0.") for head in heads), heads
    window.screenshot("explanation-verdict")
    window.keys("Escape")
    until(lambda: not explanation(), 5, "Escape closes it")


def spread_pane():
    """The pixels of the Spread chart: their count of each colour, as text."""
    (left, top), (right, bottom) = window.point("Spread", 0.0, 0.0), window.point("Spread", 0.85, 1.0)
    done = driver.subprocess.run(["import", "-window", "root", "-crop", f"{right - left}x{bottom - top}+{left}+{top}", "-depth", "8", "rgb:-"],
                                 capture_output=True, check=True)
    return done.stdout


def dim(pixels):
    """How many of them are of the ghost line's colour, dimmed text, or near it: grey, and neither the page nor the grid."""
    return sum(1 for i in range(0, len(pixels), 3) if max(pixels[i:i + 3]) - min(pixels[i:i + 3]) < 16 and 80 < pixels[i] < 190)


def test_the_ghost_line():
    driver.xdo("mousemove", 2, 2)
    before = dim(spread_pane())
    window.action("hindsight")
    until(lambda: dim(spread_pane()) > before + 400, 8, "a line of today's hedge ratio in the spread's chart")
    window.screenshot("ghost")
    window.action("hindsight")
    until(lambda: dim(spread_pane()) < before + 400, 8, "it goes")


def test_quit():
    window.quit()


driver.run(test_verdict, test_right_click_explains, test_menu_key_explains, test_verdict_explains_both_directions,
           test_the_ghost_line, test_quit)
