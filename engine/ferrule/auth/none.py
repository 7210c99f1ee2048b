"""No auth: the app, or the part of it that is asked, is open to everyone."""

from __future__ import annotations

from typing import Literal

from ferrule.auth.place import Key
from ferrule.shape import Compiler, SpecModel


class NoneSpec(SpecModel):
    """Send no credential."""

    kind: Literal["none"]

    def compile(self, compiler: Compiler) -> Key:
        return Key("none", (), ())
