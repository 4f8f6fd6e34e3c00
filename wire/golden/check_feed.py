"""Reads the golden messages of the feed by nothing but the byte tables of docs/protocol-ws.md.

    python3 wire/golden/check_feed.py

Only the standard library. Ends with 1 and a line for each difference.
"""

import re
import sys

from check import DOCUMENT, blocks, layouts, value

FEED = DOCUMENT.with_name("protocol-ws.md")

# The body of each type, and what follows it: the field that says how many, and the record.
BODIES = {
    1: ("Trades", [("count", "Trade")]),
    2: ("L1", []),
    3: ("Book", [("bids", "Level"), ("asks", "Level")]),
    4: ("L3", [("removed", "order_id"), ("changed", "ChangedOrder"), ("added", "AddedOrder")]),
    5: ("Ticker", []),
    6: ("Candles", [("count", "Bar")]),
    7: ("Status", []),
    8: ("Orders", [("count", "Order")]),
    9: ("Balances", [("count", "AssetBalance")]),
    10: ("Positions", [("count", "Position")]),
}

TEXTS = {"client_order_id", "asset"}

# Of `PlaceOrder`, the fields that an order's terms are.
TERMS = (48, 82)


def records():
    """Name of each record: its length, and its fields as (offset, size, type, name)."""
    begin, size = TERMS
    terms = [
        (offset - begin, length, kind, name)
        for offset, length, kind, name in layouts()["PlaceOrder"][2]
        if begin <= offset < begin + size
    ]
    found = {"order_id": (8, [(0, 8, "u64", "order_id")])}
    for part in FEED.read_text().split("\n**`")[1:]:
        head = re.match(r"(\w+)`\*\* \((\d+) bytes\)", part)
        if head is None:
            continue
        fields = []
        for offset, length, name, words in re.findall(
            r"^\| (\d+) \| (\d+) \| `(\w+)` \| (.*) \|$", part, re.MULTILINE
        ):
            if name == "terms":
                fields += [(int(offset) + at, of, kind, term) for at, of, kind, term in terms]
                continue
            kind = "text" if name in TEXTS else "i" if ", signed" in words else "u"
            fields.append((int(offset), int(length), kind, name))
        found[head[1]] = (int(head[2]), fields)
    return found


def read(data, known):
    """The records of a message: each its name and its fields."""
    at = 0

    def take(name):
        nonlocal at
        length, fields = known[name]
        part = data[at : at + length]
        at += length
        return {field: value(kind, part[offset : offset + size]) for offset, size, kind, field in fields}

    head = take("Header")
    yield "Header", head
    name, following = BODIES[int(head["kind"])]
    body = take(name)
    yield name, body
    for count, record in following:
        for _ in range(int(body[count])):
            yield record, take(record)
    if at != len(data):
        yield "rest", {"bytes": str(len(data) - at)}


def main():
    """Says what differs."""
    known, seen, differences = records(), set(), []
    for title, lines in blocks("feed.txt"):
        (_, text), *meaning = lines
        data = bytes.fromhex(text)
        seen.add(data[0])
        told = [(f"{record}.{name}", said) for record, fields in read(data, known) for name, said in fields.items()]
        if told != meaning:
            wrong = next((pair for pair in zip(told, meaning) if pair[0] != pair[1]), (len(told), len(meaning)))
            differences.append(f"{title}: the tables give {wrong[0]}, the golden file says {wrong[1]}")
    differences += [f"type {kind} has no golden message" for kind in BODIES.keys() - seen]
    print("\n".join(differences) or "all golden messages are as the document says")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
