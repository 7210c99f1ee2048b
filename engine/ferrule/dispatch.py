"""One call in the contract's own form: a request envelope in, an answer or an error envelope out.

This is what the HTTP API, the command line of a connector and a program that embeds one have in common. Nothing is sent
to the app before the whole envelope is found good, and whatever goes wrong is an answer: no call raises.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from ferrule.admission import known_fields, settings_of, way_in
from ferrule.connector import Connector
from ferrule.contract.envelope import RateLimitRequest, RequestEnvelope
from ferrule.envelopes import Envelope, answered, failed, without_nulls
from ferrule.errors import BadInput, FerruleError
from ferrule.instance import Instance, grace
from ferrule.limits import SYSTEM, Clock
from ferrule.misfit import told
from ferrule.plan import Operation
from ferrule.results import Result
from ferrule.wire import Lent, Wire

log = logging.getLogger(__name__)

DEFAULT_SECONDS = 1800
"""How long a caller listens that says nothing of it."""
SPARE_SECONDS = 10
"""What is left of that time for the answer to travel; half of it, where a caller has little."""
MOST_SECONDS = 7 * 24 * 3600
"""No call is given longer, whatever its caller says."""


async def adispatch(
    connector: Connector,
    capability: str,
    envelope: str | bytes | Mapping[str, Any],
    *,
    wire: Wire | None = None,
    clock: Clock = SYSTEM,
    max_seconds: float | None = None,
    nulls: bool = True,
) -> Envelope:
    """The answer to one call, as JSON-ready values.

    `envelope` is the contract's: `{"auth": …, "request": {…}, "settings": {…}, "page": {…}}`, as text or read already.
    A failure is an error envelope, `{"is_error": true, "error": {…}}`; a read that failed after some records gives those
    and the page token to go on, and the next call tells the error. `wire` and `clock` are those of `Connector.instance`;
    a wire that is given is not closed. `max_seconds` bounds what the caller asks for as `max_execution_time`. Without
    `nulls`, what says nothing is left out: the published document knows no null, though the published SDK writes them.
    """
    try:
        operation = connector.plan.operation(capability)
        asked = opened(envelope) if envelope or operation.capability.level != "describe" else RequestEnvelope(request={})
        result = await _called(connector, operation, asked, Lent(wire) if wire is not None else None, clock, max_seconds)
        answer = answered(operation.capability, asked, result, nulls=nulls)
    except FerruleError as error:
        answer = failed(connector.id, error)
    except Exception as error:  # noqa: BLE001 - a slip of ours is an answer too; what it says may hold a secret
        log.error("%s %s: %s", connector.id, capability, type(error).__name__)
        answer = failed(connector.id, FerruleError(f"the connector failed: {type(error).__name__}", code="internal_error"))
    return answer if nulls else without_nulls(answer)


def dispatch(
    connector: Connector,
    capability: str,
    envelope: str | bytes | Mapping[str, Any],
    *,
    wire: Wire | None = None,
    clock: Clock = SYSTEM,
    max_seconds: float | None = None,
    nulls: bool = True,
) -> Envelope:
    """`adispatch` for a program without an event loop."""
    return asyncio.run(adispatch(connector, capability, envelope, wire=wire, clock=clock, max_seconds=max_seconds, nulls=nulls))


def opened(envelope: str | bytes | Mapping[str, Any]) -> RequestEnvelope:
    """The envelope, checked. Raises `BadInput` that names what does not fit and shows no value."""
    if isinstance(envelope, str | bytes):
        try:
            envelope = orjson.loads(envelope)
        except orjson.JSONDecodeError as error:
            place = re.sub(r"^.*: line", "line", str(error))
            raise BadInput("Invalid request, expected JSON input.", hint=f"it is no JSON: {place}") from None
    if not isinstance(envelope, Mapping):
        raise BadInput("Invalid request, expected JSON input.", hint='a request is an object: `{"request": {…}}`')
    try:
        asked = RequestEnvelope.model_validate(envelope)
    except ValidationError as error:
        slips = (f"`{'.'.join(map(str, d['loc']))}` {told(d)}" for d in error.errors(include_url=False, include_input=False))
        raise BadInput(f"Invalid request: {'; '.join(dict.fromkeys(slips))}") from None
    if asked.page and asked.page.size is not None and asked.page.size < 0:
        raise BadInput("Invalid request: `page.size` is negative", hint="it is the number of records that a page should have")
    return asked


async def _called(
    connector: Connector, operation: Operation, asked: RequestEnvelope, wire: Wire | None, clock: Clock, most: float | None
) -> Result:
    if operation.derive is not None and operation.capability.level == "describe":
        return Result(operation.derive(asked.settings or {}))
    instance = _instance(connector, operation, asked, wire, clock)
    page, limits = asked.page, asked.rate_limit or RateLimitRequest()
    time = seconds(asked, most)
    end = clock.monotonic() + time + grace(time)
    try:
        if limits.last_known_state:
            instance.heed(limits.last_known_state)
        return await instance.acall(
            operation.capability.name,
            known_fields(operation.capability, asked.request),
            page_token=(page.token if page else None) or None,
            page_size=page.size if page else None,
            max_seconds=time,
            keep_answers=bool(asked.include_raw_data),
            mode=limits.caller_override_mode,
            tried=limits.caller_retry_attempt or 0,
        )
    finally:
        await instance.aclose(max(0.0, end - clock.monotonic()))


def _instance(connector: Connector, operation: Operation, asked: RequestEnvelope, wire: Wire | None, clock: Clock) -> Instance:
    """The tenant that is asked. What needs no credential of its own, since it is how one is got or tried, is given none."""
    plan, given = connector.plan, asked.settings
    if operation.capability.level == "oauth" or operation.capability.name == "validate_credential_config":
        return connector.unauthenticated(settings_of(plan.spec.settings, given), wire=wire, clock=clock)
    auth, credential = way_in(plan.auths, asked)
    return connector.instance(credential, settings_of(plan.spec.settings, given), auth=auth, wire=wire, clock=clock)


def seconds(asked: RequestEnvelope, most: float | None = None) -> float:
    """How long a call may take, so that its answer still finds somebody who listens. `most` bounds what the caller says."""
    named = asked.rate_limit.max_execution_time if asked.rate_limit else None
    whole: float = min(max(named, 1), MOST_SECONDS) if named is not None else DEFAULT_SECONDS
    whole = whole if most is None else min(whole, most)
    return whole - min(SPARE_SECONDS, whole / 2)
