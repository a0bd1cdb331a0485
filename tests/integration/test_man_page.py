# SPDX-License-Identifier: GPL-3.0-or-later
"""The manual page and src/cli/CLI.md have every verb and every option that the program tells, and the latter every field that it writes; and the reverse.
The manual page typesets without a warning; the completion offers verbs and options."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import program
import crossings

PAGE = os.path.join(os.environ.get("SG_BINARY_DIR", os.path.dirname(program.BINARY)), "spreadglass.1")
if not os.path.exists(PAGE):
    program.skip("the manual page is not made in this build (sanitizers)")
SOURCE = os.environ.get("SG_SOURCE_DIR", ".")
COMPLETION = os.path.join(SOURCE, "assets", "spreadglass.bash-completion")
CLI_PAGE = "src/cli/CLI.md"
# What only a session with a hole says: it is looked for in the code that writes it.
SELDOM = {"leg", "from", "to", "cause", "bars"}


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


def cli_page():
    with open(os.path.join(SOURCE, CLI_PAGE), encoding="utf-8") as file:
        return file.read()


def test_cli_page_has_verbs_and_options():
    page = cli_page()
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", page.split("\n## Verbs\n")[1].split("\n## ")[0], re.M)
    assert rows == verbs(), rows
    told = {}
    for verb in ["window", *verbs()]:
        text = program.run(*([] if verb == "window" else [verb]), "--help")[1]
        for option, value in re.findall(r"^  (--[a-z-]+)(?: (\S+))?  ", text, re.M):
            told.setdefault((option, value), []).append(verb)
    written = {}
    for option, value, where in re.findall(r"^\| `(--[a-z-]+)(?: ([^`]+))?` \| ([^|]+) \| .+ \|$", page, re.M):
        key = (option, value.replace("\\|", "|"))
        assert key not in written, f"{option} stands there twice"
        written[key] = ["window", *verbs()] if where == "all" else where.split(", ")
    assert written == told, {key: (written.get(key), told.get(key)) for key in written.keys() | told.keys() if written.get(key) != told.get(key)}
    spoken = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", page)) - {option for option, _ in told}
    assert not spoken, f"{CLI_PAGE} speaks of options that there are not: {spoken}"


def section(title):
    """What stands below a heading, up to the next one."""
    found = re.search(rf"^##+ [^\n]*{re.escape(title)}[^\n]*\n(.*?)(?=^##|\Z)", cli_page(), re.M | re.S)
    assert found, f"{CLI_PAGE} has no section {title}"
    return found[1]


def fields_of_page(title):
    table = section(title).split("| field | what it is |")[1].split("\n\n")[0]
    return {field for cell in re.findall(r"^\| (`[^|]+`) \|", table, re.M) for field in cell.replace("`", "").split(", ")}


def fields_of(value, path=""):
    """The paths to whatever is no object; `reasons` is a table of its own."""
    if isinstance(value, dict) and path != "reasons":
        return set().union(*(fields_of(inner, f"{path}.{name}" if path else name) for name, inner in value.items()))
    if isinstance(value, list):
        return set().union(*(fields_of(inner, f"{path}[]") for inner in value))
    return {path}


def same_fields(title, *values):
    written, told = set().union(*map(fields_of, values)), fields_of_page(title)
    assert written == told, f"{title}: written and not in {CLI_PAGE} {sorted(written - told)}, in {CLI_PAGE} and not written {sorted(told - written)}"


def same_header(title, line):
    assert f"\n    {line}\n" in section(title), f"{title}: {CLI_PAGE} does not have the columns {line}"


def ran(*arguments):
    status, out, errors = program.run(*arguments)
    assert status == 0, errors
    return out


def test_cli_page_has_every_field_of_watch():
    with tempfile.TemporaryDirectory() as folder:
        recording = crossings.write(os.path.join(folder, "pair.ndjson"), [6 * (i % 40 == 30) + 0.1 * (i % 7) for i in range(200)])
        replay = ["watch", "--replay", recording, "--speed", "max", *crossings.OPTIONS, "--format"]
        lines = [json.loads(line) for line in ran(*replay, "json").splitlines()]
        same_header("`watch --format csv`", ran(*replay, "csv").splitlines()[0])
    events = [line for line in lines if line["type"] == "event"]
    assert {"alert-raised", "alert-cleared"} <= {line["event"] for line in events}, "the recording was to raise an alert, and to end it"
    same_fields("a closed bar", *(line for line in lines if line["type"] == "bar"))
    with open(os.path.join(SOURCE, "src", "cli", "watch_format.c"), encoding="utf-8") as file:
        code = re.search(r"^static void json_alert.*?^void sg_watch_format_event", file.read(), re.M | re.S)[0]
    literal = set(re.findall(r'\\"(\w+)\\":', code)) | set(re.findall(r'json_number\(line, "(\w+)"', code))
    assert set().union(*map(fields_of, events)) == literal - SELDOM, "a field of events that this recording does not bring out"
    same_fields("an event", dict.fromkeys(literal))


def words_of_page(title, pattern):
    return {word for cell in re.findall(pattern, section(title), re.M) for word in cell.replace("`", "").split(", ")}


def words_of_code(path, table):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return set(re.findall(r'"([a-z-]+)"', re.search(rf"{table}(.*?)\}};", file.read(), re.S)[1]))


def test_cli_page_has_every_event_and_cause():
    assert words_of_page("an event", r"^\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| [^|]+ \|$") - fields_of_page("an event") == \
        words_of_code("src/market/tick.c", r"names\[SG_EVENT_COUNT\]")
    assert words_of_page("an event", r"^Causes of a gap: (.+)\.$") == words_of_code("src/market/gap_ledger.c", r"names\[SG_GAP_CAUSE_COUNT\]")


def test_cli_page_has_every_field_of_files_and_store():
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for leg, name in enumerate(("AAAUSDT", "BBBUSDT")):
            files.append(os.path.join(folder, name + ".csv"))
            with open(files[-1], "w") as file:
                file.write("time,open,high,low,close,volume\n")
                for i in range(300):
                    price = 100 + leg * 50 + (i * 37 % 101) * 0.1 + (i * 53 % 17) * 0.01 * leg
                    file.write(f"{1700000040000 + i * 60000},{price},{price},{price},{price},1\n")
        report = json.loads(ran("analyze", *files, "--format", "json"))
        same_fields("`analyze --format json`", report)
        short = json.loads(ran("analyze", *files, "--end", "1700000400000", "--format", "json"))
        told = set(re.findall(r"`(\w+)`", re.search(r"Its keys: ([^|]+)", section("`analyze --format json`"))[1]))
        assert set(short["reasons"]) == told, short["reasons"]
        same_header("`analyze --format csv`", ran("analyze", *files, "--format", "csv").splitlines()[0])
        explained = json.loads(ran("analyze", *files, "--end", "1700003000000", "--explain", "--format", "json"))
        same_fields("`analyze --explain --format json`", *explained)
        same_header("`analyze --explain --format csv`", ran("analyze", *files, "--explain", "--format", "csv").splitlines()[0])
        store = ["--data-dir", folder]
        same_fields("`import --format json`", *map(json.loads, ran("import", *files, *store, "--format", "json").splitlines()))
        same_header("`import --format csv`", ran("import", *files, *store, "--format", "csv").splitlines()[0])
        same_fields("`export --format json`", *map(json.loads, ran("export", *store, "--format", "json").splitlines()))
        same_header("`export --format csv`", ran("export", *store, "--format", "csv").splitlines()[0])
        bars = os.path.join(folder, "bars.csv")
        ran("export", *store, "--symbol", "AAAUSDT", "--output", bars)
        with open(bars) as file:
            same_header("`export --symbol SYMBOL --output FILE`", file.readline().rstrip("\n"))
        doctor = json.loads(program.run("doctor", "--demo", *store, "--format", "json")[1])
        same_fields("`doctor --format json`", doctor)
        told = set(re.findall(r"`([a-z-]+)`", re.search(r"^\| `checks\[\]\.check` \| (.+) \|$", section("`doctor --format json`"), re.M)[1]))
        assert {check["check"] for check in doctor["checks"]} == told, told
        same_header("`doctor --format csv`", program.run("doctor", "--demo", *store, "--format", "csv")[1].splitlines()[0])


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
