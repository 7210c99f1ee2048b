"""JSON (RFC 8259): the usual answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal, NoReturn

import orjson

from ferrule.decoding.decoder import DecodeError, Decoder, excerpt, text_in, utf8_in
from ferrule.shape import JSON, SpecModel


class JsonDecoding(SpecModel):
    """One JSON value."""

    kind: Literal["json"]

    def compile(self) -> Decoder:
        return JsonDecoder()


@dataclass(frozen=True, slots=True)
class JsonDecoder:
    """White space alone is no value: some apps answer a write with one blank or line break, where others say 204."""

    def decode(self, content: bytes, charset: str) -> JSON:
        content = utf8_in(content, charset)
        try:
            return read(content)
        except ValueError as error:
            if not content.strip():
                return None
            raise DecodeError(f"not JSON: {reason(content, error)}") from None


_CLASSES = bytes(48 if chr(c) in "0123456789" else 58 if chr(c) in ":,[- \t\r\n" else 120 for c in range(256))
_LONG = b":" + b"0" * 19


def has_long_numbers(content: bytes) -> bool:
    """Whether `content` may hold a number of 19 digits or more outside of strings.

    orjson reads integers beyond 64 bits as floats, which changes an id. Each byte is replaced by its class and a
    separator before a run of digits is looked for, so that long ids in strings do not count.
    """
    classes = content.translate(_CLASSES)
    return _LONG in classes or classes.startswith(_LONG[1:])


def read(content: bytes) -> JSON:
    """The JSON value in UTF-8 `content`, its integers unchanged whatever their size. Raises `ValueError`."""
    return read_exact(content) if has_long_numbers(content) else orjson.loads(content)


def read_exact(content: bytes) -> JSON:
    """The same by Python's own reader: slower, and exact for integers of any size."""
    try:
        value = json.loads(content.decode(), parse_constant=_refuse)
        # The standard reader lets through what JSON cannot hold: infinity (1e999) and halves of surrogate pairs.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        raise ValueError("no low surrogate in string") from None
    except RecursionError:
        raise ValueError("depth limit exceeded") from None
    return value


def reason(content: bytes, error: ValueError) -> str:
    """What is wrong with `content` and where, for a person."""
    if isinstance(error, json.JSONDecodeError) and error.doc:
        return f"{error.msg} at line {error.lineno}, column {error.colno}, near {excerpt(error.doc, error.pos)}"
    try:
        text_in(content, "")
    except DecodeError as encoding:
        return encoding.message
    return str(error).partition(";")[0]


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")
