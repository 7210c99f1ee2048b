"""One header that carries the credential."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.place import Key, TokenText, ValueSpec
from ferrule.shape import Compiler


class HeaderSpec(ValueSpec):
    """Write the credential into one header."""

    kind: Literal["header"]
    name: TokenText
    """Name of the header: `X-Api-Key`."""

    def compile(self, compiler: Compiler) -> Key:
        return self.key("header", "header", self.name, compiler)
