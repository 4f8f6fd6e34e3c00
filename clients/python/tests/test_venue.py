"""Against a venue: PAPERTAPE names its binary. Skipped, with the reason, where there is none or it serves no order entry."""

import asyncio
import json
import os
import re
import subprocess
import tempfile
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

from papertape.session import AFTER, BUY, LIMIT, OTO, SELL, SNAPSHOT, Ed25519Key, HmacKey, Session, SessionError

BINARY = os.environ.get("PAPERTAPE", "")


class Venue:
    """A venue in a folder of its own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        # fmt: off
        words = [BINARY, "serve", "--demo", "--simulator", "off", "--listen", "127.0.0.1:0", "--tcp", "127.0.0.1:0",
                 "--data", self.folder.name + "/venue"]
        # fmt: on
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.http = self.tcp = None
        while self.http is None or self.tcp is None:
            line = self.process.stdout.readline()
            if not line:
                self.stop()
                raise unittest.SkipTest("this papertape does not serve binary order entry")
            if found := re.search(r"papertape .* at (http://\S+)", line):
                self.http = found[1]
            if found := re.search(r"order entry.* at (\S+):(\d+)", line):
                self.tcp = (found[1], int(found[2]))

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()
        self.folder.cleanup()

    def ask(self, path, body, token=None, form=False):
        headers = {"Content-Type": "application/x-www-form-urlencoded" if form else "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        raw = urllib.parse.urlencode(body) if form else json.dumps(body)
        with urllib.request.urlopen(urllib.request.Request(self.http + path, raw.encode(), headers)) as answer:
            return json.load(answer)

    def sign_up(self, name):
        email, password = f"{name}@example.com", "correct-horse-7"
        self.ask("/signup", {"email": email, "password": password, "confirm_password": password})
        return self.ask("/login", {"username": email, "password": password}, form=True)["access_token"]

    def key(self, token, **more):
        return self.ask("/api/v1/api-keys", dict({"name": "test", "permissions": ["read", "trade"]}, **more), token)


@unittest.skipUnless(BINARY and Path(BINARY).exists(), "PAPERTAPE names no binary of a venue")
class OrderEntry(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.venue = Venue()

    @classmethod
    def tearDownClass(cls):
        cls.venue.stop()

    def session(self, key, **more):
        return Session(*self.venue.tcp, key, **more)

    def hmac(self, name):
        made = self.venue.key(self.venue.sign_up(name), kind="hmac")
        return HmacKey(made["key"], made["secret"])

    def place(self, session, name):
        terms = {"instrument": 0, "side": BUY, "order_type": LIMIT, "price": 100_000, "qty": 100}
        return session.place(name, **terms)

    def test_an_order_is_placed_amended_and_cancelled(self):
        session = self.session(self.hmac("py-orders"))
        accepted = session.wait_for("OrderAccepted", reference=self.place(session, "mine-1"))
        session.wait_for("OrderReplaced", reference=session.amend(client_order_id="mine-1", qty=200))
        ended = session.wait_for("OrderCancelled", reference=session.cancel(order_id=accepted.order_id))
        self.assertEqual((ended.order_id, session.unanswered), (accepted.order_id, {}))
        refused = session.wait_for("OrderRejected", reference=session.cancel(order_id=accepted.order_id))
        self.assertEqual(refused.code, 4)
        session.log_out()

    def test_a_list_is_placed_whole(self):
        session = self.session(self.hmac("py-lists"))
        orders = [
            {"side": BUY, "order_type": LIMIT, "price": 100_000, "qty": 100},
            {"side": SELL, "order_type": LIMIT, "price": 200_000, "qty": 100},
        ]
        reference = session.place_list("list-1", instrument=0, list_type=OTO, orders=orders)
        working = session.wait_for("OrderAccepted", reference=reference)
        pending = session.wait_for("OrderAccepted", reference=reference)
        self.assertEqual((working.list_id, pending.list_id), (working.order_id, working.order_id))
        self.assertEqual((working.status, pending.status), (3, 1))
        session.log_out()

    def test_what_happens_between_two_connections_is_told_once(self):
        key = self.hmac("py-replay")
        session, other = self.session(key), self.session(key)
        session.wait_for("OrderAccepted", reference=self.place(session, "a"))
        session.wait_for("OrderRested")
        before = session.last[0]
        session.disconnect()
        for name in ("b", "c"):
            other.wait_for("OrderAccepted", reference=self.place(other, name))
        other.wait_for("MassCancelDone", reference=other.cancel_all())
        told = []
        while not told or told[-1].name != "MassCancelDone":
            frame = session.event(10)
            self.assertIsNotNone(frame, "the session was not made anew")
            if frame.is_sequenced:
                told.append(frame)
        self.assertEqual([frame.sequence for frame in told], list(range(before + 1, before + 1 + len(told))))
        self.assertEqual(sum(frame.name == "OrderAccepted" for frame in told), 2)
        again = self.session(key, start=AFTER, after=before)
        self.assertEqual(again.wait_for("OrderAccepted").sequence, before + 1)
        fresh = self.session(key, start=SNAPSHOT)
        self.assertEqual(fresh.wait_for("SnapshotBegin").sequence, told[-1].sequence)
        for each in (session, other, again, fresh):
            each.log_out()

    def test_an_ed25519_key_logs_in_and_a_wrong_one_does_not(self):
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        except ImportError:
            self.skipTest("the package cryptography is not there")
        seed = bytes(range(32))
        public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw().hex()
        made = self.venue.key(self.venue.sign_up("py-ed"), kind="ed25519", public_key=public)
        self.session(Ed25519Key(made["key"], seed.hex())).log_out()
        with self.assertRaises(SessionError) as refused:
            self.session(Ed25519Key(made["key"], bytes(32).hex()))
        self.assertEqual(refused.exception.code, 1100)

    def test_a_followed_book_is_the_venues(self):
        try:
            from papertape.feed import Feed
        except ImportError:
            self.skipTest("the package websockets is not there")
        session = self.session(self.hmac("py-book"))

        async def follow():
            feed = Feed(self.venue.http.replace("http", "ws", 1) + "/api/v1/ws")
            feed.follow("book", "BTC-USD")
            placed = False
            async for _ in feed.messages():
                if not placed:
                    session.wait_for("OrderAccepted", reference=self.place(session, "book-1"))
                    placed = True
                if ("1000.00", "0.00100") in feed.books["BTC-USD"].best_bids():
                    return feed

        feed = asyncio.run(asyncio.wait_for(follow(), 30))
        with urllib.request.urlopen(self.venue.http + "/api/v1/depth?symbol=BTC-USD") as answer:
            depth = json.load(answer)
        book = feed.books["BTC-USD"]
        self.assertEqual([list(level) for level in book.best_bids(100)], depth["bids"])
        self.assertEqual(feed.mended, 0)
        session.log_out()


if __name__ == "__main__":
    unittest.main()
