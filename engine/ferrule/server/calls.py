"""One call over HTTP: the body read, the connector asked, the envelope written.

What is about the call is an envelope with status 200, as the published document has it: also a body that is no JSON or is
too large, a connector that is not there, a server that has too much to do. The contract knows no other status.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ferrule.capabilities import CAPABILITIES
from ferrule.connector import Connector
from ferrule.dispatch import adispatch
from ferrule.envelopes import Envelope, failed, unknown_connector, without_nulls
from ferrule.errors import CallError, FerruleError, call_error
from ferrule.server.body import Left, read_body, thrown_away
from ferrule.server.doors import CALL, LIST
from ferrule.server.metrics import Metrics
from ferrule.server.visit import Visit, header, noted
from ferrule.wire import Wire
from ferrule.wire.network import network

log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z][a-z0-9_]*")
"""What the name of a capability looks like. What does not is an address we do not have."""

CALLER_LEFT = 499
"""The status in the log where the caller did not wait for the answer, as nginx has it. Nobody receives it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server takes upon itself."""

    body: int = 4 * 1024 * 1024
    """Bytes of a request."""
    concurrency: int = 500
    """Calls at once. One more is told `rate_limit`, to come again in a second."""
    seconds: float = 1800.0
    """Seconds of a call, whatever its caller asks for. A read that takes longer gives what it has, and a page token."""
    body_seconds: float = 30.0
    """Seconds in which a request must have arrived."""


class Calls:
    """The calls to a set of connectors, all on the connections that each connector keeps."""

    def __init__(self, connectors: Mapping[str, Connector], limits: Limits, metrics: Metrics, wires: Mapping[str, Wire] | None) -> None:
        self.connectors, self.limits, self.metrics = connectors, limits, metrics
        self.given = dict(wires or {})
        self.wires: dict[str, Wire] = dict(self.given)
        self.names = {*CAPABILITIES, *(name for connector in connectors.values() for name in connector.capabilities)}
        self.under_way = 0

    async def close(self) -> None:
        """Close the connections to the apps. The next call opens new ones."""
        ours = [wire for name, wire in self.wires.items() if name not in self.given]
        self.wires = dict(self.given)
        for wire in ours:
            await wire.close()

    async def ids(self, request: Request) -> Response:
        """The ids of all connectors. What comes along as a body says nothing."""
        visit = noted(request.scope)
        visit.route, visit.capability = LIST, "list_connector_app_ids"
        whole = await thrown_away(request.receive, self.limits.body)
        return _answer(visit, {"response": list(self.connectors)}, whole)

    async def call(self, request: Request) -> Response:
        """One capability of one connector."""
        app_id, capability = request.path_params["connector_id"], request.path_params["capability"]
        if not _NAME.fullmatch(capability) or capability == "list_connector_app_ids":
            raise HTTPException(404)
        visit, connector = noted(request.scope), self.connectors.get(app_id)
        visit.route = CALL
        visit.connector = connector.id if connector is not None else None
        visit.capability = capability if capability in self.names else None
        if self.under_way >= self.limits.concurrency:
            return await self._refused(request, visit, app_id, _busy(self.under_way))
        self.under_way += 1
        self.metrics.under_way.set(self.under_way)
        try:
            body = await read_body(request.receive, header(request.scope, "content-length"), self.limits.body, self.limits.body_seconds)
            if connector is None:
                return _answer(visit, unknown_connector(app_id[:200], list(self.connectors)))
            return await self._answered(request, visit, connector, capability, body)
        except Left:
            return Response(status_code=CALLER_LEFT)
        except FerruleError as error:
            return await self._refused(request, visit, app_id, error)
        finally:
            self.under_way -= 1
            self.metrics.under_way.set(self.under_way)

    async def _answered(self, request: Request, visit: Visit, connector: Connector, capability: str, body: bytes) -> Response:
        """The connector's answer. A caller that goes is not worked for any more, unless something is being changed: that is
        brought to its end, since a change or a login that is cut off halfway is worse than one nobody waits for."""
        wire = self.wires.get(connector.id) or self.wires.setdefault(connector.id, network(connector.plan.http))
        work = asyncio.create_task(adispatch(connector, capability, body, wire=wire, max_seconds=self.limits.seconds, nulls=False))
        gone = asyncio.create_task(_gone(request))
        operation = connector.plan.operations.get(capability)
        careful = operation is None or operation.capability.level in ("write", "oauth")
        try:
            async with asyncio.timeout(self.limits.seconds):
                await asyncio.wait({work} if careful else {work, gone}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return _answer(visit, work.result())
            return Response(status_code=CALLER_LEFT)
        except TimeoutError:
            message = f"the call took longer than the {self.limits.seconds:g} seconds that this server gives it"
            return _answer(visit, failed(connector.id, call_error(message, "request_timeout")))
        except asyncio.CancelledError:  # the server ends, and its time for calls under way is over
            message = "the server was stopped before the call was done"
            return _answer(visit, failed(connector.id, call_error(message, "connection_closed")), whole=False)
        finally:  # nothing is waited for: where the server ends, there is no time left but for the answer
            gone.cancel()
            work.cancel()

    async def _refused(self, request: Request, visit: Visit, app_id: str, error: FerruleError) -> Response:
        """The envelope of a call that was not begun. Where its body is still coming, the connection ends with the answer."""
        whole = await thrown_away(request.receive, self.limits.body)
        return _answer(visit, failed(app_id[:200], error), whole)


async def _gone(request: Request) -> None:
    """Wait until the caller has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _busy(under_way: int) -> CallError:
    message = f"the server has enough to do: {under_way} calls are under way"
    return call_error(message, "rate_limit", retry_after=1.0, hint="`ferrule serve --max-concurrency` sets how many there may be")


def _answer(visit: Visit, envelope: Envelope, whole: bool = True) -> Response:
    if envelope.get("is_error"):
        visit.error_code = envelope["error"]["error_code"]
    return Response(written(without_nulls(envelope)), 200, None if whole else {"connection": "close"}, "application/json")


def written(envelope: Envelope) -> bytes:
    """An envelope as JSON. What orjson cannot write, an integer past 64 bits or half a surrogate pair, Python's own can."""
    try:
        return orjson.dumps(envelope)
    except TypeError:
        return json.dumps(_finite(envelope), allow_nan=False).encode()


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(name): _finite(item) for name, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, (list, tuple)) else value
