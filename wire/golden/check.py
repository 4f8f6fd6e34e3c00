"""Reads the golden vectors by nothing but the byte tables of docs/protocol-tcp.md, and checks the golden logins.

    python3 wire/golden/check.py

Only the standard library. Ends with 1 and a line for each difference.
"""

import hashlib
import hmac
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
DOCUMENT = HERE.parent.parent / "docs" / "protocol-tcp.md"


def layouts():
    """Name of each frame: its type, its length, and its fields as (offset, size, type, name)."""
    found = {}
    for part in DOCUMENT.read_text().split("\n### ")[1:]:
        head = re.match(r"`0x([0-9a-f]{2})` (\w+)\n", part)
        if head is None:
            continue
        length = int(re.search(r"\n(\d+) bytes\.", part)[1])
        rows = re.findall(r"^\| (\d+) \| (\d+) \| (\w+) \| `(\w+)` \|", part, re.MULTILINE)
        fields = [(int(offset), int(size), kind, name) for offset, size, kind, name in rows]
        found[head[2]] = (int(head[1], 16), length, fields)
    return found


def blocks(name):
    """Blocks of a golden file: the name, and its `name = value` lines in their order."""
    for part in (HERE / name).read_text().split("\n[")[1:]:
        title, rest = part.split("]\n", 1)
        yield title, [tuple(line.split(" = ", 1)) for line in rest.splitlines() if " = " in line]


def value(kind, data):
    """A field's value as the golden file writes it."""
    if kind == "text":
        return data.rstrip(b"\0").decode("ascii")
    if kind == "bytes":
        return data.hex()
    return str(int.from_bytes(data, "little", signed=kind.startswith("i")))


def check_frames():
    """Every golden frame, read by the tables."""
    known, seen = layouts(), set()
    for title, lines in blocks("frames.txt"):
        (_, name), (_, text), *meaning = lines
        kind, length, fields = known[name]
        data = bytes.fromhex(text)
        seen.add(name)
        if (int.from_bytes(data[:2], "little"), data[2], len(data)) != (length, kind, length):
            yield f"{title}: the header or the length is not that of {name}"
        read = [(field, value(of, data[offset : offset + size])) for offset, size, of, field in fields]
        for got, wanted in zip(read, meaning, strict=True):
            if got != wanted:
                yield f"{title}: the table gives {got}, the golden file says {wanted}"
    for name in known.keys() - seen:
        yield f"{name} has no golden frame"


def check_logins():
    """What is signed, and the code of the kind that the standard library can make."""
    for kind, lines in blocks("login.txt"):
        said = {name: bytes.fromhex(text) for name, text in lines}
        signed = b"papertape-tcp-1\0" + said["nonce"] + said["login"][4:60]
        if signed != said["signed"]:
            yield f"{kind}: other bytes are signed"
        if not said["login"][60:].startswith(said["signature"]):
            yield f"{kind}: the login has another signature"
        if kind == "hmac" and hmac.new(said["secret"], signed, hashlib.sha256).digest() != said["signature"]:
            yield "hmac: the signature is another one"


def main():
    """Says what differs."""
    differences = [*check_frames(), *check_logins()]
    print("\n".join(differences) or "all golden vectors are as the document says")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
