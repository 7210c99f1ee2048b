"""Attributes that are not text: how their bytes are written in a spec and in its records."""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Mapping
from typing import Literal
from uuid import UUID

Syntax = Literal["base64", "guid", "quoted_utf16", "sid"]


def guid(content: bytes) -> str:
    """A GUID as it is written, from its sixteen bytes, of which the first three parts are little-endian (MS-DTYP, section 2.3.4)."""
    return str(UUID(bytes_le=content))


def guid_bytes(text: str) -> bytes:
    """The sixteen bytes of a GUID."""
    return UUID(text).bytes_le


def sid(content: bytes) -> str:
    """A security identifier as it is written, `S-1-5-21-…` (MS-DTYP, section 2.4.2)."""
    revision, count = content[0], content[1]
    if len(content) != 8 + 4 * count:
        raise ValueError("its length does not fit")
    parts = struct.unpack(f"<{count}I", content[8:])
    return "-".join(["S", str(revision), str(int.from_bytes(content[2:8], "big")), *map(str, parts)])


_SID = re.compile(r"S-(\d{1,3})-(\d{1,15})((?:-\d{1,10}){1,15})", re.ASCII)


def sid_bytes(text: str) -> bytes:
    """The bytes of a security identifier."""
    found = _SID.fullmatch(text)
    if found is None:
        raise ValueError("not a SID")
    parts = [int(part) for part in found[3].split("-")[1:]]
    return bytes([int(found[1]), len(parts)]) + int(found[2]).to_bytes(6, "big") + struct.pack(f"<{len(parts)}I", *parts)


def quoted_utf16(text: str) -> bytes:
    """A password as Active Directory takes it in `unicodePwd`: in quotes, as UTF-16 (MS-ADTS, section 3.1.1.3.1.5)."""
    return f'"{text}"'.encode("utf-16-le")


def _unquoted(content: bytes) -> str:
    return content.decode("utf-16-le").removeprefix('"').removesuffix('"')


SYNTAXES: Mapping[str, tuple[Callable[[bytes], str], Callable[[str], bytes]]] = {
    "base64": (lambda content: base64.b64encode(content).decode(), lambda text: base64.b64decode(text, validate=True)),
    "guid": (guid, guid_bytes),
    "quoted_utf16": (_unquoted, quoted_utf16),
    "sid": (sid, sid_bytes),
}
"""For each syntax: what makes text of the bytes, and what makes bytes of the text."""

Unreadable = (ValueError, IndexError, binascii.Error, struct.error, OverflowError)
"""What these functions raise for a value that is none of theirs."""
