"""One call in the contract's own form: a request envelope in, an answer or an error envelope out.

This is what the HTTP API, the command line of a connector and a program that embeds one have in common. Nothing is sent
to the app before the whole envelope is found good, and whatever goes wrong is an answer: no call raises.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from ferrule.capabilities import Capability
from ferrule.connector import Connector
from ferrule.contract.auth import AuthCredential
from ferrule.contract.envelope import RequestEnvelope
from ferrule.diagnostics import did_you_mean
from ferrule.errors import BadInput, CallError, FerruleError
from ferrule.http import Answer
from ferrule.instance import Instance
from ferrule.limits import SYSTEM, Clock
from ferrule.misfit import told
from ferrule.plan import Operation
from ferrule.results import Result
from ferrule.wire import Wire

log = logging.getLogger(__name__)

DEFAULT_SECONDS = 1800
"""How long a caller listens that says nothing of it."""
SPARE_SECONDS = 10
"""What is left of that time for the answer to travel; half of it, where a caller has little."""

Envelope = dict[str, Any]


async def adispatch(
    connector: Connector, capability: str, envelope: str | bytes | Mapping[str, Any], *, wire: Wire | None = None, clock: Clock = SYSTEM
) -> Envelope:
    """The answer to one call, as JSON-ready values.

    `envelope` is the contract's: `{"auth": …, "request": {…}, "settings": {…}, "page": {…}}`, as text or read already.
    A failure is an error envelope, `{"is_error": true, "error": {…}}`; a read that failed after some records gives those
    and the page token to go on, and the next call tells the error. `wire` and `clock` are those of `Connector.instance`.
    """
    try:
        operation = connector.plan.operation(capability)
        asked = opened(envelope) if operation.derive is None or envelope else RequestEnvelope(request={})
        result = await _called(connector, operation, asked, wire, clock)
        return answered(operation.capability, asked, result)
    except FerruleError as error:
        return failed(connector.id, error)
    except Exception as error:  # noqa: BLE001 - a slip of ours is an answer too; what it says may hold a secret
        log.error("%s %s: %s", connector.id, capability, type(error).__name__)
        return failed(connector.id, FerruleError(f"the connector failed: {type(error).__name__}", code="internal_error"))


def dispatch(
    connector: Connector, capability: str, envelope: str | bytes | Mapping[str, Any], *, wire: Wire | None = None, clock: Clock = SYSTEM
) -> Envelope:
    """`adispatch` for a program without an event loop."""
    return asyncio.run(adispatch(connector, capability, envelope, wire=wire, clock=clock))


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
        return RequestEnvelope.model_validate(envelope)
    except ValidationError as error:
        slips = (f"`{'.'.join(map(str, d['loc']))}` {told(d)}" for d in error.errors(include_url=False, include_input=False))
        raise BadInput(f"Invalid request: {'; '.join(dict.fromkeys(slips))}") from None


async def _called(connector: Connector, operation: Operation, asked: RequestEnvelope, wire: Wire | None, clock: Clock) -> Result:
    if operation.derive is not None:
        return Result(operation.derive())
    instance = _instance(connector, operation, asked, wire, clock)
    page = asked.page
    try:
        return await instance.acall(
            operation.capability.name,
            asked.request,
            page_token=(page.token if page else None) or None,
            page_size=page.size if page else None,
            max_seconds=seconds(asked),
            keep_answers=bool(asked.include_raw_data),
        )
    finally:
        if wire is None:
            await instance.aclose()


def _instance(connector: Connector, operation: Operation, asked: RequestEnvelope, wire: Wire | None, clock: Clock) -> Instance:
    """The tenant that is asked. An OAuth capability needs no credential: it is how one is got."""
    settings = asked.settings or {}
    if operation.ways:
        named = asked.request.get("credential_id")
        return connector.unauthenticated(named if named in operation.ways else operation.ways[0], settings, wire=wire, clock=clock)
    auth, credential = credential_of(connector, asked)
    return connector.instance(credential, settings, auth=auth, wire=wire, clock=clock)


def credential_of(connector: Connector, asked: RequestEnvelope) -> tuple[str | None, Any]:
    """Which way in the caller chose, and the credential for it. Raises `BadInput` where there is none, or too much."""
    auths = connector.plan.auths
    if asked.auth is not None and asked.credentials is not None:
        raise BadInput("Cannot pass credentials and auth in the same request", hint="send one of the two")
    given = asked.credentials if asked.credentials is not None else [asked.auth] if asked.auth is not None else []
    if not given:
        if any(auth.kind == "none" for auth in auths.values()):
            return None, {}
        raise BadInput("Missing auth/credentials in request", hint="`info` says under `credentials_schema` what is taken")
    if asked.auth is None:
        _check_ids(given, auths, connector)
    return next((one.id for one in given if one.id in auths), None), [_plain(one) for one in given]


def _check_ids(given: list[AuthCredential], auths: Mapping[str, Any], connector: Connector) -> None:
    known = {*auths, *(field.name for auth in auths.values() for field in auth.fields)}
    for number, one in enumerate(given):
        if not one.id:
            raise BadInput(f"Missing ID in credential at index {number}")
        if one.id not in known:
            raise BadInput(f"Credential with id '{one.id}' not expected", hint=did_you_mean(one.id, auths) or _ids(auths))


def _ids(auths: Mapping[str, Any]) -> str:
    return f"the ids are {', '.join(auths)}"


def _plain(credential: AuthCredential) -> dict[str, Any]:
    """A credential as `open_credential` takes it; its secrets stay `Secret`."""
    return credential.model_dump(exclude_none=True, by_alias=True)


def seconds(asked: RequestEnvelope) -> float:
    """How long a call may take, so that its answer still finds somebody who listens."""
    named = asked.rate_limit.max_execution_time if asked.rate_limit else None
    whole = max(named, 1) if named is not None else DEFAULT_SECONDS
    return whole - min(SPARE_SECONDS, whole / 2)


def answered(capability: Capability, asked: RequestEnvelope, result: Result) -> Envelope:
    """The envelope of a call that succeeded."""
    return {
        "response": to_jsonable_python(result.response, by_alias=True),
        "raw_data": raw_data(result.answers) if asked.include_raw_data else None,
        "page": {"token": result.page_token, "size": asked.page.size if asked.page else None} if result.page_token else None,
        "rate_limit": None,
        "execution_summary": _summary(capability, asked, result) if result.changed is not None else None,
    }


def raw_data(answers: list[Answer]) -> dict[str, Any]:
    """What the app answered, word for word: method and address, secrets masked, to body. Of several to one, a list."""
    bodies: dict[str, list[Any]] = {}
    for answer in answers:
        request = answer.request
        name = f"{request.method} {request.shown_url}" if request is not None else answer.url
        bodies.setdefault(name, []).append(answer.body)
    return {name: to_jsonable_python(found[0] if len(found) == 1 else found, fallback=str) for name, found in bodies.items()}


_CREATES = ("create_", "assign_")
_DELETES = ("delete_", "unassign_")


def _summary(capability: Capability, asked: RequestEnvelope, result: Result) -> Envelope:
    """What a write did."""
    effect: dict[str, str] = {"kind": "updated"}
    if not result.changed:
        effect = {"kind": "noop", "reason": "state_already_matches"}
    elif capability.name.startswith(_CREATES):
        effect = {"kind": "created"}
    elif capability.name.startswith(_DELETES):
        effect = {"kind": "deleted"}
    return {
        "effect": effect,
        "request_fingerprint": fingerprint(capability, asked.request),
        "is_idempotent": capability.idempotent,
        "description": None,
        "caught_errors": None,
    }


def fingerprint(capability: Capability, request: Mapping[str, Any]) -> str:
    """The same for the same request, whatever its order and its nulls: SHA-256 of its JSON, as the published SDK makes it."""
    plain = capability.request.model_validate(request).model_dump(mode="json", exclude_none=True)
    return hashlib.sha256(json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def failed(app_id: str, error: FerruleError) -> Envelope:
    """The envelope of a call that failed."""
    code = error.code
    call = error if isinstance(error, CallError) else None
    words = call.app_message if call is not None else None
    page_token = call.page_token if call is not None else None
    return {
        "is_error": True,
        "error": {
            "message": f"{error.message}: {words}" if words and words not in error.message else error.message,
            "status_code": call.status if call is not None else None,
            "app_error_code": call.app_code if call is not None else None,
            "error_code": code.name,
            "app_id": app_id,
            "raised_by": type(error).__name__,
            "raised_in": str(call.origin) if call is not None and call.origin else None,
            "error_metadata": {
                "fault": code.fault,
                "category": code.category,
                "hint": error.hint,
                "retryable": code.retryable,
                "throttled": code.throttled,
                "refreshable": code.refreshable,
                "retry_after_seconds": _whole(call.retry_after if call is not None else None),
            },
        },
        "raw_data": None,
        "page": {"token": page_token, "size": None} if page_token else None,
    }


def _whole(wait: float | None) -> int | None:
    """Seconds as the contract counts them, never less than asked for."""
    return None if wait is None else int(-(-wait // 1))


def unknown_connector(app_id: str, known: list[str]) -> Envelope:
    """The envelope that says there is no such connector."""
    hint = did_you_mean(app_id, known) or f"the connectors are {', '.join(known)}"
    return failed(app_id, BadInput(f"there is no connector `{app_id}`", code="not_found", hint=hint))
