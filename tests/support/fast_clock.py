# SPDX-License-Identifier: GPL-3.0-or-later
"""A clock that goes several times as fast, for programs that are started with it (preload/fast_clock.c), and that can be put forward while they run."""
import os
import pathlib
import struct
import subprocess
import tempfile
import time


class FastClock:
    def __init__(self, folder, factor):
        import program
        if os.environ.get("SG_SANITIZE"):
            program.skip("a sanitizer's runtime and a preloaded clock do not go together")
        self.ahead_us = 0
        self.jump, self.jump_file = tempfile.mkstemp(dir=folder, prefix="jump-")
        self.put_forward(0)
        source, compiler = pathlib.Path(__file__).resolve().parent / "preload" / "fast_clock.c", os.environ.get("CC", "cc")
        self.shim, self.factor, self.from_us = os.path.join(folder, "fast_clock.so"), factor, int(time.time() * 1e6)
        if not os.path.exists(self.shim):
            try:
                subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-o", self.shim, source], check=True)
            except FileNotFoundError:
                program.skip(f"no C compiler ({compiler}) to build the clock with")

    @property
    def environment(self):
        """Of a program with this clock."""
        return {"LD_PRELOAD": self.shim, "SG_FAST_CLOCK": str(self.factor), "SG_FAST_FROM": str(self.from_us), "SG_FAST_JUMP": self.jump_file}

    def now_ms(self):
        """As those programs see it."""
        return (self.from_us + (time.time() * 1e6 - self.from_us) * self.factor + self.ahead_us) / 1000

    def sleep(self, seconds):
        """Seconds of theirs."""
        time.sleep(seconds / self.factor)

    def put_forward(self, seconds):
        """At once, for all that have it."""
        self.ahead_us += int(seconds * 1e6)
        os.pwrite(self.jump, struct.pack("=q", self.ahead_us), 0)
