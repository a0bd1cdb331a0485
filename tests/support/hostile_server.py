#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A WebSocket server with bad manners, for the tests of the feed. Standard library and the openssl command only.

  hostile_server.py --make-certs DIR                  writes the certificates of the TLS tests there
  hostile_server.py --certs DIR --cert NAME MODE...   serves on a free port of 127.0.0.1, prints "PORT n", then a line per event

The n-th connection that says something gets the n-th MODE, later ones the last. Connections that close without a byte (somebody
only tried whether the port is open) are not counted. Standard input: end of file ends the server.
Lines printed: "TLS ok", "TLS refused REASON", "REQUEST n" (bytes of HTTP seen), "UP", "SUBSCRIBE text", "CLOSED".
"""
import argparse
import base64
import collections
import gzip
import hashlib
import itertools
import json
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.parse
import warnings

out_lock = threading.Lock()
warnings.simplefilter("ignore", DeprecationWarning)   # old TLS versions are the point


def say(*words):
    try:
        with out_lock:
            print(*words, flush=True)
    except OSError:                            # whoever listened has gone
        os._exit(0)


# ---------------------------------------------------------------- certificates

def openssl(directory, *arguments):
    subprocess.run(["openssl", *arguments], cwd=directory, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


CONFIG = """
[ca]
default_ca = here
[here]
dir = .
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = anything
unique_subject = no
copy_extensions = none
crlnumber = crlnumber
default_crl_days = 30
[anything]
commonName = supplied
[req]
distinguished_name = name
[name]
"""


def make_certs(directory):
    """Roots ca.pem and other-ca.pem, and NAME.pem (certificate and key) for every row of the matrix."""
    def path(name):
        return os.path.join(directory, name)
    with open(path("openssl.cnf"), "w") as file:
        file.write(CONFIG)
    with open(path("index.txt"), "w"):
        pass
    with open(path("crlnumber"), "w") as file:
        file.write("01\n")
    for ca in ("ca", "other-ca"):
        openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", ca + ".key", "-out", ca + ".pem",
                "-days", "3650", "-subj", "/CN=Test " + ca)

    def leaf(name, san="DNS:localhost,IP:127.0.0.1,IP:::1", ca="ca", start="20200101000000Z", end="20491231235959Z", usage="serverAuth",
             key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), digest="sha256", cn="localhost", issuer_ca=False):
        openssl(directory, "req", "-new", "-newkey", *key, "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", "/CN=" + cn)
        with open(path(name + ".ext"), "w") as file:
            file.write("basicConstraints=CA:FALSE\nextendedKeyUsage=%s\n" % usage)
            if san:
                file.write("subjectAltName=%s\n" % san)
        openssl(directory, "ca", "-batch", "-config", "openssl.cnf", "-cert", ca + ".pem", "-keyfile", ca + ".key", "-in", name + ".csr", "-out", name + ".crt",
                "-startdate", start, "-enddate", end, "-md", digest, "-extfile", name + ".ext", "-notext")
        with open(path(name + ".pem"), "w") as file:
            for part in (name + ".crt", name + ".key"):
                with open(path(part)) as source:
                    file.write(source.read())

    leaf("good")
    leaf("expired", end="20210101000000Z")
    leaf("not-yet", start="20480101000000Z")
    leaf("wrong-host", san="DNS:elsewhere.test", cn="elsewhere.test")
    leaf("unknown-ca", ca="other-ca")
    leaf("client-only", usage="clientAuth")
    leaf("rsa-1024", key=("rsa:1024",))
    leaf("sha1", digest="sha1")
    leaf("wildcard", san="DNS:*.test", cn="*.test")
    leaf("cn-only", san=None)
    # A leaf that signs another leaf.
    for ending in (".crt", ".key"):
        with open(path("good" + ending)) as source, open(path("middle" + (".pem" if ending == ".crt" else ending)), "w") as file:
            file.write(source.read())
    leaf("leaf-by-leaf", ca="middle")
    with open(path("leaf-by-leaf.pem"), "a") as file, open(path("good.crt")) as source:
        file.write(source.read())
    leaf("revoked")
    openssl(directory, "ca", "-config", "openssl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-revoke", "revoked.crt")
    openssl(directory, "ca", "-config", "openssl.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-gencrl", "-out", "crl.pem")
    openssl(directory, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "self-signed.key", "-out", "self-signed.crt",
            "-days", "3650", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    with open(path("self-signed.pem"), "w") as file:
        for part in ("self-signed.crt", "self-signed.key"):
            with open(path(part)) as source:
                file.write(source.read())


# ---------------------------------------------------------------- WebSocket

def frame(payload, opcode=1, final=True):
    head = bytes([(0x80 if final else 0) | opcode])
    if len(payload) < 126:
        return head + bytes([len(payload)]) + payload
    if len(payload) < 65536:
        return head + b"\x7e" + struct.pack(">H", len(payload)) + payload
    return head + b"\x7f" + struct.pack(">Q", len(payload)) + payload


class Peer:
    """One connection after the handshake: reads the client's frames on its own thread."""

    def __init__(self, sock, answer):
        self.sock = sock
        self.send_lock = threading.Lock()
        self.buffer = b""
        self.streams = set()
        self.subscribed = threading.Event()
        self.gone = threading.Event()
        self.answer = answer
        threading.Thread(target=self.read, daemon=True).start()

    def send(self, data):
        with self.send_lock:
            self.sock.sendall(data)

    def text(self, value):
        self.send(frame((value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))).encode()))

    def receive(self):
        """An SSL object may not be read and written at once, so that a read holds the writers' lock, and therefore never blocks."""
        while True:
            with self.send_lock:
                self.sock.settimeout(0)
                try:
                    return self.sock.recv(65536)
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                    pass
                finally:
                    self.sock.settimeout(None)
            select.select([self.sock], [], [], 5)

    def exactly(self, count):
        while len(self.buffer) < count:
            data = self.receive()
            if not data:
                raise OSError("closed")
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read(self):
        try:
            while True:
                first, second = self.exactly(2)
                length = second & 0x7f
                if length == 126:
                    length = struct.unpack(">H", self.exactly(2))[0]
                elif length == 127:
                    length = struct.unpack(">Q", self.exactly(8))[0]
                mask = self.exactly(4)
                payload = bytes(b ^ mask[i % 4] for i, b in enumerate(self.exactly(length)))
                if first & 15 == 8:
                    break
                if first & 15 == 9:
                    self.send(frame(payload, 10))
                if first & 15 != 1:
                    continue
                request = json.loads(payload)
                say("SUBSCRIBE" if request["method"] == "SUBSCRIBE" else request["method"], payload.decode())
                if request["method"] == "SUBSCRIBE":
                    self.streams.update(request["params"])
                elif request["method"] == "UNSUBSCRIBE":
                    self.streams.difference_update(request["params"])
                answer = self.answer(request)
                if answer is not None:
                    self.text(answer)
                if request["method"] == "SUBSCRIBE":
                    self.subscribed.set()
        except (OSError, ValueError):
            pass
        self.gone.set()
        self.subscribed.set()
        say("CLOSED")


def handshake(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more:
            return None
        data += more
        if len(data) > 65536:
            return None
    say("REQUEST", len(data))
    lines = data.decode("latin-1").split("\r\n")
    headers = dict(line.split(":", 1) for line in lines[1:] if ":" in line)
    return lines[0], {name.strip().lower(): value.strip() for name, value in headers.items()}


def upgrade(sock, answer):
    request = handshake(sock)
    if not request:
        return None
    say("PATH", request[0].split(" ")[1])
    key = request[1].get("sec-websocket-key", "")
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    sock.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n" % accept).encode())
    say("UP")
    return Peer(sock, answer)


PRICES = {"BTCUSDT": 60000.0, "ETHUSDT": 3000.0}
trade_ids = {}
id_lock = threading.Lock()


class Exchange:
    """Every trade is made once and goes to all who subscribed, as at an exchange: ids do not depend on who listens."""

    def __init__(self):
        self.lock = threading.Lock()
        self.peers = {}

    def join(self, peer, only, delay):
        with self.lock:
            self.peers[peer] = (only, delay, collections.deque())

    def run(self, period):
        while True:
            time.sleep(period)
            with self.lock:
                peers = dict(self.peers)
            for stream in sorted(set().union(*[peer.streams for peer in peers])):
                text = message(stream)
                for peer, (only, delay, queue) in peers.items():
                    if stream in peer.streams and (only is None or stream.startswith(only)):
                        queue.append((time.monotonic() + delay, text))
            for peer, (only, delay, queue) in peers.items():
                try:
                    while queue and queue[0][0] <= time.monotonic() and not peer.gone.is_set():
                        peer.text(queue.popleft()[1])
                except OSError:
                    peer.gone.set()
                if peer.gone.is_set():
                    with self.lock:
                        self.peers.pop(peer, None)


exchange = None
exchange_lock = threading.Lock()


def message(stream, price=None):
    symbol = stream.split("@")[0].upper()
    now = int(time.time() * 1000)
    price = price if price is not None else "%.2f" % PRICES.get(symbol, 10.0)
    if stream.endswith("@aggTrade"):
        with id_lock:
            number = trade_ids[symbol] = trade_ids.get(symbol, 1000) + 1
        data = {"e": "aggTrade", "E": now, "s": symbol, "a": number, "p": price, "q": "0.5", "f": number, "l": number, "T": now, "m": True, "M": True}
    elif stream.endswith("@bookTicker"):
        data = {"u": now, "s": symbol, "b": price, "B": "1", "a": price, "A": "1"}
    else:
        data = {"e": "24hrMiniTicker", "E": now, "s": symbol, "c": price, "o": price, "h": price, "l": price, "v": "1000.5", "q": "1"}
    return json.dumps({"stream": stream, "data": data}, separators=(",", ":"))


def tick_for_ever(peer, only=None, period=0.02, seconds=None, delay=0):
    global exchange
    with exchange_lock:
        if exchange is None:
            exchange = Exchange()
            threading.Thread(target=exchange.run, args=(period,), daemon=True).start()
    exchange.join(peer, only, delay)
    peer.gone.wait(seconds)


def http(sock, status, extra=""):
    if handshake(sock):
        body = "{\"code\":0,\"msg\":\"no\"}"
        sock.sendall(("HTTP/1.1 %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (status, extra, len(body), body)).encode())
        time.sleep(0.2)


def wait_gone(sock):
    sock.settimeout(60)
    try:
        while sock.recv(4096):
            pass
    except OSError:
        pass


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw = sock.detach() if not isinstance(sock, ssl.SSLSocket) else sock.detach()
    os.close(raw)


NOW_MS = 1723161600000                        # what the REST interface calls now


def kline(open_ms, step_ms, **changes):
    row = [open_ms, "100.5", "101.5", "99.5", "100.0", "12.25", open_ms + step_ms - 1, "1225.0", 7, "6.0", "600.0", "0"]
    for index, value in changes.items():
        row[int(index[1:])] = value
    return row


def rest_answer(path, query, variant):
    """(status, headers, body) of one request."""
    if path.endswith("/time"):
        return "200 OK", "X-MBX-USED-WEIGHT-1M: 2000\r\n" if variant == "heavy" else "", json.dumps({"serverTime": NOW_MS})
    if path.endswith("/exchangeInfo"):
        known = [{"symbol": "BTCUSDT", "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT", "filters": [{"filterType": "PRICE_FILTER", "tickSize": "0.01000000"}]},
                 {"symbol": "ETHUSDT", "status": "BREAK", "baseAsset": "ETH", "quoteAsset": "USDT", "filters": []},
                 {"symbol": "ADAUSDT", "status": "TRADING", "baseAsset": "ADA", "quoteAsset": "USDT"}, {"symbol": 5}, "nonsense"]
        if variant == "trading":
            known[1]["status"] = "TRADING"
        if "symbol" in query:
            known = [k for k in known if isinstance(k, dict) and k["symbol"] == query["symbol"][0]]
            if not known:
                return "400 Bad Request", "", json.dumps({"code": -1121, "msg": "Invalid symbol."})
        return "200 OK", "X-MBX-USED-WEIGHT-1M: 20\r\n", json.dumps({"symbols": known})
    if path.endswith("/klines"):
        step = {"1s": 1000, "1m": 60000, "5m": 300000, "15m": 900000, "30m": 1800000, "1h": 3600000, "2h": 7200000, "4h": 14400000, "1d": 86400000}[query["interval"][0]]
        first, last = int(query["startTime"][0]), int(query["endTime"][0])
        first = -(-first // step) * step
        rows = [kline(t, step) for t in range(first, min(last, NOW_MS) + 1, step)][:int(query["limit"][0])]
        if variant == "hole":
            rows = [r for r in rows if (r[0] // step) % 5]
        elif variant == "quiet" and rows:
            rows[0] = kline(rows[0][0], step, i5="0.00000000", i8=0)
        elif variant == "unordered":
            rows.reverse()
        elif variant == "twice":
            rows = [r for r in rows for _ in (0, 1)]
        elif variant.startswith("bad-") and rows:
            rows[-1] = {"bad-type": kline(rows[-1][0], step, i1=100.5), "bad-price": kline(rows[-1][0], step, i4="-1"), "bad-range": kline(rows[-1][0], step, i2="1"),
                        "bad-time": kline(rows[-1][0] + 1, step), "bad-short": rows[-1][:5], "bad-row": {}}[variant]
        return "200 OK", "X-MBX-USED-WEIGHT-1M: 2\r\n", json.dumps(rows)
    if path.endswith("/aggTrades"):
        # Trade i happens i milliseconds after the first of 2,500.
        begin_ms, last_ms = NOW_MS - 100000, NOW_MS
        if "fromId" in query:
            if "startTime" in query or "endTime" in query:
                return "400 Bad Request", "", json.dumps({"code": -1128, "msg": "Combination of optional parameters invalid."})
            first = int(query["fromId"][0])
        else:
            first, last_ms = max(0, int(query["startTime"][0]) - begin_ms), int(query.get("endTime", [last_ms])[0])
        if variant == "overlap":
            first = max(0, first - 10)
        elif variant == "same":
            first = 0
        ids = range(first, min(first + int(query["limit"][0]), 2500, last_ms - begin_ms + 1))
        rows = [{"a": i, "p": "100.5", "q": "2", "f": 2 * i, "l": 2 * i + 1, "T": begin_ms + i, "m": True, "M": True} for i in ids]
        if variant == "id-hole":
            rows = [r for r in rows if r["a"] != 1500]
        elif variant == "holes" and first == 0:  # asked again from elsewhere, they are there
            more = [{**rows[-1], "a": i, "f": 2 * i, "l": 2 * i + 1, "T": begin_ms + i} for i in range(rows[-1]["a"] + 1, rows[-1]["a"] + 4)]
            rows = ([r for r in rows if r["a"] not in (300, 301, 700)] + more)[:len(rows)]
        elif variant == "twins":  # two trades with one aggregate id, also across the end of a page
            rows = [{**r, "a": i // 2 * 2} for i, r in zip(ids, rows)]
        elif variant.startswith("bad-") and rows:
            rows[-1].update({"bad-type": {"a": "7"}, "bad-price": {"p": "0"}, "bad-range": {"l": 0, "f": 5}, "bad-time": {"T": NOW_MS * 1000}, "bad-row": {"q": None}}[variant])
        return "200 OK", "X-MBX-USED-WEIGHT-1M: 4\r\n", json.dumps(rows)
    return "404 Not Found", "", "{}"


in_flight = threading.Barrier(2)
flights = itertools.count()
ban_is_known = threading.Event()


def serve_rest(sock, variant):
    while True:
        request = handshake(sock)
        if not request:
            return
        target = urllib.parse.urlsplit(request[0].split(" ")[1])
        say("GET", request[0])
        if variant == "ban-in-flight":         # two requests are out: one is answered by a ban, and when that is known so is the other, well
            flight = next(flights)
            if flight < 2:
                in_flight.wait(30)
            if flight == 0:
                sock.sendall(b"HTTP/1.1 418 I'm a teapot\r\nRetry-After: 120\r\nContent-Length: 2\r\n\r\n{}")
                wait_gone(sock)
                ban_is_known.set()
                return
            ban_is_known.wait(30)
        if variant == "ban-cut":               # the head of the answer says it all; the body never comes whole
            sock.sendall(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 120\r\nContent-Length: 900\r\n\r\n{")
            return
        status, headers, body = rest_answer(target.path, urllib.parse.parse_qs(target.query), variant)
        if variant == "not-json":
            body = "<html>login</html>"
        elif variant == "trailing":
            body += " x"
        elif variant == "empty":
            body = ""
        elif variant == "redirect":
            status, headers = "302 Found", "Location: https://localhost/x\r\n"
        elif variant.isdigit():
            status, headers, body = variant + " No", "Retry-After: 7\r\n" if variant in ("429", "418") else "", json.dumps({"code": -1003 if variant == "429" else 0, "msg": "Way too much"})
        elif variant == "429-bare":
            status, headers, body = "429 Too Many Requests", "", "<html>"
        data = body.encode()
        if variant == "huge":
            sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try:
                for _ in range(70):
                    sock.sendall(b"100000\r\n" + b"[" * (1 << 20) + b"\r\n")
            except OSError:
                pass
            return
        if variant == "gzip-bomb":
            data = gzip.compress(b"[" * (70 << 20))
            headers += "Content-Encoding: gzip\r\n"
        head = ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n" % (status, headers, len(data))).encode()
        if variant == "truncated":
            sock.sendall(head + data[:len(data) // 2])
            return
        if variant == "truncated-chunked":
            sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(data) + data[:len(data) - 1])
            return
        if variant == "trickle":
            for byte in head + data:
                sock.sendall(bytes([byte]))
                time.sleep(0.1)
            return
        sock.sendall(head + data)


def serve(sock, mode):
    name, _, argument = mode.partition("=")
    if name == "http":
        status, _, extra = argument.partition("|")
        return http(sock, status, extra.replace("|", "\r\n") + ("\r\n" if extra else ""))
    if name == "rest":
        return serve_rest(sock, argument)
    if name == "no-answer":
        handshake(sock)
        return wait_gone(sock)
    if name == "drop":                         # closes instead of answering
        handshake(sock)
        return None
    if name == "garbage":
        handshake(sock)
        sock.sendall(b"\x00\x01SSH-2.0-OpenSSH\r\n\r\n")
        return wait_gone(sock)
    answers = {"no-ack": lambda request: None, "no-ack-data": lambda request: None,
               "refuse-flat": lambda request: {"code": 2, "msg": "Invalid request: invalid stream"},
               "refuse-nested": lambda request: {"error": {"code": 4, "msg": "Too many subscriptions"}, "id": request["id"]}}
    peer = upgrade(sock, answers.get(name, lambda request: {"result": None, "id": request["id"]}))
    if not peer:
        return None
    if name in ("silent-ack", "no-ack", "refuse-flat", "refuse-nested"):   # an answer or none, then nothing
        peer.gone.wait(60)
        return None
    if name == "no-ack-data":
        return tick_for_ever(peer)
    peer.subscribed.wait(60)
    if name == "ok":
        return tick_for_ever(peer, period=float(argument or 0.02))
    if name == "late":                         # everything that many seconds later than others get it
        return tick_for_ever(peer, period=0.005, delay=float(argument))
    if name == "one-leg":
        return tick_for_ever(peer, only="btcusdt")
    if name == "one-leg-until-renewed":        # the second stream works only after it was unsubscribed and subscribed again
        begin = set(peer.streams)
        while not peer.gone.wait(0.02):
            peer.text(message("btcusdt@miniTicker"))
            if peer.streams != begin:
                break
        return tick_for_ever(peer)
    for _ in range(5):
        for stream in sorted(peer.streams):
            peer.text(message(stream))
    if name == "mid-frame":                    # half a frame, then a clean end
        data = frame(message("btcusdt@miniTicker").encode())
        peer.send(data[:len(data) // 2])
        sock.shutdown(socket.SHUT_RDWR)
        return None
    if name == "rst":
        time.sleep(0.05)
        reset(sock)
        return None
    if name == "close":
        peer.send(frame(struct.pack(">H", int(argument)) + b"bye", 8))
        peer.gone.wait(5)
        return None
    if name == "huge":                         # one message of that many megabytes, in one frame
        size = int(argument) << 20
        peer.send(b"\x81\x7f" + struct.pack(">Q", size))
        block = b"[" * 65536
        try:
            for _ in range(size // len(block)):
                peer.send(block)
        except OSError:
            pass
        return None
    if name == "huge-fragments":               # the same in many small frames of one message
        try:
            for i in range((int(argument) << 20) // 16384):
                peer.send(frame(b"[" * 16384, 0 if i else 1, False))
        except OSError:
            pass
        return None
    if name == "endless-header":               # a frame that claims 2^62 bytes
        peer.send(b"\x81\x7f" + struct.pack(">Q", 1 << 62))
        try:
            while True:
                peer.send(b"x" * 65536)
        except OSError:
            pass
        return None
    if name == "fragments":                    # messages in frames of odd sizes, PINGs in between, TCP in odd pieces too
        sizes, n = [1, 3, 7, 11, 64, 2, 0, 5], 0
        while not peer.gone.wait(0.005):
            for stream in sorted(peer.streams):
                data, out, first = message(stream).encode(), b"", True
                while data:
                    size = sizes[n % len(sizes)]
                    n += 1
                    out += frame(data[:size], 1 if first else 0, len(data) <= size)
                    if n % 5 == 0:
                        out += frame(b"ping%d" % n, 9)
                    data, first = data[size:], False
                while out:
                    peer.send(out[:17])
                    out = out[17:]
        return None
    if name == "malformed":                    # what must be refused, between what must not
        bad = ["{", "", "nonsense", "{\"stream\":1,\"data\":{}}", "[1]", "{\"e\":\"24hrMiniTicker\",\"E\":1749183266025,\"s\":\"BTCUSDT\",\"c\":\"NaN\",\"v\":\"0\"}",
               "{\"e\":\"24hrMiniTicker\",\"E\":1749183266025,\"s\":\"BTCUSDT\",\"c\":-5,\"v\":\"0\"}", "{\"e\":\"24hrMiniTicker\",\"E\":1749183266025,\"s\":\"BTCUSDT\",\"c\":\"0\",\"v\":\"0\"}",
               "{\"e\":\"kline\",\"s\":\"BTCUSDT\"}", "[" * 3000]
        n = 0
        while not peer.gone.wait(0.01):
            for stream in sorted(peer.streams):
                peer.text(message(stream))
                peer.text(bad[n % len(bad)])
                n += 1
        return None
    if name == "binary":
        peer.send(frame(b"\x00\x01\x02", 2))
        peer.gone.wait(10)
        return None
    if name == "shutdown":                     # announces it, goes on for a while
        peer.text({"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": int(time.time() * 1000)}})
        return tick_for_ever(peer, period=0.005, seconds=float(argument or 60))
    if name == "then-silent":                  # data for that many seconds, then none
        end = time.monotonic() + float(argument)
        while time.monotonic() < end and not peer.gone.wait(0.02):
            for stream in sorted(peer.streams):
                peer.text(message(stream))
        peer.gone.wait(60)
        return None
    raise SystemExit("unknown mode " + mode)


def connection(sock, modes, context, counter):
    try:
        first = sock.recv(1, socket.MSG_PEEK)
        if not first:
            return
        with out_lock:
            mode = modes[min(counter[0], len(modes) - 1)]
            counter[0] += 1
        if mode == "silent":                   # accepts TCP, never speaks
            wait_gone(sock)
            return
        if context:
            try:
                sock = context.wrap_socket(sock, server_side=True)
                say("TLS ok", sock.version())
            except (ssl.SSLError, OSError) as error:
                say("TLS refused", str(error).replace("\n", " "))
                return
        sock.settimeout(None)
        serve(sock, mode)
    except OSError as error:
        say("ERROR", error)
    finally:
        try:
            sock.close()
        except OSError:
            pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--make-certs")
    parser.add_argument("--certs")
    parser.add_argument("--cert", default="good")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--tls-max", default="")
    parser.add_argument("modes", nargs="*", default=[])
    options = parser.parse_args()
    if options.make_certs:
        make_certs(options.make_certs)
        return
    context = None
    if not options.plain:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if options.cert in ("rsa-1024", "sha1") or options.tls_max:
            context.set_ciphers("ALL:@SECLEVEL=0")
        if options.tls_max:
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = getattr(ssl.TLSVersion, options.tls_max)
        context.load_cert_chain(os.path.join(options.certs, options.cert + ".pem"))
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    say("PORT", listener.getsockname()[1])
    counter = [0]

    def accept():
        while True:
            sock, _ = listener.accept()
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=connection, args=(sock, options.modes or ["ok"], context, counter), daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


main()
