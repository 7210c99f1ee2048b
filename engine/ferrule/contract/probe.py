"""A probe: before a tenant is connected, is the data of a first sync within reach?

A check that fails is a result, not an error: the answer says which checks failed and shows what the others saw.
"""

from typing import Annotated, Literal

from pydantic import Field

from ferrule.contract.accounts import AccountStatus
from ferrule.contract.attributes import AttributeType, CustomizedType
from ferrule.contract.base import ACCOUNT_ID, Boolean, Integer, Model, String
from ferrule.contract.envelope import Error

CheckName = Literal["accounts", "entitlements", "entitlement_associations", "capability_config"]
CheckStatus = Literal["passed", "failed", "unsupported", "skipped"]
CoverageStatus = Literal["found", "not_found", "not_checked"]


class ProbeIntegration(Model):
    """What to probe; everything where nothing is said."""

    custom_attributes: list[String] | None = None
    """Only these custom attributes."""
    checks: list[CheckName] | None = None
    """Only these checks."""


class ProbeSampleCustomAttribute(Model):
    """A custom attribute on a sampled account."""

    name: String
    """The attribute's name."""
    value: String | None = None
    """Its value on this account."""
    customized_type: CustomizedType | None = None
    """The kind of record that carries it."""
    attribute_type: AttributeType | None = None
    """What its values are."""


class ProbeSampleAccount(Model):
    """An account that was seen."""

    kind: Literal["account"] = "account"
    """What was sampled."""
    integration_specific_id: Annotated[String, ACCOUNT_ID]
    """The account's id in the app."""
    email: String | None = None
    """Its e-mail address."""
    username: String | None = None
    """The name it signs in with."""
    user_status: AccountStatus | None = None
    """Whether it can be used."""
    custom_attributes: list[ProbeSampleCustomAttribute] | None = None
    """The custom attributes that were looked for."""


class ProbeSampleEntitlement(Model):
    """An entitlement that was seen."""

    kind: Literal["entitlement"] = "entitlement"
    """What was sampled."""
    integration_specific_id: String
    """The entitlement's id in the app."""
    integration_specific_resource_id: String
    """The resource it is a right on."""
    entitlement_type: String
    """Its type."""
    label: String
    """What people call it."""


class ProbeSampleAssociation(Model):
    """An association that was seen."""

    kind: Literal["association"] = "association"
    """What was sampled."""
    account_id: Annotated[String, ACCOUNT_ID]
    """The account that holds the entitlement."""
    integration_specific_entitlement_id: String
    """The entitlement that is held."""
    integration_specific_resource_id: String
    """The resource it is held on."""
    linked_to_sampled_account: Boolean
    """Whether the account is among those sampled. False proves nothing: the probe reads a few pages only."""


class ProbeConfigFinding(Model):
    """Something to say about a setting."""

    severity: Literal["error", "warning", "info"]
    """How serious it is."""
    code: String
    """The finding's fixed name, for programs."""
    message: String
    """The finding in words."""
    suggestion: String | None = None
    """How to mend it."""
    setting: String | None = None
    """The setting to change, where it is another than the sample's."""


class ProbeSampleCapabilityConfig(Model):
    """A capability that a setting drives, and what is to be said of that setting."""

    kind: Literal["capability_config"] = "capability_config"
    """What was sampled."""
    capability: String
    """The capability."""
    capability_type: Literal["read", "write"]
    """Whether it reads or writes."""
    setting: String | None = None
    """The setting that drives it."""
    status: Literal["valid", "warning", "invalid", "not_configured"]
    """The verdict."""
    findings: list[ProbeConfigFinding]
    """The reasons, the worst first."""
    preview: String | None = None
    """What would be sent, without secrets."""


class ProbeEntitlementTypeResult(Model):
    """Whether an entitlement of a type was seen."""

    entitlement_type: String
    """The type."""
    status: CoverageStatus
    """Seen or not."""


class ProbeCustomAttributeResult(Model):
    """Whether any account had a value for an attribute."""

    name: String
    """The attribute."""
    status: CoverageStatus
    """Seen or not."""


ProbeSample = Annotated[
    ProbeSampleAccount | ProbeSampleEntitlement | ProbeSampleAssociation | ProbeSampleCapabilityConfig,
    Field(discriminator="kind"),
]


class ProbeCheck(Model):
    """What one check found."""

    check: CheckName
    """The check."""
    status: CheckStatus
    """How it went."""
    source: Literal["native", "default"]
    """Made by the connector itself, or derived from its other capabilities."""
    capability: String | None = None
    """The capability that was tried."""
    observed_count: Integer
    """How many records were seen; at least as many as samples."""
    message: String | None = None
    """One sentence for the customer."""
    error: Error | None = None
    """Why it failed."""
    samples: list[ProbeSample]
    """Some of what was seen; at least one where the check passed."""
    entitlement_types: list[ProbeEntitlementTypeResult] | None = None
    """For entitlements: which declared types were seen."""
    custom_attributes: list[ProbeCustomAttributeResult] | None = None
    """For accounts: which declared attributes had values."""
    duration_ms: Integer | None = None
    """How long it took."""


class ProbeResults(Model):
    """What the whole probe found."""

    status: Literal["passed", "partial", "failed"]
    """All checks taken together."""
    checks: list[ProbeCheck]
    """Every check, those left out included."""
    duration_ms: Integer | None = None
    """How long it took."""
