"""Layouts out of the byte tables of the documents: nothing of a frame is known here but what they say."""

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"


class Field:
    """One row of a table."""

    def __init__(self, offset, size, kind, name, null):
        self.offset, self.size, self.kind, self.name = offset, size, kind, name
        self.null = {"": 0, "zeros": 0}[null] if null in ("", "zeros") else eval_null(null)

    def put(self, value):
        if isinstance(value, (bytes, str)):
            raw = value.encode("ascii") if isinstance(value, str) else value
            if len(raw) > self.size:
                raise ValueError(f"{self.name}: {value!r} is too long")
            return raw.ljust(self.size, b"\0")
        return value.to_bytes(self.size, "little", signed=self.kind.startswith("i"))

    def get(self, raw):
        part = raw[self.offset : self.offset + self.size]
        if len(part) < self.size:
            raise ValueError(f"{self.name} is not there")
        if self.kind == "text":
            return part.rstrip(b"\0").decode("ascii")
        if self.kind == "bytes":
            return part
        return int.from_bytes(part, "little", signed=self.kind.startswith("i"))


def eval_null(text):
    """`0`, `65535`, `2^64-1`."""
    power = re.fullmatch(r"2\^(\d+)-1", text)
    return 2 ** int(power[1]) - 1 if power else int(text)


class Layout:
    """One table."""

    def __init__(self, name, size, fields):
        self.name, self.size, self.fields = name, size, fields
        end = fields[-1].offset + fields[-1].size if fields else size
        if end != size:
            raise ValueError(f"{name}: the fields end at {end} of {size}")

    def get(self, raw):
        return {field.name: field.get(raw) for field in self.fields}

    def put(self, **values):
        parts = [field.put(values.pop(field.name, field.null)) for field in self.fields]
        if values:
            raise ValueError(f"{self.name} has no {list(values)}")
        return b"".join(parts)


def rows(text):
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].isdigit():
            yield cells


def frames():
    """Of docs/protocol-tcp.md: name and number of each type."""
    found = {}
    for part in re.split(r"^### ", (DOCS / "protocol-tcp.md").read_text(), flags=re.M)[1:]:
        if not (head := re.match(r"`0x([0-9a-f]{2})` (\w+)", part)):
            continue
        kind, name = head.groups()
        size = int(re.search(r"^(\d+) bytes\.", part, flags=re.M)[1])
        body = part.split("<!-- end of")[0]
        fields = [Field(int(c[0]), int(c[1]), c[2], c[3].strip("`"), c[5]) for c in rows(body)]
        found[name] = (int(kind, 16), Layout(name, size, fields))
    return found


def records():
    """Of docs/protocol-ws.md: the records of binary messages: unsigned integers, amounts with a sign, texts."""
    kinds = {16: "i128", 20: "text", 36: "text", 82: "bytes"}
    found = {}
    for part in re.split(r"^\*\*`", (DOCS / "protocol-ws.md").read_text(), flags=re.M)[1:]:
        if not (head := re.match(r"(\w+)`\*\* \((\d+) bytes\)", part)):
            continue
        name, size = head.groups()
        fields = [Field(int(c[0]), int(c[1]), kinds.get(int(c[1]), "u"), c[2].strip("`"), "") for c in rows(part.split("\n\n")[1])]
        found[name] = Layout(name, int(size), fields)
    return found
