"""A market's book as a client keeps it, proven by the venue's checksums. The standard library alone."""

import zlib
from decimal import Decimal

CHECKED = 10
"""Levels of a side that the venue's checksum covers."""


class BookError(Exception):
    """A book that is not the venue's: a change is missing, or the checksum differs."""


class Book:
    """Levels by price; each is the pair of texts that the venue wrote."""

    def __init__(self):
        self.bids, self.asks, self.update_id = {}, {}, None

    def best_bids(self, count=CHECKED):
        """Bids from the best one down, as pairs of price and quantity."""
        return [self.bids[price] for price in sorted(self.bids, reverse=True)[:count]]

    def best_asks(self, count=CHECKED):
        """Asks from the best one up."""
        return [self.asks[price] for price in sorted(self.asks)[:count]]

    def checksum(self):
        """CRC-32 over the ten best levels of each side: `price:qty` with commas between, `|` between the sides."""
        sides = (self.best_bids(), self.best_asks())
        return zlib.crc32("|".join(",".join(f"{price}:{qty}" for price, qty in side) for side in sides).encode())

    def take(self, message):
        """Reads a message of the channel `book`."""
        if "update_id" in message:
            self.bids.clear()
            self.asks.clear()
            last = message["update_id"]
        elif "first_update_id" in message:
            first, last = message["first_update_id"], message["last_update_id"]
            if self.update_id is None or first != self.update_id + 1:
                raise BookError(f"change {first} came after {self.update_id}")
        else:
            raise BookError("a message without a book")
        for side, changes in ((self.bids, message["bids"]), (self.asks, message["asks"])):
            for price, qty in changes:
                if Decimal(qty) == 0:
                    side.pop(Decimal(price), None)
                else:
                    side[Decimal(price)] = (price, qty)
        self.update_id = last
        theirs = message.get("checksum")
        if theirs is not None and theirs != self.checksum():
            raise BookError(f"after change {last} the checksum is {self.checksum()}, and the venue's {theirs}")
