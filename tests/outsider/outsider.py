"""A client that nobody of the venue's wrote: it knows docs/ and nothing else, has the standard library and `websockets`.

    outsider.py http://HOST:PORT HOST:PORT

The venue runs with its simulated market, so that the book moves while it is followed.
"""

import json
import sys
import time
import urllib.parse
import urllib.request

from entry import Session
from feed import Feed

SYMBOL = "BTC-USD"
BUY, SELL, LIMIT, BY_AMOUNT, IOC = 1, 2, 1, 3, 2


class Rest:
    """docs/api.md."""

    def __init__(self, url):
        self.url, self.token = url, None

    def ask(self, path, body=None, form=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        raw = None
        if body is not None:
            raw, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        elif form is not None:
            raw, headers["Content-Type"] = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        with urllib.request.urlopen(urllib.request.Request(self.url + path, raw, headers), timeout=30) as answer:
            return json.load(answer)

    def sign_up(self):
        email, password = f"outsider-{time.time_ns()}@example.com", "correct-horse-7"
        self.ask("/signup", {"email": email, "password": password, "confirm_password": password})
        self.token = self.ask("/login", form={"username": email, "password": password})["access_token"]


class Outsider:
    """The whole way, step by step; each step is one check."""

    def __init__(self, url, tcp):
        self.rest, self.tcp = Rest(url), tcp
        self.ws = url.replace("http", "ws", 1) + "/api/v1/ws"

    def sign_up_and_make_a_key(self):
        self.rest.sign_up()
        body = {"name": "outsider", "kind": "hmac", "permissions": ["read", "trade"]}
        made = self.rest.ask("/api/v1/api-keys", body)
        self.key = (made["key"], made["secret"])

    def follow_both_encodings(self):
        self.feed = Feed(self.ws, self.rest.token, SYMBOL)
        self.other = Feed(self.ws, self.rest.token, SYMBOL, binary=True)
        for feed in (self.feed, self.other):
            feed.until(lambda feed=feed: feed.book.messages > 20 and feed.balances)
            assert feed.book.bids and feed.book.asks

    def log_in_over_tcp_and_read_the_market(self):
        self.session = Session(self.tcp, *self.key)
        self.session.ask("QueryInstruments")
        self.market = self.session.frame_of("Instrument", symbol=SYMBOL)
        self.session.frame_of("QueryDone")

    def trade_over_websocket(self):
        params = {"symbol": SYMBOL, "side": "buy", "type": "market", "quote_qty": "1.50"}
        order = self.feed.ask("order.place", params=params)["order"]
        assert order["status"] in ("filled", "cancelled") and float(order["filled_qty"]) > 0, order
        number = order["order_id"]
        self.feed.until(lambda: any(told[1:] == ("trade", number) for told in self.feed.told))
        filled = self.session.frame_of("OrderFilled", order_id=int(number))
        # The same event has the same number over both wires.
        assert (filled["sequence"], "trade", number) in self.feed.told, (filled, self.feed.told)

    def trade_over_tcp(self):
        budget = 3 * 10 ** self.market["quote_decimals"] // 2
        terms = {"instrument": self.market["instrument"], "side": BUY, "order_type": BY_AMOUNT}
        reference = self.session.ask("PlaceOrder", budget=budget, **terms)
        accepted = self.session.frame_of("OrderAccepted", reference=reference)
        filled = self.session.frame_of("OrderFilled", order_id=accepted["order_id"])
        terms = {"instrument": self.market["instrument"], "side": SELL, "order_type": LIMIT, "time_in_force": IOC}
        lots = filled["qty"]
        price = -(-(10 ** self.market["quote_decimals"]) // lots)
        reference = self.session.ask("PlaceOrder", price=max(price, 1), qty=lots, **terms)
        self.session.frame_of("OrderAccepted", "OrderRejected", reference=reference)

    def rest_an_order_and_say_it_twice(self):
        number = self.rest_order("outsider-1")
        reference = self.place_over_tcp("outsider-1")
        again = self.session.frame_of("OrderRepeated", reference=reference)
        assert again["order_id"] == number
        self.feed.until(lambda: str(number) in self.feed.orders)

    def place_over_tcp(self, name):
        tick = 10 ** self.market["price_decimals"] // self.market["tick_mantissa"]
        lots = 10 ** self.market["base_decimals"] // 1_000 // self.market["lot"]
        terms = {"instrument": self.market["instrument"], "side": BUY, "order_type": LIMIT}
        return self.session.ask("PlaceOrder", client_order_id=name, price=1_000 * tick, qty=lots, **terms)

    def rest_order(self, name):
        reference = self.place_over_tcp(name)
        accepted = self.session.frame_of("OrderAccepted", reference=reference)
        self.session.frame_of("OrderRested", order_id=accepted["order_id"])
        return accepted["order_id"]

    def come_back_over_websocket(self):
        for feed in (self.feed, self.other):
            feed.cut()
        self.session.ask("Cancel", client_order_id="outsider-1")
        self.session.frame_of("OrderCancelled")
        time.sleep(0.5)
        for feed in (self.feed, self.other):
            before = feed.book.messages
            feed.open()
            assert feed.resumed == {"orders": True, "balances": True, "positions": True, "book": True}, feed.resumed
            feed.until(lambda feed=feed, before=before: feed.book.messages > before + 5 and not feed.orders)

    def come_back_over_tcp(self):
        (sequence, time_ns), old = self.session.last, self.session
        old.cut()
        params = {"symbol": SYMBOL, "side": "buy", "type": "limit", "price": "1000.00", "qty": "0.001"}
        number = self.feed.ask("order.place", params=params)["order"]["order_id"]
        self.feed.ask("order.cancel", params={"order_id": number})
        self.session = Session(self.tcp, *self.key, resume=1, after=sequence, after_ns=time_ns)
        assert self.session.accepted["resumed"] == 1, self.session.accepted
        missed = []
        while not missed or missed[-1][0] != "EndOfReplay":
            missed.append(self.session.frame())
        names = [name for name, frame in missed if frame.get("order_id") == int(number)]
        assert names == ["OrderAccepted", "OrderRested", "OrderCancelled"], names
        assert missed[-1][1]["last_sequence"] == sequence + 3

    def what_was_heard_is_what_rest_shows(self):
        self.session.ask("QueryAccount")
        assert self.session.frame_of("SnapshotBegin")["sequence"] == self.session.last[0]
        self.session.frame_of("SnapshotEnd")
        account = self.rest.ask("/api/v1/account")
        for feed in (self.feed, self.other):
            feed.ask("ping")
            assert sorted(feed.balances.values(), key=lambda b: b["asset"]) == sorted(
                account["balances"], key=lambda b: b["asset"]
            ), (feed.balances, account)
            assert not feed.orders, feed.orders
        assert [told[0] for told in self.feed.told] == sorted(told[0] for told in self.feed.told)
        assert self.feed.told == self.other.told and len(self.feed.told) > 10, "both encodings say the same"

    def the_book_is_the_venues_in_both_encodings(self):
        for feed in (self.feed, self.other):
            assert any(self._same(feed) for _ in range(200)), "no depth of REST could be compared"

    def _same(self, feed):
        """Whether there was a book of the depth's change; then it is that."""
        depth = self.rest.ask(f"/api/v1/depth?symbol={SYMBOL}&limit=1000")
        feed.until(lambda: feed.book.update_id >= depth["update_id"])
        mine = feed.books_at.get(depth["update_id"])
        if mine is None:
            # Several changes came as one message.
            return False
        if feed.binary:
            mine = [[[self._price(p), self._qty(q)] for p, q in side] for side in mine]
        assert mine == [depth["bids"], depth["asks"]], (depth["update_id"], mine, depth)
        return True

    def _price(self, ticks):
        return decimal(ticks * self.market["tick_mantissa"], self.market["price_decimals"])

    def _qty(self, lots):
        decimals, units = self.market["base_decimals"], lots * self.market["lot"]
        spare = len(str(self.market["lot"])) - len(str(self.market["lot"]).rstrip("0"))
        return decimal(units // 10**spare, decimals - spare)


def decimal(number, places):
    text = str(number).rjust(places + 1, "0")
    return f"{text[:-places]}.{text[-places:]}" if places else text


STEPS = [name for name in vars(Outsider) if not name.startswith("_") and name not in ("place_over_tcp", "rest_order")]


def main(url, tcp):
    host, port = tcp.rsplit(":", 1)
    outsider, passed = Outsider(url, (host, int(port))), 0
    for step in STEPS:
        try:
            getattr(outsider, step)()
        except Exception as fault:
            print(f"outsider: {step.replace('_', ' ')}: {type(fault).__name__}: {fault}")
            print(f"outsider: {passed} passed, 1 failed")
            return 1
        passed += 1
        print(f"outsider: {step.replace('_', ' ')}")
    print(f"outsider: {passed} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
