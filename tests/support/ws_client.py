# SPDX-License-Identifier: GPL-3.0-or-later
"""A small WebSocket and HTTP client on Python's standard library: the tests' second opinion of the exchange and the feed.

It verifies TLS against the CA file given, checks what RFC 6455 asks of a server's frames, and never sends what it was not told to.
"""
import base64
import hashlib
import json
import os
import socket
import ssl
import struct
import time


class ProtocolError(Exception):
    pass


class Closed(Exception):
    """The server closed: code is the close frame's (None: none came), clean tells FIN from RST."""

    def __init__(self, code=None, reason="", clean=True):
        super().__init__(f"closed code={code} reason={reason!r} clean={clean}")
        self.code, self.reason, self.clean = code, reason, clean


PATIENCE_S = 30  # nothing that works takes this long, on any machine


def connect(port, ca_file, host="localhost", timeout=PATIENCE_S, address=None):
    """A verified TLS socket (plain when ca_file is None)."""
    sock = socket.create_connection((address or "127.0.0.1", port), timeout=timeout)
    if ca_file is None:
        return sock
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context.wrap_socket(sock, server_hostname=host)


def request(port, ca_file, target, method="GET", headers=(), timeout=PATIENCE_S):
    """One request on a connection of its own: (status, headers with lower-case names, body)."""
    sock = connect(port, ca_file, timeout=timeout)
    try:
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close", *headers, "", ""]
        sock.sendall("\r\n".join(lines).encode())
        data = b""
        while True:
            piece = sock.recv(65536)
            if not piece:
                break
            data += piece
    finally:
        sock.close()
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1])
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    return status, fields, body


def get_json(port, ca_file, target, **more):
    status, fields, body = request(port, ca_file, target, **more)
    return status, fields, json.loads(body)


class WebSocket:
    def __init__(self, port, ca_file, path, timeout=PATIENCE_S, check=True, address=None):
        self.sock = connect(port, ca_file, timeout=timeout, address=address)
        self.buffer = b""
        self.answer_pings = True
        self.pings = []
        self.frames = 0
        self.parts = None
        key = base64.b64encode(os.urandom(16)).decode()
        self.sock.sendall((f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1])
        self.headers = {l.partition(":")[0].strip().lower(): l.partition(":")[2].strip() for l in lines[1:]}
        wanted = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        self.accept_ok = self.headers.get("sec-websocket-accept") == wanted
        if check and (self.status != 101 or not self.accept_ok):
            raise ProtocolError(f"upgrade refused: {lines[0]}")

    def _more(self):
        try:
            piece = self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError) as error:
            raise Closed(clean=isinstance(error, ssl.SSLEOFError)) from None
        if not piece:
            raise Closed()
        self.buffer += piece

    def _need(self, n):
        while len(self.buffer) < n:
            self._more()

    def _take(self, n):
        self._need(n)
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def send_frame(self, first, payload=b"", masked=True):
        length = len(payload)
        mask_bit = 0x80 if masked else 0
        if length < 126:
            head = struct.pack("!BB", first, mask_bit | length)
        elif length < 65536:
            head = struct.pack("!BBH", first, mask_bit | 126, length)
        else:
            head = struct.pack("!BBQ", first, mask_bit | 127, length)
        if masked:
            key = os.urandom(4)
            head += key
            payload = bytes(b ^ key[i & 3] for i, b in enumerate(payload))
        self.sock.sendall(head + payload)

    def send(self, text):
        self.send_frame(0x81, text.encode() if isinstance(text, str) else text)

    def command(self, method, params=None, ident=1):
        message = {"method": method, "id": ident}
        if params is not None:
            message["params"] = params
        self.send(json.dumps(message))

    def frame(self):
        """(fin, opcode, payload) of the next frame, whatever it is. Nothing is taken before all of it is there: a timeout may be tried again."""
        self._need(2)
        first, second = self.buffer[:2]
        if first & 0x70:
            raise ProtocolError("reserved bits are set")
        if second & 0x80:
            raise ProtocolError("a server's frame is masked")
        length, head = second & 0x7F, 2
        if length == 126:
            self._need(4)
            length, head = struct.unpack("!H", self.buffer[2:4])[0], 4
            if length < 126:
                raise ProtocolError("length not minimal")
        elif length == 127:
            self._need(10)
            length, head = struct.unpack("!Q", self.buffer[2:10])[0], 10
            if length < 65536:
                raise ProtocolError("length not minimal")
        self._need(head + length)
        self.frames += 1
        return bool(first & 0x80), first & 0x0F, self._take(head + length)[head:]

    def message(self):
        """The next text message as bytes; answers PINGs on the way; Closed at the end."""
        while True:
            final, opcode, payload = self.frame()
            if opcode == 9:
                self.pings.append(payload)
                if self.answer_pings:
                    self.send_frame(0x8A, payload)
            elif opcode == 8:
                code = struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else None
                raise Closed(code, payload[2:].decode(errors="replace"))
            elif opcode == 10:
                continue
            elif opcode in (0, 1, 2):
                if (opcode == 0) != (self.parts is not None):
                    raise ProtocolError("continuation out of order")
                self.parts = (self.parts or b"") + payload
                if final:
                    whole, self.parts = self.parts, None
                    return whole
            else:
                raise ProtocolError(f"opcode {opcode}")

    def json(self):
        return json.loads(self.message())

    def collect(self, seconds, limit=10**9):
        """Messages that come within the time."""
        end = time.monotonic() + seconds
        out = []
        while len(out) < limit:
            left = end - time.monotonic()
            if left <= 0:
                break
            self.sock.settimeout(left)
            try:
                out.append(self.message())
            except (TimeoutError, socket.timeout):
                break
        self.sock.settimeout(PATIENCE_S)
        return out

    def close(self):
        self.sock.close()
