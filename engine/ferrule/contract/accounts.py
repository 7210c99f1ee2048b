"""Accounts: who is known to the app, and the changes that can be made to one."""

from typing import Annotated, Any, Literal

from ferrule.contract.base import (
    ACCOUNT_ID,
    AUXILIARY_ACCOUNT_ID,
    ENTITLEMENT_TYPE,
    RESOURCE_ID,
    Boolean,
    Model,
    Moment,
    Open,
    String,
    unique,
)

AccountStatus = Literal["ACTIVE", "INACTIVE", "SUSPENDED", "DEPROVISIONED", "PENDING", "DELETED"]
AccountType = Literal["service", "user"]


class AttributeSelection(Model):
    """A list that may carry the app's own attributes."""

    custom_attributes: list[String] | None = None
    """Names of the custom attributes to read with each record."""


class AccountReference(Model):
    """One account."""

    account_id: Annotated[String, ACCOUNT_ID]
    """The account's id in the app."""


class GetAccount(AccountReference):
    """One account, with some of its custom attributes."""

    custom_attributes: list[String] | None = None
    """Names of the custom attributes to read."""


class ListUpdatedAccounts(Model):
    """Accounts that changed since a time, or since an earlier answer."""

    since: Moment | None = None
    """Only what changed after this moment; for the first question."""
    cursor: String | None = None
    """The cursor of the answer before; for every later question."""
    custom_attributes: list[String] | None = None
    """Names of the custom attributes to read with each account."""


class FoundAccountData(Model, json_schema_extra=unique("integration_specific_id")):
    """One account of the app."""

    integration_specific_id: Annotated[String, ACCOUNT_ID]
    """The account's id in the app, unique in the tenant."""
    resource_id: Annotated[String | None, RESOURCE_ID] = None
    """The account's id as a node of the access graph."""
    email: String | None = None
    """Its e-mail address."""
    given_name: String | None = None
    """First name of its holder."""
    family_name: String | None = None
    """Last name of its holder."""
    username: String | None = None
    """The name it signs in with."""
    user_status: AccountStatus | None = None
    """Whether it can be used."""
    extra_data: dict[str, Any] | None = None
    """What the app says beyond the standard fields."""
    custom_attributes: dict[str, String] | None = None
    """The app's own attributes, by name."""
    account_type: AccountType | None = None
    """Whether a person or a program uses it."""


class UpdatedAccounts(Model):
    """Changed accounts, and where to go on from next time.

    The answer is not itself a list: a walk puts its records under `accounts`, and the cursor of its last page is the
    `cursor` that the caller keeps. That is another thing than a page token, which only continues one walk.
    """

    accounts: list[FoundAccountData]
    """The accounts that changed; none is a good answer."""
    cursor: String | None = None
    """What to ask with next time."""


class CreateAccountEntitlement(Model):
    """An entitlement that the app wants at the birth of an account."""

    integration_specific_resource_id: String | None = None
    """The resource it is for; empty for the whole tenant."""
    entitlement_type: Annotated[String, ENTITLEMENT_TYPE]
    """One of the types that `info` declares."""
    integration_specific_id: String
    """The entitlement's id in the app."""


class CreateAccount(Open):
    """A new account. An app may ask for more than the fields named here."""

    email: String | None = None
    """Its e-mail address."""
    username: String | None = None
    """The name it will sign in with."""
    given_name: String | None = None
    """First name of its holder."""
    family_name: String | None = None
    """Last name of its holder."""
    user_status: String | None = None
    """The state it starts in, in the app's words."""
    entitlements: list[CreateAccountEntitlement] = []
    """The entitlements without which the app creates no account."""


class CreatedAccount(Open):
    """What became of a new account."""

    id: Annotated[String | None, ACCOUNT_ID] = None
    """Its id in the app, where the app tells."""
    status: AccountStatus
    """Whether it can be used already."""
    created: Boolean
    """True: it exists."""


class UpdateableAccount(Open):
    """An account with new values: the id, and whatever fields the app lets change. The answer has the same form."""

    id: Annotated[String, ACCOUNT_ID]
    """The account's id in the app."""


class ActivatedAccount(Model):
    """What became of an account that was to be usable again."""

    status: AccountStatus
    """Its state now."""
    activated: Boolean
    """True: it can be used."""


class DeactivatedAccount(Model):
    """What became of an account that was to be unusable."""

    status: AccountStatus
    """Its state now."""
    deactivated: Boolean
    """True: it cannot be used."""


class DeletedAccount(Model):
    """What became of an account that was to go."""

    status: AccountStatus
    """Its state now."""
    deleted: Boolean
    """True: it is gone."""


class TransferData(Model):
    """Hand over what one account owns to another."""

    source_account_id: Annotated[String, ACCOUNT_ID]
    """The account that gives."""
    target_account_id: Annotated[String, AUXILIARY_ACCOUNT_ID]
    """The account that receives."""


class Outcome(Model):
    """Whether it worked, and if not, why: the answer of the three steps of an offboarding."""

    success: Boolean
    """True: it is done."""
    reason: String | None = None
    """What stood in the way."""
