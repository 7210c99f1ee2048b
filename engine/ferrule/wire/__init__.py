"""Wires carry requests: `live` over the network, `canned` from a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ferrule.http import Request, Response


class Wire(Protocol):
    """What carries one request to the app and its response back. It judges nothing, repeats nothing, remembers nothing."""

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """The response to `request`, whatever its status. `content` is the encoded body.

        Raises `CallError` with one of the codes `connection_rejected` and `connection_timeout` (the request did not
        reach the app), `connection_closed`, `request_timeout` and `bad_gateway` (it may have).
        """

    async def close(self) -> None:
        """Let go of sockets."""


@dataclass(frozen=True, slots=True)
class Lent:
    """A wire that somebody else owns: closing it leaves it open."""

    owner: Wire

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """See `Wire.send`."""
        return await self.owner.send(request, content, content_type)

    async def close(self) -> None:
        """Nothing of ours is open."""
