"""Frames against the golden vectors: what is written and what is read."""

import importlib.util
import unittest

from papertape import frames
from papertape.session import Ed25519Key, HmacKey, signed_login
from tests.golden import blocks


def value(field, text):
    """The value that a golden text means."""
    if field.is_number:
        return int(text)
    return text if field.is_text else bytes.fromhex(text)


class GoldenFrames(unittest.TestCase):
    def test_every_frame_is_written_and_read_as_it_was(self):
        seen = set()
        for name, block in blocks("frames.txt").items():
            layout = frames.BY_NAME[block["frame"]]
            raw = bytes.fromhex(block["hex"])
            values = {field.name: value(field, block[field.name]) for field in layout.fields}
            with self.subTest(name):
                self.assertEqual(frames.encode(layout.name, **values), raw)
                read = frames.decode(raw)
                self.assertEqual((read.name, read.values), (layout.name, values))
                self.assertEqual(set(block) - {"frame", "hex"}, set(values))
            seen.add(layout.name)
        self.assertEqual(seen, set(frames.BY_NAME), "every type has a vector")

    def test_frames_are_found_in_whatever_pieces_they_come(self):
        stream = b"".join(bytes.fromhex(block["hex"]) for block in blocks("frames.txt").values())
        for size in (1, 3, 64, 1 << 16):
            came, found = bytearray(), 0
            for at in range(0, len(stream), size):
                came += stream[at : at + size]
                while frames.split(came) is not None:
                    found += 1
            self.assertEqual((found, len(came)), (len(blocks("frames.txt")), 0))

    def test_what_is_no_frame_is_refused(self):
        for raw in (b"\x03\x00\x01\x01", b"\x01\x04\x01\x01"):
            with self.assertRaises(frames.FrameError):
                frames.split(bytearray(raw))
        with self.assertRaises(frames.FrameError):
            frames.decode(frames.encode("Cancel")[:20])
        self.assertIsNone(frames.decode(b"\x04\x00\x7f\x01"))
        longer = bytearray(frames.encode("ClientHeartbeat") + b"new")
        longer[0] += 3
        self.assertEqual(frames.decode(bytes(longer)).name, "ClientHeartbeat")

    def test_what_no_field_can_have_is_refused(self):
        for values in ({"reference": -1}, {"client_order_id": "x" * 37}, {"client_order_id": "\xe4"}, {"price": 2**64}, {"no": 1}):
            with self.subTest(values), self.assertRaises(frames.FrameError):
                frames.encode("PlaceOrder", **values)


class GoldenLogins(unittest.TestCase):
    def log_in(self, key, block):
        # What the vector's login says, but for key and signature.
        said = frames.decode(bytes.fromhex(block["login"])).values
        fields = {name: said[name] for name in said if name not in ("protocol", "signature_kind", "key_id", "signature")}
        self.assertEqual(signed_login(key, bytes.fromhex(block["nonce"]), **fields).hex(), block["login"])

    def test_hmac(self):
        block = blocks("login.txt")["hmac"]
        self.log_in(HmacKey("00112233445566778899aabbccddeeff", block["secret"]), block)

    def test_ed25519(self):
        if importlib.util.find_spec("cryptography") is None:
            self.skipTest("the package cryptography is not there")
        block = blocks("login.txt")["ed25519"]
        self.log_in(Ed25519Key("00112233445566778899aabbccddeeff", block["private"]), block)


if __name__ == "__main__":
    unittest.main()
