"""One header that carries the credential."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.fields import TOKEN, Fields, fields_of, names
from ferrule.auth.place import Key, TokenText, place
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text


class HeaderSpec(SpecModel):
    """Write the credential into one header."""

    kind: Literal["header"]
    name: TokenText
    """Name of the header: `X-Api-Key`."""
    value: Text = Text("{{ credential.token }}")
    """Template of its value: `Token token={{ credential.token }}`."""
    fields: Fields = {}
    """What the credential holds. By default `token`."""

    def compile(self, compiler: Compiler) -> Key:
        fields = fields_of(self.fields, TOKEN)
        with compiler.within(names(fields)):
            return Key("header", fields, (place("header", self.name, self.value, compiler),))
