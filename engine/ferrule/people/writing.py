r"""The ways in which text is written inside other text, each undone character by character.

A name can stand in a cassette as `Jörg`, `J%C3%B6rg`, `J\u00f6rg` or `J&#246;rg`, or in base64, and the one inside the
other. To find it everywhere, a text is read once for each way, and every character remembers the place it was written at.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.entities import html5
from urllib.parse import quote

DEPTH = 4
"""How often one writing may stand in another: JSON in JSON in a query is three."""
_OF_URLS = r"(?:%[0-9A-Fa-f]{2})+"  # RFC 3986, section 2.1
_OF_JSON = r"(?:\\u[0-9A-Fa-f]{4})+|\\[\"\\/bfnrt]"  # RFC 8259, section 7
_OF_XML = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
_ESCAPE = re.compile(f"{_OF_URLS}|{_OF_XML}")
_ESCAPE_IN_STRINGS = re.compile(f"{_OF_URLS}|{_OF_JSON}|{_OF_XML}")
r"""Where there are no quotes, a backslash is one, as in `CORP\ann`."""
_JSON = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PACKED = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}+={0,2}+(?![A-Za-z0-9+/_=-])")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,}|(?:[0-9A-F]{2}){8,}")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says once some of its escapes are undone."""

    text: str
    starts: Sequence[int]
    """Where each character begins in the text as it was written, and where the last one ends."""
    within: bytes
    """For each character, and for the end, whether it stands inside an escape, and so for nothing."""

    def is_whole(self, start: int, end: int) -> bool:
        r"""Whether the characters from `start` to `end` cut no escape in two: of `\nancy`, `ancy` is a word."""
        return not self.within[start] and not self.within[end]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the written text of the characters from `start` to `end`."""
        return self.starts[start], self.starts[end]


@dataclass(frozen=True, slots=True)
class Packed:
    """Text in base64 or hexadecimal digits."""

    start: int
    end: int
    """Where it stands in the reading."""
    text: str
    """What it says. Bytes that are no UTF-8 are carried along as surrogates."""
    kind: str

    def packed(self, text: str) -> str:
        """Another text in the same form, its padding as it was."""
        content = text.encode("utf-8", "surrogateescape")
        if self.kind.startswith("hex"):
            return content.hex().upper() if self.kind == "hex upper" else content.hex()
        made = (base64.urlsafe_b64encode if "url" in self.kind else base64.b64encode)(content).decode()
        return made if "padded" in self.kind else made.rstrip("=")


def readings(raw: str) -> Iterator[Reading]:
    """`raw` as it stands, then with its escapes undone once, twice, and so on while there are any."""
    text: str = raw
    starts: Sequence[int] = range(len(raw) + 1)
    for _ in range(DEPTH + 1):
        escapes = [*(_ESCAPE_IN_STRINGS if '"' in text else _ESCAPE).finditer(text)]
        yield Reading(text, starts, _within(text, escapes))
        following, places = _undone(text, starts, escapes)
        if following == text:
            return
        text, starts = following, places


def _within(text: str, escapes: Iterable[re.Match[str]]) -> bytes:
    marks = bytearray(len(text) + 1)
    for escape in escapes:
        marks[escape.start() + 1 : escape.end()] = b"\1" * (escape.end() - escape.start() - 1)
    return bytes(marks)


def packed_in(text: str) -> Iterator[Packed]:
    """What stands in `text` in base64 or hexadecimal. Whether it means anything is not asked: any word may look so."""
    for found in _PACKED.finditer(text):
        whole = _unpacked(found[0], found.start())
        if whole is not None:
            yield whole
        if whole is None or "/" in found[0]:  # in an address, `/` parts texts, and is none of their characters
            for part in re.finditer(r"[^/]{12,}", found[0]):
                piece = _unpacked(part[0], found.start() + part.start())
                if piece is not None and part[0] != found[0]:
                    yield piece


def said(raw: str, depth: int = 2) -> Iterator[Reading]:
    """All that `raw` may say, in whatever way it is written."""
    for reading in readings(raw):
        yield reading
        for packed in packed_in(reading.text) if depth else ():
            if reading.is_whole(packed.start, packed.end):
                yield from said(packed.text, depth - 1)


def like(raw: str, text: str) -> str:
    """`text`, to be put where `raw` was: in per cent escapes where `raw` has some."""
    return quote(text, safe="") if "%" in raw else text.replace("/", "\\/") if "\\/" in raw else text


def _unpacked(text: str, start: int) -> Packed | None:
    if _HEX.fullmatch(text):
        kind, content = ("hex upper" if text.upper() == text else "hex"), bytes.fromhex(text)
        return Packed(start, start + len(text), content.decode("utf-8", "surrogateescape"), kind)
    bare = text.rstrip("=")
    is_url = "-" in bare or "_" in bare
    if len(bare) % 4 == 1 or (is_url and ("+" in bare or "/" in bare)):
        return None
    try:
        content = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_" if is_url else None, validate=True)
    except (binascii.Error, ValueError):
        return None
    # Where the text does not tell which alphabet it is in, the other text gets the one that no address has to escape.
    kind = f"{'standard' if '+' in bare or '/' in bare else 'url'} {'padded' if text != bare else 'bare'}"
    return Packed(start, start + len(text), content.decode("utf-8", "surrogateescape"), kind)


def _undone(text: str, starts: Sequence[int], escapes: Iterable[re.Match[str]]) -> tuple[str, Sequence[int]]:
    """The text with its escapes undone once, and where each character begins."""
    characters: list[str] = []
    places: list[int] = []
    done = 0
    for found in escapes:
        characters += text[done : found.start()]
        places += starts[done : found.start()]
        for character, start in _characters(found[0]):
            characters.append(character)
            places.append(starts[found.start() + start])
        done = found.end()
    return "".join([*characters, text[done:]]), [*places, *starts[done:]]


def _characters(escape: str) -> Iterator[tuple[str, int]]:
    """The characters that an escape, or several in a row, stands for, and where in it each begins."""
    if escape[0] == "%":
        yield from _percent(escape)
    elif escape.startswith("\\u"):
        units = [int(escape[at + 2 : at + 6], 16) for at in range(0, len(escape), 6)]
        at = 0
        while at < len(units):
            pair = 0xD800 <= units[at] < 0xDC00 and at + 1 < len(units) and 0xDC00 <= units[at + 1] < 0xE000
            code = 0x10000 + ((units[at] - 0xD800) << 10) + units[at + 1] - 0xDC00 if pair else units[at]
            yield chr(code), at * 6
            at += 2 if pair else 1
    elif escape[0] == "\\":
        yield _JSON.get(escape[1], escape[1]), 0
    else:
        yield from _entity(escape)


def _percent(escape: str) -> Iterator[tuple[str, int]]:
    content = bytes.fromhex(escape.replace("%", ""))
    try:
        at = 0
        for character in content.decode():
            yield character, at
            at += 3 * len(character.encode())
    except UnicodeDecodeError:
        yield from zip(escape, range(len(escape)), strict=True)


def _entity(escape: str) -> Iterator[tuple[str, int]]:
    name = escape[1:-1]
    if name[0] == "#":
        code = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        text = chr(code) if code < 0x110000 else None
    else:
        text = html5.get(f"{name};")
    if text is None or len(text) != 1:
        yield from zip(escape, range(len(escape)), strict=True)
    else:
        yield text, 0
