"""Every capability of every bundled connector, asked in the contract's envelopes, and every answer read by the published types."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from connector_sdk_types import generated

import published
import published_document
from ferrule import load
from ferrule.auth.ids import ids_of
from ferrule.connector import Connector
from ferrule.contract.auth import AuthCredential
from ferrule.contract.fields import FieldInfo, fields_of
from ferrule.dispatch import adispatch, dispatch
from ferrule.http import Request, Response
from ferrule.library import apps
from ferrule.replay import ReplayClock, cassettes_of, masked, told
from ferrule.wire.cassette import CassetteWire, UnmatchedRequest
from ferrule.wire.cassette_file import Cassette, Expected, ExpectedError, load_cassette
from ferrule.wire.kept import Redaction

pytestmark = pytest.mark.filterwarnings("ignore:Use `ConnectorErrorCode`:DeprecationWarning")
APPS = sorted(apps())
CASSETTES = [(app, path) for app, spec in sorted(apps().items()) for path in cassettes_of(spec)]
Envelope = dict[str, Any]


class Patient:
    """Plays a cassette to callers who log in with each call: a login that was played before is played again."""

    def __init__(self, wire: CassetteWire) -> None:
        self.wire = wire
        self.before: dict[tuple[str, bytes | None], Response] = {}
        self.unmatched: list[UnmatchedRequest] = []

    async def send(self, request: Request, content: bytes | None, content_type: str | None) -> Response:
        key = (f"{request.method} {request.wire_url}", content)
        try:
            found = await self.wire.send(request, content, content_type)
        except UnmatchedRequest as unmatched:
            if key not in self.before:
                self.unmatched.append(unmatched)
                raise
            return self.before[key]
        self.before[key] = found
        return found

    async def close(self) -> None: ...


def credentials_of(connector: Connector, cassette: Cassette) -> list[dict[str, Any]]:
    """The credential of a cassette as the contract has it."""
    header = cassette.ferrule
    name = header.auth or next(iter(connector.plan.auths))
    ids = ids_of(name, connector.plan.auths[name])
    if len(ids) > 1:
        return [{"id": one.id, "token": {"token": header.credential[one.id]}} for one in ids if one.id in header.credential]
    if ids[0].kind == "empty":
        return [{"id": name}]
    held = _payload(ids[0].kind)
    if {*header.credential} - {*held}:
        pytest.skip(f"the contract has no place for {', '.join({*header.credential} - {*held})} in a credential of the kind {ids[0].kind}")
    missing = {field: [] if info.kind == "list" else "" for field, info in held.items() if info.required and field not in header.credential}
    return [{"id": name, ids[0].kind: {**missing, **header.credential}}]


def _payload(kind: str) -> Mapping[str, FieldInfo]:
    """What the contract's credential of a kind holds."""
    return fields_of(AuthCredential)[kind].fields


def expected(envelopes: list[Envelope], lists: tuple[str, ...]) -> Expected:
    """What envelopes came to, in the form of a cassette. A walk over an answer of several lists joins those."""
    last = envelopes[-1]
    error = None
    if last.get("is_error"):
        told_ = last["error"]
        error = ExpectedError(code=told_["error_code"], status=told_.get("status_code"))
    answers = [envelope["response"] for envelope in envelopes if "response" in envelope]
    if lists:
        answers = [[record for name in lists for record in answer[name]] for answer in answers]
    records = [record for answer in answers for record in answer] if answers and isinstance(answers[0], list) else None
    record = answers[0] if answers and records is None else None
    summary = last.get("execution_summary")
    changed = None if summary is None else summary["effect"]["kind"] != "noop"
    return Expected(records=records, record=record, changed=changed, error=error)


async def asked(app: str, path: Path, form: str) -> None:
    """Every call of a cassette in envelopes, page by page where it walks; the answers are read and compared."""
    connector, cassette = load(app), load_cassette(path)
    wire, clock = CassetteWire(cassette), ReplayClock(cassette.ferrule.date)
    patient = Patient(wire)
    given = credentials_of(connector, cassette)
    if form == "auth" and len(given) > 1:
        pytest.skip("`auth` has room for one credential")
    held = {"credentials": given} if form == "credentials" else {"auth": {k: v for k, v in given[0].items() if k != "id"}}
    for number, call in enumerate(cassette.ferrule.calls):
        wire.turn_to(number)
        envelopes: list[Envelope] = []
        token = None
        while token is not None or not envelopes:
            request = {
                **held,
                "request": call.inputs,
                "settings": cassette.ferrule.settings,
                "page": {"token": token, "size": call.page_size},
                "include_raw_data": number % 2 == 0,
            }
            if hasattr(generated, f"{published.type_name(call.capability)}Request"):
                published.request_type(call.capability).model_validate(request)
            envelope = await adispatch(connector, call.capability, json.dumps(request), wire=patient, clock=clock, nulls=False)
            assert not patient.unmatched, patient.unmatched
            published.read(call.capability, envelope)
            if not connector.plan.operation(call.capability).capability.is_custom:
                assert published_document.slips(call.capability, envelope) == []
            wanted, given_raw = number % 2 == 0 and not envelope.get("is_error"), envelope.get("raw_data") is not None
            assert wanted or not given_raw
            assert given_raw or not wanted or call.walk or not call.requests, "a page of static rows has nothing to show"
            envelopes.append(envelope)
            token = (envelope.get("page") or {}).get("token") if call.walk else None
            if envelope.get("is_error"):
                break
        lists = connector.plan.operation(call.capability).capability.lists if call.walk else ()
        came = masked(expected(envelopes, lists), Redaction())
        error = call.expect.error
        want = call.expect.model_copy(
            update={"more": False, "error": ExpectedError(code=error.code, status=error.status) if error is not None else None}
        )
        if lists:
            came, want = (one.model_copy(update={"records": sorted(one.records or [], key=json.dumps)}) for one in (came, want))
        assert told(came, want) == [], call.capability


@pytest.mark.parametrize("form", ["credentials", "auth"])
@pytest.mark.parametrize(("app", "path"), CASSETTES, ids=lambda value: value.stem if isinstance(value, Path) else value)
def test_a_cassette_answers_in_envelopes(app: str, path: Path, form: str):
    asyncio.run(asked(app, path, form))


@pytest.mark.parametrize("app", APPS)
def test_what_a_connector_says_of_itself(app: str):
    connector = load(app)
    envelope = dispatch(connector, "info", {})
    read = generated.InfoResponse.from_dict(envelope)
    assert read is not None
    assert read.response.capabilities == sorted(read.response.capability_schema)
    assert not {"info", "connected_info"} & {*read.response.capabilities}
    assert {*read.response.capabilities} >= {*connector.plan.spec.capabilities, "app_info", "probe_integration"}
    assert dispatch(connector, "connected_info", {})["response"] == envelope["response"]


@pytest.mark.parametrize("app", APPS)
def test_the_document_of_a_connector(app: str):
    from openapi_spec_validator import validate

    connector = load(app)
    envelope = dispatch(connector, "app_info", {"request": {}})
    published.read("app_info", envelope)
    document = envelope["response"]["app_schema"]
    read = generated.OpenAPISpecification.model_validate(document)
    validate(document)
    assert read.info.x_capabilities == dispatch(connector, "info", {})["response"]["capabilities"]
    assert read.info.x_allowed_credentials == [
        [one.id for one in ids_of(name, auth) if one.required] for name, auth in connector.plan.auths.items()
    ]
    assert '{"type": "null"}' not in json.dumps(document)


def every_capability() -> list[tuple[str, str]]:
    return [
        (app, name) for app in APPS for name in load(app).capabilities if name not in ("info", "connected_info", "list_connector_app_ids")
    ]


@pytest.mark.parametrize(("app", "capability"), every_capability())
def test_a_call_without_a_credential_is_refused(app: str, capability: str):
    """As the published runtime does, for all but what says something of the connector, or is a login itself."""
    connector = load(app)
    envelope = dispatch(connector, capability, {"request": {}})
    published.read(capability, envelope)
    if capability == "app_info":
        assert "response" in envelope
    elif capability == "validate_credential_config" or connector.plan.operation(capability).capability.level == "oauth":
        assert envelope["error"]["error_code"] == "bad_request", "its request holds what it needs"
    else:
        assert (envelope["error"]["error_code"], envelope["error"]["message"]) == ("bad_request", "Missing auth/credentials in request")
