"""A wire that answers from a Python function: an app that lives in a test."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ferrule.http import Request, Response


@dataclass
class Asked:
    """One request as the app sees it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    url: str

    def one(self, name: str, default: str = "") -> str:
        """The first value of a query parameter."""
        return self.query.get(name, [default])[0]


def answer(body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response; text is sent as HTML."""
    kind = "text/html" if isinstance(body, str) else "application/json"
    content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Response(status, {"content-type": kind, **{k.lower(): v for k, v in (headers or {}).items()}}, content)


@dataclass
class AppWire:
    """Hands each request to `app` and keeps what was asked."""

    app: Callable[[Asked], Response]
    asked: list[Asked] = field(default_factory=list)

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        """The app's answer, from the address that was asked."""
        url = request.wire_url
        parts = urlsplit(url)
        body = json.loads(content) if content and (content_type or "").startswith("application/json") else content
        headers = {name.lower(): value if isinstance(value, str) else value.reveal() for name, value in request.headers}
        self.asked.append(Asked(request.method, unquote(parts.path), parse_qs(parts.query, keep_blank_values=True), headers, body, url))
        made = self.app(self.asked[-1])
        return Response(made.status, made.headers, made.content, url)

    async def close(self) -> None:
        """Nothing is open."""
