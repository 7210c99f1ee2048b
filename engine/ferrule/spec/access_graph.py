"""What holds of an app's access graph in every tenant, so that no answer needs to say it."""

from __future__ import annotations

from ferrule.shape import Flag, SpecModel


class GraphEntitlementTypeSpec(SpecModel):
    """A kind of entitlement in the access graph."""

    label: str
    """The name people see."""
    resource_type: str = ""
    """The resource type it is a right on; empty for the app as a whole."""


class EntitlementRuleSpec(SpecModel):
    """Every resource of a type has this entitlement: it is not listed for each."""

    entitlement_type: str
    """The entitlement's type."""
    entitlement_id: str
    """The entitlement's id, the same on every such resource."""
    resource_type: str
    """The type of the resources."""
    label: str
    """The name people see."""
    description: str | None = None
    """What it allows or denies."""
    is_assignable: Flag | None = None
    """Whether it can be given to an account."""
    denies_access: Flag = False
    """Whether it takes access away."""


class ImpliedAccessRuleSpec(SpecModel):
    """An entitlement on resources of one type implies another one."""

    from_entitlement_type: str
    """Type of the one that is held."""
    from_entitlement_id: str
    """Id of the one that is held."""
    from_resource_type: str
    """Type of the resource it is held on."""
    relationship_label: str | None = None
    """The relation along which it carries over to other resources. Without one it stays on the same resource."""
    to_entitlement_type: str
    """Type of the one that follows."""
    to_entitlement_id: str
    """Id of the one that follows."""
    to_resource_type: str
    """Type of the resource it follows on."""


class AccessGraphSpec(SpecModel):
    """The kinds and rules of the access graph, for `find_entitlement_graph` and its neighbours."""

    entitlement_types: dict[str, GraphEntitlementTypeSpec] = {}
    """Kinds of entitlement in the graph, by id."""
    entitlement_rules: list[EntitlementRuleSpec] = []
    """Entitlements that come with every resource of a type."""
    implied_access_rules: list[ImpliedAccessRuleSpec] = []
    """What follows from what, for whole types."""
