"""A query parameter that carries the credential.

Addresses end up in logs on every machine they pass, which is why RFC 6750 (section 2.3) advises against it: only for
apps that know nothing else. Ferrule masks the parameter wherever it shows an address.
"""

from __future__ import annotations

from typing import Literal

from ferrule.auth.fields import TOKEN, Fields, fields_of, names
from ferrule.auth.place import Key, ParamName, place
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text


class QuerySpec(SpecModel):
    """Write the credential into a query parameter."""

    kind: Literal["query"]
    name: ParamName
    """Name of the parameter: `api_key`."""
    value: Text = Text("{{ credential.token }}")
    """Template of its value."""
    fields: Fields = {}
    """What the credential holds. By default `token`."""

    def compile(self, compiler: Compiler) -> Key:
        fields = fields_of(self.fields, TOKEN)
        with compiler.within(names(fields)):
            return Key("query", fields, (place("query", self.name, self.value, compiler),))
