# SPDX-License-Identifier: GPL-3.0-or-later
"""Files far larger than what is kept of them: `analyze` streams them in bounded memory, tells its progress to a terminal and to nobody
else, and ends at once on Ctrl+C. 240 MB by default; SG_BIG_FILES_MB=2000 makes each of the two files a gigabyte."""
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

import program

if os.environ.get("SG_SANITIZE"):
    program.skip("sanitizers keep memory of their own, and take their time")

SECONDS = 50000 * max(int(os.environ.get("SG_BIG_FILES_MB", "240")), 240) // 240
TRADES_A_SECOND = 34
FIRST = 1723075200000
PEAK_MB = 64
folder = tempfile.TemporaryDirectory()


def trades(name, level, seconds):
    """Trades of an archive, without a header: id, price, quantity, quote quantity, time, two flags. Made in blocks of a second."""
    path = os.path.join(folder.name, name)
    tails = [(i * 1000 // TRADES_A_SECOND, f"{level + (i * 7919) % 97 / 10:.8f},0.01000000,{level / 100:.8f}") for i in range(TRADES_A_SECOND)]
    with open(path, "w", buffering=1 << 20) as file:
        number = 1
        for second in range(seconds):
            begin = FIRST + second * 1000
            drift = second % 613
            file.write("".join(f"{number + i},{drift}{price},{begin + ms},True,True\n" for i, (ms, price) in enumerate(tails)))
            number += TRADES_A_SECOND
    return path


def start(arguments, stderr):
    return subprocess.Popen([program.BINARY, *arguments], stdout=subprocess.PIPE, stderr=stderr)


def ended(process):
    """(status, peak MB) of a process whose output was read."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / 1024


def files():
    if not hasattr(files, "made"):
        files.made = [trades("AAA.csv", 1234.5, SECONDS), trades("BBB.csv", 2345.5, SECONDS)]
    return files.made


def test_a_large_file_in_little_memory():
    size = sum(map(os.path.getsize, files())) / 1e6
    assert size > 190, size
    began = time.monotonic()
    process = start(["analyze", *files(), "--format", "json"], subprocess.PIPE)
    out, err = process.stdout.read(), process.stderr.read()
    status, peak = ended(process)
    took = time.monotonic() - began
    assert status == 0, err
    report = json.loads(out)
    assert report["bars"] == -(-SECONDS // 60), report["bars"]
    assert report["unmatched"] == {"a": 0, "b": 0} and report["first"] == FIRST
    assert err == b"", f"progress in a pipe: {err[:200]}"
    # Not the file, not a tenth of it: the bars, a buffer, and the program.
    assert peak < PEAK_MB, f"{peak:.0f} MB at the peak for {size:.0f} MB of files"
    small = [trades("small-a.csv", 1234.5, SECONDS // 20), trades("small-b.csv", 2345.5, SECONDS // 20)]
    process = start(["analyze", *small, "--format", "json"], subprocess.DEVNULL)
    process.stdout.read()
    status, least = ended(process)
    assert status == 0
    assert peak - least < 16 * max(1, SECONDS // 200000), f"{peak:.0f} MB for {size:.0f} MB of files, {least:.0f} MB for a twentieth of them"
    print(f"  {size:.0f} MB in {took:.1f} s, {peak:.0f} MB at the peak ({least:.0f} MB for a twentieth of the files)")


def test_progress_on_a_terminal():
    master, slave = pty.openpty()
    process = start(["analyze", *files(), "--format", "csv", "--output", os.path.join(folder.name, "out.csv")], slave)
    os.close(slave)
    said = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 1)
        if not ready:
            continue
        try:
            more = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        said += more
    process.stdout.read()
    status, _ = ended(process)
    assert status == 0, said
    shares = [int(text) for text in re.findall(rb"(\d+) % of \d+ MB read", said)]
    assert len(shares) >= 2 and shares[-1] > 10, said
    # The line is taken away at the end.
    assert re.search(rb"\r *\r$", said), said[-100:]
    with open(os.path.join(folder.name, "out.csv")) as file:
        assert sum(1 for _ in file) == 1 + -(-SECONDS // 60)


def catches(process, number):
    """Has the program a handler for this signal yet?"""
    try:
        lines = pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return False
    return any(line.startswith("SigCgt:") and int(line.split()[1], 16) >> (number - 1) & 1 for line in lines)


def test_interrupted():
    process = start(["analyze", *files()], subprocess.PIPE)
    program.until(lambda: process.poll() is not None or catches(process, signal.SIGINT), 30, "it listens to SIGINT")
    time.sleep(0.1)  # into the work
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    out, err = process.communicate(timeout=30)
    if process.returncode != 0:  # a very fast machine may have ended first
        assert process.returncode == 1 and b"interrupted" in err and out == b"", (process.returncode, err)
        assert time.monotonic() - began < 5


if __name__ == "__main__":
    program.main(sys.modules[__name__])
