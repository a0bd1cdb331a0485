# SPDX-License-Identifier: GPL-3.0-or-later
"""The captures of 2024-08-08 through `spreadglass exchange`, at free rate: every message comes out, byte for byte but for the
times, and each time is moved by the same whole seconds. Prices, quantities, ids and order are as captured."""
import gzip
import json
import pathlib
import re
import sys
import time
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import ws_client
from ws_client import WebSocket

TIMES = re.compile(r'"([ET])":(\d+)')


def captured(path):
    """{stream: [payload text]}"""
    streams = {}
    with gzip.open(path, "rt") as lines:
        for line in lines:
            text = line.rstrip("\n").split(" ", 1)[1]
            match = re.match(r'\{"stream":"([^"]+)","data":', text)
            if match:
                streams.setdefault(match[1], []).append(text[match.end():-1])
    return streams


def play(files, kinds):
    wanted = {}
    for path in files:
        wanted.update(captured(path))
    streams = [f"{symbol}@{kind}" for symbol in ("btcusdt", "ethusdt") for kind in kinds]
    counts = {s: len(wanted[s.replace("@aggTrade", "@trade")]) for s in streams}
    got = {s: [] for s in streams}
    arguments = [word for path in files for word in ("--recording", path)]
    with program.Exchange(*arguments, "--rate", "max") as exchange:
        port = int(exchange.rest.rsplit(":", 1)[1])
        ws = WebSocket(port, exchange.ca, "/stream")
        ws.command("SUBSCRIBE", streams, 1)
        deadline = time.monotonic() + 60 * program.SLOW
        while any(len(got[s]) < counts[s] for s in streams):
            assert time.monotonic() < deadline, {s: (len(got[s]), counts[s]) for s in streams}
            text = ws.message().decode()
            if not text.startswith('{"stream":"'):
                continue
            name, _, rest = text[11:].partition('","data":')
            got[name].append(rest[:-1])
        klines = ws_client.get_json(port, exchange.ca, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1000")[2]
        information = ws_client.get_json(port, exchange.ca, "/api/v3/exchangeInfo")[2]
        trades = ws_client.get_json(port, exchange.ca, f"/api/v3/aggTrades?symbol=ETHUSDT&fromId={json.loads(got['ethusdt@trade'][0])['t']}&limit=1000")[2]
        ws.close()
    return wanted, got, klines, information, trades


def compare(files, kinds):
    wanted, got, klines, information, trades = play(files, kinds)
    shift = json.loads(got["btcusdt@trade"][0])["E"] - json.loads(wanted["btcusdt@trade"][0])["E"]
    assert shift % 1000 == 0 and shift > 0

    def move(text):
        return TIMES.sub(lambda m: f'"{m[1]}":{int(m[2]) + shift}', text)

    for stream, texts in got.items():
        if stream.endswith("@aggTrade"):  # made from trades: one each
            for text, trade in zip(texts, wanted[stream.replace("@aggTrade", "@trade")], strict=True):
                a, t = json.loads(text), json.loads(trade)
                assert (a["a"], a["f"], a["l"], a["p"], a["q"], a["m"], a["T"], a["E"]) == (t["t"], t["t"], t["t"], t["p"], t["q"], t["m"], t["T"] + shift, t["E"] + shift)
        else:
            for text, original in zip(texts, wanted[stream], strict=True):
                assert text == move(original), (text, original)
    volume = sum(Decimal(json.loads(t)["q"]) for t in wanted["btcusdt@trade"])
    assert sum(Decimal(row[5]) for row in klines) == volume
    assert sum(row[8] for row in klines) == len(wanted["btcusdt@trade"])
    prices = [Decimal(json.loads(t)["p"]) for t in wanted["btcusdt@trade"]]
    assert Decimal(klines[0][1]) == prices[0] and Decimal(klines[-1][4]) == prices[-1]
    assert max(Decimal(r[2]) for r in klines) == max(prices) and min(Decimal(r[3]) for r in klines) == min(prices)
    assert [s["symbol"] for s in information["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    assert len(trades) == 1000 and trades[0]["a"] == json.loads(wanted["ethusdt@trade"][0])["t"] and trades[999]["p"] == json.loads(wanted["ethusdt@trade"][999])["p"]
    return sum(map(len, got.values()))


def test_spot():
    files = [program.shared_file("ws", "hftbacktest", "spot", f"{s}_20240808.gz") for s in ("btcusdt", "ethusdt")]
    count = compare(files, ("trade", "bookTicker", "aggTrade", "depth@100ms"))
    print(f"   {count} messages")


def test_futures():
    files = [program.shared_file("ws", "hftbacktest", "usdm", f"{s}_20240718.gz") for s in ("btcusdt", "ethusdt")]
    compare(files, ("trade", "bookTicker", "aggTrade"))


if __name__ == "__main__":
    program.main(sys.modules[__name__])
