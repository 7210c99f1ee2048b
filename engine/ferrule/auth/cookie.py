"""A cookie that carries the credential, beside any cookies the request has already."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.place import Key, TokenText, ValueSpec
from ferrule.shape import Compiler


class CookieSpec(ValueSpec):
    """Write the credential into a cookie, as it is: nothing is encoded."""

    kind: Literal["cookie"]
    name: TokenText
    """Name of the cookie."""

    def compile(self, compiler: Compiler) -> Key:
        return self.key("cookie", "cookie", self.name, compiler)
