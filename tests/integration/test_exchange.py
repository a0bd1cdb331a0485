# SPDX-License-Identifier: GPL-3.0-or-later
"""`spreadglass exchange` seen by a client that shares no code with it: protocol, data shapes, limits, REST. Faults: test_exchange_faults.py."""
import json
import pathlib
import re
import ssl
import sys
import time
from decimal import Decimal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
import program
import ws_client
from ws_client import Closed, WebSocket

DECIMAL = re.compile(r"^[0-9]+\.[0-9]{8}$")
exchange = None


def port():
    return int(exchange.rest.rsplit(":", 1)[1])


def open_ws(path="/stream", **more):
    return WebSocket(port(), exchange.ca, path, **more)


def get(target, **more):
    return ws_client.get_json(port(), exchange.ca, target, **more)


def shape(message, fields):
    assert list(message) == list(fields), f"{list(message)} is not {list(fields)}"
    for name, kind in fields.items():
        value = message[name]
        if kind == "decimal":
            assert isinstance(value, str) and DECIMAL.match(value), (name, value)
        elif kind is int:
            assert isinstance(value, int) and not isinstance(value, bool), (name, value)
        elif isinstance(kind, type):
            assert isinstance(value, kind), (name, value)
        else:
            assert value == kind, (name, value)


def test_commands_and_their_answers():
    ws = open_ws("/ws")
    ws.command("SUBSCRIBE", ["nosuch@trade", "nosuch@depth"], 1)
    assert ws.message() == b'{"result":null,"id":1}'
    ws.command("UNSUBSCRIBE", ["nosuch@depth"], 312)
    assert ws.message() == b'{"result":null,"id":312}'
    ws.command("LIST_SUBSCRIPTIONS", None, "abc-1")
    assert ws.message() == b'{"result":["nosuch@trade"],"id":"abc-1"}'
    ws.command("GET_PROPERTY", ["combined"], None)
    assert ws.message() == b'{"result":false,"id":null}'
    time.sleep(1.1)
    ws.command("SET_PROPERTY", ["combined", True], 5)
    assert ws.message() == b'{"result":null,"id":5}'
    ws.command("GET_PROPERTY", ["combined"], 2)
    assert ws.message() == b'{"result":true,"id":2}'
    ws.command("SET_PROPERTY", ["combined", 1], 2)
    assert ws.json()["code"] == 1
    ws.command("GET_PROPERTY", ["other"], 2)
    reply = ws.json()
    assert reply["code"] == 0 and reply["msg"] == "Unknown property" and reply["id"] == 2
    time.sleep(1.1)
    for text, code in [("{not json", 3), ('{"id":1}', 2), ('{"method":"SUBSCRIBE","params":["no-at-sign"],"id":9}', 2), ('{"method":"DANCE","id":1}', 2)]:
        ws.send(text)
        reply = ws.json()
        assert reply["code"] == code and isinstance(reply["msg"], str), (text, reply)
    time.sleep(1.1)
    for text in ['{"method":"SUBSCRIBE","params":"btcusdt@trade","id":1}', '{"method":"SUBSCRIBE","params":[1],"id":1}',
                 json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": "x" * 37}), "[1,2]"]:
        ws.send(text)
        assert ws.json()["code"] == 2, text
    assert ws.collect(0.5) == []  # an unknown symbol is accepted, and then silence
    ws.close()


def test_data_has_the_documented_shape():
    ws = open_ws("/stream?streams=btcusdt@aggTrade/btcusdt@trade/btcusdt@bookTicker/btcusdt@miniTicker/btcusdt@kline_1s/btcusdt@kline_1m/!miniTicker@arr")
    seen = {}
    deadline = time.monotonic() + 20 * program.SLOW
    while len(seen) < 7 and time.monotonic() < deadline:
        message = ws.json()
        assert list(message) == ["stream", "data"]
        seen.setdefault(message["stream"], message["data"])
    assert len(seen) == 7, sorted(seen)
    shape(seen["btcusdt@aggTrade"], {"e": "aggTrade", "E": int, "s": "BTCUSDT", "a": int, "p": "decimal", "q": "decimal", "f": int, "l": int, "T": int, "m": bool, "M": True})
    shape(seen["btcusdt@trade"], {"e": "trade", "E": int, "s": "BTCUSDT", "t": int, "p": "decimal", "q": "decimal", "T": int, "m": bool, "M": True})
    shape(seen["btcusdt@bookTicker"], {"u": int, "s": "BTCUSDT", "b": "decimal", "B": "decimal", "a": "decimal", "A": "decimal"})
    ticker = {"e": "24hrMiniTicker", "E": int, "s": str, "c": "decimal", "o": "decimal", "h": "decimal", "l": "decimal", "v": "decimal", "q": "decimal"}
    shape(seen["btcusdt@miniTicker"], ticker)
    for item in seen["!miniTicker@arr"]:
        shape(item, ticker)
        assert Decimal(item["l"]) <= Decimal(item["c"]) <= Decimal(item["h"])
    for interval, length in (("1s", 1000), ("1m", 60000)):
        kline = seen[f"btcusdt@kline_{interval}"]
        shape(kline, {"e": "kline", "E": int, "s": "BTCUSDT", "k": dict})
        bar = kline["k"]
        shape(bar, {"t": int, "T": int, "s": "BTCUSDT", "i": interval, "f": int, "L": int, "o": "decimal", "c": "decimal", "h": "decimal", "l": "decimal",
                    "v": "decimal", "n": int, "x": bool, "q": "decimal", "V": "decimal", "Q": "decimal", "B": "0"})
        assert bar["t"] % length == 0 and bar["T"] == bar["t"] + length - 1
    assert abs(seen["btcusdt@aggTrade"]["E"] / 1000 - time.time()) < 30
    ws.close()


def test_streams_agree_with_each_other_and_with_rest():
    """Bars computed here from the trade stream equal the kline stream and the REST klines; ids have no hole; aggregates add up."""
    ws = open_ws("/stream?streams=ethusdt@aggTrade/ethusdt@trade/ethusdt@kline_1s")
    trades, fills, klines = [], [], {}
    end = time.monotonic() + 30 * program.SLOW
    while len(klines) < 8 and time.monotonic() < end:
        message = ws.json()
        data = message["data"]
        if data["e"] == "aggTrade":
            trades.append(data)
        elif data["e"] == "trade":
            fills.append(data)
        else:
            assert data["k"]["x"] is True
            klines[data["k"]["t"]] = data["k"]
    ws.close()
    assert len(trades) > 5 and len(klines) == 8
    for before, after in zip(trades, trades[1:]):
        assert after["a"] == before["a"] + 1 and after["f"] == before["l"] + 1 and after["T"] >= before["T"]
    for before, after in zip(fills, fills[1:]):
        assert after["t"] == before["t"] + 1
    by_id = {fill["t"]: fill for fill in fills}
    for trade in trades[:-1]:
        parts = [by_id[i] for i in range(trade["f"], trade["l"] + 1)]
        assert sum(Decimal(p["q"]) for p in parts) == Decimal(trade["q"]), trade
        assert all(p["p"] == trade["p"] and p["T"] == trade["T"] and p["m"] == trade["m"] for p in parts)
    first = min(klines)
    rows = {row[0]: row for row in get(f"/api/v3/klines?symbol=ETHUSDT&interval=1s&startTime={first}&limit=100")[2]}
    compared = 0
    for opened, k in klines.items():
        inside = [t for t in trades if opened <= t["T"] < opened + 1000]
        row = rows[opened]
        assert [k["o"], k["h"], k["l"], k["c"], k["v"], k["q"], k["n"]] == [row[1], row[2], row[3], row[4], row[5], row[7], row[8]]
        if opened == first or not trades[0]["T"] < opened:
            continue  # the stream may have begun within this second
        assert k["n"] == sum(t["l"] - t["f"] + 1 for t in inside)
        assert Decimal(k["v"]) == sum((Decimal(t["q"]) for t in inside), Decimal(0))
        if inside:
            prices = [Decimal(t["p"]) for t in inside]
            assert [Decimal(k[x]) for x in "ohlc"] == [prices[0], max(prices), min(prices), prices[-1]]
            assert k["f"] == inside[0]["f"] and k["L"] == inside[-1]["l"]
        else:
            assert k["f"] == k["L"] == -1 and k["o"] == k["c"] == k["h"] == k["l"]
        compared += 1
    assert compared >= 4
    # The same trades by REST, from an id on, inclusive.
    status, _, rest = get(f"/api/v3/aggTrades?symbol=ETHUSDT&fromId={trades[0]['a']}&limit=1000")
    assert status == 200 and [{k: v for k, v in t.items() if k not in ("e", "E", "s")} for t in trades] == rest[:len(trades)]


def test_microseconds_when_asked():
    ws = open_ws("/stream?streams=btcusdt@trade/btcusdt@miniTicker&timeUnit=MICROSECOND")
    data = ws.json()["data"]
    assert 1.4e15 < data["E"] < 4e15
    ws.close()
    ms, us = get("/api/v3/time")[2]["serverTime"], get("/api/v3/time", headers=["X-MBX-TIME-UNIT: MICROSECOND"])[2]["serverTime"]
    assert 0 <= us - ms * 1000 < 10_000_000


def test_six_messages_in_a_second_are_too_many():
    ws = open_ws("/ws")
    for i in range(5):
        ws.command("LIST_SUBSCRIPTIONS", None, i)
    assert [ws.json()["id"] for _ in range(5)] == [0, 1, 2, 3, 4]
    time.sleep(1.05)
    for i in range(5):
        ws.command("LIST_SUBSCRIPTIONS", None, i)
        ws.json()
    for kind in (0x81, 0x89, 0x8A):  # a sixth of any kind: text, PING, PONG
        def sixth():
            """All six without waiting; where they took more than a second on their way they are not too many."""
            ws = open_ws("/ws")
            try:
                for i in range(5):
                    ws.send_frame(0x89, b"hello")
                ws.send_frame(kind, b"{}")
                for i in range(5):
                    assert ws.frame() == (True, 10, b"hello")
                ws.collect(3)
                return None
            except Closed as closed:
                return closed
            finally:
                ws.close()
        closed = program.until(sixth, 15, "a sixth is refused")
        assert (closed.code, closed.reason) == (1008, "Too many requests"), closed


def test_a_thousand_and_twenty_four_streams():
    ws = open_ws("/stream")
    ws.command("SUBSCRIBE", [f"sym{i}@trade" for i in range(1000)], 1)
    assert ws.json() == {"result": None, "id": 1}
    ws.command("SUBSCRIBE", [f"sym{i}@trade" for i in range(1000, 1025)], 2)
    assert ws.json() == {"code": 4, "msg": "Too many subscriptions", "id": 2}
    ws.command("SUBSCRIBE", [f"sym{i}@trade" for i in range(1000, 1024)], 3)
    assert ws.json() == {"result": None, "id": 3}
    ws.command("LIST_SUBSCRIPTIONS", None, 4)
    assert len(ws.json()["result"]) == 1024
    ws.close()
    ws = open_ws("/stream?streams=" + "/".join(f"sym{i}@trade" for i in range(1024)))
    ws.command("LIST_SUBSCRIPTIONS", None, 4)
    assert len(ws.json()["result"]) == 1024
    ws.close()


def test_frames_that_are_wrong():
    for frames, code in [
        ([(0x81, b"{}", False)], 1002),                          # not masked
        ([(0xC1, b"{}", True)], 1002),                           # reserved bit
        ([(0x83, b"", True)], 1002),                             # reserved opcode
        ([(0x80, b"x", True)], 1002),                            # continuation of nothing
        ([(0x01, b"{", True), (0x81, b"}", True)], 1002),        # a message within a message
        ([(0x09, b"", True)], 1002),                             # a PING in fragments
        ([(0x89, b"x" * 126, True)], 1002),                      # a PING too long
        ([(0x82, b"x", True)], 1003),                            # binary
        ([(0x81, b" " * 70000, True)], 1009),                    # too long
        ([(0x01, b" " * 40000, True), (0x80, b" " * 40000, True)], 1009),
    ]:
        ws = open_ws("/ws")
        for first, payload, masked in frames:
            ws.send_frame(first, payload, masked)
        try:
            ws.message()
            raise AssertionError(f"{frames[0][0]:#x} was taken")
        except Closed as closed:
            assert closed.code == code, (hex(frames[0][0]), closed)
        ws.close()
    ws = open_ws("/ws")  # what is right, in fragments with a PING between
    ws.send_frame(0x01, b'{"method":"LIST_SUB')
    ws.send_frame(0x89, b"between")
    ws.send_frame(0x00, b'SCRIPTIONS","id"')
    ws.send_frame(0x80, b":7}")
    assert ws.frame() == (True, 10, b"between")
    assert ws.json() == {"result": [], "id": 7}
    ws.send_frame(0x88, b"\x03\xe8bye")
    assert ws.frame() == (True, 8, b"\x03\xe8")
    ws.close()


def test_rest_errors():
    for target, status, code in [
        ("/api/v3/klines?symbol=NOSUCH&interval=1m", 400, -1121),
        ("/api/v3/klines?interval=1m", 400, -1102),
        ("/api/v3/klines?symbol=BTCUSDT", 400, -1102),
        ("/api/v3/klines?symbol=BTCUSDT&interval=7m", 400, -1120),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1M", 400, -1120),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=abc", 400, -1100),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=0", 400, -1130),
        ("/api/v3/aggTrades", 400, -1102),
        ("/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1", 400, -1128),
        ("/api/v3/exchangeInfo?symbol=NOSUCH", 400, -1121),
        ("/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22NO%22%5D", 400, -1121),
        ("/api/v3/exchangeInfo?symbols=BTCUSDT", 400, -1100),
        ("/api/v3/exchangeInfo?symbol=BTCUSDT&symbolStatus=TRADING", 400, -1220),
    ]:
        got, fields, body = get(target)
        assert (got, body["code"]) == (status, code) and body["msg"], (target, got, body)
        assert "x-mbx-used-weight-1m" in fields
    assert ws_client.request(port(), exchange.ca, "/api/v3/nosuch")[0] == 404
    assert ws_client.request(port(), exchange.ca, "/")[0] == 404
    assert ws_client.request(port(), exchange.ca, "/api/v3/time", method="POST")[0] == 405
    assert ws_client.request(port(), exchange.ca, "/ws/btcusdt@trade")[0] == 426
    for junk in (b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET x HTTP/1.1\r\n\r\n", b"GET / SPDY/9\r\n\r\n"):
        sock = ws_client.connect(port(), exchange.ca)
        sock.sendall(junk)
        answer = sock.recv(100)
        assert answer.startswith(b"HTTP/1.1 400"), (junk, answer)
        sock.close()
    sock = ws_client.connect(port(), exchange.ca)  # a head without end is cut
    try:
        for _ in range(60):
            sock.sendall(b"X-Long: " + b"y" * 1000 + b"\r\n")
        assert sock.recv(100) == b""
    except (ConnectionError, ssl.SSLError):
        pass
    sock.close()


def test_rest_klines_ranges():
    now = get("/api/v3/time")[2]["serverTime"]
    assert abs(now / 1000 - time.time()) < 30
    base = "/api/v3/klines?symbol=BTCUSDT&interval="
    for interval, length in [("1s", 1), ("1m", 60), ("3m", 180), ("5m", 300), ("15m", 900), ("30m", 1800), ("1h", 3600), ("4h", 14400), ("1d", 86400)]:
        rows = get(base + interval)[2]
        length *= 1000
        assert len(rows) == 500, (interval, len(rows))
        for row in rows:
            assert len(row) == 12 and row[0] % length == 0 and row[6] == row[0] + length - 1 and row[11] == "0"
            o, h, l, c = map(Decimal, row[1:5])
            assert l <= min(o, c) and h >= max(o, c) and all(DECIMAL.match(x) for x in row[1:6])
        assert all(b[0] == a[0] + length for a, b in zip(rows, rows[1:])), interval
        assert rows[-1][0] <= now + 30000 and rows[-1][6] > now, interval  # the last one is unfinished
    rows = get(base + "1m&limit=1000")[2]
    assert len(rows) == 1000 and len(get(base + "1m&limit=5000")[2]) == 1000
    assert len(get(base + "1m&limit=1500")[2]) == 1000
    some = rows[100][0], rows[150][0]
    times = lambda query: [row[0] for row in get(base + "1m" + query)[2]]
    every = [row[0] for row in rows]
    assert times(f"&startTime={some[0]}&limit=3") == every[100:103]
    assert times(f"&startTime={some[0] + 1}&limit=3") == every[101:104]
    assert times(f"&endTime={some[1]}&limit=3") == every[148:151]
    assert times(f"&startTime={some[0]}&endTime={some[1]}") == every[100:151]
    assert times(f"&startTime={some[0]}&endTime={some[0]}") == [some[0]]
    assert times(f"&startTime={some[0] * 1000}&endTime={some[1] * 1000}&limit=2") == every[100:102]  # microseconds
    assert times(f"&startTime={now + 10**9}") == []
    assert len(times("&startTime=0&limit=5")) == 5
    # A page of five-minute bars is the sum of its minutes.
    five = get(f"{base}5m&startTime={every[100]}&limit=1")[2][0]
    part = [row for row in rows if five[0] <= row[0] < five[0] + 300000]
    assert len(part) == 5 and sum(Decimal(r[5]) for r in part) == Decimal(five[5]) and sum(r[8] for r in part) == five[8]
    assert five[1] == part[0][1] and five[4] == part[-1][4] and Decimal(five[2]) == max(Decimal(r[2]) for r in part)


def test_exchange_info():
    status, _, info = get("/api/v3/exchangeInfo")
    names = [s["symbol"] for s in info["symbols"]]
    assert status == 200 and names[:2] == ["BTCUSDT", "ETHUSDT"] and len(names) == 8
    assert info["timezone"] == "UTC" and {r["rateLimitType"] for r in info["rateLimits"]} == {"REQUEST_WEIGHT", "RAW_REQUESTS"}
    for symbol in info["symbols"]:
        assert symbol["status"] == "TRADING" and symbol["baseAsset"] + symbol["quoteAsset"] == symbol["symbol"]
        filters = {f["filterType"]: f for f in symbol["filters"]}
        tick, step = Decimal(filters["PRICE_FILTER"]["tickSize"]), Decimal(filters["LOT_SIZE"]["stepSize"])
        for trade in get(f"/api/v3/aggTrades?symbol={symbol['symbol']}&limit=50")[2]:
            assert Decimal(trade["p"]) % tick == 0 and Decimal(trade["q"]) % step == 0 and Decimal(trade["q"]) > 0
    assert [s["symbol"] for s in get("/api/v3/exchangeInfo?symbols=%5B%22ETHUSDT%22,%22BTCUSDT%22%5D")[2]["symbols"]] == ["BTCUSDT", "ETHUSDT"]
    assert get("/api/v3/exchangeInfo?symbolStatus=BREAK")[2]["symbols"] == []
    assert get("/fapi/v1/exchangeInfo?symbol=ETHUSDT")[2]["symbols"][0]["contractType"] == "PERPETUAL"
    assert get("/fapi/v1/klines?symbol=ETHUSDT&interval=1m&limit=2")[0] == 200


def test_keep_alive_and_pipelining():
    sock = ws_client.connect(port(), exchange.ca)
    one = b"GET /api/v3/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
    sock.sendall(one * 3 + one[:10])
    time.sleep(0.1)
    sock.sendall(one[10:-2] + b"Connection: close\r\n\r\n")
    data = b""
    while True:
        piece = sock.recv(65536)
        if not piece:
            break
        data += piece
    assert data.count(b"HTTP/1.1 200 OK") == 4 and data.count(b"\r\n\r\n{}") == 4
    sock.close()


def test_the_weight_of_a_minute_is_limited():
    with program.Exchange("--seed", 2) as other:  # its own: the others need their weight
        number = int(other.rest.rsplit(":", 1)[1])
        sock = ws_client.connect(number, other.ca)
        one = b"GET /api/v3/exchangeInfo?symbol=BTCUSDT HTTP/1.1\r\nHost: localhost\r\n\r\n"  # weighs 20 of 6,000
        data, sent = b"", 0
        while b"HTTP/1.1 429" not in data and sent < 700:  # a minute may end on the way, two cannot
            sock.sendall(one)
            sent += 1
            data = sock.recv(65536)
            while b"\r\n\r\n" not in data:
                data += sock.recv(65536)
        while b"-1003" not in data:
            data += sock.recv(65536)
        assert 300 < sent <= 602, sent
        head = data.decode()
        assert 0 < int(re.search(r"Retry-After: (\d+)", head)[1]) <= 60 and '"code":-1003' in head
        sock.close()


def test_listens_on_loopback_only_by_name_and_both_addresses():
    ws_client.connect(port(), exchange.ca, host="127.0.0.1").close()
    with open("/proc/net/tcp") as table:
        listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    mine = [address for address in listening if int(address.split(":")[1], 16) == port()]
    assert mine == [f"0100007F:{port():04X}"], mine
    try:
        sock = ws_client.connect(port(), exchange.ca, host="::1", address="::1")
        sock.close()
    except OSError as error:
        assert not isinstance(error, ssl.SSLError), error  # a machine without IPv6
    try:
        ws_client.connect(port(), exchange.ca, host="example.com")
        raise AssertionError("the certificate is good for any name")
    except ssl.SSLCertVerificationError:
        pass


def test_futures_paths():
    for path in ("/market/stream?streams=btcusdt@aggTrade", "/public/stream?streams=btcusdt@bookTicker"):
        ws = open_ws(path)
        assert ws.json()["data"]["s"] == "BTCUSDT"
        ws.close()


def bar_of(row):
    """What a bar is without its time: open, high, low, close, and the sums as numbers."""
    return [Decimal(row[i]) for i in (1, 2, 3, 4, 5, 7, 9, 10)] + [row[8]]


def merged(rows):
    traded = [row for row in map(bar_of, rows) if row[8]]
    sums = [sum(row[i] for row in traded) for i in range(4, 9)]
    return [traded[0][0], max(row[1] for row in traded), min(row[2] for row in traded), traded[-1][3]] + sums


def test_every_interval_is_the_same_market():
    """Years back and now: a day is the sum of its hours, an hour of its minutes, a minute of its seconds and of its trades, exactly."""
    now = get("/api/v3/time")[2]["serverTime"]
    day, hour, minute = 86400000, 3600000, 60000
    klines = lambda symbol, interval, start, count: get(f"/api/v3/klines?symbol={symbol}&interval={interval}&startTime={start}&limit={count}")[2]
    for symbol, age in (("BTCUSDT", 0), ("BTCUSDT", 1100 * day), ("SOLUSDT", 3 * hour), ("ADAUSDT", 2000 * day)):
        start = (now - age) // day * day - day
        whole = klines(symbol, "1d", start, 1)[0]
        hours = klines(symbol, "1h", start, 24)
        assert whole[0] == start and len(hours) == 24 and bar_of(whole) == merged(hours), (symbol, age)
        minutes = klines(symbol, "1m", start + 5 * hour, 60)
        assert len(minutes) == 60 and bar_of(hours[5]) == merged(minutes), (symbol, age)
        seconds = klines(symbol, "1s", minutes[30][0], 60)
        assert len(seconds) == 60 and bar_of(minutes[30]) == merged(seconds), (symbol, age)
        trades = get(f"/api/v3/aggTrades?symbol={symbol}&startTime={minutes[30][0]}&endTime={minutes[30][0] + minute - 1}&limit=1000")[2]
        assert 0 < len(trades) < 1000 and all(b["a"] == a["a"] + 1 and b["f"] == a["l"] + 1 for a, b in zip(trades, trades[1:]))
        prices = [Decimal(t["p"]) for t in trades]
        taken = [t for t in trades if not t["m"]]
        sums = [sum((Decimal(t["q"]) for t in some), Decimal(0)) for some in (trades, taken)]
        quotes = [sum((Decimal(t["q"]) * Decimal(t["p"]) for t in some), Decimal(0)) for some in (trades, taken)]
        assert bar_of(minutes[30]) == [prices[0], max(prices), min(prices), prices[-1], sums[0], quotes[0], sums[1], quotes[1], sum(t["l"] - t["f"] + 1 for t in trades)]
        assert get(f"/api/v3/aggTrades?symbol={symbol}&fromId={trades[0]['a']}&limit=5")[2] == trades[:5]
    assert len(klines("BTCUSDT", "1d", 0, 1000)) == 1000
    assert len(klines("BTCUSDT", "1h", now - 2000 * day, 1000)) == 1000


def test_same_seed_same_trades():
    """Two exchanges of one seed, started at different moments: the same trades at and after the start, and the same past, but for the shift."""
    runs = []
    for seed in (3, 3, 4):
        with program.Exchange("--seed", seed) as other:
            number = int(other.rest.rsplit(":", 1)[1])
            ask = lambda path: ws_client.get_json(number, other.ca, path)[2]
            if not runs:  # ids are of the market, not of the start: the next ones after this moment are asked of all
                first = ask("/api/v3/aggTrades?symbol=BTCUSDT&limit=1")[0]["a"] + 1
            runs.append([])
            for begin in (first, first - 10_000_000):
                path = f"/api/v3/aggTrades?symbol=BTCUSDT&fromId={begin}&limit=10"
                trades = program.until(lambda: (lambda t: t if len(t) >= 10 else None)(ask(path)), 30, "ten trades")
                runs[-1].append([(t["a"], t["p"], t["q"], t["T"] - trades[0]["T"]) for t in trades])
    assert runs[0] == runs[1]
    assert runs[0][0] != runs[2][0] and runs[0][1] != runs[2][1]


if __name__ == "__main__":
    with program.Exchange("--seed", 1) as exchange:
        program.main(sys.modules[__name__])
