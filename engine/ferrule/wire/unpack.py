"""Takes the content encoding off a body piece by piece, and never gives more than there is room for.

HTTP clients unpack too, but a piece at a time without a bound, or take a stream that breaks off for a whole one.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Any

try:
    import brotli  # type: ignore[import-untyped]
except ImportError:  # it comes with the extra `compress`
    brotli = None
try:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
except ImportError:  # a part of Python from 3.14 on; before, it comes with the same extra
    zstd = None  # type: ignore[assignment]


class Broken(Exception):
    """The body is not packed the way it says. The message completes a sentence that begins with "the answer"."""


class _Brotli:
    """Brotli (RFC 7932) with the manners of zlib. One stream is all there is: what comes behind it says nothing."""

    unconsumed_tail = unused_data = b""

    def __init__(self) -> None:
        self.inner = brotli.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self.inner.is_finished())

    def decompress(self, data: bytes, room: int) -> bytes:
        """What is plain in `data`: about so many bytes, and then at least so many, or all there are."""
        piece: bytes = self.inner.process(data, output_buffer_limit=room)
        return piece[:room]


class _Zstd:
    """Zstandard (RFC 8878) with the manners of zlib."""

    unconsumed_tail = b""

    def __init__(self) -> None:
        self.inner = zstd.ZstdDecompressor()

    @property
    def eof(self) -> bool:
        return bool(self.inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self.inner.unused_data)

    def decompress(self, data: bytes, room: int) -> bytes:
        """What is plain in `data`, at most so many bytes."""
        return bytes(self.inner.decompress(data, room))


_KINDS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(zlib.MAX_WBITS | 16),
    "deflate": lambda: zlib.decompressobj(zlib.MAX_WBITS),
    **({"br": _Brotli} if brotli else {}),
    **({"zstd": _Zstd} if zstd else {}),
}
_ERRORS = (zlib.error, *([brotli.error] if brotli else []), *([zstd.ZstdError] if zstd else []))

ACCEPTED = ", ".join(_KINDS)
"""The encodings that are understood here, as a request names them."""


class Unpacker:
    """One body's way from the wire to plain bytes: gzip, deflate (RFC 9110, section 8.4.1), brotli and Zstandard where their
    libraries are there, or as it is.

    Raises `Broken` for any other encoding: none was asked for.
    """

    def __init__(self, encoding: str) -> None:
        names = [name for part in encoding.lower().split(",") if (name := part.strip().removeprefix("x-")) not in ("", "identity")]
        if len(names) > 1 or (names and names[0] not in _KINDS):
            raise Broken("is packed in a way that was not asked for")
        self.kind = names[0] if names else None
        self.inner = _KINDS[self.kind or "deflate"]()
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
        except _ERRORS:
            raise Broken(f"is not the {self.kind} it says it is") from None
        return b"".join(given)

    def finish(self) -> None:
        """Say that the body has ended. Raises `Broken` where it ends in the middle."""
        if self.fed and not self.inner.eof:
            raise Broken(f"breaks off in the middle of its {self.kind}")

    def _following(self, data: bytes) -> bytes:
        """What is left of `data` behind the end: another member of gzip (RFC 1952, section 2.2), another frame of Zstandard
        (RFC 8878, section 3), or padding that says nothing."""
        data = data.lstrip(b"\0") if self.kind == "gzip" else data if self.kind == "zstd" else b""
        if data:
            self.inner = _KINDS[self.kind or ""]()
        return data

    def _piece(self, data: bytes, room: int) -> bytes:
        if self.kind != "deflate" or self.giving:
            piece: bytes = self.inner.decompress(data, room)
            return piece
        self.head += data
        try:
            piece = self.inner.decompress(data, room)
        except zlib.error:
            self.inner = zlib.decompressobj(-zlib.MAX_WBITS)
            piece = self.inner.decompress(self.head, room)
        self.giving = bool(piece)
        return piece
