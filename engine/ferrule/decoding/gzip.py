"""Files that are gzip themselves (RFC 1952), as exports are: unpacked before they are decoded, within bounds.

This is not content encoding, which the transport takes off.
"""

from __future__ import annotations

import zlib

from ferrule.decoding.decoder import DecodeError

MAGIC = b"\x1f\x8b\x08"
MAX_SIZE = 256 * 1024 * 1024
"""The most bytes that one file may unpack to."""
MAX_RATIO = 200
"""A file that grows by more than this is taken for a bomb. Exports grow by 5 to 50, deflate can do 1,030."""
_FREE = 1024 * 1024
"""Up to this many bytes the ratio does not matter."""
_PIECE = 64 * 1024


def unpacked(content: bytes, max_size: int = MAX_SIZE) -> bytes:
    """What `content` holds, where it is gzip; `content` itself where it is not.

    Several members in a row are one file, and zeros after the last are padding (RFC 1952, section 2.2, and gzip's manual).
    Raises `DecodeError` when the file is cut off, damaged, or too large.
    """
    if not content.startswith(MAGIC):
        return content
    limit = min(max_size, max(_FREE, len(content) * MAX_RATIO))
    found, rest = bytearray(), content
    while rest.startswith(MAGIC):
        rest = _member(rest, found, limit, len(content))
    if rest.strip(b"\0"):
        raise DecodeError(f"the gzip file has other bytes after its end, at byte {len(content) - len(rest)}")
    return bytes(found)


def _member(packed: bytes, found: bytearray, limit: int, total: int) -> bytes:
    """Unpack one member into `found`, and give what comes after it."""
    reader = zlib.decompressobj(wbits=31)
    while not reader.eof:
        try:
            piece = reader.decompress(packed, _PIECE)
        except zlib.error:
            raise DecodeError(f"the gzip file is damaged, after {len(found)} unpacked bytes") from None
        if not piece and not reader.eof:
            raise DecodeError(f"the gzip file is cut off after {total} bytes", "the download did not finish")
        found += piece
        if len(found) > limit:
            raise DecodeError(f"the gzip file of {total} bytes unpacks to more than {limit} bytes, which is refused")
        packed = reader.unconsumed_tail
    return reader.unused_data
