"""When accounts were last used, what they did, and how fresh the data is."""

from typing import Annotated, Literal

from ferrule.contract.base import (
    ACCOUNT_ID,
    CREDENTIAL_ID,
    ENTITLEMENT_ID,
    NON_HUMAN_ACCOUNT_ID,
    RESOURCE_ID,
    Model,
    Moment,
    String,
    Time,
    unique,
)

ActivityEventType = Literal["last_login", "last_activity"]


class GetLastActivity(Model):
    """The accounts asked about."""

    account_ids: list[String]
    """Their ids in the app."""


class LastActivityData(Model):
    """When an account was last used."""

    account_id: String
    """The account's id in the app."""
    event_type: String
    """What was seen: `last_login` or `last_activity`."""
    happened_at: Time
    """When it was seen."""


class NonHumanAccountLastActivity(Model):
    """When a program's account was last used."""

    non_human_account_id: Annotated[String, NON_HUMAN_ACCOUNT_ID]
    """The account's id in the app."""
    event_type: ActivityEventType
    """What was seen."""
    happened_at: Time
    """When it was seen."""


class CredentialLastActivity(Model):
    """When a credential was last used."""

    credential_id: Annotated[String, CREDENTIAL_ID]
    """The credential's id in the app."""
    event_type: ActivityEventType
    """What was seen."""
    happened_at: Time
    """When it was seen."""


class ActivityRecordActor(Model):
    """Who did it."""

    account_id: Annotated[String, ACCOUNT_ID]
    """The account's id in the app."""


class ListActivityRecords(Model):
    """What some accounts did since a day."""

    since_date: Time
    """The earliest time of interest."""
    actors: list[ActivityRecordActor]
    """The accounts of interest."""


class ActivityRecordEntitlement(Model):
    """The entitlement an activity was about."""

    id: Annotated[String, ENTITLEMENT_ID]
    """Its id in the app."""
    type: String
    """Its type."""
    resource_id: Annotated[String | None, RESOURCE_ID] = None
    """The resource it is a right on."""
    resource_type: String | None = None
    """The type of that resource."""


class ActivityRecordTarget(Model):
    """What an activity was about: an account, an entitlement or both."""

    account_id: Annotated[String | None, ACCOUNT_ID] = None
    """The account it was about."""
    entitlement: ActivityRecordEntitlement | None = None
    """The entitlement it was about."""


class ActivityRecord(Model, json_schema_extra=unique("id")):
    """Something an account did."""

    id: String
    """The record's own id."""
    activity_type: String
    """What was done: `ACCOUNT_LOGIN` where that is what it was, otherwise the app's own word."""
    timestamp: Time
    """When it was done."""
    actor: ActivityRecordActor
    """Who did it."""
    targets: list[ActivityRecordTarget]
    """What it was done to."""
    metadata: dict[str, String] | None = None
    """More about it, such as an address or a browser."""


class DataRecency(Model):
    """How fresh the app's data is."""

    data: dict[str, Moment | None]
    """For a capability, the moment its data is from; null where nobody can tell."""
