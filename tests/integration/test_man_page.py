# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page has every verb and every option that the program tells, and typesets without a warning; the completion offers them."""
import os
import re
import shutil
import subprocess
import sys

import program

PAGE = os.path.join(os.environ.get("SG_BINARY_DIR", os.path.dirname(program.BINARY)), "spreadglass.1")
if not os.path.exists(PAGE):
    program.skip("the manual page is not made in this build (sanitizers)")
COMPLETION = os.path.join(os.environ.get("SG_SOURCE_DIR", "."), "assets", "spreadglass.bash-completion")


def verbs():
    text = program.run("--help")[1]
    found = re.findall(r"^  (\w+) ", text.split("verbs:\n")[1].split("\n\n")[0], re.M)
    assert len(found) >= 9 and "watch" in found, found
    return found


def options(*verb):
    found = re.findall(r"^  (--[a-z-]+)", program.run(*verb, "--help")[1], re.M)
    assert "--help" in found and len(found) > 3, (verb, found)
    return found


def test_page_is_whole():
    with open(PAGE, encoding="utf-8") as file:
        page = file.read().replace("\\-", "-")
    for verb in verbs():
        assert re.search(rf"^\.B {verb}$", page, re.M), f"{verb} is not in the page"
    for verb in [[], *[[name] for name in verbs()]]:
        for option in options(*verb):
            entry = re.search(rf"^\.B {option}(?: .*)?\n(.+)\n\[(.+)\]$", page, re.M)
            assert entry, f"{option} of {verb} is not in the page"
            if verb:
                assert verb[0] in re.search(rf"^\.B {option}(?: .*)?\n.+\n\[(.+)\]$", page, re.M)[1].split(", "), (option, verb)


def test_page_typesets():
    if not shutil.which("groff") or not shutil.which("preconv"):
        print("groff is not here: not typeset")
        return
    done = subprocess.run(["groff", "-K", "utf8", "-ww", "-man", "-Tutf8", "-P-b", "-P-c", "-P-u", PAGE], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    assert "EXIT STATUS" in done.stdout and "analyze" in done.stdout


def complete(*words):
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _spreadglass; printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", COMPLETION, program.BINARY, *words], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split()


def test_completion():
    assert sorted(complete("")) == sorted(verbs())
    assert complete("ana") == ["analyze"]
    assert sorted(complete("watch", "--")) == sorted(options("watch"))
    assert complete("watch", "--interval", "1") == ["1s", "1m", "15m", "1h", "1d"]
    assert complete("render", "--theme", "") == ["light", "dark"]


if __name__ == "__main__":
    program.main(sys.modules[__name__])
