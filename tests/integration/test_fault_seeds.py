# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds of an exchange that misbehaves at random: each connection meets up to two of sixteen faults, at random ages. What `watch`
printed equals the exchange's own log, or the difference stands in the gap ledger; see tests/support/seeded_watch.py for the rule. Every tenth is recorded, and replays the same;
as many keep the account of their trade ids in a database, and it adds up.

    SG_SEEDS=7            the first seven        SG_SEEDS=40-60   these        SG_SEEDS=@123   this one alone, with its output
A seed that fails is printed as the command that plays it again; what it printed and the exchange's log are kept."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import seeded_watch
from seeded_watch import SYMBOLS, Judgement, Watch, demand

SANITIZED = bool(os.environ.get("SG_SANITIZE"))
SECONDS = int(os.environ.get("SG_SEED_SECONDS", "16"))
AT_ONCE = int(os.environ.get("SG_SEEDS_AT_ONCE", "8" if SANITIZED else "26"))
RSS_LIMIT_KIB = 1 << 20 if SANITIZED else 160 << 10
REPLAY_EVERY = 10
UNDETECTED_MS = 61000     # the deadline of a trade stream, before its rhythm is known
folder = tempfile.mkdtemp(prefix="sg-seeds-")


def seeds():
    text = os.environ.get("SG_SEEDS", "20" if SANITIZED else "100")
    if text.startswith("@"):
        return [int(text[1:])]
    if "-" in text:
        first, last = map(int, text.split("-"))
        return list(range(first, last + 1))
    return list(range(1, int(text) + 1))


def check_replay(recording, run):
    """What the live run printed, to the byte, however odd the records were."""
    status, out, errors = program.run("watch", "--replay", recording, "--speed", "max", "--stream", "trade", "--format", "json", timeout=90)
    lines = [json.loads(line, parse_float=Decimal) for line in out.splitlines()]
    differ = next((i for i, (one, other) in enumerate(zip(lines, run.lines)) if one != other), min(len(lines), len(run.lines)))
    demand(status == 0 and lines == run.lines, f"its replay differs from line {differ} on: {lines[differ:differ + 1]} is not {run.lines[differ:differ + 1]} {errors}")


def check_ids(place, run):
    """Where every trade id of the run is: the account that it kept itself."""
    database, = pathlib.Path(place).glob("*.db")
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT seen + fetched + replaced + in_gaps, last_id - first_id + 1, adds_up FROM trade_ids").fetchall()
    demand(len(rows) == len(SYMBOLS) or not run.rows, f"accounts of {len(rows)} legs")
    demand(all(known == ids and adds_up for known, ids, adds_up in rows), f"trade ids do not add up: {rows}")


def play(seed):
    log = os.path.join(folder, f"{seed}.log")
    place = os.path.join(folder, f"{seed}.kept") if seed % REPLAY_EVERY == 5 else None
    recording = os.path.join(folder, f"{seed}.ndjson.gz") if seed % REPLAY_EVERY == 0 else None
    with program.Exchange("--fault", f"chaos={seed}", "--fault", f"log={log}") as exchange:
        klines = {leg: exchange.get(f"/api/v3/klines?symbol={symbol}&interval=1s&limit=1000") for leg, symbol in seeded_watch.SYMBOLS.items()}
        run = Watch("watch", "--stream", "trade", "--format", "json", "--duration", SECONDS, *(("--record", recording) if recording else ()), *(("--data-dir", place) if place else ()), *exchange.options).wait(SECONDS)
    try:
        seeded_watch.check_end(run)
        demand(run.rss_kib < RSS_LIMIT_KIB, f"{run.rss_kib} KiB of memory")
        demand(not any("do not add up" in event["detail"] for event in run.events("error")), run.events("error"))
        if place:
            check_ids(place, run)
            shutil.rmtree(place)
        if recording:
            check_replay(recording, run)  # before the judges, who write in the margin
            os.remove(recording)
        trades = seeded_watch.read_log(log)
        counts = seeded_watch.check_bars(run, trades, UNDETECTED_MS)
        counts["fits"], counts["repaired"] = seeded_watch.check_history(run, trades, klines)
        counts["replays"] = recording is not None
    except Judgement:
        with open(os.path.join(folder, f"{seed}.out"), "w") as out:
            out.writelines(f"{line}\n" for line in run.lines)
        raise
    os.remove(log)
    counts["disconnected"] = len(run.events("disconnected"))
    counts["late events"] = len(run.events("late"))
    counts["gaps"] = len(run.events("gap"))
    counts["bars"] = len(run.rows)
    counts["no bar at all"] = not run.rows
    counts["rss"] = run.rss_kib
    if len(seeds()) == 1:
        for line in run.lines:
            print(line)
    return counts


def test_what_is_printed_was_generated_or_is_in_the_ledger():
    failed, total, rss = [], {}, 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {}
        for seed in seeds():
            jobs[pool.submit(play, seed)] = seed
        for job in concurrent.futures.as_completed(jobs):
            try:
                counts = job.result()
            except (Judgement, AssertionError, OSError) as problem:
                failed.append(jobs[job])
                print(f"seed {jobs[job]} failed: {str(problem)[:1500]}\n  again: SG_SEEDS=@{jobs[job]} SPREADGLASS={program.BINARY} {__file__}", flush=True)
                continue
            rss = max(rss, counts.pop("rss"))
            for name, count in counts.items():
                total[name] = total.get(name, 0) + count
    print("  " + ", ".join(f"{count} {name}" for name, count in sorted(total.items())) + f"; at most {rss / 1024:.0f} MiB")
    assert not failed, f"{len(failed)} of {len(seeds())} seeds failed: {sorted(failed)}; what they printed is in {folder}"
    assert len(seeds()) < 20 or (total["repaired"] > 0 and total["disconnected"] > 0 and total["fits"] > 0), "the seeds tried nothing"
    assert len(seeds()) < 20 or total["replays"] >= len(seeds()) // REPLAY_EVERY, "a replay is missing"
    shutil.rmtree(folder)


if __name__ == "__main__":
    program.main(sys.modules[__name__])
