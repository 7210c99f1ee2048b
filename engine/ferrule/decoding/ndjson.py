"""Newline-delimited JSON: one value on each line, as exports give it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import orjson

from ferrule.decoding.decoder import DecodeError, Decoder, utf8_in
from ferrule.decoding.json import has_long_numbers, read_exact, reason
from ferrule.shape import JSON, SpecModel


class NdjsonDecoding(SpecModel):
    """One JSON value per line; the body is the list of them."""

    kind: Literal["ndjson"]

    def compile(self) -> Decoder:
        return NdjsonDecoder()


@dataclass(frozen=True, slots=True)
class NdjsonDecoder:
    """Blank lines are skipped; any other line that is not JSON is an error, the last one too: there a download breaks off."""

    def decode(self, content: bytes, charset: str) -> JSON:
        content = utf8_in(content, charset)
        lines = content.split(b"\n")
        read = read_exact if has_long_numbers(content) else orjson.loads
        values = []
        for number, line in enumerate(lines, 1):
            if line and not line.isspace():
                try:
                    values.append(read(line))
                except ValueError as error:
                    hint = "it ends without a line break: the download may have been cut off" if number == len(lines) else None
                    raise DecodeError(f"line {number} is not JSON: {reason(line, error)}", hint) from None
        return values
