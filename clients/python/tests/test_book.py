"""Books: changes without a gap, proven by checksums."""

import unittest
import zlib

from papertape.book import Book, BookError

SNAPSHOT = {"update_id": 7, "bids": [["99.50", "1"], ["100.00", "2"]], "asks": [["101.00", "3"]]}


class Books(unittest.TestCase):
    def test_changes_follow_a_snapshot(self):
        book = Book()
        book.take(SNAPSHOT)
        book.take({"first_update_id": 8, "last_update_id": 9, "bids": [["100.00", "0"]], "asks": [["100.75", "5"]]})
        self.assertEqual((book.best_bids(), book.best_asks()), ([("99.50", "1")], [("100.75", "5"), ("101.00", "3")]))
        with self.assertRaises(BookError):
            book.take({"first_update_id": 11, "last_update_id": 11, "bids": [], "asks": []})

    def test_a_book_is_proven(self):
        checksum = zlib.crc32(b"100.00:2,99.50:1|101.00:3")
        Book().take(dict(SNAPSHOT, checksum=checksum))
        with self.assertRaises(BookError):
            Book().take(dict(SNAPSHOT, checksum=checksum ^ 1))


if __name__ == "__main__":
    unittest.main()
