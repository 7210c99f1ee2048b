"""JSON decoded to what is read of it, and no further: most fields of most answers are read by nobody.

A sieve gives the value that `json` would, without the fields that no expression reads. It takes only what it was made for: where
the content is anything else, such as text where an object is read, it gives nothing, and the whole is decoded as ever. What it
leaves out it still checks, but for one thing: a number too large for any float is not noticed where nobody reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypedDict, get_args

from ferrule.decoding import Decoder, charset_of, decoder_for
from ferrule.decoding.decoder import UTF8
from ferrule.decoding.json import JsonDecoder
from ferrule.expressions import Rows, ValuePart
from ferrule.shape import JSON

MISSED: Any = object()
"""What a sieve gives where it gives nothing."""

PATIENCE = 3
"""After so many answers that were something else, the next ones are not tried."""


@dataclass
class Sieve:
    """What is read of a body, and what makes the rows of its records where these come in slots."""

    part: ValuePart
    rows: Rows | None = field(default=None, compare=False)
    missed: int = field(default=0, compare=False)

    def read(self, content: bytes, content_type: str, decoder: Decoder | None) -> JSON:
        """The value in `content` without what nobody reads; `MISSED` where that is not as it was expected."""
        if self.missed >= PATIENCE or charset_of(content_type) not in UTF8:
            return MISSED
        if not isinstance(decoder or decoder_for(content_type), JsonDecoder):
            return MISSED
        try:
            if not content.isascii():
                content.decode()  # strings that are left out are not looked at
            return self._decode(content)
        except (ValueError, RecursionError):
            self.missed += 1
            return MISSED

    @cached_property
    def _decode(self) -> Any:
        import msgspec  # only a call that lists something pays for it

        return msgspec.json.Decoder(_type(self.part)).decode


def _type(part: ValuePart) -> Any:
    """The type that msgspec decodes a part of the body as. A field that is absent stays so."""
    if part.whole or not (part.fields or part.items):
        return Any
    if part.items is not None:
        return list[_item(part.items)] | None  # type: ignore[misc]
    fields = {name: _type(below) for name, below in part.fields.items()}
    if part.slotted:
        return _slotted(part, fields)
    return TypedDict("Read", fields, total=False) | None  # type: ignore[operator]


def _item(part: ValuePart) -> Any:
    """The type of a record: it is there."""
    made = _type(part)
    return made if made is Any else get_args(made)[0]


def _slotted(part: ValuePart, fields: dict[str, Any]) -> Any:
    import msgspec

    slots = [(part.slot(name), type_, msgspec.field(name=name, default=None)) for name, type_ in fields.items()]
    return msgspec.defstruct("Read", slots, gc=False) | None  # JSON makes no circles
