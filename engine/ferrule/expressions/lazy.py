"""Functions that are written when they are first called.

Most of what a spec says is never run by the command that reads it: lint runs none of it, a call runs one capability.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Find = Callable[[Any, Mapping[str, Any]], Any]


class Lazy:
    """A function of a value and the declared names. `write` makes it of `what`, once; two threads may each make their own."""

    __slots__ = ("_made", "_what", "_write")

    def __init__(self, write: Callable[..., Find], *what: Any) -> None:
        self._write, self._what = write, what
        self._made: Find | None = None

    @property
    def made(self) -> Find:
        """The function itself."""
        if self._made is None:
            self._made = self._write(*self._what)
        return self._made

    def __call__(self, value: Any, scope: Mapping[str, Any]) -> Any:
        return self.made(value, scope)


def ready(function: Find) -> Find:
    """The same function, written: for a loop that calls it once a record."""
    return function.made if isinstance(function, Lazy) else function
