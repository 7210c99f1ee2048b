"""Takes the content encoding off a body piece by piece, and never gives more than there is room for.

HTTP clients unpack too, but a piece at a time without a bound, or take a stream that breaks off for a whole one.
"""

from __future__ import annotations

import zlib


class Broken(Exception):
    """The body is not packed the way it says. The message completes a sentence that begins with "the answer"."""


class Unpacker:
    """One body's way from the wire to plain bytes: gzip, deflate (RFC 9110, section 8.4.1), or as it is.

    Raises `Broken` for any other encoding: none was asked for.
    """

    def __init__(self, encoding: str) -> None:
        names = [name for part in encoding.lower().split(",") if (name := part.strip().removeprefix("x-")) not in ("", "identity")]
        if len(names) > 1 or (names and names[0] not in ("gzip", "deflate")):
            raise Broken("is packed in a way that was not asked for")
        self.kind = names[0] if names else None
        self.inner = zlib.decompressobj(zlib.MAX_WBITS | 16 if self.kind == "gzip" else zlib.MAX_WBITS)
        self.head = b""
        """What came while nothing was given yet: only then may `deflate` turn out to lack its zlib header."""
        self.fed = self.giving = False

    def feed(self, data: bytes, room: int) -> bytes:
        """The plain bytes in `data`, at most `room` of them; `room` is above zero."""
        if self.kind is None:
            return data[:room]
        given: list[bytes] = []
        self.fed = self.fed or bool(data)
        try:
            while data and room > 0:
                if self.inner.eof:
                    data = self._following(data)
                    continue
                piece = self._piece(data, room)
                given.append(piece)
                room -= len(piece)
                data = self.inner.unused_data if self.inner.eof else self.inner.unconsumed_tail
        except zlib.error:
            raise Broken(f"is not the {self.kind} it says it is") from None
        return b"".join(given)

    def finish(self) -> None:
        """Say that the body has ended. Raises `Broken` where it ends in the middle."""
        if self.fed and not self.inner.eof:
            raise Broken(f"breaks off in the middle of its {self.kind}")

    def _following(self, data: bytes) -> bytes:
        """What is left of `data` behind the end: another member of gzip (RFC 1952, section 2.2), or padding that says nothing."""
        data = b"" if self.kind == "deflate" else data.lstrip(b"\0")
        if data:
            self.inner = zlib.decompressobj(zlib.MAX_WBITS | 16)
        return data

    def _piece(self, data: bytes, room: int) -> bytes:
        if self.kind == "gzip" or self.giving:
            return self.inner.decompress(data, room)
        self.head += data
        try:
            piece = self.inner.decompress(data, room)
        except zlib.error:
            self.inner = zlib.decompressobj(-zlib.MAX_WBITS)
            piece = self.inner.decompress(self.head, room)
        self.giving = bool(piece)
        return piece
