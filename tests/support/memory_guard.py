# SPDX-License-Identifier: GPL-3.0-or-later
"""A bound on the memory of a Python test, so that a mistake in a judge ends that test and not the machine.

A limit of the kernel's would be inherited by the program under test, and a sanitizer's shadow is larger than any limit; and a thread of
this process would wait for the interpreter while `list(range(…))` fills the memory. So a child of its own looks on from outside."""
import os
import select
import signal
import sys

LIMIT_MIB = 2048
EVERY_S = 0.2


def _resident_mib(pid):
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20


def _children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/children") as file:
            found += [int(word) for word in file.read().split()]
    return found


def _watch(pid, name, limit_mib, ended):
    while not select.select([ended], [], [], EVERY_S)[0]:  # readable: the other end is closed, the test has ended
        used = _resident_mib(pid)
        if used > limit_mib:
            os.write(1, f"\n{name}: the test itself uses {used} MiB of memory, more than {limit_mib}: ended by its memory guard\n".encode())
            mine = os.getpid()
            for child in _children(pid):  # what it started would outlive it
                if child != mine:
                    os.kill(child, signal.SIGKILL)
            os.kill(pid, signal.SIGKILL)
            return


def start(limit_mib=LIMIT_MIB):
    """To be called before there is a second thread: it forks."""
    pid, name = os.getpid(), os.path.basename(sys.argv[0])
    ended, open_while_alive = os.pipe()  # neither end is inherited by what the test starts
    if os.fork():
        os.close(ended)
        start.open_while_alive = open_while_alive
        return
    status = 1
    try:
        os.close(open_while_alive)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _watch(pid, name, limit_mib, ended)
        status = 0
    except (OSError, ValueError):  # it ended while it was looked at
        status = 0
    finally:
        os._exit(status)
