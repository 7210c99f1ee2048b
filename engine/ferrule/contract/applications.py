"""Applications inside the app: what an identity provider knows of the apps it lets people into."""

from typing import Annotated, Any, Literal

from ferrule.contract.accounts import AccountStatus
from ferrule.contract.activity import ActivityRecord
from ferrule.contract.base import ACCOUNT_ID, APPLICATION_ID, Boolean, Model, String, unique
from ferrule.contract.entitlements import EntitlementChange

ApplicationStatus = Literal["ACTIVE", "INACTIVE"]
SignOnMode = Literal["SAML", "OIDC", "BOOKMARK", "UNKNOWN"]
AssignmentMode = Literal["ACCOUNT", "ENTITLEMENT"]


class GetApplication(Model):
    """One application."""

    application_instance_id: Annotated[String, APPLICATION_ID]
    """The application's id."""


class ApplicationAccountReference(GetApplication):
    """One account in one application."""

    account_id: Annotated[String, ACCOUNT_ID]
    """The account's id in the app."""


class Application(Model, json_schema_extra=unique("id")):
    """An application people get into through the app."""

    id: Annotated[String, APPLICATION_ID]
    """The application's id, unique in the tenant."""
    name: String
    """Its technical name."""
    display_name: String | None = None
    """What people call it."""
    description: String | None = None
    """What it is for."""
    status: ApplicationStatus
    """Whether it is in use."""
    logo: String | None = None
    """Address of its picture."""
    sign_on_mode: SignOnMode
    """How people get in."""
    sso_login_url: String | None = None
    """Where they get in."""
    assignment_modes: list[AssignmentMode]
    """What can be assigned: the application itself, its entitlements or both."""


class ApplicationAccount(Model, json_schema_extra=unique("account_id", "application_instance_id")):
    """An account has an application."""

    account_id: String
    """The account's id in the app."""
    application_instance_id: String
    """The application's id."""
    status: AccountStatus
    """The account's state in the application."""


class ApplicationActivityRecord(ActivityRecord):
    """Something an account did in an application."""

    application_instance_id: String
    """The application's id."""


class ApplicationResourceData(Model, json_schema_extra=unique("integration_specific_id", "application_instance_id")):
    """A thing in an application to which entitlements give access."""

    application_instance_id: String
    """The application's id."""
    integration_specific_id: String
    """The resource's id, unique within its type."""
    label: String
    """What people call it."""
    description: String | None = None
    """What it is for."""
    resource_type: String
    """One of the types that `info` declares."""
    extra_data: dict[str, String] | None = None
    """What the app says beyond the standard fields, as text."""


class ApplicationEntitlementData(
    Model, json_schema_extra=unique("integration_specific_id", "integration_specific_resource_id", "application_instance_id")
):
    """A right that an account can hold in an application."""

    application_instance_id: String
    """The application's id."""
    entitlement_type: String
    """One of the types that `info` declares."""
    extra_data: dict[str, dict[str, Any]] | None = None
    """What the app says beyond the standard fields, in named groups."""
    integration_specific_id: String
    """The entitlement's id, unique within its type."""
    integration_specific_resource_id: String
    """The resource it is a right on; empty for the whole application."""
    is_assignable: Boolean | None = None
    """Whether it can be given to an account."""
    label: String
    """What people call it."""
    description: String | None = None
    """What it allows."""
    custom_attributes: dict[str, String] | None = None
    """The app's own attributes, by name."""


class ApplicationEntitlementAssociation(
    Model,
    json_schema_extra=unique(
        "account_id", "integration_specific_entitlement_id", "integration_specific_resource_id", "application_instance_id"
    ),
):
    """An account holds an entitlement in an application."""

    application_instance_id: String
    """The application's id."""
    account_id: String
    """The account that holds it."""
    integration_specific_entitlement_id: String
    """The entitlement that is held."""
    integration_specific_resource_id: String
    """The resource it is held on; empty for the whole application."""


class ApplicationEntitlementChange(EntitlementChange):
    """An account, and the entitlement it is to hold or to lose in an application."""

    application_instance_id: Annotated[String, APPLICATION_ID]
    """The application's id."""


class AssignedApplication(Model):
    """The account has the application."""

    assigned: Boolean
    """True: it is assigned in the app."""
    provisioned: Boolean
    """Whether the account exists inside the application as well."""


class UnassignedApplication(Model):
    """The account no longer has the application."""

    unassigned: Boolean
    """True: it is no longer assigned in the app."""
    deprovisioned: Boolean
    """Whether the account is gone from the application as well."""
    status: AccountStatus
    """The account's state now."""
