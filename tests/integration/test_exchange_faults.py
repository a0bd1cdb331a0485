# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault of `spreadglass exchange --fault` does what its line of help says, as a client without shared code sees it."""
import json
import os
import pathlib
import ssl
import struct
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import ws_client
from ws_client import Closed, ProtocolError, WebSocket

STREAMS = "/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker/btcusdt@aggTrade"


class Faulty(program.Exchange):
    def __init__(self, *faults, more=()):
        super().__init__(*[word for fault in faults for word in ("--fault", fault)], *more)

    def __enter__(self):
        super().__enter__()
        self.port = int(self.rest.rsplit(":", 1)[1])
        return self

    def ws_open(self, path=STREAMS, **more):
        return WebSocket(self.port, self.ca, path, **more)

    def get_json(self, target, **more):
        return ws_client.get_json(self.port, self.ca, target, **more)


def end_of(ws, limit=10**6):
    """(messages, how it ended)."""
    messages = []
    try:
        while len(messages) < limit:
            messages.append(ws.message())
    except Closed as closed:
        return messages, closed
    raise AssertionError("it did not end")


def test_certificates_are_refused():
    for fault in ("cert-expired", "cert-not-yet-valid", "cert-wrong-host", "cert-unknown-ca", "cert-self-signed", "cert-client-auth",
                  "cert-rsa-1024", "cert-sha1", "cert-leaf-signed", "cert-wildcard", "tls10", "tls11"):
        with Faulty(fault) as exchange:
            try:
                ws_client.connect(exchange.port, exchange.ca)
            except (ssl.SSLError, ConnectionResetError):
                continue
            raise AssertionError(f"{fault} was accepted")
    with Faulty("cert-revoked") as exchange:
        ws_client.connect(exchange.port, exchange.ca).close()  # nobody loaded the list


def test_silence_before_the_protocol():
    with Faulty("hang") as exchange:
        try:
            ws_client.connect(exchange.port, exchange.ca, timeout=1.5)
            raise AssertionError("there was a handshake")
        except TimeoutError:
            pass
    with Faulty("hang-http") as exchange:
        sock = ws_client.connect(exchange.port, exchange.ca, timeout=1.5)
        sock.sendall(b"GET /api/v3/time HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try:
            raise AssertionError(f"an answer came: {sock.recv(100)}")
        except TimeoutError:
            sock.close()


def test_http_answers():
    for code, binance in ((451, 0), (418, -1003), (429, -1003), (503, -1000)):
        with Faulty(f"http={code}", "retry-after=7") as exchange:
            status, fields, body = exchange.get_json("/api/v3/time")
            assert (status, body["code"], fields["retry-after"]) == (code, binance, "7")
            ws = exchange.ws_open(check=False)
            assert ws.status == code and ws.headers["retry-after"] == "7"
            ws.close()
    with Faulty("http-rest=500") as exchange:
        status, fields, _ = exchange.get_json("/api/v3/time")
        assert status == 500 and "retry-after" not in fields
        exchange.ws_open().message()
    with Faulty("http-ws=403") as exchange:
        assert exchange.get_json("/api/v3/time")[0] == 200
        assert exchange.ws_open(check=False).status == 403
    with Faulty("redirect") as exchange:
        status, fields, _ = ws_client.request(exchange.port, exchange.ca, "/api/v3/time")
        assert status == 302 and "elsewhere.invalid" in fields["location"]
        assert exchange.ws_open(check=False).status == 302


def test_upgrades_that_are_wrong():
    with Faulty("bad-accept") as exchange:
        ws = exchange.ws_open(check=False)
        assert ws.status == 101 and not ws.accept_ok
    with Faulty("extension") as exchange:
        assert exchange.ws_open().headers["sec-websocket-extensions"] == "permessage-deflate"


def test_subscriptions_that_fail():
    with Faulty("no-ack") as exchange:
        ws = exchange.ws_open("/stream")
        ws.command("SUBSCRIBE", ["btcusdt@bookTicker"], 1)
        assert "stream" in ws.json()
    for faults, want in ((["reject"], {"code": 2, "msg": "Invalid request: invalid stream", "id": 1}),
                         (["reject", "nested-errors"], {"error": {"code": 2, "msg": "Invalid request: invalid stream"}, "id": 1})):
        with Faulty(*faults) as exchange:
            ws = exchange.ws_open("/stream")
            ws.command("SUBSCRIBE", ["btcusdt@bookTicker"], 1)
            assert ws.json() == want
    with Faulty("mute") as exchange:
        ws = exchange.ws_open("/stream")
        ws.command("SUBSCRIBE", ["btcusdt@bookTicker"], 1)
        assert ws.json() == {"result": None, "id": 1}
        assert ws.collect(1.5) == []


def test_connections_end():
    for fault, low, high, code in (("cut=1", 0.9, 3, 1000), ("close-1008=1", 0.9, 3, 1008)):
        with Faulty(fault) as exchange:
            begin = time.monotonic()
            messages, closed = end_of(exchange.ws_open())
            assert closed.code == code and messages and low < time.monotonic() - begin < high * 5 * program.SLOW, (fault, closed)
    with Faulty("shutdown=0.5") as exchange:
        messages, closed = end_of(exchange.ws_open())
        news = [m for m in messages if b"serverShutdown" in m]
        assert len(news) == 1 and closed.code == 1001
        event = json.loads(news[0])
        assert event["stream"] == "!serverShutdown" and event["data"]["e"] == "serverShutdown" and abs(event["data"]["E"] / 1000 - time.time()) < 60
        assert messages.index(news[0]) < len(messages) - 1, "data goes on until the cut"


def test_half_a_frame():
    for fault, clean in (("mid-frame-close=4", True), ("rst=4", False)):
        with Faulty(fault) as exchange:
            ws = exchange.ws_open()
            messages, closed = [], None
            try:
                while True:
                    messages.append(ws.message())
            except Closed as ended:
                closed = ended
            assert closed.code is None and len(messages) <= 4, closed
            if clean:
                assert len(messages) == 4 and len(ws.buffer) > 50, "half a frame should be left"
            # Python's TLS tells FIN and RST apart no more, the socket does: after a FIN one may still write.
            try:
                os.write(ws.sock.fileno(), b"x")
                assert clean, "there was a FIN, not an RST"
            except (BrokenPipeError, ConnectionResetError):
                assert not clean, "there was an RST, not a FIN"


def test_half_open():
    with Faulty("half-open=1", "hurry=40") as exchange:
        ws = exchange.ws_open()
        ws.message()  # before
        time.sleep(1.2)
        program.until(lambda: ws.collect(1.5) == [], 10, "what was sent before is read, and nothing comes after")
        ws.send_frame(0x89, b"alive?")
        assert ws.collect(1.0) == []  # no PONG, no PING, no FIN


def test_silence_of_one_stream():
    with Faulty("silence=1") as exchange:
        ws = exchange.ws_open()

        def silent():
            streams = [json.loads(m)["stream"] for m in ws.collect(2)]
            return "btcusdt@bookTicker" not in streams and "ethusdt@bookTicker" in streams
        program.until(silent, 15, "one stream is silent and the others go on")


def test_slow_and_in_pieces():
    with Faulty("slow=400") as exchange:
        ws = exchange.ws_open()
        ws.buffer = b""
        total, begin = 0, time.monotonic()
        while total < 1200:
            total += len(ws.sock.recv(65536))
        assert time.monotonic() - begin > 1, "that was fast"
    with Faulty("split=1") as exchange:
        ws = exchange.ws_open()
        sizes = []
        while len(sizes) < 400:
            piece = ws.sock.recv(65536)  # one TLS record at a time
            sizes.append(len(piece))
            ws.buffer += piece
        assert max(sizes[50:]) == 1, max(sizes)
        assert json.loads(ws.message())["stream"]
    with Faulty("fragment=16") as exchange:
        ws = exchange.ws_open()
        before = ws.frames
        message = ws.message()
        assert json.loads(message) and ws.frames - before == -(-len(message) // 16)


def test_frames_that_break_the_rules():
    with Faulty("masked") as exchange:
        try:
            exchange.ws_open().message()
            raise AssertionError("not masked")
        except ProtocolError as error:
            assert "masked" in str(error)
    with Faulty("binary") as exchange:
        ws = exchange.ws_open()
        opcodes = [ws.frame()[1] for _ in range(30)]
        assert opcodes.count(2) == 3 and opcodes.count(1) == 27
    with Faulty("huge-message=70") as exchange:
        ws = exchange.ws_open()
        begin = time.monotonic()
        messages = [ws.message() for _ in range(5)]
        first, second = ws._take(2)
        assert first == 0x81 and second == 127
        length = struct.unpack("!Q", ws._take(8))[0]
        assert length > 70 << 20
        left = length - len(ws.buffer)
        tail = ws.buffer[-2:]
        ws.buffer = b""
        while left > 0:
            piece = ws.sock.recv(min(1 << 20, left))
            assert piece, f"closed with {left} bytes to come"
            left -= len(piece)
            tail = (tail + piece)[-2:]
        assert tail == b'"}' and all(json.loads(m) for m in messages)
        assert json.loads(ws.message()), "and then it goes on"
        print(f"   70 MB in {time.monotonic() - begin:.1f} s")
    with Faulty("endless-frame") as exchange:
        ws = exchange.ws_open()
        [ws.message() for _ in range(5)]
        assert ws._take(2) == b"\x81\x7f" and struct.unpack("!Q", ws._take(8))[0] == 1 << 62


def bad_ones(fault, n=60):
    """(good, bad) messages when a fault inserts bad ones."""
    with Faulty(fault) as exchange:
        ws = exchange.ws_open("/stream?streams=btcusdt@aggTrade/ethusdt@aggTrade/btcusdt@bookTicker")
        good, bad = [], []
        for _ in range(n):
            text = ws.message()
            try:
                data = json.loads(text)["data"]
                price = data.get("p", data.get("b"))
                wrong = not isinstance(price, str) or not 1 < float(price) < 1e9 or not isinstance(data["s"], str) or " " in price or price[:1] not in "0123456789"
                wrong = wrong or not isinstance(data.get("a", data.get("u")), (int, str)) or (data.get("e") and not isinstance(data["T"], int)) or data.get("T", 1) < 0
                wrong = wrong or ("e" in data and (not isinstance(data["a"], int) or not isinstance(data["q"], str))) or ("u" in data and (not isinstance(data["u"], int) or not isinstance(data["B"], str)))
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError, IndexError):
                wrong = True
            (bad if wrong else good).append(text)
        ids = [json.loads(m)["data"] for m in good]
        for name in ("BTCUSDT", "ETHUSDT"):
            ours = [d["a"] for d in ids if d.get("e") == "aggTrade" and d["s"] == name]
            assert ours == list(range(ours[0], ours[0] + len(ours))) if ours else True, "the good ones are all there"
        return good, bad


def test_bad_messages_come_beside_the_good_ones():
    for fault in ("malformed=2", "wrong-types=2", "bad-prices=2", "bad-utf8"):
        good, bad = bad_ones(fault)
        assert len(good) >= 30 and len(bad) >= 4, (fault, len(good), len(bad))
        assert len(set(bad)) >= min(len(bad), 4), (fault, "they should differ")
        if fault.startswith("malformed"):
            for text in bad:
                try:
                    json.loads(text[text.index(b'"data":') + 7:-1])
                    raise AssertionError(f"this is JSON: {text[:80]}")
                except (ValueError, RecursionError):
                    pass


def test_duplicates_order_and_holes():
    def ids(fault, n=40):
        with Faulty(fault) as exchange:
            ws = exchange.ws_open("/ws/btcusdt@bookTicker")
            return [ws.json()["u"] for _ in range(n)]
    got = ids("duplicate=5")
    assert len(got) - len(set(got)) == sum(1 for a, b in zip(got, got[1:]) if a == b) >= 5
    got = ids("reorder=5")
    assert len(set(got)) == len(got) and sum(1 for a, b in zip(got, got[1:]) if b < a) >= 5
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "oracle.ndjson")
        with Faulty("id-hole=5", f"log={path}") as exchange:
            ws = exchange.ws_open("/ws/btcusdt@aggTrade")
            got = [ws.json() for _ in range(20)]
        with open(path) as lines:
            made = {d["a"]: d for d in map(json.loads, lines) if d["s"] == "BTCUSDT"}
        missing = [i for i in range(got[0]["a"], got[-1]["a"]) if i not in {d["a"] for d in got}]
        assert len(missing) >= 4 and all(i in made for i in missing), "the log has what the client was not given"
        assert all(made[d["a"]] == d for d in got), "and what it was"


def test_markets():
    with Faulty("microseconds") as exchange:
        assert exchange.ws_open("/ws/btcusdt@miniTicker").json()["E"] > 10**15
    with Faulty("clock=-3600000") as exchange:
        assert abs(exchange.get_json("/api/v3/time")[2]["serverTime"] / 1000 + 3600 - time.time()) < 10
        assert abs(exchange.ws_open("/ws/btcusdt@miniTicker").json()["E"] / 1000 + 3600 - time.time()) < 10
    with Faulty("utf8-symbol") as exchange:
        names = [s["symbol"] for s in exchange.get_json("/api/v3/exchangeInfo")[2]["symbols"]]
        name = next(n for n in names if not n.isascii())
        ws = exchange.ws_open("/stream")
        ws.command("SUBSCRIBE", [name.replace("USDT", "usdt") + "@bookTicker"], 1)
        ws.message()
        assert ws.json()["data"]["s"] == name
        from urllib.parse import quote
        assert len(exchange.get_json(f"/api/v3/klines?symbol={quote(name)}&interval=1m")[2]) == 500
    with Faulty("quiet") as exchange:
        rows = exchange.get_json("/api/v3/klines?symbol=BTCUSDT&interval=1s&limit=1000")[2]
        empty = [r for r in rows if r[8] == 0]
        assert len(empty) > 800 and all(r[1] == r[2] == r[3] == r[4] and float(r[5]) == 0 for r in empty)
    with Faulty("break") as exchange:
        status = {s["symbol"]: s["status"] for s in exchange.get_json("/api/v3/exchangeInfo")[2]["symbols"]}
        assert status["ETHUSDT"] == "BREAK" and status["BTCUSDT"] == "TRADING"
        ws, got = exchange.ws_open(), set()
        while "btcusdt@bookTicker" not in got:
            got.add(json.loads(ws.message())["stream"])
        got.update(json.loads(m)["stream"] for m in ws.collect(1))
        assert "ethusdt@bookTicker" not in got
    with Faulty("kline-hole=7") as exchange:
        times = [row[0] for row in exchange.get_json("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=100")[2]]
        steps = [b - a for a, b in zip(times, times[1:])]
        assert sorted(set(steps)) == [60000, 8 * 60000] and steps.count(8 * 60000) == 1


def trades_of(path, symbol="BTCUSDT"):
    with open(path) as lines:
        return [d for d in map(json.loads, (line for line in lines if line.endswith("\n"))) if d["s"] == symbol]


def lagging(*faults, seconds=8):
    """The exchange runs for a while with a listener: (aggTrades twice, 1s klines, what the log has of them, the time asked at)."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "oracle.ndjson")
        with Faulty(*faults, f"log={path}", more=("--seed", "4")) as exchange:
            exchange.ws_open("/ws/btcusdt@aggTrade").collect(seconds)
            answers = [exchange.get_json("/api/v3/aggTrades?symbol=BTCUSDT&limit=1000")[2] for _ in range(2)]
            rows = exchange.get_json("/api/v3/klines?symbol=BTCUSDT&interval=1s&limit=30")[2]
            minute = exchange.get_json("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=2")[2]
            now = exchange.get_json("/api/v3/time")[2]["serverTime"]
        return answers, rows, minute, trades_of(path), now


def rows_are_of(rows, trades, until, length):
    """Each kline is what the log had of it by `until`."""
    for row in rows:
        of_it = [d for d in trades if row[0] <= d["T"] < row[0] + length and d["T"] <= until]
        yield row, of_it, row[8] == sum(d["l"] - d["f"] + 1 for d in of_it) and (not of_it or row[4] == of_it[-1]["p"])


def test_rest_that_lags():
    (one, _), rows, _, trades, now = lagging("rest-lag=3")
    assert one and trades[-1]["T"] - one[-1]["T"] > 2000, "the newest trades are not there yet"
    assert rows[-1][0] <= now - 2900 and rows[-1][0] > now - 6000
    begun = trades[0]["T"]
    checked = [fits for row, _, fits in rows_are_of(rows, trades, now - 3000, 1000) if row[0] > begun and row[0] + 1000 < now - 3200]
    assert len(checked) >= 2 and all(checked), "older rows are whole"
    _, rows, minute, trades, now = lagging("kline-lag=4")
    assert rows[-1][0] > now - 2000, "the rows are there"
    begun = trades[0]["T"]
    old = [(row, of_it, fits) for row, of_it, fits in rows_are_of(rows, trades, now - 4000, 1000) if begun < row[0] and abs(row[0] + 500 - (now - 4000)) > 800]
    assert len(old) >= 5 and all(fits for _, _, fits in old), [item for item in old if not item[2]]
    assert any(not of_it for row, of_it, _ in old if row[0] > now - 4000) and any(d["T"] > now - 4000 for d in trades)
    assert int(minute[-1][8]) > 0 or now % 60000 < 4000, "the minute, but for its last four seconds"
    with Faulty("node-behind=600") as exchange:
        ends = [exchange.get_json("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1")[2][-1][0] for _ in range(4)]
        assert sorted(set(b - a for a, b in zip(ends, ends[1:]))) == [-600000, 600000], ends


def test_answers_with_holes():
    answers, _, _, trades, _ = lagging("rest-holes=5")
    known = {d["a"] for d in trades}  # since the start; what the market says of before is not in the log
    holes = [set(range(min(known), answer[-1]["a"] + 1)) - {d["a"] for d in answer} for answer in answers]
    assert all(holes) and holes[0] != holes[1] and not (holes[0] | holes[1]) - known, holes


def test_odd_trades():
    answers, _, _, trades, _ = lagging("twin-id=2", "zero-quantity=4")
    for rows in (answers[0], trades):
        twins = [(a, b) for a, b in zip(rows, rows[1:]) if a["a"] == b["a"]]
        assert len(twins) >= 2 and all(a["T"] == b["T"] and b["f"] == a["l"] + 1 for a, b in twins), rows[:20]
        assert all(b["f"] == a["l"] + 1 for a, b in zip(rows, rows[1:]))
        assert any(float(d["q"]) == 0 for d in rows) and any(float(d["q"]) > 0 for d in rows)


def test_order_within_a_connection():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "oracle.ndjson")
        with Faulty("jitter=800", f"log={path}") as exchange:
            got = [json.loads(m) for m in exchange.ws_open("/ws/btcusdt@aggTrade").collect(8)]
        ids = [d["a"] for d in got]
        assert len(set(ids)) == len(ids) >= 10 and sum(b < a for a, b in zip(ids, ids[1:])) >= 3, ids
        made = {d["a"]: d for d in trades_of(path)}
        assert all(made[d["a"]] == d for d in got)
    with Faulty("late=5") as exchange:
        got = [(json.loads(m), time.time()) for m in exchange.ws_open("/ws/btcusdt@aggTrade").collect(1)]
        ws = exchange.ws_open("/ws/btcusdt@aggTrade")
        late = []
        end = time.time() + 12
        while time.time() < end:
            trade = ws.json()
            late.append(time.time() - trade["T"] / 1000)
        assert sum(2.9 < age < 4 for age in late) >= 2 and sum(age < 1 for age in late) > len(late) / 2, late


def test_silence_then_the_cut():
    with Faulty("half-open-cut=1") as exchange:
        began = time.monotonic()
        ws = exchange.ws_open()
        messages, closed = end_of(ws)
        assert messages and closed.code is None, closed
        assert 4.5 < time.monotonic() - began < 12 * program.SLOW
        try:
            os.write(ws.sock.fileno(), b"x")
            raise AssertionError("there was a FIN, not an RST")
        except (BrokenPipeError, ConnectionResetError):
            pass


def test_rest_bodies():
    with Faulty("rest-truncate") as exchange:
        _, fields, body = ws_client.request(exchange.port, exchange.ca, "/api/v3/klines?symbol=BTCUSDT&interval=1m")
        assert 0 < len(body) == int(fields["content-length"]) // 2
    with Faulty("rest-garbage") as exchange:
        assert not isinstance(exchange.get_json("/api/v3/klines?symbol=BTCUSDT&interval=1m")[2], list)


def test_pings():
    with Faulty("hurry=20") as exchange:  # a PING every second, 3 s for the PONG
        ws = exchange.ws_open("/ws")
        ws.command("SUBSCRIBE", ["btcusdt@bookTicker"], 1)
        begin = time.monotonic()
        while len(ws.pings) < 4:
            ws.collect(0.5)
            assert time.monotonic() - begin < 20 * program.SLOW, ws.pings
        assert time.monotonic() - begin > 2 and all(p.isdigit() for p in ws.pings), ws.pings
        ws.answer_pings = False
        begin = time.monotonic()
        _, closed = end_of(ws)
        assert closed.code == 1008 and 1 < time.monotonic() - begin < 20 * program.SLOW, closed
    with Faulty("hurry=40", "no-ping") as exchange:
        ws = exchange.ws_open()
        ws.collect(1.5)
        assert ws.pings == []


def test_only_first_and_chaos():
    with Faulty("mid-frame-close=3", "only-first=2") as exchange:
        for _ in range(2):
            assert len(end_of(exchange.ws_open())[0]) == 3
        assert len(exchange.ws_open().collect(1.5)) > 3
    with Faulty("http-ws=503", "only-first") as exchange:
        assert exchange.ws_open(check=False).status == 503
        assert exchange.ws_open().status == 101

    with Faulty("chaos=5") as exchange:
        fates = dict.fromkeys((exchange.ws_open() for _ in range(12)), "alive")
        end = time.monotonic() + 30 * program.SLOW
        while time.monotonic() < end and len(set(fates.values())) < 3:
            for ws in [ws for ws, fate in fates.items() if fate == "alive"]:
                ws.sock.settimeout(0.02)
                try:
                    ws.message()
                except Closed as closed:
                    fates[ws] = f"closed {closed.code}"
                except (TimeoutError, ProtocolError):
                    pass
        assert len(set(fates.values())) >= 3, fates.values()  # some end in one way, some in another, some live


if __name__ == "__main__":
    program.main(sys.modules[__name__], at_once=5)
