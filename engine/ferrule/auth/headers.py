"""Several headers at once, for apps that know a caller by more than one key (Datadog)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ferrule.auth.fields import Fields, fields_of, names
from ferrule.auth.place import Key, TokenText, place
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text


class HeadersSpec(SpecModel):
    """Write the credential into several headers."""

    kind: Literal["headers"]
    headers: Annotated[dict[TokenText, Text], Field(min_length=1)]
    """Name of each header to the template of its value."""
    fields: Annotated[Fields, Field(min_length=1)]
    """What the credential holds."""

    def compile(self, compiler: Compiler) -> Key:
        fields = fields_of(self.fields, ())
        with compiler.within(names(fields)):
            return Key("headers", fields, tuple(place("header", name, value, compiler) for name, value in self.headers.items()))
