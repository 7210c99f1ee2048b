"""What a connector says about itself, and whether a credential opens the app."""

from typing import Any, Literal

from ferrule.contract.auth import AuthCredential
from ferrule.contract.base import Boolean, Integer, Model, Private, String
from ferrule.contract.graph import AccessGraphEntitlementRule, AccessGraphEntitlementType, AccessGraphImpliedAccessRule

AppCategory = Literal[
    "HR_AND_LEARNING",
    "OFFICE_AND_LEGAL",
    "SALES_AND_SUPPORT",
    "COMMERCE_AND_MARKETPLACES",
    "IT_AND_SECURITY",
    "COMMUNICATION",
    "DESIGN_AND_CREATIVITY",
    "OTHER",
    "MARKETING_AND_ANALYTICS",
    "DEVELOPERS",
    "ACCOUNTING_AND_FINANCE",
    "COLLABORATION",
    "CONTENT_AND_SOCIAL_MEDIA",
    "INTERNAL",
    "EARLY_ACCESS",
]


class CapabilitySchema(Model):
    """How to call one capability."""

    argument: dict[str, Any]
    """JSON Schema of the request."""
    output: dict[str, Any]
    """JSON Schema of the answer."""
    display_name: String | None = None
    """What people call it."""
    description: String | None = None
    """What it does."""


class EntitlementRequirement(Model):
    """How many entitlements of a type one capability wants."""

    min: Integer | None = None
    """At least so many."""
    max: Integer | None = None
    """At most so many."""


class EntitlementType(Model):
    """A sort of entitlement the app has."""

    type_id: String
    """The type's id."""
    type_label: String
    """What people call it."""
    resource_type_id: String
    """The type of the resources it is a right on."""
    min: Integer
    """An account must hold at least so many."""
    max: Integer | None = None
    """An account can hold at most so many."""
    requirements: dict[str, EntitlementRequirement] | None = None
    """Other bounds for single capabilities, by name."""


class ResourceType(Model):
    """A sort of resource the app has."""

    type_id: String
    """The type's id."""
    type_label: String
    """What people call it."""


class Info(Model):
    """Everything a caller must know to use a connector."""

    app_id: String
    """The connector's id."""
    app_vendor_domain: String | None = None
    """Domain of the company that makes the app."""
    version: String
    """Which build of the connector this is."""
    capabilities: list[String]
    """The capabilities it has."""
    capability_schema: dict[str, CapabilitySchema]
    """How to call each of them."""
    oauth_scopes: dict[str, String] | None = None
    """The OAuth scopes each of them needs."""
    authentication_schema: dict[str, Any]
    """JSON Schema of `auth`."""
    credentials_schema: list[dict[str, Any]]
    """JSON Schema of each member of `credentials`."""
    logo_url: String | None = None
    """Address of the app's picture."""
    user_friendly_name: String | None = None
    """What people call the app."""
    description: String | None = None
    """What the app is."""
    categories: list[AppCategory] | None = None
    """What the app is for."""
    entitlement_types: list[EntitlementType]
    """The sorts of entitlement it has."""
    access_graph_entitlement_types: list[AccessGraphEntitlementType] | None = None
    """The sorts of entitlement its access graph has."""
    access_graph_entitlement_rules: list[AccessGraphEntitlementRule] | None = None
    """Entitlements that come with every resource of a type, in every tenant."""
    implied_access_rules: list[AccessGraphImpliedAccessRule] | None = None
    """Implications that hold for whole types, in every tenant."""
    resource_types: list[ResourceType]
    """The sorts of resource it has."""
    request_settings_schema: dict[str, Any]
    """JSON Schema of `settings`."""


class AppInfo(Model):
    """The connector as an OpenAPI document."""

    app_id: String
    """The connector's id."""
    app_schema: dict[str, Any]
    """The document."""


class ValidatedCredentials(Model):
    """Whether the credential opens the app, and whose app it opens."""

    valid: Boolean
    """True: it does."""
    unique_tenant_id: String
    """The tenant's id in the app, the same for every credential of that tenant."""


class ValidateCredentialConfig(Private):
    """One credential of several, to be tried alone."""

    credential: AuthCredential
    """The credential."""


class ValidatedCredentialConfig(Model):
    """Whether that one credential is good."""

    valid: Boolean
    """True: it is."""
    validation_errors: list[String] | None = None
    """What is wrong with it, in words for the customer."""
