"""The contract's referee: every model of ours against the published one, and every answer of ours read by it.

The published types (`connector_sdk_types`) and OpenAPI document (in `connector-py`) are what callers are built with.
"""

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from connector_sdk_types import errors as published_errors
from connector_sdk_types import generated as published
from connector_sdk_types.generated.capability_levels import CAPABILITY_LEVELS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from ferrule.capabilities import CAPABILITIES, Capability
from ferrule.contract import accounts, activity, applications, auth, envelope
from ferrule.contract.fields import FieldInfo, fields_of
from ferrule.errors import CODES, code_for_status

ENUM = [CAPABILITIES[name.value] for name in published.StandardCapabilityName]
ASKED = [capability for capability in ENUM if capability.name != "info"]
"""`info` is the one capability without a request."""

TYPE_NAMES = {"connected_info": "GetConnectedInfo", "handle_client_credentials_request": "HandleClientCredentials"}
"""Where the published types are not named for the capability."""

ERROR_CODE = "the published type still takes the codes of old connectors; we only ever give the new ones"
ACTIVITY_TYPE = "the published type wraps `a known word or any text` in an object that never shows in JSON: it is text"
ANY_VALUE = "any value or null is any value"
NUMBER = "an integer is a number"
DIFFERENCES = {
    "probe_integration answer.checks[].error.error_code": ERROR_CODE,
    "Error.error_code": ERROR_CODE,
    "ErrorResponse.error.error_code": ERROR_CODE,
    "ExecutionSummary.caught_errors[].error_code": ERROR_CODE,
    "list_activity_records answer[].activity_type": ACTIVITY_TYPE,
    "list_applications_activity_records answer[].activity_type": ACTIVITY_TYPE,
    "find_resource_graph answer.custom_attributes[].value": ANY_VALUE,
    "find_entitlement_graph answer.custom_attributes[].value": ANY_VALUE,
    "fulfill_arbitrary_endpoint answer.retry_after_seconds": NUMBER,
    "create_account request": "the published type has `entitlements` only, for connectors to extend; ours has all of `CreateAccount`",
    "CreateAccount": "`entitlements` may be left out, as in the request that carries it",
}
"""Every place where our schema and the published one differ, and why that is no difference to a caller."""

KINDS = re.compile(r"probe_integration answer\.checks\[\]\.samples\[\]\|\d\.kind|ExecutionSummary\.effect\|\d\.kind")
"""Tags whose one allowed word the published types check in code and leave out of their schema."""


def type_name(capability: Capability) -> str:
    return TYPE_NAMES.get(capability.name) or "".join(word.title() for word in capability.name.split("_"))


def answer_type(capability: Capability) -> type[BaseModel]:
    return getattr(published, f"{type_name(capability)}Response")


def request_type(capability: Capability) -> type[BaseModel]:
    return getattr(published, f"{type_name(capability)}Request")


def schema(of: Any) -> dict[str, Any]:
    """The JSON Schema of a type with everything it refers to put in place, and without words for people."""
    found = TypeAdapter(of).json_schema()
    return json.loads(json.dumps(plain(found, found.get("$defs", {}))))


def plain(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        node = {**definitions[name], **{key: value for key, value in node.items() if key != "$ref"}}
    kept: dict[str, Any] = {}
    for key, value in node.items():
        match key:
            case "title" | "description" | "$defs" | "discriminator" | "x-capability-level" | "x-capability-category":
                pass
            case "default" if value is None or value == []:
                pass
            case "properties":
                kept[key] = {name: plain(inner, definitions) for name, inner in value.items()}
            case "items":
                kept[key] = plain(value, definitions)
            case "additionalProperties":
                if isinstance(value, dict):
                    kept[key] = plain(value, definitions)
            case "anyOf" | "oneOf":
                kept["anyOf"] = [plain(inner, definitions) for inner in value]
            case "const":
                kept["enum"] = [value]
            case "required":
                kept[key] = sorted(value)
            case _:
                kept[key] = value
    return kept


def differences(path: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Iterator[str]:
    """The paths at which two schemas differ, as deep as they can be named."""
    if ours == theirs:
        return
    own = {key: value for key, value in ours.items() if key not in ("properties", "items", "anyOf", "additionalProperties")}
    other = {key: value for key, value in theirs.items() if key not in ("properties", "items", "anyOf", "additionalProperties")}
    if own != other or len(ours.get("anyOf", ())) != len(theirs.get("anyOf", ())):
        yield path
        return
    mine, yours = ours.get("properties", {}), theirs.get("properties", {})
    if mine.keys() != yours.keys():
        yield path
        return
    for name in mine:
        yield from differences(f"{path}.{name}", mine[name], yours[name])
    for key, mark in (("items", "[]"), ("additionalProperties", "{}")):
        if (key in ours) != (key in theirs):
            yield path
        elif key in ours:
            yield from differences(path + mark, ours[key], theirs[key])
    options = list(zip(ours.get("anyOf", ()), theirs.get("anyOf", ()), strict=True))
    is_optional = len(options) == 2 and options[1][0] == {"type": "null"}
    for number, (one, another) in enumerate(options):
        yield from differences(path if is_optional else f"{path}|{number}", one, another)


def unexplained(path: str, ours: Any, theirs: Any) -> list[str]:
    found = differences(path, schema(ours), schema(theirs))
    return [place for place in found if place not in DIFFERENCES and not KINDS.fullmatch(place)]


@pytest.mark.parametrize("capability", ENUM, ids=lambda capability: capability.name)
def test_answer_has_the_published_shape(capability: Capability):
    ours = list[capability.response] if capability.many else capability.response
    theirs = answer_type(capability).model_fields["response"].annotation
    assert unexplained(f"{capability.name} answer", ours, theirs) == []


@pytest.mark.parametrize("capability", ASKED, ids=lambda capability: capability.name)
def test_request_has_the_published_shape(capability: Capability):
    theirs = request_type(capability).model_fields["request"].annotation
    assert unexplained(f"{capability.name} request", capability.request, theirs) == []


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (accounts.CreateAccount, published.CreateAccount),
        (auth.AuthCredential, published.AuthCredential),
        (envelope.Page, published.Page),
        (envelope.RateLimitRequest, published.RateLimitRequestInfo),
        (envelope.RateLimitResponse, published.RateLimitResponseInfo),
        (envelope.ErrorMetadata, published.ConnectorErrorMetadata),
        (envelope.Error, published.Error),
        (envelope.ErrorEnvelope, published.ErrorResponse),
        (envelope.ExecutionSummary, published.ExecutionSummary),
    ],
    ids=lambda model: model.__name__,
)
def test_what_is_around_it_has_the_published_shape(ours: type[BaseModel], theirs: type[BaseModel]):
    assert unexplained(theirs.__name__, ours, theirs) == []


def test_every_difference_is_still_there():
    """A reason for a difference that is gone is a sentence to delete."""
    found: set[str] = set()
    for capability in ENUM:
        ours = list[capability.response] if capability.many else capability.response
        theirs = answer_type(capability).model_fields["response"].annotation
        found.update(differences(f"{capability.name} answer", schema(ours), schema(theirs)))
    for capability in ASKED:
        theirs = request_type(capability).model_fields["request"].annotation
        found.update(differences(f"{capability.name} request", schema(capability.request), schema(theirs)))
    for ours, theirs in (
        (accounts.CreateAccount, published.CreateAccount),
        (envelope.Error, published.Error),
        (envelope.ErrorEnvelope, published.ErrorResponse),
        (envelope.ExecutionSummary, published.ExecutionSummary),
    ):
        found.update(differences(theirs.__name__, schema(ours), schema(theirs)))
    assert DIFFERENCES.keys() <= found


def test_create_account_differs_only_in_what_may_be_left_out():
    ours, theirs = schema(accounts.CreateAccount), schema(published.CreateAccount)
    assert ours["properties"] == theirs["properties"]
    assert theirs["required"] == ["entitlements"]
    assert "required" not in ours
    assert "required" not in schema(published.CreatableAccount), "the published request itself may leave `entitlements` out"


@pytest.mark.parametrize("capability", ASKED, ids=lambda capability: capability.name)
def test_request_envelope_has_the_published_fields(capability: Capability):
    theirs = fields_of(request_type(capability))
    ours = {name: field for name, field in fields_of(envelope.RequestEnvelope).items() if name in theirs}
    assert {name: field.required for name, field in ours.items()} == {name: field.required for name, field in theirs.items()}
    assert fields_of(envelope.RequestEnvelope).keys() - theirs.keys() <= {"auth", "credentials"}


@pytest.mark.parametrize("capability", ENUM, ids=lambda capability: capability.name)
def test_answer_envelope_has_the_published_fields(capability: Capability):
    theirs = answer_type(capability).model_fields
    ours = envelope.ResponseEnvelope.model_fields
    assert {name: field.is_required() for name, field in ours.items()} == {name: field.is_required() for name, field in theirs.items()}


# Values: what our models accept, the published ones accept too.


def read_by_published(capability: Capability, answer: Any) -> Any:
    """The published envelope around `answer`, given as JSON values.

    Read by validation, which is what the published runtime does. Its `from_json` drops a field of three types, and its
    wrapper of `activity_type` takes text through `from_json` only.
    """
    if capability.response in (activity.ActivityRecord, applications.ApplicationActivityRecord):
        wrap = published.ActivityRecordActivityType.from_json
        answer = [{**record, "activity_type": wrap(json.dumps(record["activity_type"]))} for record in answer]
    return answer_type(capability).model_validate({"response": answer})


def answer_of(capability: Capability, record: Any) -> Any:
    """`record` through our model and out again, as the value of `response`."""
    dumped = TypeAdapter(capability.response).dump_python(capability.validate(record), mode="json", by_alias=True, exclude_unset=True)
    return [dumped] if capability.many else dumped


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
ANYTHING = st.none() | st.booleans() | st.integers(-9, 9) | TEXT
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "secret": TEXT,
    "integer": st.integers(0, 2**31),
    "number": st.floats(0, 1e6),
    "boolean": st.booleans(),
    "datetime": st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
    "any": ANYTHING,
}


def values(field: FieldInfo) -> st.SearchStrategy[Any]:
    """JSON values that fit a field."""
    if field.kind in SCALARS:
        found = SCALARS[field.kind]
    elif field.kind == "enum":
        found = st.sampled_from(field.values)
    elif field.kind == "model":
        found = objects(field.fields)
    elif field.kind == "union":
        found = st.one_of([values(option) for option in field.options])
    else:
        assert field.item is not None
        found = st.lists(values(field.item), max_size=2) if field.kind == "list" else st.dictionaries(TEXT, values(field.item), max_size=2)
    return found


def objects(fields: Any) -> st.SearchStrategy[dict[str, Any]]:
    """JSON objects that fit `fields`: what is required, the tag of a union, and any of the rest."""
    required = {name: values(field) for name, field in fields.items() if field.required or name == "kind"}
    optional = {name: values(field) for name, field in fields.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


@pytest.mark.filterwarnings("ignore:Use `ConnectorErrorCode`:DeprecationWarning")
@pytest.mark.parametrize("capability", ENUM, ids=lambda capability: capability.name)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_published_types_read_our_answers(capability: Capability, data: st.DataObject):
    record = data.draw(objects(capability.fields))
    answer = answer_of(capability, record)
    read = read_by_published(capability, answer).model_dump(mode="json", by_alias=True, exclude_unset=True)["response"]
    assert sent(read, answer) == answer


def sent(read: Any, answer: Any) -> Any:
    """What the published types read, without what they add themselves: the wrapper of text, the metadata of an error."""
    if isinstance(read, dict) and "actual_instance" in read:
        return read["actual_instance"]
    if isinstance(read, dict) and isinstance(answer, dict):
        return {key: sent(read[key], value) for key, value in answer.items()}
    if isinstance(read, list) and isinstance(answer, list) and len(read) == len(answer):
        return [sent(one, other) for one, other in zip(read, answer, strict=True)]
    return read


@pytest.mark.parametrize("capability", ASKED, ids=lambda capability: capability.name)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_we_read_what_published_types_read(capability: Capability, data: st.DataObject):
    given_request = data.draw(objects(capability.inputs))
    request_type(capability).model_validate({"request": given_request})
    capability.request.model_validate(given_request)


@pytest.mark.parametrize("capability", ENUM, ids=lambda capability: capability.name)
def test_smallest_answer_is_read_by_the_published_types(capability: Capability):
    """Only what is required, nothing random: the case to look at first when another fails."""
    record = {name: smallest(field) for name, field in capability.fields.items() if field.required}
    assert read_by_published(capability, answer_of(capability, record))


def smallest(field: FieldInfo) -> Any:
    match field.kind:
        case "model":
            return {name: smallest(inner) for name, inner in field.fields.items() if inner.required}
        case "enum":
            return field.values[0]
        case "list":
            return []
        case "map":
            return {}
    return {"text": "x", "boolean": True, "integer": 1, "number": 1.5, "datetime": "2026-01-31", "any": "x"}[field.kind]


# The table

QUIRKS = {"creatable_account": "create_account", "updateable_account": "update_account"}
"""Names of types that stand in the published table for the capability."""


def test_every_published_capability_is_there():
    assert [*CAPABILITIES] and CAPABILITIES.keys() == {name.value for name in published.StandardCapabilityName} | {"list_connector_app_ids"}


def test_levels_are_the_published_ones():
    theirs = {QUIRKS.get(name, name): level for name, level in CAPABILITY_LEVELS.items()}
    ours = {capability.name: capability.level for capability in CAPABILITIES.values() if capability.level in ("read", "write")}
    assert ours.pop("list_expenses") == "read"
    assert "list_expenses" not in theirs, "the published table has it now: the exception can go"
    assert ours == theirs


def test_paths_of_the_hosted_api_are_the_capabilities():
    spec = importlib.util.find_spec("connector")
    assert spec is not None
    assert spec.submodule_search_locations
    text = (Path(spec.submodule_search_locations[0]) / "spec" / "openapi.yaml").read_text()
    paths = re.findall(r"^  /(?:\{connector_id\}/)?([\w-]+):$", text, re.MULTILINE)
    assert {path.replace("-", "_") for path in paths} == CAPABILITIES.keys()
    assert len(paths) == len(CAPABILITIES)


# Errors


def test_error_codes_are_the_published_ones():
    assert set(CODES) == {code.value for code in published_errors.ConnectorErrorCode}
    assert set(envelope.ErrorCodeName.__args__) == set(CODES)


@pytest.mark.parametrize("code", published_errors.ConnectorErrorCode, ids=lambda code: code.value)
def test_what_follows_from_a_code_is_what_the_published_tables_say(code: Any):
    theirs = published_errors.build_metadata(code)
    ours = CODES[code.value]
    assert (ours.fault, ours.category) == (theirs.fault.value, theirs.category.value)
    assert (ours.retryable, ours.throttled, ours.refreshable) == (theirs.retryable, theirs.throttled, theirs.refreshable)


STATUSES = {
    400: "bad_request",
    401: "unauthorized",
    403: "permission_denied",
    404: "not_found",
    405: "unsupported_operation",
    406: "unsupported_operation",
    408: "request_timeout",
    409: "conflict",
    413: "bad_request",
    415: "bad_request",
    422: "bad_request",
    429: "rate_limit",
    500: "bad_gateway",
    501: "unsupported_operation",
    502: "bad_gateway",
    503: "service_error",
    504: "bad_gateway",
}
"""As `_status_code_to_error_code` in `connector/oai/errors/base.py` has it."""


def test_statuses_become_the_published_codes():
    assert {status: code_for_status(status) for status in range(100, 600)} == dict.fromkeys(range(100, 600), "invalid_response") | STATUSES


def test_error_envelope_is_read_by_the_published_type():
    """The shape that CONTRACT.md shows, as a connector of the published kind was seen to answer."""
    error = envelope.Error(
        message="no such account",
        status_code=404,
        error_code="not_found",
        app_id="hub",
        error_metadata=envelope.ErrorMetadata(fault="caller", category="client", retryable=False, throttled=False, refreshable=False),
    )
    dumped = envelope.ErrorEnvelope(error=error).model_dump(mode="json")
    assert dumped.keys() == {"is_error", "error", "raw_data", "page"}
    read = published.ErrorResponse.model_validate_json(json.dumps(dumped))
    assert read.model_dump(mode="json") == dumped


@pytest.mark.parametrize(
    "effect", [{"kind": "created"}, {"kind": "updated"}, {"kind": "deleted"}, {"kind": "noop", "reason": "state_already_matches"}]
)
def test_execution_summary_is_read_by_the_published_type(effect: dict[str, str]):
    summary = envelope.ExecutionSummary.model_validate({"effect": effect, "request_fingerprint": "f", "is_idempotent": True})
    answer = envelope.ResponseEnvelope(response={"assigned": True}, execution_summary=summary)
    read = published.AssignEntitlementResponse.model_validate_json(answer.model_dump_json())
    assert read.execution_summary is not None
    assert read.execution_summary.effect.kind == effect["kind"]
