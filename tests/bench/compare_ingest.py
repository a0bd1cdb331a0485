#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""CPU per message: `spreadglass watch` (its feed thread, and the whole process) against a Python client of `websockets` and `json`, both
reading the same streams of one local exchange at the same time, in turns A/B/A/B. Medians of SG_BENCH_ROUNDS rounds (5), after a warm-up.

The exchange plays a recording of aggregate trades made here, one a millisecond: at rate 1 that is 1,000 a second, at rate 20 it is 20,000 (and
20 bars a second, which only `watch` makes). Plain, and TLS with one message per record."""
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time

BINARY = os.environ.get("SPREADGLASS", "build/release/spreadglass")
ROUNDS = int(os.environ.get("SG_BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("SG_BENCH_SECONDS", "4"))
MESSAGES = 200000
CASES = [(True, 20, "plain, 20,000/s"), (False, 20, "TLS, 20,000/s"), (True, 1, "plain, paced 1,000/s"), (False, 1, "TLS, paced 1,000/s")]
STREAMS = ["btcusdt@aggTrade", "ethusdt@aggTrade"]

CLIENT = r"""
import asyncio, json, ssl, sys
import websockets
count = 0
async def main(url, ca, streams):
    global count
    context = None
    if url.startswith("wss"):
        context = ssl.create_default_context(cafile=ca)
    async with websockets.connect(url + "/stream", ssl=context, max_size=1 << 22, max_queue=None, compression=None) as ws:
        await ws.send(json.dumps({"method": "SUBSCRIBE", "params": streams, "id": 1}))
        async def report():
            while True:
                line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
                if not line:
                    return
                print(count, flush=True)
        reporting = asyncio.ensure_future(report())
        total = 0.0
        async for text in ws:
            message = json.loads(text)
            data = message.get("data")
            if data:
                total += float(data["p"]) * float(data["q"])
                count += 1
asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
"""


def cpu_of(stat_path):
    """Seconds on the processor, by the scheduler's own account."""
    with open(stat_path) as file:
        return int(file.read().split()[0]) / 1e9


def threads_of(pid):
    names = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            names[int(task.name)] = (task / "comm").read_text().strip()
        except FileNotFoundError:
            pass
    return names


class Ours:
    name = "watch"

    def __init__(self, exchange):
        self.out = tempfile.TemporaryFile()
        options = ["--endpoint", exchange["websocket"]] + (["--ca-file", exchange["ca-file"]] if exchange["ca-file"] else [])
        self.process = subprocess.Popen([BINARY, "watch", "--stream", "trade", "--format", "csv", *options], stdout=self.out, stderr=subprocess.DEVNULL)

    def sample(self):
        process = feed = 0.0
        for task, name in threads_of(self.process.pid).items():
            used = cpu_of(f"/proc/{self.process.pid}/task/{task}/schedstat")
            process += used
            feed += used if name == "feed" else 0.0
        return process, feed

    def count(self):
        return None  # it prints bars, not messages: the exchange's pace says how many came

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self.out.seek(0)
        rows = [line.split(",") for line in self.out.read().decode().splitlines()]
        at = [rows[0].index("a_trades"), rows[0].index("b_trades")]
        counts = {int(row[i]) for row in rows[2:] for i in at}
        assert len(rows) > 3 and counts == {500}, f"seconds of 500 trades came out with {sorted(counts)}: messages were lost"


class Python:
    name = "python"

    def __init__(self, exchange):
        self.process = subprocess.Popen(["/usr/bin/python3", "-c", CLIENT, exchange["websocket"], exchange["ca-file"] or "-", *STREAMS],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def count(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def sample(self):
        process = sum(cpu_of(f"/proc/{self.process.pid}/task/{task}/schedstat") for task in threads_of(self.process.pid))
        return process, process

    def stop(self):
        self.process.kill()
        self.process.wait()


def make_recording(path, messages=MESSAGES):
    """Lines as in the captures: nanoseconds of receipt, then the message."""
    dice = random.Random(1)
    price = {"BTCUSDT": 6000000, "ETHUSDT": 300000}
    with open(path, "w") as file:
        for i in range(messages):
            symbol = ("BTCUSDT", "ETHUSDT")[i % 2]
            price[symbol] += dice.randint(-3, 3)
            ms = 1700000000000 + i
            file.write(f'{ms}000000 {{"stream":"{symbol.lower()}@aggTrade","data":{{"e":"aggTrade","E":{ms},"s":"{symbol}","a":{5000000 + i // 2},'
                       f'"p":"{price[symbol] / 100:.2f}000000","q":"0.{dice.randint(1, 99999):05d}000","f":{7000000 + i // 2},"l":{7000000 + i // 2},'
                       f'"T":{ms},"m":{"true" if i % 3 else "false"},"M":true}}}}\n')


def start_exchange(plain, rate, recording, *more):
    process = subprocess.Popen([BINARY, "exchange", "--recording", recording, "--rate", str(rate), *(["--plain"] if plain else []), *more], stdout=subprocess.PIPE, text=True)
    found = {"ca-file": ""}
    for line in process.stdout:
        name, _, value = line.partition(" ")
        found[name] = value.strip()
        if name.startswith("try"):
            break
    found["process"] = process
    if "websocket" not in found:
        process.wait()
        return None
    return found


def one_turn(client, plain, rate, recording):
    """(messages a second, microseconds of CPU a message of the process, of its feed thread), after the connection has settled."""
    exchange = start_exchange(plain, rate, recording)
    try:
        under_test = client(exchange)
        time.sleep(1.5)
        begin, count, started = under_test.sample(), under_test.count(), time.monotonic()
        time.sleep(SECONDS)
        end, span = under_test.sample(), time.monotonic() - started
        messages = under_test.count() - count if count is not None else 1000 * rate * span
        under_test.stop()
    finally:
        exchange["process"].terminate()
        exchange["process"].wait(20)
    return messages / span, (end[0] - begin[0]) / messages * 1e6, (end[1] - begin[1]) / messages * 1e6


def measure(plain, rate, recording):
    rows = []
    for turn in range(ROUNDS + 1):
        python, ours = one_turn(Python, plain, rate, recording), one_turn(Ours, plain, rate, recording)
        if turn > 0:  # the first is the warm-up
            rows.append((python[0], ours[2], ours[1], python[1]))
    return [statistics.median(column) for column in zip(*rows)], rows


def main():
    try:
        import websockets  # noqa: F401
    except ImportError:
        print("SKIP: python3-websockets is not installed (apt install python3-websockets)")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        recording = os.path.join(folder, "paced.txt")
        make_recording(recording)
        print(f"{'microseconds of CPU a message':32}{'messages/s':>12}{'feed':>8}{'watch':>8}{'python':>8}{'python/feed':>13}{'python/watch':>14}")
        for plain, rate, label in CASES:
            (pace, feed, whole, python), rows = measure(plain, rate, recording)
            print(f"{label:32}{pace:12.0f}{feed:8.2f}{whole:8.2f}{python:8.2f}{python / feed:13.1f}{python / whole:14.1f}")
            print("    raw (messages/s, feed, watch, python): " + "; ".join(", ".join(f"{value:.2f}" for value in row) for row in rows), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
