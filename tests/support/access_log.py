# SPDX-License-Identifier: GPL-3.0-or-later
"""The exchange's account of what was asked and sent (`exchange --fault access=FILE`): one JSON object a line."""
import json


class AccessLog:
    def __init__(self, path):
        self.path = path

    def lines(self):
        """What is in it so far, whole lines only."""
        with open(self.path) as file:
            text = file.read()
        return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]

    def requests(self, beginning=""):
        return [line for line in self.lines() if line.get("request", "").startswith(beginning) and "request" in line]

    def closed(self):
        return [line for line in self.lines() if "closed" in line]

    def sent(self):
        """Connection -> arrival times in microseconds of everything that its client sent."""
        times = {}
        for line in self.lines():
            if "sent" in line:
                times.setdefault(line["conn"], []).append(line["t"])
        return times

    def busiest_second(self):
        """The most messages of one connection within any one second: a window that begins at each of them."""
        most = 0
        for times in self.sent().values():
            for first in times:
                most = max(most, sum(first <= t < first + 1_000_000 for t in times))
        return most
