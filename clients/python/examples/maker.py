"""A market maker: quotes a bid and an ask around the middle of the book, over binary order entry.

    python3 maker.py --tcp 127.0.0.1:8081 --http http://127.0.0.1:8080 --key ID --secret SECRET

The middle comes from the feed if the package `websockets` is there, and else from GET /api/v1/depth, twice a second. At its
end it cancels what it has; should it be cut off, the venue does so after five seconds.
"""

import argparse
import asyncio
import json
import queue
import sys
import threading
import time
import urllib.request
from decimal import Decimal
from pathlib import Path

# Run from the repository, without an installation; so the imports below it stand where linters do not want them.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from papertape import codes  # noqa: E402
from papertape.session import BUY, LIMIT, POST_ONLY, SELL, HmacKey, Session  # noqa: E402


def follow(http, symbol, middles):
    """Puts the book's middle into a queue, whenever it may have moved."""
    try:
        from papertape.feed import Feed
    except ImportError:
        while True:
            with urllib.request.urlopen(f"{http}/api/v1/depth?symbol={symbol}&limit=1") as answer:
                depth = json.load(answer)
            if depth["bids"] and depth["asks"]:
                middles.put((Decimal(depth["bids"][0][0]) + Decimal(depth["asks"][0][0])) / 2)
            time.sleep(0.5)

    async def read():
        feed = Feed(http.replace("http", "ws", 1) + "/api/v1/ws")
        feed.follow("book", symbol)
        async for _ in feed.messages():
            book = feed.books[symbol]
            bids, asks = book.best_bids(1), book.best_asks(1)
            if bids and asks:
                middles.put((Decimal(bids[0][0]) + Decimal(asks[0][0])) / 2)

    asyncio.run(read())


class Maker:
    """One bid and one ask."""

    def __init__(self, session, market, spread_bps, lots):
        self.session, self.market, self.spread_bps, self.lots = session, market, spread_bps, lots
        self.quotes, self.names, self.fills = {}, 0, 0

    def quote(self, middle):
        tick = Decimal(self.market.tick_mantissa).scaleb(-self.market.price_decimals)
        away = middle * self.spread_bps / 20_000
        for side, price in ((BUY, int((middle - away) / tick)), (SELL, int((middle + away) / tick) + 1)):
            known = self.quotes.get(side)
            if known is None:
                self.names += 1
                name = f"maker-{time.time_ns()}-{self.names}"
                terms = {"instrument": self.market.instrument, "side": side, "order_type": LIMIT, "price": price}
                self.session.place(name, qty=self.lots, flags=POST_ONLY, **terms)
                self.quotes[side] = [name, price, False]
            elif known[2] and abs(known[1] - price) * 5_000 > price:
                self.session.amend(client_order_id=known[0], price=price)
                known[1] = price

    def hear(self, frame):
        if frame.name == "OrderAccepted":
            for quote in self.quotes.values():
                quote[2] = quote[2] or quote[0] == frame.client_order_id
        elif frame.name == "OrderRejected":
            print("refused:", codes.name_of(frame.code))
            self.quotes.clear()
        elif frame.name == "OrderFilled":
            self.fills += 1
            print(f"filled: {frame.qty} lots at {frame.price} ticks, {frame.leaves_qty} left")
            if frame.leaves_qty == 0:
                self.quotes.pop(frame.side, None)
        elif frame.name == "OrderCancelled":
            self.quotes.pop(frame.side, None)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tcp", default="127.0.0.1:8081", help="binary order entry")
    parser.add_argument("--http", default="http://127.0.0.1:8080", help="the venue")
    parser.add_argument("--key", required=True, help="id of an API key of the kind hmac")
    parser.add_argument("--secret", required=True, help="its secret")
    parser.add_argument("--symbol", default="BTC-USD")
    parser.add_argument("--spread-bps", type=int, default=20, help="between bid and ask, in hundredths of a percent")
    parser.add_argument("--lots", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()

    host, port = args.tcp.rsplit(":", 1)
    session = Session(host, int(port), HmacKey(args.key, args.secret), cancel_on_disconnect_ms=5_000)
    session.instruments()
    market = None
    while (frame := session.wait_for("Instrument", "QueryDone")).name == "Instrument":
        market = frame if frame.symbol == args.symbol else market
    if market is None:
        sys.exit(f"no market {args.symbol}")

    middles = queue.SimpleQueue()
    threading.Thread(target=follow, args=(args.http, args.symbol, middles), daemon=True).start()
    maker, end = Maker(session, market, args.spread_bps, args.lots), time.monotonic() + args.seconds
    while time.monotonic() < end:
        frame = session.event(0.05)
        if frame is not None:
            maker.hear(frame)
        middle = None
        while not middles.empty():
            middle = middles.get()
        if middle is not None:
            maker.quote(middle)
    done = session.cancel_all(market.instrument)
    session.wait_for("MassCancelDone", reference=done)
    session.log_out()
    print(f"{maker.fills} fills in {args.symbol}; last message {session.last}")


if __name__ == "__main__":
    main()
