"""A WebSocket session, as docs/protocol-ws.md says; the package is `websockets`."""

import json
import socket

import private
from book import BOOK, BinaryBook, Gap, TextBook
from websockets.sync.client import connect

PRIVATE = ("orders", "balances", "positions")


class Feed:
    """Follows a book in one encoding, and the account; orders go in by `ask`."""

    def __init__(self, url, token, symbol, binary=False):
        self.url, self.token, self.symbol, self.binary = url, token, symbol, binary
        self.book = BinaryBook() if binary else TextBook()
        self.books_at = {}
        self.heard = {}
        self.orders, self.balances, self.told = {}, {}, []
        self.asked, self.resumed = 0, {}
        self.open()

    def open(self):
        """Connects, and asks for everything from where it was."""
        self.socket = connect(self.url, max_size=16 << 20)
        self.answers = {}
        if not self.ask("auth", token=self.token)["ok"]:
            raise Gap("the token was refused")
        for channel in PRIVATE:
            more = {"encoding": "binary"} if self.binary else {}
            if channel in self.heard:
                more["resume"] = self.heard[channel]
            self.resumed[channel] = self.ask("subscribe", channel=channel, **more)["resumed"]
        more = {"encoding": "binary"} if self.binary else {}
        if self.book.n is not None:
            more["resume"] = self.book.heard()
        self.resumed["book"] = self.ask("subscribe", channel="book", symbol=self.symbol, **more)["resumed"]

    def cut(self):
        """The line breaks."""
        self.socket.socket.shutdown(socket.SHUT_RDWR)
        self.socket = None

    def ask(self, op, **fields):
        """Says something and hears on until it is answered."""
        self.asked += 1
        number = str(self.asked)
        self.socket.send(json.dumps({"op": op, "id": number, **fields}))
        while number not in self.answers:
            self.hear()
        answer = self.answers.pop(number)
        if answer["op"] != "pong" and not answer["ok"]:
            raise Gap(f"{op} was refused: {answer['error']}")
        return answer

    def hear(self):
        message = self.socket.recv(timeout=30)
        if isinstance(message, bytes):
            if message[0] == BOOK:
                self.book.take(message)
                self._note()
                return
            message = private.message(message)
        else:
            message = json.loads(message)
        if "op" in message:
            self.answers[message["id"]] = message
        elif message["channel"] == "book":
            self.book.take(message)
            self._note()
        elif message["channel"] in PRIVATE:
            self._count(message)
            getattr(self, "_" + message["channel"])(message)

    def _note(self):
        """What the book was at each of the last changes, to be compared with what REST shows."""
        book = self.book
        self.books_at[book.update_id] = book.best(1_000) if self.binary else book.texts(1_000)
        if len(self.books_at) > 2_000:
            del self.books_at[next(iter(self.books_at))]

    def _count(self, message):
        channel = message["channel"]
        if message["type"] == "snapshot":
            self.heard[channel] = {"epoch": message["epoch"], "n": message["n"]}
        elif message["n"] != self.heard[channel]["n"] + 1:
            raise Gap(f"{channel}: {message['n']} comes after {self.heard[channel]['n']}")
        self.heard[channel]["n"] = message["n"]

    def _orders(self, message):
        if message["type"] == "snapshot":
            self.orders = {order["order_id"]: order for order in message["data"]}
            return
        order = message["data"]
        self.told.append((message["sequence"], message["event"], order and order["order_id"]))
        if message["event"] == "rejected":
            return
        if order["status"] in ("filled", "cancelled"):
            self.orders.pop(order["order_id"], None)
        else:
            self.orders[order["order_id"]] = order

    def _balances(self, message):
        self.balances.update((balance["asset"], balance) for balance in message["data"])

    def _positions(self, message):
        pass

    def until(self, what):
        """Hears on until it is so."""
        while not what():
            self.hear()
