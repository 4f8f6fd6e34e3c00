"""Frames of binary order entry: docs/protocol-tcp.md as tables, and the bytes that they mean.

A frame is a length (two bytes, of the whole frame), a type, a version and its fields, little-endian and packed.

>>> cancel = encode("Cancel", reference=7, order_id=12)
>>> decode(cancel).values["order_id"]
12
"""

import struct
from dataclasses import dataclass, field

HEADER = 4
"""Bytes before a body: length, type, version."""

FRAME_MAX = 1024
"""The longest frame, header included."""

VERSION = 1
"""The version of the layouts below."""

PROTOCOL = 1
"""The version of the protocol, which a login names."""

SEQUENCED = 0xA0
"""The first type whose frames are an account's, numbered without a gap."""

SHOWS_ALL = 2**64 - 1
"""No display quantity: all of an order shows."""

ANY_INSTRUMENT = 0xFFFF
"""No instrument in particular."""

_NUMBERS = {"B": (1, False), "H": (2, False), "I": (4, False), "Q": (8, False), "i": (4, True), "16i": (16, True)}


class FrameError(Exception):
    """Bytes that are no frame, or a value that no field can have."""


class Field:
    """A field: a number, a text that zeros fill up (`t`), or plain bytes (`b`)."""

    def __init__(self, text):
        self.name, self.kind = text.split(":")
        self.is_number = self.kind in _NUMBERS
        if self.is_number:
            self.size, self.signed = _NUMBERS[self.kind]
        else:
            self.size, self.is_text = int(self.kind[:-1]), self.kind.endswith("t")

    @property
    def nothing(self):
        """What the field has if nothing is said."""
        if self.name == "display_qty":
            return SHOWS_ALL
        return 0 if self.is_number else "" if self.is_text else bytes(self.size)

    def put(self, value):
        """The bytes of a value."""
        try:
            if self.is_number:
                return value.to_bytes(self.size, "little", signed=self.signed)
            raw = value.encode("ascii") if self.is_text else bytes(value)
        except (OverflowError, UnicodeEncodeError, AttributeError, TypeError) as error:
            raise FrameError(f"{self.name} cannot be {value!r}") from error
        if len(raw) > self.size or (self.is_text and b"\0" in raw):
            raise FrameError(f"{self.name} cannot be {value!r}")
        return raw.ljust(self.size, b"\0")

    def get(self, raw):
        """The value of these bytes."""
        if self.is_number:
            return int.from_bytes(raw, "little", signed=self.signed)
        return raw.rstrip(b"\0").decode("ascii", "replace") if self.is_text else raw


class Layout:
    """What a frame's fields are."""

    def __init__(self, name, kind, fields):
        self.name, self.kind = name, kind
        self.fields = tuple(Field(text) for text in fields.split())
        self.size = HEADER + sum(one.size for one in self.fields)


@dataclass
class Frame:
    """A frame that was read: the name of its type, and its fields by name."""

    name: str
    kind: int
    values: dict = field(default_factory=dict)

    def __getattr__(self, name):
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(f"{self.name} has no {name}") from None

    @property
    def is_sequenced(self):
        """Whether it is one of the account's numbered messages."""
        return self.kind >= SEQUENCED


_LEG = (
    "price_{0}:Q qty_{0}:Q budget_{0}:16i trigger_price_{0}:Q expires_ns_{0}:Q trail_{0}:I side_{0}:B "
    "order_type_{0}:B time_in_force_{0}:B trigger_kind_{0}:B trail_kind_{0}:B flags_{0}:B"
)
"""The fields of one order of a list."""

FROM_CLIENT = (
    Layout(
        "Login",
        0x01,
        "protocol:H signature_kind:B durability:B interval_ms:I cancel_on_disconnect:B resume:B "
        "reserved:H grace_ms:I key_id:16b client_time_ns:Q resume_after:Q resume_time_ns:Q signature:64b",
    ),
    Layout("ClientHeartbeat", 0x02, ""),
    Layout("ClientLogout", 0x03, ""),
    Layout(
        "PlaceOrder",
        0x10,
        "reference:Q client_order_id:36t price:Q qty:Q budget:16i display_qty:Q min_qty:Q trigger_price:Q "
        "expires_ns:Q trail:I peg_offset:i instrument:H side:B order_type:B time_in_force:B self_trade:B "
        "trigger_kind:B trail_kind:B peg_to:B flags:B",
    ),
    Layout("Amend", 0x11, "reference:Q order_id:Q client_order_id:36t price:Q qty:Q"),
    Layout("Cancel", 0x12, "reference:Q order_id:Q client_order_id:36t"),
    Layout("CancelAll", 0x13, "reference:Q instrument:H side:B"),
    Layout("KillSwitch", 0x14, "reference:Q engaged:B"),
    Layout(
        "PlaceList",
        0x15,
        "reference:Q client_order_id:36t instrument:H list_type:B self_trade:B " + " ".join(map(_LEG.format, (1, 2, 3))),
    ),
    Layout("QueryLimits", 0x20, "reference:Q"),
    Layout("QueryInstruments", 0x21, "reference:Q instrument:H"),
    Layout("QueryAccount", 0x22, "reference:Q"),
)

FROM_VENUE = (
    Layout("Challenge", 0x81, "nonce:32b server_time_ns:Q protocol_min:H protocol_max:H login_within_ms:I"),
    Layout(
        "LoginAccepted",
        0x82,
        "session:Q server_time_ns:Q next_sequence:Q last_sequence:Q account:I heartbeat_ms:I "
        "dead_after_ms:I interval_ms:I in_flight_max:I durability:B resumed:B permissions:B",
    ),
    Layout("LoginRejected", 0x83, "code:H class:B retry_after_ms:I"),
    Layout("Heartbeat", 0x84, "last_sequence:Q"),
    Layout("Logout", 0x85, "last_sequence:Q code:H class:B"),
    Layout("CommandRejected", 0x86, "reference:Q client_order_id:36t retry_after_ms:I code:H class:B request:B"),
    Layout("ServerShutdown", 0x87, "time_ns:Q closes_in_ms:I"),
    Layout("EndOfReplay", 0x88, "last_sequence:Q"),
    Layout(
        "Limits",
        0x89,
        "reference:Q orders_per_second:I orders_left:I cancels_per_second:I cancels_left:I "
        "in_flight_max:I in_flight:I sessions_max:I sessions:I",
    ),
    Layout(
        "Instrument",
        0x8a,
        "reference:Q symbol:20t base:20t quote:20t tick_mantissa:Q lot:16i price_min:Q price_max:Q "
        "qty_min:Q qty_max:Q instrument:H base_asset:H quote_asset:H price_decimals:B base_decimals:B "
        "quote_decimals:B phase:B fee_asset:B",
    ),
    Layout("SnapshotBegin", 0x8b, "reference:Q sequence:Q journal_seq:Q orders:I balances:I"),
    Layout(
        "OpenOrder",
        0x8c,
        "order_id:Q client_order_id:36t price:Q qty:Q budget:16i display_qty:Q min_qty:Q trigger_price:Q "
        "expires_ns:Q trail:I peg_offset:i instrument:H side:B order_type:B time_in_force:B self_trade:B "
        "trigger_kind:B trail_kind:B peg_to:B flags:B leaves_qty:Q filled_qty:Q list_id:Q status:B",
    ),
    Layout("Balance", 0x8d, "asset:20t free:16i held:16i asset_id:H decimals:B"),
    Layout("SnapshotEnd", 0x8e, "reference:Q sequence:Q"),
    Layout("QueryDone", 0x8f, "reference:Q count:I request:B"),
    Layout(
        "OrderAccepted",
        0xa0,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q client_order_id:36t price:Q qty:Q "
        "budget:16i display_qty:Q min_qty:Q trigger_price:Q expires_ns:Q trail:I peg_offset:i "
        "instrument:H side:B order_type:B time_in_force:B self_trade:B trigger_kind:B trail_kind:B "
        "peg_to:B flags:B list_id:Q status:B",
    ),
    Layout(
        "OrderRejected",
        0xa1,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q client_order_id:36t instrument:H "
        "code:H class:B",
    ),
    Layout(
        "OrderFilled",
        0xa2,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q trade_id:Q price:Q qty:Q leaves_qty:Q "
        "fee:16i instrument:H side:B liquidity:B",
    ),
    Layout(
        "OrderCancelled",
        0xa3,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q leaves_qty:Q instrument:H cause:H "
        "side:B",
    ),
    Layout(
        "OrderReplaced",
        0xa4,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q price:Q qty:Q leaves_qty:Q "
        "instrument:H side:B kept_priority:B",
    ),
    Layout(
        "OrderExpired",
        0xa5,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q leaves_qty:Q instrument:H side:B",
    ),
    Layout(
        "OrderTriggered",
        0xa6,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q price:Q instrument:H side:B",
    ),
    Layout("OrderReleased", 0xa7, "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q instrument:H side:B"),
    Layout(
        "OrderRested",
        0xa8,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q price:Q leaves_qty:Q shown_qty:Q "
        "instrument:H side:B",
    ),
    Layout(
        "SelfTradePrevented",
        0xa9,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q other_order_id:Q price:Q qty:Q "
        "leaves_qty:Q instrument:H mode:B",
    ),
    Layout(
        "OrderRepeated",
        0xaa,
        "sequence:Q journal_seq:Q time_ns:Q reference:Q order_id:Q client_order_id:36t instrument:H",
    ),
    Layout("MassCancelDone", 0xab, "sequence:Q journal_seq:Q time_ns:Q reference:Q orders:I"),
    Layout("KillSwitchSet", 0xac, "sequence:Q journal_seq:Q time_ns:Q reference:Q orders:I engaged:B"),
    Layout("AccountSuspended", 0xad, "sequence:Q journal_seq:Q time_ns:Q reference:Q orders:I suspended:B"),
)

BY_NAME = {layout.name: layout for layout in FROM_CLIENT + FROM_VENUE}
_BY_KIND = {layout.kind: layout for layout in FROM_CLIENT + FROM_VENUE}


def encode(name, **values):
    """The bytes of a frame. Fields that are left out say nothing."""
    layout = BY_NAME[name]
    unknown = set(values) - {one.name for one in layout.fields}
    if unknown:
        raise FrameError(f"{name} has no {', '.join(sorted(unknown))}")
    body = b"".join(one.put(values.get(one.name, one.nothing)) for one in layout.fields)
    return struct.pack("<HBB", layout.size, layout.kind, VERSION) + body


def decode(raw):
    """A whole frame as a `Frame`; `None` if nobody knows its type. What a newer version appended is skipped."""
    layout = _BY_KIND.get(raw[2])
    if layout is None:
        return None
    if len(raw) < layout.size:
        raise FrameError(f"{layout.name} has {len(raw)} bytes and not {layout.size}")
    values, at = {}, HEADER
    for one in layout.fields:
        values[one.name] = one.get(raw[at : at + one.size])
        at += one.size
    return Frame(layout.name, layout.kind, values)


def split(came):
    """The first whole frame of a bytearray, taken out of it; `None` while there is none."""
    if len(came) < 2:
        return None
    length = came[0] | came[1] << 8
    if not HEADER <= length <= FRAME_MAX:
        raise FrameError(f"no frame has {length} bytes")
    if len(came) < length:
        return None
    frame = bytes(came[:length])
    del came[:length]
    return frame


def signed_bytes(nonce, login):
    """What the signature of a `Login` frame covers."""
    return b"papertape-tcp-1\0" + nonce + login[HEADER:-64]
