"""A book of one market, kept as docs/protocol-ws.md says, from text or from binary messages."""

import struct
import zlib

from layouts import records

RECORDS = records()
BOOK = 3


class Gap(Exception):
    """Something is missing, or is there twice."""


class Book:
    """Levels of both sides; every message must continue the one before and prove itself by its checksum."""

    def __init__(self):
        self.epoch = self.n = self.update_id = None
        self.bids, self.asks = {}, {}
        self.messages = 0

    def heard(self):
        return {"epoch": self.epoch, "n": self.n}

    def _take(self, snapshot, epoch, n, conflated, first, last, bids, asks):
        if snapshot:
            self.epoch, self.bids, self.asks = epoch, {}, {}
        elif self.n is None or n != self.n + 1 + conflated or first != self.update_id + 1:
            raise Gap(f"{n} ({first} to {last}) comes after {self.n} ({self.update_id})")
        self.n, self.update_id = n, last
        self.messages += 1
        for side, levels in ((self.bids, bids), (self.asks, asks)):
            for price, qty in levels:
                if qty == 0:
                    side.pop(price, None)
                else:
                    side[price] = qty

    def best(self, limit):
        bids = sorted(self.bids.items(), reverse=True)[:limit]
        return bids, sorted(self.asks.items())[:limit]

    def _prove(self, raw, checksum):
        if zlib.crc32(raw) != checksum:
            raise Gap(f"the checksum at {self.update_id} is not {checksum}")


class TextBook(Book):
    """By the decimals of JSON messages: prices and quantities count units of the last decimal."""

    def __init__(self):
        super().__init__()
        self.decimals = {"price": 0, "qty": 0}

    def _number(self, kind, text):
        whole, _, part = text.partition(".")
        if text == "0":
            return 0
        self.decimals[kind] = len(part)
        return int(whole + part)

    def _text(self, kind, number):
        places = self.decimals[kind]
        text = str(number).rjust(places + 1, "0")
        return f"{text[:-places]}.{text[-places:]}" if places else text

    def take(self, message):
        levels = [[(self._number("price", p), self._number("qty", q)) for p, q in message[s]] for s in ("bids", "asks")]
        snapshot = message["type"] == "snapshot"
        last = message["update_id"] if snapshot else message["last_update_id"]
        first = None if snapshot else message["first_update_id"]
        self._take(snapshot, message.get("epoch"), message["n"], message.get("conflated", 0), first, last, *levels)
        self._prove("|".join(",".join(f"{p}:{q}" for p, q in side) for side in self.texts(10)).encode(), message["checksum"])

    def texts(self, limit):
        return [[[self._text("price", p), self._text("qty", q)] for p, q in side] for side in self.best(limit)]


class BinaryBook(Book):
    """By the ticks and lots of binary messages."""

    def take(self, raw):
        head, rest = RECORDS["Header"].get(raw), raw[RECORDS["Header"].size :]
        if head["kind"] != BOOK or head["version"] != 1:
            raise Gap(f"{head} is not of a book")
        body, rest = RECORDS["Book"].get(rest), rest[RECORDS["Book"].size :]
        level, levels = RECORDS["Level"], []
        for count in (body["bids"], body["asks"]):
            read = [level.get(rest[at * level.size :]) for at in range(count)]
            levels.append([(each["price"], each["qty"]) for each in read])
            rest = rest[count * level.size :]
        ids = (body["first_update_id"], body["last_update_id"])
        self._take(head["snapshot"] == 1, head["epoch"], head["n"], head["conflated"], *ids, *levels)
        raw = b"".join(struct.pack("<QQ", *each) for side in self.best(10) for each in side)
        self._prove(raw, body["checksum"])
