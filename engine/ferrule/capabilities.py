"""The capability table: everything governance can ask of an app, and what each question and answer look like.

The table is written out so that it can be read. Levels follow the contract; where its own table is silent, `describe`
is what a connector says of itself, `oauth` a login carried out for the caller, and `list_expenses` is a read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from pydantic import TypeAdapter

from ferrule.contract import (
    accounts,
    activity,
    applications,
    attributes,
    credentials,
    describe,
    endpoint,
    entitlements,
    expenses,
    graph,
    oauth,
    probe,
)
from ferrule.contract.base import Empty, Model, Open
from ferrule.contract.fields import FieldInfo, fields_of, is_open, unique_fields

Level = Literal["describe", "oauth", "read", "write"]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Capability:
    """One question a caller can put to an app."""

    name: str
    level: Level
    request: type[Model]
    """What the caller gives."""
    response: Any
    """What one record of the answer is; where the answer is no list, what the answer is."""
    description: str
    """One sentence on what it does."""
    many: bool = False
    """The answer is a list of records."""
    paged: bool = False
    """A page token may come with the answer."""
    idempotent: bool = True
    """Asking again changes nothing more: the same request leaves the app in the same state."""
    default: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, hash=False)
    """What an answer says that a spec does not: what it means that the request succeeded. Never more than that."""
    echo: tuple[str, ...] = ()
    """Fields of the answer that repeat the request's field of the same name, where a spec does not say them."""
    is_custom: bool = False
    """Not of the contract: the app's own."""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def lists(self) -> tuple[str, ...]:
        """Fields of the answer that hold records, where it comes in pages but is no list itself: a page carries some
        of them, and a walk joins them."""
        if self.many or not self.paged:
            return ()
        return tuple(name for name, held in self.fields.items() if held.kind == "list")

    @property
    def fields(self) -> Mapping[str, FieldInfo]:
        """The fields of a record, by name; none for a list of plain text."""
        return fields_of(self.response)

    @property
    def inputs(self) -> Mapping[str, FieldInfo]:
        """The fields of the request, by name."""
        return fields_of(self.request)

    @property
    def is_open(self) -> bool:
        """A record may carry fields that the contract does not name."""
        return is_open(self.response)

    @property
    def takes_more(self) -> bool:
        """The request may carry fields that the contract does not name."""
        return is_open(self.request)

    @property
    def key(self) -> tuple[str, ...]:
        """The fields that together tell one record from another; empty where the contract names none."""
        return unique_fields(self.response)

    def validate_many(self, records: list[Any]) -> list[Any]:
        """All records of a page as models, in one go. Raises pydantic's `ValidationError`, whose `loc` begins with the
        number of the record."""
        found: list[Any] = _adapter(list[self.response]).validate_python(records)  # type: ignore[name-defined]
        return found

    def validate(self, record: Any) -> Any:
        """One record, or the answer that is no list, as a model. Raises pydantic's `ValidationError`."""
        return _adapter(self.response).validate_python(record)


@cache
def _adapter(of: Any) -> TypeAdapter[Any]:
    """Built on first use: a process uses a few of the fifty."""
    return TypeAdapter(of)


def _describe(name: str, request: type[Model], response: Any, description: str, *, many: bool = False) -> Capability:
    return Capability(name, "describe", request, response, description, many=many)


def _oauth(
    name: str,
    request: type[Model],
    response: type[Model],
    description: str,
    default: Mapping[str, Any] = _NOTHING,
    *,
    idempotent: bool = True,
) -> Capability:
    return Capability(name, "oauth", request, response, description, default=default, idempotent=idempotent)


def _list(name: str, request: type[Model], record: type[Model], description: str) -> Capability:
    """A read whose answer is a list."""
    return Capability(name, "read", request, record, description, many=True, paged=True)


def _read(
    name: str, request: type[Model], response: type[Model], description: str, default: Mapping[str, Any] = _NOTHING, *, paged: bool = False
) -> Capability:
    """A read whose answer is one thing."""
    return Capability(name, "read", request, response, description, paged=paged, default=default)


def _write(
    name: str,
    request: type[Model],
    response: type[Model],
    description: str,
    default: Mapping[str, Any] = _NOTHING,
    *,
    idempotent: bool = True,
    echo: tuple[str, ...] = (),
) -> Capability:
    return Capability(name, "write", request, response, description, idempotent=idempotent, default=default, echo=echo)


_BEARER = MappingProxyType({"token_type": "bearer"})
_VALID = MappingProxyType({"valid": True})
_ASSIGNED = MappingProxyType({"assigned": True})
_UNASSIGNED = MappingProxyType({"unassigned": True})
_SUCCESS = MappingProxyType({"success": True})

_TABLE = (
    # What a connector says of itself
    _describe("list_connector_app_ids", Empty, str, "The ids of all connectors that are served here.", many=True),
    _describe("info", Empty, describe.Info, "What the connector can do and what it needs."),
    _describe("app_info", Empty, describe.AppInfo, "The connector as an OpenAPI document."),
    _describe("connected_info", Empty, describe.Info, "What the connector can do for this tenant and credential."),
    # Logins carried out for the caller
    _oauth(
        "get_authorization_url",
        oauth.GetAuthorizationUrl,
        oauth.AuthorizationUrl,
        "The address to send a person to who is to allow access.",
    ),
    _oauth(
        "handle_authorization_callback",
        oauth.HandleAuthorizationCallback,
        oauth.OauthCredentials,
        "Exchange the code a person came back with for tokens.",
        _BEARER,
        idempotent=False,
    ),
    _oauth(
        "handle_client_credentials_request",
        oauth.HandleClientCredentials,
        oauth.OauthCredentials,
        "Get a token in the client's own name.",
        _BEARER,
    ),
    _oauth(
        "refresh_access_token",
        oauth.RefreshAccessToken,
        oauth.OauthCredentials,
        "Exchange a refresh token for a new access token.",
        _BEARER,
        idempotent=False,
    ),
    # Does it work
    _read(
        "validate_credentials",
        Empty,
        describe.ValidatedCredentials,
        "Whether the credentials open the app, and whose tenant they open.",
        _VALID,
    ),
    _read(
        "validate_credential_config",
        describe.ValidateCredentialConfig,
        describe.ValidatedCredentialConfig,
        "Whether one credential of several is good.",
        _VALID,
    ),
    _read("probe_integration", probe.ProbeIntegration, probe.ProbeResults, "Whether the data of a first sync is within reach."),
    _read("get_data_recency", Empty, activity.DataRecency, "The moment each capability's data is from."),
    # Accounts
    _list("list_accounts", accounts.AttributeSelection, accounts.FoundAccountData, "All accounts of the app."),
    _read("get_account", accounts.GetAccount, accounts.FoundAccountData, "One account by its id."),
    _read(
        "list_updated_accounts",
        accounts.ListUpdatedAccounts,
        accounts.UpdatedAccounts,
        "Accounts that changed since a time or since the last answer.",
        paged=True,
    ),
    _list(
        "list_custom_attributes_schema", Empty, attributes.CustomAttributeSchema, "The attributes the app adds to the contract's records."
    ),
    _write(
        "create_account",
        accounts.CreateAccount,
        accounts.CreatedAccount,
        "Make a new account, with the entitlements it cannot be without.",
        MappingProxyType({"created": True}),
        idempotent=False,
    ),
    _write("update_account", accounts.UpdateableAccount, accounts.UpdateableAccount, "Give an account new values.", echo=("id",)),
    _write(
        "activate_account",
        accounts.AccountReference,
        accounts.ActivatedAccount,
        "Make an account usable, again or for the first time.",
        MappingProxyType({"status": "ACTIVE", "activated": True}),
    ),
    _write(
        "deactivate_account",
        accounts.AccountReference,
        accounts.DeactivatedAccount,
        "Make an account unusable, and keep it.",
        MappingProxyType({"status": "INACTIVE", "deactivated": True}),
    ),
    _write(
        "delete_account",
        accounts.AccountReference,
        accounts.DeletedAccount,
        "Remove an account for good.",
        MappingProxyType({"status": "DELETED", "deleted": True}),
    ),
    # Offboarding
    _write(
        "transfer_data", accounts.TransferData, accounts.Outcome, "Hand over what one account owns to another.", _SUCCESS, idempotent=False
    ),
    _write("release_resources", accounts.AccountReference, accounts.Outcome, "Free what an account holds.", _SUCCESS),
    _write("downgrade_license", accounts.AccountReference, accounts.Outcome, "Take an account's licence away.", _SUCCESS),
    # Resources and entitlements
    _list("list_resources", Empty, entitlements.FoundResourceData, "All things in the app one can have access to."),
    _list("list_entitlements", accounts.AttributeSelection, entitlements.FoundEntitlementData, "All rights an account can hold."),
    _list(
        "find_entitlement_associations", Empty, entitlements.FoundEntitlementAssociation, "Every account with every entitlement it holds."
    ),
    _list(
        "get_account_entitlement_associations",
        accounts.AccountReference,
        entitlements.FoundEntitlementAssociation,
        "The entitlements one account holds.",
    ),
    _write("assign_entitlement", entitlements.EntitlementChange, entitlements.Assigned, "Let an account hold an entitlement.", _ASSIGNED),
    _write(
        "unassign_entitlement", entitlements.EntitlementChange, entitlements.Unassigned, "Take an entitlement from an account.", _UNASSIGNED
    ),
    # Activity and cost
    _list("get_last_activity", activity.GetLastActivity, activity.LastActivityData, "When accounts were last used."),
    _list("list_activity_records", activity.ListActivityRecords, activity.ActivityRecord, "What some accounts did since a day."),
    _list("list_expenses", expenses.ListExpenses, expenses.Expense, "What was paid, by whom, to whom."),
    # Programs and their keys
    _list("list_non_human_accounts", accounts.AttributeSelection, credentials.NonHumanAccount, "All accounts that programs use."),
    _list("get_non_human_account_last_activity", Empty, activity.NonHumanAccountLastActivity, "When each program's account was last used."),
    _list(
        "list_credentials",
        accounts.AttributeSelection,
        credentials.Credential,
        "What is known of the keys that exist in the app, and never a key.",
    ),
    _list("get_credential_last_activity", Empty, activity.CredentialLastActivity, "When each credential was last used."),
    # Access graph
    _read("find_resource_graph", graph.GraphSelection, graph.ResourceGraph, "Resources as nodes, and what leads to what.", paged=True),
    _read(
        "find_entitlement_graph", graph.GraphSelection, graph.EntitlementGraph, "Entitlements as nodes, and what implies what.", paged=True
    ),
    _list(
        "find_entitlement_assignments",
        Empty,
        graph.AccessGraphEntitlementAssignment,
        "Every resource with every entitlement of the graph it holds.",
    ),
    # Applications inside the app
    _list("list_applications", Empty, applications.Application, "All applications people get into through the app."),
    _read("get_application", applications.GetApplication, applications.Application, "One application by its id."),
    _read(
        "get_application_account",
        applications.ApplicationAccountReference,
        applications.ApplicationAccount,
        "Whether one account has one application; `not_found` where it has not.",
    ),
    _list("list_applications_accounts", Empty, applications.ApplicationAccount, "Every account with every application it has."),
    _list(
        "list_applications_activity_records",
        activity.ListActivityRecords,
        applications.ApplicationActivityRecord,
        "What some accounts did in applications since a day.",
    ),
    _list("list_applications_resources", Empty, applications.ApplicationResourceData, "All things in applications one can have access to."),
    _list(
        "list_applications_entitlements",
        accounts.AttributeSelection,
        applications.ApplicationEntitlementData,
        "All rights an account can hold in applications.",
    ),
    _list(
        "list_applications_entitlement_associations",
        Empty,
        applications.ApplicationEntitlementAssociation,
        "Every account with every entitlement it holds in applications.",
    ),
    _write(
        "assign_application",
        applications.ApplicationAccountReference,
        applications.AssignedApplication,
        "Let an account have an application.",
        _ASSIGNED,
    ),
    _write(
        "unassign_application",
        applications.ApplicationAccountReference,
        applications.UnassignedApplication,
        "Take an application from an account.",
        _UNASSIGNED,
    ),
    _write(
        "assign_application_entitlement",
        applications.ApplicationEntitlementChange,
        entitlements.Assigned,
        "Let an account hold an entitlement in an application.",
        _ASSIGNED,
    ),
    _write(
        "unassign_application_entitlement",
        applications.ApplicationEntitlementChange,
        entitlements.Unassigned,
        "Take an entitlement in an application from an account.",
        _UNASSIGNED,
    ),
    # Anything else
    _read(
        "fulfill_arbitrary_endpoint",
        endpoint.FulfillArbitraryEndpoint,
        endpoint.ArbitraryResponse,
        "One authenticated read of the caller's own making, against the connected app.",
    ),
)
CAPABILITIES: Mapping[str, Capability] = MappingProxyType({capability.name: capability for capability in _TABLE})
"""Every capability of the contract by name: its 52, and `list_connector_app_ids`, which the hosted API has besides."""

_CUSTOM_NAME = re.compile(r"[a-z]+(_[a-z]+)*")


def misspelled(name: str) -> str | None:
    """The contract's capability that a name is a slip of: nearly the same letters, and words that begin with the same ones. So
    `create_acount` is no custom capability, and `rename_account` or `reactivate_account` may be one."""
    initials = [word[:1] for word in name.split("_")]
    near = get_close_matches(name, CAPABILITIES, cutoff=0.9)
    return next((known for known in near if [word[0] for word in known.split("_")] == initials), None)


def custom(name: str) -> Capability:
    """A capability of the app's own, whose request and answer have whatever fields the spec gives them.

    It counts as a write, since nobody can tell. Raises `ValueError`, with the reason, for a name that the contract
    does not allow: letters and underscores in snake case, and none of its own names.
    """
    if name in CAPABILITIES:
        raise ValueError(f"`{name}` is a capability of the contract")
    if not _CUSTOM_NAME.fullmatch(name):
        raise ValueError(f"`{name}` is no name for a custom capability: lower-case words of letters, joined by underscores")
    return Capability(name, "write", Open, Open, "A capability of this app's own.", idempotent=False, is_custom=True)
