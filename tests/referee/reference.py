"""The referee: a connector written with the vendor's own SDK, the way its scaffold begins one, for the loopback application.

Its functions hold what an author of such a connector writes: which address is asked, what becomes of the answer. Envelopes,
checks, credentials, errors, OAuth, `info`, the probe are the SDK's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
from connector.client import create_next_page_token, get_page, get_settings
from connector.oai.arbitrary_endpoint import ArbitraryEndpointPolicy, build_fulfill_arbitrary_endpoint
from connector.oai.capability import CustomRequest, CustomResponse
from connector.oai.errors import HTTPHandler
from connector.oai.integration import DescriptionData, Integration
from connector.oai.modules.oauth_module_types import OAuthFlowType, OAuthSettings
from connector.utils.pagination import PaginationBase
from connector_sdk_types import generated as types
from connector_sdk_types.generated import StandardCapabilityName
from connector_sdk_types.oai.fingerprint import request_fingerprint
from connector_sdk_types.oai.modules.credentials_module_types import AuthModel, CredentialConfig, OAuthConfig
from pydantic import BaseModel

import published
from referee.client import Client, RefereeSettings, client_of

SIZE = 100
STATUSES = {"live": "ACTIVE", "off": "SUSPENDED", "asked": "PENDING"}
KINDS = {"person": "user", "machine": "service"}
Row = dict[str, Any]


class Pagination(PaginationBase):
    """Where a list stands."""

    offset: int


NextPageToken = create_next_page_token(Pagination, "NextPageToken")


def account(row: Row) -> types.FoundAccountData:
    """An account of the application in the contract's words."""
    return types.FoundAccountData(
        integration_specific_id=row["id"],
        email=row.get("mail"),
        given_name=row.get("first"),
        family_name=row.get("last"),
        username=row.get("login"),
        user_status=types.AccountStatus(STATUSES[row["state"]]),
        account_type=types.AccountType(KINDS[row["kind"]]) if row.get("kind") else None,
        custom_attributes={"department": row["dept"]} if row.get("dept") else {},
    )


def resource(row: Row) -> types.FoundResourceData:
    """A resource in the contract's words."""
    return types.FoundResourceData(
        integration_specific_id=row["id"], label=row["name"], resource_type=row["kind"], description=row["about"]
    )


def right(row: Row) -> types.FoundEntitlementData:
    """A right in the contract's words."""
    return types.FoundEntitlementData(
        entitlement_type=row["type"],
        integration_specific_id=row["id"],
        integration_specific_resource_id=row["resource"],
        label=row["name"],
        is_assignable=row["assignable"],
    )


def holder(row: Row) -> types.FoundEntitlementAssociation:
    """Who holds a right, in the contract's words."""
    return types.FoundEntitlementAssociation(
        account_id=row["account"], integration_specific_entitlement_id=row["right"], integration_specific_resource_id=row["resource"]
    )


def last_activity(row: Row) -> types.LastActivityData:
    """An account's last activity in the contract's words."""
    return types.LastActivityData(account_id=row["account"], event_type=row["what"], happened_at=row["at"])


def application_account(row: Row) -> types.ApplicationAccount:
    """Who has an application, in the contract's words."""
    return types.ApplicationAccount(
        account_id=row["account"], application_instance_id=row["application"], status=types.AccountStatus(row["status"])
    )


@dataclass(frozen=True)
class Lists:
    """A list: where it is, and what each row becomes."""

    path: str
    record: Callable[[Row], Any]
    query: Callable[[Any], Mapping[str, Any]] = lambda request: {}

    async def __call__(self, args: Any, response: type[BaseModel]) -> Any:
        paginations = NextPageToken(get_page(args).token).paginations() or [Pagination(endpoint=self.path, offset=0)]
        current, size, raw = paginations.pop(), get_page(args).size or SIZE, {}
        async with client_of(args)(args) as client:
            query = {**self.query(args.request), "limit": size, "offset": current.offset}
            body = await client.ask("GET", where(self.path, args.request), raw, query=query)
        records = [self.record(row) for row in body["items"]]
        if current.offset + len(records) < body["total"]:
            paginations.append(Pagination(endpoint=current.endpoint, offset=current.offset + len(records)))
        page = NextPageToken.from_paginations(paginations).to_page(size) if paginations else None
        return response(response=records, page=page, raw_data=raw if args.include_raw_data else None)


@dataclass(frozen=True)
class Reads:
    """One thing, or one of several answers made of several lists."""

    paths: Mapping[str, str]
    answer: Callable[..., Any]

    async def __call__(self, args: Any, response: type[BaseModel]) -> Any:
        raw: dict[str, Any] = {}
        async with client_of(args)(args) as client:
            found = {name: await client.ask("GET", where(path, args.request), raw) for name, path in self.paths.items()}
        return response(response=self.answer(**found), raw_data=raw if args.include_raw_data else None)


@dataclass(frozen=True)
class Writes:
    """A change: what is sent, what the answer becomes, and what an execution summary says of it."""

    method: str
    path: str
    answer: Callable[[Row], Any]
    effect: Any = field(default_factory=types.UpdatedEffect)
    idempotent: bool = True
    tells: bool = True
    """The answer tells whether something changed."""
    body: Callable[[Any], Any] = lambda request: None

    async def __call__(self, args: Any, response: type[BaseModel]) -> Any:
        raw: dict[str, Any] = {}
        async with client_of(args)(args) as client:
            found = await client.ask(self.method, where(self.path, args.request), raw, body=self.body(args.request))
        noop = types.NoopEffect(reason=types.NoopEffectReason.STATE_ALREADY_MATCHES)
        summary = types.ExecutionSummary(
            effect=noop if self.tells and not found.get("changed", True) else self.effect,
            request_fingerprint=request_fingerprint(args.request),
            is_idempotent=self.idempotent,
        )
        return response(response=self.answer(found), execution_summary=summary, raw_data=raw if args.include_raw_data else None)


def where(path: str, request: Any) -> str:
    """The path with fields of the request in it."""
    return path.format(**{name: quote(str(value), safe="") for name, value in request.model_dump().items()})


def activity(name: str) -> Callable[[Row], Any]:
    """For activity records, whose type the published types wrap."""
    return lambda row: getattr(types, name)(**{**row, "activity_type": types.ActivityRecordActivityType(row["activity_type"])})


def as_is(name: str) -> Callable[[Row], Any]:
    """For rows that have the contract's own form."""
    return lambda row: getattr(types, name).model_validate(row)


def activity_query(request: Any) -> Row:
    """Since when activity is asked for."""
    return {"since": request.since_date}


HOLDING = "holdings/{entitlement_integration_specific_id}/{resource_integration_specific_id}/{account_integration_specific_id}"
APPLICATION_HOLDING = HOLDING.replace("holdings", "holdings/{application_instance_id}")
APPLICATION_ACCOUNT = "holdings/{application_instance_id}/{account_id}"
CREATED, DELETED = types.CreatedEffect(), types.DeletedEffect()
SUCCESS = {"success": True}


def success(name: str) -> Callable[[Row], Any]:
    """For writes of which the application says no more than that they are done."""
    return lambda row: getattr(types, name)(success=True)


CAPABILITIES: dict[str, Callable[[Any, type[BaseModel]], Awaitable[Any]]] = {
    "validate_credentials": Reads(
        {"who": "whoami"}, lambda who: types.ValidatedCredentials(valid=True, unique_tenant_id=who["tenant"])
    ),
    "get_data_recency": Reads({"recency": "recency"}, lambda recency: types.DataRecency(data=recency)),
    "list_accounts": Lists("accounts", account),
    "get_account": Reads({"row": "accounts/{account_id}"}, account),
    "list_updated_accounts": Reads(
        {"found": "accounts"}, lambda found: types.UpdatedAccounts(accounts=[account(row) for row in found["items"]])
    ),
    "list_resources": Lists("resources", resource),
    "list_entitlements": Lists("rights", right),
    "find_entitlement_associations": Lists("holders", holder),
    "get_account_entitlement_associations": Lists("accounts/{account_id}/rights", holder),
    "get_last_activity": Lists("last-activity", last_activity, lambda request: {"account": request.account_ids}),
    "list_activity_records": Lists("activity", activity("ActivityRecord"), activity_query),
    "list_expenses": Lists("expenses", as_is("Expense")),
    "list_non_human_accounts": Lists("machines", as_is("NonHumanAccount")),
    "get_non_human_account_last_activity": Lists("machine-activity", as_is("NonHumanAccountLastActivity")),
    "list_credentials": Lists("keys", as_is("Credential")),
    "get_credential_last_activity": Lists("key-activity", as_is("CredentialLastActivity")),
    "find_resource_graph": Reads(
        {"rows": "graph-resources", "links": "graph-relations"},
        lambda rows, links: types.ResourceGraph(
            resources=rows["items"], resource_relationships=links["items"], custom_attributes=[]
        ),
    ),
    "find_entitlement_graph": Reads(
        {"rows": "graph-rights", "links": "graph-implications"},
        lambda rows, links: types.EntitlementGraph(
            nodes=rows["items"], entitlement_implications=links["items"], custom_attributes=[],
            access_graph_entitlement_rules=[], access_graph_implied_access_rules=[],
        ),
    ),
    "find_entitlement_assignments": Lists("graph-assignments", as_is("AccessGraphEntitlementAssignment")),
    "list_applications": Lists("applications", as_is("Application")),
    "get_application": Reads({"row": "applications/{application_instance_id}"}, lambda row: types.Application.model_validate(row)),
    "get_application_account": Reads({"row": "applications/{application_instance_id}/accounts/{account_id}"}, application_account),
    "list_applications_accounts": Lists("application-accounts", application_account),
    "list_applications_activity_records": Lists("application-activity", activity("ApplicationActivityRecord"), activity_query),
    "list_applications_resources": Lists("application-resources", as_is("ApplicationResourceData")),
    "list_applications_entitlements": Lists("application-rights", as_is("ApplicationEntitlementData")),
    "list_applications_entitlement_associations": Lists("application-holders", as_is("ApplicationEntitlementAssociation")),
    "update_account": Writes(
        "PATCH", "accounts/{id}", lambda row: types.UpdateableAccount(id=row["id"]), body=lambda request: {"login": "renamed"}
    ),
    "activate_account": Writes(
        "POST", "accounts/{account_id}/activate",
        lambda row: types.ActivatedAccount(status=types.AccountStatus(STATUSES[row["state"]]), activated=True),
    ),
    "deactivate_account": Writes(
        "POST", "accounts/{account_id}/deactivate",
        lambda row: types.DeactivatedAccount(status=types.AccountStatus(STATUSES[row["state"]]), deactivated=True),
    ),
    "delete_account": Writes(
        "DELETE", "accounts/{account_id}", lambda row: types.DeletedAccount(status=types.AccountStatus.DELETED, deleted=True),
        DELETED, tells=False,
    ),
    "transfer_data": Writes(
        "POST", "accounts/{source_account_id}/transfer", success("TransferDataStatus"),
        idempotent=False, body=lambda request: {"to": request.target_account_id},
    ),
    "release_resources": Writes("POST", "accounts/{account_id}/release", success("ReleaseResourcesStatus")),
    "downgrade_license": Writes("POST", "accounts/{account_id}/downgrade", success("DowngradedLicense")),
    "assign_entitlement": Writes("PUT", HOLDING, lambda row: types.AssignedEntitlement(assigned=True), CREATED),
    "unassign_entitlement": Writes("DELETE", HOLDING, lambda row: types.UnassignedEntitlement(unassigned=True), DELETED),
    "assign_application": Writes(
        "PUT", APPLICATION_ACCOUNT, lambda row: types.AssignedApplication(assigned=True, provisioned=True), CREATED
    ),
    "unassign_application": Writes(
        "DELETE", APPLICATION_ACCOUNT,
        lambda row: types.UnassignedApplication(unassigned=True, deprovisioned=True, status=types.AccountStatus.DEPROVISIONED), DELETED,
    ),
    "assign_application_entitlement": Writes(
        "PUT", APPLICATION_HOLDING, lambda row: types.AssignedApplicationEntitlement(assigned=True), CREATED
    ),
    "unassign_application_entitlement": Writes(
        "DELETE", APPLICATION_HOLDING, lambda row: types.UnassignedApplicationEntitlement(unassigned=True), DELETED
    ),
}  # fmt: skip


class NewAccount(types.CreatableAccount):
    """What a new account needs. An author says so, since the published type has no field."""

    email: str | None = None
    username: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    user_status: str | None = None


CREATE_ACCOUNT = Writes(
    "POST", "accounts",
    lambda row: types.CreatedAccount(id=row["id"], status=types.AccountStatus(STATUSES[row["state"]]), created=True),
    CREATED, idempotent=False, body=lambda request: {"mail": request.email, "first": request.given_name, "last": request.family_name},
)  # fmt: skip


class ResetPassword(BaseModel):
    """What the application's own capability is asked."""

    account_id: str
    days: int | None = None


class PasswordTicket(BaseModel):
    """What it answers."""

    ticket: str


def declared(
    name: str, call: Callable[[Any, type[BaseModel]], Awaitable[Any]], of: tuple[type[BaseModel], type[BaseModel]] | None = None
) -> Callable[[Any], Awaitable[Any]]:
    """A function as the SDK wants one: with the types of its request and answer, the published ones as a rule, as its annotations."""
    request, response = of or (published.request_type(name), published.answer_type(name))

    async def capability(args: Any) -> Any:
        return await call(args, response)

    capability.__annotations__ = {"args": request, "return": response}
    capability.__name__ = name
    return capability


def login(address: Callable[[Any], str], flow: OAuthFlowType) -> OAuthSettings:
    """An OAuth flow of the application."""
    return OAuthSettings(
        authorization_url=lambda args: f"{address(args)}/authorize", token_url=lambda args: f"{address(args)}/token",
        scopes={"list_accounts": "read", "create_account": "write"}, flow_type=flow, pkce=flow == OAuthFlowType.CODE_FLOW,
    )  # fmt: skip


def base_url(args: Any) -> str:
    """Where the application is for this tenant."""
    return get_settings(args, RefereeSettings).base_url


def reference(*, single: bool) -> Integration:
    """The connector. `single` has one credential, which comes as `auth`; otherwise there are three, which come in `credentials`."""
    several = [
        CredentialConfig(id="token", type=AuthModel.TOKEN, optional=True, description="API token"),
        OAuthConfig(
            id="person", type=AuthModel.OAUTH, optional=True, description="A person",
            oauth_settings=login(base_url, OAuthFlowType.CODE_FLOW),
        ),
        OAuthConfig(
            id="machine", type=AuthModel.OAUTH_CLIENT_CREDENTIALS, optional=True, description="A program",
            oauth_settings=login(base_url, OAuthFlowType.CLIENT_CREDENTIALS),
        ),
    ]  # fmt: skip
    made = Integration(
        app_id="referee",
        version="1.0.0",
        exception_handlers=[(httpx.HTTPStatusError, HTTPHandler, None)],
        description_data=DescriptionData(
            user_friendly_name="Referee", categories=[types.AppCategory.DEVELOPERS], app_vendor_domain="app.example", description="A test."
        ),
        auth=types.TokenCredential if single else None,
        credentials=None if single else several,
        settings_model=RefereeSettings,
        resource_types=[types.ResourceType(type_id="group", type_label="Group")],
        entitlement_types=[
            types.EntitlementType(type_id="role", type_label="Role", resource_type_id="", min=0),
            types.EntitlementType(type_id="member", type_label="Membership", resource_type_id="group", min=0, max=1),
        ],
    )
    for name, call in CAPABILITIES.items():
        made.register_capability(StandardCapabilityName(name))(declared(name, call))
    create = declared("create_account", CREATE_ACCOUNT, (CustomRequest[NewAccount], types.CreateAccountResponse))
    made.register_capability(StandardCapabilityName.CREATE_ACCOUNT)(create)
    attributes = declared("list_custom_attributes_schema", custom_attributes)
    made.register_capability(StandardCapabilityName.LIST_CUSTOM_ATTRIBUTES_SCHEMA)(attributes)
    arbitrary = build_fulfill_arbitrary_endpoint(Client, ArbitraryEndpointPolicy())
    made.register_capabilities({StandardCapabilityName.FULFILL_ARBITRARY_ENDPOINT: arbitrary})
    reset = Writes("POST", "accounts/{account_id}/reset", lambda row: PasswordTicket(ticket=row["ticket"]), idempotent=False)
    own = CustomRequest[ResetPassword], CustomResponse[PasswordTicket]
    made.register_custom_capability("reset_password")(declared("reset_password", reset, own))
    return made


async def custom_attributes(args: Any, response: type[BaseModel]) -> Any:
    """The attributes that accounts carry besides the contract's."""
    schema = types.CustomAttributeSchema(
        customized_type=types.CustomAttributeCustomizedType.ACCOUNT, name="department",
        attribute_type=types.CustomAttributeType.STRING, description="Where somebody works.",
    )  # fmt: skip
    return response(response=[schema])
