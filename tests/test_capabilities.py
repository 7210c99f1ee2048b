"""The capability table, the kinds of value its models hold, and the page that shows it."""

import pickle
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from ferrule.capabilities import CAPABILITIES, Capability, custom
from ferrule.contract import accounts, auth, base, describe, graph, oauth, probe
from ferrule.contract.envelope import RequestEnvelope
from ferrule.contract.fields import FieldInfo, fields_of, is_open, unique_fields
from ferrule.secret import MASK, Secret

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "capabilities.md"
EVERY = [pytest.param(capability, id=name) for name, capability in CAPABILITIES.items()]


# The table


@pytest.mark.parametrize("capability", EVERY)
def test_row_makes_sense(capability: Capability):
    assert CAPABILITIES[capability.name] is capability
    assert re.fullmatch(r"[A-Z].*\.", capability.description)
    assert issubclass(capability.request, BaseModel)
    assert capability.paged == (capability.level == "read" and (capability.many or bool(capability.lists)))
    assert capability.idempotent or capability.level in ("write", "oauth")
    assert not capability.is_custom


@pytest.mark.parametrize("capability", EVERY)
def test_default_says_only_what_the_answer_can_hold(capability: Capability):
    assert capability.default.keys() <= capability.fields.keys()
    for name, value in capability.default.items():
        TypeAdapter(capability.response.model_fields[name].annotation).validate_python(value)


@pytest.mark.parametrize("capability", EVERY)
def test_echo_is_a_field_of_both_sides(capability: Capability):
    for name in capability.echo:
        assert capability.inputs[name].kind == capability.fields[name].kind


def test_what_a_spec_must_say_of_a_write():
    """Everything else in a write's answer is known once the request succeeded."""
    left = {
        capability.name: {name for name, field in capability.fields.items() if field.required}
        - capability.default.keys()
        - {*capability.echo}
        for capability in CAPABILITIES.values()
        if capability.level == "write"
    }
    assert {name: fields for name, fields in left.items() if fields} == {
        "create_account": {"status"},
        "assign_application": {"provisioned"},
        "unassign_application": {"deprovisioned", "status"},
    }


def test_what_may_not_be_repeated():
    assert {name for name, capability in CAPABILITIES.items() if not capability.idempotent} == {
        "create_account",
        "transfer_data",
        "handle_authorization_callback",
        "refresh_access_token",
    }


def test_answers_that_are_read_like_lists():
    assert {name: capability.lists for name, capability in CAPABILITIES.items() if capability.lists} == {
        "list_updated_accounts": ("accounts",),
        "find_resource_graph": ("resources", "resource_relationships", "custom_attributes"),
        "find_entitlement_graph": (
            "nodes",
            "entitlement_implications",
            "custom_attributes",
            "access_graph_entitlement_rules",
            "access_graph_implied_access_rules",
        ),
    }


def test_open_capabilities_are_those_an_app_extends():
    assert {name for name, capability in CAPABILITIES.items() if capability.takes_more} == {"create_account", "update_account"}
    assert {name for name, capability in CAPABILITIES.items() if capability.is_open} == {"create_account", "update_account"}
    assert is_open(accounts.CreateAccount)
    assert not is_open(str)


def test_keys():
    assert CAPABILITIES["list_accounts"].key == ("integration_specific_id",)
    assert CAPABILITIES["find_entitlement_associations"].key == (
        "account_id",
        "integration_specific_entitlement_id",
        "integration_specific_resource_id",
    )
    assert CAPABILITIES["list_connector_app_ids"].key == ()
    assert unique_fields(accounts.Outcome) == ()


# Custom capabilities


@pytest.mark.parametrize("name", ["rotate_key", "sync", "a_b_c"])
def test_custom(name: str):
    capability = custom(name)
    assert (capability.name, capability.level, capability.is_custom, capability.idempotent) == (name, "write", True, False)
    assert capability.takes_more
    assert capability.is_open
    assert capability.validate({"anything": [1, {"x": None}]}).model_dump() == {"anything": [1, {"x": None}]}


@pytest.mark.parametrize(
    "name", ["rotate_key_2", "RotateKey", "rotate-key", "_rotate", "rotate_", "rotate__key", "", "clé", "rotate key", "a\n"]
)
def test_custom_name_the_contract_does_not_allow(name: str):
    with pytest.raises(ValueError, match="no name for a custom capability"):
        custom(name)


@pytest.mark.parametrize("name", CAPABILITIES)
def test_custom_name_that_is_taken(name: str):
    with pytest.raises(ValueError, match="of the contract"):
        custom(name)


# Validation


def test_a_page_is_validated_at_once():
    records = CAPABILITIES["list_accounts"].validate_many([{"integration_specific_id": 7, "unknown": 1}, {"integration_specific_id": "x"}])
    assert [record.integration_specific_id for record in records] == ["7", "x"]
    assert "unknown" not in records[0].model_dump()
    assert CAPABILITIES["list_connector_app_ids"].validate_many(["hub"]) == ["hub"]
    assert CAPABILITIES["list_accounts"].validate_many([]) == []


def test_every_slip_of_a_page_is_named():
    with pytest.raises(ValidationError) as found:
        CAPABILITIES["list_accounts"].validate_many([{"integration_specific_id": "1"}, {"email": 1.5, "user_status": "active"}])
    assert {error["loc"] for error in found.value.errors()} == {(1, "integration_specific_id"), (1, "email"), (1, "user_status")}


def test_records_are_frozen():
    record = CAPABILITIES["list_accounts"].validate({"integration_specific_id": "1"})
    with pytest.raises(ValidationError, match="frozen"):
        record.email = "a@example.com"


# The kinds of value: nothing is guessed


class Row(base.Model):
    """One field of each kind."""

    text: base.String | None = None
    texts: dict[str, base.String] | None = None
    flag: base.Boolean | None = None
    count: base.Integer | None = None
    share: base.Number | None = None
    time: base.Time | None = None
    moment: base.Moment | None = None
    secret: base.SecretString | None = None
    key: base.SecretMap | None = None


def held(name: str, value: Any) -> Any:
    return getattr(Row.model_validate({name: value}), name)


@given(st.text())
def test_text_stays_as_it_is(text: str):
    assert held("text", text) == text
    assert held("texts", {text: text}) == {text: text}
    assert held("secret", text) == Secret(text)


@given(st.integers())
def test_an_integer_becomes_its_digits(number: int):
    assert held("text", number) == str(number)
    assert held("texts", {"a": number}) == {"a": str(number)}
    assert held("count", number) == number


@given(st.datetimes(timezones=st.just(UTC)))
def test_times_stay_as_written(moment: datetime):
    assert held("time", moment.isoformat()) == moment.isoformat()
    assert held("moment", moment.isoformat()) == moment
    assert held("time", moment) == moment.isoformat()
    assert held("moment", moment) == moment


@pytest.mark.parametrize("text", ["2026-01-31", "2026-01-31T09:30:00Z", "2026-01-31t09:30:00.123456789z", "2026-01-31 09:30+0100"])
def test_forms_of_iso_8601(text: str):
    assert held("time", text) == text
    assert held("moment", text).year == 2026


NO_TIME = ["", "yesterday", "1712010112", "1712010112123", "20260131", "2026-13-01", "31.01.2026", 1712010112, 1712010112.5, True]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("text", value) for value in (True, 1.0, 1e22, b"x", [], {}, Decimal("1.10"))],
        *[("secret", value) for value in (True, 1.0, b"x", [], {})],
        *[("texts", value) for value in ({"a": True}, {"a": 1.5}, {"a": None}, {1: "a"}, ["a"])],
        *[("flag", value) for value in ("true", "yes", "on", 1, 0, 1.0)],
        *[("count", value) for value in ("1", 1.0, True)],
        *[("share", value) for value in ("1.5", True)],
        *[("time", value) for value in NO_TIME],
        *[("moment", value) for value in NO_TIME],
        ("key", "text"),
    ],
)
def test_nothing_is_guessed(name: str, value: Any):
    with pytest.raises(ValidationError) as found:
        Row.model_validate({name: value})
    assert len(found.value.errors()) == 1, "one slip, one finding"


# Secrets


def test_secrets_are_never_shown():
    credential = auth.AuthCredential.model_validate(
        {
            "basic": {"username": "ada", "password": "hunter22"},
            "service_account": {**ACCOUNT, "key": {"private_key": "hunter22", "n": [1, "hunter22"]}},
        }
    )
    assert credential.basic is not None
    assert credential.basic.password.reveal() == "hunter22"
    assert credential.model_dump()["basic"]["password"] == Secret("hunter22"), "what Python reads can be sent"
    for shown in (repr(credential), str(credential), f"{credential}", credential.model_dump_json(), str(credential.model_dump())):
        assert "hunter22" not in shown
        assert MASK in shown
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(credential)


ACCOUNT = {"impersonation_email": "ada@example.com", "tenant_id": "t", "scopes": []}


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (auth.AuthCredential, {"token": {"token": ["hunter22"]}}),
        (auth.TokenCredential, {"token": {"x": "hunter22"}}),
        (RequestEnvelope, {"request": {}, "auth": {"token": {"token": ["hunter22"]}}}),
        (RequestEnvelope, {"request": {}, "auth": "hunter22"}),
        (describe.ValidateCredentialConfig, {"credential": {"basic": "hunter22"}}),
        (oauth.RefreshAccessToken, {"client_id": "c", "client_secret": "hunter22"}),
    ],
)
def test_a_finding_never_shows_a_secret(model: type[BaseModel], value: Any):
    with pytest.raises(ValidationError) as found:
        model.model_validate(value)
    assert "hunter22" not in str(found.value)


def test_tokens_for_the_caller_are_sent_but_not_printed():
    tokens = CAPABILITIES["refresh_access_token"].validate(
        {"access_token": "hunter22", "refresh_token": "hunter33", "token_type": "bearer"}
    )
    assert tokens.model_dump(mode="json")["access_token"] == "hunter22"
    assert "hunter" not in repr(tokens)
    assert "hunter" not in str(tokens)


def test_every_secret_of_a_request_is_a_secret():
    """Judged by name, so that a new field cannot be forgotten."""
    named = re.compile(r"secret|password|private_key|(access|refresh)_token$|^token$|code")
    shown = {"token_id", "token_type"}
    for capability in [
        CAPABILITIES[name] for name in ("validate_credential_config", *(c.name for c in CAPABILITIES.values() if c.level == "oauth"))
    ]:
        for path, field in walk(capability.inputs):
            if named.search(field.name) and field.name not in shown and field.kind != "model":
                assert field.kind == "secret", path


def walk(fields: Any, path: str = "") -> Any:
    for name, field in fields.items():
        yield f"{path}.{name}", field
        yield from walk(field.fields, f"{path}.{name}")


# What a compiler of specs reads


@pytest.mark.parametrize(
    ("model", "name", "kind", "required", "nullable"),
    [
        (accounts.FoundAccountData, "integration_specific_id", "text", True, False),
        (accounts.FoundAccountData, "email", "text", False, True),
        (accounts.FoundAccountData, "user_status", "ACTIVE or INACTIVE or SUSPENDED or DEPROVISIONED or PENDING or DELETED", False, True),
        (accounts.FoundAccountData, "extra_data", "map of any", False, True),
        (accounts.FoundAccountData, "custom_attributes", "map of text", False, True),
        (accounts.UpdatedAccounts, "accounts", "list of model", True, False),
        (accounts.ListUpdatedAccounts, "since", "datetime", False, True),
        (accounts.CreateAccount, "entitlements", "list of model", False, False),
        (accounts.CreatedAccount, "created", "boolean", True, False),
        (describe.EntitlementType, "min", "integer", True, False),
        (graph.AccessGraphResource, "reference", "model", False, True),
        (graph.ResourceGraph, "custom_attributes", "list of model", True, False),
        (probe.ProbeCheck, "samples", "list of union", True, False),
        (oauth.RefreshAccessToken, "client_secret", "secret", True, False),
        (auth.ServiceAccountCredential, "key", "map of any", True, False),
        (auth.JWTHeaders, "x5t#S256", "text", True, False),
        (Row, "share", "number", False, True),
        (Row, "time", "datetime", False, True),
    ],
)
def test_fields(model: Any, name: str, kind: str, required: bool, nullable: bool):
    field = fields_of(model)[name]
    assert (field.name, str(field), field.required, field.nullable) == (name, kind, required, nullable)


def test_fields_of_fields():
    activity = CAPABILITIES["list_activity_records"].fields
    assert activity["timestamp"].kind == "datetime"
    assert activity["actor"].fields["account_id"].required
    targets = activity["targets"].item
    assert targets is not None
    assert targets.fields["entitlement"].fields["resource_id"].nullable
    value = CAPABILITIES["find_resource_graph"].fields["custom_attributes"].item
    assert value is not None
    assert (value.fields["value"].kind, value.fields["value"].required, value.fields["value"].nullable) == ("any", True, True)
    samples = fields_of(probe.ProbeCheck)["samples"].item
    assert samples is not None
    assert [option.fields["kind"].values for option in samples.options] == [
        ("account",),
        ("entitlement",),
        ("association",),
        ("capability_config",),
    ]
    assert fields_of(str) == {}


@pytest.mark.parametrize("capability", EVERY)
def test_every_field_has_a_sentence(capability: Capability):
    for path, field in [*walk(capability.inputs), *walk(capability.fields)]:
        assert re.fullmatch(r".+\.", field.doc, re.DOTALL), path


def test_fields_cannot_be_changed():
    with pytest.raises(TypeError):
        fields_of(accounts.FoundAccountData)["email"] = FieldInfo("email", "any")  # type: ignore[index]


# What the engine may not need


def test_the_engine_does_not_import_the_referee():
    found = re.compile(r"^\s*(?:from|import) connector(?:_sdk_types)?[\s.]", re.MULTILINE)
    assert [path.name for path in (PROJECT / "engine").rglob("*.py") if found.search(path.read_text())] == []


# The page


def table() -> str:
    rows = ["| Capability | Level | Paged | Request | Record |", "| --- | --- | --- | --- | --- |"]
    for capability in CAPABILITIES.values():
        request = names(capability.inputs) + (", and more" if capability.takes_more else "")
        record = names(capability.fields) + (", and more" if capability.is_open else "") or "text"
        rows.append(f"| {capability.name} | {capability.level} | {'yes' if capability.paged else ''} | {request} | {record} |")
    return "".join(f"{row}\n" for row in rows)


def names(fields: Any) -> str:
    return ", ".join(f"**{name}**" if field.required else name for name, field in fields.items())


def test_the_page_shows_the_table(request: pytest.FixtureRequest):
    text = PAGE.read_text()
    shown = re.search(r"^\| Capability \|.*\n(?:\|.*\n)+", text, re.MULTILINE)
    assert shown, "docs/capabilities.md has a table whose first column is `Capability`"
    if request.config.getoption("--write-docs"):
        PAGE.write_text(text[: shown.start()] + table() + text[shown.end() :])
    else:
        assert shown[0] == table(), "`pytest tests/test_capabilities.py --write-docs` writes the real one"
