"""Accounts of programs, and the keys that are used in their name. Keys are described here; none is ever carried.

The credentials with which a caller opens the app are in `auth.py`.
"""

from typing import Annotated, Any, Literal

from ferrule.contract.accounts import AccountStatus
from ferrule.contract.base import ACCOUNT_ID, CREDENTIAL_ID, NON_HUMAN_ACCOUNT_ID, RESOURCE_ID, Model, String, Time, unique

CredentialStatus = Literal["active", "inactive", "stale", "expired", "revoked"]


class NonHumanAccount(Model, json_schema_extra=unique("resource_id")):
    """An account that a program uses."""

    resource_id: Annotated[String, RESOURCE_ID]
    """The account's id as a node of the access graph."""
    id: Annotated[String, NON_HUMAN_ACCOUNT_ID]
    """The account's id in the app."""
    label: String
    """The account's own name, without its workload's."""
    workload_name: String
    """Name of the program that runs under it; not of a folder it happens to be in."""
    workload_id: String
    """Id of that program; the same as `id` where the account stands for itself."""
    type: String
    """What the app calls this sort of account."""
    status: AccountStatus
    """Whether it can be used."""
    created_at: Time | None = None
    """When it was made."""
    updated_at: Time | None = None
    """When it was last changed."""
    last_login: Time | None = None
    """When it last signed in."""
    last_activity: Time | None = None
    """When it last did something."""
    custom_attributes: dict[str, Any] | None = None
    """The app's own attributes, by name, each of its declared type."""
    extra_data: dict[str, Any] | None = None
    """What the app says beyond the standard fields."""


class Credential(Model, json_schema_extra=unique("resource_id")):
    """A key that exists in the app: what is known of it, and never the key."""

    resource_id: Annotated[String, RESOURCE_ID]
    """The credential's id as a node of the access graph."""
    external_id: Annotated[String, CREDENTIAL_ID]
    """The credential's id in the app."""
    label: String
    """What people call it."""
    credential_type: String
    """What sort it is: `api_key`, `oauth_grant`, `certificate`, `oidc_trust_policy` or `unspecified`."""
    status: CredentialStatus | None = None
    """Whether it can be used."""
    grants_access_to_account_id: Annotated[String | None, ACCOUNT_ID] = None
    """The person's account it opens. It opens a person's, a program's or neither."""
    grants_access_to_non_human_account_id: Annotated[String | None, NON_HUMAN_ACCOUNT_ID] = None
    """The program's account it opens."""
    created_at: Time | None = None
    """When it was made."""
    updated_at: Time | None = None
    """When it was last changed."""
    last_used_at: Time | None = None
    """When it last opened something."""
    expires_at: Time | None = None
    """When it ends."""
    last_rotated_at: Time | None = None
    """When it was last replaced."""
    last_activity: Time | None = None
    """When something was last seen of it."""
    custom_attributes: dict[str, Any] | None = None
    """The app's own attributes, by name, each of its declared type."""
    extra_data: dict[str, Any] | None = None
    """What the app says beyond the standard fields."""
