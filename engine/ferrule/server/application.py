"""The ASGI application: routes, and what stands before and around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ferrule.connector import Connector
from ferrule.errors import BadInput
from ferrule.server import metrics
from ferrule.server.callers import Keys
from ferrule.server.calls import Calls, Limits
from ferrule.server.document import document
from ferrule.server.doors import CALL, LIST, Doors, Frame, detail
from ferrule.server.page import CSP, page
from ferrule.server.visit import noted
from ferrule.wire import Wire


def asgi(
    connectors: Iterable[Connector],
    *,
    keys: Keys | None = None,
    hosts: Collection[str] | None = None,
    limits: Limits | None = None,
    wires: Mapping[str, Wire] | None = None,
) -> Application:
    """The HTTP API of some connectors, to run by itself or to mount under a path of another application.

    Without `keys` whoever reaches it may call: the application it is mounted in lets people in, or refuses them. `hosts`
    are the names it answers for; without them, for any. `wires` carry the requests of the connectors with these ids, in
    place of live HTTP. Raises `BadInput` where two connectors have one id.
    """
    found: dict[str, Connector] = {}
    for connector in connectors:
        if found.setdefault(connector.id, connector) is not connector:
            raise BadInput(f"two of the connectors are called `{connector.id}`", hint="a path names one connector")
    return Application(dict(sorted(found.items())), keys, hosts, limits or Limits(), wires)


class Application:
    """An ASGI application. Where it is mounted in another, that one calls `aclose` at its end: a part sees no end itself."""

    def __init__(
        self,
        connectors: Mapping[str, Connector],
        keys: Keys | None,
        hosts: Collection[str] | None,
        limits: Limits,
        wires: Mapping[str, Wire] | None,
    ) -> None:
        self.connectors = connectors
        self._metrics = metrics.Metrics(len(connectors))
        self._calls = Calls(connectors, limits, self._metrics, wires)
        self._has_keys = keys is not None
        self._document: bytes | None = None
        self._page: bytes | None = None
        self._app: ASGIApp = Frame(Doors(self._routed(), keys, hosts, limits.body), self._metrics)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or follow the server's beginning and end."""
        if scope["type"] == "http":
            await self._app(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": ""})

    async def aclose(self) -> None:
        """Close the connections to the apps."""
        await self._calls.close()

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return
            await send({"type": "lifespan.startup.complete"})

    def _routed(self) -> ASGIApp:
        routes = [
            Route("/healthz", self._health, methods=["GET"]),
            Route("/readyz", self._ready, methods=["GET"]),
            Route("/metrics", self._figures, methods=["GET"]),
            Route("/openapi.json", self._described, methods=["GET"]),
            Route("/docs", self._shown, methods=["GET"]),
            Route(LIST, self._calls.ids, methods=["POST"]),
            Route(CALL, self._calls.call, methods=["POST"]),
        ]
        app = Starlette(routes=routes, exception_handlers={HTTPException: _http, Exception: _failed})
        app.router.redirect_slashes = False
        return app

    async def _health(self, request: Request) -> Response:
        """The process answers."""
        return _json(request, orjson.dumps({"status": "ok"}))

    async def _ready(self, request: Request) -> Response:
        """Every spec is compiled: an application is not made of others."""
        return _json(request, orjson.dumps({"status": "ready", "connectors": len(self.connectors)}))

    async def _figures(self, request: Request) -> Response:
        noted(request.scope).route = request.scope["route"].path
        return Response(self._metrics.text(), media_type=metrics.CONTENT_TYPE)

    async def _described(self, request: Request) -> Response:
        if self._document is None:
            self._document = orjson.dumps(document(self.connectors, keys=self._has_keys))
        return _json(request, self._document)

    async def _shown(self, request: Request) -> Response:
        noted(request.scope).route = request.scope["route"].path
        if self._page is None:
            self._page = page(self.connectors)
        return Response(self._page, 200, {"content-security-policy": CSP, "referrer-policy": "no-referrer"}, "text/html")


def _json(request: Request, content: bytes) -> Response:
    noted(request.scope).route = request.scope["route"].path
    return Response(content, media_type="application/json")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return detail(error.status_code, error.detail, dict(error.headers or {}))


async def _failed(request: Request, error: Exception) -> Response:
    """The answer where we made a mistake. `Frame` is told of it, too, and logs it."""
    return detail(500, "Internal Server Error")
