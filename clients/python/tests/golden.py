"""Reads the golden vectors, which are the same for clients in every language."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "wire" / "golden"


def blocks(name):
    """The blocks of a file: their names, and their fields as texts."""
    found, block = {}, None
    for line in (FOLDER / name).read_text().splitlines():
        if line.startswith("[") and line.endswith("]"):
            block = found.setdefault(line[1:-1], {})
        elif " = " in line or line.endswith(" ="):
            field, _, value = line.partition(" =")
            block[field] = value.strip()
    return found
