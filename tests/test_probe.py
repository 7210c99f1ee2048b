"""`probe_integration`: every case is put to the published SDK's own probe as well, over the same data."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from connector.oai.errors.authz import AuthorizationError
from connector.oai.integration import DescriptionData, Integration
from connector_sdk_types import generated as sdk
from connector_sdk_types.oai.modules.credentials_module_types import AuthModel, CredentialConfig

import published
from app import AppWire, Asked, answer
from ferrule.compile import compile_text
from ferrule.connector import Connector
from ferrule.dispatch import adispatch
from ferrule.http import Response

HEAD = """
ferrule: 1
app: {id: acme, name: Acme, vendor_domain: acme.example}
auth: {token: {kind: bearer}}
http: {base_url: "https://acme.example"}
resource_types: {team: {label: Team}}
entitlement_types: {member: {label: Member, resource_type: team}, owner: {label: Owner, resource_type: team}}
custom_attributes:
  - {of: account, name: city}
  - {of: account, name: desk}
  - {of: entitlement, name: colour}
pagers: {by_cursor: {kind: cursor, next: body.next, param: after}}
capabilities:
"""
PARTS = {
    "list_accounts": """
  list_accounts:
    request: {get: /users}
    records: body.items
    record:
      {integration_specific_id: id, email: email, username: login, custom_attributes: {city: city, desk: desk}}
""",
    "list_entitlements": """
  list_entitlements:
    request: {get: /rights}
    pages: by_cursor
    records: body.items
    record: {entitlement_type: kind, integration_specific_id: id, integration_specific_resource_id: team, label: id}
""",
    "find_entitlement_associations": """
  find_entitlement_associations:
    request: {get: /held}
    records: body.items
    record: &held {account_id: user, integration_specific_entitlement_id: right, integration_specific_resource_id: team}
""",
    "get_account_entitlement_associations": """
  get_account_entitlement_associations:
    request: {get: "/users/{{ inputs.account_id }}/held"}
    records: body.items
    record: {account_id: user, integration_specific_entitlement_id: right, integration_specific_resource_id: team}
""",
}
USERS = [{"id": f"u{i}", "email": f"u{i}@acme.example", "login": f"u{i}", "city": "Bern" if i else None, "desk": None} for i in range(4)]
ALL = tuple(PARTS)


@dataclass(frozen=True)
class Case:
    """An app, what it has, and what is asked of it."""

    capabilities: tuple[str, ...] = ALL
    users: list[dict[str, Any]] = field(default_factory=lambda: USERS)
    rights: list[list[str]] = field(default_factory=lambda: [["member", "owner"]])
    """Kinds of entitlements, page by page. A page of fewer than ten is joined with the next here, and is one there."""
    held: dict[str, int] = field(default_factory=lambda: {"u0": 2, "u1": 1, "u9": 1})
    refused: tuple[str, ...] = ()
    """Capabilities that the app refuses."""
    inputs: dict[str, Any] = field(default_factory=dict)


CASES = {
    "all is well but an attribute": Case(),
    "nothing but accounts": Case(("list_accounts",)),
    "nothing at all": Case(()),
    "no accounts": Case(users=[]),
    "no accounts and no way to ask for one": Case(tuple(ALL[:3]), users=[]),
    "by account": Case(("list_accounts", "get_account_entitlement_associations")),
    "associations of others only": Case(ALL[:3], held={"u9": 3}),
    "associations of all": Case(ALL[:3]),
    "nobody holds anything": Case(held={}),
    "no entitlements": Case(rights=[[]]),
    "a kind on a later page": Case(rights=[["member"] * 10, ["member"] * 10, ["owner"] * 10, ["owner"]]),
    "a kind that is not there": Case(rights=[["member"] * 10, ["member"]]),
    "a kind that is too far": Case(rights=[["member"] * 10] * 8),
    "accounts refused": Case(refused=("list_accounts",)),
    "entitlements refused": Case(refused=("list_entitlements",)),
    "associations refused": Case(refused=("get_account_entitlement_associations",)),
    "only accounts asked for": Case(inputs={"checks": ["accounts"]}),
    "nothing asked for": Case(inputs={"checks": []}),
    "a check that is not made": Case(inputs={"checks": ["capability_config"]}),
    "an attribute asked for": Case(inputs={"custom_attributes": ["city"]}),
    "an attribute asked for that nobody knows": Case(inputs={"custom_attributes": ["height"]}),
}


def rows(case: Case) -> list[dict[str, str]]:
    return [{"user": user, "right": f"r{i}", "team": "t"} for user, count in case.held.items() for i in range(count)]


def ferrules(case: Case) -> dict[str, Any]:
    """The answer of Ferrule."""

    def app(asked: Asked) -> Response:
        who = asked.path.split("/")
        name = {"users": "list_accounts", "rights": "list_entitlements", "held": "find_entitlement_associations"}[who[1]]
        name = "get_account_entitlement_associations" if len(who) > 2 else name
        if name in case.refused:
            return answer({"message": "no"}, 403)
        if name == "list_accounts":
            return answer({"items": case.users})
        if name != "list_entitlements":
            return answer({"items": [row for row in rows(case) if len(who) == 2 or row["user"] == who[2]]})
        page = int(asked.one("after", "0"))
        items = [{"kind": kind, "id": f"{page}-{i}", "team": "t"} for i, kind in enumerate(case.rights[page])]
        return answer({"items": items, "next": str(page + 1) if page + 1 < len(case.rights) else None})

    parts = "".join(PARTS[name] for name in case.capabilities)
    text = (HEAD + parts).replace("&held ", "") if parts else HEAD.rstrip() + " {}\n"
    envelope = {"credentials": [{"id": "token", "token": {"token": "t-0123456789"}}], "request": case.inputs}
    return asyncio.run(adispatch(Connector(compile_text(text)), "probe_integration", envelope, wire=AppWire(app)))


def theirs(case: Case) -> dict[str, Any]:
    """The answer of the published SDK, whose capabilities give the same records."""
    kinds = [sdk.EntitlementType(type_id=kind, type_label=kind, resource_type_id="team", min=0) for kind in ("member", "owner")]
    connector = Integration(
        app_id="acme",
        version="1",
        exception_handlers=[],
        description_data=DescriptionData("Acme", []),
        credentials=[CredentialConfig(id="token", type=AuthModel.TOKEN, description="A token")],
        entitlement_types=kinds,
    )

    def register(name: str) -> Callable[[Any], Any]:
        def decorate(make: Any) -> Any:
            if name in case.capabilities or name == "list_custom_attributes_schema":
                connector.register_capability(sdk.StandardCapabilityName(name))(make)
            return make

        return decorate

    def allowed(name: str) -> None:
        if name in case.refused:
            raise AuthorizationError(message="no")

    @register("list_accounts")
    async def list_accounts(args: sdk.ListAccountsRequest) -> sdk.ListAccountsResponse:
        allowed("list_accounts")
        found = []
        for user in case.users:
            attributes = {name: user[name] for name in ("city", "desk") if user[name]}
            known = {"integration_specific_id": user["id"], "email": user["email"], "username": user["login"]}
            found.append(sdk.FoundAccountData.model_validate({**known, "custom_attributes": attributes}))
        return sdk.ListAccountsResponse(response=found, raw_data=None)

    @register("list_entitlements")
    async def list_entitlements(args: sdk.ListEntitlementsRequest) -> sdk.ListEntitlementsResponse:
        allowed("list_entitlements")
        page = int(args.page.token or 0) if args.page else 0
        found = [
            sdk.FoundEntitlementData(
                entitlement_type=kind, integration_specific_id=f"{page}-{i}", integration_specific_resource_id="t", label=f"{page}-{i}"
            )
            for i, kind in enumerate(case.rights[page])
        ]
        after = str(page + 1) if page + 1 < len(case.rights) else None
        return sdk.ListEntitlementsResponse(response=found, page=sdk.Page(token=after), raw_data=None)

    def associations(user: str | None) -> list[sdk.FoundEntitlementAssociation]:
        return [
            sdk.FoundEntitlementAssociation(
                account_id=row["user"], integration_specific_entitlement_id=row["right"], integration_specific_resource_id=row["team"]
            )
            for row in rows(case)
            if user in (None, row["user"])
        ]

    @register("find_entitlement_associations")
    async def find(args: sdk.FindEntitlementAssociationsRequest) -> sdk.FindEntitlementAssociationsResponse:
        return sdk.FindEntitlementAssociationsResponse(response=associations(None), raw_data=None)

    @register("get_account_entitlement_associations")
    async def get(args: sdk.GetAccountEntitlementAssociationsRequest) -> sdk.GetAccountEntitlementAssociationsResponse:
        allowed("get_account_entitlement_associations")
        return sdk.GetAccountEntitlementAssociationsResponse(response=associations(args.request.account_id), raw_data=None)

    @register("list_custom_attributes_schema")
    async def schemas(args: sdk.ListCustomAttributesSchemaRequest) -> sdk.ListCustomAttributesSchemaResponse:
        known = (("account", "city"), ("account", "desk"), ("entitlement", "colour"))
        found = [
            sdk.CustomAttributeSchema.model_validate({"customized_type": of, "name": name, "attribute_type": "string"})
            for of, name in known
        ]
        return sdk.ListCustomAttributesSchemaResponse(response=found, raw_data=None)

    envelope = {"credentials": [{"id": "token", "token": {"token": "t"}}], "request": case.inputs}
    found: dict[str, Any] = json.loads(asyncio.run(connector.dispatch("probe_integration", json.dumps(envelope))))
    return found


def without_words(found: dict[str, Any]) -> dict[str, Any]:
    """A report without what is free to differ: words, times, and how an error came about."""
    checks = []
    for check in found["response"]["checks"]:
        error = check["error"] and check["error"]["error_code"]
        checks.append({**{name: value for name, value in check.items() if name not in ("message", "duration_ms")}, "error": error})
    return {"status": found["response"]["status"], "checks": checks}


@pytest.mark.filterwarnings("ignore:Use `ConnectorErrorCode`:DeprecationWarning")
@pytest.mark.parametrize("name", CASES)
def test_the_report_is_that_of_the_published_sdk(name: str):
    case = CASES[name]
    ours = ferrules(case)
    published.read("probe_integration", ours)
    assert all(check["message"] for check in ours["response"]["checks"])
    mine, yours = without_words(ours), without_words(theirs(case))
    assert mine == yours


def test_few_are_shown_of_many():
    ours = ferrules(Case(users=[{**USERS[1], "id": f"u{i}"} for i in range(50)], held={"u1": 400}))["response"]
    accounts, _, associations = ours["checks"]
    assert (accounts["observed_count"], len(accounts["samples"])) == (50, 10)
    assert (associations["observed_count"], len(associations["samples"])) == (400, 50)


def test_the_document_names_the_checks():
    for names, checks in ((ALL, 3), (("list_accounts",), 1), (("list_accounts", "get_account_entitlement_associations"), 2), ((), 0)):
        parts = "".join(PARTS[name] for name in names).replace("&held ", "")
        plan = compile_text(HEAD + parts if parts else HEAD.rstrip() + " {}\n")
        derive = plan.operations["app_info"].derive
        assert derive is not None and len(derive({}).app_schema["info"]["x-probe-checks"]) == checks
