"""The bytes of a WARC file of any origin, inflated where need be, and where in the file they stand."""

from __future__ import annotations

import zlib
from collections import deque
from typing import BinaryIO

from crawler.warc_records import CHUNK, GZIP_MAGIC, Damage

VERSION = b"WARC/"
"""How each record begins."""


class WarcStream:
    """The bytes of a WARC, inflated where need be, that know at which offset of the file they stand."""

    def __init__(self, file: BinaryIO) -> None:
        self.gzip = file.read(2) == GZIP_MAGIC[:2]
        self.buffer = bytearray()
        self._file = file
        self._at = 0
        self._marks: deque[tuple[int, int]] = deque()
        self.reposition(0)

    def reposition(self, offset: int) -> None:
        """Go on from `offset` of the file: the start of a gzip member, or any byte of a plain file."""
        self._file.seek(offset)
        self._at += len(self.buffer)
        self.buffer.clear()
        self._raw = b""
        self._raw_at = offset
        self._inflater: zlib._Decompress | None = None
        self._marks.clear()
        if not self.gzip:
            self._marks.append((self._at, offset))

    def offset(self) -> int:
        """Where the next byte stands in the file (for gzip: where its member starts)."""
        while len(self._marks) > 1 and self._marks[1][0] <= self._at:
            self._marks.popleft()
        if not self._marks or (self.gzip and not self.buffer and self._inflater is None):
            return self._raw_at
        place, offset = self._marks[0]
        return offset if self.gzip else offset + self._at - place

    def spot(self) -> tuple[int, int]:
        """Where the next byte stands, for `return_to`: an offset of the file, and how many bytes on from there."""
        offset = self.offset()
        return offset, self._at - self._marks[0][0] if self.gzip and self._marks else 0

    def return_to(self, spot: tuple[int, int]) -> None:
        """Go back to a place that `spot` told."""
        offset, further = spot
        self.reposition(offset)
        while further and self.more():
            further -= len(self.drop(further))

    def more(self, *, new_member: bool = True) -> bool:
        """Get more bytes into the buffer. False at the end of the file (or, if asked so, of the member).

        Raises `Damage` with the code ``torn``, ``bad_gzip`` or ``no_gzip``.
        """
        if not self.gzip:
            piece = self._file.read(CHUNK)
            self.buffer += piece
            return bool(piece)
        while True:
            if not self._raw:
                self._raw = self._file.read(CHUNK)
            if self._inflater is None:
                if not new_member or not self._raw:
                    return False
                if not self._raw.startswith(GZIP_MAGIC[: len(self._raw)]):
                    raise Damage("no_gzip", "bytes that are not gzip stand here")
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._marks.append((self._at + len(self.buffer), self._raw_at))
            fed = self._raw
            try:
                piece = self._inflater.decompress(fed, CHUNK)
            except zlib.error as error:
                raise Damage("bad_gzip", f"the gzip data is damaged ({error})") from None
            ended = self._inflater.eof
            self._raw = self._inflater.unused_data if ended else self._inflater.unconsumed_tail
            self._raw_at += len(fed) - len(self._raw)
            if ended:
                self._inflater = None
            if piece:
                self.buffer += piece
                return True
            if not fed and not ended:
                raise Damage("torn", "the file ends in the middle of gzip data")

    def drop(self, count: int) -> bytes:
        """Take the first `count` bytes out of the buffer."""
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        self._at += len(taken)
        return taken

    def put_back(self, data: bytes) -> None:
        """Undo the `drop` that gave `data`."""
        self.buffer[0:0] = data
        self._at -= len(data)

    def settle(self) -> None:
        """Where the gzip member has given all its bytes, read its checksum too. Raises `Damage` if it fails."""
        while self._inflater is not None and not self.buffer and self.more(new_member=False):
            pass

    def next_member(self, begin: int) -> bool:
        """Go to the next gzip member after `begin` that starts with a WARC record. False where there is none."""
        position = begin
        while True:
            self._file.seek(position)
            window = self._file.read(CHUNK)
            at = window.find(GZIP_MAGIC)
            while at >= 0:
                if len(window) - at < 1024 and len(window) == CHUNK and at > 0:
                    break  # look at it again with more bytes behind it
                if starts_warc(window[at : at + 1024]):
                    self.reposition(position + at)
                    return True
                at = window.find(GZIP_MAGIC, at + 1)
            if len(window) < CHUNK:
                return False
            position += at if at > 0 else len(window) - len(GZIP_MAGIC) + 1

    def next_line(self) -> bool:
        """Go to the next place where a record seems to start: at a line, or at a member. False at the end."""
        # The byte before the buffer is unknown, so what starts right here counts only at a member's start.
        while True:
            at = self.buffer.find(VERSION)
            while at >= 0:
                starts = any(place == self._at + at for place, _ in self._marks) and self.gzip
                if starts or (at > 0 and self.buffer[at - 1] == ord("\n")):
                    self.drop(at)
                    return True
                at = self.buffer.find(VERSION, at + 1)
            self.drop(max(0, len(self.buffer) - len(VERSION)))
            self.offset()
            if not self.more():
                return False


def starts_warc(compressed: bytes) -> bool:
    """Whether gzip data that begins with `compressed` holds a WARC record first."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(compressed, len(VERSION)) == VERSION
    except zlib.error:
        return False
