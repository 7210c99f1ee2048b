"""Plain text: the body is one string."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ferrule.decoding.decoder import Decoder, text_in
from ferrule.shape import JSON, SpecModel


class TextDecoding(SpecModel):
    """The whole answer as text, white space included."""

    kind: Literal["text"]

    def compile(self) -> Decoder:
        return TextDecoder()


@dataclass(frozen=True, slots=True)
class TextDecoder:
    """Takes whatever comes, an HTML page too."""

    def decode(self, content: bytes, charset: str) -> JSON:
        return text_in(content, charset)
