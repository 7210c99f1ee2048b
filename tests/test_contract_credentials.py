"""Who is let in: the same credentials and settings are given to a connector of the published SDK, and the answers compared."""

import asyncio
import json
from typing import Any

import pytest
from connector.oai.integration import DescriptionData, Integration
from connector_sdk_types import generated as sdk
from connector_sdk_types.oai.modules.credentials_module_types import AuthModel, CredentialConfig, CredentialsSettings
from pydantic import BaseModel, Field

import published
from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.dispatch import adispatch, dispatch
from ferrule.http import Response

pytestmark = pytest.mark.filterwarnings("ignore:Use `ConnectorErrorCode`:DeprecationWarning")

HEAD = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
http: {base_url: "https://acme.example"}
capabilities:
  get_account: {request: {get: "/users/{{ inputs.account_id }}"}, record: {integration_specific_id: id, username: by}}
  validate_credentials: {request: {get: /me}, record: {unique_tenant_id: tenant}}
"""
AUTHS = {
    "one": "auth: {key: {kind: bearer}}",
    "two": "auth: {key: {kind: bearer}, person: {kind: basic}}",
    "pair": """
auth:
  keys:
    kind: headers
    headers: {X-Api: "{{ credential.api }}", X-App: "{{ credential.app }}"}
    fields: {api: API key, app: App key}
""",
    "empty": "auth: {nobody: {kind: none}}",
}
SECRET = "s3cret-0123456789"


def token(name: str | None, value: str = SECRET) -> dict[str, Any]:
    return {"id": name, "token": {"token": value}}


def person(name: str | None) -> dict[str, Any]:
    return {"id": name, "basic": {"username": "admin", "password": SECRET}}


def app(asked: Asked) -> Response:
    by = asked.headers.get("authorization", "").split(" ")[0] or "+".join(name for name in ("x-api", "x-app") if name in asked.headers)
    if "wrong" in str(asked.headers):
        return answer({"message": f"no {asked.headers}"}, 401)
    return answer({"id": "u1", "by": by or "nobody", "tenant": "t1"})


def ours(which: str, envelope: dict[str, Any], capability: str = "get_account", more: str = "") -> dict[str, Any]:
    connector = Connector(compile_text(HEAD + AUTHS[which] + "\n" + more))
    told = asyncio.run(adispatch(connector, capability, json.dumps({"request": {"account_id": "u1"}, **envelope}), wire=AppWire(app)))
    published.read(capability, told)
    assert SECRET not in json.dumps(told)
    return told


def theirs(which: str, envelope: dict[str, Any], capability: str = "get_account", model: type[BaseModel] | None = None) -> dict[str, Any]:
    kinds = {"key": AuthModel.TOKEN, "person": AuthModel.BASIC, "api": AuthModel.TOKEN, "app": AuthModel.TOKEN, "nobody": AuthModel.EMPTY}
    ids = {"one": ["key"], "two": ["key", "person"], "pair": ["api", "app"], "empty": ["nobody"]}[which]
    connector = Integration(
        app_id="acme",
        version="1.0.0",
        exception_handlers=[],
        description_data=DescriptionData("Acme", [], app_vendor_domain="acme.example"),
        credentials=[CredentialConfig(id=name, type=kinds[name], description=name, optional=which == "two") for name in ids],
        credentials_settings=CredentialsSettings(allowed_credentials=[("key",), ("person",)] if which == "two" else []),
        settings_model=model,
    )

    @connector.register_capability(sdk.StandardCapabilityName.GET_ACCOUNT)
    async def get_account(args: sdk.GetAccountRequest) -> sdk.GetAccountResponse:
        return sdk.GetAccountResponse(response=sdk.FoundAccountData(integration_specific_id="u1"), raw_data=None)

    @connector.register_capability(sdk.StandardCapabilityName.VALIDATE_CREDENTIALS)
    async def validate(args: sdk.ValidateCredentialsRequest) -> sdk.ValidateCredentialsResponse:
        found = sdk.ValidatedCredentials(valid=True, unique_tenant_id="t1")
        return sdk.ValidateCredentialsResponse(response=found, raw_data=None)

    found: dict[str, Any] = json.loads(
        asyncio.run(connector.dispatch(capability, json.dumps({"request": {"account_id": "u1"}, **envelope})))
    )
    return found


LET_IN = {
    "by id": ("one", {"credentials": [token("key")]}, "Bearer"),
    "the second": ("two", {"credentials": [person("person")]}, "Basic"),
    "the first of both": ("two", {"credentials": [person("person"), token("key")]}, "Bearer"),
    "the only one that holds something": ("two", {"credentials": [{"id": "key"}, person("person")]}, "Basic"),
    "a kind too many": ("one", {"credentials": [{**token("key"), **person("key")}]}, "Bearer"),
    "a duplicate that holds nothing first": ("one", {"credentials": [{"id": "key"}, token("key")]}, "Bearer"),
    "a duplicate that holds nothing last": ("one", {"credentials": [token("key"), {"id": "key"}]}, "Bearer"),
    "a pair": ("pair", {"credentials": [token("app"), token("api")]}, "x-api+x-app"),
    "nothing to hold": ("empty", {"credentials": [{"id": "nobody", "empty": {}}]}, "nobody"),
    "nothing held": ("empty", {"credentials": [{"id": "nobody"}]}, "nobody"),
    "auth that is null": ("one", {"auth": None, "credentials": [token("key")]}, "Bearer"),
    "what nobody knows": (
        "one", {"credentials": [{**token("key"), "colour": "red"}], "shape": "round", "request": {"account_id": "u1", "x": 1}}, "Bearer",
    ),
    "settings that nobody knows": ("one", {"credentials": [token("key")], "settings": {"old": 1}}, "Bearer"),
}  # fmt: skip


@pytest.mark.parametrize("name", LET_IN)
def test_who_is_let_in_there_is_let_in_here(name: str):
    which, envelope, by = LET_IN[name]
    assert "response" in theirs(which, envelope)
    assert ours(which, envelope)["response"]["username"] == by


ALSO_LET_IN = {
    "auth for one": ("one", {"auth": token(None)}, "Bearer"),
    "auth for the first": ("two", {"auth": token(None)}, "Bearer"),
    "auth for the second": ("two", {"auth": person(None)}, "Basic"),
    "auth with an id": ("two", {"auth": person("person")}, "Basic"),
    "auth with an id that nobody knows": ("two", {"auth": person("else")}, "Basic"),
    "nothing for nobody": ("empty", {}, "nobody"),
    "auth for nobody": ("empty", {"auth": {"empty": {}}}, "nobody"),
    "auth of nothing for nobody": ("empty", {"auth": {}}, "nobody"),
}


@pytest.mark.parametrize("name", ALSO_LET_IN)
def test_the_older_form_opens_any_connector(name: str):
    which, envelope, by = ALSO_LET_IN[name]
    assert ours(which, envelope)["response"]["username"] == by


REFUSED = {
    "nothing": ("one", {}),
    "nulls": ("one", {"auth": None, "credentials": None}),
    "no credentials": ("one", {"credentials": []}),
    "both": ("one", {"auth": token(None), "credentials": [token("key")]}),
    "no id": ("one", {"credentials": [token(None)]}),
    "an empty id": ("one", {"credentials": [token("")]}),
    "no id in the second": ("two", {"credentials": [token("key"), person(None)]}),
    "an unknown id": ("one", {"credentials": [token("kye")]}),
    "an unknown id beside a good one": ("one", {"credentials": [token("key"), token("other")]}),
    "nothing in it": ("one", {"credentials": [{"id": "key"}]}),
    "another kind": ("one", {"credentials": [person("key")]}),
    "another kind of two": ("two", {"credentials": [token("person")]}),
    "half a pair": ("pair", {"credentials": [token("api")]}),
    "the other half": ("pair", {"credentials": [token("app")]}),
    "a pair of one": ("pair", {"credentials": [token("api"), token("api")]}),
    "no list": ("one", {"credentials": token("key")}),
    "no object": ("one", {"credentials": [SECRET]}),
    "a kind that is no object": ("one", {"credentials": [{"id": "key", "token": SECRET}]}),
    "a secret that is no text": ("one", {"credentials": [{"id": "key", "token": {"token": [SECRET]}}]}),
    "a field that is missing": ("one", {"credentials": [{"id": "key", "basic": {"password": SECRET}}]}),
    "an id that is no text": ("one", {"credentials": [{"id": {"a": SECRET}, "token": {"token": SECRET}}]}),
    "no request": ("one", {"credentials": [token("key")], "request": None}),
    "a request that is no object": ("one", {"credentials": [token("key")], "request": [SECRET]}),
    "a request that lacks something": ("one", {"credentials": [token("key")], "request": {}}),
    "a value of another type": ("one", {"credentials": [token("key")], "request": {"account_id": {"a": 1}}}),
    "a page that is none": ("one", {"credentials": [token("key")], "page": {"size": "many"}}),
    "settings that are none": ("one", {"credentials": [token("key")], "settings": [1]}),
    "a flag that is none": ("one", {"credentials": [token("key")], "include_raw_data": "yes"}),
}
SAME_WORDS = (
    "nothing",
    "nulls",
    "no credentials",
    "no id",
    "no id in the second",
    "an unknown id",
    "nothing in it",
    "another kind",
    "half a pair",
)


@pytest.mark.parametrize("name", REFUSED)
def test_who_is_refused_there_is_refused_here(name: str):
    which, envelope = REFUSED[name]
    here, there = ours(which, envelope)["error"], theirs(which, envelope)["error"]
    assert here["error_code"] == there["error_code"] == "bad_request"
    if name in SAME_WORDS:
        assert here["message"] == there["message"]


@pytest.mark.parametrize("auth", [{}, token(None), {"oauth": {"access_token": SECRET}}], ids=["nothing", "half a pair", "another kind"])
def test_the_older_form_is_refused_where_it_opens_nothing(auth: dict[str, Any]):
    error = ours("pair", {"auth": auth})["error"]
    assert (error["error_code"], error["message"]) == ("bad_request", "Missing 'token' auth in request")


# settings


class Settings(BaseModel):
    address: str = Field(title="The address")
    region: str
    size: int = 10
    fast: bool = False


SETTINGS = """
settings:
  address: {title: The address}
  region: {}
  size: {type: integer, default: 10}
  fast: {type: boolean, default: false}
"""
GOOD = {"address": "a", "region": "r"}


@pytest.mark.parametrize(
    "more",
    [{}, {"size": 5}, {"size": "5"}, {"size": 5.0}, {"fast": True}, {"fast": "true"}, {"fast": 1}, {"fast": "no"}, {"other": 1}],
    ids=str,
)
def test_settings_are_taken_as_there(more: dict[str, Any]):
    envelope = {"credentials": [token("key")], "settings": {**GOOD, **more}}
    assert "response" in theirs("one", envelope, model=Settings)
    assert "response" in ours("one", envelope, more=SETTINGS)


@pytest.mark.parametrize(
    "settings",
    [
        None, {}, {"address": "a"}, {"region": "r"}, {**GOOD, "address": 5}, {**GOOD, "size": "many"}, {**GOOD, "size": 5.5},
        {**GOOD, "fast": "maybe"},
        {**GOOD, "region": None}, {**GOOD, "region": ["r"]},
    ],
    ids=str,
)  # fmt: skip
def test_settings_are_refused_as_there(settings: Any):
    envelope = {"credentials": [token("key")], "settings": settings}
    here, there = ours("one", envelope, more=SETTINGS)["error"], theirs("one", envelope, model=Settings)["error"]
    assert here["error_code"] == there["error_code"] == "bad_request"
    for title in ("The address", "region"):
        assert (
            settings is None
            or (f"required settings: {title}" in there["message"]) == (f"required settings: {title}" in here["message"])
            or (settings.get("region", "") is None)
        )


# one credential, tried alone

TRIED = {
    "a good one": ("two", token("key"), True),
    "another good one": ("two", person("person"), True),
    "a space too many": ("two", token("key", f" {SECRET}"), False),
    "a line break too many": ("two", token("key", f"{SECRET}\n"), False),
    "an empty one": ("two", token("key", ""), False),
    "half a pair": ("pair", token("api"), True),
    "an empty half": ("pair", token("api", ""), False),
    "nothing for nobody": ("empty", {"id": "nobody"}, True),
}


@pytest.mark.parametrize("name", TRIED)
def test_a_credential_is_judged_as_there(name: str):
    which, credential, valid = TRIED[name]
    envelope = {"request": {"credential": credential}}
    here, there = (find(which, envelope, "validate_credential_config")["response"] for find in (ours, theirs))
    assert here["valid"] == there["valid"] == valid
    assert len(here["validation_errors"]) == len(there["validation_errors"]) == (0 if valid else 1)


@pytest.mark.parametrize(
    ("which", "credential", "code"),
    [
        ("two", token(None), "integration_missing_parameter"),
        ("two", token("kye"), "invalid_value"),
        ("two", {"id": "key"}, "invalid_value"),
        ("two", person("key"), "invalid_value"),
        ("two", {"id": "key", "token": {}}, "bad_request"),
    ],
)
def test_what_is_no_credential_of_the_connector_is_an_error_as_there(which: str, credential: dict[str, Any], code: str):
    envelope = {"request": {"credential": credential}}
    here, there = (find(which, envelope, "validate_credential_config")["error"] for find in (ours, theirs))
    assert here["error_code"] == there["error_code"] == code


def test_the_app_has_the_last_word():
    told = ours("two", {"request": {"credential": token("key", "wrong-0123456789")}}, "validate_credential_config")["response"]
    assert not told["valid"] and "wrong" not in str(told)


def test_an_app_that_cannot_be_asked_is_an_error():
    connector = Connector(compile_text(HEAD + AUTHS["one"] + "\n"))
    envelope = {"request": {"credential": token("key")}}
    wire = AppWire(lambda asked: answer({}, 404))
    told = asyncio.run(adispatch(connector, "validate_credential_config", envelope, wire=wire))
    assert told["error"]["error_code"] == "not_found"


def test_without_a_way_to_validate_only_the_form_is_judged():
    text = HEAD[: HEAD.index("  validate_credentials")] + AUTHS["one"] + "\n"
    told = dispatch(Connector(compile_text(text)), "validate_credential_config", {"request": {"credential": token("key")}})
    assert told["response"] == {"valid": True, "validation_errors": []}
