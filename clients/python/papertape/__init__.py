"""A client for a Papertape venue: binary order entry with the standard library, the market data feed with `websockets`."""

from .frames import Frame, FrameError, decode, encode
from .session import Ed25519Key, HmacKey, Session, SessionError

__all__ = ["Ed25519Key", "Frame", "FrameError", "HmacKey", "Session", "SessionError", "decode", "encode"]
