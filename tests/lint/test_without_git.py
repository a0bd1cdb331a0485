#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lints find the same files on a machine without git, and in a source archive: each is run both ways here."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from lint_support import SOURCE, files_below, listed_by_git

LINTS = ("test_banned.py", "test_house.py", "test_layers.py", "test_symbols.py")
HERE = pathlib.Path(__file__).resolve().parent


def path_without_git(folder):
    """A folder of links to every command of this machine but git, to be the whole PATH."""
    for place in os.environ.get("PATH", "/usr/bin:/bin").split(":"):
        for command in (pathlib.Path(place).iterdir() if os.path.isdir(place) else ()):
            link = os.path.join(folder, command.name)
            if not command.name.startswith("git") and not os.path.lexists(link):
                os.symlink(command, link)
    return folder


def run_lints(source, what, **environment):
    for lint in LINTS:
        done = subprocess.run(["/usr/bin/python3", str(HERE / lint)], env={**os.environ, "SG_SOURCE_DIR": str(source), **environment},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100)
        if done.returncode != 0:
            print(f"{lint}, {what}: exit status {done.returncode}\n{done.stdout}")
            sys.exit(1)


with tempfile.TemporaryDirectory() as commands, tempfile.TemporaryDirectory() as archive:
    path_without_git(commands)
    assert shutil.which("git", path=commands) is None and shutil.which("cc", path=commands)
    run_lints(SOURCE, "a checkout on a machine without git", PATH=commands)
    for name in files_below(SOURCE):
        copy = os.path.join(archive, name)
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        shutil.copyfile(os.path.join(SOURCE, name), copy)
    run_lints(archive, "a source archive")
    run_lints(archive, "a source archive on a machine without git", PATH=commands)
    # Where git can be asked, the tree without it has every file that git knows; what is new and not yet added may come to them.
    known = listed_by_git(SOURCE)
    missing = {name for name in known or () if name and os.path.isfile(os.path.join(SOURCE, name))} - set(files_below(archive))
    if missing:
        print(f"not found without git: {sorted(missing)[:5]}")
        sys.exit(1)
print(f"{len(LINTS)} lints, three ways each")
