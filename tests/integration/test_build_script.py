# SPDX-License-Identifier: GPL-3.0-or-later
"""`./build.sh run`, the README's first command, where there is no display: it says so in one line, and runs the same session as text."""
import os
import pathlib
import subprocess
import sys

import program

SOURCE = pathlib.Path(os.environ.get("SG_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))


def run_without_display(*options):
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run([SOURCE / "build.sh", "run", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=120 * program.SLOW, env=environment)


def test_session_as_text():
    done = run_without_display("--format", "json", "--bars", "2")
    assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)
    said = [line for line in done.stderr.splitlines() if "no display" in line]
    assert len(said) == 1 and "render" in said[0] and ".png" in said[0], done.stderr
    # ninja speaks on the same output before the session does.
    lines = program.json_lines("\n".join(line for line in done.stdout.splitlines() if line.startswith("{")))
    assert sum(line["type"] == "bar" for line in lines) == 2, done.stdout


def test_other_options_go_to_the_program():
    done = run_without_display("--no-such-option")
    assert done.returncode == 2 and "--no-such-option" in done.stderr, (done.returncode, done.stderr)


if __name__ == "__main__":
    if pathlib.Path(os.environ.get("SG_BINARY_DIR", "")).resolve() != (SOURCE / "build" / "release").resolve():
        program.skip("build.sh builds the release build; it is tried beside that one")
    program.main(sys.modules[__name__])
