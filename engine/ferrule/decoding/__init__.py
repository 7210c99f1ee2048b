"""Decoding kinds: how the bytes of an answer become `body`. This file is their registry: the union below is the type of `decode:`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ferrule.decoding import csv, json, ndjson, text, xml
from ferrule.decoding.decoder import DecodeError, Decoder, printable
from ferrule.decoding.gzip import unpacked
from ferrule.shape import JSON

Kind = Literal["csv", "json", "ndjson", "text", "xml"]
_Union = csv.CsvDecoding | json.JsonDecoding | ndjson.NdjsonDecoding | text.TextDecoding | xml.XmlDecoding


def _long_form(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


Decoding = Annotated[_Union, Field(discriminator="kind"), BeforeValidator(_long_form, json_schema_input_type=_Union | Kind)]
"""The type of `decode:`. A bare word is its kind: `csv` is short for `{kind: csv}`."""

_NDJSON = frozenset(
    f"application/{name}" for name in ("ndjson", "x-ndjson", "jsonl", "x-jsonl", "jsonlines", "x-jsonlines", "json-lines", "x-json-lines")
)


def decoder_for(content_type: str) -> Decoder:
    """The decoder that a media type asks for. One that says nothing of use, or lies, as `text/plain` may, is tried as JSON."""
    return _known(content_type) or json.JsonDecoder()


def decode(content: bytes, content_type: str, decoder: Decoder | None = None) -> JSON:
    """`content` as a value: by `decoder` where the spec names one, by the media type otherwise.

    Nothing at all is None: a 204, or a body without a byte. A file that is gzip is unpacked first. Raises `DecodeError`.
    """
    if not content:
        return None
    content = unpacked(content)
    chosen = decoder or decoder_for(content_type)
    if not isinstance(chosen, text.TextDecoder):
        _refuse_html(content)
    try:
        return chosen.decode(content, charset_of(content_type))
    except DecodeError as error:
        if decoder or _known(content_type):
            raise
        named = f"its media type is `{printable(content_type)[:60]}`" if content_type else "it names no media type"
        raise DecodeError(error.message, error.hint or f"{named}: say how to read it with `decode:`") from None


@lru_cache(maxsize=256)
def _known(content_type: str) -> Decoder | None:
    """The decoder of a media type that names one."""
    media, _, parameters = content_type.partition(";")
    media = media.strip().lower()
    if media == "application/json" or media.endswith("+json"):
        return json.JsonDecoder()
    if media in _NDJSON:
        return ndjson.NdjsonDecoder()
    if media in ("text/csv", "application/csv"):
        return csv.CsvDecoder(header="header=absent" not in parameters.replace(" ", "").lower())  # RFC 4180, section 3
    if media in ("application/xml", "text/xml") or media.endswith("+xml"):
        return xml.XmlDecoder()
    return None


@lru_cache(maxsize=256)
def charset_of(content_type: str) -> str:
    """The charset that a media type names, in lower case; empty where it names none."""
    found = re.search(r""";\s*charset\s*=\s*["']?([^\s"';]+)""", content_type, re.IGNORECASE)
    return found[1].lower() if found else ""


_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+)?html\b", re.I | re.S)
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,80})", re.I)


def _refuse_html(content: bytes) -> None:
    """Raise for a page meant for a browser. As CSV or XML it could pass for an answer."""
    head = content[:4096]
    if _HTML.match(head):
        title = _TITLE.search(head)
        named = f" titled `{printable(title[1].decode('utf-8', 'replace'))}`" if title else ""
        raise DecodeError(f"an HTML page{named}: did a login page or a proxy answer?")


__all__ = ["DecodeError", "Decoder", "Decoding", "decode", "decoder_for"]
