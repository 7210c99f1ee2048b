"""What stands before every request: an id and a line in the log, and whether the caller may come in.

`Frame` is the outermost: whatever happens inside, the caller has an answer with an id, and the log and the metrics have it.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ferrule.server import journal
from ferrule.server.body import thrown_away
from ferrule.server.callers import Keys
from ferrule.server.metrics import Metrics
from ferrule.server.visit import Visit, header, noted, request_id, visit_of

log = logging.getLogger(__name__)

CALL = "/{connector_id}/{capability}"
"""The route of a call."""
LIST = "/list-connector-app-ids"
"""The one call that is to no connector."""
OPEN = frozenset({"/healthz", "/readyz"})
"""What a load balancer asks without a key. It tells nothing but whether the server is there."""

CERTIFICATE = "ferrule.certificate"
"""Where the server notes the name of a client's certificate, in the `state` of a request."""

_SAFE = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


class Frame:
    """Gives every request its id, its line and its count, and no failure gets out of it."""

    def __init__(self, inner: ASGIApp, metrics: Metrics) -> None:
        self.inner, self.metrics = inner, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        visit = visit_of(scope)
        token = request_id.set(visit.id)

        async def received() -> Message:
            message = await receive()
            visit.bytes_in += len(message.get("body", b""))
            return message

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.status = message["status"]
                message = {**message, "headers": [*message["headers"], *_SAFE, (b"x-request-id", visit.id.encode())]}
            elif message["type"] == "http.response.body":
                visit.bytes_out += len(message.get("body", b""))
            await send(message)

        try:
            await self.inner({**scope, "path": _path(scope), "ferrule.visit": visit}, received, sent)
        except Exception as error:  # noqa: BLE001 - what it says may hold a secret, and whoever runs us would log it
            log.error("the server failed: %s at %s", type(error).__name__, ", ".join(journal.places(error)))
            if visit.status is None:
                await detail(500, "Internal Server Error")(scope, received, sent)
        finally:
            visit.seconds = time.perf_counter() - visit.started
            self.metrics.note(visit, is_call=visit.route in (CALL, LIST))
            journal.write(visit)
            request_id.reset(token)


class Doors:
    """Lets in who may come: by the host that was asked for, by where a browser comes from, by key."""

    def __init__(self, inner: ASGIApp, keys: Keys | None, hosts: Collection[str] | None, most: int) -> None:
        self.inner, self.keys, self.most = inner, keys, most
        self.hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        refusal = self._refusal(scope, noted(scope))
        if refusal is None:
            await self.inner(scope, receive, send)
            return
        if not await thrown_away(receive, self.most):
            refusal.headers["connection"] = "close"
        await refusal(scope, receive, send)

    def _refusal(self, scope: Scope, visit: Visit) -> Response | None:
        host = header(scope, "host") or ""
        if self.hosts is not None and host and _name(host) not in self.hosts:
            return detail(421, "This server does not answer for that host")
        if _cross_site(scope, host):
            return detail(403, "Pages of other sites may not call this server")
        visit.caller = scope.get("state", {}).get(CERTIFICATE)
        if self.keys is None or _route(scope) in OPEN:
            return None
        visit.caller = self.keys.caller(_presented(scope))
        if visit.caller is None:
            return detail(401, "An API key is needed: `Authorization: Bearer <key>` or `X-Api-Key: <key>`", {"www-authenticate": "Bearer"})
        return None


def detail(status: int, words: str, extra: dict[str, str] | None = None) -> Response:
    """An answer that is about HTTP and about no call."""
    return Response(orjson.dumps({"detail": words}), status, extra, "application/json")


def _path(scope: Scope) -> str:
    """The path, with a slash that is encoded left so: it is part of a name and parts none (RFC 3986, section 2.2)."""
    raw: bytes = scope.get("raw_path") or b""
    if b"%2f" not in raw.lower():
        return str(scope["path"])
    return unquote(re.sub(b"%2[fF]", b"%252F", raw).decode("latin-1"))


def _name(host: str) -> str:
    """The host of an address without its port, in lower case."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _cross_site(scope: Scope, host: str) -> bool:
    """Whether a page of another site had a browser send this. No page has a reason to; one could reach, through its reader,
    a server that only this machine or this network may reach. Browsers say where a request comes from (Fetch Metadata,
    `Sec-Fetch-Site`; RFC 6454, section 7, `Origin`); programs say nothing."""
    site = header(scope, "sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = header(scope, "origin")
    return origin is not None and origin.partition("://")[2].lower() != host.lower()


def _presented(scope: Scope) -> str:
    key = header(scope, "x-api-key")
    if key is None:
        scheme, _, key = (header(scope, "authorization") or "").partition(" ")
        key = key if scheme.lower() == "bearer" else ""
    return key.strip()


def _route(scope: Scope) -> str:
    """The path below the prefix where the application is mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))
