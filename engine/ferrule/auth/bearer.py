"""A token in the Authorization header (RFC 6750, section 2.1)."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.fields import TOKEN, names
from ferrule.auth.place import Key, TokenText, place
from ferrule.shape import Compiler, SpecModel
from ferrule.source import Text


class BearerSpec(SpecModel):
    """Write the credential's `token` into `Authorization`, after a scheme."""

    kind: Literal["bearer"]
    prefix: TokenText = "Bearer"
    """The scheme before the token: `Bearer`, `Token`, `SSWS`."""

    def compile(self, compiler: Compiler) -> Key:
        with compiler.within(names(TOKEN)):
            value = Text(f"{self.prefix} {{{{ credential.token }}}}")
            return Key("bearer", TOKEN, (place("header", "Authorization", value, compiler),))
