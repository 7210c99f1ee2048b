"""What somebody else does to the application between two requests of a connector, so that it is caught in the middle."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ferrule.http import Request, Response
from ferrule.wire import Wire


@dataclass(frozen=True, slots=True)
class Deed:
    """Done once: when a request was answered, and before the connector sees the answer."""

    method: str
    path: str
    """Pattern that occurs in the request's address, query and all left out."""
    do: Callable[[], Any]


class Meanwhile:
    """A wire that does each deed behind the first request that it waits for. The next one waits for a later request."""

    def __init__(self, inner: Wire, deeds: Iterable[Deed]) -> None:
        self._inner, self._deeds = inner, list(deeds)

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """See `Wire.send`."""
        response = await self._inner.send(request, content, content_type)
        if self._deeds and request.method == self._deeds[0].method and re.search(self._deeds[0].path, request.url):
            self._deeds.pop(0).do()
        return response

    async def close(self) -> None:
        """Close the wire within. Raises `AssertionError` where a deed was not done."""
        await self._inner.close()
        assert not self._deeds, f"nothing was asked that {self._deeds[0]} waits for"
