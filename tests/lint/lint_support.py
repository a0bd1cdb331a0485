# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lints share: the list of files, C text without its comments, and the way a lint reports and tests itself.

A lint is a function of a folder that yields complaints. Each is first run on a small tree with violations planted in it, and
must find every one of them: a lint that cannot fail proves nothing."""
import os
import re
import subprocess
import sys
import tempfile

SOURCE = os.environ.get("SG_SOURCE_DIR") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What .gitignore leaves out, for where there is no git to read it.
SKIPPED_FOLDERS = {".git", "build", "__pycache__", ".cache"}
SKIPPED_FILES = (".o", "~", ".pyc", "compile_commands.json")


def listed_by_git(root):
    """The names that git knows below root; None where root is no checkout, or this machine has no git (a source archive, a minimal machine)."""
    if not os.path.exists(os.path.join(root, ".git")):  # a file in a linked work tree
        return None
    try:
        listed = subprocess.run(["git", "-c", f"safe.directory={root}", "-C", root, "ls-files", "-z", "--cached"], capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return listed.stdout.decode("utf-8").split("\0") if listed.returncode == 0 else None


def files_below(root):
    """Every file of the tree that git knows, as paths relative to it; sorted. Without git: every file that is there, less what is built."""
    listed = listed_by_git(root)
    if listed is not None:
        return sorted(name for name in listed if name and os.path.isfile(os.path.join(root, name)))
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in names if not name.endswith(SKIPPED_FILES) and name != ".git"]
    return sorted(found)


def read_text(root, name):
    """The file as text, or None when it is not UTF-8 text."""
    with open(os.path.join(root, name), "rb") as file:
        data = file.read()
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


_TOKENS = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def split_c(text):
    """(code, strings): code with comments and the insides of literals blanked, line by line in place; and the string
    literals as (line, text)."""
    strings = []

    def blank(match):
        token = match.group(0)
        if token.startswith('"'):
            strings.append((text.count("\n", 0, match.start()) + 1, token[1:-1]))
            return '""' + "\n" * token.count("\n")
        if token.startswith("'"):
            return "' '"
        return " " + "\n" * token.count("\n")

    return _TOKENS.sub(blank, text), strings


def plant(tree):
    """A temporary folder with these files: {path: text or bytes}. Use as a context manager."""
    folder = tempfile.TemporaryDirectory()
    for name, content in tree.items():
        path = os.path.join(folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
    return folder


def self_test(lint, tree, expected):
    """Runs a lint on a planted tree. `expected`: one piece of text per complaint, in any order; no others may come."""
    with plant(tree) as root:
        complaints = list(lint(root))
    missing = [text for text in expected if not any(text in complaint for complaint in complaints)]
    extra = [complaint for complaint in complaints if not any(text in complaint for text in expected)]
    if missing or extra:
        print(f"SELF-TEST of {lint.__name__} FAILED")
        for text in missing:
            print(f"  did not find: {text}")
        for complaint in extra:
            print(f"  should not complain: {complaint}")
        sys.exit(1)


def report(*lints):
    """Runs the lints on the repository; exits with 1 when there are complaints."""
    complaints = [complaint for lint in lints for complaint in lint(SOURCE)]
    for complaint in complaints:
        print(complaint)
    print(f"{len(complaints)} complaint(s)" if complaints else "nothing to complain about")
    sys.exit(1 if complaints else 0)
