"""Resources and entitlements: what there is to have, and who has it."""

from typing import Annotated, Any

from ferrule.contract.base import ACCOUNT_ID, ENTITLEMENT_TYPE, RESOURCE_TYPE, Boolean, Model, String, unique


class FoundResourceData(Model, json_schema_extra=unique("integration_specific_id")):
    """A thing in the app to which entitlements give access."""

    integration_specific_id: String
    """The resource's id in the app, unique within its type."""
    label: String
    """What people call it."""
    description: String | None = None
    """What it is for."""
    resource_type: Annotated[String, RESOURCE_TYPE]
    """One of the types that `info` declares."""
    extra_data: dict[str, String] | None = None
    """What the app says beyond the standard fields, as text."""


class FoundEntitlementData(Model, json_schema_extra=unique("integration_specific_id", "integration_specific_resource_id")):
    """A right that an account can hold on a resource."""

    entitlement_type: Annotated[String, ENTITLEMENT_TYPE]
    """One of the types that `info` declares."""
    extra_data: dict[str, Any] | None = None
    """What the app says beyond the standard fields."""
    integration_specific_id: String
    """The entitlement's id in the app, unique within its type."""
    integration_specific_resource_id: String
    """The resource it is a right on; empty for the whole tenant."""
    is_assignable: Boolean | None = None
    """Whether it can be given to an account."""
    label: String
    """What people call it."""
    description: String | None = None
    """What it allows."""
    custom_attributes: dict[str, String] | None = None
    """The app's own attributes, by name."""


class FoundEntitlementAssociation(
    Model, json_schema_extra=unique("account_id", "integration_specific_entitlement_id", "integration_specific_resource_id")
):
    """An account holds an entitlement."""

    account_id: Annotated[String, ACCOUNT_ID]
    """The account that holds it."""
    integration_specific_entitlement_id: String
    """The entitlement that is held."""
    integration_specific_resource_id: String
    """The resource it is held on; empty for the whole tenant."""


class EntitlementChange(Model):
    """An account, and the entitlement it is to hold or to lose."""

    account_integration_specific_id: Annotated[String, ACCOUNT_ID]
    """The account's id in the app."""
    resource_integration_specific_id: String
    """The resource's id in the app; empty for the whole tenant."""
    resource_type: Annotated[String, RESOURCE_TYPE]
    """The type of the resource."""
    entitlement_type: Annotated[String, ENTITLEMENT_TYPE]
    """The type of the entitlement."""
    entitlement_integration_specific_id: String
    """The entitlement's id in the app."""


class Assigned(Model):
    """The account holds the entitlement. Where it cannot, the answer is an error and not this."""

    assigned: Boolean
    """True: the account holds it."""


class Unassigned(Model):
    """The account no longer holds the entitlement."""

    unassigned: Boolean
    """True: the account does not hold it."""
