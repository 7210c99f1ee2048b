"""What is noted of one request: the line of the access log, and what the metrics count.

Nothing in it comes from a body, a query, a credential or a key. A path that is none of ours is not noted either: people
paste secrets into addresses.
"""

from __future__ import annotations

import re
import time
import uuid
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Scope

OBSERVABILITY = "x-lumos-observability-"
"""What the headers begin with by which a platform finds its own run again in the log of a connector."""

_MOST_HEADERS, _MOST_TEXT = 8, 128
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")
_SANE_NAME = re.compile(r"[a-z0-9._-]{1,64}")

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The id of the request that is being answered, for every line that is logged meanwhile."""


@dataclass(slots=True)
class Visit:
    """One request and what became of it."""

    id: str
    method: str
    observability: dict[str, str]
    started: float = field(default_factory=time.perf_counter)
    route: str | None = None
    """The path as it is documented; None where it is none of ours."""
    connector: str | None = None
    """The connector's id, where it is one that is served here."""
    capability: str | None = None
    """The capability's name, where it is one that somebody has."""
    caller: str | None = None
    """The name of the key, or of the client's certificate."""
    status: int | None = None
    error_code: str | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    seconds: float = 0.0

    def line(self) -> dict[str, Any]:
        """The line of the access log, without what it has nothing to say of."""
        told: dict[str, Any] = {
            "id": self.id,
            "method": self.method,
            "route": self.route,
            "connector": self.connector,
            "capability": self.capability,
            "caller": self.caller,
            "status": self.status,
            "error_code": self.error_code,
            "duration_ms": round(self.seconds * 1000, 1),
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "observability": self.observability or None,
        }
        return {name: value for name, value in told.items() if value is not None}


def visit_of(scope: Scope) -> Visit:
    """The visit that a request begins. Its id is the caller's own, where that is one word; else it is made."""
    wanted: str | None = None
    observability: dict[str, str] = {}
    for name, value in headers(scope):
        if name == "x-request-id" and wanted is None:
            wanted = value
        elif name.startswith(OBSERVABILITY) and len(observability) < _MOST_HEADERS:
            key = name.removeprefix(OBSERVABILITY)
            if _SANE_NAME.fullmatch(key) and value.isprintable():
                observability[key] = value[:_MOST_TEXT]
    sane = wanted if wanted is not None and _SANE_ID.fullmatch(wanted) else uuid.uuid4().hex
    method = scope["method"] if scope["method"].isalpha() and len(scope["method"]) <= 16 else "?"
    return Visit(sane, method, observability)


def headers(scope: Scope) -> list[tuple[str, str]]:
    """The headers of a request, names in lower case."""
    return [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]


def header(scope: Scope, wanted: str) -> str | None:
    """The first header of a name, or None."""
    return next((value for name, value in headers(scope) if name == wanted), None)


def noted(scope: Scope) -> Visit:
    """The visit of a request that is being answered."""
    visit: Visit = scope["ferrule.visit"]
    return visit
