"""A cookie that carries the credential, beside any cookies the request has already."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.fields import TOKEN, Fields, fields_of, names
from ferrule.auth.place import Key, TokenText, place
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text


class CookieSpec(SpecModel):
    """Write the credential into a cookie."""

    kind: Literal["cookie"]
    name: TokenText
    """Name of the cookie."""
    value: Text = Text("{{ credential.token }}")
    """Template of its value, as it stands in the header: nothing is encoded."""
    fields: Fields = {}
    """What the credential holds. By default `token`."""

    def compile(self, compiler: Compiler) -> Key:
        fields = fields_of(self.fields, TOKEN)
        with compiler.within(names(fields)):
            return Key("cookie", fields, (place("cookie", self.name, self.value, compiler),))
