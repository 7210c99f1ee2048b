"""What all decoding kinds share: the protocol, the error, and how bytes become text."""

from __future__ import annotations

import codecs
import re
from typing import Protocol

from ferrule.shape import JSON


class DecodeError(Exception):
    """The content is not what its kind promises. The message says where; the caller adds the place in the spec."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Decoder(Protocol):
    """How the bytes of an answer become a value."""

    def decode(self, content: bytes, charset: str) -> JSON:
        """The value in `content`. `charset` is the one that the media type names, or empty.

        Raises `DecodeError` for anything but the whole of a well-formed value.
        """


_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
"""Charsets, in lower case, that UTF-8 holds; the empty one is none."""
_CHARSETS = re.compile(r"utf-(8|16|32)(-[lb]e)?|ascii|iso8859-\d+|cp\d+|shift_jis|euc_(jp|kr)|gb\w+|big5|koi8-\w")
"""The codecs, by Python's name, that an answer may ask for: Python has others that are slow or change the text."""


def text_in(content: bytes, charset: str) -> str:
    """`content` as text. A byte order mark outranks the charset (WHATWG Encoding, section 6); without either it is UTF-8."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _decoded(content[len(bom) :], encoding)
    return _decoded(content, "utf-8" if charset.lower() in UTF8 else charset)


def utf8_in(content: bytes, charset: str) -> bytes:
    """`content` as UTF-8 without a byte order mark. Bytes that claim to be UTF-8 are not checked."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or charset.lower() not in UTF8:
        return text_in(content, charset).encode()
    return content.removeprefix(codecs.BOM_UTF8)


def _decoded(content: bytes, encoding: str) -> str:
    try:
        if not _CHARSETS.fullmatch(codecs.lookup(encoding).name):
            raise LookupError
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise DecodeError(f"not {encoding.upper()} text at byte {error.start}") from None
    except (LookupError, ValueError):
        raise DecodeError(f"the answer names the charset `{printable(encoding)[:30]}`, which is unknown here") from None


_PARTS = re.compile(
    r'"(?:[^"\\]|\\.)*+"?+(?P<key>\s*:)?'  # a JSON string, or an attribute: shown where it is a key
    r"|(?P<tag></?[\w:.-]+)|(?<=>)\s*+[^<>]+|(?<==)'[^']*+'?+"  # in XML: a tag's name is shown, text and attributes are not
    r"|[\w.@+/=~-]{16,}",
    re.DOTALL,
)


def excerpt(text: str, at: int) -> str:
    """A few characters around position `at`, for an error's message.

    Names, punctuation and short words are shown. What may be a credential or a person is starred: a JSON string that is
    no key, the text of an XML element, an attribute's value, and any long run of letters and digits.
    """
    starred = _PARTS.sub(lambda part: part[0] if part["key"] or part["tag"] else "*" * len(part[0]), text[: at + 200])
    before, after = (re.sub(r"\*+", "***", half) for half in (starred[max(0, at - 500) : at], starred[at:]))
    cut = printable(re.sub(r"\*+", "***", before[-40:] + after[:20]))
    return f"`{cut}`" if cut else "nothing"


def printable(text: str) -> str:
    """`text` on one line, its control characters replaced."""
    return "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text).strip()
