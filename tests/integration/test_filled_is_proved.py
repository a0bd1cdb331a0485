# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing is lost without a word, whatever the exchange does: each seed is an exchange whose first connections misbehave and whose REST lags, lies and has holes, and
two runs of `watch` with one database, at 1s, 1m and 5m; the first one is killed or stopped, and the second goes on until everything is repaired. Midnight comes in the
first run, between the two, or in the second, so that a bar of every interval that is kept ends there. The exchange's log is the judge (tests/support/proved.py):

    after the first run   each stored bar equals the truth, or is flagged; what is known to lack something is listed
    after the second      each bar of the whole span, downtime included, is stored and equals the truth, or lies in a gap that is not filled; what is old enough is
                          repaired: nothing is open, nothing is flagged; the ids of the trades add up; where nothing is left, doctor has nothing to say

    SG_PROOF_SEEDS=7   the first seven     SG_PROOF_SEEDS=40-60   these     SG_PROOF_SEEDS=@12   this one alone"""
import concurrent.futures
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections import defaultdict

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import proved
from seeded_watch import Judgement, demand

AT_ONCE = int(os.environ.get("SG_SEEDS_AT_ONCE", "26"))
INTERVALS = ("1s", "1m", "5m")
FIRST_S, PAUSE_S = 90, 45                      # of the exchange's time
MIDNIGHT_S = (60, 112, 175)                    # after the start
LEAST_S, MOST_S = 60, 280                      # how long the second run goes on after midnight, or its own start: at least, and at most
folder = tempfile.mkdtemp(prefix="sg-proved-")
shim = proved.build_clock(folder)


def seeds():
    text = os.environ.get("SG_PROOF_SEEDS", "100")
    if text.startswith("@"):
        return [int(text[1:])]
    first, last = map(int, text.split("-")) if "-" in text else (1, int(text))
    return list(range(first, last + 1))


def play(seed):
    place = proved.Place(folder, shim, str(seed), INTERVALS[seed % 3], MIDNIGHT_S[seed // 3 % 3])
    faults = [f"chaos={seed}", "only-first=3", f"chaos-rest={seed}"]
    if seed % 4 == 1:  # a silence that nobody has noticed when the run ends
        faults[:2] = ["half-open=60", "only-first=1"]
    with place.exchange(faults, seed) as exchange:
        first_ended = place.run(exchange, place.seconds(FIRST_S), signal.SIGKILL if seed % 2 else signal.SIGINT)
        demand(os.stat(place.path).st_mode & 0o777 == 0o600, "others can read the database")
        first = proved.Stored(place.path)
        place.sleep(PAUSE_S)
        ended = place.run(exchange, place.whole(LEAST_S, MOST_S), signal.SIGINT)
        said = place.doctor(exchange)
        truth = place.truth(exchange, ended)
    counts = {f"{name} after the first run": count for name, count in proved.judge(first, truth, first_ended).items()}
    store = proved.Stored(place.path)
    counts.update(proved.judge(store, truth, ended, first))
    whole = place.was_whole and store.is_whole()  # a trade may have come late since it was looked at
    counts["runs that were whole"] = whole
    demand(not whole or not said, f"nothing was left, and doctor says {said}; gaps {dict(store.gaps)}")
    shutil.rmtree(place.place)
    os.remove(place.log)
    return counts


def test_filled_means_proved():
    failed, total = [], defaultdict(int)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = {pool.submit(play, seed): seed for seed in seeds()}
        for job in concurrent.futures.as_completed(jobs):
            try:
                for name, count in job.result().items():
                    total[name] += count
            except (Judgement, AssertionError, OSError, sqlite3.Error, subprocess.TimeoutExpired) as problem:
                failed.append(jobs[job])
                print(f"seed {jobs[job]} failed: {str(problem)[:1500]}\n  again: SG_PROOF_SEEDS=@{jobs[job]} SPREADGLASS={program.BINARY} {__file__}", flush=True)
    print("  " + ", ".join(f"{count} {name}" for name, count in sorted(total.items())))
    assert not failed, f"{len(failed)} of {len(seeds())} seeds failed: {sorted(failed)}; what they printed is in {folder}"
    if len(seeds()) >= 20:  # else the seeds tried nothing
        assert total["gaps filled"] > len(seeds())
        assert total["flagged after the first run"] > 0
        assert total["of longer intervals"] > len(seeds())
        assert total["runs that were whole"] > len(seeds()) // 2
    shutil.rmtree(folder)


if __name__ == "__main__":
    program.main(sys.modules[__name__])
