"""The canned wire: answers from a script, for tests and documentation. Nothing leaves the process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from ferrule.errors import FerruleError
from ferrule.http import Request, Response

Reply = Response | FerruleError | Callable[[Request], Response]
"""A response, a failure to raise, or what makes a response of the request."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was sent, with its encoded body."""

    request: Request
    content: bytes | None
    content_type: str | None

    @property
    def target(self) -> str:
        """Method, path and query: `GET /users?page=2`."""
        parts = urlsplit(self.request.wire_url)
        return f"{self.request.method} {parts.path}{'?' + parts.query if parts.query else ''}"


class CannedWire:
    """Answers requests from a script, and keeps what was sent.

    The script is a list of replies, given in order; or a mapping of target (`GET /users?page=2`) to a reply that is
    always the same, or to a list of replies given in order. A request the script does not know is a `LookupError`: the
    script is wrong, and not the app.
    """

    def __init__(self, script: Iterable[Reply] | Mapping[str, Reply | list[Reply]]) -> None:
        self.sent: list[Sent] = []
        self._in_order = iter(()) if isinstance(script, Mapping) else iter(script)
        self._by_target: dict[str, Reply | Iterator[Reply]] | None = None
        if isinstance(script, Mapping):
            self._by_target = {target: iter(reply) if isinstance(reply, list) else reply for target, reply in script.items()}

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """The next reply of the script."""
        sent = Sent(request, content, content_type)
        self.sent.append(sent)
        source = self._in_order if self._by_target is None else self._by_target.get(sent.target)
        reply = source if isinstance(source, Response | FerruleError) or callable(source) else next(source or iter(()), None)
        if reply is None:
            raise LookupError(f"the script has no reply to `{sent.target}`, its request number {len(self.sent)}")
        if isinstance(reply, FerruleError):
            raise reply
        return reply if isinstance(reply, Response) else reply(request)

    async def close(self) -> None:
        """Nothing is held."""


def response(status: int = 200, json: Any = None, headers: Mapping[str, str] | None = None, *, content: bytes | None = None) -> Response:
    """A response: with a JSON body, or with the bytes of `content`."""
    named = {name.lower(): value for name, value in (headers or {}).items()}
    if content is None and json is not None:
        named.setdefault("content-type", "application/json")
        content = orjson.dumps(json)
    return Response(status, named, content or b"")
