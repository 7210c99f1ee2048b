"""A credential that stands in the bodies of requests, where their own templates write it (WS-Security in a SOAP envelope)."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.fields import PASSWORD, Fields, fields_of
from ferrule.auth.place import Key
from ferrule.shape import Compiler, SpecModel


class BodySpec(SpecModel):
    """Add nothing: each request writes the credential into its body."""

    kind: Literal["body"]
    fields: Fields = {}
    """What the credential holds. By default `username` and `password`."""

    def compile(self, compiler: Compiler) -> Key:
        return Key("body", fields_of(self.fields, PASSWORD), ())
