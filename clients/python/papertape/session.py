"""A session of binary order entry on the thread that uses it: heartbeats, lost connections made anew, missed messages.

Ed25519 keys need the package `cryptography`; HMAC keys need the standard library alone.
"""

import hashlib
import hmac
import socket
import time
from collections import deque

from . import codes
from .frames import ANY_INSTRUMENT, PROTOCOL, SEQUENCED, FrameError, decode, encode, signed_bytes, split

NOW, AFTER, SNAPSHOT = 0, 1, 2
"""From where a login wants the account's messages."""

BUY, SELL = 1, 2
LIMIT, MARKET, MARKET_BY_AMOUNT, MARKET_TO_LIMIT = 1, 2, 3, 4
OCO, OTO, OTOCO = 1, 2, 3
GTC, IOC, FOK, DAY, GTD = 1, 2, 3, 4, 5
POST_ONLY, REDUCE_ONLY = 1, 2

_CONNECT_WITHIN = 10.0
_TRIES_MAX = 60


class SessionError(Exception):
    """The session cannot go on. `code` is the venue's, if it said one."""

    def __init__(self, words, code=None):
        super().__init__(words)
        self.code = code


class HmacKey:
    """A key of the kind `hmac`: id and secret in hexadecimal, as the venue showed them."""

    kind = 2

    def __init__(self, key_id, secret):
        self.id, self._secret = bytes.fromhex(key_id), bytes.fromhex(secret)

    def sign(self, message):
        return hmac.new(self._secret, message, hashlib.sha256).digest()


class Ed25519Key:
    """A key of the kind `ed25519`: id and the 32 bytes of the private half, in hexadecimal."""

    kind = 1

    def __init__(self, key_id, seed):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self.id, self._key = bytes.fromhex(key_id), Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))

    def sign(self, message):
        return self._key.sign(message)


def signed_login(key, nonce, **fields):
    """A `Login` frame with this key's signature over the venue's nonce."""
    login = encode("Login", protocol=PROTOCOL, signature_kind=key.kind, key_id=key.id, **fields)
    return login[:-64] + key.sign(signed_bytes(nonce, login)).ljust(64, b"\0")


class Session:
    """Orders and the account's messages. Nothing happens in the background: call `event` at least every few seconds.

    >>> session = Session("127.0.0.1", 8081, HmacKey(key_id, secret))     # doctest: +SKIP
    >>> session.place("mine-1", instrument=0, side=BUY, order_type=LIMIT, price=6_000_000, qty=1_000)  # doctest: +SKIP
    """

    def __init__(self, host, port, key, *, durability=0, cancel_on_disconnect_ms=None, start=NOW, after=0, time_ns=0):
        self._address, self._key = (host, port), key
        self._login = {"durability": durability}
        if cancel_on_disconnect_ms is not None:
            self._login.update(cancel_on_disconnect=1, grace_ms=cancel_on_disconnect_ms)
        self._start = start
        self.last = (after, time_ns) if start == AFTER else None
        """Sequence and time of the account's last message that came."""
        self.accepted = None
        """What the venue said when it opened the session."""
        self.unanswered = {}
        """Requests without an answer, by reference."""
        self._socket, self._references, self._tries, self._snapshot = None, 0, 0, None
        self._came, self._events = bytearray(), deque()
        self._sent = self._heard = time.monotonic()
        self._heartbeat, self._dead_after = 1.0, 15.0
        while self.accepted is None:
            self._step(time.monotonic() + _CONNECT_WITHIN)

    # What can be asked

    def place(self, client_order_id="", **terms):
        """A new order: fields of docs/protocol-tcp.md. With a name, sending it again is harmless. Gives the reference."""
        return self._ask("PlaceOrder", client_order_id=client_order_id, **terms)

    def place_list(self, client_order_id="", *, instrument, list_type, orders, self_trade=0):
        """Two or three orders that hang together, each as a dict of the fields of one; with a name, harmless to repeat."""
        legs = {f"{name}_{place}": value for place, order in enumerate(orders, 1) for name, value in order.items()}
        terms = {"instrument": instrument, "list_type": list_type, "self_trade": self_trade}
        return self._ask("PlaceList", client_order_id=client_order_id, **terms, **legs)

    def amend(self, *, order_id=0, client_order_id="", price=0, qty=0):
        """Another price, another total quantity, or both."""
        return self._ask("Amend", order_id=order_id, client_order_id=client_order_id, price=price, qty=qty)

    def cancel(self, *, order_id=0, client_order_id=""):
        """The end of an order."""
        return self._ask("Cancel", order_id=order_id, client_order_id=client_order_id)

    def cancel_all(self, instrument=ANY_INSTRUMENT, side=0):
        """The end of all orders, or of those in one instrument or on one side."""
        return self._ask("CancelAll", instrument=instrument, side=side)

    def kill_switch(self, engaged):
        """The end of all orders, and no new ones until it is released."""
        return self._ask("KillSwitch", engaged=int(engaged))

    def instruments(self):
        """Instruments: `Instrument` frames follow, then `QueryDone`."""
        return self._ask("QueryInstruments", instrument=ANY_INSTRUMENT)

    def account(self):
        """Open orders and balances, between `SnapshotBegin` and `SnapshotEnd`."""
        return self._ask("QueryAccount")

    def log_out(self):
        """Says goodbye and ends."""
        if self._socket is not None:
            try:
                self._socket.sendall(encode("ClientLogout"))
            except OSError:
                pass
            self._lose()

    def disconnect(self):
        """Cuts the connection, as a network may do at any time; the next `event` makes it anew."""
        self._lose()

    # What happens

    def event(self, timeout=1.0):
        """The next frame of the venue, or `None` if none comes in time. A lost connection is made anew meanwhile."""
        until = time.monotonic() + timeout
        while not self._events:
            if time.monotonic() >= until:
                return None
            self._step(until)
        return self._events.popleft()

    def wait_for(self, *names, reference=None, timeout=10.0):
        """The next frame of one of these names (and for this reference). Others are passed over."""
        until = time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            frame = self.event(left)
            if frame is not None and frame.name in names and reference in (None, frame.values.get("reference")):
                return frame
        raise SessionError(f"no {' or '.join(names)} came within {timeout} s")

    def _ask(self, name, **values):
        if self._socket is None or self.accepted is None:
            raise SessionError("the session is not open")
        self._references += 1
        self.unanswered[self._references] = (name, values)
        self._write(encode(name, reference=self._references, **values))
        return self._references

    def _write(self, raw):
        try:
            self._socket.sendall(raw)
            self._sent = time.monotonic()
        except OSError:
            # Made anew, and what is missing asked for, by the next `event`.
            self._lose()

    def _lose(self):
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _step(self, until):
        try:
            if self._socket is None:
                self._open()
            self._wait(until)
        except OSError as error:
            self._lose()
            self._again(str(error), 0.0)
        except SessionError as error:
            self._lose()
            if error.code is not None and codes.class_of(error.code) == codes.FINAL:
                raise
            self._again(str(error), getattr(error, "wait", 0.0))

    def _again(self, words, wait):
        self._tries += 1
        if self._tries > _TRIES_MAX:
            raise SessionError(words)
        time.sleep(max(wait, min(0.05 * 2 ** min(self._tries - 1, 7), 5.0)))

    def _open(self):
        self._socket = socket.create_connection(self._address, _CONNECT_WITHIN)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._came.clear()
        self._snapshot = None
        self._sent = self._heard = time.monotonic()
        self._heartbeat, self._dead_after = 15.0, 15.0

    def _wait(self, until):
        now = time.monotonic()
        if now - self._heard >= self._dead_after:
            raise SessionError("nothing was heard of the venue")
        if now - self._sent >= self._heartbeat:
            self._write(encode("ClientHeartbeat"))
            if self._socket is None:
                return
        due = min(self._sent + self._heartbeat, self._heard + self._dead_after, until)
        self._socket.settimeout(max(due - now, 0.001))
        try:
            came = self._socket.recv(65536)
        except TimeoutError:
            return
        finally:
            if self._socket is not None:
                self._socket.settimeout(_CONNECT_WITHIN)
        if not came:
            raise ConnectionResetError("the venue closed the connection")
        self._heard = time.monotonic()
        self._came += came
        while (raw := split(self._came)) is not None:
            frame = decode(raw)
            if frame is not None:
                self._hear(frame)

    def _hear(self, frame):
        if frame.name == "Challenge":
            self._log_in(frame.nonce)
        elif frame.name == "LoginAccepted":
            self._opened(frame)
        elif frame.name in ("LoginRejected", "Logout"):
            error = SessionError(f"the venue says {codes.name_of(frame.code)}", frame.code)
            error.wait = frame.values.get("retry_after_ms", 0) / 1000
            raise error
        elif frame.name != "Heartbeat" and self._is_new(frame):
            self._settle(frame)
            self._events.append(frame)

    def _log_in(self, nonce):
        resume, after, time_ns = self._start, 0, 0
        if self.last is not None:
            resume, (after, time_ns) = AFTER, self.last
        fields = dict(self._login, resume=resume, resume_after=after, resume_time_ns=time_ns)
        self._write(signed_login(self._key, nonce, client_time_ns=time.time_ns(), **fields))

    def _opened(self, frame):
        self.accepted, self._tries = frame, 0
        self._heartbeat, self._dead_after = frame.heartbeat_ms / 1000, frame.dead_after_ms / 1000
        if frame.resumed == 0:
            self.last = (frame.next_sequence - 1, 0 if self.last is None else self.last[1])
        self._events.append(frame)

    def _is_new(self, frame):
        if frame.name == "SnapshotBegin" and frame.reference == 0:
            self._snapshot = frame.sequence
        elif frame.name == "SnapshotEnd" and frame.reference == 0:
            self.last = (self._snapshot, 0)
        if frame.kind < SEQUENCED:
            return True
        if self.last is not None and frame.sequence <= self.last[0]:
            return False
        if self.last is not None and frame.sequence > self.last[0] + 1:
            raise SessionError(f"message {frame.sequence} came after {self.last[0]}")
        self.last = (frame.sequence, frame.time_ns)
        return True

    def _settle(self, frame):
        """An answer came. The orders that a mass cancel ends are told before its own answer, under its reference."""
        reference = frame.values.get("reference", 0)
        asked = self.unanswered.get(reference, ("",))[0]
        if reference and not (frame.name == "OrderCancelled" and asked != "Cancel"):
            if frame.name not in ("OrderFilled", "OrderRested", "SelfTradePrevented", "Instrument", "SnapshotBegin"):
                self.unanswered.pop(reference, None)
        elif reference == 0 and frame.name in ("OrderAccepted", "OrderRejected", "OrderRepeated"):
            named = frame.client_order_id
            found = [
                reference
                for reference, (name, values) in self.unanswered.items()
                if name in ("PlaceOrder", "PlaceList") and named and values.get("client_order_id") == named
            ]
            for reference in found:
                del self.unanswered[reference]


__all__ = ["Session", "SessionError", "HmacKey", "Ed25519Key", "FrameError", "signed_login"]
