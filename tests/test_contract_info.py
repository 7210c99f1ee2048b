"""What a connector says of itself: every key beside that of a connector of the published SDK that declares the same."""

import asyncio
import json
from typing import Any

import pytest
from connector.oai.capability import CustomRequest
from connector.oai.integration import DescriptionData, Integration
from connector_sdk_types import generated as sdk
from connector_sdk_types.oai.fingerprint import request_fingerprint
from connector_sdk_types.oai.modules.access_graph_rules_module_types import AccessGraphRulesSettings
from connector_sdk_types.oai.modules.credentials_module_types import AuthModel, CredentialConfig, CredentialsSettings, OAuthConfig
from connector_sdk_types.oai.modules.oauth_module_types import OAuthFlowType, OAuthSettings
from pydantic import BaseModel, ConfigDict, Field

import published
from app import AppWire, Asked, answer
from ferrule.capabilities import CAPABILITIES, custom
from ferrule.compile import compile_text
from ferrule.compile.schemas import argument, capability_schema
from ferrule.connector import Connector
from ferrule.contract.fields import FieldInfo
from ferrule.diagnostics import SpecError
from ferrule.dispatch import adispatch, dispatch
from ferrule.envelopes import fingerprint
from ferrule.http import Response

pytestmark = [
    pytest.mark.filterwarnings("ignore:Use `ConnectorErrorCode`:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Accessing the 'model_fields' attribute on the instance"),  # the published fingerprint does
]

SPEC = """
ferrule: 1
app:
  id: acme
  name: Acme
  vendor_domain: acme.example
  description: Tickets
  logo_url: https://acme.example/logo.svg
  version: "2.1"
  categories: [DEVELOPERS, COLLABORATION]
settings:
  region: {title: Region, enum: [us, eu], default: us, description: Where the data is}
  address: {type: url, title: The address}
  size: {type: integer, default: 10, title: Size}
  fast: {type: boolean, required: false, title: Fast}
  prefix: {pattern: "[a-z]+", required: false, title: Prefix}
auth:
  key: {kind: bearer}
  person: {kind: basic}
  login:
    kind: oauth2_authorization_code
    authorization_url: https://acme.example/authorize
    token_url: "https://{{ settings.region }}.acme.example/token"
  client: {kind: oauth2_client_credentials, token_url: https://acme.example/token}
http: {base_url: "https://acme.example"}
resource_types: {team: {label: Team}}
entitlement_types:
  member: {label: Member, resource_type: team, min: 1, max: 3, requirements: {create_account: {max: 0}}}
  admin: {label: Administrator}
access_graph:
  entitlement_types: {role: {label: Role, resource_type: team}}
  entitlement_rules:
    - {entitlement_type: role, entitlement_id: admin, resource_type: team, label: Administrator, is_assignable: true}
  implied_access_rules:
    - from_entitlement_type: role
      from_entitlement_id: admin
      from_resource_type: team
      to_entitlement_type: role
      to_entitlement_id: reader
      to_resource_type: team
capabilities:
  list_accounts:
    description: People only
    scopes: [users.read, teams.read]
    request: {get: /users}
    records: body
    record: {integration_specific_id: id}
  assign_entitlement: {request: {post: /held, json: {a: "{{ inputs.account_integration_specific_id }}"}}, already: status == `409`}
  reset_password: {request: {post: "/users/{{ inputs.user }}/reset"}, record: {sent: done}}
"""
CONNECTOR = Connector(compile_text(SPEC))
OURS: dict[str, Any] = dispatch(CONNECTOR, "info", {})["response"]
DOCUMENT: dict[str, Any] = dispatch(CONNECTOR, "app_info", {"request": {}, "settings": {"region": "eu"}})["response"]["app_schema"]


class AcmeSettings(BaseModel):
    region: str = Field(default="us", title="Region", description="Where the data is", json_schema_extra={"enum": ["us", "eu"]})
    address: str = Field(title="The address", json_schema_extra={"format": "uri"})
    size: int = Field(default=10, title="Size")
    fast: bool | None = Field(default=None, title="Fast")
    prefix: str | None = Field(default=None, title="Prefix", pattern="^(?:[a-z]+)$")


def theirs() -> Integration:
    scopes = {"list_accounts": "users.read teams.read"}
    login = OAuthSettings(
        authorization_url="https://acme.example/authorize",
        token_url=lambda args: f"https://{args.settings['region']}.acme.example/token",
        scopes=scopes,
        pkce=True,
    )
    client = OAuthSettings(token_url="https://acme.example/token", scopes=scopes, flow_type=OAuthFlowType.CLIENT_CREDENTIALS)
    connector = Integration(
        app_id="acme",
        version="2.1",
        exception_handlers=[],
        description_data=DescriptionData(
            "Acme", [sdk.AppCategory.DEVELOPERS, sdk.AppCategory.COLLABORATION], "Tickets", "https://acme.example/logo.svg", "acme.example"
        ),
        credentials=[
            CredentialConfig(id="key", type=AuthModel.TOKEN, description="Token", optional=True),
            CredentialConfig(id="person", type=AuthModel.BASIC, description="User name and Password", optional=True),
            OAuthConfig(id="login", type=AuthModel.OAUTH, description="Access token", optional=True, oauth_settings=login),
            OAuthConfig(
                id="client",
                type=AuthModel.OAUTH_CLIENT_CREDENTIALS,
                description="Client ID and Client secret",
                optional=True,
                oauth_settings=client,
            ),
        ],
        credentials_settings=CredentialsSettings(allowed_credentials=["key", "person", "login", "client"]),
        settings_model=AcmeSettings,
        resource_types=[sdk.ResourceType(type_id="team", type_label="Team")],
        entitlement_types=[
            sdk.EntitlementType.model_validate(
                {
                    "type_id": "member", "type_label": "Member", "resource_type_id": "team", "min": 1, "max": 3,
                    "requirements": {"create_account": {"max": 0}},
                }
            ),
            sdk.EntitlementType(type_id="admin", type_label="Administrator", resource_type_id="", min=0),
        ],
        access_graph_entitlement_types=[sdk.AccessGraphEntitlementType(type_id="role", type_label="Role", resource_type_id="team")],
        access_graph_rules=AccessGraphRulesSettings.model_validate(
            {
                "entitlement_rules": [
                    {
                        "entitlement_type": "role", "entitlement_id": "admin", "resource_type": "team", "label": "Administrator",
                        "is_assignable": True, "denies_access": False,
                    }
                ],
                "implied_access_rules": [
                    {
                        "from_entitlement_type": "role", "from_entitlement_id": "admin", "from_resource_type": "team",
                        "to_entitlement_type": "role", "to_entitlement_id": "reader", "to_resource_type": "team",
                    }
                ],
            }
        ),
    )  # fmt: skip

    @connector.register_capability(sdk.StandardCapabilityName.LIST_ACCOUNTS, description="People only")
    async def list_accounts(args: sdk.ListAccountsRequest) -> sdk.ListAccountsResponse:
        raise NotImplementedError

    @connector.register_capability(sdk.StandardCapabilityName.ASSIGN_ENTITLEMENT)
    async def assign(args: sdk.AssignEntitlementRequest) -> sdk.AssignEntitlementResponse:
        raise NotImplementedError

    class Reset(BaseModel):
        model_config = ConfigDict(extra="allow")

    class Sent(BaseModel):
        response: Reset

    @connector.register_custom_capability("reset_password")
    async def reset(args: CustomRequest[Reset]) -> Sent:
        raise NotImplementedError

    return connector


THEIRS = theirs()
INFO: dict[str, Any] = json.loads(THEIRS.info().model_dump_json())["response"]
WORDS = ("description", "title")


def without_words(schema: Any) -> Any:
    """A schema without what is written for people, the names of its models, and definitions that nothing refers to by name."""
    if isinstance(schema, dict):
        return {name: without_words(value) for name, value in schema.items() if name not in WORDS or not isinstance(value, str)}
    return [without_words(item) for item in schema] if isinstance(schema, list) else schema


def test_info_has_the_keys_and_values_of_the_published_sdk():
    differing = {"capability_schema", "credentials_schema", "request_settings_schema", "oauth_scopes"}
    assert OURS.keys() == INFO.keys()
    assert {name: value for name, value in OURS.items() if name not in differing} == {
        name: value for name, value in INFO.items() if name not in differing
    }


def test_each_capability_is_told_as_there():
    assert OURS["capability_schema"].keys() == INFO["capability_schema"].keys()
    for name, there in INFO["capability_schema"].items():
        here = OURS["capability_schema"][name]
        assert here.keys() == there.keys()
        assert here["display_name"] == there["display_name"]
        for part in ("argument", "output"):
            assert {"properties", "title", "type"} <= here[part].keys()
            mine, yours = without_words(here[part]), without_words(there[part])
            assert {*mine["properties"]} == {*yours["properties"]}
            assert sorted(mine.get("required", ())) == sorted(yours.get("required", ()))
            if name != "reset_password":
                assert {key: value for key, value in mine.items() if key.startswith("x-")} == {
                    key: value for key, value in yours.items() if key.startswith("x-")
                }
    assert OURS["capability_schema"]["list_accounts"]["description"] == INFO["capability_schema"]["list_accounts"]["description"]


ASKED = [name.value for name in sdk.StandardCapabilityName if name.value not in ("info", "connected_info")]


@pytest.mark.parametrize("name", ASKED)
def test_the_marks_of_each_request_are_the_published_ones(name: str):
    there = published.request_type(name).model_fields["request"].annotation.model_json_schema()
    here = argument(CAPABILITIES[name])
    assert {*here["properties"]} == {*there["properties"]} or name == "create_account"
    marks = {key: value for key, value in there.items() if key.startswith("x-")}
    assert {key: value for key, value in here.items() if key.startswith("x-")} == marks or name == "list_expenses"
    for field, held in there["properties"].items():
        assert held.get("title") in (None, here["properties"][field].get("title"))


def test_credentials_are_told_as_there():
    for here, there in zip(OURS["credentials_schema"], INFO["credentials_schema"], strict=True):
        oauth = here.pop("oauth_settings", None)
        assert without_words(here) == without_words(there)
        assert (here["title"], here["description"]) == (there["title"], there["description"])
        if oauth:
            flow = {"login": "CODE_FLOW", "client": "CLIENT_CREDENTIALS"}[here["id"]]
            assert oauth == {"oauth_type": flow, "scopes": {"list_accounts": "users.read teams.read"}, "pkce_enabled": flow == "CODE_FLOW"}


def test_settings_are_told_as_there():
    here, there = OURS["request_settings_schema"], INFO["request_settings_schema"]
    assert {name: value for name, value in here.items() if name != "properties"} == {
        name: v for name, v in there.items() if name != "properties"
    }
    for name, mine in here["properties"].items():
        yours = there["properties"][name]
        if "anyOf" in yours:
            yours = {**{key: value for key, value in yours.items() if key not in ("anyOf", "default")}, **yours["anyOf"][0]}
        assert mine == yours, name


def test_the_document_is_that_of_the_published_sdk():
    envelope = {"request": {}, "settings": {"region": "eu"}}
    there = json.loads(asyncio.run(THEIRS.dispatch("app_info", json.dumps(envelope))))["response"]["app_schema"]
    here = DOCUMENT
    assert here.keys() == there.keys()
    assert here["info"] == there["info"]
    assert here["paths"].keys() == there["paths"].keys()
    assert [tag["name"] for tag in here["tags"]] == [tag["name"] for tag in there["tags"]]
    assert {name for name, scheme in there["components"]["securitySchemes"].items()} == {*here["components"]["securitySchemes"]}
    for name in ("login", "client"):
        assert here["components"]["securitySchemes"][name] == there["components"]["securitySchemes"][name]
    for path, told in there["paths"].items():
        mine, yours = here["paths"][path]["post"], told["post"]
        assert mine.keys() == yours.keys()
        assert (mine["operationId"], mine["tags"], mine["summary"]) == (yours["operationId"], yours["tags"], yours["summary"])
        schemas = [each["requestBody"]["content"]["application/json"]["schema"] for each in (mine, yours)]
        assert schemas[0]["properties"].keys() == schemas[1]["properties"].keys() or path == "/app_info"
        needed = {*schemas[1]["required"]} - {"auth"}  # it asks for both forms, and the SDK refuses a request that has both
        assert {*schemas[0]["required"]} == needed or path == "/app_info", path


def test_a_credential_in_the_document_is_told_as_there():
    there = json.loads(asyncio.run(THEIRS.dispatch("app_info", '{"request": {}}')))["response"]["app_schema"]
    mine, yours = (
        {each["properties"]["id"]["enum"][0]: each for each in found["components"]["schemas"]["Credentials"]["items"]["allOf"]}
        for found in (DOCUMENT, there)
    )
    assert mine.keys() == yours.keys()
    for name, told in yours.items():
        kind = told["required"][1]
        assert mine[name]["required"] == told["required"]
        held, other = mine[name]["properties"][kind], told["properties"][kind]
        assert {key: held[key] for key in ("description", "x-optional", "x-credential-name", "x-credential-type")} == {
            key: other[key] for key in ("description", "x-optional", "x-credential-name", "x-credential-type")
        }
        assert held["x-field_order"] == other["x-field_order"] or kind == "oauth_client_credentials"


def test_types_that_the_spec_declares_are_the_values_in_the_document():
    change = DOCUMENT["paths"]["/assign_entitlement"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"][
        "request"
    ]
    assert change["properties"]["entitlement_type"]["enum"] == ["member", "admin"]
    assert change["properties"]["resource_type"]["enum"] == ["team"]


def test_addresses_that_need_settings_are_empty_without():
    told = dispatch(CONNECTOR, "app_info", {})["response"]["app_schema"]["info"]["x-oauth-settings"]
    assert (told["login"]["token_url"], told["login"]["authorization_url"]) == ("", "https://acme.example/authorize")
    assert DOCUMENT["info"]["x-oauth-settings"]["login"]["token_url"] == "https://eu.acme.example/token"


# custom capabilities


@pytest.mark.parametrize(
    "name", ["Reset", "reset2", "reset_", "_reset", "reset__all", "reset-all", "zur\u00fcck", "list_connector_app_ids", *ASKED, "info"]
)
def test_names_that_no_custom_capability_has(name: str):
    with pytest.raises(ValueError, match=name):
        custom(name)


def test_a_custom_capability():
    capability = CONNECTOR.plan.operation("reset_password").capability
    assert (capability.level, capability.is_custom) == ("write", True)
    told = capability_schema(capability, CONNECTOR.plan.spec)
    assert told["argument"]["x-capability-level"] == "write" and told["argument"]["additionalProperties"] is True
    with pytest.raises(SpecError):
        compile_text(SPEC.replace("reset_password:", "connected_info:"))


# writes

SMALL: dict[str, Any] = {
    "text": "a\u00fc",
    "integer": 3,
    "number": 1.5,
    "boolean": True,
    "datetime": "2026-01-31T09:30:00Z",
    "any": {"b": 1, "a": [2]},
}


def filled(field: FieldInfo) -> Any:
    match field.kind:
        case "model":
            return {name: filled(inner) for name, inner in field.fields.items()}
        case "enum":
            return field.values[0]
        case "list":
            return [filled(field.item)] if field.item else []
        case "map":
            return {"k": filled(field.item)} if field.item else {}
        case "union":
            return filled(field.options[0])
    return SMALL[field.kind]


WRITES = [name for name, capability in CAPABILITIES.items() if capability.level == "write"]


@pytest.mark.parametrize("how", ["whole", "smallest", "nulls"])
@pytest.mark.parametrize("name", WRITES)
def test_a_request_has_the_published_fingerprint(name: str, how: str):
    capability = CAPABILITIES[name]
    request = {field: filled(info) for field, info in capability.inputs.items() if how == "whole" or info.required}
    if how == "nulls":
        request |= {field: None for field, info in capability.inputs.items() if info.nullable and not info.required}
    theirs = published.request_type(name).model_fields["request"].annotation
    if name == "create_account":  # the published type is there to be extended by each connector
        theirs = sdk.CreateAccount
        request.setdefault("entitlements", [])
    wanted = request_fingerprint(theirs.model_validate(request))
    assert fingerprint(capability, request) == wanted
    assert fingerprint(capability, dict(reversed(request.items()))) == wanted


def test_a_custom_request_has_the_published_fingerprint():
    assert fingerprint(custom("reset_all"), {"b": 1, "a": ["\u00fc"]}) == request_fingerprint({"a": ["\u00fc"], "b": 1})


@pytest.mark.parametrize(("status", "effect"), [(201, {"kind": "created"}), (409, {"kind": "noop", "reason": "state_already_matches"})])
def test_a_write_says_what_it_did(status: int, effect: dict[str, str]):
    def app(asked: Asked) -> Response:
        return answer({}, status)

    request = {
        "account_integration_specific_id": "u1", "resource_integration_specific_id": "", "resource_type": "", "entitlement_type": "admin",
        "entitlement_integration_specific_id": "admin",
    }  # fmt: skip
    envelope = {"credentials": [{"id": "key", "token": {"token": "t"}}], "request": request, "settings": {"address": "https://a.example"}}
    told = asyncio.run(adispatch(CONNECTOR, "assign_entitlement", envelope, wire=AppWire(app)))
    read = published.read("assign_entitlement", told)
    assert read.execution_summary.is_idempotent is True
    assert told["execution_summary"]["effect"] == effect
    assert told["execution_summary"]["request_fingerprint"] == request_fingerprint(sdk.AssignEntitlement.model_validate(request))
