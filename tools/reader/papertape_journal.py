#!/usr/bin/env python3
"""Reads a Papertape journal and verifies every byte of it, with nothing but Python's standard library.

Written from docs/journal-format.md alone: a second opinion on `papertape audit verify`, and an example for whoever reads
journals from another language.

    papertape_journal.py DIR...         each a venue's data folder, or a folder of segments
    papertape_journal.py DIR --no-hash  leaves out the chain of hashes (BLAKE3 is most of the time)
    papertape_journal.py DIR --records  prints a line for each record too

Exit code 0: verified; 1: damaged, with file, offset and reason; 2: it cannot be read. Of several journals, the highest.
"""

import argparse
import array
import os
import struct
import sys
import time

SEGMENT_MAGIC = b"PTAPEJNL"
MARK_MAGIC = b"PTAPEMRK"
FORMAT_MAJOR = 1
HEADER_COPIES = (0, 4096)
HEADER_BYTES = 256
DATA_START = 8192
RECORD_HEADER = 48
RECORD_MAX = RECORD_HEADER + 64 * 1024

SEGMENT = struct.Struct("<8sHHIQQQQ16sQQQQII32s32s32s52sI")
RECORD = struct.Struct("<IIQQQQIHBB")
MARK = struct.Struct("<8sHHI16sQQQII")
KINDS = {0xFF00: "epoch", 0xFF01: "seal", 0xFF02: "checkpoint", 0xFF03: "heartbeat"}


class Damaged(Exception):
    """What was written is not what is there."""

    def __init__(self, path, offset, why):
        super().__init__(f"{path}: at offset {offset}: {why}")


# --- CRC-32C -----------------------------------------------------------------------------------------------------------


def crc_tables():
    """For two bytes at a time: A for those that go first, B for the two after them."""
    one = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        one.append(value)
    step = lambda value: one[value & 0xFF] ^ (value >> 8)
    late = [step(step(word)) for word in range(65536)]
    early = [step(step(value)) for value in late]
    return one, early, late


ONE, EARLY, LATE = crc_tables()


def crc32c(data, crc=0, one=ONE, early=EARLY, late=LATE):
    """CRC-32C of data, continued from another one: four bytes a step."""
    crc ^= 0xFFFFFFFF
    whole = len(data) & ~3
    for word in struct.unpack_from(f"<{whole >> 2}I", data):
        crc ^= word
        crc = early[crc & 0xFFFF] ^ late[crc >> 16]
    for byte in data[whole:]:
        crc = one[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


# --- BLAKE3 ------------------------------------------------------------------------------------------------------------

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
CHUNK_START, CHUNK_END, PARENT, ROOT = 1, 2, 4, 8
DERIVE_CONTEXT, DERIVE_MATERIAL = 32, 64
CHUNK = 1024
# Chunks that are hashed side by side.
LANES_MAX = 2048
MIXES = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def spread(word, lanes, ones={}):
    """The same word in every lane."""
    if lanes not in ones:
        ones[lanes] = int.from_bytes(b"\x01\0\0\0\0\0\0\0" * lanes, "little")
    return ones[lanes] * word


def compress(values, words, counter, lengths, flags, mask):
    """BLAKE3's compression of as many blocks as there are lanes: lanes of 64 bits in one large number, of which the lower
    half holds the word, so that one addition of Python's adds all lanes."""
    state = list(values) + [spread_iv for spread_iv in counter[0]] + [counter[1], counter[2], lengths, flags]
    for number in range(7):
        for index, (a, b, c, d) in enumerate(MIXES):
            va, vb, vc, vd = state[a], state[b], state[c], state[d]
            va = (va + vb + words[2 * index]) & mask
            vd ^= va
            vd = ((vd >> 16) | (vd << 16)) & mask
            vc = (vc + vd) & mask
            vb ^= vc
            vb = ((vb >> 12) | (vb << 20)) & mask
            va = (va + vb + words[2 * index + 1]) & mask
            vd ^= va
            vd = ((vd >> 8) | (vd << 24)) & mask
            vc = (vc + vd) & mask
            vb ^= vc
            vb = ((vb >> 7) | (vb << 25)) & mask
            state[a], state[b], state[c], state[d] = va, vb, vc, vd
        if number < 6:
            words = [words[place] for place in PERMUTATION]
    return [state[i] ^ state[i + 8] for i in range(8)], [state[i + 8] ^ values[i] for i in range(8)]


def one_block(values, block, counter, length, flags):
    """The compression of one block, by the same code with one lane."""
    words = struct.unpack("<16I", block.ljust(64, b"\0"))
    counters = (IV[:4], counter & 0xFFFFFFFF, counter >> 32)
    return compress(values, list(words), counters, length, flags, 0xFFFFFFFF)[0]


def full_chunks(data, count, first, key, flags):
    """The chaining values of whole chunks, all at once."""
    mask = spread(0xFFFFFFFF, count)
    words = array.array("I", data)
    if sys.byteorder == "big":
        words.byteswap()
    lane = lambda numbers: int.from_bytes(array.array("Q", numbers).tobytes(), sys.byteorder)
    if sys.byteorder == "big":
        # The first lane is the lowest.
        lane = lambda numbers: int.from_bytes(array.array("Q", reversed(list(numbers))).tobytes(), "big")
    values = [spread(word, count) for word in key]
    numbers = range(first, first + count)
    counters = (
        [spread(word, count) for word in IV[:4]],
        lane([number & 0xFFFFFFFF for number in numbers]),
        lane([number >> 32 for number in numbers]),
    )
    lengths = spread(64, count)
    for block in range(16):
        at = flags | (CHUNK_START if block == 0 else 0) | (CHUNK_END if block == 15 else 0)
        message = [lane(words[block * 16 + word :: 256]) for word in range(16)]
        values = compress(values, message, counters, lengths, spread(at, count), mask)[0]
    columns = []
    for value in values:
        column = array.array("Q", value.to_bytes(8 * count, "little"))
        if sys.byteorder == "big":
            column.byteswap()
        columns.append(column)
    return list(zip(*columns))


class Blake3:
    """BLAKE3, fed piece by piece."""

    def __init__(self, key=IV, flags=0):
        self.key, self.flags = key, flags
        self.buffer = bytearray()
        self.chunks = 0
        self.stack = []

    def update(self, data):
        self.buffer += data
        # The last chunk is another one than those before it: it is kept until more follows.
        while len(self.buffer) > CHUNK:
            count = min((len(self.buffer) - 1) // CHUNK, LANES_MAX)
            piece = bytes(self.buffer[: count * CHUNK])
            del self.buffer[: count * CHUNK]
            for value in full_chunks(piece, count, self.chunks, self.key, self.flags):
                self.push(value)

    def push(self, value):
        self.chunks += 1
        total = self.chunks
        while total & 1 == 0:
            value = self.parent(self.stack.pop(), value, 0)
            total >>= 1
        self.stack.append(value)

    def parent(self, left, right, root):
        block = struct.pack("<16I", *left, *right)
        return one_block(self.key, block, 0, 64, self.flags | PARENT | root)

    def digest(self):
        blocks = [bytes(self.buffer[at : at + 64]) for at in range(0, max(len(self.buffer), 1), 64)]
        value = self.key
        for number, block in enumerate(blocks):
            last = number == len(blocks) - 1
            root = ROOT if last and not self.stack else 0
            at = (CHUNK_START if number == 0 else 0) | (CHUNK_END if last else 0) | root
            value = one_block(value, block, self.chunks, len(block), self.flags | at)
        for depth, left in enumerate(reversed(self.stack)):
            value = self.parent(left, value, ROOT if depth == len(self.stack) - 1 else 0)
        return struct.pack("<8I", *value)


def blake3(data):
    hasher = Blake3()
    hasher.update(data)
    return hasher.digest()


def derive_key(context, material):
    """BLAKE3 in key derivation mode."""
    of_context = Blake3(flags=DERIVE_CONTEXT)
    of_context.update(context.encode())
    key = struct.unpack("<8I", of_context.digest())
    hasher = Blake3(key, DERIVE_MATERIAL)
    hasher.update(material)
    return hasher.digest()


# --- The journal -------------------------------------------------------------------------------------------------------


class Header:
    """A segment's header."""

    def __init__(self, raw):
        self.raw = raw
        (magic, self.major, self.minor, self.sealed, self.number, self.first_seq, self.generation, self.created_ns,
         self.deployment, self.salt, self.segment_bytes, self.previous_tail, self.previous_time_ns, self.previous_crc,
         reserved, self.previous_hash, self.rules, self.schema, more, crc) = SEGMENT.unpack(raw)
        self.is_intact = crc == crc32c(raw[:252]) and magic == SEGMENT_MAGIC and self.sealed <= 1


def read_header(path, data):
    """The header by its two copies, and what is wrong with the second, if anything."""
    copies = [Header(data[at : at + HEADER_BYTES]) for at in HEADER_COPIES]
    intact = [copy for copy in copies if copy.is_intact]
    if not intact:
        return None, None
    header = intact[0]
    if header.major != FORMAT_MAJOR:
        raise Damaged(path, 8, f"format {header.major} is not known here")
    if len(intact) < 2:
        return header, HEADER_COPIES[0] if header is copies[1] else HEADER_COPIES[1]
    if copies[0].raw == copies[1].raw:
        return header, None
    # The second copy is written last: it may lack the hash of the segment before.
    unsealed = bytearray(copies[0].raw[:252])
    unsealed[12:16] = bytes(4)
    unsealed[104:136] = bytes(32)
    behind = copies[0].sealed == 1 and copies[1].raw[:252] == bytes(unsealed)
    return header, "behind" if behind else HEADER_COPIES[1]


def is_zero(data):
    return not any(data)


def first_used(data, start, end):
    """The first byte that is not zero."""
    piece = data[start:end]
    if piece.count(0) == len(piece):
        return None
    return start + len(piece) - len(piece.lstrip(b"\0"))


class Journal:
    """Walks a journal, and fails where it is not what was written."""

    def __init__(self, folder, with_hash=True, show=None):
        self.folder, self.with_hash, self.show = folder, with_hash, show
        self.segments = self.records = self.bytes = 0
        self.first_seq = self.last_seq = 0
        self.tip_hash = bytes(32)
        self.tail = "ends cleanly"

    def paths(self):
        names = sorted(name for name in os.listdir(self.folder) if name.endswith(".seg"))
        numbers = [int(name[:-4]) for name in names]
        for expected, found in enumerate(numbers, 1):
            if expected != found:
                raise Damaged(self.folder, 0, f"segment {expected} is missing, {found} follows")
        return [os.path.join(self.folder, name) for name in names]

    def verify(self):
        paths = self.paths()
        root = before = None
        for number, path in enumerate(paths, 1):
            with open(path, "rb") as file:
                data = file.read()
            header, copies = read_header(path, data.ljust(DATA_START, b"\0"))
            if header is None:
                self.headless(path, data, number == len(paths), before)
                break
            root = root or header
            follows = number < len(paths) and self.has_header(paths[number])
            self.check_header(path, data, header, copies, root, before, number, newest=not follows)
            end, chain = self.walk(path, data, header, before)
            used = first_used(data, end, len(data))
            if used is not None and follows:
                raise Damaged(path, used, "bytes beyond the last record of a segment that has a successor")
            if used is not None:
                self.tail = f"ends with what a crash left half written, at offset {used}"
            self.segments += 1
            self.bytes += end
            if self.with_hash:
                hasher = Blake3()
                hasher.update(header.raw)
                hasher.update(memoryview(data)[DATA_START:end])
                self.tip_hash = hasher.digest()
            before = (header, end, chain, self.tip_hash)
        self.check_mark(root)

    def has_header(self, path):
        with open(path, "rb") as file:
            return read_header(path, file.read(DATA_START).ljust(DATA_START, b"\0"))[0] is not None

    def headless(self, path, data, is_last, before):
        """A file without a header: staged, all zero; or a crash left it so."""
        if not is_last:
            raise Damaged(path, 0, "neither copy of the header is intact")
        used = first_used(data, 0, len(data))
        if used is None:
            return
        if before is None:
            raise Damaged(path, 0, "neither copy of the header is intact")
        self.tail = "ends with a segment whose header a crash left half written"

    def check_header(self, path, data, header, copies, root, before, number, newest):
        def require(holds, why):
            if not holds:
                raise Damaged(path, 0, why)

        require(header.number == number, f"it says that it is segment {header.number}")
        require(len(data) == header.segment_bytes, f"{len(data)} bytes instead of {header.segment_bytes}")
        salt = derive_key(
            "papertape journal 1 segment salt",
            root.deployment + struct.pack("<QQ", root.created_ns, number),
        )
        require(header.salt == int.from_bytes(salt[:8], "little"), "the salt does not follow from the first header")
        require(header.deployment == root.deployment, "another deployment")
        if copies is not None and not (copies == "behind" and newest):
            raise Damaged(path, copies if isinstance(copies, int) else HEADER_COPIES[1], "this copy of the header is damaged")
        for start, end in ((HEADER_BYTES, HEADER_COPIES[1]), (HEADER_COPIES[1] + HEADER_BYTES, DATA_START)):
            used = first_used(data, start, end)
            if used is not None:
                raise Damaged(path, used, "not zero, between the headers")
        if before is None:
            require(header.first_seq == 1, "the first segment begins with another seq than 1")
            speaks = (header.sealed, header.previous_tail, header.previous_time_ns, header.previous_crc)
            require(not any(speaks) and is_zero(header.previous_hash), "the first segment speaks of one before it")
            return
        earlier, end, (seq, crc, time_ns), tip_hash = before
        require(header.previous_tail == end, f"the segment before ends at {end}, not at {header.previous_tail}")
        require(header.first_seq == seq + 1, f"the segment before ends with seq {seq}")
        require(header.previous_crc == crc, "the last record before has another checksum")
        require(header.previous_time_ns == time_ns, "the last record before has another time")
        require(header.sealed or newest, "the hash of the segment before is missing")
        if header.sealed and self.with_hash:
            require(header.previous_hash == tip_hash, "the hash of the segment before is another one")
        if not header.sealed:
            require(is_zero(header.previous_hash), "a hash before the segment before was sealed")

    def walk(self, path, data, header, before):
        """The records of a segment; gives where they end, and what the next one has to continue."""
        seed = crc32c(struct.pack("<Q", header.salt))
        seq, crc, time_ns = before[2] if before else (0, 0, 0)
        offset, size = DATA_START, len(data)
        unpack, header_of, show = RECORD.unpack_from, data.__getitem__, self.show
        while size - offset >= RECORD_HEADER:
            length, stored, number, at_ns, durable, key, previous, kind, version, flags = unpack(data, offset)
            if length == 0:
                break
            end = offset + length
            after = (end + 7) & ~7
            if not RECORD_HEADER <= length <= RECORD_MAX or after > size:
                raise Damaged(path, offset, f"a record of {length} bytes")
            body = data[offset + RECORD_HEADER : end] + data[offset : offset + 4] + b"\0\0\0\0" + data[offset + 8 : offset + RECORD_HEADER]
            found = crc32c(body, seed)
            if found != stored:
                raise Damaged(path, offset, f"seq {number}: checksum {found:08x}, stored {stored:08x}")
            if number != seq + 1:
                raise Damaged(path, offset, f"seq {number} after {seq}")
            if previous != crc:
                raise Damaged(path, offset, f"seq {number} continues another record")
            if at_ns < time_ns:
                raise Damaged(path, offset, f"seq {number} is earlier than the record before")
            if durable >= number:
                raise Damaged(path, offset, f"seq {number} says that {durable} was durable")
            if after != end and any(data[end:after]):
                raise Damaged(path, end, f"seq {number}: padding that is not zero")
            if show:
                name = KINDS.get(kind, f"kind {kind}")
                show(f"{number} {at_ns} {name} {length - RECORD_HEADER} bytes in {os.path.basename(path)} at {offset}")
            seq, crc, time_ns, offset = number, stored, at_ns, after
            self.records += 1
        if self.first_seq == 0 and self.records:
            self.first_seq = 1
        self.last_seq = seq
        return offset, (seq, crc, time_ns)

    def check_mark(self, root):
        """The watermark, if there is one, must not be beyond the records."""
        path = os.path.join(self.folder, "watermark")
        if root is None or not os.path.exists(path):
            return
        with open(path, "rb") as file:
            data = file.read()
        marks = []
        for at in (0, 4096):
            raw = data[at : at + MARK.size]
            fields = MARK.unpack(raw)
            if fields[0] == MARK_MAGIC and fields[-1] == crc32c(raw[:-4]):
                marks.append(fields)
        if not marks:
            raise Damaged(path, 0, "neither slot of the watermark is intact")
        mark = max(marks, key=lambda fields: fields[7])
        if mark[4] != root.deployment:
            raise Damaged(path, 16, "the watermark of another deployment")
        if mark[6] > self.last_seq:
            raise Damaged(path, 40, f"records up to {mark[6]} were durable, and the journal ends at {self.last_seq}")


def verify(folder, arguments):
    """Verifies one journal, and says what it found; gives the exit code."""
    inside = os.path.join(folder, "journal")
    journal = Journal(inside if os.path.isdir(inside) else folder, not arguments.no_hash, print if arguments.records else None)
    begun = time.monotonic()
    try:
        journal.verify()
    except Damaged as damaged:
        print(f"damaged: {damaged}")
        return 1
    except OSError as error:
        print(f"cannot be read: {error}")
        return 2
    print(f"{journal.segments} segments, {journal.records} records, {journal.bytes} bytes")
    print(f"seq {journal.first_seq} to {journal.last_seq}")
    if not arguments.no_hash:
        print(f"hash {journal.tip_hash.hex()}")
    print(f"journal verified; it {journal.tail}")
    if arguments.time:
        print(f"{time.monotonic() - begun:.1f} seconds")
    return 0


def main():
    parser = argparse.ArgumentParser(description="Verifies Papertape journals.")
    parser.add_argument("dir", nargs="+", help="a venue's data folder, or a folder of segments")
    parser.add_argument("--no-hash", action="store_true", help="leave out the chain of hashes")
    parser.add_argument("--records", action="store_true", help="print a line for each record")
    parser.add_argument("--time", action="store_true", help="say how long it took")
    arguments = parser.parse_args()
    return max(verify(folder, arguments) for folder in arguments.dir)


if __name__ == "__main__":
    sys.exit(main())
