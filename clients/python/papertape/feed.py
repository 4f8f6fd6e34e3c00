"""Follows markets over WebSocket. Needs the package `websockets`."""

import asyncio
import json

import websockets
from websockets.asyncio.client import connect

from .book import Book, BookError

_AGAIN_AFTER = 0.5
_TRIES = 20


class FeedError(Exception):
    """The venue refused a subscription or a log-in, or cannot be reached."""


class Feed:
    """Channels of the feed. Lost connections are made anew; a book that cannot be right is asked for anew.

    async for channel, symbol, message in feed.messages(): ...
    """

    def __init__(self, url, token=None):
        self._url, self._token = url, token
        self._topics = {}
        self.books = {}
        """Books of the markets whose channel `book` is followed, by symbol, once they are whole."""
        self.mended = 0
        """How often a book had to be asked for anew."""

    def follow(self, channel, symbol=None):
        """Begins to follow a channel; call it before `messages`."""
        self._topics[(channel, symbol)] = {}

    async def messages(self):
        """Channel, symbol and message, one after the other. After a change of a book `books` has it."""
        tries = 0
        while True:
            try:
                async with connect(self._url, max_size=None) as socket:
                    tries = 0
                    await self._begin(socket)
                    async for text in socket:
                        said = json.loads(text)
                        if await self._is_news(socket, said):
                            yield said["channel"], said.get("symbol"), said
            except (OSError, websockets.exceptions.WebSocketException) as error:
                tries += 1
                if tries >= _TRIES:
                    raise FeedError(str(error)) from error
            await asyncio.sleep(_AGAIN_AFTER)

    async def _begin(self, socket):
        if self._token is not None:
            await socket.send(json.dumps({"op": "auth", "token": self._token}))
        for topic in self._topics:
            await self._subscribe(socket, topic)

    async def _subscribe(self, socket, topic):
        ask = {"op": "subscribe", "channel": topic[0]}
        if topic[1] is not None:
            ask["symbol"] = topic[1]
        position = self._topics[topic]
        if "epoch" in position:
            ask["resume"] = {"epoch": position["epoch"], "n": position["n"]}
        await socket.send(json.dumps(ask))

    async def _is_news(self, socket, said):
        if said.get("ok") is False:
            raise FeedError(f"the venue says {said['error']['code']}: {said['error'].get('detail', '')}")
        if "channel" not in said:
            return False
        topic = (said["channel"], said.get("symbol"))
        position = self._topics.get(topic, {})
        if "epoch" in said:
            position["epoch"] = said["epoch"]
        if "op" in said:
            if said.get("resumed") is not True:
                position["n"] = said.get("n", 0)
            return False
        position["n"] = said.get("n", position.get("n", 0))
        if topic[0] != "book":
            return True
        if said.get("type") != "snapshot" and topic[1] not in self.books:
            # It was on its way when the book was asked for anew.
            return False
        try:
            self.books.setdefault(topic[1], Book()).take(said)
        except BookError:
            self.mended += 1
            del self.books[topic[1]]
            self._topics[topic] = {}
            await socket.send(json.dumps({"op": "unsubscribe", "channel": topic[0], "symbol": topic[1]}))
            await self._subscribe(socket, topic)
            return False
        return True
