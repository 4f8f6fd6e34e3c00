"""A session of binary order entry, as docs/protocol-tcp.md says."""

import hashlib
import hmac
import socket
import time

from layouts import frames

TYPES = frames()
NAMES = {kind: name for name, (kind, _) in TYPES.items()}
SEQUENCED = 0xA0


class Refused(Exception):
    """The venue ended the session, or let none begin."""


class Session:
    """Connects, logs in with an HMAC key, and reads frames; heartbeats go out while it waits."""

    def __init__(self, address, key, secret, resume=0, after=0, after_ns=0):
        self.reference, self.last = 0, (after, after_ns)
        self.raw = b""
        self.socket = socket.create_connection(address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        challenge = self.frame_of("Challenge")
        # fmt: off
        login = dict(protocol=1, signature_kind=2, resume=resume, key_id=bytes.fromhex(key),
                     client_time_ns=time.time_ns(), resume_after=after, resume_time_ns=after_ns)
        # fmt: on
        fields = TYPES["Login"][1].put(**login)[: 60 - 4]
        signed = b"papertape-tcp-1\0" + challenge["nonce"] + fields
        login["signature"] = hmac.new(bytes.fromhex(secret), signed, hashlib.sha256).digest()
        self.send("Login", **login)
        self.accepted = self.frame_of("LoginAccepted")
        if resume == 0:
            self.last = (self.accepted["last_sequence"], 0)

    def send(self, name, **values):
        kind, layout = TYPES[name]
        body = layout.put(**values)
        self.socket.sendall((4 + len(body)).to_bytes(2, "little") + bytes([kind, 1]) + body)

    def ask(self, name, **values):
        self.reference += 1
        self.send(name, reference=self.reference, **values)
        return self.reference

    def frame(self):
        """The next frame: its name and its fields."""
        while True:
            length = int.from_bytes(self.raw[:2], "little") if len(self.raw) >= 2 else 4
            if len(self.raw) >= max(length, 4):
                break
            self._read()
        raw, self.raw = self.raw[:length], self.raw[length:]
        name = NAMES.get(raw[2])
        if name is None:
            return self.frame()
        frame = TYPES[name][1].get(raw)
        if raw[2] >= SEQUENCED:
            if frame["sequence"] != self.last[0] + 1:
                raise Refused(f"{name} {frame['sequence']} comes after {self.last[0]}")
            self.last = (frame["sequence"], frame["time_ns"])
        elif name in ("Logout", "LoginRejected"):
            raise Refused(f"{name}: code {frame['code']}")
        return name, frame

    def _read(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self.socket.settimeout(1)
            try:
                read = self.socket.recv(65536)
            except TimeoutError:
                self.send("ClientHeartbeat")
                continue
            if not read:
                raise Refused("the venue closed the connection")
            self.raw += read
            return
        raise Refused("nothing was heard for 30 seconds")

    def frame_of(self, *names, **wanted):
        """The next frame of one of these types with these values; others are passed over."""
        while True:
            name, frame = self.frame()
            if name in names and all(frame[field] == value for field, value in wanted.items()):
                return frame

    def cut(self):
        """Goes without a word."""
        self.socket.close()
